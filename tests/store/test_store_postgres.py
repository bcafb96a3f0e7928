"""What only a database that several servers share must do: no late commit is missed, a lost server is survived."""

import asyncio
import os
import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.domain.errors import StoreUnavailable
from app.domain.live import OfflineReason
from app.domain.scan import Label
from app.ports import Change, LocationQuery, StationQuery
from app.store import postgres, postgres_migrations
from app.store.migrations import migrate
from app.store.postgres import PostgresStore
from app.store.postgres_faults import translate
from app.store.postgres_writer import LOCK
from tests.contract.store.builders import evses, fact, new_station
from tests.postgres import Cluster, database_of, make_database

Opened = Callable[[], Awaitable[PostgresStore]]
FAR_PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(postgres: Cluster, tmp_path: Path) -> str:
    address = database_of(tmp_path)
    await make_database(address)
    await postgres_migrations.migrate(address)
    return address


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Opened]:
    async with AsyncExitStack() as stack:

        async def make() -> PostgresStore:
            store = await PostgresStore.open(database)
            stack.push_async_callback(store.close)
            return store

        yield make


async def test_the_schema_has_the_columns_of_sqlite(database: str, tmp_path: Path) -> None:
    migrate(tmp_path / "store.sqlite")
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as file:
        names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = {name: {row[1] for row in file.execute(f"PRAGMA table_info({name})")} for name in names}
    connection = await asyncpg.connect(database)
    sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    theirs: dict[str, set[str]] = {}
    for table, name in await connection.fetch(sql):
        theirs.setdefault(table, set()).add(name)
    await connection.close()
    only_theirs = {"house"}
    assert {name: ours[name] for name in ours if name != "sqlite_sequence"} == {
        name: theirs[name] for name in theirs if name not in only_theirs
    }


