"""One process at a time: the lock of a data folder, which the kernel frees however its holder ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import StoreUnavailable
from app.store.folder import LOCK


@contextmanager
def hold(folder: Path, what: str) -> Iterator[None]:
    """Hold the folder's lock in the block; `what` ("serve") tells others who has it. Makes the folder.

    Raises StoreUnavailable naming the holder at once when there is one, also when it is this very process.
    """
    handle = _open(folder)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
            raise StoreUnavailable(f"the data folder is in use by {holder}: stop it first", holder=holder) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{what} (process {os.getpid()})\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _open(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"the data folder cannot be used: {error.strerror}") from error
