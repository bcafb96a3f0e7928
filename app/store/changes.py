"""A Change as the SQL steps that make it true, and what it means when a step finds something else than it expects.

The plan is made before the change is queued: encoding errors reach their caller, and what is written is what was handed
over, whatever happens to the records meanwhile.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeGuard, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.domain.commissioning import Operation
from app.domain.facts import Fact, FactKind
from app.domain.live import OfflineReason
from app.ports import (
    TABLES,
    Change,
    Delete,
    DeleteStation,
    Expect,
    Put,
    PutEvses,
    PutLive,
    PutLocationDoc,
    PutMaster,
    Table,
    Write,
)
from app.store.rows import column, fold, location_key, moment
from app.store.steps import Check, Step


def plan(change: Change) -> list[Step]:
    """Raises ValueError for a change that no store could keep: a new station lacking a part, a record without key."""
    _check_new_stations(change)
    return list(_steps(change))


def _check_new_stations(change: Change) -> None:
    new = {write.charge_station_id for write in change.writes if isinstance(write, PutMaster) and not write.rev}
    for part in (PutEvses, PutLive) if new else ():
        given = {write.charge_station_id for write in change.writes if isinstance(write, part)}
        for lacking in new - given:
            raise ValueError(f"the new station {lacking} needs {part.__name__} in the same change")


def _steps(change: Change) -> Iterator[Step]:
    for expect in change.expects:
        yield _expect(expect)
    at = max((fact.at for fact in change.facts), default=None)
    news = _news(change.writes)
    for write in sorted(change.writes, key=_rank):
        yield from _write(write, at, news)
    if change.operation is not None:
        yield _insert(TABLES[Operation], change.operation)
    for fact in change.facts:
        yield _fact(fact)


def _rank(write: Write) -> int:
    """A station's parts need its master, and a master tells its location."""
    if isinstance(write, PutEvses | PutLive):
        return 2
    return 1 if isinstance(write, PutMaster) else 0


class Newest(Struct, frozen=True):
    """Of all that a change writes about a station: `told` counts for its location too, which status never does."""

    told: datetime
    any: datetime


News = Mapping[str, Newest]


def _news(writes: Iterable[Write]) -> News:
    """The stations whose master is written: one stamp and one touch of the location speak for all their parts."""
    news = {write.charge_station_id: Newest(write.modified, write.modified) for write in writes if _is_master(write)}
    for write in writes:
        if isinstance(write, PutEvses | PutLive) and (known := news.get(write.charge_station_id)):
            evses = write.modified if isinstance(write, PutEvses) else known.told
            live = write.changed if isinstance(write, PutLive) else known.any
            news[write.charge_station_id] = Newest(max(known.told, evses), max(known.any, evses, live))
    return news


def _is_master(write: Write) -> TypeGuard[PutMaster]:
    return isinstance(write, PutMaster)


def _write(write: Write, at: datetime | None, news: News) -> Iterator[Step]:
    match write:
        case Put():
            yield from _put(write)
        case PutMaster():
            yield from _master(write, news)
        case PutEvses():
            yield from _evses(write, news)
        case PutLive():
            yield from _live(write, news)
        case PutLocationDoc():
            yield from _location(write)
        case Delete():
            yield _delete(write)
        case DeleteStation():
            yield from _delete_station(write, at)


# --- Expectations and facts ------------------------------------------------------------------------------------------

EXPECT = {
    "master": "SELECT coalesce((SELECT rev FROM station_master WHERE charge_station_id = :key), 0) = :rev",
    "evses": "SELECT coalesce((SELECT rev FROM station_evses WHERE charge_station_id = :key), 0) = :rev",
    "live": "SELECT coalesce((SELECT rev FROM station_live WHERE charge_station_id = :key), 0) = :rev",
    "location": "SELECT coalesce((SELECT rev FROM locations WHERE key = :key), 0) = :rev",
}


def _expect(expect: Expect) -> Step:
    if expect.part not in EXPECT:
        raise ValueError(f"{expect.part} is not a part")
    key = location_key(expect.key) if expect.part == "location" else expect.key
    return Step(EXPECT[expect.part], {"key": key, "rev": expect.rev}, Check.TRUE, f"{expect.part} of {expect.key}")


INSERT_FACT = """
INSERT INTO facts (cpo_id, charge_station_id, commissioning_id, person_id, kind, at, body)
VALUES (:cpo_id, :charge_station_id, :commissioning_id, :person_id, :kind, :at, :body)
"""


