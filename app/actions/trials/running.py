"""Begins tests, runs them in the background of one node, and records each end once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from app.actions.connecting import own_trials, remote_trials, ways
from app.actions.findings import evse_numbers
from app.actions.trials import charge, configuration, reach, reader, reboot, sockets, which
from app.actions.trials.stage import Stage, Stopping, Times, Verdict
from app.actions.work import fact_of, read_commissioning, read_cpo, read_station, recorded
from app.bus import Bus
from app.domain import commissioning as work
from app.domain import trial_rules as rules
from app.domain.commanding import CommandRequest, RequestState, runs
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.environments import BUILTIN
from app.domain.errors import (
    CommandRunning,
    InvalidField,
    PlatformUnavailable,
    RevConflict,
    StationInUse,
    StationOffline,
    UnknownStation,
)
from app.domain.facts import FactKind
from app.domain.live import Live, Transaction
from app.domain.model import ConnectivityStatus, EvseStatus
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import ChargeStation
from app.domain.trials import FOR_EACH_EVSE, Cause, How, Outcome, Trial, TrialKind, TrialState
from app.ports import Change, Ports, Put

START_ATTEMPTS = 5
SPARE_SECONDS = 10.0
"""Beyond its deadline, for what is written on the way."""
TRANSACTIONS_READ = 20

log = logging.getLogger("stationlink.trials")

RUNS: dict[TrialKind, Callable[[Stage], Awaitable[Verdict]]] = {
    TrialKind.REACH: reach.run,
    TrialKind.SOCKETS: sockets.run,
    TrialKind.WHICH: which.run,
    TrialKind.READER: reader.run,
    TrialKind.CHARGE: charge.run,
    TrialKind.REBOOT: reboot.run,
    TrialKind.CONFIGURATION: configuration.run,
}


class Asked(Struct, frozen=True, kw_only=True):
    """A test as the phone wants it, under an id that it made; of an EVSE, and in a way, where its kind has them."""

    id: str
    kind: TrialKind
    evse: int | None = None
    how: str | None = None


class Seen(Struct, frozen=True, kw_only=True):
    """What the person before the station saw: see `app.field.answers.SeenBody`."""

    evse: int | None
    here: bool


class Trials:
    """Runs tests in the background of one node; the lifespan ends them with it."""

    def __init__(self, ports: Ports, bus: Bus, *, seconds: float, command_seconds: float) -> None:
        self._ports = ports
        self._bus = bus
        self._times = Times(command=command_seconds, reboot=seconds)
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, actor: Actor, commissioning_id: str, asked: Asked) -> None:
        """Begin a test of the holder's own commissioning; the same id again changes nothing.

        Raises NotYours, StationOffline, StationInUse, TrialRunning, CommandRunning, TooManyCommands, InvalidField for
        what this platform or station has not, PlatformUnavailable.
        """
        current, _ = await read_commissioning(self._ports, actor, commissioning_id)
        if any(trial.id == asked.id for trial in current.trials):
            return
        work.require_holder(current, actor.person_id or "")
        cpo = await read_cpo(self._ports, actor, current.cpo_id)
        how = rules.way_of(asked.how, ways(cpo).get(asked.kind.value, []))
        station = await self._require_possible(actor, cpo, current, asked, how)
        for _ in range(START_ATTEMPTS):
            with suppress(RevConflict):
                return await self._begin(actor, cpo, station, commissioning_id, asked, how)
        raise RevConflict("somebody else changes this commissioning all the time")

    async def _begin(
        self,
        actor: Actor,
        cpo: Cpo,
        station: ChargeStation | None,
        commissioning_id: str,
        asked: Asked,
        how: How | None,
    ) -> None:
        """Read again: a look at the station may have settled its online check."""
        current, rev = await read_commissioning(self._ports, actor, commissioning_id)
        work.require_holder(current, actor.person_id or "")
        now = self._ports.clock.now()
        trial = Trial(
            id=asked.id,
            kind=asked.kind,
            started=now,
            deadline=now + timedelta(seconds=self._seconds(asked.kind, how)),
            by=actor.person_id,
            evse=asked.evse,
            waits_for=rules.first_wait(asked.kind, how).value,
            detail={"how": how.value} if how else {},
        )
        fact = fact_of(self._ports, actor, None, current, FactKind.TRIAL_STARTED, **_told(trial))
        after = await self._ports.store.last_fact()
        started = rules.start(current, trial, now)
        await self._ports.store.commit(Change(writes=(Put(started, rev),), facts=(fact,)))
        still_free = partial(self._require_free, current, asked.kind, how)
        stage = Stage(self._ports, self._bus, self._times, actor, cpo, current, station, trial, after, still_free)
        self._spawn(actor, stage)

    def _seconds(self, kind: TrialKind, how: How | None) -> float:
        """How long it may take, as people are told."""
        command, restart = self._times.command, self._times.reboot
        return {
            TrialKind.SOCKETS: 2 * command + sockets.REPORT_SECONDS,
            TrialKind.WHICH: which.PLUG_SECONDS if how is How.PLUG else command + which.PERSON_SECONDS,
            TrialKind.READER: reader.SECONDS,
            TrialKind.CHARGE: charge.SECONDS,
            TrialKind.REBOOT: restart,
            TrialKind.CONFIGURATION: 2 * command + (restart + 4 * command if how is How.FIX else 0),
        }.get(kind, command)

    # --- may it begin? -----------------------------------------------------------------------------------------------

    async def _require_possible(
        self, actor: Actor, cpo: Cpo, current: Commissioning, asked: Asked, how: How | None
    ) -> ChargeStation | None:
        """The station, which is there, free and has what is asked for. A vendor's is read now."""
        offered = own_trials() if cpo.platform == BUILTIN else remote_trials(cpo)
        if asked.kind not in offered:
            raise InvalidField("kind", "one of " + ", ".join(offered))
        station = await self._station(actor, cpo, current)
        if asked.kind in FOR_EACH_EVSE and asked.evse not in (None, *evse_numbers(station)):
            raise InvalidField("evse", f"one of {evse_numbers(station)}")
        if cpo.platform != BUILTIN:
            return station
        await self._require_no_command(current)
        await self._require_free(current, asked.kind, how)
        return station

    async def _station(self, actor: Actor, cpo: Cpo, current: Commissioning) -> ChargeStation | None:
        platform = self._ports.platforms.of(cpo)
        if cpo.platform == BUILTIN:
            return await read_station(platform, actor, current.charge_station_id)
        try:
            body = await platform.station(actor, current.charge_station_id)
        except UnknownStation as error:
            raise StationOffline("the station does not exist on the platform yet") from error
        station = msgspec.json.decode(body, type=ChargeStation)
        require_remote_free(station)
        return station

    async def _require_free(self, current: Commissioning, kind: TrialKind, how: How | None) -> None:
        """Raises StationOffline or StationInUse: a test is of a station that is there and that nobody uses; one of
        another CPO that took this id meanwhile is not there."""
        charge_station_id = current.charge_station_id
        row = await self._ports.store.station(charge_station_id)
        if row is None or row.cpo_id != current.cpo_id or not row.online:
            raise StationOffline("the station is not online; a test is never kept for later")
        live = msgspec.json.decode(row.live, type=Live)
        found = await self._ports.store.find(
            Transaction, charge_station_id=charge_station_id, stopped=None, order="-started", limit=TRANSACTIONS_READ
        )
        running = {each.connector_id for each, _ in found if runs(each, live.connectors.get(each.connector_id))}
        if rules.busy(kind, how, live.connectors, running):
            raise StationInUse("somebody is charging at this station")

    async def _require_no_command(self, current: Commissioning) -> None:
        """Raises CommandRunning while a command that the installer has allowed is on its way."""
        state = RequestState.ALLOWED.value
        found = await self._ports.store.find(
            CommandRequest, charge_station_id=current.charge_station_id, cpo_id=current.cpo_id, state=state
        )
        now = self._ports.clock.now()
        if any(now < request.deadline for request, _ in found):
            raise CommandRunning("another command to this station has no outcome yet")

    # --- the person's word -------------------------------------------------------------------------------------------

    async def answer(self, actor: Actor, commissioning_id: str, trial_id: str, seen: Seen) -> None:
        """What the holder saw while the test runs; afterwards it changes nothing. Raises NotYours."""
        for _ in range(START_ATTEMPTS):
            current, rev = await read_commissioning(self._ports, actor, commissioning_id)
            work.require_holder(current, actor.person_id or "")
            trial = rules.running(current, trial_id)
            if trial is None:
                return
            said = {"evse": seen.evse, "here": seen.here}
            told = rules.went_on(current, trial_id, trial.waits_for, {"seen": said}, self._ports.clock.now())
            data = {"trial": trial_id, "kind": trial.kind.value, **said}
            fact = fact_of(self._ports, actor, None, current, FactKind.TRIAL_ANSWERED, **data)
            with suppress(RevConflict):
                await self._ports.store.commit(Change(writes=(Put(told, rev),), facts=(fact,)))
                return
        raise RevConflict("somebody else changes this commissioning all the time")

    # --- its way -----------------------------------------------------------------------------------------------------

    def _spawn(self, actor: Actor, stage: Stage) -> None:
        task = asyncio.create_task(self._run(actor, stage))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Cancel what runs; `close_interrupted` of the next start says so in the record."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close_interrupted(self) -> None:
        """A test that ran when the server stopped can have no outcome of its own."""
        ending = rules.Ending(outcome=Outcome.INTERRUPTED, cause=Cause.OUR_RESTART.value)
        for current, _ in await self._ports.store.find(Commissioning, state=CommissioningState.OPEN.value):
            for trial in current.trials:
                if trial.state is TrialState.RUNNING:
                    await self._end(SYSTEM, current.id, trial, ending)

    async def _run(self, actor: Actor, stage: Stage) -> None:
        trial, current = stage.trial, stage.current
        try:
            verdict = await self._verdict(stage)
        except Stopping:
            return
        except TimeoutError:
            verdict = Verdict(Outcome.NO_ANSWER, Cause.DEAF)
        except StationInUse:
            stage.note("not_sent")
            verdict = Verdict(Outcome.NOT_SENT, Cause.IN_USE)
        except StationOffline:
            verdict = Verdict(Outcome.STATION_OFFLINE, Cause.CONNECTION)
        except Exception:
            # A test without an end would block the hand-over: a fault of ours is an outcome too.
            log.exception("the test %s of %s broke off", trial.kind.value, current.charge_station_id)
            verdict = Verdict(Outcome.INTERRUPTED, Cause.OUR_RESTART)
        cause = verdict.cause.value if verdict.cause else None
        ending = rules.Ending(outcome=verdict.outcome, cause=cause, detail=stage.detail, evidence=stage.evidence)
        await self._end(actor, current.id, trial, ending)

    async def _verdict(self, stage: Stage) -> Verdict:
        """A vendor's station is looked at closely meanwhile; of our own, what it says is noted."""
        limit = (stage.trial.deadline - stage.trial.started).total_seconds() + SPARE_SECONDS
        target = (stage.current.cpo_id, stage.current.charge_station_id)
        heard = self._ports.commands.overhear(stage.station_id, stage.frame)
        with self._ports.watch.lease(close=True) as lease, heard:
            lease.want([target])
            async with asyncio.timeout(limit):
                return await RUNS[stage.trial.kind](stage)

    async def _end(self, actor: Actor, commissioning_id: str, trial: Trial, ending: rules.Ending) -> None:
        await recorded("the end of a test", lambda: self._record_end(actor, commissioning_id, trial, ending))

    async def _record_end(self, actor: Actor, commissioning_id: str, trial: Trial, ending: rules.Ending) -> None:
        current, rev = await read_commissioning(self._ports, SYSTEM, commissioning_id)
        policy = await self._policy(current)
        ended = rules.end(current, trial.id, ending, policy, self._ports.clock.now())
        passed = rules.passes(ending.outcome, policy)
        data = _told(trial) | {"outcome": ending.outcome.value, "passed": passed, "cause": ending.cause}
        fact = fact_of(self._ports, actor, None, current, FactKind.TRIAL_ENDED, **data)
        await self._ports.store.commit(Change(writes=(Put(ended, rev),), facts=(fact,)))

    async def _policy(self, current: Commissioning) -> rules.Policy:
        cpo = await read_cpo(self._ports, SYSTEM, current.cpo_id)
        numbers: list[int] = []
        if cpo.required_trials:
            with suppress(PlatformUnavailable, UnknownStation):
                seen = await self._ports.platforms.of(cpo).seen_station(SYSTEM, current.charge_station_id)
                numbers = evse_numbers(msgspec.json.decode(seen.body, type=ChargeStation))
        return rules.Policy(required=cpo.required_trials, accepts_no_load=cpo.accepts_no_load, evses=numbers)


def require_remote_free(station: ChargeStation) -> None:
    """Raises StationOffline or StationInUse, of a station on a vendor's platform."""
    if station.connectivity_status is not ConnectivityStatus.ONLINE:
        raise StationOffline("the station is not online; a test is never kept for later")
    if any(evse.status is EvseStatus.CHARGING for evse in station.evses):
        raise StationInUse("somebody is charging at this station")


def _told(trial: Trial) -> dict[str, Any]:
    """A test in a fact: plain values, of an EVSE where it is of one."""
    told: dict[str, Any] = {"trial": trial.id, "kind": trial.kind.value}
    return told | ({"evse": trial.evse} if trial.evse is not None else {})
