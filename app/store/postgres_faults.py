"""Which of PostgreSQL's errors a person could mend: those become StoreUnavailable, the rest pass through."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from app.domain.errors import StoreUnavailable

MENDABLE: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (asyncpg.DiskFullError, "the disk of the database is full"),
    (asyncpg.TooManyConnectionsError, "the database has too many connections"),
    (asyncpg.InsufficientResourcesError, "the database lacks memory or another resource"),
    (asyncpg.ReadOnlySQLTransactionError, "the database may only be read: it is a copy, or was set so"),
    (asyncpg.InvalidAuthorizationSpecificationError, "the database does not accept this name and password"),
    (asyncpg.InvalidCatalogNameError, "there is no database of that name on the server: create it"),
    (asyncpg.InsufficientPrivilegeError, "the database's owner has not given us enough rights"),
    ((asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError), "the database is busy"),
    (asyncpg.QueryCanceledError, "the database took too long"),
    (asyncpg.OperatorInterventionError, "the database is stopping or starting"),
    ((asyncpg.PostgresSystemError, asyncpg.DataCorruptedError), "the database's disk does not read or write"),
    (asyncpg.PostgresConnectionError, "the connection to the database was lost"),
    (TimeoutError, "the database does not answer in time"),
    (OSError, "the database cannot be reached"),
)


def translate(error: Exception) -> Exception:
    """The StoreUnavailable for an error that a person could mend, else the error itself."""
    words = next((words for kinds, words in MENDABLE if isinstance(error, kinds)), None)
    if words is None and isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError):
        words = "the connection to the database is closed"
    if words is None:
        return error
    unavailable = StoreUnavailable(words)
    unavailable.__cause__ = error
    return unavailable


@contextmanager
def mendable() -> Iterator[None]:
    """Raise what `translate` makes of an error in the block."""
    try:
        yield
    except Exception as error:
        if (translated := translate(error)) is not error:
            raise translated from error
        raise
