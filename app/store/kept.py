"""What was made of rows that are still as they were: every reading asks the database for their marks."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, cast

MOST = 4096


class Made(NamedTuple):
    """Of the row with this id."""

    row_id: int
    shown: bytes


class Kept:
    """What was made of the newest MOST rows that were read, by mark: a number that every write to any part of a row
    changes, and that no other row has.
    """

    def __init__(self) -> None:
        self._made: dict[str, Made] = {}

    def known(self, marks: Sequence[str]) -> Sequence[Made] | None:
        """In the order of the marks; None when one is not kept, or when they are not in the order of their rows."""
        made = list(map(self._made.get, marks))
        if not all(made):
            return None
        found = cast(list[Made], made)
        row_ids = [row_id for row_id, _ in found]
        return found if row_ids == sorted(row_ids) else None

    def of(
        self, marks: Sequence[tuple[int, int]], make: Callable[[list[int]], Iterable[tuple[int, bytes]]]
    ) -> tuple[bytes, ...]:
        """Of these rows and their marks, in order; `make` gives what is not kept, and leaves out what is gone."""
        if known := self.known([str(mark) for _, mark in marks]):
            return tuple([shown for _, shown in known])
        kept = {row_id: self._made.get(str(mark)) for row_id, mark in marks}
        stale = [row_id for row_id, made in kept.items() if made is None]
        fresh = {row_id: Made(row_id, shown) for row_id, shown in (make(stale) if stale else ())}
        self._keep({str(mark): fresh[row_id] for row_id, mark in marks if row_id in fresh})
        found = (made or fresh.get(row_id) for row_id, made in kept.items())
        return tuple(made.shown for made in found if made is not None)

    def _keep(self, fresh: dict[str, Made]) -> None:
        """Oldest out first, so that a pull of everything holds no more than a page of it in addition."""
        self._made.update(fresh)
        for mark in list(islice(self._made, max(0, len(self._made) - MOST))):
            del self._made[mark]
