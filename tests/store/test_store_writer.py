"""The writer thread: groups, faults of the disk, its own death, and SIGKILL."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import StoreUnavailable
from app.ports import Change, LocationQuery, Put, StationQuery
from app.store import connections
from app.store.folder import DATABASE
from app.store.sqlite import SqliteStore
from app.store.writer import Writer, WriterDied
from tests.store.conftest import T0, codes, facts, labelled, python


class Rig:
    """A writer over one small table; `commits` counts its wake-ups and `opened` its connections."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = self.opened = 0
        self.transactions: list[str] = []
        self.broken = False
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE t (name TEXT UNIQUE, filler BLOB)")
        self.writer = Writer(self._connect, self._committed)

    def _connect(self) -> sqlite3.Connection:
        if self.broken:
            raise sqlite3.OperationalError("injected")
        self.opened += 1
        connection = connections.writer(self.path)
        connection.set_trace_callback(self._trace)
        return connection

    def _trace(self, sql: str) -> None:
        if sql.split()[0] in ("BEGIN", "COMMIT", "ROLLBACK") and "TO" not in sql:
            self.transactions.append(sql.split()[0])

    def _committed(self) -> None:
        self.commits += 1

    def names(self) -> set[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            return {row[0] for row in connection.execute("SELECT name FROM t")}

    async def held(self, *works: Callable[[sqlite3.Connection], Any]) -> list[Any]:
        """The outcomes of works that are sure to share one group: they queue up while the writer is held at a gate."""
        loop, reached, gate = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

        def wait(_: sqlite3.Connection) -> None:
            loop.call_soon_threadsafe(reached.set)
            gate.wait(10)

        first = asyncio.ensure_future(self.writer.submit(wait))
        await asyncio.wait_for(reached.wait(), 10)
        waiting = [asyncio.ensure_future(self.writer.submit(work)) for work in works]
        await asyncio.sleep(0)
        gate.set()
        await first
        return await asyncio.gather(*waiting, return_exceptions=True)


def insert(name: str, size: int = 0) -> Callable[[sqlite3.Connection], str]:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO t VALUES (?, zeroblob(?))", (name, size))
        return name

    return work


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("injected")
    error.sqlite_errorcode = code
    return error


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path / "t.sqlite")
    yield made
    await made.writer.close()


async def test_what_waits_is_committed_together(rig: Rig) -> None:
    outcomes = await rig.held(*(insert(f"n{n}") for n in range(20)))
    assert outcomes == [f"n{n}" for n in range(20)]
    assert rig.transactions == ["BEGIN", "COMMIT"] * 2  # the gate, and the group


async def test_what_comes_in_the_same_turns_of_the_loop_is_committed_together(rig: Rig) -> None:
    async def later(name: str) -> str:
        await asyncio.sleep(0)
        return await rig.writer.submit(insert(name))

    await asyncio.gather(rig.writer.submit(insert("a")), rig.writer.submit(insert("b")), later("c"))
    assert rig.transactions == ["BEGIN", "COMMIT"]


async def test_a_trickle_of_changes_is_not_waited_for(rig: Rig) -> None:
    submitted = []
    for n in range(50):
        submitted.append(asyncio.create_task(rig.writer.submit(insert(f"n{n}"))))
        await asyncio.sleep(0)
    await asyncio.gather(*submitted)
    assert rig.transactions.count("COMMIT") >= 2


async def test_a_failing_change_is_alone_in_its_failure(rig: Rig) -> None:
    def half(connection: sqlite3.Connection) -> None:
        insert("half")(connection)
        raise KeyError("a bug")

    outcomes = await rig.held(insert("a"), half, insert("b"), insert("a"), insert("c"))
    assert [type(outcome) for outcome in outcomes] == [str, KeyError, str, sqlite3.IntegrityError, str]
    assert rig.names() == {"a", "b", "c"}
    assert rig.transactions == ["BEGIN", "COMMIT", "BEGIN", "ROLLBACK", "BEGIN", "COMMIT"]  # the gate, and the group


