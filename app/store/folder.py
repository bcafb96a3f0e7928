"""The data folder: the names in it, and what a restore that was cut off left behind."""

import os
import shutil
from pathlib import Path

DATABASE = "stationlink.sqlite"
DIGEST_KEY = "digest.key"
LOCK = "lock"
RESTORE_NEW = "restore.new"
"""What a restore unpacks and checks; worth nothing until it is renamed."""
RESTORE_READY = "restore.ready"
"""Checked files that only wait to be moved into place: from here a restore goes on and never back."""


def settle(folder: Path) -> bool:
    """Finish a restore that was cut off, or drop one that was not ready; True when files were put in place.

    Only for the holder of the folder's lock.
    """
    shutil.rmtree(folder / RESTORE_NEW, ignore_errors=True)
    ready = folder / RESTORE_READY
    if not ready.is_dir():
        return False
    if (ready / DATABASE).exists():
        for suffix in ("-wal", "-shm", "-journal"):
            (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    sync_folder(folder)
    for name in (DATABASE, DIGEST_KEY):
        if (ready / name).exists():
            os.replace(ready / name, folder / name)
    sync_folder(folder)
    shutil.rmtree(ready)
    sync_folder(folder)
    return True


def sync_folder(folder: Path) -> None:
    """Make renames and removals in this folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
