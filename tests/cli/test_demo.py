"""The demo: worth looking at, made once, and with stations that really connect."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from app.cli.demo import fill
from app.cli.demo_data import HOMES, INSTALLER, PUBLIC
from app.cli.demo_plan import AWAKE, BUSY, REFUSED, STOCK, UNRELEASED
from app.cli.demo_stations import REMEMBERED, DemoStations
from app.cli.home import opened
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.errors import InvalidField, StationOffline, UnknownStation
from app.domain.live import Knock, KnockReason, Transaction
from app.domain.model import HardwareTemplate
from app.domain.people import SYSTEM, Device, Person, Role
from app.domain.scan import Label
from app.domain.stations import ChargeStation
from app.platforms.builtin import BuiltinPlatform
from app.ports import LocationQuery, Ports, StationQuery
from app.settings import Settings
from tests.cli.conftest import Serve, run

EVERYTHING = StationQuery(cpo_ids=None, limit=1000)


async def wait_for(true: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.05)


async def stations(ports: Ports) -> list[ChargeStation]:
    page = await BuiltinPlatform(ports.store, ports.clock, ports.ids).stations(SYSTEM, EVERYTHING)
    return [msgspec.json.decode(each, type=ChargeStation) for each in page.rows]


async def test_it_shows_stations_in_stock_in_progress_and_handed_over(tmp_path: Path) -> None:
    async with opened(Settings(data=str(tmp_path))) as ports:
        await fill(ports)
        found = await stations(ports)
        records = [each for each, _ in await ports.store.find(Commissioning)]
        locations = await ports.store.locations(LocationQuery(cpo_ids=None))
        begun = {each.charge_station_id for each in records}
        assert len(found) == 40 and len(begun - {each.charge_station_id for each in found}) == 1
        assert locations.total == 30
        assert len(await ports.store.find(HardwareTemplate)) == 8
        assert Counter(each.state for each in records) == {
            CommissioningState.OPEN: 8,
            CommissioningState.HANDED_OVER: 20,
        }
        assert [each.charge_station_id for each in records if each.handed_over and not each.released] == [UNRELEASED]
        assert Counter(each.deploy_state.value for each in found) == {"Production": 19, "Stock": 21}
        assert all(each.connectivity_status.value == "Offline" for each in found)


async def test_what_drivers_read_is_there_in_two_languages(tmp_path: Path) -> None:
    async with opened(Settings(data=str(tmp_path))) as ports:
        await fill(ports)
        released = [each for each in await stations(ports) if each.deploy_state.value == "Production"]
        languages = {frozenset(text.language for text in evse.directions or []) for s in released for evse in s.evses}
        assert languages == {frozenset({"nl", "en"})}
        assert any(evse.parking_restrictions for s in released for evse in s.evses)


async def test_its_history_is_in_order_and_spread_over_weeks(tmp_path: Path) -> None:
    async with opened(Settings(data=str(tmp_path))) as ports:
        await fill(ports)
        facts = await ports.store.facts(limit=5000)
        times = [fact.at for fact in facts]
        assert times == sorted(times) and times[-1] <= ports.clock.now()
        assert times[-1] - times[0] > timedelta(days=20)
        parked = [c for c, _ in await ports.store.find(Commissioning, state="open") if c.parked]
        knocks = [k for k, _ in await ports.store.find(Knock, charge_station_id=REFUSED)]
        assert len(parked) == 1
        assert Counter(k.reason for k in knocks) == {KnockReason.WRONG_PASSWORD: 1, KnockReason.HEX_PASSWORD: 2}
        assert len({c.person_id for c, _ in await ports.store.find(Commissioning, state="open")}) == 4


async def test_it_is_made_once_and_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    async with opened(Settings(data=str(tmp_path))) as ports:
        commit, left = ports.store.commit, 120

        async def commit_until_the_power_fails(change: object) -> int:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return await commit(change)

        ports.store.commit = commit_until_the_power_fails
        with pytest.raises(KeyboardInterrupt):
            await fill(ports)
        ports.store.commit = commit
        await fill(ports)
        assert len(await stations(ports)) == 40
        assert len(await ports.store.find(Commissioning)) == 28
        last = await ports.store.last_fact()
        await fill(ports)
        assert await ports.store.last_fact() == last


async def test_its_people_are_the_same_at_every_start(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for _ in range(2):
        server = serve("--demo", data=folder)
        token = server.ready["phone"].rsplit("/", 1)[1]
        body = {"token": token, "language": "nl"}
        answer = httpx.post(f"{server.url}/field/join", json=body, headers={"X-Stationlink": "phone"})
        assert answer.json()["person"]["name"] == "Sanne Visser", answer.text
        home = httpx.get(f"{server.url}/field/home", cookies=dict(answer.cookies)).json()
        mine = [plan.station_id for plan in BUSY if plan.person == 0]
        assert sorted(each["station_id"] for each in home["open"]) == sorted(mine)
        server.end()
    async with opened(Settings(data=str(folder))) as ports:
        assert len(await ports.store.find(Person, role=Role.INSTALLER)) == 4


async def test_its_installer_works_for_the_invented_operators_only(serve: Serve, data: Path) -> None:
    server = serve("--demo", data=data)
    body = {"token": server.ready["phone"].rsplit("/", 1)[1], "language": "nl"}
    answer = httpx.post(f"{server.url}/field/join", json=body, headers={"X-Stationlink": "phone"})
    assert answer.is_success, answer.text
    async with opened(Settings(data=str(data))) as ports:
        people = [person for person, _ in await ports.store.find(Person, phone=INSTALLER.phone)]
        assert [set(person.cpo_ids) for person in people] == [{PUBLIC, HOMES}]


async def test_peoples_devices_were_seen_when_they_last_did_something(tmp_path: Path) -> None:
    async with opened(Settings(data=str(tmp_path))) as ports:
        await fill(ports)
        now = ports.clock.now()
        installers = {person.id for person, _ in await ports.store.find(Person, role=Role.INSTALLER)}
        seen = {device.person_id: device.seen for device, _ in await ports.store.find(Device)}
        acted = {fact.person_id: fact.at for fact in await ports.store.facts(limit=5000) if fact.person_id in seen}
        assert all(now - seen[each] < timedelta(days=3) for each in installers)
        assert all(seen[each] == acted[each] for each in installers)


def test_a_virtual_station_that_was_on_is_on_again_after_the_next_start(serve: Serve, tmp_path: Path) -> None:
    folder, name = tmp_path / "data", STOCK[0].station_id
    folder.mkdir(mode=0o700)
    (folder / REMEMBERED).write_text(f'["{name}", "GONE-1"]')
    serve("--demo", data=folder)
    deadline = time.monotonic() + 30
    while set(msgspec.json.decode((folder / REMEMBERED).read_bytes())) != {name, "GONE-1", *AWAKE}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


async def test_a_virtual_station_connects_charges_and_leaves(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    server = serve("--demo", data=folder)
    settings = Settings(data=str(folder), host="127.0.0.1", ocpp_port=server.ready["ocpp_port"])
    name = STOCK[0].station_id
    async with opened(settings) as ports:
        virtual = DemoStations(settings)
        virtual.use(ports)

        async def online() -> bool:
            row = await ports.store.station(name)
            return row is not None and row.online

        async def offline() -> bool:
            return not await online()

        async def charged() -> bool:
            return any(t.stopped for t, _ in await ports.store.find(Transaction, charge_station_id=name))

        with pytest.raises(UnknownStation):
            await virtual.switch_on("nobody")
        with pytest.raises(StationOffline):
            await virtual.plug_in(name, 1, "TAG")
        await virtual.switch_on(name)
        await virtual.switch_on(name)
        try:
            await wait_for(online)
            assert list(virtual.running()) == [name]
            assert name in msgspec.json.decode((folder / REMEMBERED).read_bytes())
            with pytest.raises(InvalidField):
                await virtual.plug_in(name, 1, "TWO WORDS")
            await virtual.plug_in(name, 2, "04A1B2C3D4E5F6")
            await wait_for(charged)
            await virtual.switch_off(name)
            await wait_for(offline)
            assert list(virtual.running()) == []
            assert name not in msgspec.json.decode((folder / REMEMBERED).read_bytes())
        finally:
            await virtual.close()


async def test_a_station_password_from_the_command_line_lets_that_station_in(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    server = serve("--demo", data=folder)
    name = STOCK[1].station_id
    made = run("password", name, data=folder)
    assert made.code == 0 and len(made.out) == 21
    url = f"{server.ready['ocpp_url']}/{name}"
    once = ["station", "--url", url, "--connectors", "2", "--once", "--json", "--password-stdin"]
    assert run(*once, data=folder, stdin=made.out).code == 0
    refused = run(*once, data=folder, stdin="wrong-password-00001\n")
    assert refused.code == 1 and "401" in refused.out
    told = run("password", name, "--stdin", "--json", data=folder, stdin="Abcdefgh1234567890xy\n").json
    assert told == {"charge_station_id": name, "password": "Abcdefgh1234567890xy"}
    assert run(*once, data=folder, stdin="Abcdefgh1234567890xy\n").code == 0


async def test_the_demo_operators_have_labels_for_stations_that_nobody_put_up(tmp_path: Path) -> None:
    async with opened(Settings(data=str(tmp_path))) as ports:
        await fill(ports)
        labels = [label for label, _ in await ports.store.find(Label)]
        unknown = [label for label in labels if await ports.store.station(label.charge_station_id) is None]
        assert {label.cpo_id for label in unknown} == {PUBLIC, HOMES} and len(unknown) >= 4


async def test_a_virtual_station_does_not_outlive_its_starter() -> None:
    """Its stdin ends when the server is killed, with no server to connect to any more."""
    nowhere = ["station", "--url", "ws://127.0.0.1:9/ocpp/X", "--password-stdin", "--until-eof"]
    assert run(*nowhere, stdin="secret\n").code == 0
