"""The store on PostgreSQL, for more than one machine: reads from a pool, writes by one task a server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import asyncpg
import msgspec

from app.domain.errors import RevConflict, StoreUnavailable
from app.domain.facts import Fact, FactKind
from app.domain.live import OfflineReason
from app.ports import TABLES, Change, Clock, LocationQuery, LocationRow, Page, Show, StationQuery, StationRow
from app.store import changes, listing, nearest, queries, rows
from app.store import postgres_migrations as migrations
from app.store.listing import LOCATIONS, STATIONS
from app.store.postgres_connections import Connection, Pool, pool
from app.store.postgres_faults import mendable
from app.store.postgres_listening import Listener
from app.store.postgres_sql import statement
from app.store.postgres_writer import SETTLED, PostgresWriter
from app.store.stamps import SystemTime
from app.store.steps import Check, Step

T = TypeVar("T")

READY_SECONDS = 5.0

CONFLICTS = (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError, asyncpg.NotNullViolationError)
"""A record that must be new exists, or the station of a part is gone: somebody was faster."""


class PostgresStore:
    """`app.ports.Store` on a PostgreSQL database that any number of servers share."""

    def __init__(self, readers: Pool, database: str, clock: Clock) -> None:
        self._readers = readers
        self._version = 0
        self._wakes: list[Callable[[], None]] = []
        self._writer = PostgresWriter(database, clock, self._committed)
        self._listener = Listener(database, self._heard)

    @classmethod
    async def open(cls, database: str, clock: Clock | None = None) -> "PostgresStore":
        """Raises StoreUnavailable when it cannot be reached, or its tables are not of this program's version."""
        with mendable():
            await migrations.require(database)
            store = cls(await pool(database), database, clock or SystemTime())
            try:
                await store._listener.start()
            except BaseException:
                await store.close()
                raise
        return store

    async def close(self) -> None:
        """Commit all that was asked for, then close. Later calls raise StoreUnavailable."""
        await self._writer.close()
        await self._listener.close()
        try:
            await asyncio.wait_for(self._readers.close(), READY_SECONDS)
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._readers.terminate()

    # --- writes ---

    async def commit(self, change: Change) -> int:
        steps = changes.plan(change)
        return await self._writer.submit(lambda connection: _run(connection, steps)) if steps else 0

    async def all_offline(self, reason: OfflineReason, at: datetime) -> int:
        return await self._writer.submit(lambda connection: _all_offline(connection, reason, at))

    async def ready(self, seconds: float = READY_SECONDS) -> None:
        """An empty commit goes all the way through the writer and back; it changes nothing, not `version` either."""
        try:
            await asyncio.wait_for(self._writer.submit(_nothing, told=False), seconds)
        except TimeoutError as error:
            raise StoreUnavailable("the store commits nothing") from error
        await self.last_fact()

    async def share_key(self, fingerprint: str) -> None:
        """Raises StoreUnavailable when the servers of this database have another digest key than this one."""
        told = {"fingerprint": fingerprint}
        first = Step(
            "INSERT INTO house (row_id, digest_key) VALUES (1, :fingerprint) ON CONFLICT DO NOTHING",
            told,
            Check.NOTHING,
        )
        await self._writer.submit(lambda connection: _run(connection, [first]), told=False)
        if (await self._rows("SELECT digest_key FROM house", {}))[0][0] != fingerprint:
            raise StoreUnavailable("this database belongs to another digest.key: copy that file into the data folder")

    def version(self) -> int:
        return self._version

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Other processes' commits wake, too: nobody need poll for them."""
        self._wakes.append(wake)

    def _committed(self) -> None:
        self._version += 1
        for wake in self._wakes:
            wake()

    def _heard(self, pid: int) -> None:
        """Our own commits have told of themselves already."""
        if pid == 0 or pid != self._writer.pid:
            self._committed()

    # --- reads ---

    async def get(self, kind: type[T], key: str | int) -> tuple[T, int] | None:
        row = await self._row(queries.get(TABLES[kind]), key)
        return rows.record(kind, row) if row else None

    async def find(
        self, kind: type[T], *, order: str | None = None, limit: int = 1000, **equals: Any
    ) -> list[tuple[T, int]]:
        sql, values = queries.find(TABLES[kind], equals, order, limit)
        return [rows.record(kind, row) for row in await self._rows(sql, values)]

    async def column(self, kind: type, name: str, *, limit: int = 1000, **equals: Any) -> list[str]:
        return [row[0] for row in await self._rows(*queries.one_column(TABLES[kind], name, equals, limit))]

    async def station(self, charge_station_id: str) -> StationRow | None:
        row = await self._row(queries.STATION, charge_station_id)
        return rows.station(row) if row else None

    async def shown_station(self, charge_station_id: str, cpo_ids: frozenset[str] | None, show: Show) -> bytes | None:
        row = await self.station(charge_station_id)
        return show(row) if row and (cpo_ids is None or row.cpo_id in cpo_ids) else None

    async def shown_stations(self, query: StationQuery, show: Show) -> Page[bytes]:
        page = await self.stations(query)
        return Page(tuple(map(show, page.rows)), page.total, page.after)

    async def stations(self, query: StationQuery) -> Page[StationRow]:
        await self._settled(query)
        async with self._snapshot() as at:
            found = await _read(at, listing.found(STATIONS, queries.narrowed(query), query))
            documents = await _fetch(at, queries.STATIONS, listing.among(found.keys)) if found.marks else []
        shown = {row[0]: rows.station(row[1:]) for row in documents}
        return Page(tuple(shown[key] for key in found.keys), found.total, found.after)

    async def sockets(self) -> dict[str, str]:
        return {row[0]: row[1] for row in await self._rows(queries.SOCKETS, {})}

    async def station_ids(self, cpo_ids: frozenset[str] | None) -> list[str]:
        return [row[0] for row in await self._rows(*queries.station_ids(cpo_ids))]

    async def station_counts(self, location_ids: Collection[str]) -> dict[str, int]:
        keys = listing.among([rows.location_key(each) for each in location_ids])
        return dict(await self._rows(queries.STATION_COUNTS, keys))

    async def location(self, location_id: str, *, evses: bool = True) -> LocationRow | None:
        async with self._snapshot() as at:
            found = await _fetch_key(at, queries.LOCATION, rows.location_key(location_id))
            stations = await _stations_at(at, [found[0][0]]) if found and evses else {}
        return rows.location(found[0], stations.get(found[0][0], ())) if found else None

    async def locations(self, query: LocationQuery) -> Page[LocationRow]:
        await self._settled(query)
        near = query.latitude is not None and query.longitude is not None
        async with self._snapshot() as at:
            reading = nearest.found(query) if near else listing.found(LOCATIONS, queries.narrowed(query), query)
            found = await _read(at, reading)
            documents = await _fetch(at, queries.LOCATIONS, listing.among(found.keys))
            keys = [row[0] for row in documents]
            stations = await _stations_at(at, keys) if keys and not query.exclude_evses else {}
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
        return [rows.fact(row) for row in await self._rows(sql, values)]

    async def last_fact(self) -> int:
        return int((await self._rows("SELECT coalesce(max(seq), 0) FROM facts", {}))[0][0])

    async def _rows(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        with mendable():
            return await _fetch(self._readers, sql, values)

    async def _row(self, sql: str, key: str | int) -> Any:
        with mendable():
            found = await _fetch_key(self._readers, sql, key)
        return found[0] if found else None

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Connection]:
        """All reads in the block see the same moment."""
        with mendable():
            async with (
                self._readers.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield connection

    async def _settled(self, query: StationQuery | LocationQuery) -> None:
        """Before a pull: wait for whoever has taken its stamp and not committed yet, on any server."""
        if query.after is None and query.count:
            await self._rows(SETTLED, {})


async def _nothing(_: Connection) -> None:
    return None


async def _fetch(source: Connection | Pool, sql: str, values: Mapping[str, Any]) -> list[Any]:
    made = statement(sql)
    found: list[Any] = await source.fetch(made.sql, *made.arguments(values))
    return found


async def _fetch_key(source: Connection | Pool, sql: str, key: str | int) -> list[Any]:
    """The row of a key; a key that PostgreSQL could not even hold is not there."""
    if isinstance(key, str) and "\0" in key:
        return []
    try:
        return await _fetch(source, sql, {"key": key})
    except (asyncpg.DataError, UnicodeEncodeError):
        return []


async def _read(connection: Connection, reading: listing.Reading[T]) -> T:
    try:
        sql, values = next(reading)
        while True:
            sql, values = reading.send(await _fetch(connection, sql, values))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def _stations_at(connection: Connection, keys: Sequence[str]) -> dict[str, list[StationRow]]:
    found = await _fetch(connection, queries.STATIONS_AT, {"keys": msgspec.json.encode(keys).decode()})
    return rows.by_location(found)


# --- A Change, inside the writer's transaction -----------------------------------------------------------------------


async def _run(connection: Connection, steps: Iterable[Step]) -> int:
    """Apply the steps; the last fact's number, or 0. Raises RevConflict."""
    last = 0
    for step in steps:
        try:
            found = await _step(connection, step)
        except CONFLICTS as error:
            raise RevConflict(f"{step.what} was changed meanwhile", what=step.what) from error
        if step.check is Check.NUMBER:
            last = found
        elif not found:
            if not step.otherwise:
                raise RevConflict(f"{step.what} was changed meanwhile", what=step.what)
            await _run(connection, step.otherwise)
    return last


async def _step(connection: Connection, step: Step) -> int:
    """A fact's number, or whether the step found what it must."""
    made = statement(f"{step.sql} RETURNING seq" if step.check is Check.NUMBER else step.sql)
    values = made.arguments(step.values)
    if step.check in (Check.NUMBER, Check.TRUE):
        return int(await connection.fetchval(made.sql, *values))
    status = await connection.execute(made.sql, *values)
    return step.check is Check.NOTHING or status.endswith(" 1")


async def _all_offline(connection: Connection, reason: OfflineReason, at: datetime) -> int:
    connected = await _fetch(connection, changes.WHO_IS_CONNECTED, {})
    await _run(connection, changes.offline_steps([(row[0], row[1]) for row in connected], reason, at))
    return len(connected)
