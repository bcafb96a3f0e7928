"""The port's queries as parameterised SQL. Names come from the schema and TABLES, values only ever as parameters."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from app.ports import LocationQuery, StationQuery, Table
from app.store.connections import EARTH_RADIUS_M
from app.store.rows import LOCATION_COLUMNS, STATION_COLUMNS, column, location_key, moment

Sets = (set, frozenset, list, tuple)


class Where(Struct):
    """Conditions that all hold, and their parameters."""

    conditions: list[str] = []
    values: dict[str, Any] = {}

    def add(self, condition: str, **values: Any) -> None:
        self.conditions.append(condition)
        self.values.update(values)

    def among(self, name: str, values: Any, parameter: str) -> None:
        """One of the values; one parameter however many there are. A single value keeps the order of an index."""
        wanted = [column(value) for value in values if value is not None]
        condition = f"{name} IN (SELECT value FROM json_each(:{parameter}))"  # noqa: S608 - names of the schema
        given: Any = msgspec.json.encode(wanted).decode()
        if len(wanted) == 1:
            condition, given = f"{name} = :{parameter}", wanted[0]
        if len(wanted) < len(values):
            condition = f"({condition} OR {name} IS NULL)"
        self.add(condition, **{parameter: given})

    @property
    def sql(self) -> str:
        return f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


class Select(Struct, frozen=True):
    """A page's statement and the one that counts all that match."""

    page: str
    count: str
    values: dict[str, Any]


# --- Records and facts -----------------------------------------------------------------------------------------------


def get(table: Table) -> str:
    return f'SELECT body, rev FROM {table.name} WHERE "{table.key}" = :key'  # noqa: S608 - names of TABLES


def find(table: Table, equals: Mapping[str, Any], order: str | None, limit: int) -> tuple[str, dict[str, Any]]:
    """Raises ValueError for a name that TABLES does not declare."""
    where = Where()
    for name, value in equals.items():
        quoted = _declared(table, name)
        if isinstance(value, Sets):
            where.among(quoted, value, name)
        elif value is None:
            where.add(f"{quoted} IS NULL")
        else:
            where.add(f"{quoted} = :{name}", **{name: column(value)})
    by = _order(table, order)
    sql = f"SELECT body, rev FROM {table.name} {where.sql} ORDER BY {by} LIMIT :row_limit"  # noqa: S608 - as above
    return sql, {**where.values, "row_limit": limit}


def _declared(table: Table, name: str) -> str:
    if name != table.key and name not in table.columns:
        raise ValueError(f"{table.name} has no column {name}")
    return f'"{name}"'


def _order(table: Table, order: str | None) -> str:
    """Falling order is rising order backwards, also among equals."""
    if order is None:
        return "row_id"
    way = "DESC" if order.startswith("-") else "ASC"
    return f"{_declared(table, order.removeprefix('-'))} {way}, row_id {way}"


def facts(
    *,
    after: int,
    limit: int,
    newest_first: bool,
    cpo_ids: frozenset[str] | None,
    **equals: Any,
) -> tuple[str, dict[str, Any]]:
    """`equals` are columns and their values; None is no condition."""
    where = Where()
    where.add("seq > :after", after=after, row_limit=limit)
    if cpo_ids is not None:
        where.among("cpo_id", cpo_ids, "cpo_ids")
    for name, value in equals.items():
        if value is not None:
            where.add(f"{name} = :{name}", **{name: column(value)})
    way = "DESC" if newest_first else "ASC"
    sql = f"SELECT seq, body FROM facts {where.sql} ORDER BY seq {way} LIMIT :row_limit"  # noqa: S608 - conditions above
    return sql, where.values


# --- Stations --------------------------------------------------------------------------------------------------------

STATION_TABLES = """
    station_master m
    CROSS JOIN station_evses e ON e.charge_station_id = m.charge_station_id
    CROSS JOIN station_live l ON l.charge_station_id = m.charge_station_id
"""
"""CROSS JOIN keeps SQLite from beginning with another part than the master, whose order is wanted."""

STATION_CHANGED = """m.charge_station_id IN (
    SELECT charge_station_id FROM station_master WHERE modified >= :date_from
    UNION SELECT charge_station_id FROM station_evses WHERE modified >= :date_from
    UNION SELECT charge_station_id FROM station_live WHERE changed >= :date_from)"""
STATION_NEWEST = """max(
    m.modified,
    (SELECT modified FROM station_evses e WHERE e.charge_station_id = m.charge_station_id),
    (SELECT changed FROM station_live l WHERE l.charge_station_id = m.charge_station_id))"""

STATION = f"SELECT {STATION_COLUMNS} FROM {STATION_TABLES} WHERE m.charge_station_id = :key"  # noqa: S608 - constants

STATIONS_AT = f"""
SELECT {STATION_COLUMNS} FROM {STATION_TABLES}
WHERE m.location_key IN (SELECT value FROM json_each(:keys)) ORDER BY m.created, m.row_id
"""  # noqa: S608 - constants


