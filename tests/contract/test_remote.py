"""What the remote platform does beside the contract: other people's documents, and what is no answer of the API."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.domain.commissioning import Operation
from app.domain.errors import (
    InvalidField,
    MissingField,
    OtherCpo,
    PlatformUnavailable,
    Refused,
    StationlinkError,
    UnknownLocation,
    UnknownTemplate,
)
from app.domain.locations import PostLocation
from app.domain.model import ConnectorPatch, DisplayText, EvsePatch
from app.domain.stations import PatchChargeStation
from app.platforms.remote import RemotePlatform, editing
from app.platforms.remote.pages import read_all, read_page
from app.platforms.remote.wire import Answer, Wire, refusal
from app.ports import Change, CorrectsIds, Ports, WithdrawsStations
from tests.conftest import ABC, TWIN, YARD
from tests.contract.platform_fixtures import (
    House,
    Shim,
    actors,
    client_of,
    created,
    operation,
    post,
    put,
    put_place,
    read,
    read_place,
    remote_house,
)


@pytest.fixture
async def remote(ports: Ports, tmp_path: Path) -> AsyncIterator[tuple[House, Shim]]:
    async with remote_house(ports, tmp_path) as opened:
        yield opened


# --- The remote platform alone ---------------------------------------------------------------------------------------


async def test_an_edit_of_a_remote_document_keeps_the_keys_we_do_not_know(remote: tuple[House, Shim]) -> None:
    house, shim = remote
    await created(house)

    def add(document: dict[str, Any]) -> None:
        document["vendor_extra"] = {"kept": [1, 2]}
        for evse in document.get("evses", []):
            evse["vendor_evse"] = "kept"
            for connector in evse["connectors"]:
                connector["vendor_connector"] = "kept"

    shim.add = add
    shim.sent.clear()
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=[EvsePatch(evse_sequence_number=1, floor_level="2")])
    await house.platform.patch_station(house.actor, "UTR-017", patch)
    station = read(await house.platform.station(house.actor, "UTR-017"))
    await house.platform.replace_station(house.actor, "UTR-017", put(station, evses=station.evses))
    seen = read_place(await house.platform.location(house.actor, YARD))
    await house.platform.replace_location(house.actor, YARD, put_place(seen))
    assert [method for method, _ in shim.sent] == ["PUT", "PUT", "PUT"]
    for _, body in shim.sent:
        assert body["vendor_extra"] == {"kept": [1, 2]}
        assert not {"status", "charging_speed", "created", "modified", "connectivity_status"} & body.keys()
    for _, body in shim.sent[:2]:
        assert "charge_station_template_id" not in body
        for evse in body["evses"]:
            assert evse["vendor_evse"] == "kept"
            assert evse["connectors"][0]["vendor_connector"] == "kept"
            assert "status" not in evse and "last_updated" not in evse
    assert [evse["floor_level"] for evse in shim.sent[0][1]["evses"]] == ["2", None]


async def test_an_edit_that_meets_a_newer_etag_is_made_once_more_on_the_newer_document(
    remote: tuple[House, Shim], ports: Ports
) -> None:
    house, shim = remote
    await created(house)

    async def meanwhile() -> None:
        other = PatchChargeStation(charge_station_id="UTR-017", remarks="theirs")
        await ports.platforms.builtin.patch_station(house.actor, "UTR-017", other)

    shim.before_put = meanwhile
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=[EvsePatch(evse_sequence_number=1, floor_level="2")])
    after = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert (after.remarks, after.evses[0].floor_level) == ("theirs", "2")


async def test_a_remote_platform_cannot_withdraw(remote: tuple[House, Shim]) -> None:
    assert not isinstance(remote[0].platform, WithdrawsStations)


async def test_ids_cannot_be_corrected_on_a_remote_platform(remote: tuple[House, Shim]) -> None:
    assert not isinstance(remote[0].platform, CorrectsIds)


@pytest.mark.parametrize("answer", [500, 502, 401, 403, 429, "html", "array", "rate limit", "3000", "redirect"])
async def test_what_is_no_answer_of_the_api_is_unavailable(ports: Ports, answer: int | str) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, int):
            return httpx.Response(answer, json={"status_code": 2000})
        if answer == "redirect":
            return httpx.Response(302, headers={"Location": "http://127.0.0.1:1/"})
        if answer == "html":
            return httpx.Response(200, text="<html>maintenance</html>")
        if answer == "array":
            return httpx.Response(200, json=[])
        code = 3000 if answer == "3000" else 2000
        return httpx.Response(200, json={"status_code": code, "status_message": "Rate limit exceeded"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://vendor") as client:
        platform = RemotePlatform(Wire(client), ports.store, ports.clock, ports.ids, ABC)
        with pytest.raises(PlatformUnavailable):
            await platform.station(actors()[0], "UTR-017")


async def test_a_platform_that_cannot_be_reached_is_unavailable_and_commits_nothing(ports: Ports) -> None:
    async with client_of("http://127.0.0.1:1") as client:
        platform = RemotePlatform(Wire(client), ports.store, ports.clock, ports.ids, ABC)
        along = Change(operation=operation())
        with pytest.raises(PlatformUnavailable):
            await platform.create_location(actors()[0], PostLocation(cpo_id=ABC, name="x"), along)
    assert await ports.store.get(Operation, "op-1") is None


@pytest.mark.parametrize("data", ["object", "array"])
@pytest.mark.parametrize("code", [1000, "1000"])
async def test_an_envelope_is_read_tolerantly(ports: Ports, data: str, code: int | str) -> None:
    station = {"charge_station_id": "UTR-017", "location_id": YARD, "more": 1}
    place_body = {"id": YARD, "cpo_id": ABC}

    def respond(request: httpx.Request) -> httpx.Response:
        body = place_body if "Locations" in request.url.path else station
        return httpx.Response(200, json={"data": [body] if data == "array" else body, "status_code": code})

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://vendor") as client:
        platform = RemotePlatform(Wire(client), ports.store, ports.clock, ports.ids, ABC)
        assert msgspec.json.decode(await platform.station(actors()[0], "UTR-017")) == station


# --- Pure edits ------------------------------------------------------------------------------------------------------

RECEIVED: dict[str, Any] = {
    "charge_station_id": "UTR-017",
    "etag": "e",
    "extra": 1,
    "status": "AVAILABLE",
    "evses": [
        {
            "uid": "U1",
            "evse_sequence_number": 1,
            "status": "AVAILABLE",
            "last_updated": "x",
            "directions": [],
            "extra": 2,
            "connectors": [{"id": "1", "voltage": 230, "last_updated": "x", "extra": 3}],
        }
    ],
}


def test_a_platform_that_forgets_texts_when_it_rebuilds_gets_them_again() -> None:
    text = [{"language": "nl", "text": "Tweede rij"}]
    before = {
        "evses": [{"evse_sequence_number": 1, "directions": text}, {"evse_sequence_number": 2, "floor_level": "1"}]
    }
    again = editing.with_descriptions(RECEIVED, before)
    assert again is not None
    assert (again["evses"][0]["directions"], again["extra"], again["evses"][0]["extra"]) == (text, 1, 2)
    assert editing.lost_descriptions(before, again) == [2]
    assert editing.lost_descriptions(before, RECEIVED) == [1, 2]
    assert editing.with_descriptions(again, before) is None


async def test_the_texts_are_written_again_after_a_template_where_the_platform_dropped_them(
    remote: tuple[House, Shim],
) -> None:
    house, shim = remote
    await created(house)
    text = DisplayText("nl", "Tweede rij")
    evse = EvsePatch(evse_sequence_number=1, directions=[text])
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=[evse])
    await house.platform.patch_station(house.actor, "UTR-017", patch)
    shim.sent.clear()

    def forget(document: dict[str, Any]) -> None:
        if len(shim.sent) == 1 and "evses" in document:
            document["evses"][0]["directions"] = []

    shim.add = forget
    after = read(await house.platform.apply_template(house.actor, "UTR-017", TWIN))
    assert len(shim.sent) == 2
    assert shim.sent[0][1]["charge_station_template_id"] == TWIN and "evses" not in shim.sent[0][1]
    assert shim.sent[1][1]["evses"][0]["directions"] == [{"language": "nl", "text": "Tweede rij"}]
    assert after.evses[0].directions == [text]


def test_an_element_that_matches_nothing_is_refused_before_anything_is_sent() -> None:
    for evse in (EvsePatch(uid="U9"), EvsePatch(uid="U1", connectors=[ConnectorPatch(id="9")])):
        with pytest.raises(InvalidField):
            editing.patched_station(RECEIVED, PatchChargeStation(evses=[evse]))


def test_a_merged_connector_keeps_the_rest() -> None:
    evse = EvsePatch(uid="U1", directions=None, connectors=[ConnectorPatch(id="1", amperage=16)])
    body = editing.patched_station(RECEIVED, PatchChargeStation(name="x", evses=[evse]))
    assert body["evses"][0]["connectors"] == [{"id": "1", "voltage": 230, "extra": 3, "amperage": 16}]
    assert (body["evses"][0]["directions"], body["name"], body["extra"]) == ([], "x", 1)
    assert RECEIVED["evses"][0]["status"] == "AVAILABLE"


# --- Refusals and pages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, message, error, detail",
    [
        (2000, "CPO id not provided, and is a required field", MissingField, {"field": "cpo_id"}),
        (2000, "deploy_state not provided, and is a required field", MissingField, {"field": "deploy_state"}),
        (2000, "country is not valid: expected three letters", InvalidField, {"expected": "three letters"}),
        (2003, "no such thing", UnknownLocation, {"location_id": "L"}),
        (2000, "hardware template T is not known", UnknownTemplate, {"template_id": "T"}),
        (2000, "a location stays with its CPO", OtherCpo, {}),
        (2000, "computer says no", Refused, {"status_code": 2000}),
        (2001, "", Refused, {"status_code": 2001}),
    ],
)
def test_a_refusal_of_the_platform_becomes_our_error(
    code: int, message: str, error: type[StationlinkError], detail: dict[str, Any]
) -> None:
    answer = Answer(200, code, message, b"null", {})
    made = refusal(answer, location_id="L", template_id="T")
    assert type(made) is error
    assert detail.items() <= made.detail.items()


@pytest.mark.parametrize("told", [True, False])
async def test_pages_are_read_to_the_end_whatever_the_platforms_own_limit(told: bool) -> None:
    """A platform of 5 stations that gives at most 2 at once and tells so, or one that tells nothing."""

    def respond(request: httpx.Request) -> httpx.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        most = min(2, limit) if told else limit
        rows = [{"charge_station_id": f"S{n}"} for n in range(5)][offset : offset + most]
        headers = {"X-Limit": "2", "X-Total-Count": "5"} if told else {}
        return httpx.Response(200, json={"data": rows, "status_code": 1000}, headers=headers)

    def names(rows: Iterable[bytes]) -> list[str]:
        return [msgspec.json.decode(row)["charge_station_id"] for row in rows]

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://vendor") as client:
        page = await read_page(Wire(client), "/x", {}, 1, 3)
        assert (names(page.rows), page.total) == (["S1", "S2", "S3"], 5)
        assert (await read_page(Wire(client), "/x", {}, 4, 3)).total == 5
        assert names(await read_all(Wire(client), "/x", {})) == ["S0", "S1", "S2", "S3", "S4"]


async def test_a_page_that_a_platform_cuts_in_silence_is_not_the_last() -> None:
    """Of 230 stations it gives at most its default at once, whatever it is asked for, and tells nothing."""

    def respond(request: httpx.Request) -> httpx.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        rows = [{"charge_station_id": f"S{n}"} for n in range(230)][offset : offset + min(100, limit)]
        return httpx.Response(200, json={"data": rows, "status_code": 1000})

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://vendor") as client:
        assert len(await read_all(Wire(client), "/x", {})) == 230
        page = await read_page(Wire(client), "/x", {}, 10, 200)
        assert (len(page.rows), page.total) == (200, 211)
        assert len((await read_page(Wire(client), "/x", {}, 210, 200)).rows) == 20


async def test_stations_are_swept_at_most_once_an_hour_and_our_own_writes_show_at_once(
    remote: tuple[House, Shim], ports: Ports
) -> None:
    house, _ = remote
    assert isinstance(house.platform, RemotePlatform)
    await created(house, "UTR-017")
    assert await house.platform.similar_ids(house.actor, "UTR-017") == ["UTR-017"]
    await ports.platforms.builtin.create_station(house.actor, post("UTR-018"))
    await created(house, "UTR-019")
    await house.platform.lists.refresh()
    assert await house.platform.similar_ids(house.actor, "UTR-017") == ["UTR-017", "UTR-019"]
    ports.clock.forward(minutes=61)  # type: ignore[attr-defined]
    house.clock.forward(minutes=61)
    await house.platform.lists.refresh()
    assert await house.platform.similar_ids(house.actor, "UTR-017") == ["UTR-017", "UTR-018", "UTR-019"]


async def test_a_platform_that_takes_evses_in_a_patch_gets_one(remote: tuple[House, Shim]) -> None:
    house, shim = remote
    await created(house)
    assert isinstance(house.platform, RemotePlatform)
    house.platform.patches_evses = True
    shim.sent.clear()
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=[EvsePatch(evse_sequence_number=1, floor_level="2")])
    after = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert [(method, list(body["evses"][0])) for method, body in shim.sent] == [
        ("PATCH", ["evse_sequence_number", "floor_level"])
    ]
    assert [evse.floor_level for evse in after.evses] == ["2", None]
