"""Basic tests on a connected station: sent now or not at all, never queued, each with a deadline and one outcome.

Outcomes: answered, answered_not_supported, rebooted, returned_without_boot, charged (these pass); rejected,
not_supported, no_answer, station_offline, did_not_go, did_not_return, did_not_charge, interrupted (these fail).
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from app.actions.connecting import remote_trials
from app.actions.work import fact_of, read_commissioning, read_cpo
from app.bus import Bus
from app.domain import commissioning as rules
from app.domain.commands import Command, CommandOutcome, CommandState, GetConfiguration, Reset
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.environments import BUILTIN
from app.domain.errors import InvalidField, RevConflict, StationInUse, StationOffline, Unavailable, UnknownStation
from app.domain.facts import Fact, FactKind
from app.domain.live import Live
from app.domain.model import ConnectivityStatus, EvseStatus
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import ChargeStation
from app.domain.trials import Trial, TrialKind, TrialState
from app.ports import Change, Ports, Put, SendsCommands, StationRow

IN_USE = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"})
PASSES = frozenset({"answered", "answered_not_supported", "rebooted", "returned_without_boot", "charged"})
CHARGE_SECONDS = 300.0
BOOT_GRACE_SECONDS = 10.0
START_ATTEMPTS = 5
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

        Raises NotYours, StationOffline, StationInUse, TrialRunning, InvalidField for a kind that this platform has not,
        PlatformUnavailable.
        """
        current, _ = await read_commissioning(self._ports, actor, commissioning_id)
        if any(trial.id == trial_id for trial in current.trials):
            return
        rules.require_holder(current, actor.person_id or "")
        cpo = await read_cpo(self._ports, actor, current.cpo_id)
        await self._require_possible(actor, cpo, current.charge_station_id, kind)
        for _ in range(START_ATTEMPTS):
            with suppress(RevConflict):
                return await self._begin(actor, commissioning_id, trial_id, kind)
        raise RevConflict("somebody else changes this commissioning all the time")

    async def _begin(self, actor: Actor, commissioning_id: str, trial_id: str, kind: TrialKind) -> None:
        """Read again: a look at the station may have settled its online check."""
        current, rev = await read_commissioning(self._ports, actor, commissioning_id)
        rules.require_holder(current, actor.person_id or "")
        now = self._ports.clock.now()
        seconds = {TrialKind.REBOOT: self._seconds, TrialKind.CHARGE: CHARGE_SECONDS}.get(kind, self._command_seconds)
        deadline = now + timedelta(seconds=seconds)
        trial = Trial(id=trial_id, kind=kind, started=now, deadline=deadline, by=actor.person_id)
        fact = fact_of(self._ports, actor, None, current, FactKind.TRIAL_STARTED, trial=trial_id, kind=kind.value)
        after = await self._ports.store.last_fact()
        started = rules.start_trial(current, trial, now)
        await self._ports.store.commit(Change(writes=(Put(started, rev),), facts=(fact,)))
        self._spawn(actor, current, trial, after)

    async def _require_possible(self, actor: Actor, cpo: Cpo, charge_station_id: str, kind: TrialKind) -> None:
        """A vendor's station is read now: what is known of it may be as old as the last look."""
        if cpo.platform == BUILTIN:
            return require_free(await self._ports.store.station(charge_station_id))
        if kind.value not in (offered := remote_trials(cpo)):
            raise InvalidField("kind", "one of " + ", ".join(offered))
        try:
            body = await self._ports.platforms.of(cpo).station(actor, charge_station_id)
        except UnknownStation as error:
            raise StationOffline("the station does not exist on the platform yet") from error
        require_remote_free(msgspec.json.decode(body, type=ChargeStation))

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
            with self._ports.watch.lease(close=True) as lease:
                lease.want([(current.cpo_id, current.charge_station_id)])
                outcome = await self._outcome(current, trial.kind, evidence, after)
        except Exception:
            # A trial without an end would block the hand-over: a fault of ours is an outcome too.
            log.exception("the trial %s of %s broke off", trial.kind.value, current.charge_station_id)
            outcome = "interrupted"
        await self._end(actor, current.id, trial, outcome, evidence)

    async def _outcome(
        self, current: Commissioning, kind: TrialKind, evidence: list[dict[str, Any]], after: int
    ) -> str:
        if kind in (TrialKind.REACH, TrialKind.TRIGGER):
            return await self._trigger(current.charge_station_id, evidence)
        if kind is TrialKind.CHARGE:
            return await self._charge(current.charge_station_id, evidence, after)
        return await self._reboot(current, evidence, after)

    def _note(self, evidence: list[dict[str, Any]], what: str, text: str | None = None) -> None:
        entry = {"at": rules.iso(self._ports.clock.now()), "what": what}
        evidence.append(entry | ({"text": text} if text else {}))

    def _note_command(self, evidence: list[dict[str, Any]], outcome: CommandOutcome) -> None:
        for frame in outcome.raw:
            self._note(evidence, "frame", frame)
        self._note(evidence, outcome.state.value)

    async def _trigger(self, charge_station_id: str, evidence: list[dict[str, Any]]) -> str:
        """Any answer to a CALL of ours proves that the station hears us, a polite refusal too."""
        command = GetConfiguration(("HeartbeatInterval",))
        answer = await self._ports.commands.send(charge_station_id, command, timeout=self._command_seconds)
        self._note_command(evidence, answer)
        return {
            CommandState.ACCEPTED: "answered",
            CommandState.REJECTED: "answered_not_supported",
            CommandState.NOT_IMPLEMENTED: "answered_not_supported",
            CommandState.ERROR: "answered_not_supported",
            CommandState.TIMEOUT: "no_answer",
            CommandState.OFFLINE: "station_offline",
        }[answer.state]

    async def _send(self, current: Commissioning, command: Command) -> CommandOutcome:
        """Through the socket that we hold, or through the platform that holds it."""
        cpo = await read_cpo(self._ports, SYSTEM, current.cpo_id)
        platform = self._ports.platforms.of(cpo)
        commands = platform if isinstance(platform, SendsCommands) else self._ports.commands
        return await commands.send(current.charge_station_id, command, timeout=self._command_seconds)

    async def _reboot(self, current: Commissioning, evidence: list[dict[str, Any]], after: int) -> str:
        answer = await self._send(current, Reset())
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
        return await self._watch_reboot(current.charge_station_id, evidence, after)

    async def _charge(self, charge_station_id: str, evidence: list[dict[str, Any]], after: int) -> str:
        """Somebody holds a card to it and plugs in; nothing is sent."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHARGE_SECONDS):
                async for facts in self._bus.follow(after, idle=1.0):
                    if began := next((fact for fact in facts if _began_to_charge(fact, charge_station_id)), None):
                        evidence.append({"at": rules.iso(began.at), "what": "charging", "text": began.data.get("evse")})
                        return "charged"
        return "did_not_charge"

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


def require_remote_free(station: ChargeStation) -> None:
    """As `require_free`, of a station on a vendor's platform."""
    if station.connectivity_status is not ConnectivityStatus.ONLINE:
        raise StationOffline("the station is not online; a test is never kept for later")
    if any(evse.status is EvseStatus.CHARGING for evse in station.evses):
        raise StationInUse("somebody is charging at this station")


def _began_to_charge(fact: Fact, charge_station_id: str) -> bool:
    status = str(fact.data.get("status") or "").upper()
    of_it = fact.kind is FactKind.EVSE_STATUS_CHANGED and fact.charge_station_id == charge_station_id
    return of_it and status == EvseStatus.CHARGING.value
