"""Between records and rows: column values, stored times, and the rows that the port hands out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from app.domain.facts import Fact
from app.ports import TABLES, LocationRow, StationRow

T = TypeVar("T")


@lru_cache(maxsize=1024)
def moment(value: datetime) -> str:
    """UTC text of one width, so that the order of texts is the order of times. Without a zone it is UTC."""
    zoned = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return zoned.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


PLAIN = frozenset({str, bytes, int, float, type(None)})


def column(value: Any) -> Any:
    """An attribute as SQLite keeps and compares it."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Enum):
        return column(value.value)
    return int(value) if isinstance(value, bool) else value


def fold(*texts: str | None) -> str:
    """What text search looks in: a line for each text, in one case for any script."""
    return "\n".join(text.casefold() for text in texts if text)


def location_key(location_id: str) -> str:
    return location_id.lower()


_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(kind) for kind in (*TABLES, Fact)}


def record(kind: type[T], row: Sequence[Any]) -> tuple[T, int]:
    """A record and its rev from (body, rev)."""
    return _DECODERS[kind].decode(row[0]), row[1]


def fact(row: Sequence[Any]) -> Fact:
    """A fact with its number from (seq, body)."""
    found: Fact = _DECODERS[Fact].decode(row[1])
    found.seq = row[0]
    return found


STATION_COLUMNS = """
    m.charge_station_id, m.cpo_id, m.location_id, m.deploy_state, m.modified, m.body, m.rev,
    e.body, e.rev, e.modified, l.body, l.rev, l.online, l.changed, l.shown, l.shown_evses, l.offline_reason
"""
"""In the order of StationRow's fields, which is tested: a list makes thousands of them."""


def station(row: Sequence[Any]) -> StationRow:
    """From STATION_COLUMNS."""
    id_, cpo, place, state, modified, master, rev, evses, evses_rev, evses_at, live, live_rev, on, changed, *shown = row
    return StationRow(
        id_, cpo, place, state, time(modified), master, rev,
        evses, evses_rev, time(evses_at), live, live_rev, bool(on), time(changed), *shown,
    )  # fmt: skip


time = datetime.fromisoformat


LOCATION_COLUMNS = "key, cpo_id, body, rev, modified, evses_modified"


def location(row: Sequence[Any], stations: Sequence[StationRow] = ()) -> LocationRow:
    """From LOCATION_COLUMNS and the distance."""
    return LocationRow(
        key=row[0],
        cpo_id=row[1],
        body=row[2],
        rev=row[3],
        modified=time(row[4]),
        evses_modified=time(row[5]) if row[5] else None,
        distance_m=row[6],
        stations=tuple(stations),
    )


def by_location(found: Iterable[Sequence[Any]]) -> dict[str, list[StationRow]]:
    """Stations under the keys of their locations, from rows of STATION_COLUMNS."""
    at: dict[str, list[StationRow]] = {}
    for row in found:
        made = station(row)
        at.setdefault(location_key(made.location_id), []).append(made)
    return at


def placed(
    row_ids: Sequence[int],
    distances: Sequence[float | None] | None,
    documents: Iterable[Sequence[Any]],
    stations: Mapping[str, Sequence[StationRow]],
) -> Iterator[LocationRow]:
    """Locations in the order of a page, from rows of LOCATION_COLUMNS and the row id."""
    by_row = {row[-1]: row[:-1] for row in documents}
    for row_id, far in zip(row_ids, distances or (None,) * len(row_ids), strict=True):
        row = by_row[row_id]
        yield location((*row, far), stations.get(row[0], ()))
