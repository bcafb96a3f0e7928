"""The numbered files on PostgreSQL: the rules of `app.store.migrations`, and one run at a time on one database."""

import asyncpg

from app.domain.errors import StoreUnavailable
from app.store.migrations import Applied, Script, pending, scripts
from app.store.postgres_connections import Connection, connect
from app.store.postgres_faults import mendable

MIGRATION_SECONDS = 3600
LOCK = "SELECT pg_advisory_xact_lock(7723001)"

TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""
RECORD = "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)"


async def migrate(database: str) -> list[str]:
    """Make or update the tables: all pending files in one transaction, or none. Returns the names applied.

    The database itself must exist. Raises StoreUnavailable.
    """
    known = scripts(dialect="postgres")
    with mendable():
        connection = await connect(database)
        try:
            return await _apply(connection, known)
        finally:
            await connection.close()


async def require(database: str) -> None:
    """Raise StoreUnavailable unless this database has exactly the migrations of this program."""
    connection = await connect(database)
    try:
        missing = pending(scripts(dialect="postgres"), await applied(connection))
    finally:
        await connection.close()
    if missing:
        name = missing[0].name
        raise StoreUnavailable(f"the database needs {name}: run `migrate`, or start the server", migration=name)


async def applied(connection: Connection) -> Applied:
    """What this database has had; nothing for an empty one."""
    try:
        async with connection.transaction():
            rows = await connection.fetch("SELECT number, name, checksum FROM migrations")
    except asyncpg.UndefinedTableError:
        return {}
    return {number: (name, checksum) for number, name, checksum in rows}


async def _apply(connection: Connection, known: list[Script]) -> list[str]:
    async with connection.transaction():
        await connection.execute(LOCK, timeout=MIGRATION_SECONDS)
        missing = pending(known, await applied(connection))
        if missing:
            await connection.execute(TABLE)
        for script in missing:
            await connection.execute(script.text, timeout=MIGRATION_SECONDS)
            await connection.execute(RECORD, script.number, script.name, script.checksum)
    return [script.name for script in missing]
