"""A hundred thousand frames that are nearly OCPP, from stations of both versions, beside stations that behave."""

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.faults.test_fuzz import STATIONS, bytes_of, mutated
from tests.live import LiveServer, location_body, sent, station_body, template_body

FRAMES = 100_000
BURST = 40
WARM = FRAMES // 5
MOST_MB = 40
NOW = "2026-03-02T08:00:00Z"
METER = [{"timestamp": NOW, "sampledValue": [{"value": "1"}]}]
METER_201 = [{"timestamp": NOW, "sampledValue": [{"value": 1.0}]}]
FREE = {"timestamp": NOW, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
TOKEN = {"idToken": "A", "type": "Central"}
CALLS: dict[str, list[list[Any]]] = {
    "ocpp1.6": [
        [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}],
        [2, "2", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"}],
        [2, "3", "Heartbeat", {}],
        [2, "4", "StartTransaction", {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": NOW}],
        [
            2,
            "5",
            "MeterValues",
            {"connectorId": 1, "meterValue": METER},
        ],
        [2, "6", "StopTransaction", {"transactionId": 1, "meterStop": 5, "timestamp": NOW}],
        [2, "7", "Authorize", {"idTag": "A"}],
        [2, "8", "DataTransfer", {"vendorId": "V", "data": "x"}],
        [3, "nobody-asked", {}],
        [4, "9", "GenericError", "", {}],
    ],
    "ocpp2.0.1": [
        [2, "1", "BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}],
        [2, "2", "StatusNotification", FREE],
        [2, "3", "Heartbeat", {}],
        [
            2,
            "4",
            "TransactionEvent",
            {
                "eventType": "Started",
                "timestamp": NOW,
                "triggerReason": "Authorized",
                "seqNo": 0,
                "transactionInfo": {"transactionId": "T-1"},
                "evse": {"id": 1, "connectorId": 1},
                "idToken": TOKEN,
                "meterValue": METER_201,
            },
        ],
        [2, "5", "MeterValues", {"evseId": 1, "meterValue": METER_201}],
        [2, "6", "Authorize", {"idToken": TOKEN}],
        [2, "7", "NotifyReport", {"requestId": 1, "generatedAt": NOW, "seqNo": 0, "reportData": []}],
        [3, "nobody-asked", {}],
        [4, "8", "GenericError", "", {}],
    ],
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data", ocpp_command_seconds="5").start()
    live.make_cpo()
    yield live
    live.kill()


@pytest.mark.soak
def test_frames_that_are_nearly_ocpp_leave_the_listener_and_all_other_stations_alone(server: LiveServer) -> None:
    api = server.api(server.token())
    place = sent(api, "POST", "/api/2.0/Locations", location_body())
    sent(api, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
    mad = {f"MAD-{number}": version for number, version in enumerate([*CALLS] * 3)}
    for name in (*mad, "SANE-1", "QUIET-1"):
        sent(api, "POST", STATIONS, station_body(name, place["id"]))
    passwords = {name: server.app("password", name) for name in (*mad, "SANE-1")}
    quiet = _read(api, "QUIET-1")
    sane = asyncio.run(asyncio.wait_for(_talk(server, mad, passwords, api), 600))
    assert (sane["connectivity_status"], sane["charge_point_model"]) == ("Online", "Sane")
    assert _read(api, "QUIET-1") == quiet
    for name in mad:
        station = _read(api, name)
        assert len(station["evses"]) == len(quiet["evses"]) and station["etag"]
    assert "Traceback" not in (server.data.parent / "server.log").read_text()


def _read(api: httpx.Client, name: str) -> dict[str, Any]:
    return dict(api.get(f"{STATIONS}/{name}").json()["data"])


async def _talk(
    server: LiveServer, mad: dict[str, str], passwords: dict[str, str], api: httpx.Client
) -> dict[str, Any]:
    """SANE-1 boots before and gets its heartbeat answered after; memory stands still between a fifth and the end.

    Returns SANE-1 as the platform API shows it while its socket is still open.
    """
    left, memory = count(), list[float]()

    def taken() -> bool:
        number = next(left)
        if number == WARM:
            memory.append(server.resident_mb())
        return number < FRAMES

    async with _socket(server, "SANE-1", passwords["SANE-1"], "ocpp1.6") as sane:
        boot = [2, "b", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "Sane"}]
        await sane.send(json.dumps(boot))
        assert json.loads(await sane.recv())[2]["status"] == "Accepted"
        await asyncio.gather(*(_rave(server, name, passwords[name], version, taken) for name, version in mad.items()))
        memory.append(server.resident_mb())
        await sane.send('[2,"h","Heartbeat",{}]')
        while json.loads(await sane.recv())[1] != "h":
            continue
        assert memory[1] - memory[0] < MOST_MB, memory
        return _read(api, "SANE-1")


async def _rave(server: LiveServer, name: str, password: str, version: str, taken: Any) -> None:
    """Bursts of nonsense, each ended by what is answered, so that the station is no faster than the server."""
    chance = random.Random(name)
    going = True
    while going:
        async with _socket(server, name, password, version) as socket:
            with suppress(ConnectionClosed):
                while going:
                    for _ in range(BURST):
                        going = taken()
                        frame = bytes_of(mutated(chance.choice(CALLS[version]), chance), chance)
                        await socket.send(frame if chance.random() < 0.05 else frame.decode(errors="replace"))
                    await socket.send('[2,"end-of-burst","Heartbeat",{}]')
                    while "end-of-burst" not in str(await socket.recv()):
                        continue


def _socket(server: LiveServer, station_id: str, password: str, version: str) -> connect:
    url = f"ws://{station_id}:{password}@127.0.0.1:{server.ocpp_port}/ocpp/{station_id}"
    return connect(url, subprotocols=[version], ping_interval=None, proxy=None)  # type: ignore[list-item]
