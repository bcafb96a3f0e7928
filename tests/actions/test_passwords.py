import asyncio
import dataclasses
import re

import msgspec
import pytest

from app.actions.passwords import close_outdated, set_station_password
from app.bus import Bus
from app.domain.commissioning import Before, CommissioningKind, begin
from app.domain.errors import InvalidField, NotAllowed, UnknownStation
from app.domain.facts import Fact, FactKind
from app.domain.live import StationPassword
from app.domain.model import ChargerType, DeployState
from app.domain.people import SYSTEM, Actor, Cpo, keyed_digest
from app.domain.stations import PostChargeStation
from app.ports import Change, Ports, Put
from tests.conftest import ABC, TWIN, XYZ, YARD
from tests.fakes import FakeCommands

STATION = "NL-ABC-1"


@pytest.fixture
async def station(ports: Ports) -> str:
    cpo = await ports.store.get(Cpo, ABC)
    assert cpo is not None
    post = PostChargeStation(
        charge_station_id=STATION,
        location_id=YARD,
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id="T-AC",
        charger_type=ChargerType.PUBLIC,
        charge_station_template_id=TWIN,
    )
    await ports.platforms.of(cpo[0]).create_station(SYSTEM, post)
    return STATION


async def stored(ports: Ports) -> StationPassword:
    found = await ports.store.get(StationPassword, STATION)
    assert found is not None
    return found[0]


async def mark_as_used(ports: Ports) -> None:
    """As a socket that opens with it does."""
    found = await ports.store.get(StationPassword, STATION)
    assert found is not None
    used = msgspec.structs.replace(found[0], used=ports.clock.now())
    await ports.store.commit(Change(writes=(Put(used, found[1]),)))


async def test_a_made_password_is_twenty_letters_and_digits_and_only_its_digest_is_kept(
    ports: Ports, station: str
) -> None:
    password = await set_station_password(ports, SYSTEM, station)
    assert re.fullmatch(r"[A-Za-z0-9]{20}", password)
    assert (await stored(ports)).digest == keyed_digest(ports.digest_key, f"{STATION}:{password}")
    last = (await ports.store.facts(newest_first=True, limit=1))[0]
    assert (last.kind, last.charge_station_id, last.cpo_id) == (FactKind.PASSWORD_SET, STATION, ABC)
    assert password not in repr(last)


async def test_a_new_password_closes_the_socket_that_the_old_one_opened(
    ports: Ports, station: str, commands: FakeCommands
) -> None:
    await set_station_password(ports, SYSTEM, station)
    assert commands.sent == []
    await mark_as_used(ports)
    await set_station_password(ports, SYSTEM, station, "x" * 20)
    assert commands.sent == [("disconnect password_changed", STATION)]
    assert (await stored(ports)).used is None


async def test_a_password_that_another_process_set_closes_the_socket_here(
    ports: Ports, station: str, commands: FakeCommands
) -> None:
    bus = Bus(ports.store, poll_seconds=0.02)
    start = await ports.store.last_fact()
    beside = dataclasses.replace(ports, commands=FakeCommands())
    tail, keeper = asyncio.create_task(bus.run()), asyncio.create_task(close_outdated(ports, bus, start))

    async def until_closed(times: int) -> None:
        async with asyncio.timeout(10):
            while len(commands.sent) < times:
                await asyncio.sleep(0.01)

    try:
        await set_station_password(beside, SYSTEM, station)
        await until_closed(1)
        await mark_as_used(ports)
        other = StationPassword(charge_station_id="OTHER", digest="x", set_at=ports.clock.now())
        facts = [
            Fact(kind=FactKind.PASSWORD_SET, at=ports.clock.now(), charge_station_id=each)
            for each in (STATION, "OTHER")
        ]
        await ports.store.commit(Change(writes=(Put(other),), facts=tuple(facts)))
        await until_closed(2)
    finally:
        bus.stop()
        await asyncio.gather(tail, keeper)
    assert commands.sent == [("disconnect password_changed", each) for each in (STATION, "OTHER")]


@pytest.mark.parametrize("password", ["", "short", "with space in it 1234", "é" * 20, "x" * 41])
async def test_a_given_password_must_be_one_that_stations_can_hold(ports: Ports, station: str, password: str) -> None:
    with pytest.raises(InvalidField):
        await set_station_password(ports, SYSTEM, station, password)
    assert await ports.store.get(StationPassword, STATION) is None


async def test_a_station_that_does_not_exist_yet_gets_one_while_it_is_commissioned(ports: Ports, anna: Actor) -> None:
    with pytest.raises(UnknownStation):
        await set_station_password(ports, SYSTEM, STATION)
    cpo = await ports.store.get(Cpo, ABC)
    assert cpo is not None
    begun = begin(
        id="c1",
        cpo=cpo[0],
        charge_station_id=STATION,
        kind=CommissioningKind.NEW,
        person_id="anna",
        before=Before(existed=False),
        now=ports.clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(begun),)))
    assert len(await set_station_password(ports, SYSTEM, STATION)) == 20


async def test_a_foreign_station_is_unknown_and_an_installer_uses_the_phone(
    ports: Ports, station: str, anna: Actor, sue: Actor
) -> None:
    with pytest.raises(UnknownStation):
        await set_station_password(ports, Actor(role=sue.role, cpo_ids=frozenset({XYZ})), station)
    with pytest.raises(NotAllowed):
        await set_station_password(ports, anna, station)
    await set_station_password(ports, sue, station)
