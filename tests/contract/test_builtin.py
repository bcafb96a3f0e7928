"""What the builtin platform does beside the contract: one Change a write, facts, live state, scopes of templates."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain.errors import (
    InProduction,
    MissingField,
    NotAllowed,
    RevConflict,
    StationExists,
    UnknownCpo,
    UnknownStation,
    UnknownTemplate,
)
from app.domain.facts import FactKind
from app.domain.live import ConnectorState, Live, OfflineReason, Registration
from app.domain.locations import PatchLocation
from app.domain.model import AccessType, ConnectivityStatus, DeployState, EvsePatch, EvseStatus, ParkingRestriction
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import PatchChargeStation
from app.platforms.builtin import BuiltinPlatform
from app.platforms.heard import put_live
from app.ports import Change, Platform, Ports, Put, Store, WithdrawsStations
from tests.conftest import ABC, FOREIGN_YARD, GARAGE, TWIN, XYZ, YARD, twin
from tests.contract.platform_fixtures import actors, post, read, read_place
from tests.contract.stores import ADAPTERS
from tests.fakes import FakeClock


@pytest.fixture(params=["sqlite", "postgres"])
def adapter(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    return request.param


@pytest.fixture
async def store(adapter: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    opened = await ADAPTERS[adapter](tmp_path, clock)
    yield opened
    await opened.close()


class Meanwhile:
    """The store, with somebody else's work between the first read of a rule and its commit."""

    def __init__(self, store: Store, work: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._work: Callable[[], Awaitable[object]] | None = work

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, change: Change) -> int:
        if self._work is not None:
            work, self._work = self._work, None
            await work()
        return await self._store.commit(change)


# --- The builtin platform alone --------------------------------------------------------------------------------------


async def test_a_write_that_meets_a_faster_one_runs_its_rule_again(ports: Ports) -> None:
    async def theirs() -> None:
        other = PatchChargeStation(charge_station_id="UTR-017", name="theirs")
        await ports.platforms.builtin.patch_station(actors()[0], "UTR-017", other)

    await ports.platforms.builtin.create_station(actors()[0], post())
    platform = BuiltinPlatform(Meanwhile(ports.store, theirs), ports.clock, ports.ids)
    patch = PatchChargeStation(charge_station_id="UTR-017", remarks="mine")
    after = read(await platform.patch_station(actors()[0], "UTR-017", patch))
    assert (after.name, after.remarks) == ("theirs", "mine")


async def test_a_location_is_restricted_with_all_its_stations_or_not_at_all(ports: Ports) -> None:
    """A station that is written meanwhile keeps that, and gets CUSTOMERS beside it."""

    async def theirs() -> None:
        evses = [EvsePatch(evse_sequence_number=2, parking_restrictions=[ParkingRestriction.EV_ONLY])]
        other = PatchChargeStation(charge_station_id="UTR-018", evses=evses)
        await ports.platforms.builtin.patch_station(actors()[0], "UTR-018", other)

    actor = actors()[0]
    for charge_station_id in ("UTR-017", "UTR-018"):
        await ports.platforms.builtin.create_station(actor, post(charge_station_id))
    await ports.platforms.builtin.create_station(actor, post("UTR-019", location_id=GARAGE))
    platform = BuiltinPlatform(Meanwhile(ports.store, theirs), ports.clock, ports.ids)
    restricted = PatchLocation(id=YARD, publish=True, access_type=AccessType.RESTRICTED)
    after = read_place(await platform.patch_location(actor, YARD, restricted))
    customers, ev_only = ParkingRestriction.CUSTOMERS, ParkingRestriction.EV_ONLY
    assert [evse.parking_restrictions for evse in after.evses] == [
        [customers], [customers], [customers], [ev_only, customers],
    ]  # fmt: skip
    elsewhere = read(await platform.station(actor, "UTR-019"))
    assert [evse.parking_restrictions for evse in elsewhere.evses] == [[], []]


