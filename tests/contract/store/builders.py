"""Records and rows with what a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.domain.commissioning import Commissioning, Operation
from app.domain.copies import LocationCopy, StationCopy
from app.domain.facts import Fact, FactKind
from app.domain.live import Knock, KnockReason, Transaction
from app.domain.people import Person, Role
from app.domain.scan import Label
from app.ports import (
    Change,
    Put,
    PutEvses,
    PutLive,
    PutLocationDoc,
    PutMaster,
    Store,
)

T0 = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


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
    given: dict[str, Any] = {
        "changed": T0,
        "body": b'{"live":1}',
        "shown": b'{"shown":1}',
        "shown_evses": b'{"status":1}\n',
    }
    given["connection_id"] = f"socket of {station_id}" if online else None
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
