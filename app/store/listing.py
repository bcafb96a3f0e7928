"""Which rows a list shows, and where its next page begins: by keyset in the order of arrival.

So each page costs the same, and rows that come or change meanwhile shift nothing. The choice is made on narrow rows
(`station_stamps`, `location_stamps`); documents are read for the page alone.
"""

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from app.domain.errors import InvalidField
from app.ports import LocationQuery, StationQuery
from app.store.queries import Where
from app.store.rows import moment

FEW = 512
WINDOW = 20_000
FEW_OF_SPANS = 128
SPAN, TEN_MINUTES = len("2026-03-02T08:1"), timedelta(minutes=10)
ARMS = tuple(f"span_{letter}" for letter in "abcdefghijklmnopqr")
"""The parameters of as many spans as are merged: of more, the rows that changed lie close enough together."""

T = TypeVar("T")
Marks = list[tuple[int, int]]
Reading = Generator[tuple[str, Mapping[str, Any]], list[Any], T]
"""Yields a query, is sent its rows, and returns what it made of them: whoever drives it may wait or not."""


class Noun(Struct, frozen=True):
    """A kind of object: its narrow rows and its documents, joined by `row_id`; how many narrow rows each CPO has."""

    stamps: str
    documents: str
    totals: str


STATIONS = Noun("station_stamps", "station_master", "station_totals")
LOCATIONS = Noun("location_stamps", "locations", "location_totals")


class Found(Struct, frozen=True):
    """The row ids of a page in order, each with its mark; `distances` beside them where a place was asked for."""

    marks: Marks
    total: int | None = None
    after: str | None = None
    distances: tuple[float | None, ...] | None = None

    @property
    def keys(self) -> list[int]:
        return [mark[0] for mark in self.marks]


def among(row_ids: Sequence[int | str]) -> dict[str, str]:
    """The parameters of a statement on these rows, by id or key."""
    return {"keys": msgspec.json.encode(row_ids).decode()}


def row_id_of(after: str | None) -> int:
    """The row that the page before ended with. Raises InvalidField for what no page has given."""
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise InvalidField("cursor", "the cursor of a Link as it was given")
    return int(after)


def found(noun: Noun, where: Where, query: StationQuery | LocationQuery) -> Reading[Found]:
    """One row more than the page is looked for: it tells whether there is a next one."""
    values = {"after": row_id_of(query.after), "row_limit": query.limit + 1, "row_offset": 0}
    if query.after is None:
        values["row_offset"] = query.offset
    marks = yield from _marks(noun, where, query, values)
    more = len(marks) > query.limit
    page = marks[: query.limit]
    after = str(page[-1][0]) if more and page else None
    total = yield from _total(noun, where, query, len(page), more)
    return Found(page, total, after)


def glance(noun: Noun, where: Where, query: StationQuery | LocationQuery) -> tuple[str, Mapping[str, Any]] | None:
    """One statement for all that a page needs to know of rows that may be kept: their marks and the total.

    The marks come as one text, for handing out fifty rows costs more than finding them. None where a filter asks for
    more than a look at narrow rows in their order.
    """
    if not where.on_cpos_alone:
        return None
    values = {"after": row_id_of(query.after), "row_limit": query.limit + 1, "row_offset": 0}
    if query.after is None:
        values["row_offset"] = query.offset
    return _glance(noun, where.sql, _way(noun, where)), {**where.values, **values}


@cache
def _glance(noun: Noun, where: str, way: str) -> str:
    """There are as many as there are shapes of a scope."""
    page = f"SELECT s.mark FROM {noun.stamps} s {way} {where or 'WHERE TRUE'} AND s.row_id > :after"  # noqa: S608
    window = "ORDER BY s.row_id LIMIT :row_limit OFFSET :row_offset"
    total = f"SELECT coalesce(sum(s.total), 0) FROM {noun.totals} s {where}"  # noqa: S608 - constants and conditions
    return f"SELECT group_concat(mark), ({total}) FROM ({page} {window})"  # noqa: S608 - as above


def _marks(noun: Noun, where: Where, query: StationQuery | LocationQuery, values: Mapping[str, int]) -> Reading[Marks]:
    if where.joined or query.date_from is None:
        return (yield from _read(noun, where, _way(noun, where), values))
    spans = yield from _spans(noun, query)
    few = FEW_OF_SPANS if spans else FEW
    changed = yield from _changed(noun, query, few)
    if not changed:
        return []
    if changed <= few or query.offset:
        return (yield from _read(noun, where, _by_date(noun, query), values))
    if spans:
        return (yield from _merged(noun, where, spans, values))
    window = where.and_also("s.row_id <= :window", window=values["after"] + WINDOW)
    found = yield from _read(noun, window, "NOT INDEXED", values)
    if len(found) >= values["row_limit"] or (yield from _last(noun)) <= values["after"] + WINDOW:
        return found
    return (yield from _read(noun, where, _by_date(noun, query), values))


