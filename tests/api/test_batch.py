"""Batches: many writes in one call, each by itself, in order for each object, and repeatable under a key."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain.batches import BatchCall, BatchResult
from app.domain.errors import StoreUnavailable
from app.ports import Change, Ports, Store
from app.settings import Settings
from tests.api.conftest import (
    LOCATIONS,
    STATIONS,
    TEMPLATES,
    Api,
    connector,
    location_body,
    one,
    station_body,
    template_body,
)
from tests.contract.stores import ADAPTERS
from tests.fakes import FakeClock

BATCH = f"{STATIONS}/batch"
PLACES = f"{LOCATIONS}/batch"


@pytest.fixture(params=["sqlite", "postgres"])
def adapter(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    return str(request.param)


@pytest.fixture
async def store(adapter: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    """An item's record and its effect are one transaction on either store."""
    opened = await ADAPTERS[adapter](tmp_path, clock)
    yield opened
    await opened.close()


def create(location: dict[str, Any], charge_station_id: str, **more: Any) -> dict[str, Any]:
    return {"op": "create", **station_body(location["id"], charge_station_id, **more)}


def patch(charge_station_id: str, **fields: Any) -> dict[str, Any]:
    return {"op": "patch", "charge_station_id": charge_station_id, **fields}


def keyed(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


def codes(outcomes: list[dict[str, Any]]) -> list[int]:
    return [outcome["status_code"] for outcome in outcomes]


async def names(api: Api) -> list[str]:
    return sorted(each["charge_station_id"] for each in await api.ok("GET", f"{STATIONS}?limit=1000"))


async def test_each_item_succeeds_or_fails_by_itself_in_order(api: Api, location: dict[str, Any]) -> None:
    outcomes = await api.ok(
        "POST",
        BATCH,
        [
            create(location, "A"),
            create(location, "A"),
            create({"id": "11111111-0000-4000-8000-00000000dead"}, "B"),
            patch("A", remarks="told"),
            patch("UNKNOWN", remarks="x"),
            {"op": "delete", "charge_station_id": "A"},
            {"charge_station_id": "A"},
            {"op": "patch", "remarks": "of whom?"},
            "no object",
            create(location, "C"),
        ],
    )
    assert codes(outcomes) == [1000, 2000, 2003, 1000, 2000, 2000, 2000, 2000, 2000, 1000]
    assert [outcome["op"] for outcome in outcomes[:2]] == ["create", "create"]
    assert "exists already" in outcomes[1]["status_message"]
    assert "op" in outcomes[5]["status_message"] and "create, update, patch" in outcomes[5]["status_message"]
    assert outcomes[6]["status_message"] == "op not provided, and is a required field"
    assert outcomes[7]["status_message"] == "charge_station_id not provided, and is a required field"
    stored = await api.ok("GET", one(STATIONS, "A"))
    assert stored["remarks"] == "told"
    assert outcomes[3]["data"] == {"charge_station_id": "A", "etag": stored["etag"]}
    assert await names(api) == ["A", "C"]


async def test_an_update_needs_the_etag_and_a_stale_one_brings_the_stored_object(
    api: Api, station: dict[str, Any]
) -> None:
    update = {"op": "update", **{key: value for key, value in station.items() if value is not None}}
    outcomes = await api.ok(
        "POST", BATCH, [{**update, "remarks": "1"}, {**update, "remarks": "2"}, {**update, "etag": None}]
    )
    assert codes(outcomes) == [1000, 2000, 2000]
    assert "etag" in outcomes[1]["status_message"] and outcomes[1]["data"][0]["remarks"] == "1"
    assert outcomes[2]["status_message"] == "etag not provided, and is a required field"


async def test_a_stale_etag_of_a_location_brings_the_stored_one(api: Api, location: dict[str, Any]) -> None:
    [outcome] = await api.ok("POST", PLACES, [{"op": "update", **location, "etag": "stale"}])
    assert (outcome["status_code"], outcome["data"]) == (2000, location)


async def test_an_update_with_a_template_says_whose_descriptions_went(api: Api, station: dict[str, Any]) -> None:
    about = [{"evse_sequence_number": 1, "physical_reference": "17A"}]
    body = {"charge_station_id": "UTR-017", "evses": about}
    patched = await api.ok("PATCH", one(STATIONS, "UTR-017"), body)
    sockets = [{"evse_sequence_number": 2, "connector_templates": [connector(id=1)]}]
    await api.ok("POST", TEMPLATES, template_body(template_id="new", evse_templates=sockets))
    update = {"op": "update", **patched, "charge_station_template_id": "new", "evses": None}
    [outcome] = await api.ok("POST", BATCH, [update])
    assert outcome["status_code"] == 1000
    assert outcome["status_message"] == "Success; what was written about EVSE 1 is gone with it"


async def test_an_item_with_a_text_that_is_longer_than_ocpi_has_it_says_so(api: Api, location: dict[str, Any]) -> None:
    evses = [{"evse_sequence_number": 1, "floor_level": "basement"}]
    first, second = await api.ok("POST", BATCH, [create(location, "A"), patch("A", evses=evses)])
    assert first["status_message"] == "Success"
    assert second["status_message"] == "Success; longer than OCPI 2.1.1 has it: evses.floor_level (4)"
    [place] = await api.ok("POST", PLACES, [{"op": "create", **location_body(postal_code="3542AD-0001")}])
    assert place["status_message"] == "Success; longer than OCPI 2.1.1 has it: postal_code (10)"


async def test_what_could_not_be_done_yet_holds_up_the_rest_of_its_object(
    api: Api, ports: Ports, station: dict[str, Any], location: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done later, the first would undo the second."""
    kept, failed = ports.store.commit, []

    async def failing_once(change: Change) -> int:
        if not failed and any(fact.charge_station_id == "UTR-017" for fact in change.facts):
            failed.append(change)
            raise StoreUnavailable("the disk is full")
        return await kept(change)

    monkeypatch.setattr(ports.store, "commit", failing_once)
    wanted = [patch("UTR-017", name="first"), patch("UTR-017", name="second"), create(location, "B")]
    assert codes(await api.ok("POST", BATCH, wanted, **keyed("k-1"))) == [3000, 3000, 1000]
    assert (await api.ok("GET", one(STATIONS, "UTR-017")))["name"] is None
    assert codes(await api.ok("POST", BATCH, wanted, **keyed("k-1"))) == [1000, 1000, 1000]
    assert (await api.ok("GET", one(STATIONS, "UTR-017")))["name"] == "second"


async def test_items_of_one_object_keep_their_order(api: Api, station: dict[str, Any]) -> None:
    await api.ok("POST", BATCH, [patch("UTR-017", remarks=f"{number}") for number in range(40)])
    assert (await api.ok("GET", one(STATIONS, "UTR-017")))["remarks"] == "39"


async def test_locations_are_written_in_batches_too(api: Api) -> None:
    outcomes = await api.ok("POST", PLACES, [{"op": "create", **location_body(name=f"L{n}")} for n in range(3)])
    assert codes(outcomes) == [1000, 1000, 1000]
    wanted = outcomes[1]["data"]
    assert (await api.ok("GET", one(LOCATIONS, wanted["id"])))["etag"] == wanted["etag"]
    outcomes = await api.ok("POST", PLACES, [{"op": "patch", "id": wanted["id"].upper(), "name": "Renamed"}])
    assert codes(outcomes) == [1000]
    assert (await api.ok("GET", one(LOCATIONS, wanted["id"])))["name"] == "Renamed"


async def test_scope_and_permission_hold_for_each_item(api: Api, location: dict[str, Any]) -> None:
    await api.ok("POST", BATCH, [create(location, "A")])
    assert codes(await api.ok("POST", BATCH, [patch("A", remarks="x")], who="other CPO")) == [2000]
    assert (await api.refused("POST", BATCH, [], who="read-only"))[:2] == (403, 2000)
    assert (await api.refused("POST", PLACES, [], who="stations only"))[:2] == (403, 2000)


@pytest.mark.parametrize("path", ["BATCH", "Batch", "batch/"])
async def test_the_word_is_read_in_any_case_and_is_no_id(api: Api, location: dict[str, Any], path: str) -> None:
    assert codes(await api.ok("POST", f"{STATIONS}/{path}", [create(location, "A")])) == [1000]
    assert codes(await api.ok("POST", BATCH, [create(location, "batch")])) == [2000]
    assert (await api.refused("POST", STATIONS, station_body(location["id"], "BATCH")))[:2] == (200, 2000)


async def test_a_body_that_is_no_list_of_up_to_1000_is_refused_whole(api: Api, location: dict[str, Any]) -> None:
    assert await api.refused("POST", BATCH, {}) == (200, 2000, "body is not valid: expected an array of items")
    many = [patch("A", remarks="x")] * 1001
    assert await api.refused("POST", BATCH, many) == (
        200,
        2000,
        "body is not valid: expected at most 1000 items, got 1001",
    )
    assert (await api.refused("POST", BATCH, content=b"[{"))[:2] == (400, 2000)
    assert await api.ok("POST", BATCH, []) == []


async def test_a_body_that_is_no_json_or_too_much_of_it_is_refused_whole(api: Api) -> None:
    assert (await api.refused("POST", BATCH, content=b"[" * 100_000))[:2] == (400, 2000)
    assert await api.refused("POST", BATCH, content=b'[{"op": "\xff"}]') == (
        400,
        2000,
        "the body is not UTF-8: invalid start byte at byte 9",
    )
    most = Settings().max_batch_bytes
    assert await api.ok("POST", BATCH, content=b"[]".rjust(most)) == []
    assert (await api.refused("POST", BATCH, content=b"[]".rjust(most + 1)))[:2] == (413, 2000)


async def test_a_thousand_stations_are_created_at_once(api: Api, location: dict[str, Any]) -> None:
    wanted = [create(location, f"S-{number:04}", remarks="x" * 1000) for number in range(1000)]
    assert len(msgspec.json.encode(wanted)) > 1_000_000
    outcomes = await api.ok("POST", BATCH, wanted)
    assert codes(outcomes) == [1000] * 1000
    assert [outcome["data"]["charge_station_id"] for outcome in outcomes] == [f"S-{n:04}" for n in range(1000)]
    assert len(await names(api)) == 1000


# --- Under a key -----------------------------------------------------------------------------------------------------


async def test_the_same_call_again_is_answered_as_it_was_and_does_nothing(api: Api, location: dict[str, Any]) -> None:
    wanted = [create(location, "A"), create(location, "A"), patch("A", remarks="from the batch")]
    first = await api.ok("POST", BATCH, wanted, **keyed("k-1"))
    assert codes(first) == [1000, 2000, 1000]
    await api.ok("PATCH", one(STATIONS, "A"), {"charge_station_id": "A", "remarks": "later"})
    assert await api.ok("POST", BATCH, wanted, **keyed("k-1")) == first
    assert (await api.ok("GET", one(STATIONS, "A")))["remarks"] == "later"


async def test_another_body_under_the_same_key_is_refused(api: Api, location: dict[str, Any]) -> None:
    await api.ok("POST", BATCH, [create(location, "A")], **keyed("k-1"))
    status, code, message = await api.refused("POST", BATCH, [create(location, "B")], **keyed("k-1"))
    assert (status, code) == (200, 2000) and "Idempotency-Key" in message
    assert await names(api) == ["A"]


async def test_a_key_is_for_one_route(api: Api, location: dict[str, Any]) -> None:
    await api.ok("POST", BATCH, [], **keyed("k-1"))
    assert (await api.refused("POST", PLACES, [], **keyed("k-1")))[:2] == (200, 2000)


async def test_a_location_without_an_id_is_made_once_and_named_by_the_repeat(
    api: Api, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer was lost: the store went away before the call could end."""
    kept = ports.store.commit

    async def without_an_end(change: Change) -> int:
        if any(isinstance(getattr(write, "record", None), BatchCall) and write.rev for write in change.writes):
            raise StoreUnavailable("the disk is full")
        return await kept(change)

    wanted = [{"op": "create", **location_body()}]
    with monkeypatch.context() as full:
        full.setattr(ports.store, "commit", without_an_end)
        assert (await api.refused("POST", PLACES, wanted, **keyed("k-1")))[1] == 3000
    [outcome] = await api.ok("POST", PLACES, wanted, **keyed("k-1"))
    assert outcome["status_code"] == 1000
    assert [place["id"] for place in await api.ok("GET", LOCATIONS)] == [outcome["data"]["id"]]


async def test_a_key_is_its_subscriptions_own(api: Api, location: dict[str, Any]) -> None:
    await api.ok("POST", BATCH, [create(location, "A")], **keyed("k-1"))
    again = await api.ok("POST", BATCH, [create(location, "B")], who="both CPOs", **keyed("k-1"))
    assert codes(again) == [1000]


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
async def test_a_key_that_cannot_be_kept_is_refused(api: Api, key: str) -> None:
    status, code, message = await api.refused("POST", BATCH, [], **keyed(key))
    assert (status, code) == (200, 2000) and message.startswith("Idempotency-Key is not valid")


async def test_the_same_call_twice_at_once_is_done_once(api: Api, location: dict[str, Any]) -> None:
    wanted = [create(location, f"S-{number}") for number in range(50)]
    calls = (api.ok("POST", BATCH, wanted, **keyed("k-1")) for _ in range(3))
    first, second, third = await asyncio.gather(*calls)
    assert codes(first) == [1000] * 50 and first == second == third


async def test_a_call_that_was_cut_off_goes_on_and_repeats_nothing(
    api: Api, ports: Ports, location: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store goes away in the middle: what was written stays, the rest is done when the call comes again."""
    kept, left = ports.store.commit, [7]

    async def failing(change: Change) -> int:
        if any(isinstance(getattr(write, "record", None), BatchResult) for write in change.writes):
            left[0] -= 1
            if left[0] < 0:
                raise StoreUnavailable("the disk is full")
        return await kept(change)

    wanted = [create(location, f"S-{number}") for number in range(20)]
    monkeypatch.setattr(ports.store, "commit", failing)
    outcomes = await api.ok("POST", BATCH, wanted, **keyed("k-1"))
    assert sorted(codes(outcomes)) == [1000] * 7 + [3000] * 13
    monkeypatch.setattr(ports.store, "commit", kept)
    etags = {each["charge_station_id"]: each["etag"] for each in await api.ok("GET", STATIONS)}
    again = await api.ok("POST", BATCH, wanted, **keyed("k-1"))
    assert codes(again) == [1000] * 20
    told = {outcome["data"]["charge_station_id"]: outcome["data"]["etag"] for outcome in again}
    assert told.items() >= etags.items(), "what was done before is answered with its etag"
    now = {each["charge_station_id"]: each["etag"] for each in await api.ok("GET", STATIONS)}
    assert len(now) == 20 and now.items() >= etags.items()
    assert await ports.store.find(BatchResult) == []


async def test_what_was_done_before_the_cut_is_answered_in_full(
    api: Api, ports: Ports, station: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PUT with a template whose answer was lost with the call: its etag, and whose descriptions went."""
    two = [{"evse_sequence_number": n, "connectors": [connector(id=str(n))], "floor_level": "-1"} for n in (1, 2)]
    before = await api.ok("PUT", one(STATIONS, "UTR-017"), {**station, "evses": two})
    single = [{"evse_sequence_number": 1, "connector_templates": [connector(id=1)]}]
    model = await api.ok("POST", TEMPLATES, template_body(evse_templates=single))
    put = {key: value for key, value in before.items() if key != "evses"}
    wanted = [{"op": "update", **put, "charge_station_template_id": model["template_id"]}, patch("NOBODY", remarks="x")]
    kept = ports.store.commit

    async def without_an_end(change: Change) -> int:
        if any(isinstance(getattr(write, "record", None), BatchCall) and write.rev for write in change.writes):
            raise StoreUnavailable("the disk is full")
        return await kept(change)

    with monkeypatch.context() as full:
        full.setattr(ports.store, "commit", without_an_end)
        assert (await api.refused("POST", BATCH, wanted, **keyed("k-1")))[1] == 3000
    done = await api.ok("GET", one(STATIONS, "UTR-017"))
    assert done["etag"] != before["etag"] and len(done["evses"]) == 1
    outcome, _ = await api.ok("POST", BATCH, wanted, **keyed("k-1"))
    assert outcome["data"] == {"charge_station_id": "UTR-017", "etag": done["etag"]}
    assert outcome["status_message"] == "Success; what was written about EVSE 2 is gone with it"


async def test_an_effect_and_its_record_are_one(api: Api, store: Store, location: dict[str, Any]) -> None:
    """Whoever finds the record finds the effect: they commit together, and the whole call leaves its answer only."""
    await api.ok("POST", BATCH, [create(location, "A")], **keyed("k-1"))
    [(call, _)] = await store.find(BatchCall)
    assert call.ended is not None and b'"charge_station_id":"A"' in bytes(call.answer)
    assert "k-1" not in msgspec.json.encode(call).decode()


async def test_what_was_refused_stays_refused_under_its_key(
    api: Api, clock: FakeClock, location: dict[str, Any]
) -> None:
    wanted = [patch("LATER", remarks="x")]
    assert codes(await api.ok("POST", BATCH, wanted, **keyed("k-1"))) == [2000]
    await api.ok("POST", BATCH, [create(location, "LATER")])
    assert codes(await api.ok("POST", BATCH, wanted, **keyed("k-1"))) == [2000]
    assert codes(await api.ok("POST", BATCH, wanted, **keyed("k-2"))) == [1000]
