"""The server as a process: what it prints, what it refuses, how it ends."""

import resource
import shlex
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.cli.conftest import CLEAN, CPO, ROOT, Serve, command, make_cpo, refused, run


def joined(url: str, link: str) -> dict[str, str]:
    """The cookie of somebody who followed a join link."""
    body = {"token": link.rsplit("/", 1)[1], "name": "Sam", "language": "en"}
    answer = httpx.post(f"{url}/field/join", json=body, headers={"X-Stationlink": "phone"})
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.cookies)


def test_it_answers_on_ports_of_its_own_and_ends_at_once(serve: Serve) -> None:
    server = serve()
    assert httpx.get(f"{server.url}/health/live").status_code == 200
    assert httpx.get(f"{server.url}/health/ready").json()["status"] == "ready"
    assert server.ready["ocpp_url"] == f"ws://localhost:{server.ready['ocpp_port']}/ocpp"
    with socket.create_connection(("127.0.0.1", server.ready["ocpp_port"])):
        pass
    started = time.monotonic()
    assert server.end() == 0
    assert time.monotonic() - started < 2.5


def test_it_takes_as_many_sockets_as_it_may(serve: Serve) -> None:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, most), most))
    try:
        server = serve()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
    assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE) == (most, most)


def test_the_schema_is_served_and_printed_alike(serve: Serve) -> None:
    server = serve()
    served = httpx.get(f"{server.url}/schema")
    assert served.json()["openapi"] == "3.1.0"
    assert {"/api/1.0/ChargeStations", "/api/2.0/Locations/batch", "/field/sync"} <= set(served.json()["paths"])
    assert httpx.get(f"{server.url}/schema/openapi.json").text == served.text == run("schema").out.strip()


def test_an_open_stream_does_not_hold_up_the_end(data: Path, serve: Serve) -> None:
    server = serve(data=data)
    link = run("invite", "--role", "installer", "--cpo", CPO, "--json", data=data).json["link"]
    with (
        httpx.Client(cookies=joined(server.url, link), timeout=20) as client,
        client.stream("GET", f"{server.url}/field/stream") as stream,
    ):
        chunks = stream.iter_raw()
        assert stream.status_code == 200 and next(chunks)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert all(isinstance(chunk, bytes) for chunk in chunks)
    assert server.end() == 0
    assert time.monotonic() - started < 2.5


def test_what_may_not_run_beside_it_says_who_is_there(data: Path, serve: Serve, tmp_path: Path) -> None:
    archive = tmp_path / "all.tar.gz"
    server = serve(data=data)
    assert run("backup", str(archive), data=data).code == 0
    refused(run("serve", "--port", "0", "--ocpp-port", "0", data=data), "serve", str(server.process.pid))
    refused(run("migrate", data=data), "serve", str(server.process.pid))
    refused(run("restore", str(archive), "--force", data=data), "serve", str(server.process.pid))
    assert httpx.get(f"{server.url}/health/ready").status_code == 200


def test_the_other_commands_count_from_its_next_request_on(data: Path, serve: Serve) -> None:
    server = serve(data=data)
    stations = f"{server.url}/api/1.0/ChargeStations"
    words = ["--cpo", CPO, "--module", "chargestations:rw", "--json"]
    made = run("token", "create", *words, data=data).json
    headers = {"Authorization": f"Token {made['key']}"}
    assert httpx.get(stations, headers=headers).json()["status_code"] == 1000
    assert run("token", "revoke", made["id"], data=data).code == 0
    assert httpx.get(stations, headers=headers).status_code == 401
    link = run("invite", "--role", "installer", "--cpo", CPO, "--json", data=data).json["link"]
    assert link.startswith(f"{server.url}/#/join/")
    token = link.rsplit("/", 1)[1]
    assert httpx.get(f"{server.url}/field/invite", params={"token": token}).json()["cpos"] == [CPO]
    label = run("labels", "--cpo", CPO, "NL-ABC-1", "--json", data=data).json[0]
    assert httpx.get(f"{server.url}/S/{label['code']}").status_code == 200


