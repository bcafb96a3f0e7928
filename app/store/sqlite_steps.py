"""The steps of a change, run on SQLite inside the writer's transaction."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from app.domain.errors import RevConflict
from app.domain.live import OfflineReason
from app.store.changes import WHO_IS_CONNECTED, offline_steps
from app.store.steps import Check, Step

CONFLICTS = (
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
)
"""A record that must be new exists, or the station of a part is gone: somebody was faster."""


def run(connection: sqlite3.Connection, steps: Iterable[Step]) -> int:
    """Apply the steps inside the caller's transaction; the last fact's number, or 0. Raises RevConflict."""
    last = 0
    for step in steps:
        cursor = _execute(connection, step)
        if step.check is Check.NUMBER:
            last = cursor.lastrowid or 0
        elif not _holds(cursor, step.check):
            if not step.otherwise:
                raise RevConflict(f"{step.what} was changed meanwhile", what=step.what)
            run(connection, step.otherwise)
    return last


def _execute(connection: sqlite3.Connection, step: Step) -> sqlite3.Cursor:
    try:
        return connection.execute(step.sql, step.values)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode not in CONFLICTS:
            raise
        raise RevConflict(f"{step.what} was changed meanwhile", what=step.what) from error


def _holds(cursor: sqlite3.Cursor, check: Check) -> bool:
    if check is Check.ONE_ROW:
        return cursor.rowcount == 1
    return check is not Check.TRUE or bool(cursor.fetchone()[0])


def all_offline(connection: sqlite3.Connection, reason: OfflineReason, at: datetime) -> int:
    """Mark who is connected as offline, and say so of each in a fact, in the caller's transaction."""
    connected = connection.execute(WHO_IS_CONNECTED).fetchall()
    run(connection, offline_steps(connected, reason, at))
    return len(connected)
