"""Lists of the desk: one after the other what every platform has, and how old a vendor's part of it is."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from app.actions.connecting import PlatformInfo, platform_info
from app.desk.front import Visit
from app.domain.environments import Environment
from app.domain.errors import PlatformUnavailable
from app.ports import Page, Platform

PAGE_SIZE = 50

Reader = Callable[[Platform, int, int], Awaitable[Page[bytes]]]
"""Reads a platform's rows from an offset on, so many at most."""


class Row(Struct, frozen=True):
    """A document, and the CPOs that may be its own: those of the platform that it came from."""

    body: bytes
    cpo_ids: list[str]


class Listing(Struct, frozen=True):
    rows: list[Row]
    total: int


async def gathered(visit: Visit, cpo_id: str, offset: int, read: Reader) -> Listing:
    """A page of what the platforms of this CPO, or of all, have: each after the one before it.

    One that cannot tell now is left out, unless there is no other.
    """
    sources = visit.sources(cpo_id)
    rows: list[Row] = []
    total = 0
    for source in sources:
        try:
            skip, room = max(0, offset - total), PAGE_SIZE - len(rows)
            page = await read(source.platform, skip, max(1, room))
        except PlatformUnavailable:
            if len(sources) == 1:
                raise
            continue
        rows += [Row(body, source.cpo_ids) for body in page.rows[:room]]
        total += page.total or 0
    return Listing(rows, total)


async def listed(visit: Visit, cpo_id: str) -> list[PlatformInfo]:
    """The vendors' platforms behind a list, each once; none where everything is our own, and live."""
    wanted = [cpo for cpo in visit.cpos if cpo_id in ("", cpo.cpo_id)]
    infos = [await platform_info(visit.ports, cpo) for cpo in wanted]
    theirs = [info for info in infos if info.environment != Environment.OWN]
    return list({(info.name, info.environment, info.read_at, info.problem): info for info in theirs}.values())
