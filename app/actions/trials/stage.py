"""Where a test plays: the way to its station, what happens there, and what is noted and shown meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from app.actions.work import fact_of, read_commissioning
from app.bus import Bus
from app.domain import trial_rules as rules
from app.domain.commands import ANSWERED, Command, CommandOutcome, CommandState, Reset, Start, Unlock
from app.domain.commissioning import Commissioning, iso
from app.domain.environments import BUILTIN
from app.domain.errors import RevConflict, Unavailable
from app.domain.evidence import shown_frame
from app.domain.facts import Fact, FactKind
from app.domain.live import Live
from app.domain.model import Evse, ProtocolVersion
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import ChargeStation
from app.domain.trials import Cause, How, Outcome, Trial, WaitsFor
from app.ports import Change, Ports, Put, SendsCommands, Still

SHOW_ATTEMPTS = 5
MOST_EVIDENCE = 100
IDLE_SECONDS = 1.0
MOVES = Reset | Start | Unlock

T = TypeVar("T")


class Verdict(Struct, frozen=True):
    """How a test ended, and why if it failed."""

    outcome: Outcome
    cause: Cause | None = None


class Stopping(Exception):
    """The server stops: the test has no outcome of its own, and the next start says so."""


class Times(Struct, frozen=True, kw_only=True):
    """How long a command may take, and a restart."""

    command: float
    reboot: float


class Stage:
    """One running test. `cursor` is the last fact that it has looked at."""

    def __init__(
        self,
        ports: Ports,
        bus: Bus,
        times: Times,
        actor: Actor,
        cpo: Cpo,
        current: Commissioning,
        station: ChargeStation | None,
        trial: Trial,
        after: int,
        still_free: Still,
    ) -> None:
        self.ports = ports
        self.times = times
        self.cpo = cpo
        self.current = current
        self.trial = trial
        self.evses: Sequence[Evse] = station.evses if station else ()
        self.location_id = station.location_id if station else current.location_id
        self.detail: dict[str, Any] = {}
        self.evidence: list[dict[str, Any]] = []
        self.secrets: frozenset[str] = frozenset()
        self.cursor = after
        self._bus = bus
        self._actor = actor
        self._still_free = still_free

    @property
    def station_id(self) -> str:
        return self.current.charge_station_id

    @property
    def how(self) -> How | None:
        return How(self.trial.detail["how"]) if "how" in self.trial.detail else None

    @property
    def own(self) -> bool:
        """The station connects to us; else all we know of it comes through a vendor's platform."""
        return self.cpo.platform == BUILTIN

    def seconds_now(self) -> float:
        return asyncio.get_running_loop().time()

    async def live(self, charge_station_id: str | None = None) -> Live:
        row = await self.ports.store.station(charge_station_id or self.station_id)
        return msgspec.json.decode(row.live, type=Live) if row else Live(charge_station_id=self.station_id)

    async def version(self) -> ProtocolVersion | None:
        return (await self.live()).protocol_version

    def evse(self, number: int | None) -> Evse | None:
        return next((evse for evse in self.evses if number and evse.evse_sequence_number == number), None)

    # --- speaking ----------------------------------------------------------------------------------------------------

    async def send(self, command: Command) -> CommandOutcome:
        """Through the socket that we hold, whose messages are overheard, or through the platform that holds it.

        Raises StationInUse when what moves something in the station had to wait, and somebody came meanwhile.
        """
        platform, seconds = self.ports.platforms.of(self.cpo), self.times.command
        if isinstance(platform, SendsCommands):
            outcome = await platform.send(self.station_id, command, timeout=seconds)
        else:
            still = self._still_free if isinstance(command, MOVES) else None
            outcome = await self.ports.commands.send(self.station_id, command, timeout=seconds, still=still)
        for said in () if self.own else outcome.raw:
            self.note("frame", said)
        self.note("not_sent" if outcome.never_sent else outcome.state.value)
        return outcome

    # --- noting and showing ------------------------------------------------------------------------------------------

    def note(self, what: str, text: str | None = None) -> None:
        if len(self.evidence) < MOST_EVIDENCE:
            entry = {"at": iso(self.ports.clock.now()), "what": what}
            self.evidence.append(entry | ({"text": text} if text else {}))

    def frame(self, text: str) -> None:
        """A message of either side, as it may be kept."""
        self.note("frame", shown_frame(text, self.secrets))

    def note_fact(self, fact: Fact, text: str | None = None) -> None:
        if len(self.evidence) < MOST_EVIDENCE:
            entry = {"at": iso(fact.at), "what": fact.kind.value}
            self.evidence.append(entry | ({"text": text} if text else {}))

    async def show(self, waits_for: WaitsFor | None, **detail: Any) -> None:
        """Let everybody who watches see how far it is; what cannot be shown now is shown with its end."""
        self.detail |= detail
        for _ in range(SHOW_ATTEMPTS):
            with suppress(RevConflict, Unavailable):
                return await self._show(waits_for)

    async def _show(self, waits_for: WaitsFor | None) -> None:
        current, rev = await read_commissioning(self.ports, SYSTEM, self.current.id)
        word = waits_for.value if waits_for else None
        told = rules.went_on(current, self.trial.id, word, self.detail, self.ports.clock.now())
        data = {"trial": self.trial.id, "kind": self.trial.kind.value, "waits_for": word}
        fact = fact_of(self.ports, self._actor, None, current, FactKind.TRIAL_WENT_ON, **data)
        await self.ports.store.commit(Change(writes=(Put(told, rev),), facts=(fact,)))

    # --- waiting -----------------------------------------------------------------------------------------------------

    async def fact(self, seconds: float, wanted: Callable[[Fact], T | None]) -> T | None:
        """What `wanted` makes of the first fact that it makes anything of; None when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(self._batches()) as batches:
                async for facts in batches:
                    for fact in facts:
                        self.cursor = fact.seq
                        if (found := wanted(fact)) is not None:
                            return found
        return None

    async def state(self, seconds: float, wanted: Callable[[], Awaitable[T | None]]) -> T | None:
        """What `wanted` finds as soon as it finds anything: asked now, at each wake-up, and once a second."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(self._batches()) as batches:
                async for _ in batches:
                    if (found := await wanted()) is not None:
                        return found
        return None

    async def _batches(self) -> AsyncGenerator[Sequence[Fact], None]:
        async with aclosing(self._bus.follow(self.cursor, idle=IDLE_SECONDS)) as batches:
            async for facts in batches:
                yield facts
        if self._bus.stopping.is_set():
            raise Stopping


def unanswered(outcome: CommandOutcome) -> Verdict:
    """Of a command that did not bring what was asked for. One that waited for the boot in vain says nothing of what the
    station hears."""
    if outcome.never_sent and outcome.state is CommandState.TIMEOUT:
        return Verdict(Outcome.NOT_READY, Cause.SLOW_RESTART)
    verdicts = {
        CommandState.REJECTED: Verdict(Outcome.REJECTED, Cause.UNWILLING),
        CommandState.NOT_IMPLEMENTED: Verdict(Outcome.NOT_SUPPORTED, Cause.UNKNOWN_COMMAND),
        CommandState.ERROR: Verdict(Outcome.NOT_SUPPORTED, Cause.UNKNOWN_COMMAND),
        CommandState.TIMEOUT: Verdict(Outcome.NO_ANSWER, Cause.DEAF),
    }
    return verdicts.get(outcome.state, Verdict(Outcome.STATION_OFFLINE, Cause.CONNECTION))


def is_answered(outcome: CommandOutcome) -> bool:
    return outcome.state in ANSWERED
