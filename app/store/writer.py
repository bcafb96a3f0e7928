"""The one thread that writes: it commits all that waits in one transaction, each change in a savepoint of its own.

Nothing is answered before COMMIT has returned. A change that fails takes no other with it; when SQLite gives up the
whole transaction (a full disk), the changes run again one by one. A thread that dies of a bug fails what it held and is
replaced.
"""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from app.domain.errors import StoreUnavailable
from app.store.faults import translate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]

MAX_GROUP = 256
log = logging.getLogger(__name__)


class WriterDied(RuntimeError):
    """The writer thread ended by a bug while it held this change; it was not committed."""


class Job(NamedTuple):
    """One change and where its outcome goes."""

    work: Work
    future: "asyncio.Future[Any]"


class Outcome(NamedTuple):
    """What became of a job: its result, or its error."""

    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """In the loop: hand it over, unless nobody waits any more."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class TransactionLost(Exception):
    """SQLite rolled the whole transaction back: nothing of the group was kept."""


class Writer:
    """Made and used in the event loop; `committed` is called there after each group that changed something.

    `begun` is called in the thread, first in each transaction.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        committed: Callable[[], None],
        begun: Callable[[sqlite3.Connection], None] = lambda connection: None,
    ) -> None:
        self._connect = connect
        self._begun = begun
        self._committed = committed
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._ended = self._loop.create_future()
        self._closing = False
        self._draining = False
        self._start()

    async def submit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a savepoint of the writer's next transaction; returns when it is on the disk.

        Raises what `work` raises, and StoreUnavailable for what a person could mend.
        """
        if self._closing:
            raise StoreUnavailable("the store is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(Job(work, future))
        return await future

    async def close(self) -> None:
        """Commit all that was submitted, then end the thread."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.shield(self._ended)

    # --- in the thread ---

    def _start(self) -> None:
        threading.Thread(target=self._run, name="store-writer", daemon=True).start()

    def _run(self) -> None:
        group: list[Job] = []
        connection: sqlite3.Connection | None = None
        try:
            while group := self._take():
                connection = connection or self._connect()
                self._commit(connection, group)
        except BaseException as error:
            self._died(group, error)
        finally:
            if connection is not None:
                connection.close()
        self._next()

    def _take(self) -> list[Job]:
        """All that waits, at least one; nothing when the store closes and all is done."""
        group: list[Job] = []
        with suppress(queue.Empty):
            while len(group) < MAX_GROUP and not self._draining:
                job = self._queue.get(block=not group)
                if job is None:
                    self._draining = True
                else:
                    group.append(job)
        return group

    def _next(self) -> None:
        """After the thread's end: replace it, unless the store closes."""
        if not self._draining:
            self._start()
            return
        with suppress(RuntimeError):  # the loop is gone, and so is whoever waited
            self._loop.call_soon_threadsafe(self._ended.set_result, None)

    def _died(self, group: Sequence[Job], error: BaseException) -> None:
        """Fail what was held. Who was answered before stays answered."""
        cause = translate(error) if isinstance(error, Exception) else error
        if not isinstance(cause, StoreUnavailable):
            log.error("the store's writer died and is replaced", exc_info=error)
            cause = WriterDied(f"the store's writer died: {type(error).__name__}")
        self._deliver([Outcome(job.future, error=cause) for job in group])

    def _deliver(self, outcomes: Sequence[Outcome]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and so is whoever waited
            self._loop.call_soon_threadsafe(self._settle, outcomes)

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            outcome.settle()
        if any(outcome.error is None for outcome in outcomes):
            self._committed()

    # --- one group ---

    def _commit(self, connection: sqlite3.Connection, group: Sequence[Job]) -> None:
        """Commit together, or one by one when the transaction was lost; deliver after each COMMIT."""
        try:
            outcomes = self._transaction(connection, group)
        except TransactionLost as lost:
            if len(group) > 1:
                for job in group:
                    self._commit(connection, [job])
                return
            outcomes = [Outcome(group[0].future, error=lost.__cause__)]
        self._deliver(outcomes)

    def _transaction(self, connection: sqlite3.Connection, group: Sequence[Job]) -> list[Outcome]:
        try:
            if busy := self._begin(connection):
                return [Outcome(job.future, error=busy) for job in group]
            self._begun(connection)
            outcomes = [self._savepoint(connection, job) for job in group]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise TransactionLost from translate(error)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return outcomes

    def _begin(self, connection: sqlite3.Connection) -> Exception | None:
        """The error when another process would not let go: trying each alone would only wait again and again."""
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return translate(error)
        return None

    def _savepoint(self, connection: sqlite3.Connection, job: Job) -> Outcome:
        connection.execute("SAVEPOINT change")
        try:
            outcome = Outcome(job.future, result=job.work(connection))
        except Exception as error:
            if not connection.in_transaction:
                raise TransactionLost from translate(error)
            connection.execute("ROLLBACK TO change")
            outcome = Outcome(job.future, error=translate(error))
        connection.execute("RELEASE change")
        return outcome
