"""Rows that were read before and are still as they were: every reading asks the database for their marks."""

from collections.abc import Callable, Sequence
from typing import Any

from app.ports import StationRow
from app.store import rows

MOST = 4096


class KeptRows:
    """The newest MOST stations that lists have shown. A row is the same object until any part of it is written."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[tuple[int, int], StationRow]] = {}

    def of(self, marks: Sequence[tuple[int, int]], read: Callable[[list[int]], Sequence[Any]]) -> list[StationRow]:
        """For each mark (row id, and a number that every write changes) its row; `read` gives those that are not kept.

        `read` answers with (row id, *STATION_COLUMNS) for the row ids asked for.
        """
        kept = self._rows
        stale = [mark[0] for mark in marks if (known := kept.get(mark[0])) is None or known[0] != mark]
        if stale:
            fresh = {row[0]: rows.station(row[1:]) for row in read(stale)}
            found = {mark[0]: (mark, fresh[mark[0]]) for mark in marks if mark[0] in fresh}
            answer = [(found.get(mark[0]) or kept[mark[0]])[1] for mark in marks]
            self._keep(found)
            return answer
        return [kept[mark[0]][1] for mark in marks]

    def _keep(self, found: dict[int, tuple[tuple[int, int], StationRow]]) -> None:
        """Oldest out first, so that a pull of everything holds no more than a page of it in addition."""
        for row_id, entry in found.items():
            self._rows.pop(row_id, None)
            self._rows[row_id] = entry
        for row_id in list(self._rows)[: max(0, len(self._rows) - MOST)]:
            del self._rows[row_id]
