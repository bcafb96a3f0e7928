"""The one task that writes to PostgreSQL: all that waits in one transaction, each change in a savepoint of its own.

The first statement of a transaction takes the writers' lock, whose holder alone numbers facts and stamps rows until
its commit is seen: so numbers and stamps rise in the order of commits, however many servers write, and a reader that
goes on after its last number or from the begin of its last reading misses nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from app.domain.errors import StoreUnavailable
from app.ports import Clock
from app.store.postgres_connections import CHANNEL, Connection, connect
from app.store.postgres_faults import mendable, translate
from app.store.rows import moment
from app.store.stamps import LAST

T = TypeVar("T")
Work = Callable[[Connection], Awaitable[Any]]

MAX_GROUP = 256
WRITERS = 7723002
LOCK = f"SELECT pg_advisory_xact_lock({WRITERS})"
SETTLED = f"SELECT pg_advisory_xact_lock_shared({WRITERS})"
"""Alone in its transaction: who had a stamp has committed when this returns."""
STAMP = f"SELECT set_config('stationlink.at', greatest($1, ({LAST})), true)"
NOTIFY = f"NOTIFY {CHANNEL}"

log = logging.getLogger(__name__)


class Job(NamedTuple):
    """One change and where its outcome goes; one that is not `told` changes nothing."""

    work: Work
    future: "asyncio.Future[Any]"
    told: bool = True


class PostgresWriter:
    """`committed` is called after each group that changed something."""

    def __init__(self, database: str, clock: Clock, committed: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._committed = committed
        self._queue: asyncio.Queue[Job | None] = asyncio.Queue()
        self._connection: Connection | None = None
        self._closed = False
        self._task = asyncio.create_task(self._run())

    @property
    def pid(self) -> int:
        """The server's number of our connection, 0 without one: it tells our own notifications."""
        connection = self._connection
        return 0 if connection is None or connection.is_closed() else connection.get_server_pid()

    async def submit(self, work: Callable[[Connection], Awaitable[T]], told: bool = True) -> T:
        """The work's result once it is committed; its error, or StoreUnavailable, when it was not.

        Where the connection is lost during the commit nobody can know: that is StoreUnavailable too.
        """
        if self._closed:
            raise StoreUnavailable("the store is closed")
        job = Job(work, asyncio.get_running_loop().create_future(), told)
        self._queue.put_nowait(job)
        return await job.future  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Commit all that was asked for."""
        if not self._closed:
            self._closed = True
            self._queue.put_nowait(None)
        await self._task

    async def _run(self) -> None:
        while group := await self._take():
            try:
                await self._commit(group)
            except Exception as error:
                self._failed(group, error)
                self._drop()
        if self._connection is not None:
            with suppress(Exception):
                await self._connection.close(timeout=2)

    async def _take(self) -> list[Job]:
        """All that waits, at least one; nothing when the store closes and all is done."""
        first = await self._queue.get()
        if first is None:
            return []
        group = [first]
        while len(group) < MAX_GROUP and not self._queue.empty():
            job = self._queue.get_nowait()
            if job is None:
                self._queue.put_nowait(None)
                break
            group.append(job)
        return group

    def _drop(self) -> None:
        """After a failure nobody knows what state the connection is in."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _failed(self, group: Sequence[Job], error: Exception) -> None:
        cause = translate(error)
        if not isinstance(cause, StoreUnavailable):
            log.error("the store's writer failed", exc_info=error)
        for job in group:
            if not job.future.done():
                job.future.set_exception(cause)

    async def _commit(self, group: Sequence[Job]) -> None:
        connection = await self._connected()
        async with connection.transaction():
            await connection.execute(LOCK)
            await connection.execute(STAMP, moment(self._clock.now()))
            outcomes = [await self._savepoint(connection, job) for job in group]
            told = any(job.told and error is None for job, (_, error) in zip(group, outcomes, strict=True))
            if told:
                await connection.execute(NOTIFY)
        for job, (result, error) in zip(group, outcomes, strict=True):
            _settle(job.future, result, error)
        if told:
            self._committed()

    async def _connected(self) -> Connection:
        """A lost connection is replaced for the next group."""
        if self._connection is None or self._connection.is_closed():
            with mendable():
                self._connection = await connect(self._database)
        return self._connection

    async def _savepoint(self, connection: Connection, job: Job) -> tuple[Any, Exception | None]:
        """Raises only what ends the whole transaction."""
        try:
            async with connection.transaction():
                return await job.work(connection), None
        except Exception as error:
            if connection.is_closed():
                raise
            return None, translate(error)


def _settle(future: "asyncio.Future[Any]", result: Any, error: Exception | None) -> None:
    """Hand it over, unless nobody waits any more."""
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