def _fact(fact: Fact) -> Step:
    values = {
        "cpo_id": fact.cpo_id,
        "charge_station_id": fact.charge_station_id,
        "commissioning_id": fact.commissioning_id,
        "person_id": fact.person_id,
        "kind": fact.kind.value,
        "at": moment(fact.at),
        "body": msgspec.json.encode(fact),
    }
    return Step(INSERT_FACT, values, Check.NUMBER)


# --- Records of TABLES -----------------------------------------------------------------------------------------------


@cache
def _record_sql(table: Table) -> tuple[str, str, str, str]:
    """INSERT, UPDATE, DELETE, and the DELETE of the oldest. The names are those of TABLES, never input."""
    names = (table.key, *table.columns, "body")
    columns = ", ".join(f'"{name}"' for name in names)
    places = ", ".join(f":{name}" for name in names)
    pairs = ", ".join(f'"{name}" = :{name}' for name in names)
    return (
        f"INSERT INTO {table.name} (rev, {columns}) VALUES (1, {places})",  # noqa: S608 - names of TABLES
        f'UPDATE {table.name} SET rev = rev + 1, {pairs} WHERE "{table.key}" = :{table.key} AND rev = :rev',  # noqa: S608
        f'DELETE FROM {table.name} WHERE "{table.key}" = :key',  # noqa: S608 - names of TABLES
        f"DELETE FROM {table.name} WHERE row_id <= last_insert_rowid() - :keep",  # noqa: S608 - names of TABLES
    )


def _values(table: Table, record: Any) -> dict[str, Any]:
    values = {name: column(getattr(record, name)) for name in (table.key, *table.columns)}
    if values[table.key] is None:
        raise ValueError(f"a record of {table.name} without {table.key}")
    return {**values, "body": msgspec.json.encode(record)}


def _what(table: Table, key: Any) -> str:
    """Digests are keys of some tables and are not for messages."""
    return table.name if "digest" in table.key else f"{table.name} {key}"


def _insert(table: Table, record: Any) -> Step:
    values = _values(table, record)
    return Step(_record_sql(table)[0], values, Check.ONE_ROW, _what(table, values[table.key]))


def _put(put: Put) -> Iterator[Step]:
    table = TABLES[type(put.record)]
    if put.rev:
        values = {**_values(table, put.record), "rev": put.rev}
        yield Step(_record_sql(table)[1], values, Check.ONE_ROW, _what(table, values[table.key]))
        return
    yield _insert(table, put.record)
    if table.keep is not None:
        yield Step(_record_sql(table)[3], {"keep": table.keep}, Check.NOTHING)


def _delete(write: Delete) -> Step:
    """The key in the type of its column: not every database compares a number with its text."""
    table = TABLES[write.kind]
    key = msgspec.convert(write.key, get_type_hints(write.kind)[table.key], strict=False)
    return Step(_record_sql(table)[2], {"key": key}, Check.NOTHING)


# --- Stations --------------------------------------------------------------------------------------------------------

INSERT_MASTER = """
INSERT INTO station_master (charge_station_id, rev, cpo_id, location_id, location_key, deploy_state, etag, created,
    modified, name, search, body)
VALUES (:charge_station_id, 1, :cpo_id, :location_id, :location_key, :deploy_state, :etag, :created,
    :modified, :name, :search, :body)
"""
UPDATE_MASTER = """
UPDATE station_master SET rev = rev + 1, location_id = :location_id, deploy_state = :deploy_state,
    etag = :etag, created = :created, modified = :modified, name = :name, search = :search, body = :body
WHERE charge_station_id = :charge_station_id AND rev = :rev AND location_key = :location_key AND cpo_id = :cpo_id
"""
MOVE_MASTER = """
UPDATE station_master SET location_key = :location_key, cpo_id = :cpo_id
WHERE charge_station_id = :charge_station_id AND rev = :rev
"""
MOVE_STAMP = """
UPDATE station_stamps SET cpo_id = :cpo_id
WHERE row_id = (SELECT row_id FROM station_master WHERE charge_station_id = :charge_station_id)
"""
DELETE_MASTER = "DELETE FROM station_master WHERE charge_station_id = :charge_station_id AND rev = :rev"

INSERT_EVSES = """
INSERT INTO station_evses (row_id, charge_station_id, rev, modified, body) VALUES (
    (SELECT row_id FROM station_master WHERE charge_station_id = :charge_station_id),
    :charge_station_id, 1, :modified, :body)
"""
UPDATE_EVSES = """
UPDATE station_evses SET rev = rev + 1, modified = :modified, body = :body
WHERE charge_station_id = :charge_station_id AND rev = :rev
"""

