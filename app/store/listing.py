"""Which rows a list shows, and where its next page begins: by keyset in the order of arrival.

So each page costs the same, and rows that come or change meanwhile shift nothing. The choice is made on narrow rows
(`station_stamps`, `location_stamps`); documents are read for the page alone.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from app.domain.errors import InvalidField
from app.ports import LocationQuery, StationQuery
from app.store.queries import Where
from app.store.rows import moment

FEW = 512
WINDOW = 20_000

Run = Callable[[str, Mapping[str, Any]], list[Any]]


class Noun(Struct, frozen=True):
    """A kind of object: its narrow rows and its documents, joined by `row_id`."""

    stamps: str
    documents: str


STATIONS = Noun("station_stamps", "station_master")
LOCATIONS = Noun("location_stamps", "locations")


class Found(Struct, frozen=True):
    """The row ids of a page in order, each with its mark; `distances` beside them where a place was asked for."""

    marks: list[tuple[int, int]]
    total: int | None = None
    after: str | None = None
    distances: tuple[float | None, ...] | None = None

    @property
    def keys(self) -> list[int]:
        return [mark[0] for mark in self.marks]


def among(row_ids: list[int]) -> dict[str, str]:
    """The parameters of a statement on these rows."""
    return {"keys": msgspec.json.encode(row_ids).decode()}


def row_id_of(after: str | None) -> int:
    """The row that the page before ended with. Raises InvalidField for what no page has given."""
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise InvalidField("cursor", "the cursor of a Link as it was given")
    return int(after)


def found(run: Run, noun: Noun, where: Where, query: StationQuery | LocationQuery) -> Found:
    """One row more than the page is looked for: it tells whether there is a next one."""
    values = {"after": row_id_of(query.after), "row_limit": query.limit + 1, "row_offset": 0}
    if query.after is None:
        values["row_offset"] = query.offset
    marks = _marks(run, noun, where, query, values)
    more = len(marks) > query.limit
    page = marks[: query.limit]
    after = str(page[-1][0]) if more and page else None
    return Found(page, _total(run, noun, where, query, len(page), more), after)


def _marks(
    run: Run, noun: Noun, where: Where, query: StationQuery | LocationQuery, values: Mapping[str, int]
) -> list[tuple[int, int]]:
    if where.joined or query.date_from is None:
        return _read(run, noun, where, _way(noun, where), values)
    if len(few := _few(run, noun, query)) <= FEW or query.offset:
        return _read(run, noun, where, _by_date(noun, query), values) if few else []
    window = where.and_also("s.row_id <= :window", window=values["after"] + WINDOW)
    found = _read(run, noun, window, _way(noun, where), values)
    if len(found) < values["row_limit"] and _last(run, noun) > values["after"] + WINDOW:
        return _read(run, noun, where, _by_date(noun, query), values)
    return found


def _few(run: Run, noun: Noun, query: StationQuery | LocationQuery) -> list[Any]:
    """Up to one more than FEW rows that changed: so many are sorted faster than they are found in order."""
    stamp = "own" if query.exclude_evses_modified else "written"
    sql = f"SELECT row_id FROM {noun.stamps} WHERE {stamp} >= :since LIMIT {FEW + 1}"  # noqa: S608 - constants
    return run(sql, {"since": moment(query.date_from)} if query.date_from else {})


def _by_date(noun: Noun, query: StationQuery | LocationQuery) -> str:
    return f"INDEXED BY {noun.stamps}_{'own' if query.exclude_evses_modified else 'written'}"


def _way(noun: Noun, where: Where) -> str:
    """In the order of arrival: along the rows, or along one CPO's."""
    if where.joined:
        return ""
    return f"INDEXED BY {noun.stamps}_cpo" if where.one_cpo else "NOT INDEXED"


def _last(run: Run, noun: Noun) -> int:
    return run(f"SELECT coalesce(max(row_id), 0) FROM {noun.stamps}", {})[0][0]  # type: ignore[no-any-return]  # noqa: S608


def _tables(noun: Noun, where: Where, way: str) -> str:
    documents = f"JOIN {noun.documents} m ON m.row_id = s.row_id" if where.joined else ""
    return f"{noun.stamps} s {way} {documents}"


def _read(run: Run, noun: Noun, where: Where, way: str, values: Mapping[str, int]) -> list[tuple[int, int]]:
    bounded = where.and_also("s.row_id > :after")
    sql = (
        f"SELECT s.row_id, s.mark FROM {_tables(noun, where, way)} {bounded.sql} "  # noqa: S608 - constants and conditions
        "ORDER BY s.row_id LIMIT :row_limit OFFSET :row_offset"
    )
    return run(sql, {**bounded.values, **values})


def _total(
    run: Run, noun: Noun, where: Where, query: StationQuery | LocationQuery, shown: int, more: bool
) -> int | None:
    """The last page has told the total itself."""
    if not query.count:
        return None
    if not more and query.after is None and (shown or not query.offset):
        return query.offset + shown
    sql = f"SELECT count(*) FROM {_tables(noun, where, '')} {where.sql}"  # noqa: S608 - as above
    return int(run(sql, where.values)[0][0])