def stations(query: StationQuery) -> Select:
    where = Where()
    _scope(where, query, "m.cpo_id")
    if query.location_id is not None:
        where.add("m.location_key = :location_key", location_key=location_key(query.location_id))
    if query.deploy_state is not None:
        where.add("m.deploy_state = :deploy_state", deploy_state=column(query.deploy_state))
    _text(where, query.text, "m.search")
    _station_dates(where, query)
    matching = f"FROM station_master m {where.sql}"
    page = f"""
        SELECT {STATION_COLUMNS} FROM {STATION_TABLES} WHERE m.row_id IN (
            SELECT m.row_id {matching} ORDER BY m.created, m.row_id LIMIT :row_limit OFFSET :row_offset)
        ORDER BY m.created, m.row_id
    """  # noqa: S608 - constants and the conditions above
    return Select(page, f"SELECT count(*) {matching}", {**where.values, **_paging(query)})


def station_ids(cpo_ids: frozenset[str] | None) -> tuple[str, dict[str, Any]]:
    where = Where()
    if cpo_ids is not None:
        where.among("cpo_id", cpo_ids, "cpo_ids")
    return f"SELECT charge_station_id FROM station_master {where.sql} ORDER BY row_id", where.values  # noqa: S608 - as above


def _station_dates(where: Where, query: StationQuery) -> None:
    if query.date_from is not None:
        since = "m.modified >= :date_from" if query.exclude_evses_modified else STATION_CHANGED
        where.add(since, date_from=moment(query.date_from))
    if query.date_to is not None:
        newest = "m.modified" if query.exclude_evses_modified else STATION_NEWEST
        where.add(f"{newest} < :date_to", date_to=moment(query.date_to))


# --- Locations -------------------------------------------------------------------------------------------------------

LOCATION = f"SELECT {LOCATION_COLUMNS}, NULL FROM locations WHERE key = :key"  # noqa: S608 - constants

DISTANCE = "distance_m(latitude, longitude, :latitude, :longitude)"


def locations(query: LocationQuery) -> Select:
    where = Where()
    _scope(where, query, "cpo_id")
    _text(where, query.text, "search")
    _address(where, query)
    _location_dates(where, query)
    distance, order = "NULL", "created, row_id"
    if query.latitude is not None and query.longitude is not None:
        distance, order = DISTANCE, "distance IS NULL, distance, row_id"
        where.values.update(latitude=query.latitude, longitude=query.longitude)
        if query.distance_m is not None:
            _within(where, query.latitude, query.longitude, query.distance_m)
    page = (
        f"SELECT {LOCATION_COLUMNS}, {distance} AS distance FROM locations {where.sql} "  # noqa: S608 - constants
        f"ORDER BY {order} LIMIT :row_limit OFFSET :row_offset"
    )
    count = f"SELECT count(*) FROM locations {where.sql}"  # noqa: S608 - conditions above
    return Select(page, count, {**where.values, **_paging(query)})


LOCATION_CHANGED = """key IN (
    SELECT key FROM locations WHERE modified >= :date_from
    UNION SELECT key FROM locations WHERE evses_modified >= :date_from)"""
LOCATION_NEWEST = "max(modified, coalesce(evses_modified, ''))"


def _location_dates(where: Where, query: LocationQuery) -> None:
    if query.date_from is not None:
        since = "modified >= :date_from" if query.exclude_evses_modified else LOCATION_CHANGED
        where.add(since, date_from=moment(query.date_from))
    if query.date_to is not None:
        newest = "modified" if query.exclude_evses_modified else LOCATION_NEWEST
        where.add(f"{newest} < :date_to", date_to=moment(query.date_to))


def _address(where: Where, query: LocationQuery) -> None:
    """By functions of the rule itself (`app.domain.places`): SQLite knows the case of ASCII letters only."""
    if query.street is not None or query.housenumber is not None:
        where.add("stands_at(address, :street, :housenumber)", street=query.street, housenumber=query.housenumber)
    for name, wanted in (("city", query.city), ("postal_code", query.postcode), ("country", query.country)):
        if wanted is not None:
            where.add(f"same_text({name}, :{name})", **{name: wanted})


def _within(where: Where, latitude: float, longitude: float, metres: float) -> None:
    """A box first, by index; then the circle. No longitude box over the date line or at a pole."""
    degrees = math.degrees(metres / EARTH_RADIUS_M)
    where.add("latitude BETWEEN :south AND :north", south=latitude - degrees, north=latitude + degrees)
    if abs(latitude) + degrees < 89:
        side = degrees / math.cos(math.radians(abs(latitude) + degrees))
        if abs(longitude) + side <= 180:
            where.add("longitude BETWEEN :west AND :east", west=longitude - side, east=longitude + side)
    where.add(f"{DISTANCE} <= :distance_m", distance_m=metres)


# --- Both ------------------------------------------------------------------------------------------------------------


def _scope(where: Where, query: StationQuery | LocationQuery, name: str) -> None:
    if query.cpo_ids is not None:
        where.among(name, query.cpo_ids, "cpo_ids")
    if query.cpo_id is not None:
        where.add(f"{name} = :cpo_id", cpo_id=query.cpo_id)


def _text(where: Where, text: str | None, name: str) -> None:
    if text:
        where.add(f"instr({name}, :text) > 0", text=text.casefold())


def _paging(query: StationQuery | LocationQuery) -> dict[str, int]:
    return {"row_limit": query.limit, "row_offset": query.offset}
