"""Which of SQLite's errors a person could mend: those become StoreUnavailable, the rest are bugs and pass through."""

import sqlite3

from app.domain.errors import StoreUnavailable

MENDABLE = {
    sqlite3.SQLITE_BUSY: "the database is busy: another process holds it for too long",
    sqlite3.SQLITE_LOCKED: "the database is busy: it is locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk does not read or write",
    sqlite3.SQLITE_READONLY: "the database may not be written: check the rights on the data folder",
    sqlite3.SQLITE_PERM: "the database may not be opened: check the rights on the data folder",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened: check that the data folder exists and its rights",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged: restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is not a database: restore a backup",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}


def translate(error: Exception) -> Exception:
    """The StoreUnavailable for an error of SQLite that a person could mend, else the error itself."""
    code = getattr(error, "sqlite_errorcode", None)
    words = MENDABLE.get(code & 0xFF) if isinstance(code, int) else None
    if words is None:
        return error
    unavailable = StoreUnavailable(words)
    unavailable.__cause__ = error
    return unavailable


class Mendable:
    """No generator: it stands around every read, and costs a fifth of one."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, sqlite3.Error) and (translated := translate(error)) is not error:
            raise translated from error


_mendable = Mendable()


def mendable() -> Mendable:
    """Raise what `translate` makes of an SQLite error in the block."""
    return _mendable
