"""The embedded store: SQLite in WAL mode, reads in the event loop, writes by one thread with group commit."""

import asyncio
import math
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from app.domain.errors import StoreUnavailable
from app.domain.facts import Fact, FactKind
from app.domain.live import OfflineReason
from app.ports import TABLES, Change, Clock, LocationQuery, LocationRow, Page, Show, StationQuery, StationRow
from app.store import changes, connections, folder, listing, migrations, nearest, queries, rows, sqlite_steps
from app.store.faults import mendable, translate
from app.store.kept import Kept
from app.store.listing import LOCATIONS, STATIONS, Marks
from app.store.stamps import Stamps, SystemTime
from app.store.writer import Writer

T = TypeVar("T")
R = TypeVar("R", StationRow, bytes)

READY_SECONDS = 5.0
LOOK_SECONDS = 0.005
"""So late at most `version` tells of another process's commit: less than that process takes to end."""


class SqliteStore:
    """`app.ports.Store` on one SQLite file. Other processes may write beside it; `version` tells."""

    def __init__(
        self,
        reader: sqlite3.Connection,
        connect_writer: Callable[[], sqlite3.Connection],
        clock: Clock | None = None,
    ) -> None:
        self._reader = reader
        self._wakes: list[Callable[[], None]] = []
        self._version, self._looked = 0, -math.inf
        stamps = Stamps(clock or SystemTime())
        self._connect = connect_writer
        self._gate: sqlite3.Connection | None = None
        self._kept: defaultdict[Show, Kept] = defaultdict(Kept)
        self._writer = Writer(lambda: stamps.installed(connect_writer()), self._committed, stamps.begin)

    @classmethod
    async def open(cls, path: Path, clock: Clock | None = None) -> "SqliteStore":
        """`clock` stamps commits, the system's unless given.

        Raises StoreUnavailable when there is no database, or not one of this program's version.
        """
        if (path.parent / folder.RESTORE_READY).exists():
            raise StoreUnavailable("a restore was cut off: start the server, or restore again")
        with mendable():
            reader = connections.reader(path)
            try:
                migrations.check(reader)
            except BaseException:
                reader.close()
                raise
        return cls(reader, partial(connections.writer, path), clock)

    async def close(self) -> None:
        """Commit all that was asked for, then close. Later calls raise StoreUnavailable or a sqlite3 error."""
        await self._writer.close()
        self._reader.close()
        if self._gate is not None:
            self._gate.close()

    # --- writes ---

    async def commit(self, change: Change) -> int:
        steps = changes.plan(change)
        if not steps:
            return 0
        return await self._writer.submit(lambda connection: sqlite_steps.run(connection, steps))

    async def all_offline(self, reason: OfflineReason, at: datetime) -> int:
        return await self._writer.submit(lambda connection: sqlite_steps.all_offline(connection, reason, at))

    async def ready(self, seconds: float = READY_SECONDS) -> None:
        """An empty commit goes all the way through the writer and back; it changes nothing, not `version` either."""
        try:
            await asyncio.wait_for(self._writer.submit(lambda _: None), seconds)
        except TimeoutError as error:
            raise StoreUnavailable("the store commits nothing") from error
        await self.last_fact()

    def version(self) -> int:
        """Every commit is made on another connection than this one, ours and those of other processes alike."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            with mendable():
                self._version, self._looked = self._reader.execute("PRAGMA data_version").fetchone()[0], now
        return self._version

    def on_commit(self, wake: Callable[[], None]) -> None:
        self._wakes.append(wake)

    def _committed(self) -> None:
        self._looked = -math.inf
        for wake in self._wakes:
            wake()

    # --- reads ---

    async def get(self, kind: type[T], key: str | int) -> tuple[T, int] | None:
        row = self._row(queries.get(TABLES[kind]), key)
        return rows.record(kind, row) if row else None

    async def find(
        self, kind: type[T], *, order: str | None = None, limit: int = 1000, **equals: Any
    ) -> list[tuple[T, int]]:
        sql, values = queries.find(TABLES[kind], equals, order, limit)
        return [rows.record(kind, row) for row in self._rows(sql, values)]

    async def column(self, kind: type, name: str, *, limit: int = 1000, **equals: Any) -> list[str]:
        return [row[0] for row in self._rows(*queries.one_column(TABLES[kind], name, equals, limit))]

    async def station(self, charge_station_id: str) -> StationRow | None:
        row = self._row(queries.STATION, charge_station_id)
        return rows.station(row) if row else None

    async def shown_station(self, charge_station_id: str, cpo_ids: frozenset[str] | None, show: Show) -> bytes | None:
        found = self._row(queries.STATION_MARK, charge_station_id)
        if found is None or (cpo_ids is not None and found[2] not in cpo_ids):
            return None
        if known := self._kept[show].known((str(found[1]),)):
            return known[0].shown
        shown = self._shown([found[:2]], show)
        return shown[0] if shown else None

    async def stations(self, query: StationQuery) -> Page[StationRow]:
        await self._settled(query)
        return self._at_one_moment(lambda: self._page_of(query, self._stations))

    async def shown_stations(self, query: StationQuery, show: Show) -> Page[bytes]:
        await self._settled(query)
        if (page := self._glanced(query, self._kept[show])) is not None:
            return page
        return self._at_one_moment(lambda: self._page_of(query, lambda marks: self._shown(marks, show)))

    def _glanced(self, query: StationQuery, kept: Kept) -> Page[bytes] | None:
        """The page, if nothing of it was written since it was made."""
        if (glance := listing.glance(STATIONS, queries.narrowed(query), query)) is None:
            return None
        text, total = self._rows(*glance)[0]
        marks = text.split(",") if text else []
        page = kept.known(marks[: query.limit])
        if not page:
            return None
        after = str(page[-1].row_id) if len(marks) > query.limit else None
        return Page(tuple([shown for _, shown in page]), total if query.count else None, after)

    def _page_of(self, query: StationQuery, of: Callable[[Marks], tuple[R, ...]]) -> Page[R]:
        found = self._listed(STATIONS, query)
        return Page(of(found.marks), found.total, found.after)

    def _stations(self, marks: Marks) -> tuple[StationRow, ...]:
        found = {row[0]: rows.station(row[1:]) for row in self._documents([row_id for row_id, _ in marks])}
        return tuple(found[row_id] for row_id, _ in marks)

    def _shown(self, marks: Marks, show: Show) -> tuple[bytes, ...]:
        def make(row_ids: list[int]) -> Iterator[tuple[int, bytes]]:
            return ((row[0], show(rows.station(row[1:]))) for row in self._documents(row_ids))

        return self._kept[show].of(marks, make)

    def _documents(self, row_ids: list[int]) -> list[Any]:
        return self._rows(queries.STATIONS, listing.among(row_ids))

    async def sockets(self) -> dict[str, str]:
        return dict(self._rows(queries.SOCKETS, {}))

    async def station_ids(self, cpo_ids: frozenset[str] | None) -> list[str]:
        return [row[0] for row in self._rows(*queries.station_ids(cpo_ids))]

    async def station_counts(self, location_ids: Collection[str]) -> dict[str, int]:
        keys = listing.among([rows.location_key(each) for each in location_ids])
        return dict(self._rows(queries.STATION_COUNTS, keys))

    async def location(self, location_id: str, *, evses: bool = True) -> LocationRow | None:
        return self._at_one_moment(lambda: self._location(rows.location_key(location_id), evses))

    def _location(self, key: str, evses: bool) -> LocationRow | None:
        row = self._row(queries.LOCATION, key)
        stations = self._stations_at([row[0]]) if row and evses else {}
        return rows.location(row, stations.get(row[0], ())) if row else None

    async def locations(self, query: LocationQuery) -> Page[LocationRow]:
        await self._settled(query)
        return self._at_one_moment(lambda: self._page_of_locations(query))

    def _page_of_locations(self, query: LocationQuery) -> Page[LocationRow]:
        near = query.latitude is not None and query.longitude is not None
        found = self._read(nearest.found(query)) if near else self._listed(LOCATIONS, query)
        documents = self._rows(queries.LOCATIONS, listing.among(found.keys))
        keys = [row[0] for row in documents]
        stations = self._stations_at(keys) if keys and not query.exclude_evses else {}
        return Page(tuple(rows.placed(found.keys, found.distances, documents, stations)), found.total, found.after)

    async def facts(
        self,
        *,
        after: int = 0,
        limit: int = 500,
        newest_first: bool = False,
        cpo_ids: frozenset[str] | None = None,
        charge_station_id: str | None = None,
        commissioning_id: str | None = None,
        kind: FactKind | None = None,
        person_id: str | None = None,
    ) -> list[Fact]:
        sql, values = queries.facts(
            after=after,
            limit=limit,
            newest_first=newest_first,
            cpo_ids=cpo_ids,
            charge_station_id=charge_station_id,
            commissioning_id=commissioning_id,
            kind=kind,
            person_id=person_id,
        )
        return [rows.fact(row) for row in self._rows(sql, values)]

    async def last_fact(self) -> int:
        return int(self._rows("SELECT coalesce(max(seq), 0) FROM facts", {})[0][0])

    def _rows(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            if (mended := translate(error)) is error:
                raise
            raise mended from error

    def _row(self, sql: str, key: str | int) -> Any:
        """The row of a key, or None; a key that SQLite could not even hold is not there."""
        try:
            found = self._rows(sql, {"key": key})
        except (OverflowError, UnicodeEncodeError):
            return None
        return found[0] if found else None

    def _at_one_moment(self, read: Callable[[], T]) -> T:
        """All that `read` reads is of the same moment."""
        with mendable():
            self._reader.execute("BEGIN")
            try:
                return read()
            finally:
                if self._reader.in_transaction:
                    self._reader.execute("ROLLBACK")

    def _listed(self, noun: listing.Noun, query: StationQuery | LocationQuery) -> listing.Found:
        return self._read(listing.found(noun, queries.narrowed(query), query))

    def _read(self, reading: listing.Reading[T]) -> T:
        try:
            sql, values = next(reading)
            while True:
                sql, values = reading.send(self._rows(sql, values))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _settled(self, query: StationQuery | LocationQuery) -> None:
        """Before a pull: wait for whoever has taken its stamp and not committed yet, here or elsewhere."""
        if query.after is not None or not query.count or self._nobody_writes():
            return
        await self._writer.submit(lambda _: None)

    def _nobody_writes(self) -> bool:
        with mendable():
            if self._gate is None:
                self._gate = self._connect()
                self._gate.execute("PRAGMA busy_timeout=0")
            try:
                self._gate.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    return False
                raise
            self._gate.execute("ROLLBACK")
        return True

    def _stations_at(self, keys: Sequence[str]) -> dict[str, list[StationRow]]:
        return rows.by_location(self._rows(queries.STATIONS_AT, {"keys": msgspec.json.encode(keys).decode()}))
