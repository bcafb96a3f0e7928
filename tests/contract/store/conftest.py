"""Each test of this folder runs over every store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from app.ports import (
    Clock,
    Store,
)
from tests.contract.stores import ADAPTERS
from tests.fakes import FakeClock


@pytest.fixture(params=sorted(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    return request.param


@pytest.fixture
async def store_factory(
    adapter: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Callable[..., Awaitable[Store]]]:
    """Opens the same database again and again: what another process would see."""
    opened: list[Store] = []

    async def make(time: Clock = clock) -> Store:
        opened.append(await ADAPTERS[adapter](tmp_path, time))
        return opened[-1]

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
async def store(store_factory: Callable[[], Awaitable[Store]]) -> Store:
    return await store_factory()
