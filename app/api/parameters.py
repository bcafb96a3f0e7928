"""Query parameters of the platform API (platform-api 3.1, 7.1).

Their names are mixed on the wire (`cpoId`, `date_from`, `distanceinmeters`), so they are read in any case and with or
without underscores. An empty value counts as not given; a wrong one raises BadQuery naming the parameter.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from app.api.envelope import BadQuery
from app.domain.model import utc
from app.ports import CustomerQuery, LocationQuery, StationQuery
from app.web.bodies import A_TIME, explain
from app.web.paging import Cursor, decode

DEFAULT_LIMIT = 100
MOST = 1000
DEFAULT_DISTANCE = 100.0
DATES = frozenset({"date_from", "date_to"})
INT32 = 2**31 - 1
DATED = re.compile(r"[0-9]{4}-")
SPACED = re.compile(r" ([0-9]{2}:?[0-9]{2})$")

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Distance = Annotated[float, Meta(ge=DEFAULT_DISTANCE, le=1000)]

T = TypeVar("T", bound=Struct)


class WindowParameters(Struct, frozen=True, kw_only=True):
    """What all lists take. A larger `limit` than MOST is capped in silence, as the platform does."""

    cpo_id: str | None = None
    offset: Annotated[int, Meta(ge=0, le=INT32)] = 0
    limit: Annotated[int, Meta(ge=1)] = DEFAULT_LIMIT
    cursor: str | None = None


class CustomerParameters(WindowParameters, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1)] = MOST


class ListParameters(WindowParameters, frozen=True, kw_only=True):
    """What the lists of stations and locations take."""

    date_from: datetime | None = None
    date_to: datetime | None = None
    exclude_evses_modified: bool = False


class StationParameters(ListParameters, frozen=True, kw_only=True):
    location_id: str | None = None


class LocationParameters(ListParameters, frozen=True, kw_only=True):
    exclude_evses: bool = False
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    distanceinmeters: Distance | None = None
    street: str | None = None
    housenumber: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None


class OneLocationParameters(Struct, frozen=True, kw_only=True):
    exclude_evses: bool = False


def read(query: Iterable[tuple[str, str]], kind: type[T]) -> T:
    """The parameters that `kind` knows; others are ignored, and of one given twice the last counts."""
    sent = {_folded(name): (name, value) for name, value in query if value}
    names = _names(kind)
    given = {field: sent[fold] for fold, field in names.items() if fold in sent}
    values = {field: _date(*said) if field in DATES else said[1] for field, said in given.items()}
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        invalid = explain(str(error), kind)
        field = str(invalid.detail["field"])
        raise BadQuery(invalid.message.replace(field, given[field][0], 1)) from error


def _date(name: str, value: str) -> str:
    """The `+` of an offset that was not percent-encoded has come as a space. A bare number is no date: read as seconds
    since 1970 it would ask for everything.
    """
    if not DATED.match(value):
        raise BadQuery(f"{name} is not valid: expected {A_TIME}")
    return SPACED.sub(r"+\1", value)


def cursor_of(query: Iterable[tuple[str, str]]) -> Cursor | None:
    """Where a page goes on, from the Link of the one before. Raises BadQuery for one that was never handed out."""
    text = read(query, WindowParameters).cursor
    try:
        return None if text is None else decode(text)
    except ValueError as error:
        raise BadQuery(f"cursor is not valid: expected {error}") from error


def _window(asked: WindowParameters) -> dict[str, Any]:
    cursor = None if asked.cursor is None else cursor_of([("cursor", asked.cursor)])
    return {
        "offset": asked.offset,
        "limit": min(asked.limit, MOST),
        "after": cursor.after if cursor else None,
        "count": cursor is None,
    }


@cache
def _names(kind: type[Struct]) -> dict[str, str]:
    return {_folded(field): field for field in kind.__struct_fields__}


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def station_query(asked: StationParameters, cpo_ids: frozenset[str] | None) -> StationQuery:
    return StationQuery(
        cpo_ids=cpo_ids,
        cpo_id=asked.cpo_id,
        location_id=asked.location_id,
        date_from=_moment("date_from", asked.date_from),
        date_to=_moment("date_to", asked.date_to),
        exclude_evses_modified=asked.exclude_evses_modified,
        **_window(asked),
    )


def location_query(asked: LocationParameters, cpo_ids: frozenset[str] | None) -> LocationQuery:
    """Raises BadQuery for half a coordinate, and a distance without one."""
    _check_combination(asked)
    near = asked.latitude is not None
    return LocationQuery(
        cpo_ids=cpo_ids,
        cpo_id=asked.cpo_id,
        date_from=_moment("date_from", asked.date_from),
        date_to=_moment("date_to", asked.date_to),
        exclude_evses=asked.exclude_evses,
        exclude_evses_modified=asked.exclude_evses_modified,
        latitude=asked.latitude,
        longitude=asked.longitude,
        distance_m=(asked.distanceinmeters or DEFAULT_DISTANCE) if near else None,
        street=asked.street,
        housenumber=asked.housenumber,
        city=asked.city,
        postcode=asked.postcode,
        country=asked.country,
        **_window(asked),
    )


def customer_query(asked: CustomerParameters, cpo_ids: frozenset[str] | None) -> CustomerQuery:
    return CustomerQuery(cpo_ids=cpo_ids, cpo_id=asked.cpo_id, **_window(asked))


def _check_combination(asked: LocationParameters) -> None:
    for one, other in (("latitude", "longitude"), ("longitude", "latitude"), ("distanceinmeters", "latitude")):
        if getattr(asked, one) is not None and getattr(asked, other) is None:
            raise BadQuery(f"'{other}' must be specified when '{one}' is")


def _moment(name: str, given: datetime | None) -> datetime | None:
    try:
        return None if given is None else utc(given)
    except OverflowError as error:
        raise BadQuery(f"{name} is not valid: expected a time between the years 1 and 9999") from error
