"""Coordinates as the wire writes them: decimal degrees in strings, kept as they came."""

import re

from app.domain.errors import InvalidField
from app.domain.model import GeoLocation

DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


def coordinates(field: str, place: GeoLocation) -> GeoLocation:
    """Raises InvalidField for what is not a point on Earth."""
    _require_degrees(f"{field}.latitude", place.latitude, 90)
    _require_degrees(f"{field}.longitude", place.longitude, 180)
    return place


def _require_degrees(field: str, text: str, bound: int) -> None:
    if not DEGREES.fullmatch(text) or abs(float(text)) > bound:
        raise InvalidField(field, f"decimal degrees from -{bound} to {bound}, with a point, as a string")


def point(place: GeoLocation | None) -> tuple[float, float] | None:
    """Latitude and longitude in degrees."""
    return None if place is None else (float(place.latitude), float(place.longitude))
