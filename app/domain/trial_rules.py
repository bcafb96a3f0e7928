"""Tests of a commissioning: begun one at a time, shown while they run, ended once, and what follows from that."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from app.domain.checks import CheckState
from app.domain.commissioning import TESTS_CHECK, Commissioning, require_no_trial, require_open, settle
from app.domain.errors import InvalidField, TooManyCommands
from app.domain.live import ConnectorState
from app.domain.trials import PASSES, How, Outcome, Trial, TrialKind, TrialState, WaitsFor, failing, left_to_do

MINUTE = timedelta(minutes=1)
PER_MINUTE = 6
MOST_ENDED = 50
"""Tests that ended, in one commissioning; proofs of what was done are kept beyond it."""
CHARGES = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE"})
PLUGGED = frozenset({"Occupied", "Finishing"})
"""What a connector says while a car may be charging (OCPP 1.6), and while one is at it. "Occupied" of 2.0.1 is no more
than a plug: whether it charges is in its transaction."""


class Policy(Struct, frozen=True, kw_only=True):
    """What a CPO wants of the tests of a station with these EVSEs."""

    required: Sequence[TrialKind] = ()
    accepts_no_load: bool = False
    evses: Sequence[int] = ()


class Ending(Struct, frozen=True, kw_only=True):
    """How a trial ended, and what it found."""

    outcome: Outcome
    cause: str | None = None
    detail: dict[str, Any] = {}
    evidence: list[dict[str, Any]] = []


def way_of(how: str | None, ways: Sequence[How]) -> How | None:
    """The way in which a test is done, of those that there are; the first unless it is said. Raises InvalidField."""
    if how is None:
        return ways[0] if ways else None
    if how not in ways:
        raise InvalidField("how", "one of " + ", ".join(ways) if ways else "nothing: this test has one way")
    return How(how)


def first_wait(kind: TrialKind, how: How | None) -> WaitsFor:
    """What a test waits for when it begins; `went_on` says what after that."""
    if kind is TrialKind.READER or (kind is TrialKind.CHARGE and how is How.CARD):
        return WaitsFor.CARD
    return WaitsFor.PLUG if how is How.PLUG else WaitsFor.ANSWER


def require_pace(trials: Sequence[Trial], now: datetime) -> None:
    """Raises TooManyCommands for more than six in a minute."""
    lately = sorted(trial.started for trial in trials if now - trial.started < MINUTE)
    if len(lately) >= PER_MINUTE:
        raise TooManyCommands(max(1, ceil((lately[-PER_MINUTE] + MINUTE - now).total_seconds())))


def start(commissioning: Commissioning, trial: Trial, now: datetime) -> Commissioning:
    """Raises TrialRunning: one at a time, hands may be inside. Raises TooManyCommands."""
    require_open(commissioning)
    require_no_trial(commissioning, now)
    require_pace(commissioning.trials, now)
    return replace(commissioning, changed=now, trials=[trial, *commissioning.trials])


def running(commissioning: Commissioning, trial_id: str) -> Trial | None:
    return next((t for t in commissioning.trials if t.id == trial_id and t.state is TrialState.RUNNING), None)


def went_on(
    commissioning: Commissioning, trial_id: str, waits_for: str | None, detail: dict[str, Any], now: datetime
) -> Commissioning:
    """What it waits for now, and what it has found so far; one that has ended stays as it is."""
    trial = running(commissioning, trial_id)
    if trial is None:
        return commissioning
    return _with(commissioning, replace(trial, waits_for=waits_for, detail={**trial.detail, **detail}), now)


def end(commissioning: Commissioning, trial_id: str, ending: Ending, policy: Policy, now: datetime) -> Commissioning:
    """Close a trial with its outcome and answer the tests check by it; a trial that has ended stays as it is."""
    trial = running(commissioning, trial_id)
    if trial is None:
        return commissioning
    passed = passes(ending.outcome, policy)
    ended = replace(
        trial,
        state=TrialState.PASSED if passed else TrialState.FAILED,
        outcome=ending.outcome.value,
        cause=None if passed else ending.cause,
        waits_for=None,
        detail={**trial.detail, **ending.detail},
        ended=now,
        evidence=ending.evidence,
    )
    closed = _with(commissioning, ended, now)
    return _answered(replace(closed, trials=worth_keeping(closed.trials)), ended, policy, now)


def worth_keeping(trials: Sequence[Trial]) -> list[Trial]:
    """What runs, the newest of what ended, and of each kind and EVSE the last and the last that passed, however old.

    The check of the tests and the findings rest on those. `trials` are newest first, and stay so.
    """
    ended = [trial for trial in trials if trial.state is not TrialState.RUNNING]
    oldest_first = ended[::-1]
    last = {(trial.kind, trial.evse): trial.id for trial in oldest_first}
    passed = {(trial.kind, trial.evse): trial.id for trial in oldest_first if trial.state is TrialState.PASSED}
    kept = {trial.id for trial in ended[:MOST_ENDED]}.union(last.values(), passed.values())
    return [trial for trial in trials if trial.state is TrialState.RUNNING or trial.id in kept]


def passes(outcome: Outcome, policy: Policy) -> bool:
    return outcome in PASSES or (outcome is Outcome.STARTED_NO_LOAD and policy.accepts_no_load)


def _answered(commissioning: Commissioning, trial: Trial, policy: Policy, now: datetime) -> Commissioning:
    """Without a policy the last test decides; with one, the last of each kind that it asks for."""
    passed = trial.state is TrialState.PASSED
    detail: dict[str, Any] = {"trial": trial.id, "kind": trial.kind.value}
    state = CheckState.DONE if passed else CheckState.FAILED
    if policy.required:
        detail["left"] = left_to_do(commissioning.trials, policy.required, policy.evses)
        failed = failing(commissioning.trials, policy.required, policy.evses)
        state = CheckState.FAILED if failed else CheckState.OPEN if detail["left"] else CheckState.DONE
    reason = None if passed or state is not CheckState.FAILED else trial.outcome
    return settle(commissioning, TESTS_CHECK, state, now, by=trial.by, reason=reason, detail=detail)


def _with(commissioning: Commissioning, trial: Trial, now: datetime) -> Commissioning:
    trials = [trial if t.id == trial.id else t for t in commissioning.trials]
    return replace(commissioning, changed=now, trials=trials)


def is_hazardous(kind: TrialKind, how: How | None) -> bool:
    """Whether it takes the power or the plug from whoever is plugged in."""
    if kind is TrialKind.WHICH:
        return how is not How.PLUG
    return kind is TrialKind.REBOOT or (kind is TrialKind.CONFIGURATION and how is How.FIX)


def busy(kind: TrialKind, how: How | None, connectors: dict[str, ConnectorState], running: Collection[str]) -> bool:
    """Whether somebody uses the station in a way that this test would disturb; `running` are the ones with a session.

    A plug that waits may stay where it is for a test that begins with one.
    """
    says = CHARGES | PLUGGED if is_hazardous(kind, how) else CHARGES
    return bool(running) or any(state.status in says for state in connectors.values())