async def test_a_station_can_be_withdrawn_until_it_is_in_use(ports: Ports) -> None:
    platform: Platform = ports.platforms.builtin
    assert isinstance(platform, WithdrawsStations)
    actor = actors()[0]
    await platform.create_station(actor, post())
    await platform.withdraw_station(actor, "UTR-017")
    with pytest.raises(UnknownStation):
        await platform.station(actor, "UTR-017")
    await platform.create_station(actor, post(deploy_state=DeployState.PRODUCTION))
    with pytest.raises(InProduction):
        await platform.withdraw_station(actor, "UTR-017")
    assert (await ports.store.facts())[-2].kind is FactKind.STATION_WITHDRAWN


async def test_two_writers_at_once_both_get_their_way(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.create_station(actor, post())
    floors = {1: "-1", 2: "-2"}
    patches = [
        PatchChargeStation(charge_station_id="UTR-017", evses=[EvsePatch(evse_sequence_number=n, floor_level=floor)])
        for n, floor in floors.items()
    ]
    await asyncio.gather(*(platform.patch_station(actor, "UTR-017", patch) for patch in patches))
    after = read(await platform.station(actor, "UTR-017"))
    assert {evse.evse_sequence_number: evse.floor_level for evse in after.evses} == floors


async def test_a_write_that_rests_on_a_stale_document_of_ours_ends(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.create_station(actor, post())
    cpo = (await ports.store.find(Cpo, cpo_id=ABC))[0][0]
    with pytest.raises(RevConflict):
        patch = PatchChargeStation(charge_station_id="UTR-017", remarks="x")
        await platform.patch_station(actor, "UTR-017", patch, Change(writes=(Put(cpo, 99),)))
    assert read(await platform.station(actor, "UTR-017")).remarks is None


async def test_facts_say_what_changed_and_by_whom(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    crm = Actor(subscription_id="sub-1", name="CRM", cpo_ids=frozenset({ABC}))
    before = await ports.store.last_fact()
    await platform.create_station(crm, post())
    patch = PatchChargeStation(charge_station_id="UTR-017", name="x", deploy_state=DeployState.PRODUCTION)
    await platform.patch_station(actor, "UTR-017", patch)
    await platform.patch_location(actor, YARD, PatchLocation(id=YARD, name="Depot"))
    facts = await ports.store.facts(after=before)
    assert [(fact.kind, fact.person_id, fact.data) for fact in facts] == [
        (FactKind.STATION_CREATED, None, {"template_id": TWIN, "subscription_id": "sub-1"}),
        (FactKind.STATION_CHANGED, "anna", {"fields": ["name", "deploy_state"]}),
        (FactKind.LOCATION_CHANGED, "anna", {"fields": ["name"]}),
    ]
    assert "Anna" not in repr(facts)


async def online(ports: Ports, charge_station_id: str, live: Live) -> None:
    """The station as its OCPP edge leaves it."""
    row = await ports.store.station(charge_station_id)
    assert row is not None
    await ports.store.commit(put_live(row, live, ports.clock.now()))


def heard(ports: Ports, **statuses: str) -> Live:
    states = {
        key.removeprefix("c"): ConnectorState(status=text, at=ports.clock.now()) for key, text in statuses.items()
    }
    now = ports.clock.now()
    return Live(
        charge_station_id="UTR-017",
        connection_id="c-1",
        registration=Registration.ACCEPTED,
        online_since=now,
        spoke=now,
        connectors=states,
    )


async def test_an_online_station_shows_its_status_through_every_write(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.save_template(actor, twin("triple", sockets=3))
    made = read(await platform.create_station(actor, post()))
    await online(ports, "UTR-017", heard(ports, c1="Charging", c2="Available", c3="Faulted"))
    shown = read(await platform.station(actor, "UTR-017"))
    assert [evse.status for evse in shown.evses] == [EvseStatus.CHARGING, EvseStatus.AVAILABLE]
    assert shown.etag == made.etag
    after = read(await platform.apply_template(actor, "UTR-017", "triple"))
    assert [evse.status for evse in after.evses] == [EvseStatus.CHARGING, EvseStatus.AVAILABLE, EvseStatus.OUTOFORDER]
    patch = PatchChargeStation(charge_station_id="UTR-017", deploy_state=DeployState.DEPRECATED)
    gone = read(await platform.patch_station(actor, "UTR-017", patch))
    assert {evse.status for evse in gone.evses} == {gone.status} == {EvseStatus.REMOVED}
    assert gone.connectivity_status is ConnectivityStatus.ONLINE


async def test_a_write_after_a_server_restart_keeps_why_the_station_is_offline(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.create_station(actor, post())
    await online(ports, "UTR-017", heard(ports, c1="Available"))
    await ports.store.all_offline(OfflineReason.SERVER_RESTART, ports.clock.now())
    patch = PatchChargeStation(charge_station_id="UTR-017", deploy_state=DeployState.PRODUCTION)
    shown = read(await platform.patch_station(actor, "UTR-017", patch))
    assert shown.connectivity_status is ConnectivityStatus.OFFLINE
    row = await ports.store.station("UTR-017")
    assert row is not None
    reason = row.offline_reason or msgspec.json.decode(row.live, type=Live).offline_reason
    assert reason == OfflineReason.SERVER_RESTART


async def test_editing_one_part_leaves_the_others_unwritten(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]

    async def revs() -> tuple[int, int, int]:
        row = await ports.store.station("UTR-017")
        assert row is not None
        return row.master_rev, row.evses_rev, row.live_rev

    async def write(**fields: Any) -> None:
        patch = PatchChargeStation(charge_station_id="UTR-017", **fields)
        await platform.patch_station(actor, "UTR-017", patch)

    await platform.create_station(actor, post())
    assert await revs() == (1, 1, 1)
    await write(name="x")
    assert await revs() == (2, 1, 1)
    await write(evses=[EvsePatch(evse_sequence_number=1, floor_level="1")])
    assert await revs() == (3, 2, 1)
    await write(deploy_state=DeployState.PRODUCTION)
    assert await revs() == (4, 2, 2)
    await write(location_id=GARAGE)
    assert await revs() == (5, 3, 2)
    await platform.save_template(actor, twin("triple", sockets=3))
    await platform.apply_template(actor, "UTR-017", "triple")
    assert await revs() == (6, 4, 3)


async def test_a_write_answers_what_a_read_would_tell(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.save_template(actor, twin("triple", sockets=3))
    await platform.create_station(actor, post())
    await online(ports, "UTR-017", heard(ports, c1="Charging", c2="Available", c3="Faulted"))
    for fields in (
        {"name": "x"},
        {"evses": [EvsePatch(evse_sequence_number=2, floor_level="-1")]},
        {"location_id": GARAGE},
        {"deploy_state": DeployState.PRODUCTION},
    ):
        ports.clock.forward(minutes=1)
        patch = PatchChargeStation(charge_station_id="UTR-017", **fields)
        answer = await platform.patch_station(actor, "UTR-017", patch)
        assert answer == await platform.station(actor, "UTR-017")
    assert await platform.apply_template(actor, "UTR-017", "triple") == await platform.station(actor, "UTR-017")


async def test_a_write_answers_what_it_wrote_whatever_others_have_written_since(ports: Ports) -> None:
    class Overtaken:
        """The store, with somebody else's write between a commit and its answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(ports.store, name)

        async def commit(self, change: Change) -> int:
            number = await ports.store.commit(change)
            other = PatchChargeStation(charge_station_id="UTR-017", name="theirs")
            await ports.platforms.builtin.patch_station(actors()[0], "UTR-017", other)
            return number

    await ports.platforms.builtin.create_station(actors()[0], post())
    platform = BuiltinPlatform(Overtaken(), ports.clock, ports.ids)
    mine = PatchChargeStation(charge_station_id="UTR-017", name="mine")
    answer = read(await platform.patch_station(actors()[0], "UTR-017", mine))
    now = read(await platform.station(actors()[0], "UTR-017"))
    assert (answer.name, now.name) == ("mine", "theirs")
    assert answer.etag != now.etag


async def test_a_moved_station_is_news_at_its_new_location(ports: Ports) -> None:
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.create_station(actor, post())
    moved = ports.clock.forward(hours=1)
    patch = PatchChargeStation(charge_station_id="UTR-017", location_id=GARAGE.upper())
    await platform.patch_station(actor, "UTR-017", patch)
    garage = read_place(await platform.location(actor, GARAGE))
    assert (garage.last_updated, len(garage.evses)) == (moved, 2)
    assert garage.modified != moved


async def test_a_template_belongs_to_one_cpo_or_to_all(ports: Ports) -> None:
    platform = ports.platforms.builtin
    anna, carl = actors()
    both = Actor(name="CRM", cpo_ids=frozenset({ABC, XYZ}))
    shared = msgspec.structs.replace(twin("shared"), tenant_id=None)
    assert (await platform.save_template(SYSTEM, shared)).tenant_id is None
    assert (await platform.save_template(anna, msgspec.structs.replace(shared, template_id="hers"))).tenant_id == ABC
    assert {t.template_id for t in await platform.templates(carl)} == {"shared"}
    assert {t.template_id for t in await platform.templates(both)} == {"shared", "hers", TWIN}
    with pytest.raises(MissingField, match="tenant_id"):
        await platform.save_template(both, shared)
    with pytest.raises(UnknownCpo):
        await platform.save_template(carl, twin("his"))
    with pytest.raises(NotAllowed):
        await platform.save_template(carl, msgspec.structs.replace(twin("shared"), tenant_id=XYZ))
    with pytest.raises(UnknownTemplate):
        await platform.create_station(carl, post("XYZ-1", location_id=FOREIGN_YARD, charge_station_template_id="hers"))


async def test_a_station_id_of_another_cpo_is_taken(ports: Ports) -> None:
    platform = ports.platforms.builtin
    anna, carl = actors()
    await platform.create_station(anna, post())
    shared = msgspec.structs.replace(twin("shared"), tenant_id=None)
    await platform.save_template(SYSTEM, shared)
    with pytest.raises(StationExists):
        await platform.create_station(carl, post(location_id=FOREIGN_YARD, charge_station_template_id="shared"))
    assert read(await platform.station(anna, "UTR-017")).location_id == YARD


# --- A station and its location at the same moment -------------------------------------------------------------------


RESTRICT = PatchLocation(id=YARD, publish=True, access_type=AccessType.RESTRICTED)


async def arrive_by_create(platform: Platform, actor: Actor) -> None:
    await platform.create_station(actor, post())


async def arrive_by_move(platform: Platform, actor: Actor) -> None:
    await platform.patch_station(actor, "UTR-017", PatchChargeStation(charge_station_id="UTR-017", location_id=YARD))


async def arrive_by_template(platform: Platform, actor: Actor) -> None:
    await platform.apply_template(actor, "UTR-017", TWIN)


ARRIVALS: dict[Callable[[Platform, Actor], Awaitable[None]], dict[str, Any] | None] = {
    arrive_by_create: None,
    arrive_by_move: {"location_id": GARAGE},
    arrive_by_template: {"charge_station_template_id": "single"},
}
"""How EVSEs come to YARD, and the station that is there before, if one is."""


@pytest.mark.parametrize("arrive", ARRIVALS)
@pytest.mark.parametrize("first", ["the location", "the station"])
async def test_evses_that_arrive_while_their_location_is_restricted_are_its_customers(
    ports: Ports, arrive: Callable[[Platform, Actor], Awaitable[None]], first: str
) -> None:
    """Whoever commits first: the other has read what is no longer so."""
    platform, actor = ports.platforms.builtin, actors()[0]
    await platform.save_template(actor, twin("single", sockets=1))
    if (before := ARRIVALS[arrive]) is not None:
        await platform.create_station(actor, post(**before))
    if first == "the location":
        slow = BuiltinPlatform(
            Meanwhile(ports.store, lambda: platform.patch_location(actor, YARD, RESTRICT)), ports.clock, ports.ids
        )
        await arrive(slow, actor)
    else:
        slow = BuiltinPlatform(Meanwhile(ports.store, lambda: arrive(platform, actor)), ports.clock, ports.ids)
        await slow.patch_location(actor, YARD, RESTRICT)
    after = read(await platform.station(actor, "UTR-017"))
    assert [evse.parking_restrictions for evse in after.evses] == [[ParkingRestriction.CUSTOMERS]] * 2
