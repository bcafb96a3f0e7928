"""The stores that keep the contract: each adapter is one entry."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from app.ports import (
    Clock,
    Store,
)
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.postgres import open_postgres


async def open_sqlite(place: Path, clock: Clock | None = None) -> Store:
    migrate(place / "store.sqlite")
    return await SqliteStore.open(place / "store.sqlite", clock)


ADAPTERS: dict[str, Callable[[Path, Clock], Awaitable[Store]]] = {
    "sqlite": open_sqlite,
    "postgres": open_postgres,
}
