"""Commands by others than the installer (`app.domain.commanding`): asked for here, sent now or never, one outcome each.

What was asked for is a record before anything is sent, so a server that stops leaves no command without an end, and one
that starts sends nothing of before.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.actions.occupancy import occupancy, occupancy_there
from app.actions.work import open_commissioning, read_commissioning, read_cpo, recorded
from app.bus import Bus
from app.domain import commanding as rules
from app.domain.commanding import CommandRequest, RequestState
from app.domain.commands import Command, CommandOutcome, CommandState
from app.domain.environments import BUILTIN
from app.domain.errors import (
    Invalid,
    InvalidField,
    NotAllowed,
    NotFound,
    Refused,
    RevConflict,
    StationOffline,
    UnknownRequest,
)
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor, Cpo, Role
from app.domain.stations import ChargeStation
from app.ports import Change, Ports, Put, SendsCommands

MOST_WHY = 200

log = logging.getLogger("stationlink.commands")


class Asked(Struct, frozen=True, kw_only=True):
    """What somebody wants done, and why; `wire` and `request` are the platform API's own words for it.

    `is_password` is for the one action that keeps what it sends (`actions.passwords`): nobody else changes a password.
    """

    cpo_id: str
    charge_station_id: str
    command: Command
    why: str | None = None
    wire: str | None = None
    request: msgspec.Raw = msgspec.Raw(b"null")
    is_password: bool = False


class Commanding:
    """Carries commands in the background of one node; the lifespan ends them with it."""

    def __init__(
        self, ports: Ports, bus: Bus, *, seconds: float, consent_seconds: float = rules.CONSENT.total_seconds()
    ) -> None:
        self._ports = ports
        self._bus = bus
        self._seconds = seconds
        self._consent_seconds = consent_seconds
        self._running: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, actor: Actor, asked: Asked) -> CommandRequest:
        """Begin it; its record says what becomes of it. An installer has tests for this and is refused here.

        Raises NotAllowed, UnknownCpo, UnknownStation, StationOffline, StationInUse, TrialRunning, CommandRunning,
        TooManyCommands, InvalidField, PlatformUnavailable.
        """
        if actor.role is Role.INSTALLER:
            raise NotAllowed("an installer has the tests of a commissioning")
        cpo = await read_cpo(self._ports, actor, asked.cpo_id)
        command = asked.command if asked.is_password else rules.sound(asked.command)
        if len(asked.why or "") > MOST_WHY:
            raise InvalidField("why", f"at most {MOST_WHY} characters")
        async with self._turn(asked.charge_station_id):
            await self._require_possible(actor, cpo, asked.charge_station_id, command)
            request = await self._requested(actor, replace(asked, command=command))
            after = await self._ports.store.last_fact()
            await self._put(request, 0, self._fact(request, FactKind.COMMAND_ASKED, actor, why=request.why))
        self._spawn(actor, cpo, request, command, after)
        return request

    def _turn(self, charge_station_id: str) -> asyncio.Lock:
        lock = self._turns.get(charge_station_id) or asyncio.Lock()
        self._turns[charge_station_id] = lock
        return lock

    async def _requested(self, actor: Actor, asked: Asked) -> CommandRequest:
        now, ports = self._ports.clock.now(), self._ports
        recent = await ports.store.find(
            CommandRequest,
            charge_station_id=asked.charge_station_id,
            cpo_id=asked.cpo_id,
            order="-asked",
            limit=rules.PER_MINUTE + 1,
        )
        rules.require_turn([request for request, _ in recent], now)
        current = await open_commissioning(ports, Actor(cpo_ids=frozenset({asked.cpo_id})), asked.charge_station_id)
        rules.require_no_trial(current, now)
        asks = rules.asks_holder(current, actor.person_id)
        expires = now + timedelta(seconds=self._consent_seconds) if asks else None
        return CommandRequest(
            id=ports.ids.uuid(),
            cpo_id=asked.cpo_id,
            charge_station_id=asked.charge_station_id,
            commissioning_id=current.id if current else None,
            command=rules.shown_command(asked.command),
            why=(asked.why or "").strip() or None,
            by=actor.person_id,
            subscription_id=actor.subscription_id,
            state=RequestState.WAITING if expires else RequestState.ALLOWED,
            asked=now,
            expires=expires,
            deadline=(expires or now) + timedelta(seconds=self._seconds),
            wire=asked.wire,
            request=asked.request,
        )

    async def _require_possible(self, actor: Actor, cpo: Cpo, charge_station_id: str, command: Command) -> None:
        """As it is now; a vendor's station is read for it."""
        if cpo.platform == BUILTIN:
            now = await occupancy(self._ports, cpo, charge_station_id)
        else:
            body = await self._ports.platforms.of(cpo).station(actor, charge_station_id)
            now = occupancy_there(msgspec.json.decode(body, type=ChargeStation))
        rules.require_possible(command, online=now.online, in_use=now.in_use)

    def _spawn(self, actor: Actor, cpo: Cpo, request: CommandRequest, command: Command, after: int) -> None:
        task = asyncio.create_task(self._run(actor, cpo, request, command, after))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Cancel what runs; `close_interrupted` of the next start says so in the record."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close_interrupted(self) -> None:
        """What was under way when the server stopped is not sent any more, and nobody can tell what became of it."""
        for request, _ in await self._ports.store.find(CommandRequest, state=[each.value for each in rules.LIVE]):
            await self._end(request.id, RequestState.INTERRUPTED)

    # --- the installer's word ----------------------------------------------------------------------------------------

    async def answer(self, actor: Actor, request_id: str, allow: bool) -> CommandRequest:
        """The word of who holds the commissioning; a yes while a test of theirs runs would disturb what is measured.

        Raises UnknownRequest, NotYours, CommissioningClosed, RequestOver, TrialRunning.
        """
        while True:
            found = await self._ports.store.get(CommandRequest, request_id)
            if found is None or found[0].commissioning_id is None or not actor.covers(found[0].cpo_id):
                raise UnknownRequest("this command is not known")
            current, _ = await read_commissioning(self._ports, actor, found[0].commissioning_id)
            now, by = self._ports.clock.now(), actor.person_id or ""
            request = rules.answered(found[0], current, allow, by, now)
            if allow:
                rules.require_no_trial(current, now)
            with suppress(RevConflict):
                await self._put(request, found[1], self._fact(request, FactKind.COMMAND_ANSWERED, actor, allowed=allow))
                return request

    # --- its way -----------------------------------------------------------------------------------------------------

    async def _run(self, actor: Actor, cpo: Cpo, request: CommandRequest, command: Command, after: int) -> None:
        try:
            if request.state is RequestState.WAITING:
                if not await self._allowed(request, after):
                    stopping = self._bus.stopping.is_set()
                    return await self._end(request.id, RequestState.INTERRUPTED if stopping else RequestState.EXPIRED)
                await self._require_possible(actor, cpo, request.charge_station_id, command)
            if not await self._claimed(request.id):
                return await self._end(request.id, RequestState.EXPIRED)
            outcome = await self._send(actor, cpo, request.charge_station_id, command)
            if outcome.never_sent:
                gone = outcome.state is CommandState.OFFLINE
                return await self._end(request.id, RequestState.NOT_SENT, error=StationOffline.code if gone else None)
            await self._end(request.id, RequestState.DONE, outcome)
        except (Refused, Invalid, NotFound) as error:
            await self._end(request.id, RequestState.NOT_SENT, error=error.code)
        except Exception:
            log.exception("a command to %s broke off", request.charge_station_id)
            await self._end(request.id, RequestState.INTERRUPTED)

    async def _allowed(self, request: CommandRequest, after: int) -> bool:
        """Wait for the installer's word as long as it may take; what it is stands in the record."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._consent_seconds):
                async for facts in self._bus.follow(after, idle=1.0):
                    if any(_answers(fact, request.id) for fact in facts):
                        break
        return (await self._read(request.id))[0].state is RequestState.ALLOWED

    async def _claimed(self, request_id: str) -> bool:
        """Note that it goes out now, before it does; False where it must not."""
        while True:
            request, rev = await self._read(request_id)
            claimed = rules.under_way(request, self._ports.clock.now())
            if claimed is None:
                return False
            with suppress(RevConflict):
                await self._put(claimed, rev)
                return True

    async def _send(self, actor: Actor, cpo: Cpo, charge_station_id: str, command: Command) -> CommandOutcome:
        """Through the socket that we hold, or through the platform that holds it. Somebody may begin to charge while it
        waits for its turn there."""

        async def still() -> None:
            await self._require_possible(actor, cpo, charge_station_id, command)

        platform, seconds = self._ports.platforms.of(cpo), self._seconds
        try:
            if isinstance(platform, SendsCommands):
                return await platform.send(charge_station_id, command, timeout=seconds)
            return await self._ports.commands.send(charge_station_id, command, timeout=seconds, still=still)
        except ValueError as error:
            raise InvalidField("command", "what the station's protocol can carry") from error

    async def _end(
        self,
        request_id: str,
        state: RequestState,
        outcome: CommandOutcome | None = None,
        error: str | None = None,
    ) -> None:
        """Record what became of it."""
        await recorded("the end of a command", lambda: self._record_end(request_id, state, outcome, error))

    async def _record_end(
        self, request_id: str, state: RequestState, outcome: CommandOutcome | None, error: str | None
    ) -> None:
        request, rev = await self._read(request_id)
        ended = rules.ended(request, state, self._ports.clock.now(), outcome, error)
        if ended is not request:
            status = outcome.status if outcome else None
            fact = self._fact(ended, FactKind.COMMAND_ENDED, result=rules.result_of(ended), status=status, error=error)
            await self._put(ended, rev, fact)

    async def _read(self, request_id: str) -> tuple[CommandRequest, int]:
        found = await self._ports.store.get(CommandRequest, request_id)
        if found is None:
            raise UnknownRequest("this command is not known")
        return found

    async def _put(self, request: CommandRequest, rev: int, *facts: Fact) -> None:
        await self._ports.store.commit(Change(writes=(Put(request, rev),), facts=facts))

    def _fact(self, request: CommandRequest, kind: FactKind, actor: Actor | None = None, /, **data: Any) -> Fact:
        """Without an actor it is the asker's."""
        subscription = request.subscription_id if actor is None else actor.subscription_id
        told = {"request": request.id, "command": rules.word_of(request.command), **rules.target_of(request.command)}
        told |= {"subscription_id": subscription} | data
        return Fact(
            kind=kind,
            at=self._ports.clock.now(),
            cpo_id=request.cpo_id,
            charge_station_id=request.charge_station_id,
            commissioning_id=request.commissioning_id,
            person_id=request.by if actor is None else actor.person_id,
            device_id=actor.device_id if actor else None,
            data={key: value for key, value in told.items() if value is not None},
        )


def _answers(fact: Fact, request_id: str) -> bool:
    return fact.kind is FactKind.COMMAND_ANSWERED and fact.data.get("request") == request_id
