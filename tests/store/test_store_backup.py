"""Backup and restore: one moment, both files, checked, and never half."""

import asyncio
import io
import itertools
import os
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from app.domain.errors import StoreUnavailable
from app.store import backup as module
from app.store.backup import MEMBERS, backup, restore
from app.store.folder import DATABASE, DIGEST_KEY, RESTORE_NEW, RESTORE_READY
from app.store.lock import hold
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.store.conftest import codes, facts, labelled


@pytest.fixture
async def archive(folder: Path, tmp_path: Path) -> Path:
    """A backup of label A with the key kkk."""
    store = await SqliteStore.open(folder / DATABASE)
    await store.commit(labelled("A"))
    await store.close()
    backup(folder, tmp_path / "saved.tar.gz")
    return tmp_path / "saved.tar.gz"


@pytest.fixture
async def other(tmp_path: Path) -> Path:
    return await make_other(tmp_path, "other")


async def make_other(tmp_path: Path, name: str) -> Path:
    """Another data folder, with label OLD, another key, and the log of a killed server beside its database."""
    data = tmp_path / name
    migrate(data / DATABASE)
    (data / DIGEST_KEY).write_bytes(b"o" * 32)
    store = await SqliteStore.open(data / DATABASE)
    await store.commit(labelled("OLD"))
    for suffix in ("-wal", "-shm"):
        shutil.copy(data / f"{DATABASE}{suffix}", tmp_path / f"kept{suffix}")
    await store.close()
    for suffix in ("-wal", "-shm"):
        shutil.copy(tmp_path / f"kept{suffix}", data / f"{DATABASE}{suffix}")
    return data


def state(data: Path) -> tuple[list[str], bytes]:
    return codes(data / DATABASE), (data / DIGEST_KEY).read_bytes()


OLD, SAVED = (["OLD"], b"o" * 32), (["A"], b"k" * 32)


async def test_a_restore_brings_back_database_and_key(archive: Path, other: Path) -> None:
    assert state(other) == OLD
    restore(archive, other)
    assert state(other) == SAVED
    assert sorted(path.name for path in other.iterdir()) == sorted(["lock", DATABASE, DIGEST_KEY])
    for name in (DATABASE, DIGEST_KEY):
        assert stat.S_IMODE((other / name).stat().st_mode) == 0o600
    assert migrate(other / DATABASE) == []
    store = await SqliteStore.open(other / DATABASE)
    assert await store.commit(labelled("B")) == 2
    await store.close()


async def test_a_restore_makes_a_folder_that_is_not_there(archive: Path, tmp_path: Path) -> None:
    restore(archive, tmp_path / "fresh" / "data")
    assert state(tmp_path / "fresh" / "data") == SAVED