INSERT_LIVE = """
INSERT INTO station_live (row_id, charge_station_id, rev, connection_id, online, changed, body, shown, shown_evses)
VALUES ((SELECT row_id FROM station_master WHERE charge_station_id = :charge_station_id),
    :charge_station_id, 1, :connection_id, :online, :changed, :body, :shown, :shown_evses)
"""
UPDATE_LIVE = """
UPDATE station_live SET rev = rev + 1, connection_id = :connection_id, online = :online, changed = :changed,
    offline_reason = NULL, body = :body, shown = :shown, shown_evses = :shown_evses
WHERE charge_station_id = :charge_station_id AND rev = :rev
"""


def _touching(place: str) -> tuple[str, str]:
    """A station is news at the location with this key."""
    return (
        f"UPDATE locations SET evses_modified = :modified WHERE key = {place} "  # noqa: S608 - constants
        "AND coalesce(evses_modified, '') < :modified",
        "UPDATE location_stamps SET mark = random(), written = max(written, stamp(:modified)) "  # noqa: S608 - constants
        f"WHERE row_id = (SELECT row_id FROM locations WHERE key = {place})",
    )


TOUCH_PLACE = _touching(":location_key")
TOUCH_ITS_PLACE = _touching("(SELECT location_key FROM station_master WHERE charge_station_id = :charge_station_id)")

STAMP_NEW = """
INSERT INTO station_stamps (row_id, cpo_id, mark, written, own)
SELECT row_id, :cpo_id, random(), stamp(:newest), stamp(:modified) FROM station_master
WHERE charge_station_id = :charge_station_id
"""
STAMP_MASTER = """
UPDATE station_stamps SET mark = random(), written = max(written, stamp(:newest)), own = max(own, stamp(:modified))
WHERE row_id = (SELECT row_id FROM station_master WHERE charge_station_id = :charge_station_id)
"""
STAMP_EVSES = """
UPDATE station_stamps SET mark = random(), written = max(written, stamp(:modified))
WHERE row_id = (SELECT row_id FROM station_master WHERE charge_station_id = :charge_station_id)
"""
STAMP_LIVE = """
UPDATE station_stamps SET mark = random(), written = CASE WHEN EXISTS (
    SELECT 1 FROM station_live WHERE charge_station_id = :charge_station_id AND online = :online AND changed = :changed
    AND shown = :shown AND shown_evses = :shown_evses AND offline_reason IS NULL
) THEN written ELSE max(written, stamp(:changed)) END
WHERE row_id = (SELECT row_id FROM station_master WHERE charge_station_id = :charge_station_id)
"""
"""Runs before the live part is written: a sign of life that nobody sees is no news."""


def _part(write: PutMaster | PutEvses | PutLive, insert: str, update: str, **more: Any) -> Step:
    values = {name: column(value) for name, value in msgspec.structs.asdict(write).items()} | more
    return Step(update if write.rev else insert, values, Check.ONE_ROW, f"station {write.charge_station_id}")


def _touch(statements: tuple[str, str], at: datetime, **place: str) -> tuple[Step, Step]:
    values = {**place, "modified": moment(at)}
    touch, stamp = statements
    return Step(touch, values, Check.NOTHING), Step(stamp, values, Check.NOTHING)


def _master(write: PutMaster, news: News) -> Iterator[Step]:
    key = location_key(write.location_id)
    newest = news[write.charge_station_id]
    put = _part(write, INSERT_MASTER, UPDATE_MASTER, location_key=key, search=fold(write.charge_station_id, write.name))
    yield replace(put, otherwise=_moved(put, newest.told)) if write.rev else put
    yield from _touch(TOUCH_PLACE, newest.told, location_key=key)
    yield Step(STAMP_MASTER if write.rev else STAMP_NEW, {**put.values, "newest": moment(newest.any)}, Check.NOTHING)


def _moved(put: Step, at: datetime) -> tuple[Step, ...]:
    """It stands elsewhere or is another CPO's, if its rev holds: it is news there, and is written once it has moved."""
    left = _touch(TOUCH_ITS_PLACE, at, charge_station_id=put.values["charge_station_id"])
    return (*left, replace(put, sql=MOVE_MASTER), replace(put, sql=MOVE_STAMP), put)


