"""SQLite connections as this store uses them: one that only reads, one that writes durably."""

import math
import sqlite3
from pathlib import Path

from app.domain.places import same_text, stands_at

WRITER_BUSY_MS = 5_000
READER_BUSY_MS = 1_000
READER_CACHE_KB = 64 * 1024
EARTH_RADIUS_M = 6_371_008.8
WAL_LIMIT_BYTES = 64 * 1024 * 1024


def distance_m(
    latitude: float | None, longitude: float | None, from_latitude: float, from_longitude: float
) -> float | None:
    """Great-circle distance in metres (haversine); None without a position."""
    if latitude is None or longitude is None:
        return None
    here, there = math.radians(from_latitude), math.radians(latitude)
    across = math.sin(math.radians(longitude - from_longitude) / 2) ** 2
    chord = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * across
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Each read sees all that was committed before it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={READER_BUSY_MS}")
    connection.execute(f"PRAGMA cache_size=-{READER_CACHE_KB}")
    connection.create_function("distance_m", 4, distance_m, deterministic=True)
    connection.create_function("same_text", 2, same_text, deterministic=True)
    connection.create_function("stands_at", 3, stands_at, deterministic=True)
    return connection


def writer(path: Path) -> sqlite3.Connection:
    """A connection whose COMMIT returns when the change is on the disk. The file must exist."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={WRITER_BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")  # a savepoint copies what it changes, by default to a file
    connection.execute(f"PRAGMA journal_size_limit={WAL_LIMIT_BYTES}")
    return connection
