"""Lists over several platforms: one after the other, page by page, without a gap and without a repeat."""

from typing import Any, cast

import pytest

from app.desk.front import Source, Visit
from app.desk.listing import PAGE_SIZE, gathered
from app.domain.errors import PlatformUnavailable
from app.ports import Page, Platform


class Shelf:
    """A platform of so many rows, or one that does not answer."""

    def __init__(self, name: str, count: int | None) -> None:
        self.rows = None if count is None else [f"{name}{n}".encode() for n in range(count)]

    async def read(self, skip: int, limit: int) -> Page[bytes]:
        if self.rows is None:
            raise PlatformUnavailable("does not answer")
        return Page(tuple(self.rows[skip : skip + limit]), len(self.rows))


class Visitor:
    def __init__(self, **shelves: int | None) -> None:
        self.shelves = {name: Shelf(name, count) for name, count in shelves.items()}

    def sources(self, cpo_id: str = "") -> list[Source]:
        return [Source(cast(Platform, s), [n]) for n, s in self.shelves.items() if cpo_id in ("", n)]


async def read(platform: Any, skip: int, limit: int) -> Page[bytes]:
    return await platform.read(skip, limit)  # type: ignore[no-any-return]


async def pages(visitor: Visitor, cpo_id: str = "") -> list[bytes]:
    found: list[bytes] = []
    total = 1
    while len(found) < total:
        page = await gathered(cast(Visit, visitor), cpo_id, len(found), read)
        assert page.rows and len(page.rows) <= PAGE_SIZE
        found += [row.body for row in page.rows]
        total = page.total
    return found


async def test_pages_go_over_the_border_of_a_platform_without_gap_or_repeat() -> None:
    visitor = Visitor(a=70, b=1, c=0, d=55)
    expected = [row for shelf in visitor.shelves.values() for row in shelf.rows or []]
    assert await pages(visitor) == expected


async def test_one_cpo_alone_shows_its_own() -> None:
    assert len(await pages(Visitor(a=70, b=3), "b")) == 3


async def test_a_row_knows_whose_it_may_be() -> None:
    page = await gathered(cast(Visit, Visitor(a=1, b=1)), "", 0, read)
    assert [(row.body, row.cpo_ids) for row in page.rows] == [(b"a0", ["a"]), (b"b0", ["b"])]


async def test_one_that_does_not_answer_is_left_out_unless_it_is_the_only_one() -> None:
    assert len(await pages(Visitor(a=2, b=None, c=2))) == 4
    with pytest.raises(PlatformUnavailable):
        await gathered(cast(Visit, Visitor(b=None)), "", 0, read)
