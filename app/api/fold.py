"""Paths under /api before routing: literal segments in any case, ids exactly as they were written.

The whole rest of a path behind a collection is one id, or two of a customer and of a command's result. Each is decoded
from the raw path once and handed on as one percent-encoded segment, so that neither `/` nor `%` in an id can be taken
for routing; `path_id` gives it back.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from app.domain.remotecommands import RemoteCommand

STATIONS = ("api", "1.0", "ChargeStations")
LOCATIONS = ("api", "2.0", "Locations")
TEMPLATES = "ChargestationTemplate"
BATCH = "batch"
CUSTOMERS = ("api", "2.0", "CpoCustomers")
COMMANDS = ("api", "1.0", "remotecommands")
WORDS = {STATIONS: (TEMPLATES, BATCH), LOCATIONS: (BATCH,), CUSTOMERS: (), COMMANDS: tuple(RemoteCommand)}
"""The collections, and the words that stand where an id would."""
PAIRS = {COMMANDS: -1, CUSTOMERS: 1}
"""Where the second of two ids begins."""


PLAIN = re.compile(
    rb"/api/(1\.0/ChargeStations|2\.0/Locations)(/(?!(?i:batch|chargestationtemplate)$)[A-Za-z0-9_-]+)?", re.ASCII
)
"""What most callers send needs no folding: our own spelling, and an id without anything to decode."""


def path_id(segment: str) -> str:
    """The id in a segment of a folded path."""
    return unquote(segment)


def fold_paths(app: ASGIApp) -> ASGIApp:
    """Wraps the whole application; only HTTP paths under /api are touched."""

    async def folded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            raw = scope.get("raw_path") or quote(scope["path"]).encode()
            path = None if PLAIN.fullmatch(raw) else folded_path(raw.decode("latin-1"))
            if path is not None:
                scope["path"] = path
                scope["raw_path"] = quote(path).encode()
        await app(scope, receive, send)

    return folded


def folded_path(raw: str) -> str | None:
    """The path to route by, or None outside /api. `raw` is percent-encoded; a trailing slash is no part of an id."""
    segments = raw.partition("?")[0].rstrip("/").split("/")[1:]
    decoded = tuple(unquote(segment).lower() for segment in segments)
    if decoded[:1] != ("api",):
        return None
    for collection, words in WORDS.items():
        if decoded[: len(collection)] == tuple(word.lower() for word in collection):
            return "/".join(("", *collection, *_rest(collection, segments[len(collection) :], words)))
    return unquote("/".join(("", "api", *segments[1:])))


def _rest(collection: tuple[str, ...], segments: Sequence[str], words: tuple[str, ...]) -> list[str]:
    """One id, but for the result of a command, that has the id of its own behind its EVSE's, and for a customer, that
    has it behind its CPO's: a `/` as it is belongs to the EVSE's and to the customer's.
    """
    if collection in PAIRS and len(segments) > 1:
        at = PAIRS[collection]
        return [quote(unquote("/".join(each)), safe="") for each in (segments[:at], segments[at:])]
    rest = unquote("/".join(segments))
    return [_last(rest, words)] if rest else []


def _last(rest: str, words: tuple[str, ...]) -> str:
    literal = next((word for word in words if word.lower() == rest.lower()), None)
    return literal or quote(rest, safe="")
