"""The key of all stored digests: made on first use, readable by its owner alone, and in every backup."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.domain.errors import StoreUnavailable
from app.store.folder import DATABASE, DIGEST_KEY, RESTORE_READY, sync_folder

LENGTH = 32


def read_or_make(folder: Path) -> bytes:
    """The folder's key; two processes that start at once agree on one.

    Raises StoreUnavailable when it is damaged, or missing beside a database: with another key no station and no person
    could return.
    """
    path = folder / DIGEST_KEY
    try:
        if not path.exists():
            _require_new(folder)
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise StoreUnavailable(f"{error.filename or path}: {error.strerror or error}") from error
    if len(key) != LENGTH:
        raise StoreUnavailable(f"{DIGEST_KEY} is damaged: restore it from a backup")
    return key


def fingerprint(key: bytes) -> str:
    """Tells one key from another and nothing about it."""
    return hashlib.sha256(b"stationlink digest key" + key).hexdigest()


def _require_new(folder: Path) -> None:
    if (folder / DATABASE).exists() or (folder / RESTORE_READY).exists():
        raise StoreUnavailable(
            f"{DIGEST_KEY} is missing and the database is worth nothing without it: restore a backup"
        )


def _make(path: Path) -> None:
    """Written aside and then linked, so that nobody reads half a key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
