"""The one thread that writes: it commits all that waits in one transaction.

Changes gather in the loop, while the thread is busy and then for as long as each turn of the loop brings more: a
transaction costs a sync of the disk and rewrites shared pages, and a thread that runs beside a busy loop passes the
interpreter to and fro.

Nothing is answered before COMMIT has returned. A change that fails takes no other with it: the group runs again, each
change in a savepoint of its own, which costs a copy of each page that it writes. When SQLite gives up the whole
transaction (a full disk), the changes run again one by one. A thread that dies of a bug fails what it held and is
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
MAX_TURNS = 4
log = logging.getLogger(__name__)


class WriterDied(RuntimeError):
    """The writer thread ended by a bug while it held this change; it was not committed."""


class Job(NamedTuple):
    """One change and where its outcome goes."""

    work: Work
    future: "asyncio.Future[Any]"


END: Sequence[Job] = ()
"""Instead of a group: the thread's work is done."""


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


Run = Callable[[sqlite3.Connection, Job], Outcome]


class TransactionLost(Exception):
    """SQLite rolled the whole transaction back: nothing of the group was kept."""


class ChangeFailed(Exception):
    """A change of the group failed and there was no savepoint to go back to."""


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
        self._waiting: list[Job] = []
        self._busy = False
        self._queue: queue.SimpleQueue[Sequence[Job]] = queue.SimpleQueue()
        self._ended = self._loop.create_future()
        self._closing = False
        self._start()

    async def submit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the writer's next transaction; returns when it is on the disk.

        It runs again, in a new transaction, when that was rolled back because of it or of another. Raises what `work`
        raises, and StoreUnavailable for what a person could mend.
        """
        if self._closing:
            raise StoreUnavailable("the store is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append(Job(work, future))
        if not self._busy:
            self._gather()
        return await future

    async def close(self) -> None:
        """Commit all that was submitted, then end the thread."""
        if not self._closing:
            self._closing = True
            if not self._busy:
                self._queue.put(END)
        await asyncio.shield(self._ended)

    def _gather(self, before: int = 0, turns: int = 0) -> None:
        """Hand the group over once a turn of the loop brought no more than were there `before`."""
        self._busy = True
        waiting = len(self._waiting)
        if waiting > before and turns < MAX_TURNS:
            self._loop.call_soon(self._gather, waiting, turns + 1)
            return
        self._queue.put(self._waiting[:MAX_GROUP])
        del self._waiting[:MAX_GROUP]

    def _next_group(self) -> None:
        """After the thread has done with a group."""
        self._busy = False
        if self._waiting:
            self._gather()
        elif self._closing:
            self._queue.put(END)

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            outcome.settle()
        if any(outcome.error is None for outcome in outcomes):
            self._committed()

    # --- in the thread ---

    def _start(self) -> None:
        threading.Thread(target=self._run, name="store-writer", daemon=True).start()

    def _run(self) -> None:
        group = END
        connection: sqlite3.Connection | None = None
        try:
            while group := self._queue.get():
                connection = connection or self._connect()
                self._commit(connection, group, plainly)
                self._tell(self._next_group)
        except BaseException as error:
            self._died(group, error)
        finally:
            if connection is not None:
                connection.close()
        self._replace() if group else self._tell(self._ended.set_result, None)

    def _replace(self) -> None:
        self._start()
        self._tell(self._next_group)

    def _died(self, group: Sequence[Job], error: BaseException) -> None:
        """Fail what was held. Who was answered before stays answered."""
        cause = translate(error) if isinstance(error, Exception) else error
        if not isinstance(cause, StoreUnavailable):
            log.error("the store's writer died and is replaced", exc_info=error)
            cause = WriterDied(f"the store's writer died: {type(error).__name__}")
        self._tell(self._settle, [Outcome(job.future, error=cause) for job in group])

    def _tell(self, what: Callable[..., Any], *arguments: Any) -> None:
        """Have this done in the loop."""
        with suppress(RuntimeError):  # the loop is gone, and so is whoever waited
            self._loop.call_soon_threadsafe(what, *arguments)

    # --- one group ---

    def _commit(self, connection: sqlite3.Connection, group: Sequence[Job], run: Run) -> None:
        """Commit together, or one by one when the transaction was lost; deliver after each COMMIT."""
        try:
            outcomes = self._transaction(connection, group, run)
        except ChangeFailed:
            return self._commit(connection, group, in_savepoint)
        except TransactionLost as lost:
            if len(group) > 1:
                for job in group:
                    self._commit(connection, [job], in_savepoint)
                return None
            outcomes = [Outcome(group[0].future, error=lost.__cause__)]
        return self._tell(self._settle, outcomes)

    def _transaction(self, connection: sqlite3.Connection, group: Sequence[Job], run: Run) -> list[Outcome]:
        try:
            if busy := self._begin(connection):
                return [Outcome(job.future, error=busy) for job in group]
            self._begun(connection)
            outcomes = [run(connection, job) for job in group]
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


def plainly(connection: sqlite3.Connection, job: Job) -> Outcome:
    """Raises ChangeFailed when it fails, with half of it done."""
    try:
        return Outcome(job.future, result=job.work(connection))
    except Exception as error:
        if not connection.in_transaction:
            raise TransactionLost from translate(error)
        raise ChangeFailed from error


def in_savepoint(connection: sqlite3.Connection, job: Job) -> Outcome:
    """What fails leaves nothing behind."""
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
