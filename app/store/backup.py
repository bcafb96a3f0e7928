"""Backup and restore: the database as of one moment and the digest key, in one archive that only its owner may read.

The key belongs to it: without it no stored password, device or subscription could be recognised again.
"""

import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from app.domain.errors import StoreUnavailable
from app.store import connections, lock, migrations
from app.store.faults import mendable
from app.store.folder import DATABASE, DIGEST_KEY, RESTORE_NEW, RESTORE_READY, settle, sync_folder

MANIFEST = "manifest.json"
FORMAT = 1
MEMBERS = (MANIFEST, DATABASE, DIGEST_KEY)


class Manifest(Struct, frozen=True, kw_only=True):
    """What an archive holds: SHA-256 of each file, in hex."""

    format: int
    files: dict[str, str]


def backup(folder: Path, archive: Path) -> None:
    """Write the archive, replacing one of that name; a server may run and write meanwhile.

    Raises StoreUnavailable, and then leaves what was there.
    """
    with _mendable(), _staging(archive.absolute().parent) as staging:
        _copy_key(folder, staging)
        _copy_database(folder / DATABASE, staging / DATABASE)
        _check_database(staging / DATABASE)
        files = {name: _digest(staging / name) for name in (DATABASE, DIGEST_KEY)}
        (staging / MANIFEST).write_bytes(msgspec.json.encode(Manifest(format=FORMAT, files=files)))
        _pack(staging, staging / "archive")
        os.replace(staging / "archive", archive)
        sync_folder(archive.absolute().parent)


def restore(archive: Path, folder: Path) -> None:
    """Put the archive's files in place of the folder's, all or none, even when it is cut off.

    Takes the folder's lock itself. The archive is checked before anything is touched; an older one is migrated at the
    next `migrate`. Raises StoreUnavailable.
    """
    with lock.hold(folder, "restore"), _mendable():
        settle(folder)
        staging = folder / RESTORE_NEW
        staging.mkdir(mode=0o700)
        try:
            _unpack(archive, staging)
            _check_files(staging)
            (staging / MANIFEST).unlink()
            sync_folder(staging)
        except BaseException:
            shutil.rmtree(staging)
            raise
        os.rename(staging, folder / RESTORE_READY)
        sync_folder(folder)
        settle(folder)


@contextmanager
def _mendable() -> Iterator[None]:
    try:
        with mendable():
            yield
    except OSError as error:
        raise StoreUnavailable(f"{error.filename or 'the disk'}: {error.strerror or error}") from error


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """A private folder on the same disk as its parent, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=parent, prefix=".stationlink-") as name:
        yield Path(name)


# --- backup ----------------------------------------------------------------------------------------------------------


def _copy_key(folder: Path, staging: Path) -> None:
    if not (folder / DIGEST_KEY).is_file():
        raise StoreUnavailable(f"there is no {DIGEST_KEY} in the data folder: a backup without it is worth nothing")
    shutil.copyfile(folder / DIGEST_KEY, staging / DIGEST_KEY)


def _copy_database(source: Path, target: Path) -> None:
    """All pages in one step: one moment, however long it takes, and writers go on. One file, without a log beside."""
    if not source.is_file():
        raise StoreUnavailable("there is no database in the data folder")
    with closing(connections.reader(source)) as reader, closing(sqlite3.connect(target)) as copy:
        migrations.pending(migrations.scripts(), migrations.applied(reader))
        reader.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _pack(staging: Path, archive: Path) -> None:
    handle = os.open(archive, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as tar:
            for name in MEMBERS:
                tar.add(staging / name, arcname=name, filter=_anonymous)
        file.flush()
        os.fsync(file.fileno())


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


# --- restore ---------------------------------------------------------------------------------------------------------


def _unpack(archive: Path, staging: Path) -> None:
    """Only the files an archive of ours has, by name: what else is in it is never written anywhere."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for name in MEMBERS:
                _write_member(tar, name, staging / name)
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise StoreUnavailable("this is not a backup, or not a whole one") from error


def _write_member(tar: tarfile.TarFile, name: str, target: Path) -> None:
    source = tar.extractfile(name)
    if source is None:
        raise KeyError(name)
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with source, os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def _check_files(staging: Path) -> None:
    manifest = _manifest(staging / MANIFEST)
    for name in (DATABASE, DIGEST_KEY):
        if manifest.files.get(name) != _digest(staging / name):
            raise StoreUnavailable(f"the backup is damaged: {name} is not what was saved")
    if not (staging / DIGEST_KEY).stat().st_size:
        raise StoreUnavailable(f"the backup is damaged: {DIGEST_KEY} is empty")
    _check_database(staging / DATABASE)


def _manifest(path: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreUnavailable("the backup is damaged: its list of files is not readable") from error
    if manifest.format != FORMAT:
        raise StoreUnavailable("the backup was made by a newer version: install that version")
    return manifest


def _check_database(path: Path) -> None:
    """Whole, and not newer than this program."""
    with closing(connections.reader(path)) as connection:
        applied = migrations.applied(connection)
        if not applied:
            raise StoreUnavailable("the backup is damaged: its database is empty")
        migrations.pending(migrations.scripts(), applied)
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise StoreUnavailable("the database is damaged")
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise StoreUnavailable("the database is damaged: parts without a station")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
