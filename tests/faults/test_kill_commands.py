"""SIGKILL while an installer is asked: after the restart the command has an honest end and was never sent."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.charger import Charger
from tests.live import LiveServer, location_body, sent, station_body, template_body

STATION = "UTR-KILL-001"
COMMANDS = "/api/1.0/remotecommands"
WAIT = 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data").start()
    live.make_cpo()
    yield live
    live.kill()


@pytest.fixture
def api(server: LiveServer) -> Iterator[httpx.Client]:
    modules = [
        word for name in ("chargestations", "locations", "remotecommands") for word in ("--module", f"{name}:rw")
    ]
    with server.api(server.app("token", "create", "--cpo", "ABC Charging", *modules)) as client:
        place = sent(client, "POST", "/api/2.0/Locations", location_body())
        sent(client, "POST", "/api/1.0/ChargeStations/ChargestationTemplate", template_body())
        sent(client, "POST", "/api/1.0/ChargeStations", station_body(STATION, place["id"]))
        yield client


@pytest.fixture
def charger(server: LiveServer, api: httpx.Client) -> Iterator[Charger]:
    started = Charger(server, STATION)
    yield started
    started.stop()


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def online(api: httpx.Client) -> bool:
    return bool(api.get(f"/api/1.0/ChargeStations/{STATION}").json()["data"]["connectivity_status"] == "Online")


def begin(phone: httpx.Client) -> str:
    commissioning = str(uuid.uuid4())
    wanted = {
        "id": str(uuid.uuid4()),
        "kind": "begin",
        "made_at": "2026-03-02T08:00:00Z",
        "commissioning_id": commissioning,
        "body": {"station_id": STATION, "cpo_id": "ABC Charging"},
    }
    answer = phone.post("/field/sync", json={"operations": [wanted]})
    assert answer.json()["results"][0]["state"] == "accepted", answer.text
    return commissioning


def test_a_command_that_waited_for_the_installer_has_failed_and_is_not_sent_afterwards(
    server: LiveServer, api: httpx.Client, charger: Charger
) -> None:
    until(lambda: online(api))
    with closing(server.phone()) as phone:
        commissioning = begin(phone)
        reset = {"charge_station_id": STATION, "type": "Soft"}
        told = sent(api, "POST", f"{COMMANDS}/RESET", reset)["charge_station_notification_id"]
        result = f"{COMMANDS}/{STATION}/{told}"
        assert api.get(result).json()["data"]["result"] == "PENDING"
        server.kill()
        server.start()
        ended = api.get(result).json()["data"]
        assert ended["result"] == "FAILED" and "nothing was sent" in ended["message"]
        until(lambda: online(api))
        late = phone.post(f"/field/commands/{told}", json={"allow": True})
        assert (late.status_code, late.json()["code"]) == (409, "request_over")
        (shown,) = phone.get(f"/field/commissionings/{commissioning}").json()["requests"]
        assert (shown["state"], shown["result"]) == ("interrupted", "interrupted")
    assert not charger.heard("reset")