def test_a_key_is_replaced_and_slowed_beside_a_server_which_writes_when_it_was_used(data: Path, serve: Serve) -> None:
    server = serve(data=data, STATIONLINK_REQUESTS_PER_MINUTE="2")
    words = ["--cpo", CPO, "--module", "locations:r", "--json"]
    made = run("token", "create", *words, data=data).json
    assert run("token", "list", "--json", data=data).json[0]["used"] is None

    def ask(key: str) -> httpx.Response:
        return httpx.get(f"{server.url}/api/2.0/Locations", headers={"Authorization": f"Token {key}"})

    assert [ask(made["key"]).status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(ask(made["key"]).headers["retry-after"]) <= 30
    assert run("token", "change", made["id"], "--per-minute", "0", data=data).code == 0
    new = run("token", "rotate", made["id"], "--grace", "0", data=data).out.strip()
    assert (ask(made["key"]).status_code, ask(new).status_code) == (401, 200)
    server.end()
    assert run("token", "list", "--json", data=data).json[0]["used"] is not None


def test_a_kill_frees_the_folder_and_loses_nothing(data: Path, serve: Serve) -> None:
    first = serve(data=data)
    key = run("token", "create", "--cpo", CPO, "--module", "locations:r", data=data).out.strip()
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = serve(data=data)
    answer = httpx.get(f"{second.url}/api/2.0/Locations", headers={"Authorization": f"Token {key}"})
    assert answer.status_code == 200


def test_a_restored_copy_recognises_every_key(data: Path, serve: Serve, tmp_path: Path) -> None:
    key = run("token", "create", "--cpo", CPO, "--module", "locations:r", data=data).out.strip()
    archive, copy = tmp_path / "all.tar.gz", tmp_path / "copy"
    assert run("backup", str(archive), data=data).code == 0
    assert run("restore", str(archive), data=copy).code == 0
    answer = httpx.get(f"{serve(data=copy).url}/api/2.0/Locations", headers={"Authorization": f"Token {key}"})
    assert answer.json()["status_code"] == 1000


def test_the_first_start_lets_an_admin_in_and_later_ones_do_not(serve: Serve, tmp_path: Path) -> None:
    first = serve()
    assert first.ready["phone"] is None
    page = httpx.get(first.ready["desk"])
    assert page.status_code == 200
    answer = httpx.post(first.ready["desk"], data={"name": "Ada", "language": "en"}, headers={"Origin": first.url})
    assert answer.status_code in (200, 302, 303), answer.text
    first.end()
    assert serve().ready["desk"] is None


def test_a_path_that_is_not_there_is_a_page_for_a_browser_and_json_for_machines(serve: Serve) -> None:
    server = serve()
    page = httpx.get(f"{server.url}/nonsense", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 404 and page.headers["content-type"].startswith("text/html")
    assert 'href="/desk"' in page.text
    for path in ("/nonsense", "/field/nonsense"):
        assert httpx.get(f"{server.url}{path}").json()["code"] == "not_found"
    api = httpx.get(f"{server.url}/api/1.0/nonsense", headers={"Accept": "text/html"})
    assert api.headers["content-type"].startswith("application/json")


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = ["serve", "--host", "127.0.0.1"]
        refused(run(*words, "--port", port, "--ocpp-port", "0", data=tmp_path), port, "--port")
        refused(run(*words, "--port", "0", "--ocpp-port", port, data=tmp_path), port, "--ocpp-port")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "99999"], "99999"),
        (["--tls-cert", "a.pem"], "--tls-key"),
        (["--tls", "--tls-cert", "a.pem", "--tls-key", "a.key"], "choose"),
        (["--tls-cert", "no.pem", "--tls-key", "no.key"], "certificate"),
        (["--port", "0", "--ocpp-tls-port", "0"], "STATIONLINK_OCPP_TLS_CERT"),
        (["--port", "0", "--tls", "--ocpp-tls-port", "99999"], "99999"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(tmp_path: Path, words: list[str], said: str) -> None:
    refused(run("serve", "--ocpp-port", "0", *words, data=tmp_path), said)


def test_a_setting_that_only_the_server_reads_is_named_too(tmp_path: Path) -> None:
    refused(run("serve", data=tmp_path, STATIONLINK_TRUSTED_PROXIES="my-proxy"), "STATIONLINK_TRUSTED_PROXIES")
    refused(run("serve", data=tmp_path, STATIONLINK_LOG_LEVEL="LOUD"), "STATIONLINK_LOG_LEVEL")


def test_tls_is_trusted_through_the_ca_that_the_page_hands_out(serve: Serve, tmp_path: Path) -> None:
    server = serve("--tls")
    assert server.url.startswith("https://localhost:")
    der = httpx.get(f"{server.url}/ca/stationlink-ca.crt", verify=False)
    assert der.headers["content-type"] == "application/x-x509-ca-cert"
    trust = ssl.create_default_context(cadata=der.content)
    assert httpx.get(f"{server.url}/health/ready", verify=trust).json()["status"] == "ready"
    page = httpx.get(f"{server.url}/CA/", verify=trust).text
    assert "/ca/stationlink-ca.crt" in page and "Settings" in page
    assert {path.stat().st_mode & 0o777 for path in (server.data / "tls").iterdir()} == {0o600}
    server.end()
    again = serve("--tls", data=server.data)
    assert httpx.get(f"{again.url}/health/live", verify=trust).status_code == 200


def test_a_certificate_of_ones_own_is_served(serve: Serve, tmp_path: Path) -> None:
    made = serve("--tls", data=tmp_path / "first")
    folder = made.data / "tls"
    made.end()
    server = serve("--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"))
    trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    assert httpx.get(f"{server.url}/health/live", verify=trust).status_code == 200
    assert httpx.get(f"{server.url}/ca", verify=trust).status_code == 404


