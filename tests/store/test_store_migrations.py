"""Migrations: each once, all or none, and never on a database of another history."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.errors import StoreUnavailable
from app.domain.people import Subscription
from app.ports import TABLES
from app.store.migrations import migrate, scripts, statements
from app.store.sqlite import SqliteStore
from tests.fakes import FakeClock


def write(schema: Path, name: str, text: str) -> None:
    schema.mkdir(exist_ok=True)
    (schema / f"{name}.sqlite.sql").write_text(text)


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    write(tmp_path / "schema", "001_one", "CREATE TABLE one (a TEXT); CREATE TABLE two (a TEXT);")
    return tmp_path / "schema"


def test_each_file_is_applied_once_and_recorded(schema: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "db"
    assert migrate(path, schema) == ["001_one"]
    assert migrate(path, schema) == []
    write(schema, "002_three", "CREATE TABLE three (a TEXT);")
    write(schema, "003_four", "ALTER TABLE three ADD COLUMN b TEXT;")
    assert migrate(path, schema) == ["002_three", "003_four"]
    assert {"one", "two", "three"} <= tables(path)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT number, name, length(checksum) FROM migrations").fetchall()
    assert rows == [(1, "001_one", 64), (2, "002_three", 64), (3, "003_four", 64)]


def test_a_file_that_fails_leaves_nothing_of_itself_and_of_those_before_it(schema: Path, tmp_path: Path) -> None:
    path = tmp_path / "db"
    migrate(path, schema)
    write(schema, "002_three", "CREATE TABLE three (a TEXT);")
    write(schema, "003_wrong", "CREATE TABLE four (a TEXT); CREATE TABLE one (a TEXT);")
    with pytest.raises(sqlite3.OperationalError):
        migrate(path, schema)
    assert tables(path) == {"one", "two", "migrations"}
    write(schema, "003_wrong", "CREATE TABLE four (a TEXT);")
    assert migrate(path, schema) == ["002_three", "003_wrong"]


def test_a_script_cannot_end_the_transaction_it_runs_in(schema: Path, tmp_path: Path) -> None:
    write(schema, "002_commits", "CREATE TABLE three (a TEXT); COMMIT; CREATE TABLE four (a TEXT);")
    with pytest.raises(ValueError, match="002_commits"):
        migrate(tmp_path / "db", schema)
    assert "four" not in tables(tmp_path / "db")


def test_a_newer_database_is_refused(schema: Path, tmp_path: Path) -> None:
    write(schema, "002_three", "CREATE TABLE three (a TEXT);")
    migrate(tmp_path / "db", schema)
    (schema / "002_three.sqlite.sql").unlink()
    with pytest.raises(StoreUnavailable, match="newer version"):
        migrate(tmp_path / "db", schema)


def test_a_file_that_was_edited_afterwards_is_refused(schema: Path, tmp_path: Path) -> None:
    migrate(tmp_path / "db", schema)
    write(schema, "001_one", "CREATE TABLE other (a TEXT);")
    with pytest.raises(StoreUnavailable, match="001_one"):
        migrate(tmp_path / "db", schema)


def test_numbers_rise_and_have_no_double(schema: Path) -> None:
    write(schema, "003_gap", "")
    write(schema, "002_first", "")
    assert [script.number for script in scripts(schema)] == [1, 2, 3]
    write(schema, "002_second", "")
    with pytest.raises(ValueError):
        scripts(schema)


def test_another_dialect_is_not_taken(schema: Path) -> None:
    (schema / "001_one.postgres.sql").write_text("CREATE TABLE one (a bytea);")
    assert [script.name for script in scripts(schema)] == ["001_one"]
    assert scripts(schema, "postgres")[0].text.endswith("bytea);")


def test_each_file_has_its_twin_in_the_other_dialect() -> None:
    """PostgreSQL came after 002, which only moved what SQLite's databases held: its 001 has the tables of both."""
    names = {script.name for script in scripts()} - {"002_stamps"}
    assert names == {script.name for script in scripts(dialect="postgres")}


