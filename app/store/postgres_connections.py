"""Connections to PostgreSQL: bounded in time, and never with the address in an error, for a password stands in it."""

from typing import Any, TypeAlias

import asyncpg

from app.domain.errors import StoreUnavailable

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 30.0
READERS = 10
CHANNEL = "stationlink"
WRONG_ADDRESS = "STATIONLINK_DATABASE is not an address like postgresql://name:password@host/database"

Connection: TypeAlias = Any
Pool: TypeAlias = Any
"""asyncpg's, which carry no types."""


async def connect(database: str) -> Connection:
    """Raises StoreUnavailable for an address that is none, else what the driver raises."""
    try:
        return await asyncpg.connect(database, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS)
    except ValueError:
        raise StoreUnavailable(WRONG_ADDRESS) from None


async def pool(database: str) -> Pool:
    """For reads: connections come when they are needed, to an address that `connect` has tried."""
    return await asyncpg.create_pool(
        database, min_size=0, max_size=READERS, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS
    )
