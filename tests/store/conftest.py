"""A fresh database file, and small changes to put into it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.facts import Fact, FactKind
from app.domain.scan import Label
from app.ports import Change, Put
from app.store import connections
from app.store.folder import DATABASE, DIGEST_KEY
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def labelled(code: str) -> Change:
    """A record with its fact."""
    record = Label(code=code, cpo_id="ABC", charge_station_id="S1", created=T0)
    return Change(writes=(Put(record),), facts=(Fact(kind=FactKind.LABEL_MADE, at=T0, cpo_id=code),))


def codes(path: Path) -> list[str]:
    """The labels in a database file, in order of arrival."""
    with closing(connections.reader(path)) as connection:
        return [row[0] for row in connection.execute("SELECT code FROM labels ORDER BY row_id")]


def facts(path: Path) -> list[str]:
    with closing(connections.reader(path)) as connection:
        return [row[0] for row in connection.execute("SELECT cpo_id FROM facts ORDER BY seq")]


async def python(script: str, *args: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *args, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with an empty database and a digest key."""
    data = tmp_path / "data"
    migrate(data / DATABASE)
    (data / DIGEST_KEY).write_bytes(b"k" * 32)
    return data


@pytest.fixture
async def opened(folder: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(folder / DATABASE)
    yield store
    await store.close()