async def test_the_archive_is_for_its_owner_alone_and_nothing_else_is_left(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert sorted(path.name for path in archive.parent.iterdir()) == ["data", archive.name]
    with tarfile.open(archive) as tar:
        assert tuple(tar.getnames()) == MEMBERS
        assert {member.mode for member in tar} == {0o600}


async def test_a_backup_while_writes_go_on_is_of_one_moment(folder: Path, opened: SqliteStore, tmp_path: Path) -> None:
    stopping = False
    acknowledged: list[str] = []

    async def write(name: str) -> None:
        number = 0
        while not stopping:
            await opened.commit(labelled(f"{name}-{number}"))
            acknowledged.append(f"{name}-{number}")
            number += 1

    writers = [asyncio.ensure_future(write(name)) for name in "abcd"]
    while len(acknowledged) < 50:
        await asyncio.sleep(0)
    before = list(acknowledged)
    await asyncio.to_thread(backup, folder, tmp_path / "live.tar.gz")
    during = len(acknowledged)
    stopping = True
    await asyncio.gather(*writers)
    restore(tmp_path / "live.tar.gz", tmp_path / "copy")
    stored = codes(tmp_path / "copy" / DATABASE)
    assert set(before) <= set(stored)
    assert during > len(before), "writes went on"
    assert stored == facts(tmp_path / "copy" / DATABASE)
    for name in "abcd":
        mine = [int(code.split("-")[1]) for code in stored if code.startswith(name)]
        assert mine == list(range(len(mine)))


async def test_a_restore_is_refused_beside_a_server(archive: Path, other: Path) -> None:
    with hold(other, "serve"), pytest.raises(StoreUnavailable, match="serve"):
        restore(archive, other)
    assert state(other) == OLD


def repacked(archive: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Rewrite an archive, each file as `change` makes it; None leaves it out."""
    with tarfile.open(archive) as tar:
        files = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in files.items():
            changed = change(name, content)
            if changed is not None:
                member = tarfile.TarInfo(name)
                member.size = len(changed)
                tar.addfile(member, io.BytesIO(changed))


def truncate(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])


def no_archive(archive: Path) -> None:
    archive.write_bytes(b"hello")


def no_key(archive: Path) -> None:
    repacked(archive, lambda name, content: None if name == DIGEST_KEY else content)


def other_key(archive: Path) -> None:
    repacked(archive, lambda name, content: b"x" * 32 if name == DIGEST_KEY else content)


def flipped_page(archive: Path) -> None:
    repacked(archive, lambda name, content: content[:-9] + b"x" + content[-8:] if name == DATABASE else content)


def newer_format(archive: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'"format":1', b'"format":2') if name == module.MANIFEST else content

    repacked(archive, change)


def no_list(archive: Path) -> None:
    repacked(archive, lambda name, content: b"{" if name == module.MANIFEST else content)


def with_digest(archive: Path, name: str, content: bytes) -> None:
    """Another file whose digest is right: only a look inside tells."""
    digests: dict[str, str] = {}

    def learn(known: str, old: bytes) -> bytes:
        if known == module.MANIFEST:
            digests.update(msgspec.json.decode(old)["files"])
        return old

    repacked(archive, learn)
    digests[name] = module.hashlib.sha256(content).hexdigest()
    manifest = msgspec.json.encode(module.Manifest(format=1, files=digests))
    repacked(archive, lambda known, old: {name: content, module.MANIFEST: manifest}.get(known, old))


def empty_database(archive: Path) -> None:
    with_digest(archive, DATABASE, b"")


def empty_key(archive: Path) -> None:
    with_digest(archive, DIGEST_KEY, b"")


def garbage_database(archive: Path) -> None:
    with_digest(archive, DATABASE, b"not a database at all" * 100)


def missing(archive: Path) -> None:
    archive.unlink()


DAMAGES = [
    truncate,
    no_archive,
    no_key,
    other_key,
    flipped_page,
    newer_format,
    no_list,
    empty_database,
    empty_key,
    garbage_database,
    missing,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_a_damaged_archive_touches_nothing(archive: Path, other: Path, damage: Callable[[Path], None]) -> None:
    damage(archive)
    with pytest.raises(StoreUnavailable):
        restore(archive, other)
    assert state(other) == OLD
    assert not (other / RESTORE_NEW).exists() and not (other / RESTORE_READY).exists()


async def test_an_archive_cannot_write_outside(archive: Path, other: Path, tmp_path: Path) -> None:
    with tarfile.open(archive, "w:gz") as tar:
        for name in (*MEMBERS, "../evil"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(StoreUnavailable):
        restore(archive, other)
    assert not (tmp_path / "evil").exists()


async def test_a_member_that_is_a_link_is_not_followed(archive: Path, other: Path) -> None:
    with tarfile.open(archive, "w:gz") as tar:
        for name in MEMBERS:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
            tar.addfile(member)
    with pytest.raises(StoreUnavailable):
        restore(archive, other)
    assert state(other) == OLD


class Cut(BaseException):
    """The process ends here."""


@contextmanager
def cut_at(call: int) -> Iterator[None]:
    """End the process at the given one of the calls that change a folder."""
    calls = itertools.count()

    def cutting(real: Callable[..., object]) -> Callable[..., object]:
        def cut(*args: object, **kwargs: object) -> object:
            if next(calls) == call:
                raise Cut
            return real(*args, **kwargs)

        return cut

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((os, "replace"), (os, "rename"), (Path, "unlink"), (Path, "mkdir"), (shutil, "rmtree")):
            patch.setattr(owner, name, cutting(getattr(owner, name)))
        yield


async def test_a_restore_that_is_cut_off_anywhere_is_all_or_nothing(archive: Path, tmp_path: Path) -> None:
    found = []
    for call in itertools.count():
        data = await make_other(tmp_path, f"data-{call}")
        try:
            with cut_at(call):
                restore(archive, data)
            break
        except Cut:
            found.append(await _after_a_cut(data))
    assert state(data) == SAVED
    turn = found.index(SAVED)
    assert turn >= 2 and found == [OLD] * turn + [SAVED] * (len(found) - turn)
    assert len(found) - turn >= 5, "the log's files, both renames and the clean-up were cut"


async def _after_a_cut(data: Path) -> tuple[list[str], bytes]:
    """What the next start finds."""
    if (data / RESTORE_READY).exists():
        with pytest.raises(StoreUnavailable, match="cut off"):
            await SqliteStore.open(data / DATABASE)
    with hold(data, "serve"):
        migrate(data / DATABASE)
    assert not (data / RESTORE_NEW).exists() and not (data / RESTORE_READY).exists()
    store = await SqliteStore.open(data / DATABASE)
    await store.close()
    return state(data)


async def test_a_backup_replaces_an_older_one_of_that_name(archive: Path, folder: Path, tmp_path: Path) -> None:
    store = await SqliteStore.open(folder / DATABASE)
    await store.commit(labelled("B"))
    await store.close()
    backup(folder, archive)
    restore(archive, tmp_path / "copy")
    assert codes(tmp_path / "copy" / DATABASE) == ["A", "B"]


async def test_a_backup_that_fails_leaves_the_older_one(archive: Path, folder: Path) -> None:
    before = archive.read_bytes()
    (folder / DATABASE).write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreUnavailable):
        backup(folder, archive)
    assert archive.read_bytes() == before
    assert sorted(path.name for path in archive.parent.iterdir()) == ["data", archive.name]


@pytest.mark.parametrize("name", [DATABASE, DIGEST_KEY])
def test_a_folder_without_database_or_key_has_no_backup(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(StoreUnavailable):
        backup(folder, tmp_path / "saved.tar.gz")
    assert not (tmp_path / "saved.tar.gz").exists()


def test_a_backup_into_no_folder_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file"):
        backup(folder, tmp_path / "none" / "saved.tar.gz")
