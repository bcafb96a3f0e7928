"""Who is let in by the live listener, and what is kept of those who are not."""

import asyncio
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.actions.passwords import set_station_password
from app.domain.facts import FactKind
from app.domain.live import Arrivals, AuthOutcome, Knock, KnockReason, StationPassword
from app.domain.model import DeployState
from app.domain.people import SYSTEM, Actor, Role
from app.domain.stations import PatchChargeStation
from app.platforms import door
from app.ports import Admission, Attempt, Change, Ports, Put
from tests.conftest import ABC, XYZ
from tests.ocpp.conftest import PATIENT, SECRET, STATION, World, make_world, until


async def knocks(world: World, **equals: Any) -> list[Knock]:
    return [knock for knock, _ in await world.ports.store.find(Knock, order="at", **equals)]


async def refused(world: World, status: int, charge_station_id: str = STATION, **how: Any) -> Knock:
    """The knock that a refusal with this HTTP status left behind."""
    with pytest.raises(InvalidStatus) as caught:
        async with world.client(charge_station_id, **how):
            raise AssertionError("it was let in")
    assert caught.value.response.status_code == status
    return (await knocks(world))[-1]


async def turned_away(world: World, **how: Any) -> Knock:
    """The knock of a handshake that was completed without a subprotocol and closed with 1002."""
    async with world.client(**how) as client:
        assert client.socket.subprotocol is None
        with pytest.raises(ConnectionClosed) as caught:
            await client.hear()
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1002
    return (await knocks(world))[-1]


async def test_a_station_with_its_password_is_let_in_and_pushes_no_refused_attempt_out(world: World) -> None:
    async with world.client() as client:
        assert client.socket.subprotocol == "ocpp1.6"
        assert "Sec-WebSocket-Extensions" not in client.socket.response.headers  # type: ignore[union-attr]
        assert (await client.boot())["status"] == "Accepted"
    assert await knocks(world) == []
    [fact] = await world.facts(FactKind.STATION_CONNECTED)
    assert fact.data == {"replaced": False, "address": "127.0.0.1"}


async def test_of_those_that_were_let_in_the_last_five_of_each_station_are_kept(world: World) -> None:
    for _ in range(7):
        async with world.client(path=f"{STATION}/", subprotocols=["ocpp1.6", "other"]) as client:
            await client.boot()
    found = await world.ports.store.get(Arrivals, STATION)
    assert found is not None and len(found[0].last) == 5 and found[0].cpo_id == ABC
    last = found[0].last[0]
    assert (last.identity, last.raw_path, last.canonical) == (STATION, f"/ocpp/{STATION}/", STATION)
    assert (last.reason, last.auth, last.tls) == (KnockReason.ACCEPTED, AuthOutcome.RIGHT, False)
    assert last.subprotocols == ["ocpp1.6", "other"] and last.credentials_digest is None


async def test_a_stranger_is_told_once_a_minute_to_whoever_waits_for_nearly_that_id(world: World) -> None:
    await world.commissioning()
    for _ in range(3):
        await refused(world, 404, "NL-ABC-2")
    await refused(world, 404, "like no other station")
    [fact] = await world.facts(FactKind.STRANGER_KNOCKED)
    assert (fact.charge_station_id, fact.cpo_id, fact.commissioning_id) == (STATION, ABC, f"commissioning-of-{STATION}")
    assert fact.data == {"identity": "NL-ABC-2", "address": "127.0.0.1", "vendor": None, "model": None}
    everybody = await world.facts(FactKind.STRANGER_KNOCKED, station=None)
    assert [(f.charge_station_id, f.cpo_id) for f in everybody] == [(STATION, ABC), (None, None)]


async def test_looking_for_the_nearest_of_many_ids_keeps_nobody_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, found = Event(), Event()

    def look(*ids: object) -> None:
        looking.set()
        assert found.wait(10), "the loop stood still"

    monkeypatch.setattr(door, "meant", look)
    knocking = asyncio.create_task(refused(world, 404, "NL-ABC-2"))
    await until(looking.is_set)
    async with world.client() as client:
        await client.boot()
    found.set()
    assert (await knocking).nearest is None


