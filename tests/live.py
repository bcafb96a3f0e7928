"""A real server in a process of its own, on loopback and free ports, with the command line beside it."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
START_SECONDS = 30
STOP_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without its own STATIONLINK_* settings, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATIONLINK_")}
    return kept | {f"STATIONLINK_{name.upper()}": value for name, value in settings.items()}


def run_app(data: Path, command: str, *arguments: str, stdin: str | None = None, **settings: str) -> str:
    """One command of the command line to its end; its standard output without the last line break."""
    argv = [sys.executable, "-m", "app", command, *arguments, "--data", str(data)]
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command} said: {done.stderr}"
    return done.stdout.rstrip("\n")


class LiveServer:
    """`python -m app serve` on the same ports and data at each start, so that it can be killed and come back."""

    def __init__(self, data: Path, *options: str, **settings: str) -> None:
        self.data = data
        self.port, self.ocpp_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self._options = options
        self._settings = {"public_url": self.url, "ocpp_url": f"ws://127.0.0.1:{self.ocpp_port}/ocpp"} | settings
        self._process: subprocess.Popen[str] | None = None
        self.said: dict[str, Any] = {}

    def start(self) -> "LiveServer":
        """Returns when the server has said that it is ready."""
        argv = [sys.executable, "-m", "app", "serve", "--json", "--data", str(self.data), "--host", "127.0.0.1"]
        argv += ["--port", str(self.port), "--ocpp-port", str(self.ocpp_port), *self._options]
        log = (self.data.parent / "server.log").open("a")
        self._process = subprocess.Popen(
            argv, cwd=ROOT, env=environment(**self._settings), stdout=subprocess.PIPE, stderr=log, text=True
        )
        log.close()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the server did not start: {(self.data.parent / 'server.log').read_text()[-2000:]}"
        self.said = json.loads(line)
        return self

    def resident_mb(self) -> float:
        assert self._process is not None
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def stop(self) -> None:
        """As an operator would: SIGTERM, and the process ends by itself."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._end()

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait(STOP_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def app(self, command: str, *arguments: str, stdin: str | None = None) -> str:
        """The command line, which knows the same platforms and database as the server."""
        addresses = ("acceptance_", "production_", "database")
        known = {name: value for name, value in self._settings.items() if name.startswith(addresses)}
        return run_app(self.data, command, *arguments, stdin=stdin, **known)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def make_cpo(self, name: str = "ABC Charging", party: str = "ABC") -> None:
        self.app(
            "cpo", "create", "--country", "NL", "--party", party, "--name", name, "--tariff", "T-AC",
            "--charger-type", "Public",
        )  # fmt: skip

    def token(self, cpo: str = "ABC Charging") -> str:
        return self.app("token", "create", "--cpo", cpo, "--module", "chargestations:rw", "--module", "locations:rw")

    def invitation(self, role: str, cpo: str = "ABC Charging", *more: str) -> dict[str, Any]:
        """The link and code of a new invite."""
        return json.loads(self.app("invite", "--role", role, "--cpo", cpo, "--json", *more))

    def api(self, token: str) -> httpx.Client:
        """A CRM: a client of the platform API."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Token {token}"}, timeout=20)

    def phone(self, name: str = "Anna") -> httpx.Client:
        """A signed-in phone without its screen."""
        code = self.invitation("installer")["code"]
        client = httpx.Client(base_url=self.url, headers={"X-Stationlink": "phone"}, timeout=20)
        joined = client.post("/field/join", json={"code": code, "name": name, "phone": "0612345678"})
        assert joined.status_code == 200, joined.text
        return client


def location_body(**more: Any) -> dict[str, Any]:
    return {
        "cpo_id": "ABC Charging",
        "name": "Utrecht bus depot",
        "address": "Industrieweg 12",
        "city": "Utrecht",
        "postal_code": "3542AD",
        "country": "NLD",
        "coordinates": {"latitude": "52.090740", "longitude": "5.121420"},
    } | more


def template_body(template_id: str = "twin-ac-22") -> dict[str, Any]:
    def socket_of(number: int) -> dict[str, Any]:
        return {
            "id": number,
            "amperage": 32,
            "voltage": 230,
            "max_electric_power": 22000,
            "standard": "IEC_62196_T2",
            "format": "SOCKET",
            "power_type": "AC_3_PHASE",
        }

    parts = [
        {"evse_sequence_number": number, "capabilities": ["RFID_READER"], "connector_templates": [socket_of(number)]}
        for number in (1, 2)
    ]
    return {"template_id": template_id, "name": "Twin AC 22 kW", "tenant_id": "ABC Charging", "evse_templates": parts}


class VirtualStation:
    """`python -m app station` in a process of its own, told what to do on its standard input."""

    def __init__(self, url: str, password: str, *options: str) -> None:
        argv = [sys.executable, "-m", "app", "station", "--url", url, "--password-stdin", "--json", *options]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.tell(password)

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self, event: str) -> dict[str, object]:
        """The next printed event of this name."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(json.JSONDecodeError):
                said = json.loads(line)
                if said.get("event") == event:
                    return dict(said)
        raise AssertionError(f"the station ended without {event}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(15)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def station_body(station_id: str, location_id: str, **more: Any) -> dict[str, Any]:
    return {
        "charge_station_id": station_id,
        "location_id": location_id,
        "deploy_state": "Stock",
        "default_charge_station_tariff_id": "T-AC",
        "charge_station_template_id": "twin-ac-22",
    } | more


def sent(client: httpx.Client, method: str, path: str, body: dict[str, Any]) -> Any:
    """The `data` of a platform API call that must succeed."""
    answer = client.request(method, path, json=body)
    assert answer.json()["status_code"] == 1000, answer.text
    return answer.json()["data"]