def test_statements_end_where_they_end() -> None:
    text = """
    -- a comment; with a semicolon
    INSERT INTO a VALUES ('x;y', "z;");
    CREATE TRIGGER t AFTER INSERT ON a BEGIN
        UPDATE a SET b = 1; DELETE FROM c;
    END;
    -- the end;
    """
    first, second = list(statements(text))
    assert first.endswith("""INSERT INTO a VALUES ('x;y', "z;");""")
    assert second.startswith("CREATE TRIGGER") and second.endswith("END;")
    with pytest.raises(ValueError, match="without an end"):
        list(statements("CREATE TABLE a (b TEXT)"))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"these are not the bytes you look for" * 50)
    with pytest.raises(StoreUnavailable, match="not a database"):
        migrate(tmp_path / "db")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        migrate(tmp_path / "file" / "db")


def test_the_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    migrate(tmp_path / "db")
    assert stat.S_IMODE((tmp_path / "db").stat().st_mode) == 0o600


def test_the_schema_has_exactly_the_declared_columns(tmp_path: Path) -> None:
    migrate(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        for table in TABLES.values():
            rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table.name,)).fetchall()
            assert {row[0] for row in rows} == {"row_id", "rev", "body", table.key, *table.columns}, table.name


def before(number: int, path: Path, folder: Path) -> None:
    """A database as the program made it before this migration."""
    folder.mkdir()
    for script in scripts():
        if script.number < number:
            write(folder, script.name, script.text)
    migrate(path, folder)


async def test_what_was_there_before_totals_were_kept_is_in_them(tmp_path: Path) -> None:
    path = tmp_path / "stationlink.sqlite"
    before(7, path, tmp_path / "old")
    with closing(sqlite3.connect(path)) as connection, connection:
        stamps = ((row_id, "ABC" if row_id < 4 else "XYZ", row_id) for row_id in range(1, 6))
        connection.executemany("INSERT INTO station_stamps VALUES (?, ?, ?, '2026-03-02', '2026-03-02')", stamps)
    migrate(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE station_stamps SET cpo_id = 'XYZ' WHERE row_id = 1")
        connection.execute("DELETE FROM station_stamps WHERE row_id = 2")
        assert connection.execute("SELECT * FROM station_totals").fetchall() == [("ABC", 1), ("XYZ", 3)]
        assert connection.execute("SELECT * FROM location_totals").fetchall() == []


async def test_a_subscription_from_before_its_id_was_its_key_is_still_found(tmp_path: Path) -> None:
    path = tmp_path / "stationlink.sqlite"
    before(4, path, tmp_path / "old")
    body = (
        b'{"key_digest":"d","id":"S1","name":"CRM","cpo_ids":["ABC"],"modules":{"locations":"rw"},'
        b'"created":"2026-03-02T08:00:00Z","revoked_at":null}'
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO subscriptions (key_digest, rev, id, body) VALUES ('d', 3, 'S1', ?)", (body,))
    migrate(path)
    store = await SqliteStore.open(path, FakeClock())
    found = await store.get(Subscription, "S1")
    assert found is not None and (found[0].name, found[1]) == ("CRM", 3)
    assert await store.find(Subscription, key_digest="d") == [found]
    await store.close()


async def test_a_store_opens_only_on_its_own_schema(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await SqliteStore.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "empty").touch()
    with pytest.raises(StoreUnavailable, match="001_first"):
        await SqliteStore.open(tmp_path / "empty")
    migrate(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db")) as connection, connection:
        connection.execute("INSERT INTO migrations (number, name, checksum) VALUES (999, '999_future', 'x')")
    with pytest.raises(StoreUnavailable, match="999_future"):
        await SqliteStore.open(tmp_path / "db")
