"""`POST .../ChargeStations/batch` and `.../Locations/batch`: many writes in one call, each with a status of its own.

Ours: the platform's introduction promises batch writes and specifies none (platform-api 8.6). The body is an array of
up to 1000 items; each is the body of the single call with `op` beside its fields.
"""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

import msgspec
from litestar import MediaType, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Raw, Struct
from msgspec.structs import replace

from app.actions.batches import MOST_ITEMS, Batches, Item, Record
from app.api.auth import Call, writer
from app.api.envelope import AnyRequest, Sent, answer_for, writing
from app.api.locations import bare
from app.api.stations import array, message_of
from app.api.success import success_of
from app.domain.errors import EtagMismatch, InvalidField, MissingField, StationlinkError
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.ports import Change, Ports
from app.web.bodies import decode, malformed

IDEMPOTENCY_KEY = "idempotency-key"
SUMMARY = f"Create, update and patch up to {MOST_ITEMS} of them"


class Op(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"


class Head(Struct):
    """What an item is, before the rest of it is looked at."""

    op: Op | None = None
    id: Any = None
    charge_station_id: Any = None


class Written(Struct, omit_defaults=True):
    """What an item tells of the object that it wrote."""

    charge_station_id: str | None = None
    id: str | None = None
    etag: str | None = None


class Outcome(Struct, kw_only=True):
    """One item's own answer, in the shape of an envelope."""

    op: Op | None
    status_code: int
    status_message: str
    data: Raw | Written | None = None


class Noun(NamedTuple):
    """How one kind of object is written: its key in a body, its shape beside an error, and for each op the body and
    what writes it and gives the object after it.
    """

    key: str
    shape: Callable[[bytes], bytes]
    bodies: dict[Op, type[Struct]]
    writes: dict[Op, Callable[[Call, str, Any, Change], Awaitable[bytes]]]


async def _create_station(call: Call, _: str, post: PostChargeStation, along: Change) -> bytes:
    return await call.platform.create_station(call.actor, post, along)


async def _replace_station(call: Call, key: str, put: PutChargeStation, along: Change) -> bytes:
    return await call.platform.replace_station(call.actor, key, put, along)


async def _patch_station(call: Call, key: str, patch: PatchChargeStation, along: Change) -> bytes:
    return await call.platform.patch_station(call.actor, key, patch, along)


async def _create_location(call: Call, key: str, post: PostLocation, along: Change) -> bytes:
    return await call.platform.create_location(call.actor, replace(post, id=key), along)


async def _replace_location(call: Call, key: str, put: PutLocation, along: Change) -> bytes:
    return await call.platform.replace_location(call.actor, key, put, along)


async def _patch_location(call: Call, key: str, patch: PatchLocation, along: Change) -> bytes:
    return await call.platform.patch_location(call.actor, key, patch, along)


STATIONS = Noun(
    "charge_station_id",
    array,
    {Op.CREATE: PostChargeStation, Op.UPDATE: PutChargeStation, Op.PATCH: PatchChargeStation},
    {Op.CREATE: _create_station, Op.UPDATE: _replace_station, Op.PATCH: _patch_station},
)
LOCATIONS = Noun(
    "id",
    bare,
    {Op.CREATE: PostLocation, Op.UPDATE: PutLocation, Op.PATCH: PatchLocation},
    {Op.CREATE: _create_location, Op.UPDATE: _replace_location, Op.PATCH: _patch_location},
)


def batch_of(noun: Noun, ports: Ports) -> HTTPRouteHandler:
    """The route of one noun; it takes the largest bodies of all, so its router says how large."""
    batches = Batches(ports)

    @post("/", summary=SUMMARY, status_code=200, media_type=MediaType.JSON)
    async def batch(request: AnyRequest) -> Sent:
        call = await writer(request.scope)
        body = await request.body()
        async with writing(lambda stored: stored):
            items = [_item(noun, call, raw, ports.ids.uuid) for raw in _items(body)]
            key = request.headers.get(IDEMPOTENCY_KEY)
            if key is None:
                return call.envelope.success(await batches.run(items))
            said = b"\n".join((noun.key.encode(), body))
            return call.envelope.success(await batches.run_keyed(str(call.actor.subscription_id), key, said, items))

    return batch


def _items(body: bytes) -> Sequence[Raw]:
    try:
        body.decode()
        found = msgspec.json.decode(body, type=list[Raw])
    except msgspec.ValidationError as error:
        raise InvalidField("body", "an array of items") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error
    if len(found) > MOST_ITEMS:
        raise InvalidField("body", f"at most {MOST_ITEMS} items, got {len(found)}")
    return found


def _item(noun: Noun, writer: Call, raw: Raw, new_id: Callable[[], str]) -> Item:
    """An item that cannot be read is refused when its turn comes, not before.

    A location to create gets its id now: its outcome has to name it, and that commits with the location.
    """
    try:
        head = decode(bytes(raw), Head)
    except StationlinkError as error:
        return Item(None, partial(_raise, error), partial(_refused, noun, None))
    named = getattr(head, noun.key)
    if noun is LOCATIONS and head.op is Op.CREATE and not named:
        named = new_id()
    object_id = named.casefold() if isinstance(named, str) else None
    perform = partial(_write, noun, writer, head.op, named, bytes(raw), new_id)
    return Item(object_id, perform, partial(_refused, noun, head.op))


async def _raise(error: StationlinkError, _: Record) -> bytes:
    raise error


async def _write(
    noun: Noun, writer: Call, op: Op | None, named: Any, raw: bytes, new_id: Callable[[], str], record: Record
) -> bytes:
    """The outcome is known before the write, its etag too: so whoever finds it recorded is told the same."""
    if op is None:
        raise MissingField("op")
    body = decode(raw, noun.bodies[op])
    if not isinstance(named, str) or not named.strip():
        raise MissingField(noun.key)
    message = await message_of(writer, named, body) if isinstance(body, PutChargeStation) else success_of(body)
    etag = new_id()
    along = replace(record(_outcome(op, Written(**{noun.key: named, "etag": etag}), message)), etag=etag)
    stored = await noun.writes[op](writer, named, body, along)
    return _outcome(op, msgspec.json.decode(stored, type=Written), message)


def _outcome(op: Op | None, written: Written, message: str) -> bytes:
    return msgspec.json.encode(Outcome(op=op, status_code=1000, status_message=message, data=written))


def _refused(noun: Noun, op: Op | None, error: StationlinkError) -> bytes:
    """With the stored object where an etag was stale, as the single call has it."""
    data = Raw(noun.shape(error.current)) if isinstance(error, EtagMismatch) else None
    outcome = Outcome(op=op, status_code=answer_for(error).status_code, status_message=error.message, data=data)
    return msgspec.json.encode(outcome)
