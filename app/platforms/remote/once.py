"""A write on a vendor's platform is done once: intent stored, call made, answer stored.

After an unknown outcome the object is read again and compared before anything is repeated: at once, when the phone
sends its operation again, or by `settle` for a phone that does not come back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw, Struct

from app.domain.commissioning import Operation
from app.domain.errors import PlatformUnavailable, RevConflict, StationlinkError
from app.domain.facts import FactKind
from app.domain.intents import Aim, RemoteIntent
from app.domain.model import utc
from app.domain.people import Actor
from app.domain.telling import told
from app.platforms.remote.editing import Document
from app.platforms.remote.keeping import keep, kept
from app.platforms.remote.reading import Reading
from app.platforms.remote.wire import OutcomeUnknown
from app.ports import Change, Delete, Put

NULL = Raw(b"null")


class Plan(Struct, frozen=True, kw_only=True):
    """A write that is ready: `body` will be sent for the object `key`, which was `received`; `call` gives it after."""

    aim: Aim
    key: str
    body: Any
    received: Document | None
    before: bytes | None
    call: Callable[[], Awaitable[bytes]]


class Once(Reading):
    """What the writes share. `holder` names this server among several on one database, empty when it is alone there;
    it holds an intent for `lease`, which is longer than its calls take.
    """

    holder = ""
    lease = timedelta(0)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def _look(self, intent: RemoteIntent) -> bytes | None:
        """The object with the intent's effect; None when it is as it was before.

        Raises RevConflict, or a refusal, when it is neither: somebody else was there.
        """
        raise NotImplementedError

    async def _completed(self, intent: RemoteIntent, row: bytes) -> bytes:
        """What is left to do when the effect is there; repeatable."""
        return row

    async def _besides(self, intent: RemoteIntent, row: bytes) -> tuple[Put, ...]:
        """Records of ours that the effect brings."""
        return ()

    async def _copy(self, intent: RemoteIntent, row: bytes) -> None:
        """Whoever is woken by the fact reads the copy."""

    def _told(self, intent: RemoteIntent, row: bytes) -> tuple[FactKind, dict[str, Any], dict[str, Any]]:
        """The fact of the effect: its kind, what it is about, its data."""
        raise NotImplementedError

    async def _once(self, prepare: Callable[[], Awaitable[Plan]], actor: Actor, along: Change) -> bytes:
        async with self._turn(along.operation):
            known = await self._recalled(along.operation)
            row = await self._seen(known) if known is not None else None
            if known is None or row is None:
                plan = await prepare()
                intent = self._intent(plan, along)
                row = await self._carried_out(intent, plan, again=known is not None)
            else:
                intent = known
            async with self._let_go_when_unanswered(intent):
                row = await self._completed(intent, row)
            await self._finish(intent, row, actor, along)
            return row

    async def settle(self, intent: RemoteIntent, *, alone: bool = False) -> bool:
        """Commit what is done already, in the name of a phone that did not come back for the answer, or that may not
        go on; see `ports.Settles`."""
        along = kept(intent.along)
        if along.operation is None:
            return False
        actor = Actor(person_id=along.operation.person_id or None, device_id=along.operation.device_id)
        async with self._turn(along.operation):
            known = await self._recalled(along.operation)
            row = await self._seen(known) if known is not None else None
            if known is None or row is None:
                return False
            row = await self._completed(known, row)
            try:
                await self._finish(known, row, actor, along)
            except RevConflict:
                if not alone:
                    raise
                await self._finish(known, row, actor, Change(operation=along.operation))
            return True

    @asynccontextmanager
    async def _turn(self, operation: Operation | None) -> AsyncIterator[None]:
        """One at a time for each operation. Raises RevConflict when it is answered: its answer is there to be read."""
        if operation is None:
            yield
            return
        lock = self._turns.setdefault(operation.id, asyncio.Lock())
        async with lock:
            if await self._store.get(Operation, operation.id) is not None:
                raise RevConflict("this operation was done meanwhile")
            yield

    async def _recalled(self, operation: Operation | None) -> RemoteIntent | None:
        """Raises PlatformUnavailable while another server is at it."""
        found = await self._store.get(RemoteIntent, operation.id) if operation is not None else None
        if found is None:
            return None
        until = found[0].until
        if found[0].holder != self.holder and until is not None and self._clock.now() < until:
            raise PlatformUnavailable("another server is doing this right now")
        return found[0]

    def _intent(self, plan: Plan, along: Change) -> RemoteIntent:
        now = self._clock.now()
        return RemoteIntent(
            id=along.operation.id if along.operation else "",
            cpo_id=self._cpo_id,
            aim=plan.aim,
            key=plan.key,
            body=Raw(msgspec.json.encode(plan.body)),
            received=NULL if plan.received is None else Raw(msgspec.json.encode(plan.received)),
            before=NULL if plan.before is None else Raw(plan.before),
            along=keep(along) if along.operation else NULL,
            made=now,
            holder=self.holder,
            until=now + self.lease if self.holder else None,
        )

    async def _carried_out(self, intent: RemoteIntent, plan: Plan, *, again: bool) -> bytes:
        """What was certainly not done leaves no intent, unless an earlier try might still get there.

        An earlier try that got there late makes the platform refuse this one.
        """
        await self._remember(intent)
        try:
            return await plan.call()
        except OutcomeUnknown:
            async with self._let_go_when_unanswered(intent):
                row = await self._seen(intent)
                if row is None:
                    raise
                return row
        except PlatformUnavailable:
            if not again:
                await self._forget(intent)
            raise
        except StationlinkError:
            row = await self._seen(intent) if again else None
            if row is not None:
                return row
            await self._forget(intent)
            raise

    async def _seen(self, intent: RemoteIntent) -> bytes | None:
        """As `_look`; after a refusal the operation is decided on what is there now, without the intent."""
        try:
            return await self._look(intent)
        except PlatformUnavailable:
            raise
        except StationlinkError:
            await self._forget(intent)
            raise

    async def _remember(self, intent: RemoteIntent) -> None:
        if intent.id:
            found = await self._store.get(RemoteIntent, intent.id)
            await self._store.commit(Change(writes=(Put(intent, found[1] if found else 0),)))

    @asynccontextmanager
    async def _let_go_when_unanswered(self, intent: RemoteIntent) -> AsyncIterator[None]:
        """Whichever server the phone asks next may go on."""
        try:
            yield
        except PlatformUnavailable:
            if intent.until is not None:
                await self._remember(msgspec.structs.replace(intent, until=None))
            raise

    async def _forget(self, intent: RemoteIntent) -> None:
        if intent.id:
            await self._store.commit(Change(writes=(Delete(RemoteIntent, intent.id),)))

    async def _finish(self, intent: RemoteIntent, row: bytes, actor: Actor, along: Change) -> None:
        """The effect's fact, what goes along, and the end of the intent: all or nothing."""
        kind, about, data = self._told(intent, row)
        gone = (Delete(RemoteIntent, intent.id),) if intent.id else ()
        besides = await self._besides(intent, row)
        await self._copy(intent, row)
        await self._commit(kind, actor, Change(writes=(*gone, *besides)).plus(along), about, data)

    async def _commit(
        self, kind: FactKind, actor: Actor, along: Change, about: dict[str, Any], data: dict[str, Any]
    ) -> None:
        fact = told(kind, utc(self._clock.now()), actor, along.operation, about=about, **data)
        await self._store.commit(Change(facts=(fact,)).plus(along))
