"""Bounded fuzzing of the three doors, with fixed seeds: nothing said to them makes a 5xx or a dead server."""

import asyncio
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.live import LiveServer, location_body, sent, station_body, template_body

STATIONS = "/api/1.0/ChargeStations"
ODD: list[Any] = [
    None, True, 0, -1, 1e308, 2**63, "", " ", "\u0000", "\u202eabc", "\U0001f50c" * 300, "x" * 5000, [], {}, [[[]]],
    {"language": "xx"}, "2026-13-45T99:99:99Z", "NaN",
]  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data").start()
    live.make_cpo()
    yield live
    live.kill()


def mutated(value: Any, chance: random.Random) -> Any:
    """The same document with one place in it made odd, dropped or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        changed = {**value, key: mutated(value[key], chance)}
        if chance.random() < 0.15:
            del changed[key]
        return changed
    if isinstance(value, list) and value and chance.random() < 0.7:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(value[place], chance), *value[place:]]
    return chance.choice(ODD)


def bytes_of(document: Any, chance: random.Random) -> bytes:
    """As JSON, sometimes cut off or with a byte that does not belong there."""
    body = json.dumps(document).encode()
    if chance.random() < 0.1:
        return body[: chance.randrange(len(body) + 1)]
    if chance.random() < 0.1:
        place = chance.randrange(len(body) + 1)
        return body[:place] + bytes([chance.randrange(256)]) + body[place:]
    return body


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_platform_api_and_phone_api_answer_everything(server: LiveServer, seed: int) -> None:
    chance = random.Random(seed)
    api, phone = server.api(server.token()), server.phone()
    place = sent(api, "POST", "/api/2.0/Locations", location_body())
    sent(api, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
    station = sent(api, "POST", STATIONS, station_body("UTR-1", place["id"]))
    calls = [
        ("POST", STATIONS, station_body("UTR-2", place["id"])),
        ("PUT", f"{STATIONS}/UTR-1", station),
        ("PATCH", f"{STATIONS}/UTR-1", {"charge_station_id": "UTR-1", "evses": station["evses"]}),
        ("POST", f"{STATIONS}/ChargestationTemplate", template_body("other")),
        ("POST", "/api/2.0/Locations", location_body()),
        ("PATCH", f"/api/2.0/Locations/{place['id']}", place),
    ]
    for _ in range(1500):
        method, path, body = chance.choice(calls)
        answer = api.request(method, path, content=bytes_of(mutated(body, chance), chance))
        assert answer.status_code < 500, (method, path, answer.text)
        assert {"timestamp", "data", "status_code", "status_message"} <= answer.json().keys()
    kinds = ["begin", "choose_location", "apply_template", "describe_evse", "set_password", "park", "hand_over"]
    for _ in range(500):
        operation = {
            "id": str(uuid.UUID(int=chance.getrandbits(128))),
            "kind": chance.choice(kinds),
            "made_at": "2026-03-02T08:00:00Z",
            "commissioning_id": "c-0000-1",
            "body": {"station_id": "NEW-1", "cpo_id": "ABC Charging", "location_id": place["id"], "reason": "power"},
        }
        content = bytes_of({"operations": [mutated(operation, chance)]}, chance)
        answer = phone.post("/field/sync", content=content)
        assert answer.status_code < 500, (content, answer.text)
        assert "results" in answer.json() or {"code", "message", "detail"} <= answer.json().keys()
    assert api.get(f"{STATIONS}/UTR-1").json()["status_code"] == 1000


CALLS: list[list[Any]] = [
    [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}],
    [2, "2", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"}],
    [2, "3", "Heartbeat", {}],
    [
        2,
        "4",
        "StartTransaction",
        {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-03-02T08:00:00Z"},
    ],
    [2, "5", "MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": "x", "sampledValue": [{"value": "1"}]}]}],
    [3, "nobody-asked", {}],
    [4, "6", "GenericError", "", {}],
]


@pytest.mark.soak
def test_stations_that_say_nonsense_leave_the_listener_and_others_alone(server: LiveServer) -> None:
    api = server.api(server.token())
    place = sent(api, "POST", "/api/2.0/Locations", location_body())
    sent(api, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
    for name in ("MAD-1", "SANE-1"):
        sent(api, "POST", STATIONS, station_body(name, place["id"]))
    passwords = {name: server.app("password", name) for name in ("MAD-1", "SANE-1")}
    sane = asyncio.run(asyncio.wait_for(_talk(server, passwords, api), 240))
    assert (sane["connectivity_status"], sane["charge_point_model"]) == ("Online", "Sane")
    assert server.app("cpo", "list")


async def _talk(server: LiveServer, passwords: dict[str, str], api: httpx.Client) -> dict[str, Any]:
    """One station talks nonsense on and on; the other boots before and gets its heartbeat answered after.

    Returns the other as the platform API shows it while its socket is still open.
    """
    chance = random.Random(7)
    async with _socket(server, "SANE-1", passwords["SANE-1"]) as sane:
        await sane.send(
            json.dumps([2, "b", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "Sane"}])
        )
        assert json.loads(await sane.recv())[2]["status"] == "Accepted"
        left = 4000
        while left > 0:
            async with _socket(server, "MAD-1", passwords["MAD-1"]) as mad:
                try:
                    while left > 0:
                        left -= 1
                        frame = bytes_of(mutated(chance.choice(CALLS), chance), chance)
                        await mad.send(frame if chance.random() < 0.1 else frame.decode(errors="replace"))
                except ConnectionClosed:
                    continue
        await sane.send('[2,"h","Heartbeat",{}]')
        assert json.loads(await sane.recv())[1] == "h"
        return dict(api.get(f"{STATIONS}/SANE-1").json()["data"])


def _socket(server: LiveServer, station_id: str, password: str) -> connect:
    url = f"ws://{station_id}:{password}@127.0.0.1:{server.ocpp_port}/ocpp/{station_id}"
    return connect(url, subprotocols=["ocpp1.6"], ping_interval=None)  # type: ignore[list-item]
