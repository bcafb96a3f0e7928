"""A Change of records written down beside an intent, to be committed when its effect is seen."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from app.domain.commissioning import Operation
from app.domain.facts import Fact
from app.ports import TABLES, Change, Delete, Put

KINDS = {table.name: kind for kind, table in TABLES.items()}


class KeptWrite(Struct, omit_defaults=True):
    """A record with the rev it rests on; with a null body its `key` is deleted."""

    table: str
    rev: int = 0
    body: Raw = Raw(b"null")
    key: str = ""


class Kept(Struct):
    writes: list[KeptWrite]
    facts: list[Fact]
    operation: Operation | None


def keep(change: Change) -> Raw:
    """Raises TypeError for a Change of stations or locations of our own: those are not beside a vendor's."""
    writes = [_kept_write(write) for write in change.writes]
    return Raw(msgspec.json.encode(Kept(writes, list(change.facts), change.operation)))


def kept(raw: Raw) -> Change:
    found = msgspec.json.decode(bytes(raw), type=Kept)
    return Change(
        writes=tuple(map(_write, found.writes)),
        facts=tuple(found.facts),
        operation=found.operation,
    )


def _kept_write(write: Any) -> KeptWrite:
    if isinstance(write, Put):
        body = Raw(msgspec.json.encode(write.record))
        return KeptWrite(TABLES[type(write.record)].name, rev=write.rev, body=body)
    if isinstance(write, Delete):
        return KeptWrite(TABLES[write.kind].name, key=write.key)
    raise TypeError(f"{type(write).__name__} cannot go along with a remote write")


def _write(write: KeptWrite) -> Put | Delete:
    kind = KINDS[write.table]
    if bytes(write.body) == b"null":
        return Delete(kind, write.key)
    return Put(msgspec.json.decode(bytes(write.body), type=kind), write.rev)