def _evses(write: PutEvses, news: News) -> Iterator[Step]:
    put = _part(write, INSERT_EVSES, UPDATE_EVSES)
    yield put
    if write.charge_station_id in news:
        return
    yield Step(STAMP_EVSES, put.values, Check.NOTHING)
    yield from _touch(TOUCH_ITS_PLACE, write.modified, charge_station_id=write.charge_station_id)


def _live(write: PutLive, news: News) -> Iterator[Step]:
    put = _part(write, INSERT_LIVE, UPDATE_LIVE)
    if write.charge_station_id not in news:
        yield Step(STAMP_LIVE, put.values, Check.NOTHING)
    yield put


def _delete_station(write: DeleteStation, at: datetime | None) -> Iterator[Step]:
    """The other parts go with the master. The facts beside it say when, for those who follow the location."""
    if at is not None:
        yield from _touch(TOUCH_ITS_PLACE, at, charge_station_id=write.charge_station_id)
    values = {"charge_station_id": write.charge_station_id, "rev": write.rev}
    yield Step(DELETE_MASTER, values, Check.ONE_ROW, f"station {write.charge_station_id}")


# --- Locations -------------------------------------------------------------------------------------------------------

INSERT_LOCATION = """
INSERT INTO locations (key, rev, cpo_id, created, modified, name, address, city, postal_code, country, latitude,
    longitude, search, body, evses_modified)
VALUES (:key, 1, :cpo_id, :created, :modified, :name, :address, :city, :postal_code, :country, :latitude,
    :longitude, :search, :body,
    (SELECT max(max(m.modified, e.modified)) FROM station_master m
     JOIN station_evses e ON e.charge_station_id = m.charge_station_id WHERE m.location_key = :key))
"""
UPDATE_LOCATION = """
UPDATE locations SET rev = rev + 1, cpo_id = :cpo_id, created = :created, modified = :modified, name = :name,
    address = :address, city = :city, postal_code = :postal_code, country = :country, latitude = :latitude,
    longitude = :longitude, search = :search, body = :body
WHERE key = :key AND rev = :rev
"""
STAMP_LOCATION = """
INSERT INTO location_stamps (row_id, cpo_id, mark, written, own)
SELECT row_id, :cpo_id, random(), stamp(:modified), stamp(:modified) FROM locations WHERE key = :key
ON CONFLICT (row_id) DO UPDATE
SET cpo_id = excluded.cpo_id, mark = excluded.mark, written = max(location_stamps.written, excluded.written),
    own = max(location_stamps.own, excluded.own)
"""


def _location(write: PutLocationDoc) -> Iterator[Step]:
    values = {name: column(value) for name, value in msgspec.structs.asdict(write).items()}
    values["key"] = location_key(write.key)
    values["search"] = fold(write.name, write.address, write.city, write.postal_code)
    yield Step(UPDATE_LOCATION if write.rev else INSERT_LOCATION, values, Check.ONE_ROW, f"location {write.key}")
    yield Step(STAMP_LOCATION, values, Check.NOTHING)


# --- Restart ---------------------------------------------------------------------------------------------------------

ALL_OFFLINE = """
UPDATE station_live SET rev = rev + 1, connection_id = NULL, online = 0, changed = :at, offline_reason = :reason
WHERE connection_id IS NOT NULL
"""

STAMP_OFFLINE = """
UPDATE station_stamps SET mark = random(), written = max(written, stamp(:at)) WHERE row_id IN (
    SELECT m.row_id FROM station_live AS l JOIN station_master AS m ON m.charge_station_id = l.charge_station_id
    WHERE l.connection_id IS NOT NULL)
"""

WHO_IS_CONNECTED = """
SELECT m.charge_station_id, m.cpo_id FROM station_live AS l
JOIN station_master AS m ON m.charge_station_id = l.charge_station_id WHERE l.connection_id IS NOT NULL
"""


def offline_steps(connected: Iterable[tuple[str, str]], reason: OfflineReason, at: datetime) -> Iterator[Step]:
    """`connected` is what WHO_IS_CONNECTED told in the same transaction: station and CPO."""
    values = {"reason": reason.value, "at": moment(at)}
    yield Step(STAMP_OFFLINE, values, Check.NOTHING)
    yield Step(ALL_OFFLINE, values, Check.NOTHING)
    kind, data = FactKind.STATION_DISCONNECTED, {"reason": reason.value}
    for name, cpo_id in connected:
        yield _fact(Fact(kind=kind, at=at, cpo_id=cpo_id, charge_station_id=name, data=data))
