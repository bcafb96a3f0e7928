"""What every store must do, whatever it is made of. Each adapter is one entry of ADAPTERS."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain.batches import BatchCall, BatchResult
from app.domain.commissioning import Commissioning, CommissioningState, Operation
from app.domain.copies import ListReading, LocationCopy, StationCopy
from app.domain.errors import InvalidField, RevConflict, StoreUnavailable
from app.domain.facts import Fact, FactKind
from app.domain.intents import Aim, LocationAlias, RemoteIntent
from app.domain.live import Knock, KnockReason, OfflineReason, StationPassword, Transaction
from app.domain.model import HardwareTemplate
from app.domain.people import Cpo, Device, Invite, Person, Role, Subscription, SubscriptionUse
from app.domain.scan import Label
from app.ports import (
    TABLES,
    Change,
    Clock,
    Contains,
    Delete,
    DeleteStation,
    Expect,
    LocationQuery,
    Put,
    PutEvses,
    PutLive,
    PutLocationDoc,
    PutMaster,
    StationQuery,
    Store,
)
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from app.store.stamps import SystemTime
from tests.fakes import FakeClock
from tests.postgres import open_postgres

T0 = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


async def open_sqlite(place: Path, clock: Clock | None = None) -> Store:
    migrate(place / "store.sqlite")
    return await SqliteStore.open(place / "store.sqlite", clock)


ADAPTERS: dict[str, Callable[[Path, Clock], Awaitable[Store]]] = {
    "sqlite": open_sqlite,
    "postgres": open_postgres,
}


@pytest.fixture(params=sorted(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    return request.param


@pytest.fixture
async def store_factory(
    adapter: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Callable[..., Awaitable[Store]]]:
    """Opens the same database again and again: what another process would see."""
    opened: list[Store] = []

    async def make(time: Clock = clock) -> Store:
        opened.append(await ADAPTERS[adapter](tmp_path, time))
        return opened[-1]

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
async def store(store_factory: Callable[[], Awaitable[Store]]) -> Store:
    return await store_factory()


# --- builders --------------------------------------------------------------------------------------------------------


def master(station_id: str = "S1", *, rev: int = 0, **fields: Any) -> PutMaster:
    given = {
        "cpo_id": "ABC",
        "location_id": "L1",
        "deploy_state": "Stock",
        "etag": "e1",
        "created": T0,
        "modified": T0,
        "name": None,
        "body": b'{"master":1}',
    }
    return PutMaster(charge_station_id=station_id, rev=rev, **(given | fields))


def evses(station_id: str = "S1", *, rev: int = 0, modified: datetime = T0, body: bytes = b'{"evse":1}\n') -> PutEvses:
    return PutEvses(charge_station_id=station_id, rev=rev, modified=modified, body=body)


def live(station_id: str = "S1", *, rev: int = 0, online: bool = False, **fields: Any) -> PutLive:
    given = {"changed": T0, "body": b'{"live":1}', "shown": b'{"shown":1}', "shown_evses": b'{"status":1}\n'}
    return PutLive(charge_station_id=station_id, rev=rev, online=online, **(given | fields))


def new_station(station_id: str = "S1", *, changed: datetime = T0, online: bool = False, **fields: Any) -> Change:
    parts = evses(station_id), live(station_id, changed=changed, online=online)
    return Change(writes=(master(station_id, **fields), *parts))


def location(location_id: str = "L1", *, rev: int = 0, **fields: Any) -> PutLocationDoc:
    given = {
        "cpo_id": "ABC",
        "created": T0,
        "modified": T0,
        "name": "Station Square",
        "address": "Stationsplein 1",
        "city": "Utrecht",
        "postal_code": "3511 ED",
        "country": "NLD",
        "latitude": 52.0,
        "longitude": 5.0,
        "body": b'{"location":1}',
    }
    return PutLocationDoc(key=location_id.lower(), rev=rev, **(given | fields))


def fact(kind: FactKind = FactKind.CPO_CHANGED, **fields: Any) -> Fact:
    return Fact(kind=kind, **({"at": T0} | fields))


def commissioning(key: str = "C1", station_id: str = "S1", **fields: Any) -> Commissioning:
    given = {"cpo_id": "ABC", "begun": T0, "begun_by": "P1", "person_id": "P1", "changed": T0}
    return Commissioning(id=key, charge_station_id=station_id, **(given | fields))


def operation(key: str = "O1", **fields: Any) -> Operation:
    given = {"kind": "park", "person_id": "P1", "made_at": T0, "at": T0, "body_hash": "h", "state": "accepted"}
    return Operation(id=key, answer=msgspec.Raw(b'{"a":[1,2]}'), **(given | fields))


def knock(number: int, **fields: Any) -> Knock:
    given = {"at": at(number), "identity": "S1", "raw_path": "/ocpp/S1", "reason": KnockReason.UNKNOWN_ID}
    extra = {"address": "10.0.0.1", "endpoint": "plain"}
    known = {field.name for field in msgspec.structs.fields(Knock)}
    return Knock(id=f"K{number}", **{k: v for k, v in (given | extra | fields).items() if k in known})


def transaction(key: int, **fields: Any) -> Transaction:
    given = {"charge_station_id": "S1", "connector_id": "1", "id_tag": "TAG", "started": at(key), "meter_start": 0}
    return Transaction(id=key, **(given | fields))


def person(key: str, **fields: Any) -> Person:
    return Person(id=key, **({"name": "Ann", "role": Role.INSTALLER, "cpo_ids": ["ABC"], "created": T0} | fields))


def label(code: str, **fields: Any) -> Label:
    return Label(code=code, **({"cpo_id": "ABC", "charge_station_id": "S1", "created": T0} | fields))


async def put(store: Store, *records: Any) -> None:
    for record in records:
        await store.commit(Change(writes=(Put(record),)))


# --- records ---------------------------------------------------------------------------------------------------------


def station_copy(charge_station_id: str = "S1", name: str = "garage", home: str = "h") -> StationCopy:
    return StationCopy(
        id=f"{home}|{charge_station_id}",
        home=home,
        cpo_id="ABC",
        charge_station_id=charge_station_id,
        location_key="l1",
        deploy_state="Stock",
        search=f"{charge_station_id.lower()}\n{name}",
        body=msgspec.Raw(b"{}"),
        read_at=T0,
    )


def location_copy() -> LocationCopy:
    return LocationCopy(
        id="h|l1", home="h", cpo_id="ABC", spot="52.1 5.1 h|l1", search="yard", body=msgspec.Raw(b"{}"), read_at=T0
    )


EXAMPLES: dict[type, tuple[str | int, Any]] = {
    Cpo: (
        "ABC",
        Cpo(
            cpo_id="ABC",
            country_code="NL",
            party_id="ABC",
            name="ABC",
            default_tariff_id="T",
            charger_type=msgspec.convert("Public", Cpo.__annotations__["charger_type"]),
            created=T0,
        ),
    ),
    Person: ("P1", person("P1", phone="+31 6")),
    Invite: (
        "I1",
        Invite(id="I1", role=Role.SUPPORT, cpo_ids=[], link_digest="l", code_digest="c", created=T0, expires=at(9)),
    ),
    Device: ("d1", Device(digest="d1", id="D1", person_id="P1", name="phone", created=T0, seen=T0)),
    Subscription: (
        "X1",
        Subscription(
            id="X1",
            key_digest="k2",
            previous_digest="k1",
            previous_until=at(1),
            name="CRM",
            cpo_ids=["ABC"],
            modules={},
            expires=T0.date(),
            per_minute=60,
            created=T0,
        ),
    ),
    SubscriptionUse: ("X1", SubscriptionUse(id="X1", used=at(1))),
    HardwareTemplate: ("T1", HardwareTemplate(template_id="T1", name="Twin", tenant_id="ABC")),
    Commissioning: ("C1", commissioning()),
    Label: ("7KQ2M4XA9", label("7KQ2M4XA9")),
    Knock: ("K1", knock(1)),
    Transaction: (7, transaction(7)),
    StationPassword: ("S1", StationPassword(charge_station_id="S1", digest="d", set_at=T0)),
    Operation: ("O1", operation()),
    RemoteIntent: (
        "op-1",
        RemoteIntent(id="op-1", cpo_id="ABC", aim=Aim.EDIT_STATION, key="S1", body=msgspec.Raw(b'{"a":1}'), made=T0),
    ),
    LocationAlias: ("ABC|l1", LocationAlias(id="ABC|l1", cpo_id="ABC", location_id="L9")),
    StationCopy: ("h|S1", station_copy()),
    LocationCopy: ("h|l1", location_copy()),
    BatchCall: ("b1", BatchCall(id="b1", subscription_id="X1", body_hash="h", begun=T0, answer=msgspec.Raw(b"[1]"))),
    BatchResult: ("b1/0001", BatchResult(id="b1/0001", call_id="b1", answer=msgspec.Raw(b"[1]"))),
    ListReading: ("h|stations", ListReading(id="h|stations", home="h", what="stations", begun=T0, after="500")),
}


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
async def test_every_kind_of_record_comes_back_as_it_was_and_is_found_by_each_column(store: Store, kind: type) -> None:
    key, record = EXAMPLES[kind]
    await put(store, record)
    assert await store.get(kind, key) == (record, 1)
    for name in (TABLES[kind].key, *TABLES[kind].columns):
        assert await store.find(kind, **{name: getattr(record, name)}) == [(record, 1)], name


async def test_a_text_is_found_inside_a_column_and_a_column_is_read_alone(store: Store) -> None:
    for copy in (station_copy("S1"), station_copy("S2", "100%_garäge"), station_copy("S3", home="other")):
        await put(store, copy)
    found = await store.find(StationCopy, home="h", search=Contains("%_garäge"))
    assert [copy.charge_station_id for copy, _ in found] == ["S2"]
    assert len(await store.find(StationCopy, home="h", search=Contains(""))) == 2
    assert await store.column(StationCopy, "charge_station_id", home="h") == ["S1", "S2"]
    assert await store.column(StationCopy, "id", search=Contains("s3")) == ["other|S3"]
    await put(store, msgspec.structs.replace(location_copy(), id="h|l2", spot=None))
    assert await store.column(LocationCopy, "spot", home="h") == []


async def test_a_record_is_written_only_over_the_rev_that_was_read(store: Store) -> None:
    await put(store, person("P1"))
    await store.commit(Change(writes=(Put(person("P1", name="Bea"), rev=1),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(person("P1", name="Cid"), rev=1),)))
    found = await store.get(Person, "P1")
    assert found is not None and (found[0].name, found[1]) == ("Bea", 2)


async def test_a_new_record_must_not_exist_and_a_changed_one_must(store: Store) -> None:
    await put(store, person("P1"))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(person("P1")),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(person("P2"), rev=1),)))
    assert await store.get(Person, "P2") is None


async def test_columns_follow_a_changed_record(store: Store) -> None:
    await put(store, person("P1", phone="1"))
    await store.commit(Change(writes=(Put(person("P1", phone=None), rev=1),)))
    assert await store.find(Person, phone="1") == []
    assert len(await store.find(Person, phone=None)) == 1


async def test_what_is_stored_is_what_was_handed_over(store: Store) -> None:
    record = person("P1", name="before")
    pending = asyncio.ensure_future(store.commit(Change(writes=(Put(record),))))
    await asyncio.sleep(0)
    record.name = "after"
    await pending
    found = await store.get(Person, "P1")
    assert found is not None and found[0].name == "before"


async def test_find_takes_sets_lists_none_and_an_order(store: Store) -> None:
    await put(store, transaction(1), transaction(2, stopped=at(50)), transaction(3, charge_station_id="S2"))

    async def ids(**given: Any) -> list[int]:
        return [record.id for record, _ in await store.find(Transaction, **given)]

    assert await ids(charge_station_id={"S1", "S2"}, order="started") == [1, 2, 3]
    assert await ids(charge_station_id=["S2"]) == [3]
    assert await ids(id=(1, 3)) == [1, 3]
    assert await ids(charge_station_id=frozenset()) == []
    assert await ids(stopped=None) == [1, 3]
    assert await ids(stopped=[None, at(50)]) == [1, 2, 3]
    assert await ids(started=at(2)) == [2]
    assert await ids(order="-started", limit=2) == [3, 2]
    assert await ids(charge_station_id="S1", stopped=None) == [1]
    assert await ids(id={*range(40_000)}) == [1, 2, 3]


async def test_equals_in_the_order_stay_as_they_came_and_fall_backwards(store: Store) -> None:
    await put(store, *(knock(n, at=T0) for n in (3, 1, 2)))
    assert [record.id for record, _ in await store.find(Knock, order="at")] == ["K3", "K1", "K2"]
    assert [record.id for record, _ in await store.find(Knock, order="-at")] == ["K2", "K1", "K3"]
    assert [record.id for record, _ in await store.find(Knock)] == ["K3", "K1", "K2"]


async def test_times_compare_whatever_their_zone_and_fraction(store: Store) -> None:
    zone = msgspec.convert("2026-03-02T10:00:00.5+02:00", datetime)
    await put(store, knock(1, at=zone), knock(2, at=T0), knock(3, at=at(1)))
    assert [record.id for record, _ in await store.find(Knock, order="at")] == ["K2", "K1", "K3"]
    assert len(await store.find(Knock, at=at(0.5))) == 1


@pytest.mark.parametrize("given", [{"nonsense": 1}, {"order": "body"}, {"name": "Ann"}, {"order": "-id; --"}])
async def test_find_refuses_what_is_not_declared(store: Store, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        await store.find(Person, **given)


async def test_a_value_never_becomes_sql(store: Store) -> None:
    await put(store, person("P1", phone="x' OR '1'='1"))
    assert await store.find(Person, phone="' OR 1=1 --") == []
    assert len(await store.find(Person, phone="x' OR '1'='1")) == 1


async def test_delete_takes_away_one_record_and_does_not_mind_none(store: Store) -> None:
    await put(store, label("A"), label("B"), transaction(7))
    await store.commit(Change(writes=(Delete(Label, "A"), Delete(Label, "Z"), Delete(Transaction, "7"))))
    assert [record.code for record, _ in await store.find(Label)] == ["B"]
    assert await store.get(Transaction, 7) is None


async def test_a_key_that_cannot_be_is_not_there(store: Store) -> None:
    assert await store.get(Transaction, 2**70) is None
    assert await store.get(Person, "\ud800") is None
    assert await store.station("\ud800") is None
    assert await store.location("\ud800") is None


async def test_a_record_without_key_is_a_bug_and_not_stored(store: Store) -> None:
    with pytest.raises(ValueError):
        await store.commit(Change(writes=(Put(HardwareTemplate(name="no id")),)))


async def test_a_bounded_table_drops_its_oldest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLES, Knock, msgspec.structs.replace(TABLES[Knock], keep=3))
    await put(store, *(knock(n) for n in range(5)))
    assert [record.id for record, _ in await store.find(Knock)] == ["K2", "K3", "K4"]
    await store.commit(Change(writes=tuple(Put(knock(n)) for n in range(5, 9))))
    assert [record.id for record, _ in await store.find(Knock)] == ["K6", "K7", "K8"]


async def test_a_station_has_at_most_one_open_commissioning(store: Store) -> None:
    await put(store, commissioning("C1"), commissioning("C2", "S2"))
    with pytest.raises(RevConflict):
        await put(store, commissioning("C3"))
    closed = commissioning("C1", state=CommissioningState.HANDED_OVER)
    await store.commit(Change(writes=(Put(closed, rev=1), Put(commissioning("C3")))))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(commissioning("C1"), rev=2),)))
    states = {record.id: record.state.value for record, _ in await store.find(Commissioning, charge_station_id="S1")}
    assert states == {"C1": "handed_over", "C3": "open"}


# --- all or nothing --------------------------------------------------------------------------------------------------


async def test_a_change_is_kept_whole_or_not_at_all(store: Store) -> None:
    await put(store, person("P1"))
    change = Change(
        writes=(Put(label("A")), *new_station().writes, location(), Put(person("P1"))),
        facts=(fact(),),
        operation=operation(),
    )
    with pytest.raises(RevConflict):
        await store.commit(change)
    assert await store.get(Label, "A") is None
    assert await store.station("S1") is None
    assert await store.location("L1") is None
    assert await store.get(Operation, "O1") is None
    assert await store.facts() == []


async def test_one_failing_change_among_many_harms_no_other(store: Store) -> None:
    await put(store, person("P13"))
    changes = [Change(writes=(Put(person(f"P{n}")),), facts=(fact(cpo_id=f"{n}"),)) for n in range(50)]
    outcomes = await asyncio.gather(*(store.commit(change) for change in changes), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, RevConflict)] == [13]
    assert {record.id for record, _ in await store.find(Person)} == {f"P{n}" for n in range(50)}
    facts = await store.facts()
    assert {found.cpo_id for found in facts} == {str(n) for n in range(50) if n != 13}
    assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == [found.seq for found in facts]


async def test_an_operation_is_stored_with_its_effect_and_only_once(store: Store) -> None:
    await store.commit(Change(writes=(Put(label("A")),), operation=operation()))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(label("B")),), facts=(fact(),), operation=operation()))
    assert await store.get(Label, "B") is None
    found = await store.get(Operation, "O1")
    assert found is not None and bytes(found[0].answer) == b'{"a":[1,2]}'


async def test_of_many_with_the_same_operation_one_wins(store: Store) -> None:
    changes = [Change(writes=(Put(label(f"L{n}")),), operation=operation()) for n in range(20)]
    outcomes = await asyncio.gather(*(store.commit(change) for change in changes), return_exceptions=True)
    assert sum(isinstance(outcome, RevConflict) for outcome in outcomes) == 19
    assert len(await store.find(Label)) == 1


@pytest.mark.parametrize("part", ["master", "evses", "live", "location"])
async def test_an_expectation_guards_a_part_that_is_not_written(store: Store, part: str) -> None:
    key = "L1" if part == "location" else "S1"
    guarded = Change(writes=(Put(label("A")),), expects=(Expect(part, key, 1),))
    with pytest.raises(RevConflict):
        await store.commit(guarded)
    await store.commit(new_station().plus(Change(writes=(location(),))))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(label("A")),), expects=(Expect(part, key, 0),)))
    await store.commit(guarded)
    written = {"master": master(rev=1), "evses": evses(rev=1), "live": live(rev=1), "location": location(rev=1)}
    await store.commit(Change(writes=(written[part],)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(label("B")),), expects=(Expect(part, key, 1),)))
    assert await store.get(Label, "B") is None


async def test_an_expectation_of_absence_holds(store: Store) -> None:
    await store.commit(
        Change(writes=(Put(label("A")),), expects=(Expect("master", "S1", 0), Expect("location", "L", 0)))
    )
    assert await store.get(Label, "A") is not None


async def test_nothing_to_do_is_done(store: Store) -> None:
    assert await store.commit(Change()) == 0
    assert await store.commit(Change(writes=(Put(label("A")),))) == 0


# --- stations --------------------------------------------------------------------------------------------------------


async def test_a_station_is_joined_from_its_parts(store: Store) -> None:
    await store.commit(new_station("NL*ABC E1|x/1", location_id="Loc-A", modified=at(1), changed=at(3), online=True))
    row = await store.station("NL*ABC E1|x/1")
    assert row is not None
    assert (row.charge_station_id, row.cpo_id, row.location_id) == ("NL*ABC E1|x/1", "ABC", "Loc-A")
    assert (row.master, row.evses, row.live) == (b'{"master":1}', b'{"evse":1}\n', b'{"live":1}')
    assert (row.master_rev, row.evses_rev, row.live_rev) == (1, 1, 1)
    assert (row.modified, row.evses_modified, row.changed) == (at(1), T0, at(3))
    assert (row.online, row.shown, row.shown_evses) == (True, b'{"shown":1}', b'{"status":1}\n')
    assert (row.deploy_state, row.offline_reason) == ("Stock", None)


async def test_station_ids_are_case_sensitive(store: Store) -> None:
    await store.commit(new_station("abc"))
    await store.commit(new_station("ABC"))
    assert await store.station("Abc") is None
    assert await store.station_ids(None) == ["abc", "ABC"]


async def test_each_part_has_its_own_rev(store: Store) -> None:
    await store.commit(new_station())
    await store.commit(Change(writes=(live(rev=1, online=True, changed=at(9), body=b"{}"),)))
    await store.commit(Change(writes=(live(rev=2, body=b"[]"),)))
    await store.commit(Change(writes=(evses(rev=1, modified=at(4), body=b"x"),)))
    row = await store.station("S1")
    assert row is not None
    assert (row.master_rev, row.evses_rev, row.live_rev) == (1, 2, 3)
    assert (row.evses, row.evses_modified, row.live) == (b"x", at(4), b"[]")
    for stale in (master(rev=2), evses(rev=1), live(rev=1), evses(), live()):
        with pytest.raises(RevConflict):
            await store.commit(Change(writes=(stale,)))
    with pytest.raises(RevConflict):
        await store.commit(new_station())


async def test_a_new_station_comes_with_all_its_parts(store: Store) -> None:
    for writes in ((master(),), (master(), evses()), (master(), live())):
        with pytest.raises(ValueError):
            await store.commit(Change(writes=writes))
    await store.commit(Change(writes=(live(), evses(), master())))
    assert await store.station("S1") is not None


async def test_a_part_of_a_station_that_is_gone_conflicts(store: Store) -> None:
    await store.commit(new_station())
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(DeleteStation("S1", 2),)))
    await store.commit(Change(writes=(DeleteStation("S1", 1),)))
    for late in (live(rev=1), live(), evses(rev=1), DeleteStation("S1", 1)):
        with pytest.raises(RevConflict):
            await store.commit(Change(writes=(late,)))
    assert await store.station("S1") is None
    await store.commit(new_station())
    row = await store.station("S1")
    assert row is not None and row.live_rev == 1


async def stations_of(store: Store, **query: Any) -> tuple[list[str], int]:
    page = await store.stations(StationQuery(**({"cpo_ids": None} | query)))
    return [row.charge_station_id for row in page.rows], page.total


async def test_stations_are_scoped_and_filtered(store: Store) -> None:
    await store.commit(new_station("S1", location_id="Loc-A"))
    await store.commit(new_station("S2", cpo_id="XYZ", location_id="Loc-B"))
    await store.commit(new_station("S3", location_id="Loc-B", deploy_state="Production"))
    assert await stations_of(store) == (["S1", "S2", "S3"], 3)
    assert (await store.stations(StationQuery())).total == 0
    assert await stations_of(store, cpo_ids=frozenset({"ABC"})) == (["S1", "S3"], 2)
    assert await stations_of(store, cpo_ids=frozenset({"ABC"}), cpo_id="XYZ") == ([], 0)
    assert await stations_of(store, cpo_id="XYZ") == (["S2"], 1)
    assert await stations_of(store, location_id="LOC-b") == (["S2", "S3"], 2)
    assert await stations_of(store, deploy_state="Production") == (["S3"], 1)
    assert await store.station_ids(frozenset({"XYZ"})) == ["S2"]
    assert await store.station_ids(frozenset()) == []


async def test_stations_come_in_the_order_they_arrived_and_in_pages_that_tell_the_total(store: Store) -> None:
    for number in (4, 1, 2, 3, 0):
        await store.commit(new_station(f"S{number}", created=at(number)))
    await store.commit(Change(writes=(master("S1", rev=1, created=at(1), name="new"),)))
    assert await stations_of(store, limit=2) == (["S4", "S1"], 5)
    assert await stations_of(store, limit=2, offset=2) == (["S2", "S3"], 5)
    assert await stations_of(store, limit=2, offset=4) == (["S0"], 5)
    assert await stations_of(store, limit=2, offset=9) == ([], 5)
    assert await stations_of(store, limit=5) == (["S4", "S1", "S2", "S3", "S0"], 5)
    assert await stations_of(store, limit=0) == ([], 5)


async def test_the_next_page_goes_on_behind_the_last_row_whatever_comes_and_goes(store: Store) -> None:
    for number in range(5):
        await store.commit(new_station(f"S{number}"))
    first = await store.stations(StationQuery(cpo_ids=None, limit=2))
    assert (first.total, first.after is not None) == (5, True)
    await store.commit(Change(writes=(DeleteStation("S0", 1),)))
    await store.commit(new_station("S5"))
    second = await store.stations(StationQuery(cpo_ids=None, limit=2, after=first.after, count=False))
    third = await store.stations(StationQuery(cpo_ids=None, limit=2, after=second.after, offset=77))
    assert [row.charge_station_id for row in second.rows + third.rows] == ["S2", "S3", "S4", "S5"]
    assert (second.total, third.total, third.after) == (None, 5, None)


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "9" * 30, "1 2", "٣"])
async def test_a_key_that_no_page_has_given_is_refused(store: Store, after: str) -> None:
    with pytest.raises(InvalidField, match="cursor"):
        await store.stations(StationQuery(cpo_ids=None, after=after))


async def test_text_is_found_inside_id_and_name_in_any_case_without_wildcards(store: Store) -> None:
    await store.commit(new_station("NL-ABC_1", name="Große ÉCOLE 100%"))
    await store.commit(new_station("NL-ABCX2", name="back\\slash"))
    for text in ("abc_", "école", "ÉCOLE", "GROSSE", "100%", "nl-abc_1"):
        assert await stations_of(store, text=text) == (["NL-ABC_1"], 1), text
    assert await stations_of(store, text="K\\S") == (["NL-ABCX2"], 1)
    for text in ("%1", "_C_L", "'", "1 große"):
        assert await stations_of(store, text=text) == ([], 0), text
    assert (await stations_of(store, text=""))[1] == 2


async def test_station_dates_bound_the_newest_of_three_changes(store: Store) -> None:
    await store.commit(new_station("M", modified=at(10)))
    await store.commit(Change(writes=(master("E", modified=at(11)), evses("E", modified=at(20)), live("E"))))
    await store.commit(new_station("L", modified=at(21), changed=at(30)))
    assert (await stations_of(store, date_from=at(10)))[0] == ["M", "E", "L"]
    assert (await stations_of(store, date_from=at(10.1)))[0] == ["E", "L"]
    assert (await stations_of(store, date_from=at(20.1)))[0] == ["L"]
    assert await stations_of(store, date_from=at(30.1)) == ([], 0)
    assert (await stations_of(store, date_to=at(30)))[0] == ["M", "E"]
    assert (await stations_of(store, date_to=at(20)))[0] == ["M"]
    assert (await stations_of(store, date_to=at(10)))[0] == []
    assert (await stations_of(store, date_from=at(10), date_to=at(20)))[0] == ["M"]
    assert await stations_of(store, date_from=at(12), exclude_evses_modified=True) == (["L"], 1)
    assert (await stations_of(store, date_to=at(21), exclude_evses_modified=True))[0] == ["M", "E"]


async def test_what_commits_late_is_dated_when_it_commits(store: Store, clock: FakeClock) -> None:
    """A change decided at 0 s and committed at 60 s: whoever read at 30 s and asks again from there must get it."""
    decided = new_station("LATE", modified=at(0), changed=at(0))
    clock.forward(seconds=60)
    await store.commit(decided)
    row = await store.station("LATE")
    assert row is not None and row.modified == at(0)
    assert (await stations_of(store, date_from=at(30)))[0] == ["LATE"]
    assert (await stations_of(store, date_from=at(30), exclude_evses_modified=True))[0] == ["LATE"]


async def test_stamps_rise_in_the_order_of_commits_also_where_the_clock_steps_back(
    store: Store, clock: FakeClock
) -> None:
    clock.forward(seconds=100)
    await store.commit(new_station("FIRST"))
    clock.forward(seconds=-90)
    await store.commit(new_station("SECOND"))
    assert (await stations_of(store, date_from=at(100)))[0] == ["FIRST", "SECOND"]


async def test_a_sign_of_life_that_nobody_sees_is_no_news(store: Store, clock: FakeClock) -> None:
    await store.commit(new_station())
    clock.forward(seconds=50)
    await store.commit(Change(writes=(live(rev=1, body=b'{"seen":2}'),)))
    assert await stations_of(store, date_from=at(1)) == ([], 0)
    await store.commit(Change(writes=(live(rev=2, shown_evses=b'{"status":2}\n'),)))
    assert (await stations_of(store, date_from=at(1)))[0] == ["S1"]


async def pulled(store: Store, **query: Any) -> list[str]:
    """All pages of a list, each from where the one before ended."""
    found, after = list[str](), None
    while True:
        page = await store.stations(StationQuery(cpo_ids=None, after=after, **query))
        found += [row.charge_station_id for row in page.rows]
        if (after := page.after) is None:
            return found


async def test_many_and_few_changes_are_found_in_the_same_order(store: Store, clock: FakeClock) -> None:
    """However a list by date is found, along the rows or by the changes, it reads the same."""
    fresh = (new_station(f"S{number:03}", cpo_id=f"C{number % 2}") for number in range(700))
    await asyncio.gather(*(store.commit(change) for change in fresh))
    for rev, changed in enumerate(([5, 65, 600], [*range(3, 650)]), start=1):
        clock.forward(seconds=60)
        since, names = clock.now(), [f"S{number:03}" for number in changed]
        for name in names:
            row = await store.station(name)
            assert row is not None and row.live_rev <= rev
            await store.commit(Change(writes=(live(name, rev=row.live_rev, changed=since),)))
        assert await pulled(store, date_from=since, limit=100) == names
        odd = [name for name in names if int(name[1:]) % 2]
        assert await pulled(store, date_from=since, limit=100, cpo_id="C1") == odd


async def test_a_pull_by_date_misses_nothing_that_several_writers_write_meanwhile(
    store_factory: Callable[..., Awaitable[Store]],
) -> None:
    """Writers on connections of their own decide first and commit later; the reader asks again from the begin of its
    last reading, on the clock that all share.
    """
    time = SystemTime()
    reader, *writers = [await store_factory(time) for _ in range(4)]
    seen: set[str] = set()

    async def write(store: Store, name: str) -> None:
        for number in range(50):
            change = new_station(f"{name}-{number}", modified=time.now(), changed=time.now())
            await asyncio.sleep(random.random() / 500)
            await store.commit(change)

    async def pull(since: datetime) -> datetime:
        begin = time.now()
        seen.update(await pulled(reader, date_from=since, limit=7))
        return begin

    writing = asyncio.gather(*(write(store, f"W{number}") for number, store in enumerate(writers)))
    since = T0
    while not writing.done():
        since = await pull(since)
        await asyncio.sleep(0)
    await writing
    await pull(since)
    assert len(seen) == 150


# --- live and restart ------------------------------------------------------------------------------------------------


async def test_all_offline_marks_who_was_online_and_rewrites_no_document(store: Store) -> None:
    await store.commit(new_station("ON", online=True))
    await store.commit(new_station("OFF"))
    before = await store.station("ON")
    assert await store.all_offline(OfflineReason.SERVER_RESTART, at(60)) == 1
    row, other = await store.station("ON"), await store.station("OFF")
    assert row is not None and other is not None and before is not None
    assert (row.online, row.changed, row.offline_reason) == (False, at(60), "server_restart")
    assert (row.live, row.shown, row.shown_evses) == (before.live, before.shown, before.shown_evses)
    assert (other.changed, other.offline_reason, other.live_rev) == (T0, None, 1)
    assert (await stations_of(store, date_from=at(60)))[0] == ["ON"]
    (told,) = await store.facts(charge_station_id="ON")
    assert (told.kind, told.at, told.data) == (FactKind.STATION_DISCONNECTED, at(60), {"reason": "server_restart"})
    assert await store.all_offline(OfflineReason.SERVER_RESTART, at(90)) == 0
    assert await store.facts(charge_station_id="OFF") == []


async def test_who_read_before_all_offline_cannot_bring_it_back_online(store: Store) -> None:
    await store.commit(new_station(online=True))
    await store.all_offline(OfflineReason.SERVER_RESTART, at(60))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(live(rev=1, online=True),)))
    await store.commit(Change(writes=(live(rev=2, online=True),)))
    row = await store.station("S1")
    assert row is not None and (row.online, row.offline_reason) == (True, None)


# --- locations -------------------------------------------------------------------------------------------------------


async def locations_of(store: Store, **query: Any) -> tuple[list[str], int]:
    page = await store.locations(LocationQuery(**({"cpo_ids": None} | query)))
    return [row.key for row in page.rows], page.total


async def test_a_location_is_found_in_any_case_with_its_stations_in_order(store: Store) -> None:
    await store.commit(Change(writes=(location("Loc-A", modified=at(2)),)))
    await store.commit(new_station("A", location_id="loc-a", created=at(3), modified=at(3)))
    await store.commit(new_station("B", location_id="LOC-A", created=at(5), modified=at(7)))
    await store.commit(new_station("C", location_id="elsewhere"))
    row = await store.location("lOC-A")
    assert row is not None
    assert (row.key, row.cpo_id, row.body, row.rev) == ("loc-a", "ABC", b'{"location":1}', 1)
    assert (row.modified, row.evses_modified, row.distance_m) == (at(2), at(7), None)
    assert [station.charge_station_id for station in row.stations] == ["A", "B"]
    bare = await store.location("loc-a", evses=False)
    assert bare is not None and bare.stations == () and bare.evses_modified == at(7)
    assert await store.location("loc") is None


async def test_stations_are_counted_at_each_location(store: Store) -> None:
    for number, place in enumerate(("Loc-A", "loc-a", "LOC-B", "elsewhere")):
        await store.commit(new_station(f"S{number}", location_id=place))
    assert await store.station_counts(["LOC-A", "loc-b", "nowhere"]) == {"loc-a": 2, "loc-b": 1}
    assert await store.station_counts([]) == {}


async def test_a_location_is_written_only_over_the_rev_that_was_read(store: Store) -> None:
    await store.commit(Change(writes=(location("Loc-A"),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(location("LOC-A"),)))
    await store.commit(Change(writes=(location("loc-a", rev=1, body=b"2"),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(location("loc-a", rev=1, body=b"3"),)))
    row = await store.location("LOC-A")
    assert row is not None and (row.body, row.rev) == (b"2", 2)


async def test_locations_are_scoped_paged_and_carry_their_stations(store: Store) -> None:
    for number, cpo in ((2, "ABC"), (1, "XYZ"), (0, "ABC")):
        await store.commit(Change(writes=(location(f"l{number}", cpo_id=cpo),)))
        await store.commit(new_station(f"S{number}", location_id=f"L{number}"))
    assert await locations_of(store) == (["l2", "l1", "l0"], 3)
    assert (await store.locations(LocationQuery())).total == 0
    assert await locations_of(store, cpo_ids=frozenset({"ABC"})) == (["l2", "l0"], 2)
    assert await locations_of(store, cpo_ids=frozenset({"ABC"}), cpo_id="XYZ") == ([], 0)
    assert await locations_of(store, limit=1, offset=1) == (["l1"], 3)
    page = await store.locations(LocationQuery(cpo_ids=None))
    assert [[station.charge_station_id for station in row.stations] for row in page.rows] == [["S2"], ["S1"], ["S0"]]
    page = await store.locations(LocationQuery(cpo_ids=None, exclude_evses=True))
    assert [row.stations for row in page.rows] == [(), (), ()]


async def test_text_is_found_inside_each_part_of_the_address(store: Store) -> None:
    await store.commit(Change(writes=(location("a", city="Łódź", address="Piotrkowska 5_a"),)))
    await store.commit(Change(writes=(location("b", city="Utrecht", address="Piotrkowska 50a", name="100 %"),)))
    for text, keys in {"łÓDŹ": ["a"], "5_A": ["a"], "3511 ed": ["a", "b"], "0 %": ["b"], "square": ["a"]}.items():
        assert (await locations_of(store, text=text))[0] == keys, text
    assert (await locations_of(store, text="%a"))[0] == []


async def test_the_parts_of_an_address_match_as_a_whole_in_any_case(store: Store) -> None:
    for key, parts in {
        "a": {"address": "Piotrkowska 5a", "city": "Łódź", "postal_code": "90-001", "country": "POL"},
        "b": {"address": "Piotrkowska 50", "city": "Łódź", "postal_code": "90-002", "country": "POL"},
        "c": {"address": "Straße 5a", "city": "Köln"},
    }.items():
        await store.commit(Change(writes=(location(key, **parts),)))
    assert await locations_of(store, city="łÓDŹ") == (["a", "b"], 2)
    assert await locations_of(store, city="łÓDŹ", limit=1, offset=1) == (["b"], 2)
    assert await locations_of(store, country="pol", postcode="90-002") == (["b"], 1)
    assert await locations_of(store, street="piotrkowska") == (["a", "b"], 2)
    assert await locations_of(store, housenumber="5A") == (["a", "c"], 2)
    assert await locations_of(store, street="piotrkowska", housenumber="5") == ([], 0)
    assert await locations_of(store, street="STRASSE", housenumber="5a", city="köln") == (["c"], 1)
    assert await locations_of(store, city="Łód", cpo_ids=frozenset({"ABC"})) == ([], 0)
    near = {"latitude": 52.0, "longitude": 5.0, "distance_m": 100.0}
    assert await locations_of(store, **near, city="Köln") == (["c"], 1)


async def test_location_dates_count_evses_but_never_status(store: Store) -> None:
    await store.commit(Change(writes=(location("L1"), location("L2", modified=at(5)))))
    assert (await locations_of(store, date_from=at(1)))[0] == ["l2"]
    await store.commit(new_station("S1", modified=at(6), changed=at(99)))
    assert (await locations_of(store, date_from=at(6)))[0] == ["l1"]
    await store.commit(Change(writes=(live(rev=1, changed=at(100)),)))
    assert (await locations_of(store, date_from=at(6.1)))[0] == []
    await store.commit(Change(writes=(evses(rev=1, modified=at(110)),)))
    assert (await locations_of(store, date_from=at(110)))[0] == ["l1"]
    assert (await locations_of(store, date_from=at(110.1)))[0] == []
    assert (await locations_of(store, date_to=at(110)))[0] == ["l2"]
    assert (await locations_of(store, date_to=at(110.1)))[0] == ["l1", "l2"]
    assert (await locations_of(store, date_from=at(1), exclude_evses_modified=True))[0] == ["l2"]
    assert (await locations_of(store, date_to=at(5), exclude_evses_modified=True))[0] == ["l1"]
    await store.commit(Change(writes=(master(rev=1, modified=at(120)),)))
    assert (await locations_of(store, date_from=at(120)))[0] == ["l1"]


async def test_the_next_page_of_the_nearest_goes_on_behind_the_last(store: Store) -> None:
    spots = {f"l{n}": (52.0 + n / 2000, 5.0) for n in range(1, 8)} | {"same": (52.0 + 3 / 2000, 5.0)}
    for key, (latitude, longitude) in spots.items():
        await store.commit(Change(writes=(location(key, latitude=latitude, longitude=longitude),)))
    await store.commit(Change(writes=(location("w1", latitude=None), location("w2", latitude=None))))
    for limit in (1, 2, 3, 9, 10):
        found, after = list[str](), None
        while True:
            page = await store.locations(
                LocationQuery(cpo_ids=None, latitude=52.0, longitude=5.0, limit=limit, after=after)
            )
            found += [row.key for row in page.rows]
            if (after := page.after) is None:
                break
        assert found == ["l1", "l2", "l3", "same", "l4", "l5", "l6", "l7", "w1", "w2"], limit


async def test_a_station_that_moves_or_goes_is_news_where_it_was_and_where_it_comes(store: Store) -> None:
    await store.commit(Change(writes=(location("a"), location("b"), location("c"))))
    await store.commit(new_station(location_id="A"))
    await store.commit(Change(writes=(master(rev=1, location_id="B", modified=at(30)),)))
    assert (await locations_of(store, date_from=at(30)))[0] == ["a", "b"]
    gone = fact(FactKind.STATION_WITHDRAWN, at=at(40))
    await store.commit(Change(writes=(DeleteStation("S1", 2),), facts=(gone,)))
    assert (await locations_of(store, date_from=at(40)))[0] == ["b"]


async def test_a_location_that_comes_after_its_stations_knows_their_dates(store: Store) -> None:
    await store.commit(new_station("S1", location_id="LATE", modified=at(8)))
    await store.commit(Change(writes=(location("late"),)))
    row = await store.location("late")
    assert row is not None and row.evses_modified == at(8)


async def test_nearest_comes_first_with_its_distance(store: Store) -> None:
    spots = {"far": (52.1, 5.0), "near": (52.001, 5.0), "east": (52.0, 5.01), "nowhere": (None, None)}
    for key, (latitude, longitude) in spots.items():
        await store.commit(Change(writes=(location(key, latitude=latitude, longitude=longitude),)))
    page = await store.locations(LocationQuery(cpo_ids=None, latitude=52.0, longitude=5.0))
    assert [row.key for row in page.rows] == ["near", "east", "far", "nowhere"]
    metres = [row.distance_m for row in page.rows]
    assert metres[:3] == [pytest.approx(111.2, abs=0.1), pytest.approx(684.6, abs=0.5), pytest.approx(11119.5, abs=1)]
    assert metres[3] is None
    assert await locations_of(store, latitude=52.0, longitude=5.0, distance_m=700.0) == (["near", "east"], 2)
    assert await locations_of(store, latitude=52.0, longitude=5.0, distance_m=684.0) == (["near"], 1)
    assert await locations_of(store, latitude=52.0, longitude=5.0, limit=1, offset=1) == (["east"], 4)


async def test_nearest_works_over_the_date_line_and_at_a_pole(store: Store) -> None:
    await store.commit(Change(writes=(location("fiji", latitude=-17.0, longitude=179.9995),)))
    await store.commit(Change(writes=(location("pole", latitude=89.9995, longitude=90.0),)))
    assert await locations_of(store, latitude=-17.0, longitude=-179.9995, distance_m=200.0) == (["fiji"], 1)
    assert await locations_of(store, latitude=89.9995, longitude=-90.0, distance_m=200.0) == (["pole"], 1)


async def test_a_circle_loses_nothing_to_its_box(store: Store) -> None:
    dice = random.Random(7)
    spots = {f"l{n}": (dice.uniform(59.9, 60.1), dice.uniform(9.8, 10.2)) for n in range(150)}
    writes = tuple(location(key, latitude=lat, longitude=lon) for key, (lat, lon) in spots.items())
    await store.commit(Change(writes=writes))
    every = (await store.locations(LocationQuery(cpo_ids=None, latitude=60.0, longitude=10.0, limit=200))).rows
    for metres in (1_000.0, 5_000.0, 9_000.0):
        expected = [row.key for row in every if row.distance_m is not None and row.distance_m <= metres]
        found, total = await locations_of(store, latitude=60.0, longitude=10.0, distance_m=metres, limit=200)
        assert (found, total) == (expected, len(expected)) and expected


# --- facts -----------------------------------------------------------------------------------------------------------


async def test_facts_are_numbered_as_they_are_committed_and_come_back_whole(store: Store) -> None:
    given = fact(
        FactKind.CHECK_ANSWERED,
        cpo_id="ABC",
        charge_station_id="S1",
        commissioning_id="C1",
        person_id="P1",
        made_at=at(-5),
        data={"check": "earth", "value": 0.4},
    )
    assert await store.last_fact() == 0
    assert await store.commit(Change(facts=(fact(), given))) == 2
    found = await store.facts(after=1)
    given.seq = 2
    assert found == [given]
    assert await store.last_fact() == 2


async def test_facts_are_filtered_bounded_and_turned(store: Store) -> None:
    for n in range(6):
        one = fact(cpo_id="AB"[n % 2], charge_station_id=f"S{n % 3}", commissioning_id=f"C{n}")
        await store.commit(Change(facts=(one,)))

    async def numbers(**given: Any) -> list[int]:
        return [found.seq for found in await store.facts(**given)]

    assert await numbers() == [1, 2, 3, 4, 5, 6]
    assert await numbers(after=4) == [5, 6]
    assert await numbers(after=2, limit=2) == [3, 4]
    assert await numbers(newest_first=True, limit=2) == [6, 5]
    assert await numbers(cpo_ids=frozenset({"A"})) == [1, 3, 5]
    assert await numbers(cpo_ids=frozenset({"A", "B"}), after=5) == [6]
    assert await numbers(cpo_ids=frozenset()) == []
    assert await numbers(charge_station_id="S1") == [2, 5]
    assert await numbers(commissioning_id="C3") == [4]
    assert await numbers(charge_station_id="S1", cpo_ids=frozenset({"A"})) == [5]


async def test_facts_of_a_person_are_found_by_kind(store: Store) -> None:
    made, other = FactKind.LOCATION_CREATED, FactKind.LOCATION_CHANGED
    for kind, person_id in ((made, "P1"), (other, "P1"), (made, "P2"), (made, None), (made, "P1")):
        await store.commit(Change(facts=(fact(kind, person_id=person_id, cpo_id="A", location_id="L"),)))
    found = await store.facts(kind=made, person_id="P1", cpo_ids=frozenset({"A"}))
    assert [one.seq for one in found] == [1, 5]
    assert [one.seq for one in await store.facts(person_id="P1", newest_first=True)] == [5, 2, 1]
    assert await store.facts(kind=made, person_id="P1", cpo_ids=frozenset({"B"})) == []


async def test_numbers_rise_strictly_and_a_lost_change_leaves_no_trace(store: Store) -> None:
    await put(store, person("P1"))
    await store.commit(Change(facts=(fact(),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(facts=(fact(), fact()), operation=operation(), writes=(Put(person("P1")),)))
    last = await store.commit(Change(facts=(fact(), fact())))
    numbers = [found.seq for found in await store.facts()]
    assert numbers == sorted(set(numbers)) and len(numbers) == 3 and numbers[-1] == last


async def test_a_cursor_reader_misses_nothing_while_many_write(store: Store) -> None:
    seen: list[int] = []
    done = asyncio.Event()

    async def read() -> None:
        cursor = 0
        while not done.is_set() or await store.last_fact() > cursor:
            for found in await store.facts(after=cursor, limit=7):
                cursor = found.seq
                seen.append(cursor)
            await asyncio.sleep(0)

    async def write(name: str) -> list[int]:
        return [await store.commit(Change(facts=(fact(cpo_id=name),) * (n % 3 + 1))) for n in range(15)]

    reader = asyncio.ensure_future(read())
    acknowledged = await asyncio.gather(*(write(f"W{n}") for n in range(10)))
    done.set()
    await asyncio.wait_for(reader, 20)
    assert seen == [found.seq for found in await store.facts(limit=10_000)]
    assert len(seen) == 10 * 30 and {number for numbers in acknowledged for number in numbers} <= set(seen)


async def test_an_acknowledged_change_is_seen_by_the_next_read(store: Store) -> None:
    for n in range(50):
        number = await store.commit(Change(writes=(Put(label(f"L{n}")),), facts=(fact(),)))
        assert await store.last_fact() == number
        assert await store.get(Label, f"L{n}") is not None


# --- wake-ups and other processes ------------------------------------------------------------------------------------


async def test_a_commit_changes_the_version_and_wakes(store: Store) -> None:
    woken = asyncio.Event()
    store.on_commit(woken.set)
    before = store.version()
    assert store.version() == before
    await store.commit(Change(facts=(fact(),)))
    await asyncio.wait_for(woken.wait(), 5)
    assert store.version() != before


async def test_a_change_that_failed_wakes_nobody(store: Store) -> None:
    await put(store, person("P1"))
    woken = asyncio.Event()
    store.on_commit(woken.set)
    with pytest.raises(RevConflict):
        await put(store, person("P1"))
    assert not woken.is_set()


async def changed(store: Store, before: int) -> None:
    """The news of another process travels on its own."""
    async with asyncio.timeout(5):
        while store.version() == before:
            await asyncio.sleep(0.005)


async def test_a_commit_of_another_store_is_seen(store: Store, store_factory: Callable[[], Awaitable[Store]]) -> None:
    other = await store_factory()
    before = store.version()
    await other.commit(Change(writes=(Put(label("A")),), facts=(fact(),)))
    await changed(store, before)
    assert await store.get(Label, "A") is not None
    await store.commit(Change(facts=(fact(),)))
    assert [found.seq for found in await other.facts()] == [1, 2]


async def test_two_stores_that_write_at_once_lose_nothing(store_factory: Callable[[], Awaitable[Store]]) -> None:
    stores = [await store_factory(), await store_factory()]
    changes = [stores[n % 2].commit(Change(facts=(fact(cpo_id=str(n)),))) for n in range(60)]
    numbers = await asyncio.gather(*changes)
    assert sorted(numbers) == list(range(1, 61))


OTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from app.domain.facts import Fact, FactKind
from app.ports import Change
from tests.contract.test_store import ADAPTERS

async def main():
    store = await ADAPTERS[sys.argv[1]](Path(sys.argv[2]))
    print(await store.commit(Change(facts=(Fact(kind=FactKind.CPO_CHANGED, at=datetime.now(UTC)),))))
    await store.close()

asyncio.run(main())
"""


