"""The lock of a data folder."""

import asyncio
import stat
from pathlib import Path

import pytest

from app.domain.errors import StoreUnavailable
from app.store.lock import hold
from tests.store.conftest import python

HOLDS = """
import sys
from pathlib import Path
from app.store.lock import hold

with hold(Path(sys.argv[1]), "serve"):
    print("held", flush=True)
    sys.stdin.read()
"""


async def test_sigkill_frees_the_lock_and_until_then_its_holder_is_named(tmp_path: Path) -> None:
    process = await python(f"import time\n{HOLDS.replace('sys.stdin.read()', 'time.sleep(600)')}", str(tmp_path))
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"held\n"
    with pytest.raises(StoreUnavailable, match=rf"serve \(process {process.pid}\)"), hold(tmp_path, "migrate"):
        pass
    process.kill()
    await process.wait()
    with hold(tmp_path, "migrate"):
        pass


def test_it_is_held_once_also_in_one_process_and_free_afterwards(tmp_path: Path) -> None:
    for what in ("serve", "restore"):
        with hold(tmp_path, what), pytest.raises(StoreUnavailable, match=what), hold(tmp_path, "migrate"):
            pass
    with pytest.raises(KeyError), hold(tmp_path, "serve"):
        raise KeyError
    with hold(tmp_path, "serve"):
        pass


def test_it_makes_its_folder_for_the_owner_alone(tmp_path: Path) -> None:
    with hold(tmp_path / "a" / "data", "serve"):
        assert stat.S_IMODE((tmp_path / "a" / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "a" / "data" / "lock").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be used"), hold(tmp_path / "file", "serve"):
        pass
