"""The time of a commit, as lists are asked for it (`date_from`): taken by the writer inside the transaction.

A document tells when it was decided; between that and its commit others may have read. What a reader did not see has a
later stamp than the begin of its reading, so whoever asks again from there misses nothing.
"""

import sqlite3
from datetime import UTC, datetime

from app.ports import Clock
from app.store.rows import moment

LAST = """
SELECT max(
    coalesce((SELECT max(written) FROM station_stamps), ''), coalesce((SELECT max(written) FROM location_stamps), ''))
"""


class SystemTime:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Stamps:
    """One a writer. Stamps never fall in the order of commits, also where the clock does or another process writes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = ""

    def installed(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Gives the connection the SQL function `stamp(own)`: the commit's time, not before the object's own."""
        connection.create_function("stamp", 1, lambda own: max(own, self._at))
        return connection

    def begin(self, connection: sqlite3.Connection) -> None:
        """To be called first in each write transaction."""
        self._at = max(moment(self._clock.now()), connection.execute(LAST).fetchone()[0])