def test_stations_have_a_port_with_tls_and_the_phones_certificate(serve: Serve) -> None:
    server = serve("--tls", "--ocpp-tls-port", "0")
    told = server.ready
    assert told["ocpp_tls_url"] == f"wss://localhost:{told['ocpp_tls_port']}/ocpp"
    trust = ssl.create_default_context(cafile=str(server.data / "tls" / "ca.pem"))
    url = f"{told['ocpp_tls_url']}/NOBODY"
    with pytest.raises(InvalidStatus) as refusal:
        connect(url, ssl=trust, subprotocols=[Subprotocol("ocpp1.6")], proxy=None)
    assert refusal.value.response.status_code == 404
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(url, proxy=None)


def test_for_people_it_prints_links_and_a_code_to_scan(tmp_path: Path) -> None:
    make_cpo(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    shown = _first_words(tmp_path, port)
    assert f"http://localhost:{port}/desk/join/" in shown and f"http://localhost:{port}/#/join/" in shown
    assert "▄▄▄▄▄" in shown and "ws://localhost:" in shown
    line = shlex.split(shown.splitlines()[-1])
    again = subprocess.run(line, cwd=ROOT, env=CLEAN, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0 and f"http://localhost:{port}/#/join/" in again.stdout, again


def test_behind_a_proxy_the_link_for_this_machine_is_in_the_scheme_that_the_server_speaks(tmp_path: Path) -> None:
    make_cpo(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    shown = _first_words(tmp_path, port, STATIONLINK_PUBLIC_URL="https://charge.example")
    assert "https://charge.example/desk/join/" in shown
    assert f"http://localhost:{port}/desk/join/" in shown and "https://localhost" not in shown
    invited = run("invite", "--role", "admin", data=tmp_path).out.splitlines()
    assert invited[0].startswith("https://charge.example/desk/join/")
    assert (
        invited[1] == invited[0].replace("https://charge.example", f"http://localhost:{port}") + "  (on this machine)"
    )


def _first_words(folder: Path, port: int, **env: str) -> str:
    words = ["serve", "--demo", "--host", "127.0.0.1", "--port", str(port), "--ocpp-port", "0", "--data", str(folder)]
    with subprocess.Popen(command(*words), cwd=ROOT, env=CLEAN | env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "A link opens once" in line:
                process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    return "".join(lines)
