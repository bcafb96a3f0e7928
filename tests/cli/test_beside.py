"""The command line beside a running server: what it writes, the server acts on."""

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.live import ROOT, LiveServer, environment, location_body, sent, station_body, template_body

STATIONS, STATION = "/api/1.0/ChargeStations", "UTR-017"


@pytest.fixture
def server(tmp_path: Path) -> Any:
    made = LiveServer(tmp_path / "data", poll_seconds="0.05")
    made.make_cpo()
    made.start()
    yield made
    made.kill()


def add_station(server: LiveServer) -> None:
    with server.api(server.token()) as crm:
        place = sent(crm, "POST", "/api/2.0/Locations", location_body())
        sent(crm, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
        sent(crm, "POST", STATIONS, station_body(STATION, place["id"]))


def connected(server: LiveServer, password: str) -> ClientConnection:
    basic = base64.b64encode(f"{STATION}:{password}".encode()).decode()
    return connect(
        f"ws://127.0.0.1:{server.ocpp_port}/ocpp/{STATION}",
        subprotocols=["ocpp1.6"],  # type: ignore[list-item]
        additional_headers={"Authorization": f"Basic {basic}"},
        proxy=None,
    )


def test_a_new_password_closes_the_connection_that_the_old_one_opened(server: LiveServer) -> None:
    add_station(server)
    old = server.app("password", STATION)
    with connected(server, old) as socket:
        socket.send('[2,"1","Heartbeat",{}]')
        assert '"currentTime"' in str(socket.recv(timeout=20))
        new = server.app("password", STATION)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=20)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "the password was changed")
    with connected(server, new) as socket:
        socket.send('[2,"1","Heartbeat",{}]')
        assert '"currentTime"' in str(socket.recv(timeout=20))


def test_a_station_has_connection_times_of_its_own(server: LiveServer) -> None:
    add_station(server)
    assert server.app("tune", STATION) == (
        "ping after 20 s of silence, answer within 20 s, closing within 5 s: offline within 45 s"
    )
    told = server.app("tune", STATION, "--ping", "1", "--pong", "0")
    assert told == "ping after 1 s of silence, never answered, closing within 5 s: offline within 905 s"
    back = server.app("tune", STATION, "--ping", "standard", "--pong", "30", "--json")
    assert '"ping_seconds":null,"pong_seconds":30.0,"close_seconds":null,"bound_seconds":55.0' in back
    wrong = subprocess.run(
        [sys.executable, "-m", "app", "tune", STATION, "--ping", "0.2", "--data", str(server.data)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert wrong.returncode == 2 and "1 to 300" in wrong.stderr