def dawdling(chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions stay open for a while after their rows are numbered and stamped: others overtake if they can."""
    plain = postgres._run

    async def run(connection: Any, steps: Any) -> int:
        number = await plain(connection, steps)
        await connection.execute("SELECT pg_sleep($1)", chance.random() / 100)
        return number

    monkeypatch.setattr(postgres, "_run", run)


async def test_a_reader_of_facts_misses_no_late_commit(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    dawdling(random.Random(7), monkeypatch)
    reader, *writers = [await opened() for _ in range(5)]
    seen: list[int] = []

    async def write(store: PostgresStore) -> None:
        for _ in range(20):
            await store.commit(Change(facts=(fact(), fact())))

    async def follow() -> None:
        seen.extend([found.seq for found in await reader.facts(after=seen[-1] if seen else 0)])

    writing = asyncio.gather(*(write(store) for store in writers))
    while not writing.done():
        await follow()
    await writing
    await follow()
    assert seen == [found.seq for found in await reader.facts(limit=10_000)]
    assert len(seen) == 4 * 20 * 2


async def test_a_pull_by_date_misses_no_late_commit(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, *writers = [await opened() for _ in range(5)]
    names = [f"S{n}" for n in range(40)]
    for name in names:
        await reader.commit(new_station(name))
    dawdling(random.Random(11), monkeypatch)
    told: set[tuple[str, int]] = set()

    async def write(store: PostgresStore, mine: list[str]) -> None:
        for rev in range(1, 6):
            for name in mine:
                await store.commit(Change(writes=(evses(name, rev=rev, modified=datetime.now(UTC)),)))

    async def pull(since: datetime) -> datetime:
        begun = datetime.now(UTC)
        page = await reader.stations(StationQuery(cpo_ids=None, date_from=since))
        told.update((row.charge_station_id, row.evses_rev) for row in page.rows)
        return begun

    writing = asyncio.gather(*(write(store, names[n::4]) for n, store in enumerate(writers)))
    since = await pull(FAR_PAST)
    while not writing.done():
        since = await pull(since)
    await writing
    await pull(since)
    assert {(name, 6) for name in names} <= told


async def test_a_pull_waits_for_whoever_has_a_stamp_and_has_not_committed(opened: Opened, database: str) -> None:
    store, other = await opened(), await asyncpg.connect(database)
    writing = other.transaction()
    await writing.start()
    await other.execute(LOCK)
    whole = asyncio.create_task(store.stations(StationQuery(cpo_ids=None)))
    by_date = asyncio.create_task(store.locations(LocationQuery(cpo_ids=None, date_from=FAR_PAST)))
    await store.stations(StationQuery(cpo_ids=None, count=False))
    await asyncio.sleep(0.2)
    assert not whole.done() and not by_date.done()
    await writing.commit()
    await other.close()
    assert ((await whole).total, (await by_date).total) == (0, 0)


OTHER_PROCESS = """
import asyncio, sys
from app.ports import Change
from app.store.migrations import migrate
from app.store.postgres import PostgresStore
from app.store.postgres_faults import translate
from tests.contract.store.builders import fact

async def main():
    store = await PostgresStore.open(sys.argv[1])
    await store.commit(Change(facts=(fact(),)))
    await store.close()

asyncio.run(main())
"""


async def test_the_commit_of_another_process_wakes(opened: Opened, database: str) -> None:
    store, woken = await opened(), asyncio.Event()
    store.on_commit(woken.set)
    home = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, database, cwd=home, env=dict(os.environ)
    )
    assert await asyncio.wait_for(process.wait(), 60) == 0
    await asyncio.wait_for(woken.wait(), 5)
    assert await store.last_fact() == 1


async def test_servers_with_different_keys_do_not_share_a_database(opened: Opened) -> None:
    one, other = await opened(), await opened()
    await one.share_key("aa")
    await one.share_key("aa")
    with pytest.raises(StoreUnavailable, match=r"digest\.key"):
        await other.share_key("bb")


async def test_an_address_that_is_none_is_said_without_its_password() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await PostgresStore.open("postgresql://me:secret@host:port/x")
    assert "secret" not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (asyncpg.DiskFullError("x"), "disk"),
        (asyncpg.OutOfMemoryError("x"), "memory"),
        (asyncpg.CannotConnectNowError("x"), "starting"),
        (asyncpg.ConnectionDoesNotExistError("x"), "lost"),
        (asyncpg.InterfaceError("x"), "closed"),
        (ConnectionResetError("x"), "reached"),
        (TimeoutError("x"), "in time"),
    ],
)
def test_what_a_person_could_mend_is_said_in_words(error: Exception, words: str) -> None:
    translated = translate(error)
    assert isinstance(translated, StoreUnavailable) and words in str(translated)


@pytest.mark.parametrize("error", [asyncpg.UndefinedTableError("x"), asyncpg.CheckViolationError("x"), KeyError("x")])
def test_bugs_pass_through(error: Exception) -> None:
    assert translate(error) is error


async def test_a_database_that_may_only_be_read_is_read_and_says_so(database: str) -> None:
    store = await PostgresStore.open(f"{database}?default_transaction_read_only=on")
    try:
        assert await store.facts() == []
        with pytest.raises(StoreUnavailable, match="only be read"):
            await store.commit(Change(facts=(fact(),)))
    finally:
        await store.close()


async def test_a_database_or_a_name_that_is_not_there_is_said(database: str) -> None:
    server, _, _ = database.rpartition("/")
    with pytest.raises(StoreUnavailable, match="no database"):
        await PostgresStore.open(f"{server}/nothing")
    with pytest.raises(StoreUnavailable, match="name and password"):
        await PostgresStore.open(database.replace("postgres@", "nobody@"))


async def test_a_server_without_a_free_connection_is_said() -> None:
    with Cluster(fsync="off", max_connections="4", superuser_reserved_connections="0") as cluster:
        await postgres_migrations.migrate(cluster.address)
        held = [await asyncpg.connect(cluster.address) for _ in range(4)]
        with pytest.raises(StoreUnavailable, match="too many connections"):
            await PostgresStore.open(cluster.address)
        await asyncio.gather(*(connection.close() for connection in held))


CALLS: dict[str, Callable[[PostgresStore], Awaitable[object]]] = {
    "commit": lambda store: store.commit(Change(facts=(fact(),))),
    "all_offline": lambda store: store.all_offline(OfflineReason.SERVER_RESTART, FAR_PAST),
    "ready": lambda store: store.ready(),
    "get": lambda store: store.get(Label, "A"),
    "find": lambda store: store.find(Label),
    "station": lambda store: store.station("S1"),
    "stations": lambda store: store.stations(StationQuery()),
    "station_ids": lambda store: store.station_ids(None),
    "location": lambda store: store.location("L1"),
    "locations": lambda store: store.locations(LocationQuery()),
    "facts": lambda store: store.facts(),
    "last_fact": lambda store: store.last_fact(),
}


async def test_a_lost_database_is_said_by_every_call_and_taken_up_again_when_it_is_back() -> None:
    with Cluster() as cluster:
        await postgres_migrations.migrate(cluster.address)
        store = await PostgresStore.open(cluster.address)
        try:
            await store.commit(Change(facts=(fact(),)))
            cluster.stop()
            for name, call in CALLS.items():
                with pytest.raises(StoreUnavailable):
                    pytest.fail(f"{name} answered {await call(store)}")
            cluster.start()
            assert [found.seq for found in await store.facts()] == [1]
            await store.commit(Change(facts=(fact(),)))
            await _hears(store, cluster.address)
        finally:
            await store.close()


async def _hears(store: PostgresStore, address: str) -> None:
    """Listening again: the commit of another store wakes."""
    other = await PostgresStore.open(address)
    woken = asyncio.Event()
    store.on_commit(woken.set)
    try:
        async with asyncio.timeout(10):
            while not woken.is_set():
                await other.commit(Change(facts=(fact(),)))
    finally:
        await other.close()