async def test_when_the_whole_transaction_is_lost_the_others_run_again(rig: Rig) -> None:
    def lose_all(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")  # what SQLite does by itself on a full disk
        raise sqlite_error(sqlite3.SQLITE_FULL)

    outcomes = await rig.held(insert("a"), insert("b"), lose_all, insert("c"))
    assert [type(outcome) for outcome in outcomes] == [str, str, StoreUnavailable, str]
    assert "disk is full" in str(outcomes[2])
    assert rig.names() == {"a", "b", "c"}


async def test_a_full_disk_fails_what_does_not_fit_and_keeps_the_rest(rig: Rig) -> None:
    def limit(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count=40")

    await rig.writer.submit(limit)
    outcomes = await rig.held(insert("a"), insert("big", 1_000_000), insert("b"), insert("huge", 2_000_000))
    assert [type(outcome) for outcome in outcomes] == [str, StoreUnavailable, str, StoreUnavailable]
    assert rig.names() == {"a", "b"}


async def test_a_commit_that_fails_acknowledges_nothing_that_is_not_there(rig: Rig) -> None:
    """A deferred foreign key is found at COMMIT: each change runs again alone, and only the guilty one fails."""

    def prepare(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE child (name TEXT REFERENCES t (name) DEFERRABLE INITIALLY DEFERRED)")

    def orphan(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO child VALUES ('nobody')")

    await rig.writer.submit(prepare)
    outcomes = await rig.held(insert("a"), orphan, insert("b"))
    assert [type(outcome) for outcome in outcomes] == [str, sqlite3.IntegrityError, str]
    assert rig.names() == {"a", "b"}
    assert await rig.writer.submit(insert("c")) == "c"


async def test_a_database_that_another_process_holds_is_unavailable_and_then_works(rig: Rig) -> None:
    def impatient(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA busy_timeout=10")

    await rig.writer.submit(impatient)
    with closing(sqlite3.connect(rig.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="busy"):
            await rig.writer.submit(insert("a"))
        other.execute("COMMIT")
    assert await rig.writer.submit(insert("a")) == "a"


async def test_a_writer_that_dies_fails_what_it_held_and_is_replaced(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    def die(connection: sqlite3.Connection) -> None:
        insert("lost")(connection)
        raise SystemExit

    outcomes = await rig.held(insert("a"), die, insert("b"))
    assert all(isinstance(outcome, WriterDied) for outcome in outcomes)
    assert rig.names() == set()
    assert await rig.writer.submit(insert("after")) == "after"
    assert rig.opened == 2
    assert "writer died" in caplog.text


async def test_who_was_answered_before_a_death_stays_answered(rig: Rig) -> None:
    runs: list[int] = []

    def lose_then_die(connection: sqlite3.Connection) -> None:
        runs.append(1)
        if len(runs) == 1:
            connection.execute("ROLLBACK")
            raise sqlite_error(sqlite3.SQLITE_FULL)
        raise SystemExit

    outcomes = await rig.held(insert("a"), lose_then_die, insert("b"))
    assert [type(outcome) for outcome in outcomes] == [str, WriterDied, WriterDied]
    assert rig.names() == {"a"}


async def test_a_connection_that_cannot_be_made_fails_the_change_and_is_tried_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "t.sqlite")
    rig.broken = True
    for _ in range(3):
        with pytest.raises(WriterDied):
            await rig.writer.submit(insert("a"))
    rig.broken = False
    assert await rig.writer.submit(insert("a")) == "a"
    await rig.writer.close()


async def test_a_failed_group_wakes_nobody(rig: Rig) -> None:
    await rig.writer.submit(insert("a"))
    with pytest.raises(sqlite3.IntegrityError):
        await rig.writer.submit(insert("a"))
    await asyncio.sleep(0)
    assert rig.commits == 1


async def test_a_wake_that_fails_harms_no_answer(opened: SqliteStore) -> None:
    def wake() -> None:
        raise RuntimeError("a bug of a listener")

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    opened.on_commit(wake)
    assert await opened.commit(labelled("A")) == 1
    assert await opened.commit(labelled("B")) == 2


async def test_a_pull_waits_for_whoever_has_a_stamp_and_has_not_committed(opened: SqliteStore, folder: Path) -> None:
    """Else a change would be on no page, and older than the time from which is asked again."""
    with closing(connections.writer(folder / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        whole = asyncio.create_task(opened.stations(StationQuery(cpo_ids=None)))
        by_date = asyncio.create_task(opened.locations(LocationQuery(cpo_ids=None, date_from=T0)))
        await opened.stations(StationQuery(cpo_ids=None, count=False))
        await asyncio.sleep(0.1)
        assert not whole.done() and not by_date.done()
        other.execute("COMMIT")
    assert ((await whole).total, (await by_date).total) == (0, 0)


async def test_reads_cannot_write(folder: Path) -> None:
    with closing(connections.reader(folder / DATABASE)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM facts")


async def test_commits_are_durable_and_references_hold(folder: Path) -> None:
    with closing(connections.writer(folder / DATABASE)) as writer:
        values = [writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]
        assert values == [2, "wal"]
        assert writer.execute("PRAGMA foreign_keys").fetchone()[0] == 1


async def test_fact_numbers_never_come_again_even_when_facts_were_deleted(opened: SqliteStore, folder: Path) -> None:
    await opened.commit(labelled("A"))
    last = await opened.commit(labelled("B"))
    with closing(connections.writer(folder / DATABASE)) as other:
        other.execute("DELETE FROM facts")
    assert await opened.commit(labelled("C")) == last + 1


async def test_a_full_disk_under_the_store_is_unavailable_and_loses_nothing(folder: Path) -> None:
    def small() -> sqlite3.Connection:
        connection = connections.writer(folder / DATABASE)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 30}")
        return connection

    store = SqliteStore(connections.reader(folder / DATABASE), small)
    asked = [store.commit(labelled(f"{n}-{'x' * 3000}")) for n in range(30)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    kept = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, int)]
    assert 0 < len(kept) < 30
    assert {type(outcome) for outcome in outcomes} == {int, StoreUnavailable}
    assert [code.split("-")[0] for code in codes(folder / DATABASE)] == [str(n) for n in kept]
    assert len(facts(folder / DATABASE)) == len(kept)
    await store.close()


async def test_a_bug_in_a_change_passes_through(opened: SqliteStore) -> None:
    with pytest.raises(KeyError):
        await opened.commit(Change(writes=(Put(T0),)))
    assert await opened.commit(labelled("A")) == 1


WRITES_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from app.store.sqlite import SqliteStore
from tests.store.conftest import labelled

async def write(store, name):
    for n in range(100_000):
        await store.commit(labelled(f"{name}-{n}"))
        print(f"{name}-{n}", flush=True)

async def main():
    store = await SqliteStore.open(Path(sys.argv[1]))
    await asyncio.gather(*(write(store, name) for name in "abcdefgh"))

asyncio.run(main())
"""


async def test_sigkill_loses_no_acknowledged_change_and_keeps_none_in_half(folder: Path) -> None:
    path = folder / DATABASE
    for _ in range(3):
        acknowledged = await _killed_while_writing(path)
        stored = codes(path)
        assert set(acknowledged) <= set(stored) and len(acknowledged) >= 100
        assert facts(path) == stored
        assert len(stored) == len(set(stored))
        with closing(connections.writer(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            connection.execute("DELETE FROM labels")
            connection.execute("DELETE FROM facts")


async def _killed_while_writing(path: Path) -> list[str]:
    process = await python(WRITES_UNTIL_KILLED, str(path))
    assert process.stdout is not None
    lines = [await asyncio.wait_for(process.stdout.readline(), 60) for _ in range(100)]
    process.kill()
    lines += (await asyncio.wait_for(process.stdout.read(), 60)).splitlines(keepends=True)
    await process.wait()
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


async def test_the_reader_and_the_writer_are_made_for_the_same_file(folder: Path) -> None:
    odd = folder / "with space ? and # and %41.sqlite"
    (folder / DATABASE).rename(odd)
    store = SqliteStore(connections.reader(odd), partial(connections.writer, odd))
    assert await store.commit(labelled("A")) == 1
    assert codes(odd) == ["A"]
    await store.close()


# --- Readiness --------------------------------------------------------------------------------------------------------


async def test_a_store_is_ready_while_its_writer_commits_and_asking_changes_nothing(folder: Path) -> None:
    store = await SqliteStore.open(folder / DATABASE)
    before = store.version()
    await store.ready()
    assert store.version() == before
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.ready()


async def test_a_store_whose_writer_hangs_is_not_ready(folder: Path) -> None:
    gate = threading.Event()

    def stuck() -> sqlite3.Connection:
        gate.wait(10)
        return connections.writer(folder / DATABASE)

    store = SqliteStore(connections.reader(folder / DATABASE), stuck)
    with pytest.raises(StoreUnavailable):
        await store.ready(seconds=0.05)
    gate.set()
    await store.ready()
    await store.close()


async def test_a_store_that_cannot_open_its_file_for_writing_is_not_ready(folder: Path) -> None:
    def broken() -> sqlite3.Connection:
        raise sqlite_error(sqlite3.SQLITE_CANTOPEN)

    store = SqliteStore(connections.reader(folder / DATABASE), broken)
    with pytest.raises(StoreUnavailable):
        await store.ready()
    await store.close()
