"""Basic tests on a connected station: sent now or not at all, never queued, each with a deadline and one outcome.

Outcomes: answered, answered_not_supported, rebooted, returned_without_boot (these pass); rejected, not_supported,
no_answer, station_offline, did_not_go, did_not_return, interrupted (these fail).
"""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import msgspec

from app.actions.work import fact_of, read_commissioning
from app.bus import Bus
from app.domain import commissioning as rules
from app.domain.commissioning import Commissioning, CommissioningState, Trial, TrialKind, TrialState
from app.domain.errors import RevConflict, StationInUse, StationOffline, Unavailable
from app.domain.facts import Fact, FactKind
from app.domain.live import Live
from app.domain.people import SYSTEM, Actor
from app.ports import Change, CommandOutcome, CommandState, Ports, Put, StationRow

IN_USE = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"})
PASSES = frozenset({"answered", "answered_not_supported", "rebooted", "returned_without_boot"})
BOOT_GRACE_SECONDS = 10.0
END_ATTEMPTS = 60
END_PAUSE_SECONDS = 1.0

log = logging.getLogger("stationlink.trials")


class Trials:
    """Runs trials in the background of one node; the lifespan ends them with it."""

    def __init__(self, ports: Ports, bus: Bus, *, seconds: float, command_seconds: float) -> None:
        self._ports = ports
        self._bus = bus
        self._seconds = seconds
        self._command_seconds = command_seconds
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, actor: Actor, commissioning_id: str, trial_id: str, kind: TrialKind) -> None:
        """Begin a trial of the holder's own commissioning; the same id again changes nothing.

        Raises NotYours, StationOffline, StationInUse, TrialRunning.
        """
        current, rev = await read_commissioning(self._ports, actor, commissioning_id)
        if any(trial.id == trial_id for trial in current.trials):
            return
        rules.require_holder(current, actor.person_id or "")
        require_free(await self._ports.store.station(current.charge_station_id))
        now = self._ports.clock.now()
        seconds = self._seconds if kind is TrialKind.REBOOT else self._command_seconds
        deadline = now + timedelta(seconds=seconds)
        trial = Trial(id=trial_id, kind=kind, started=now, deadline=deadline, by=actor.person_id)
        fact = fact_of(self._ports, actor, None, current, FactKind.TRIAL_STARTED, trial=trial_id, kind=kind.value)
        after = await self._ports.store.last_fact()
        started = rules.start_trial(current, trial, now)
        await self._ports.store.commit(Change(writes=(Put(started, rev),), facts=(fact,)))
        self._spawn(actor, current, trial, after)

    def _spawn(self, actor: Actor, current: Commissioning, trial: Trial, after: int) -> None:
        task = asyncio.create_task(self._run(actor, current, trial, after))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Cancel what runs; `close_interrupted` of the next start says so in the record."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close_interrupted(self) -> None:
        """A trial that ran when the server stopped can have no outcome of its own."""
        for current, _ in await self._ports.store.find(Commissioning, state=CommissioningState.OPEN.value):
            for trial in current.trials:
                if trial.state is TrialState.RUNNING:
                    await self._end(SYSTEM, current.id, trial, "interrupted", [])

    async def _run(self, actor: Actor, current: Commissioning, trial: Trial, after: int) -> None:
        evidence: list[dict[str, Any]] = []
        try:
            outcome = await self._outcome(current.charge_station_id, trial.kind, evidence, after)
        except Exception:
            # A trial without an end would block the hand-over: a fault of ours is an outcome too.
            log.exception("the trial %s of %s broke off", trial.kind.value, current.charge_station_id)
            outcome = "interrupted"
        await self._end(actor, current.id, trial, outcome, evidence)

    async def _outcome(
        self, charge_station_id: str, kind: TrialKind, evidence: list[dict[str, Any]], after: int
    ) -> str:
        if kind is TrialKind.TRIGGER:
            return await self._trigger(charge_station_id, evidence)
        return await self._reboot(charge_station_id, evidence, after)

    def _note(self, evidence: list[dict[str, Any]], what: str, text: str | None = None) -> None:
        entry = {"at": rules.iso(self._ports.clock.now()), "what": what}
        evidence.append(entry | ({"text": text} if text else {}))

    def _note_command(self, evidence: list[dict[str, Any]], outcome: CommandOutcome) -> None:
        for frame in outcome.raw:
            self._note(evidence, "frame", frame)
        self._note(evidence, outcome.state.value)

    async def _trigger(self, charge_station_id: str, evidence: list[dict[str, Any]]) -> str:
        """Any answer to a CALL of ours proves that the station hears us, a polite refusal too."""
        answer = await self._ports.commands.trigger(charge_station_id, "Heartbeat", timeout=self._command_seconds)
        self._note_command(evidence, answer)
        return {
            CommandState.ACCEPTED: "answered",
            CommandState.REJECTED: "answered_not_supported",
            CommandState.NOT_IMPLEMENTED: "answered_not_supported",
            CommandState.ERROR: "answered_not_supported",
            CommandState.TIMEOUT: "no_answer",
            CommandState.OFFLINE: "station_offline",
        }[answer.state]

    async def _reboot(self, charge_station_id: str, evidence: list[dict[str, Any]], after: int) -> str:
        answer = await self._ports.commands.reset(charge_station_id, hard=False, timeout=self._command_seconds)
        self._note_command(evidence, answer)
        refusals = {
            CommandState.REJECTED: "rejected",
            CommandState.NOT_IMPLEMENTED: "not_supported",
            CommandState.ERROR: "not_supported",
            CommandState.TIMEOUT: "no_answer",
            CommandState.OFFLINE: "station_offline",
        }
        went_without_a_word = answer.state is CommandState.OFFLINE and answer.raw
        if answer.state in refusals and not went_without_a_word:
            return refusals[answer.state]
        return await self._watch_reboot(charge_station_id, evidence, after)

    async def _watch_reboot(self, charge_station_id: str, evidence: list[dict[str, Any]], after: int) -> str:
        """Gone, back, booted - in this order, each read from the facts."""
        seen: list[FactKind] = []
        try:
            async with asyncio.timeout(self._seconds) as limit:
                async for facts in self._bus.follow(after, idle=1.0):
                    for fact in facts:
                        self._note_step(charge_station_id, fact, seen, evidence)
                    if FactKind.STATION_BOOTED in seen:
                        return "rebooted"
                    if FactKind.STATION_CONNECTED in seen and limit.when() is not None:
                        grace = asyncio.get_running_loop().time() + BOOT_GRACE_SECONDS
                        limit.reschedule(min(limit.when() or grace, grace))
        except TimeoutError:
            pass
        if FactKind.STATION_CONNECTED in seen:
            return "returned_without_boot"
        return "did_not_return" if FactKind.STATION_DISCONNECTED in seen else "did_not_go"

    def _note_step(
        self, charge_station_id: str, fact: Fact, seen: list[FactKind], evidence: list[dict[str, Any]]
    ) -> None:
        steps = [FactKind.STATION_DISCONNECTED, FactKind.STATION_CONNECTED, FactKind.STATION_BOOTED]
        expected = steps[len(seen)] if len(seen) < len(steps) else None
        if fact.charge_station_id == charge_station_id and fact.kind is expected:
            seen.append(fact.kind)
            evidence.append({"at": rules.iso(fact.at), "what": fact.kind.value})

    async def _end(
        self, actor: Actor, commissioning_id: str, trial: Trial, outcome: str, evidence: list[dict[str, Any]]
    ) -> None:
        """Record the outcome: read again when somebody was faster, try again when the store is away for a while."""
        for _ in range(END_ATTEMPTS):
            try:
                return await self._record_end(actor, commissioning_id, trial, outcome, evidence)
            except RevConflict:
                continue
            except Unavailable as error:
                log.warning("the end of a trial cannot be recorded yet: %s", error.message)
                await asyncio.sleep(END_PAUSE_SECONDS)

    async def _record_end(
        self, actor: Actor, commissioning_id: str, trial: Trial, outcome: str, evidence: list[dict[str, Any]]
    ) -> None:
        current, rev = await read_commissioning(self._ports, SYSTEM, commissioning_id)
        passed = outcome in PASSES
        ended = rules.end_trial(current, trial.id, outcome, evidence, self._ports.clock.now(), passed=passed)
        data = {"trial": trial.id, "kind": trial.kind.value, "outcome": outcome, "passed": passed}
        fact = fact_of(self._ports, actor, None, current, FactKind.TRIAL_ENDED, **data)
        await self._ports.store.commit(Change(writes=(Put(ended, rev),), facts=(fact,)))


def require_free(row: StationRow | None) -> None:
    """Raises StationOffline or StationInUse: a command goes to a station that is there and that nobody uses."""
    if row is None or not row.online:
        raise StationOffline("the station is not online; a test is never kept for later")
    live = msgspec.json.decode(row.live, type=Live)
    if any(state.status in IN_USE for state in live.connectors.values()):
        raise StationInUse("somebody is charging at this station")
