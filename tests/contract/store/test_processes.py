"""Wake-ups, several stores over one database, and other processes."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.errors import RevConflict, StoreUnavailable
from app.domain.scan import Label
from app.ports import (
    Change,
    Put,
    Store,
)
from tests.contract.store.builders import (
    fact,
    label,
    person,
    put,
)


async def test_a_commit_changes_the_version_and_wakes(store: Store) -> None:
    woken = asyncio.Event()
    store.on_commit(woken.set)
    before = store.version()
    assert store.version() == before
    await store.commit(Change(facts=(fact(),)))
    await asyncio.wait_for(woken.wait(), 5)
    assert store.version() != before


async def test_a_change_that_failed_wakes_nobody(store: Store) -> None:
    await put(store, person("P1"))
    woken = asyncio.Event()
    store.on_commit(woken.set)
    with pytest.raises(RevConflict):
        await put(store, person("P1"))
    assert not woken.is_set()


async def changed(store: Store, before: int) -> None:
    """The news of another process travels on its own."""
    async with asyncio.timeout(5):
        while store.version() == before:
            await asyncio.sleep(0.005)


async def test_a_commit_of_another_store_is_seen(store: Store, store_factory: Callable[[], Awaitable[Store]]) -> None:
    other = await store_factory()
    before = store.version()
    await other.commit(Change(writes=(Put(label("A")),), facts=(fact(),)))
    await changed(store, before)
    assert await store.get(Label, "A") is not None
    await store.commit(Change(facts=(fact(),)))
    assert [found.seq for found in await other.facts()] == [1, 2]


async def test_two_stores_that_write_at_once_lose_nothing(store_factory: Callable[[], Awaitable[Store]]) -> None:
    stores = [await store_factory(), await store_factory()]
    changes = [stores[n % 2].commit(Change(facts=(fact(cpo_id=str(n)),))) for n in range(60)]
    numbers = await asyncio.gather(*changes)
    assert sorted(numbers) == list(range(1, 61))


OTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from app.domain.facts import Fact, FactKind
from app.ports import Change
from tests.contract.stores import ADAPTERS

async def main():
    store = await ADAPTERS[sys.argv[1]](Path(sys.argv[2]))
    print(await store.commit(Change(facts=(Fact(kind=FactKind.CPO_CHANGED, at=datetime.now(UTC)),))))
    await store.close()

asyncio.run(main())
"""


async def test_a_commit_of_another_process_changes_the_version(store: Store, adapter: str, tmp_path: Path) -> None:
    before = store.version()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OTHER_PROCESS,
        adapter,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, out.strip()) == (0, b"1")
    await changed(store, before)
    assert await store.last_fact() == 1


async def test_closing_commits_what_was_asked_for_and_takes_no_more(
    store_factory: Callable[[], Awaitable[Store]],
) -> None:
    store, other = await store_factory(), await store_factory()
    asked = [asyncio.ensure_future(store.commit(Change(facts=(fact(),)))) for _ in range(30)]
    await asyncio.sleep(0)
    await store.close()
    assert sorted(await asyncio.gather(*asked)) == list(range(1, 31))
    assert await other.last_fact() == 30
    with pytest.raises(StoreUnavailable):
        await store.commit(Change(facts=(fact(),)))
    await store.close()


async def test_a_caller_that_goes_away_harms_nobody(store: Store) -> None:
    gone = asyncio.ensure_future(store.commit(Change(facts=(fact(),))))
    stays = asyncio.ensure_future(store.commit(Change(facts=(fact(),))))
    await asyncio.sleep(0)
    gone.cancel()
    with suppress(asyncio.CancelledError):
        await gone
    assert await stays == await store.last_fact()
    assert await store.commit(Change(facts=(fact(),))) > 0
