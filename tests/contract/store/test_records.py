"""What every store does with records: written over what was read, found by their columns."""

import asyncio
from datetime import datetime
from typing import Any

import msgspec
import pytest

from app.domain.batches import BatchCall, BatchResult
from app.domain.commanding import CommandRequest, RequestState
from app.domain.commands import Reset
from app.domain.commissioning import Commissioning, CommissioningState, Operation
from app.domain.copies import ListReading, LocationCopy, StationCopy
from app.domain.customers import CpoCustomer, CustomerRecord
from app.domain.errors import RevConflict
from app.domain.expectations import Expectation, ExpectedKey
from app.domain.intents import Aim, LocationAlias, RemoteIntent
from app.domain.live import Arrivals, Knock, StationPassword, StationTuning, Transaction
from app.domain.model import HardwareTemplate
from app.domain.people import Cpo, Device, Invite, Person, Role, Subscription, SubscriptionUse
from app.domain.scan import Label
from app.ports import (
    TABLES,
    Change,
    Contains,
    Delete,
    Put,
    Store,
)
from tests.contract.store.builders import (
    T0,
    at,
    commissioning,
    knock,
    label,
    location_copy,
    operation,
    person,
    put,
    station_copy,
    transaction,
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
    Arrivals: ("S1", Arrivals(charge_station_id="S1", cpo_id="ABC", at=T0, last=[knock(1)])),
    CommandRequest: (
        "R1",
        CommandRequest(
            id="R1",
            cpo_id="ABC",
            charge_station_id="S1",
            commissioning_id="C1",
            command=Reset(hard=True),
            state=RequestState.WAITING,
            asked=T0,
            deadline=at(1),
        ),
    ),
    Transaction: (7, transaction(7)),
    StationTuning: ("S1", StationTuning(charge_station_id="S1", pong_seconds=0)),
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
    Expectation: (
        "ABC|T1",
        Expectation(
            id="ABC|T1", template_id="T1", cpo_id="ABC", keys=[ExpectedKey(key="HeartbeatInterval", value="9")]
        ),
    ),
    CustomerRecord: (
        "ABC/C-1",
        CustomerRecord(id="ABC/C-1", cpo_id="ABC", customer=CpoCustomer(name="Buses", cpo_id="ABC", external_id="C-1")),
    ),
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