def _changed(noun: Noun, query: StationQuery | LocationQuery, few: int) -> Reading[int]:
    """How many rows changed, counted to one more than `few`: so many are sorted faster than they are found in order."""
    stamp = "own" if query.exclude_evses_modified else "written"
    some = f"SELECT row_id FROM {noun.stamps} WHERE {stamp} >= :since LIMIT {few + 1}"  # noqa: S608 - constants
    sql = f"SELECT count(*) FROM ({some}) AS changed"  # noqa: S608 - as above
    rows = yield sql, {"since": moment(query.date_from)} if query.date_from else {}
    return int(rows[0][0])


def _spans(noun: Noun, query: StationQuery | LocationQuery) -> Reading[tuple[str, ...]]:
    """Those in which something may have changed since `date_from`, as `written` begins; none when they are many."""
    if query.date_from is None or query.exclude_evses_modified:
        return ()
    rows = yield f"SELECT coalesce(max(written), '') FROM {noun.stamps}", {}  # noqa: S608 - constants
    return _between(moment(query.date_from), rows[0][0][:SPAN])


@lru_cache(maxsize=64)
def _between(begin: str, last: str) -> tuple[str, ...]:
    """The spans from a moment to the last one: the same for all pages of a pull, unless there are many."""
    if begin[:SPAN] > last:
        return ()
    since, until = datetime.fromisoformat(begin), datetime.fromisoformat(f"{last}0:00Z")
    if until - since > (len(ARMS) - 2) * TEN_MINUTES:
        return ()
    each = (moment(since + number * TEN_MINUTES)[:SPAN] for number in range(len(ARMS)))
    return tuple(takewhile(lambda span: span <= last, each))


def _merged(noun: Noun, where: Where, spans: Sequence[str], values: Mapping[str, int]) -> Reading[Marks]:
    """Within a span rows lie in the order of arrival: of each so many are taken as the page shows."""
    arms = dict(zip(ARMS, spans, strict=False))
    return (yield _union(noun, where.sql, len(arms)), {**where.values, **arms, **values})


@cache
def _union(noun: Noun, where: str, arms: int) -> str:
    begun = f"{where} AND s.row_id > :after"
    found = f"SELECT s.row_id, s.mark FROM {noun.stamps} s INDEXED BY {noun.stamps}_span {begun}"  # noqa: S608
    union = " UNION ALL ".join(f"{found} AND substr(s.written, 1, {SPAN}) = :{arm}" for arm in ARMS[:arms])
    return f"{union} ORDER BY row_id LIMIT :row_limit OFFSET :row_offset"


def _by_date(noun: Noun, query: StationQuery | LocationQuery) -> str:
    return f"INDEXED BY {noun.stamps}_{'own' if query.exclude_evses_modified else 'written'}"


def _way(noun: Noun, where: Where) -> str:
    """In the order of arrival: along the rows, or along one CPO's."""
    if where.joined:
        return ""
    return f"INDEXED BY {noun.stamps}_cpo" if where.one_cpo else "NOT INDEXED"


def _last(noun: Noun) -> Reading[int]:
    rows = yield f"SELECT coalesce(max(row_id), 0) FROM {noun.stamps}", {}  # noqa: S608 - constants
    return int(rows[0][0])


def _tables(noun: Noun, where: Where, way: str) -> str:
    documents = f"JOIN {noun.documents} m ON m.row_id = s.row_id" if where.joined else ""
    return f"{noun.stamps} s {way} {documents}"


def _read(noun: Noun, where: Where, way: str, values: Mapping[str, int]) -> Reading[Marks]:
    bounded = where.and_also("s.row_id > :after")
    sql = (
        f"SELECT s.row_id, s.mark FROM {_tables(noun, where, way)} {bounded.sql} "  # noqa: S608 - constants and conditions
        "ORDER BY s.row_id LIMIT :row_limit OFFSET :row_offset"
    )
    return (yield sql, {**bounded.values, **values})


def _total(
    noun: Noun, where: Where, query: StationQuery | LocationQuery, shown: int, more: bool
) -> Reading[int | None]:
    """The last page has told the total itself; who asks for all that CPOs have is not counted for."""
    if not query.count:
        return None
    if not more and query.after is None and (shown or not query.offset):
        return query.offset + shown
    way = "" if where.joined or query.date_from is None else _by_date(noun, query)
    sql = f"SELECT count(*) FROM {_tables(noun, where, way)} {where.sql}"  # noqa: S608 - as above
    if where.on_cpos_alone:
        sql = f"SELECT coalesce(sum(s.total), 0) FROM {noun.totals} s {where.sql}"  # noqa: S608 - as above
    rows = yield sql, where.values
    return int(rows[0][0])
