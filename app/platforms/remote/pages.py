"""Lists of a remote platform that are asked for now, as few and as small as they can be (platform-api 3.4)."""

from collections.abc import Mapping

from msgspec import Struct

from app.platforms.remote.wire import MOST, Wire, refusal
from app.ports import Page

MOST_PAGES = 200
UNTOLD = 100
"""What a platform may cap a page at in silence: its default."""


class _Part(Struct, frozen=True):
    """What one request gave; `total` only where the platform tells it."""

    rows: list[bytes]
    complete: bool
    total: int | None


async def read_all(wire: Wire, path: str, params: Mapping[str, str]) -> list[bytes]:
    """Every page until one is shorter than what the platform gives at most."""
    found: list[bytes] = []
    for _ in range(MOST_PAGES):
        part = await _part(wire, path, params, len(found), MOST)
        found.extend(part.rows)
        if part.complete:
            break
    return found


async def read_page(wire: Wire, path: str, params: Mapping[str, str], offset: int, limit: int) -> Page[bytes]:
    """`limit` objects from `offset`, in as many requests as the platform's own limit asks for.

    Where it does not say how many match in all, the total is one more than what is known while more may follow.
    """
    part = await _part(wire, path, params, offset, min(MOST, limit))
    found = list(part.rows)
    while len(found) < limit and not part.complete:
        part = await _part(wire, path, params, offset + len(found), min(MOST, limit - len(found)))
        found.extend(part.rows)
    least = offset + len(found) + (0 if part.complete else 1)
    return Page(tuple(found), least if part.total is None else part.total)


async def _part(wire: Wire, path: str, params: Mapping[str, str], offset: int, limit: int) -> _Part:
    sent = {**params, "offset": str(offset), "limit": str(limit)}
    answer = await wire.call("GET", path, params=sent)
    if not answer.accepted:
        raise refusal(answer)
    rows = answer.rows()
    most = _number(answer.headers.get("X-Limit")) or UNTOLD
    short = len(rows) < min(limit, most)
    return _Part(rows=rows, complete=short or not rows, total=_number(answer.headers.get("X-Total-Count")))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
