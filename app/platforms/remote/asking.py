"""When the copy does not have the location that somebody looks for, and how the platform is asked for it, once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.geo import distance_m
from app.domain.places import point
from app.platforms.remote.heads import location_head
from app.ports import LocationQuery

NEAR_M = 250.0
AROUND_M = 500
SHORTEST = 4
AGAIN = timedelta(minutes=5)
MOST_REMEMBERED = 1000


class Asking:
    """The same place or text is asked for once in some minutes."""

    def __init__(self) -> None:
        self._asked: dict[str, datetime] = {}

    def missing(self, query: LocationQuery, rows: Sequence[bytes], now: datetime) -> dict[str, str] | None:
        """The parameters to ask with; None where the copy will do."""
        wanted = None if query.offset else _wanted(query, rows)
        if wanted is None or now - self._asked.get(str(wanted), now - AGAIN) < AGAIN:
            return None
        if len(self._asked) >= MOST_REMEMBERED:
            self._asked = {}
        self._asked[str(wanted)] = now
        return wanted


def _wanted(query: LocationQuery, rows: Sequence[bytes]) -> dict[str, str] | None:
    """Around a place where nothing near is known; a text that leads nowhere is a postal code or a town."""
    text = (query.text or "").strip()
    if text:
        name = "postcode" if any(letter.isdigit() for letter in text) else "city"
        return None if rows or len(text) < SHORTEST else {name: text}
    if query.latitude is None or query.longitude is None or any(_is_near(row, query) for row in rows[:1]):
        return None
    latitude, longitude = round(query.latitude, 3), round(query.longitude, 3)
    return {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}", "distanceinmeters": str(AROUND_M)}


def _is_near(row: bytes, query: LocationQuery) -> bool:
    there = point(location_head(row).coordinates)
    here = (query.latitude or 0.0, query.longitude or 0.0)
    return there is not None and distance_m(*here, *there) <= NEAR_M
