"""Where a location is: its coordinates, decimal degrees in strings kept as they came, and the parts of its address."""

import re

from app.domain.errors import InvalidField
from app.domain.model import GeoLocation

HOUSE_NUMBER = re.compile(r"[0-9]")
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


def same_text(text: str | None, wanted: str) -> bool:
    """The same words in any case and with any space around them."""
    return (text or "").strip().casefold() == wanted.strip().casefold()


def stands_at(address: str | None, street: str | None, housenumber: str | None) -> bool:
    """Whether an address, written "street housenumber", has these parts, each as a whole and in any case.

    A house number begins with a digit, and what follows the street must be one: "Kanaalweg" is the street of
    "Kanaalweg 58 bis" and not of "Kanaalweg West 58". None counts as any.
    """
    here = " ".join((address or "").casefold().split())
    road = None if street is None else " ".join(street.casefold().split())
    number = None if housenumber is None else " ".join(housenumber.casefold().split())
    if road is not None and number is not None:
        return here == f"{road} {number}"
    if road is not None:
        rest = here.removeprefix(f"{road} ")
        return here == road or (rest != here and HOUSE_NUMBER.match(rest) is not None)
    return number is None or (HOUSE_NUMBER.match(number) is not None and here.endswith(f" {number}"))