async def test_the_time_of_the_passwords_use_is_kept(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        found = await world.ports.store.get(StationPassword, STATION)
        assert found is not None and found[0].used == world.ports.clock.now()


async def test_a_password_that_another_cpo_set_for_the_same_id_does_not_open_this_ones_door(world: World) -> None:
    foreign = replace(await world.commissioning("NEW-1"), cpo_id=XYZ)
    await world.ports.store.commit(Change(writes=(Put(foreign, 1),)))
    other = Actor(cpo_ids=frozenset({XYZ}), role=Role.SUPPORT, person_id="yves")
    theirs = await set_station_password(world.ports, other, "NEW-1")
    await world.add_station("NEW-1", password=None)
    assert (await refused(world, 401, "NEW-1", password=theirs)).reason is KnockReason.WRONG_PASSWORD
    own = await set_station_password(world.ports, SYSTEM, "NEW-1")
    assert (await refused(world, 401, "NEW-1", password=theirs)).reason is KnockReason.WRONG_PASSWORD
    async with world.client("NEW-1", password=own) as client:
        assert (await client.boot())["status"] == "Accepted"


async def test_a_password_of_before_its_cpo_was_kept_opens_the_door_of_whoever_has_the_station(world: World) -> None:
    await world.add_station("OLD-1", password=None)
    await world.set_password("OLD-1", cpo_id=None)
    async with world.client("OLD-1") as client:
        await client.boot()


async def test_a_missing_password_is_401_and_the_station_is_told_about(world: World) -> None:
    knock = await refused(world, 401, password=None)
    assert (knock.reason, knock.identity, knock.charge_station_id) == (KnockReason.NO_PASSWORD, STATION, STATION)
    assert (knock.cpo_id, knock.address, knock.raw_path) == (ABC, "127.0.0.1", f"/ocpp/{STATION}")
    [fact] = await world.facts(FactKind.STATION_REFUSED)
    assert fact.data["reason"] == "no_password" and fact.cpo_id == ABC


async def test_a_wrong_password_is_401_and_stands_nowhere(world: World) -> None:
    knock = await refused(world, 401, password="guessed-and-wrong")
    assert knock.reason is KnockReason.WRONG_PASSWORD
    assert "guessed" not in str(knock) and "guessed" not in str(await world.facts())


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
async def test_the_hex_text_of_the_password_is_recognised(world: World, spelling: Any) -> None:
    knock = await refused(world, 401, password=spelling(SECRET.encode().hex()))
    assert knock.reason is KnockReason.HEX_PASSWORD


async def test_another_user_name_is_401_wrong_user(world: World) -> None:
    assert (await refused(world, 401, user="somebody")).reason is KnockReason.WRONG_USER


async def test_a_station_without_a_stored_password_is_not_let_in(world: World) -> None:
    await world.add_station("NEW-1", password=None)
    assert (await refused(world, 401, "NEW-1", password="")).reason is KnockReason.WRONG_PASSWORD


async def test_an_id_with_a_colon_a_slash_and_a_bar_gets_in_under_its_own_name(world: World) -> None:
    odd = "RDAM|12:3/é x"
    await world.add_station(odd)
    async with world.client(odd) as client:
        await client.boot()
        assert await world.online(odd)
    async with world.client(odd, path="RDAM%7C12:3/%C3%A9%20x/") as client:
        await client.boot()


async def test_an_unknown_id_is_404_and_the_nearest_known_one_is_told(world: World) -> None:
    knock = await refused(world, 404, "nl abc-1")
    assert (knock.reason, knock.identity, knock.nearest) == (KnockReason.UNKNOWN_ID, "nl abc-1", STATION)
    assert (knock.charge_station_id, knock.cpo_id) == (None, ABC)
    far = await refused(world, 404, "something else altogether")
    assert (far.nearest, far.cpo_id) == (None, None)
    assert await world.facts(FactKind.STATION_REFUSED) == []


async def test_what_stands_in_a_query_is_not_kept(world: World) -> None:
    knock = await refused(world, 404, path="NOPE?pw=s3cret")
    assert (knock.identity, knock.raw_path) == ("NOPE", "/ocpp/NOPE")
    async with world.client(path=f"{STATION}?pw=s3cret") as client:
        await client.boot()
        assert (await world.wire())["endpoint"] == world.url + STATION


async def test_ids_differ_by_case(world: World) -> None:
    assert (await refused(world, 404, STATION.lower())).nearest == STATION


async def test_a_station_that_was_withdrawn_is_unknown(world: World) -> None:
    platform: Any = world.ports.platforms.of(await world.cpo())
    await platform.withdraw_station(SYSTEM, STATION)
    assert (await refused(world, 404)).reason is KnockReason.UNKNOWN_ID


async def test_a_station_out_of_use_may_still_report_itself(world: World) -> None:
    platform = world.ports.platforms.of(await world.cpo())
    patch = PatchChargeStation(charge_station_id=STATION, deploy_state=DeployState.DEPRECATED)
    await platform.patch_station(SYSTEM, STATION, patch)
    async with world.client() as client:
        await client.boot()
        shown = await world.wire()
    assert shown["connectivity_status"] == "Online"
    assert {evse["status"] for evse in shown["evses"]} == {"REMOVED"}


@pytest.mark.parametrize("path", ["50%25%zz", "%FF", "", "A%00B"])
async def test_an_id_in_bad_encoding_is_400(world: World, path: str) -> None:
    assert (await refused(world, 400, path=path)).reason is KnockReason.BAD_ID


async def test_a_path_outside_the_listeners_is_kept_as_a_knock_of_the_station_it_names(world: World) -> None:
    knock = await refused(world, 400, path="/" + STATION)
    assert (knock.reason, knock.charge_station_id) == (KnockReason.BAD_ID, STATION)


async def test_no_subprotocol_completes_the_handshake_and_closes_with_1002(world: World) -> None:
    knock = await turned_away(world, subprotocols=[])
    assert (knock.reason, knock.charge_station_id, knock.subprotocols) == (KnockReason.NO_SUBPROTOCOL, STATION, [])
    assert not await world.online()


async def test_a_wrong_subprotocol_completes_the_handshake_and_closes_with_1002(world: World) -> None:
    knock = await turned_away(world, subprotocols=["ocpp1.5", "OCPP1.6"])
    assert (knock.reason, knock.subprotocols) == (KnockReason.WRONG_SUBPROTOCOL, ["ocpp1.5", "OCPP1.6"])


async def test_the_right_subprotocol_is_found_among_others(world: World) -> None:
    async with world.client(subprotocols=["ocpp1.5", "ocpp1.6"]) as client:
        assert client.socket.subprotocol == "ocpp1.6"


async def http(world: World, text: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.gateway.port)
    writer.write(text.encode())
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_browser_is_told_that_this_is_no_web_page_and_leaves_a_knock(world: World) -> None:
    answer = await http(world, f"GET /ocpp/{STATION} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 426 ")
    [knock] = await knocks(world)
    assert (knock.reason, knock.charge_station_id) == (KnockReason.NOT_WEBSOCKET, STATION)


async def test_an_id_with_a_bare_space_is_seen_knocking(world: World) -> None:
    lines = ["GET /ocpp/NL ABC 1 HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
    answer = await http(world, "\r\n".join([*lines, "", ""]))
    assert answer.startswith(b"HTTP/1.1 404 ")
    [knock] = await knocks(world)
    assert (knock.identity, knock.nearest) == ("NL ABC 1", STATION)


async def test_noise_on_the_port_disturbs_nobody(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.gateway.port)
    writer.write(b"\x16\x03\x01\x00\xa5 this is TLS\r\n\r\n")
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
    async with world.client() as client:
        assert (await client.boot())["status"] == "Accepted"


async def test_a_station_that_hammers_gets_few_rows_and_one_fact_a_minute(world: World) -> None:
    for _ in range(12):
        await refused(world, 401, password="wrong")
    assert len(await knocks(world)) == 5
    assert len(await world.facts(FactKind.STATION_REFUSED)) == 1
    world.ports.clock.forward(seconds=61)  # type: ignore[attr-defined]
    attempt = Attempt(identity=STATION, raw_path="/ocpp/x", address="127.0.0.1", endpoint="ws://x")
    await world.host.knocked(attempt, Admission(reason=KnockReason.WRONG_PASSWORD, charge_station_id=STATION))
    assert len(await world.facts(FactKind.STATION_REFUSED)) == 2


async def test_each_reason_has_its_own_fact(world: World) -> None:
    await refused(world, 401, password="wrong")
    await refused(world, 401, password=None)
    assert [f.data["reason"] for f in await world.facts(FactKind.STATION_REFUSED)] == ["wrong_password", "no_password"]


async def test_under_profile_0_a_known_station_needs_no_password_and_an_unknown_one_stays_out(ports: Ports) -> None:
    world = make_world(ports, replace(PATIENT, ocpp_profile=0))
    await world.gateway.start()
    try:
        await world.add_station()
        async with world.client(password=None) as client:
            await client.boot()
            await until(world.online)
        assert (await refused(world, 404, "UNKNOWN", password=None)).reason is KnockReason.UNKNOWN_ID
    finally:
        await world.gateway.stop()
