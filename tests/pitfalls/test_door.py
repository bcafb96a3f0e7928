"""Pitfalls at the door: who a station says it is, what it offers, and what becomes of one that nobody knows."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.actions.adopting import adopt_for
from app.actions.live import read_standing
from app.actions.views import refused_knocks
from app.domain.live import AuthOutcome, Knock, KnockReason
from app.domain.stations import Rung
from app.ocpp import held
from app.ports import Ports
from tests.conftest import ABC, XYZ, actor
from tests.ocpp import v201
from tests.ocpp.conftest import PATIENT, SECRET, STATION, Client, World, make_world, until

STRANGER = "NL-ABC-2"


async def last_knock(world: World) -> Knock:
    [(knock, _)] = await world.ports.store.find(Knock, order="-at", limit=1)
    return knock


async def refusal(world: World, status: int, charge_station_id: str = STATION, **how: object) -> Knock:
    with pytest.raises(InvalidStatus) as caught:
        async with world.client(charge_station_id, **how):  # type: ignore[arg-type]
            raise AssertionError("it was let in")
    assert caught.value.response.status_code == status
    return await last_knock(world)


@pytest.fixture
async def holding(ports: Ports) -> AsyncIterator[World]:
    """Unknown stations are held here."""
    made = make_world(ports, replace(PATIENT, ocpp_hold_unknown=True))
    await made.gateway.start()
    await made.add_station()
    yield made
    await made.gateway.stop()


# --- 11: Boot Pending ------------------------------------------------------------------------------------------------


def numbered(plate: dict[str, Any], serial: str) -> dict[str, Any]:
    """A boot with a serial number, in either version."""
    if "chargingStation" in plate:
        return plate | {"chargingStation": plate["chargingStation"] | {"serialNumber": serial}}
    return plate | {"chargePointSerialNumber": serial}


def start_of(client: Client) -> tuple[str, dict[str, Any]]:
    """The action and payload by which a session begins, in either version."""
    if client.newer:
        return "TransactionEvent", v201.event("Started", 0, idToken=v201.token("A1"))
    start = {"connectorId": 1, "idTag": "A1", "meterStart": 0, "timestamp": "2026-03-02T08:00:00Z"}
    return "StartTransaction", start


async def test_pitfall_11_a_pending_station_stays_on_the_line_and_what_it_is_asked_for_is_accepted(
    holding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "ASK_AFTER_SECONDS", 0.01)
    async with holding.client(STRANGER) as client:
        [kind, asked, action, payload] = await client.hear()
        assert (kind, action, payload) == (2, "TriggerMessage", {"requestedMessage": "BootNotification"})
        await client.say([3, asked, {"status": "Accepted"}])
        booted = await client.ask("BootNotification", numbered(client.plate, "SN-7"))
        assert booted[2]["status"] == "Pending" and booted[2]["interval"] >= 1
        assert (await client.status(1, "Available"))[0] == 3, "the answer to a triggered message"
        assert (await client.ask("Heartbeat", {}))[0] == 3
        assert (await client.ask(*start_of(client)))[:3:2] == [4, "SecurityError"]
        assert (await client.ask("BootNotification", client.plate))[2]["status"] == "Pending"
    knock = await last_knock(holding)
    assert (knock.held, knock.vendor, knock.model, knock.serial) == (True, "Alfen", "Eve Double", "SN-7")
    assert await holding.ports.store.station(STRANGER) is None, "nothing of it is a station"


async def test_pitfall_11_it_is_let_in_when_it_is_known_at_its_next_boot(holding: World) -> None:
    async with holding.client(STRANGER) as client:
        assert (await client.boot())["status"] == "Pending"
        await holding.add_station(STRANGER)
        await client.say([2, "again", "BootNotification", client.plate])
        with pytest.raises(ConnectionClosed) as caught:
            while True:
                await client.hear()
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1012
    async with holding.client(STRANGER) as client:
        assert (await client.boot())["status"] == "Accepted"


async def test_pitfall_11_how_many_are_held_and_how_long_is_bounded(
    holding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MOST_OF_ADDRESS", 1)
    async with holding.client(STRANGER) as client:
        await client.boot()
        assert (await refusal(holding, 404, "NL-ABC-3")).held is False
    await until(lambda: len(holding.gateway._held) == 0)
    monkeypatch.setattr(held, "SECONDS", 0.05)
    async with holding.client("NL-ABC-4") as client:
        with pytest.raises(ConnectionClosed) as caught:
            await client.hear()
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1013


async def test_pitfall_11_each_attempt_of_one_that_hammers_is_counted_once(holding: World) -> None:
    for _ in range(9):
        with suppress(InvalidStatus):
            async with holding.client(STRANGER):
                pass

    async def rows() -> bool:
        return len(await holding.ports.store.find(Knock, identity=STRANGER)) == 5

    await until(rows)
    assert sum(holding.gateway._book._unsaid.values()) == 4, "those that wait for a row"


# --- 20: ids ---------------------------------------------------------------------------------------------------------


async def test_pitfall_20_an_id_is_decoded_once_and_has_one_spelling(world: World) -> None:
    odd = "RDAM|12/3 é"
    await world.add_station(odd)
    for path in ("RDAM%7C12%2F3%20%C3%A9", "RDAM%7C12/3%20%C3%A9/", "%20RDAM%7C12%2F3%20e%CC%81%20"):
        spoken = {"RDAM%7C12%2F3%20%C3%A9": odd, "RDAM%7C12/3%20%C3%A9/": odd}.get(path, " RDAM|12/3 e\u0301 ")
        async with world.client(odd, path=path, user=spoken) as client:
            await client.boot()
            assert await world.online(odd)
        await until(lambda: world.offline(odd))
    knock = await refusal(world, 404, path="RDAM%257C12")
    assert (knock.identity, knock.canonical) == ("RDAM%7C12", "RDAM%7C12"), "decoded once, not twice"
    assert (knock.raw_path, knock.reason) == ("/ocpp/RDAM%257C12", KnockReason.UNKNOWN_ID)


async def test_pitfall_20_bad_encoding_is_refused_and_a_near_miss_tells_the_nearest_known_id(world: World) -> None:
    assert (await refusal(world, 400, path="RDAM%7")).reason is KnockReason.BAD_ID
    assert (await refusal(world, 404, STATION.lower())).nearest == STATION, "case counts, and is said"
    assert (await refusal(world, 404, " NL ABC 1 ")).canonical == "NL ABC 1"


async def test_pitfall_20_an_id_typed_with_a_blank_and_a_wrong_password_are_told_as_this_stations(world: World) -> None:
    knock = await refusal(world, 401, f"{STATION} ", password="guessed-and-wrong")
    assert (knock.identity, knock.charge_station_id) == (f"{STATION} ", STATION)
    seen = (await read_standing(world.ports, await world.cpo(), STATION)).live
    assert (seen.rung, seen.cause) == (Rung.REFUSED, "wrong_password")
    shown = await refused_knocks(world.ports, ABC, STATION)
    assert [(each.identity, each.reason) for each in shown] == [(f"{STATION} ", KnockReason.WRONG_PASSWORD)]
    assert await refused_knocks(world.ports, XYZ, STATION) == [], "not another CPO's to know"


# --- 21: subprotocol -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "reason"),
    [([], KnockReason.NO_SUBPROTOCOL), (["ocpp1.6j", "OCPP1.6"], KnockReason.WRONG_SUBPROTOCOL)],
)
async def test_pitfall_21_a_subprotocol_absent_or_misspelt_is_shaken_hands_with_and_closed_with_1002(
    world: World, offered: list[str], reason: KnockReason
) -> None:
    async with world.client(subprotocols=offered) as client:
        assert client.socket.subprotocol is None
        with pytest.raises(ConnectionClosed) as caught:
            await client.hear()
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1002
    knock = await last_knock(world)
    assert (knock.reason, knock.subprotocols, knock.charge_station_id) == (reason, offered, STATION)
    assert knock.auth is AuthOutcome.RIGHT, "its password is not what is wrong"
    assert not await world.online()


# --- 22: the bytes of the password -----------------------------------------------------------------------------------


async def test_pitfall_22_the_password_is_bytes_after_an_id_that_may_hold_a_colon(world: World) -> None:
    colon = "NL:ABC:1"
    await world.add_station(colon, "pass:word:with:colons")
    async with world.client(colon, "pass:word:with:colons") as client:
        await client.boot()
        assert await world.online(colon)


@pytest.mark.parametrize(
    ("password", "status", "auth"),
    [
        (None, 401, AuthOutcome.NONE),
        ("guessed-and-wrong", 401, AuthOutcome.WRONG),
        (SECRET.encode().hex().upper(), 401, AuthOutcome.HEX),
    ],
)
async def test_pitfall_22_each_way_to_be_wrong_has_its_own_word(
    world: World, password: str | None, status: int, auth: AuthOutcome
) -> None:
    knock = await refusal(world, status, password=password)
    assert knock.auth is auth
    if password is not None:
        assert password not in str(knock)


async def test_pitfall_22_a_stranger_is_measured_against_the_station_that_it_may_be(world: World) -> None:
    assert (await refusal(world, 404, STRANGER, password=SECRET)).auth is AuthOutcome.RIGHT
    assert (await refusal(world, 404, STRANGER, password=SECRET.encode().hex())).auth is AuthOutcome.HEX
    assert (await refusal(world, 404, STRANGER, password="something-else-here")).auth is AuthOutcome.WRONG
    assert (await refusal(world, 404, "nothing like it at all", password=SECRET)).auth is AuthOutcome.OFFERED


# --- 27: never automatic ---------------------------------------------------------------------------------------------


async def test_pitfall_27_an_unknown_station_becomes_none_however_often_it_knocks(world: World) -> None:
    before = await world.ports.store.station_ids(None)
    for _ in range(8):
        await refusal(world, 404, STRANGER)
    assert await world.ports.store.station_ids(None) == before
    knocks = [knock for knock, _ in await world.ports.store.find(Knock, identity=STRANGER)]
    assert len(knocks) == 5, "and it does not fill the store"


async def test_pitfall_27_a_person_adopts_the_knock_and_the_held_station_comes_back_accepted(holding: World) -> None:
    ports = dataclasses.replace(holding.ports, commands=holding.gateway)
    begun = await holding.commissioning()
    async with holding.client(STRANGER) as client:
        assert (await client.boot())["status"] == "Pending"
        knock = await last_knock(holding)
        await adopt_for(ports, await actor(ports, "sue"), begun.id, knock.id)
        with pytest.raises(ConnectionClosed) as caught:
            await client.hear()
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 1012
    async with holding.client(STRANGER) as client:
        assert (await client.boot())["status"] == "Accepted"
        assert await holding.online(STRANGER)
