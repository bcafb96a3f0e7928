"""Locations nearest first: circles that grow until they hold enough."""

import math
from collections.abc import Iterator
from typing import Any

from app.domain.errors import InvalidField
from app.ports import LocationQuery
from app.store.connections import EARTH_RADIUS_M
from app.store.listing import Found, Reading
from app.store.queries import Where, narrowed

CIRCLES_M = (1_000.0, 10_000.0, 100_000.0)
NOWHERE = "nowhere"


def found(query: LocationQuery) -> Reading[Found]:
    """Those without a place come last, and only where no distance bounds the search."""
    wanted: list[Any] = []
    for metres in _circles(query):
        wanted = yield _select(query, metres)
        if len(wanted) > query.limit:
            break
    page = wanted[: query.limit]
    after = _key(page[-1]) if page and len(wanted) > query.limit else None
    marks, distances = [(row[0], row[2]) for row in page], tuple(row[1] for row in page)
    total = (yield from _total(query)) if query.count else None
    return Found(marks, total, after, distances)


def _circles(query: LocationQuery) -> Iterator[float | None]:
    begun, _ = _begun(query)
    for metres in CIRCLES_M:
        if metres > begun and (query.distance_m is None or metres < query.distance_m):
            yield metres
    yield query.distance_m


def _select(query: LocationQuery, metres: float | None) -> tuple[str, dict[str, Any]]:
    where = _around(query, metres)
    begun, row_id = _begun(query)
    later = "TRUE"
    if query.after is not None:
        later = "(far > :begun OR (far = :begun AND row_id > :begun_row) OR far IS NULL)"
        if math.isinf(begun):
            later = "(far IS NULL AND row_id > :begun_row)"
    if metres is not None:
        later += " AND far <= :metres"
    sql = f"""
        WITH near AS MATERIALIZED (
            SELECT m.row_id, distance_m(m.latitude, m.longitude, :latitude, :longitude) AS far, s.mark
            FROM locations m JOIN location_stamps s ON s.row_id = m.row_id {where.sql})
        SELECT row_id, far, mark FROM near WHERE {later}
        ORDER BY far IS NULL, far, row_id LIMIT :row_limit OFFSET :row_offset
    """  # noqa: S608 - constants and conditions
    more = {"begun": begun, "begun_row": row_id, "metres": metres, "row_limit": query.limit + 1}
    return sql, {**where.values, **more, "row_offset": 0 if query.after else query.offset}


def _around(query: LocationQuery, metres: float | None) -> Where:
    """The other filters, and a box around the circle. No longitude box over the date line or at a pole."""
    where, latitude, longitude = narrowed(query), query.latitude or 0.0, query.longitude or 0.0
    where.values.update(latitude=latitude, longitude=longitude)
    if metres is None:
        return where
    degrees = math.degrees(metres / EARTH_RADIUS_M)
    where.add("m.latitude BETWEEN :south AND :north", south=latitude - degrees, north=latitude + degrees)
    if abs(latitude) + degrees < 89:
        side = degrees / math.cos(math.radians(abs(latitude) + degrees))
        if abs(longitude) + side <= 180:
            where.add("m.longitude BETWEEN :west AND :east", west=longitude - side, east=longitude + side)
    return where


def _total(query: LocationQuery) -> Reading[int]:
    where = _around(query, query.distance_m)
    if query.distance_m is not None:
        where.add(
            "distance_m(m.latitude, m.longitude, :latitude, :longitude) <= :distance_m", distance_m=query.distance_m
        )
    tables = "locations m JOIN location_stamps s ON s.row_id = m.row_id"
    rows = yield f"SELECT count(*) FROM {tables} {where.sql}", where.values  # noqa: S608 - as above
    return int(rows[0][0])


def _key(row: Any) -> str:
    return f"{NOWHERE if row[1] is None else repr(row[1])} {row[0]}"


def _begun(query: LocationQuery) -> tuple[float, int]:
    """Distance and row that the page before ended with; infinite where it ended among those without a place."""
    if query.after is None:
        return -1.0, 0
    far, _, row_id = query.after.partition(" ")
    try:
        return (math.inf if far == NOWHERE else float(far)), int(row_id)
    except ValueError:
        raise InvalidField("cursor", "the cursor of a Link as it was given") from None
