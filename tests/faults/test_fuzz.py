"""Bounded fuzzing of both HTTP doors, with fixed seeds: nothing said to them makes a 5xx or a dead server."""

import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
