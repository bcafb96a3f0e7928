"""The README's section on the platform API: its commands as they stand there, against a running server."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import CPO, ROOT, run
from tests.live import LiveServer, VirtualStation, location_body, sent, station_body, template_body

SECTION = (ROOT / "README.md").read_text().split("## Use the API\n")[1].split("\n## ")[0]
STATIONS = "/api/1.0/ChargeStations"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data").start()
    live.make_cpo()
    yield live
    live.kill()


def commands() -> list[list[str]]:
    """What is indented in the section, with its continued lines, as words."""
    lines = [line[4:] for line in SECTION.splitlines() if line.startswith("    ")]
    return [shlex.split(line) for line in "\n".join(lines).replace("\\\n", " ").splitlines()]


def asked(words: list[str], key: str, url: str) -> httpx.Response:
    """The call that curl would make."""
    *options, address = [word.replace("Token KEY", f"Token {key}").replace("URL/", f"{url}/") for word in words[1:]]
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in given if name == "-H")
    body = next((value for name, value in given if name == "--data"), None)
    assert {name for name, _ in given} <= {"-H", "--data"}
    return httpx.request("POST" if body else "GET", address, headers=headers, content=body)


def test_the_readmes_commands_use_the_api(server: LiveServer) -> None:
    with server.api(server.token()) as api:
        place = sent(api, "POST", "/api/2.0/Locations", location_body())
        sent(api, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
        sent(api, "POST", STATIONS, station_body("UTR-017", place["id"]))
    station = VirtualStation(f"ws://127.0.0.1:{server.ocpp_port}/ocpp/UTR-017", server.app("password", "UTR-017"))
    try:
        station.hear("reported")
        _use(server)
    finally:
        station.stop()


def _use(server: LiveServer) -> None:
    make_key, *calls = commands()
    assert make_key[:5] == [".venv/bin/python", "-m", "app", "token", "create"] and CPO in make_key
    key = run(*make_key[3:], data=server.data).out.strip()
    assert [call[0] for call in calls] == ["curl"] * 4
    listed, batched, told = (asked(call, key, server.url).json() for call in calls[:3])
    assert [each["charge_station_id"] for each in listed["data"]] == ["UTR-017"]
    assert [outcome["status_code"] for outcome in batched["data"]] == [1000]
    again = httpx.get(f"{server.url}{STATIONS}/UTR-017", headers={"Authorization": f"Token {key}"}).json()
    assert again["data"]["remarks"] == "painted"
    assert told["data"]["result"] == "ACCEPTED"
    number = told["data"]["charge_station_notification_id"]
    came_of_it = [word.replace("CHARGE_STATION_NOTIFICATION_ID", number) for word in calls[3]]
    while (result := asked(came_of_it, key, server.url).json()["data"]["result"]) == "PENDING":
        continue
    assert result == "ACCEPTED"
