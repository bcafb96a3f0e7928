"""Numbered SQL files and the runner that applies each of them once.

A file is `schema/NNN_what.DIALECT.sql`. What was applied is recorded with its checksum, so that a file that was edited
afterwards, or a database newer than this program, is found before anything is read or written.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from app.domain.errors import StoreUnavailable
from app.store import connections, folder
from app.store.faults import mendable

SCHEMA = Path(__file__).parent / "schema"

TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
)
"""


class Script(Struct, frozen=True):
    """One numbered SQL file."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


Applied = Mapping[int, tuple[str, str]]
"""Name and checksum of each migration that a database has had, by number."""


def scripts(schema: Path = SCHEMA, dialect: str = "sqlite") -> list[Script]:
    """All files of one dialect, in order. Raises ValueError unless the numbers rise."""
    found = sorted(schema.glob(f"[0-9]*_*.{dialect}.sql"))
    all_scripts = [
        Script(int(path.name.split("_")[0]), path.name.removesuffix(f".{dialect}.sql"), path.read_text("utf-8"))
        for path in found
    ]
    numbers = [script.number for script in all_scripts]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"two migrations have one number: {[script.name for script in all_scripts]}")
    return all_scripts


def pending(known: Sequence[Script], applied: Applied) -> list[Script]:
    """What is still to be applied. Raises StoreUnavailable for a database that is newer or went another way."""
    by_number = {script.number: script for script in known}
    for number, (name, checksum) in sorted(applied.items()):
        if number not in by_number:
            raise StoreUnavailable(
                f"the database was written by a newer version (migration {name}): install that version", migration=name
            )
        if by_number[number].checksum != checksum:
            raise StoreUnavailable(
                f"migration {name} is not the one this database was made with: install the version that made it",
                migration=name,
            )
    return [script for script in known if script.number not in applied]


def statements(text: str) -> Iterator[str]:
    """The single statements of a script: semicolons inside strings, comments and triggers do not end one.

    Raises ValueError when the last one has no end.
    """
    gathered = ""
    for piece in text.split(";")[:-1]:
        gathered += piece + ";"
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    rest = gathered + text.split(";")[-1]
    if any(line.strip() and not line.strip().startswith("--") for line in rest.splitlines()):
        raise ValueError(f"a statement without an end: {rest.strip()[:80]}")


def applied(connection: sqlite3.Connection) -> Applied:
    """What this database has had; nothing for an empty file."""
    table = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").fetchone()
    rows = connection.execute("SELECT number, name, checksum FROM migrations").fetchall() if table else []
    return {number: (name, checksum) for number, name, checksum in rows}


def check(connection: sqlite3.Connection, known: Sequence[Script] | None = None) -> None:
    """Raise StoreUnavailable unless this database has exactly the migrations of this program."""
    if missing := pending(scripts() if known is None else known, applied(connection)):
        raise StoreUnavailable(
            f"the database needs {missing[0].name}: run `migrate`, or start the server", migration=missing[0].name
        )


def migrate(path: Path, schema: Path = SCHEMA) -> list[str]:
    """Make or update the database: all pending files in one transaction, or none. Returns the names applied.

    Also finishes a restore that was cut off. Only for the holder of the folder's lock. Raises StoreUnavailable.
    """
    known = scripts(schema)
    with mendable():
        folder.settle(path.parent)
        create(path)
        with closing(connections.writer(path)) as connection:
            return _apply(connection, known)


def create(path: Path) -> None:
    """An empty file that only its owner may read, unless there is one. Raises StoreUnavailable."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"the database cannot be made: {error.strerror}") from error


def _apply(connection: sqlite3.Connection, known: Sequence[Script]) -> list[str]:
    """When a script fails, closing the connection rolls all of them back."""
    connection.execute("BEGIN IMMEDIATE")
    missing = pending(known, applied(connection))
    if missing:
        connection.execute(TABLE)
    for script in missing:
        _run(connection, script)
    connection.execute("COMMIT")
    return [script.name for script in missing]


def _run(connection: sqlite3.Connection, script: Script) -> None:
    for statement in statements(script.text):
        connection.execute(statement)
        if not connection.in_transaction:
            raise ValueError(f"migration {script.name} ends the transaction: {statement[:80]}")
    connection.execute(
        "INSERT INTO migrations (number, name, checksum) VALUES (?, ?, ?)",
        (script.number, script.name, script.checksum),
    )
