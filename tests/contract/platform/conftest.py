"""Each test of this folder runs over the builtin platform on both stores, and over the remote one on our own API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.ports import Ports, Store
from tests.contract.platform_fixtures import (
    House,
    actors,
    remote_house,
)
from tests.contract.stores import ADAPTERS
from tests.fakes import FakeClock


@pytest.fixture(params=["builtin on sqlite", "builtin on postgres", "remote"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "builtin on postgres":
        request.getfixturevalue("postgres")
    return request.param


@pytest.fixture
async def store(kind: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    opened = await ADAPTERS["postgres" if kind.endswith("postgres") else "sqlite"](tmp_path, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def house(kind: str, ports: Ports, tmp_path: Path) -> AsyncIterator[House]:
    actor, foreign = actors()
    if kind.startswith("builtin"):
        platform = ports.platforms.builtin
        yield House(platform, ports.store, actor, foreign, ports.clock, ports.ids)
        return
    async with remote_house(ports, tmp_path) as (remote, _):
        yield remote