async def test_a_commit_of_another_process_changes_the_version(store: Store, adapter: str, tmp_path: Path) -> None:
    before = store.version()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OTHER_PROCESS,
        adapter,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, out.strip()) == (0, b"1")
    await changed(store, before)
    assert await store.last_fact() == 1


async def test_closing_commits_what_was_asked_for_and_takes_no_more(
    store_factory: Callable[[], Awaitable[Store]],
) -> None:
    store, other = await store_factory(), await store_factory()
    asked = [asyncio.ensure_future(store.commit(Change(facts=(fact(),)))) for _ in range(30)]
    await asyncio.sleep(0)
    await store.close()
    assert sorted(await asyncio.gather(*asked)) == list(range(1, 31))
    assert await other.last_fact() == 30
    with pytest.raises(StoreUnavailable):
        await store.commit(Change(facts=(fact(),)))
    await store.close()


async def test_a_caller_that_goes_away_harms_nobody(store: Store) -> None:
    gone = asyncio.ensure_future(store.commit(Change(facts=(fact(),))))
    stays = asyncio.ensure_future(store.commit(Change(facts=(fact(),))))
    await asyncio.sleep(0)
    gone.cancel()
    with suppress(asyncio.CancelledError):
        await gone
    assert await stays == await store.last_fact()
    assert await store.commit(Change(facts=(fact(),))) > 0
