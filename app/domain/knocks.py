"""Connection attempts of stations: the one spelling of an id, and how a strange id differs from a known one."""

import unicodedata
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from app.domain.errors import StationWasOnline
from app.domain.live import Live
from app.domain.scan import SEPARATORS, comparable, differing, nearest_first


class Difference(StrEnum):
    """How the id that a station calls itself differs from the known one: the first of these that explains it."""

    CASE = "case"
    BLANKS = "blanks"
    LOOK_ALIKE = "look_alike"
    SWAPPED = "swapped"
    CHARACTER = "character"
    MISSING = "missing"
    EXTRA = "extra"
    SEVERAL = "several"


class Adopted(Struct, kw_only=True, frozen=True):
    """The station that knocked as `knock_id` was recognised as this one, and with `password` it keeps its own.

    `station_id` is the id that it was begun with, `labels` are the codes that followed: "not my station" puts both
    back.
    """

    knock_id: str
    station_id: str
    labels: list[str] = []
    password: bool
    by: str
    at: datetime


def canonical(identity: str) -> str:
    """The one spelling of an id that is kept: without blanks at its ends, its accents composed. Case counts."""
    return unicodedata.normalize("NFC", identity.strip())


def difference(called: str, known: str) -> Difference:
    """What a person has to look for; `called` is the station's own spelling. MISSING and EXTRA are seen from it."""
    if called.casefold() == known.casefold():
        return Difference.CASE
    if SEPARATORS.sub("", called).casefold() == SEPARATORS.sub("", known).casefold():
        return Difference.BLANKS
    one, other = differing(comparable(called), comparable(known))
    if (one, other) == ("", ""):
        return Difference.LOOK_ALIKE
    if len(one) == 2 and one == other[::-1]:
        return Difference.SWAPPED
    single = {(1, 1): Difference.CHARACTER, (0, 1): Difference.MISSING, (1, 0): Difference.EXTRA}
    return single.get((len(one), len(other)), Difference.SEVERAL)


def meant(identity: str, known: list[str], awaited: set[str]) -> str | None:
    """The known id that a strange one may mean: of equally near ones the one that somebody waits for."""
    found = nearest_first(identity, known)
    best = [each for distance, each in found if distance == found[0][0]]
    return next((each for each in best if each in awaited), best[0] if best else None)


def never_online(live: Live) -> bool:
    """No socket of this id was ever let in: nothing speaks for the id."""
    return live.connection_id is None and live.online_since is None and live.offline_since is None


def require_never_online(live: Live) -> None:
    """Raises StationWasOnline."""
    if not never_online(live):
        raise StationWasOnline("this station has been online under its id: the id stays")
