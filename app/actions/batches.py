"""Batches of writes: each item by itself, in order for each object; under an Idempotency-Key each item once.

With a key an item's outcome commits in the same Change as its effect. So a call that was cut off goes on where it ended
when it is sent again, and one that ended is answered as it was.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from app.domain.batches import BatchCall, BatchResult, result_id
from app.domain.errors import InvalidField, OperationReused, RevConflict, StationlinkError, Unavailable, WaitsForEarlier
from app.ports import NOTHING, Change, Delete, Ports, Put

MOST_ITEMS = 1000
AT_ONCE = 32
KEY_LENGTH = 255


Record = Callable[[bytes], Change]
"""What commits together with the effect of an item, by the outcome that it is going to have."""


class Item(Struct, frozen=True):
    """One write. `object_id` says which items must keep their order, None for an object that has no id yet.

    `perform` gives its outcome, after that was committed with the effect as the Record has it; `refused` gives the one
    that a domain error made.
    """

    object_id: str | None
    perform: Callable[[Record], Awaitable[bytes]]
    refused: Callable[[StationlinkError], bytes]


class Batches:
    """One for each route of a process: the same call twice at once waits for itself."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._running: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, items: Sequence[Item]) -> bytes:
        """The outcomes as a JSON array, in the order of the items."""
        return _array(await self._each(items, self._once))

    async def run_keyed(self, subscription_id: str, key: str, body: bytes, items: Sequence[Item]) -> bytes:
        """As `run`, once for each key of a subscription, however often it is sent.

        An item that could not be done now is left to be done when the call is sent again. Raises OperationReused for
        another body under the same key, InvalidField.
        """
        call_id = _call_id(subscription_id, key)
        lock = self._running.setdefault(call_id, asyncio.Lock())
        async with lock:
            call, rev = await self._call(call_id, subscription_id, hashlib.sha256(body).hexdigest())
            if call.ended is not None:
                return bytes(call.answer)
            return await self._go_on(call, rev, items)

    async def _call(self, call_id: str, subscription_id: str, body_hash: str) -> tuple[BatchCall, int]:
        found = await self._ports.store.get(BatchCall, call_id)
        if found is not None:
            if found[0].body_hash != body_hash:
                raise OperationReused("this Idempotency-Key was used for another body")
            return found
        begun = self._ports.clock.now()
        call = BatchCall(id=call_id, subscription_id=subscription_id, body_hash=body_hash, begun=begun)
        await self._ports.store.commit(Change(writes=(Put(call),)))
        return call, 1

    async def _go_on(self, call: BatchCall, rev: int, items: Sequence[Item]) -> bytes:
        found = await self._ports.store.find(BatchResult, call_id=call.id, limit=MOST_ITEMS)
        known = {result.id: bytes(result.answer) for result, _ in found}
        postponed: list[Item] = []

        async def once(place: int, item: Item) -> bytes:
            key = result_id(call.id, place)
            if key in known:
                return known[key]
            try:
                return await self._recorded(item, key, call.id)
            except Unavailable:
                postponed.append(item)
                raise

        answer = _array(await self._each(items, once))
        if not postponed:
            await self._end(call, rev, answer, len(items))
        return answer

    async def _recorded(self, item: Item, key: str, call_id: str) -> bytes:
        """The item with its record. A refusal is an outcome, too."""
        store = self._ports.store

        def record(outcome: bytes) -> Change:
            return Change(writes=(Put(BatchResult(id=key, call_id=call_id, answer=Raw(outcome))),))

        try:
            return await item.perform(record)
        except RevConflict:
            if (done := await store.get(BatchResult, key)) is None:
                raise
            return bytes(done[0].answer)
        except Unavailable:
            raise
        except StationlinkError as error:
            outcome = item.refused(error)
            await store.commit(record(outcome))
            return outcome

    async def _end(self, call: BatchCall, rev: int, answer: bytes, items: int) -> None:
        """The answer stands in the call from now on, and the items' own records go."""
        ended = replace(call, ended=self._ports.clock.now(), answer=Raw(answer))
        gone = (Delete(BatchResult, result_id(call.id, place)) for place in range(items))
        await self._ports.store.commit(Change(writes=(Put(ended, rev), *gone)))

    async def _once(self, _: int, item: Item) -> bytes:
        try:
            return await item.perform(lambda _: NOTHING)
        except Unavailable:
            raise
        except StationlinkError as error:
            return item.refused(error)

    async def _each(self, items: Sequence[Item], once: Callable[[int, Item], Awaitable[bytes]]) -> list[bytes]:
        """Several objects at once, which share the disk's commits; the items of one object in order.

        One that could not be done now holds up the rest of its object: they are not tried.
        """
        room = asyncio.Semaphore(AT_ONCE)
        outcomes: dict[int, bytes] = {}

        async def work(places: Sequence[int]) -> None:
            async with room:
                for done, place in enumerate(places):
                    try:
                        outcomes[place] = await once(place, items[place])
                    except Unavailable as error:
                        outcomes[place] = items[place].refused(error)
                        outcomes.update(_waiting(items, places[done + 1 :]))
                        return

        await asyncio.gather(*map(work, _by_object(items)))
        return [outcomes[place] for place in range(len(items))]


def _waiting(items: Sequence[Item], places: Sequence[int]) -> dict[int, bytes]:
    error = WaitsForEarlier("an earlier item of the same object could not be done yet")
    return {place: items[place].refused(error) for place in places}


def _by_object(items: Sequence[Item]) -> list[list[int]]:
    places: dict[object, list[int]] = {}
    for place, item in enumerate(items):
        places.setdefault(place if item.object_id is None else item.object_id, []).append(place)
    return list(places.values())


def _call_id(subscription_id: str, key: str) -> str:
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= KEY_LENGTH:
        raise InvalidField("Idempotency-Key", f"1 to {KEY_LENGTH} printable characters of ASCII")
    return hashlib.sha256(msgspec.json.encode([subscription_id, key])).hexdigest()


def _array(outcomes: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(outcomes) + b"]"
