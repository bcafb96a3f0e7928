"""The port's queries as parameterised SQL. Names come from the schema and TABLES, values only ever as parameters."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.ports import Contains, LocationQuery, StationQuery, Table
from app.store.rows import LOCATION_COLUMNS, STATION_COLUMNS, column, location_key, moment

Sets = (set, frozenset, list, tuple)


class Where(Struct):
    """Conditions that all hold, and their parameters.

    Of a list: `joined` when they are on documents too, `dated` when on times, `one_cpo` when one CPO narrows them.
    """

    conditions: list[str] = []
    values: dict[str, Any] = {}
    joined: bool = False
    dated: bool = False
    one_cpo: bool = False

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

    def on_document(self, condition: str, **values: Any) -> None:
        self.joined = True
        self.add(condition, **values)

    def and_also(self, condition: str, **values: Any) -> "Where":
        """A copy with one condition more."""
        return replace(self, conditions=[*self.conditions, condition], values={**self.values, **values})

    @property
    def on_cpos_alone(self) -> bool:
        return not self.joined and not self.dated

    @property
    def sql(self) -> str:
        return f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


# --- Records and facts -----------------------------------------------------------------------------------------------


def get(table: Table) -> str:
    return f'SELECT body, rev FROM {table.name} WHERE "{table.key}" = :key'  # noqa: S608 - names of TABLES


def find(table: Table, equals: Mapping[str, Any], order: str | None, limit: int) -> tuple[str, dict[str, Any]]:
    """Raises ValueError for a name that TABLES does not declare."""
    where = _equal(table, equals)
    by = _order(table, order)
    sql = f"SELECT body, rev FROM {table.name} {where.sql} ORDER BY {by} LIMIT :row_limit"  # noqa: S608 - as above
    return sql, {**where.values, "row_limit": limit}


def one_column(table: Table, name: str, equals: Mapping[str, Any], limit: int) -> tuple[str, dict[str, Any]]:
    """As `find`, of one column."""
    where, quoted = _equal(table, equals), _declared(table, name)
    where.add(f"{quoted} IS NOT NULL")
    sql = f"SELECT {quoted} FROM {table.name} {where.sql} ORDER BY row_id LIMIT :row_limit"  # noqa: S608 - as above
    return sql, {**where.values, "row_limit": limit}


def _equal(table: Table, equals: Mapping[str, Any]) -> Where:
    where = Where()
    for name, value in equals.items():
        quoted = _declared(table, name)
        if isinstance(value, Sets):
            where.among(quoted, value, name)
        elif isinstance(value, Contains):
            where.add(f"instr({quoted}, :{name}) > 0", **{name: value.text})
        elif value is None:
            where.add(f"{quoted} IS NULL")
        else:
            where.add(f"{quoted} = :{name}", **{name: column(value)})
    return where


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

PAGE = "SELECT value FROM json_each(:keys)"

STATION_TABLES = """
    station_master m
    CROSS JOIN station_evses e ON e.row_id = m.row_id
    CROSS JOIN station_live l ON l.row_id = m.row_id
"""
"""CROSS JOIN keeps SQLite from beginning with another part than the master, whose order is wanted."""

SOCKETS = "SELECT charge_station_id, connection_id FROM station_live WHERE connection_id IS NOT NULL"

STATION = f"SELECT {STATION_COLUMNS} FROM {STATION_TABLES} WHERE m.charge_station_id = :key"  # noqa: S608 - constants

STATION_MARK = """
SELECT s.row_id, s.mark, s.cpo_id FROM station_master m CROSS JOIN station_stamps s ON s.row_id = m.row_id
WHERE m.charge_station_id = :key
"""

STATIONS_AT = f"""
SELECT {STATION_COLUMNS} FROM {STATION_TABLES}
WHERE m.location_key IN (SELECT value FROM json_each(:keys)) ORDER BY m.row_id
"""  # noqa: S608 - constants

STATIONS = f"SELECT m.row_id, {STATION_COLUMNS} FROM {STATION_TABLES} WHERE m.row_id IN ({PAGE})"  # noqa: S608 - as above


STATION_COUNTS = """
SELECT location_key, count(*) FROM station_master WHERE location_key IN (SELECT value FROM json_each(:keys))
GROUP BY location_key
"""


def station_ids(cpo_ids: frozenset[str] | None) -> tuple[str, dict[str, Any]]:
    where = Where()
    if cpo_ids is not None:
        where.among("cpo_id", cpo_ids, "cpo_ids")
    return f"SELECT charge_station_id FROM station_master {where.sql} ORDER BY row_id", where.values  # noqa: S608 - as above


# --- Locations -------------------------------------------------------------------------------------------------------

LOCATION = f"SELECT {LOCATION_COLUMNS}, NULL FROM locations WHERE key = :key"  # noqa: S608 - constants

LOCATIONS = f"""
SELECT {LOCATION_COLUMNS}, row_id FROM locations WHERE row_id IN ({PAGE}) ORDER BY row_id
"""  # noqa: S608 - constants


# --- Lists -----------------------------------------------------------------------------------------------------------


def narrowed(query: StationQuery | LocationQuery) -> Where:
    """What a list asks for, apart from its window and its order: `s` is the narrow row, `m` the document's."""
    where = Where(
        dated=query.date_from is not None or query.date_to is not None,
        one_cpo=query.cpo_id is not None or (query.cpo_ids is not None and len(query.cpo_ids) == 1),
    )
    stamp = "s.own" if query.exclude_evses_modified else "s.written"
    if query.date_from is not None:
        where.add(f"{stamp} >= :date_from", date_from=moment(query.date_from))
    if query.date_to is not None:
        where.add(f"{stamp} < :date_to", date_to=moment(query.date_to))
    if query.cpo_ids is not None:
        where.among("s.cpo_id", query.cpo_ids, "cpo_ids")
    if query.cpo_id is not None:
        where.add("s.cpo_id = :cpo_id", cpo_id=query.cpo_id)
    if query.text:
        where.on_document("instr(m.search, :text) > 0", text=query.text.casefold())
    _at(where, query) if isinstance(query, StationQuery) else _address(where, query)
    return where


def _at(where: Where, query: StationQuery) -> None:
    if query.location_id is not None:
        where.on_document("m.location_key = :location_key", location_key=location_key(query.location_id))
    if query.deploy_state is not None:
        where.on_document("m.deploy_state = :deploy_state", deploy_state=column(query.deploy_state))


def _address(where: Where, query: LocationQuery) -> None:
    """By functions of the rule itself (`app.domain.places`): SQLite knows the case of ASCII letters only."""
    if query.street is not None or query.housenumber is not None:
        at = {"street": query.street, "housenumber": query.housenumber}
        where.on_document("stands_at(m.address, :street, :housenumber)", **at)
    for name, wanted in (("city", query.city), ("postal_code", query.postcode), ("country", query.country)):
        if wanted is not None:
            where.on_document(f"same_text(m.{name}, :{name})", **{name: wanted})
