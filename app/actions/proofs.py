"""Tests and findings of a commissioning as people see them."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from app.actions.findings import evse_numbers
from app.actions.names import Names, Who
from app.domain.commissioning import Commissioning
from app.domain.findings import Finding, FindingKind, Severity, Way, is_accepted
from app.domain.people import Cpo
from app.domain.stations import ChargeStation
from app.domain.trials import Cause, Trial, TrialKind, TrialState, WaitsFor, left_to_do


class TrialView(Struct, kw_only=True):
    id: str
    kind: TrialKind
    state: TrialState
    outcome: str | None
    started: datetime
    deadline: datetime
    ended: datetime | None
    by: Who | None
    evse: int | None
    cause: Cause | None
    waits_for: WaitsFor | None
    detail: dict[str, Any]
    evidence: list[dict[str, Any]]


class AcceptedView(Struct, kw_only=True):
    by: Who
    at: datetime
    reason: str


class FindingView(Struct, kw_only=True):
    """A difference between what was chosen and what the station says; see `app.domain.findings`."""

    id: str
    kind: FindingKind
    severity: Severity
    expected: str | None
    found: str | None
    evses: list[int]
    ways: list[Way]
    accepted: AcceptedView | None


class TestsView(Struct, kw_only=True):
    """What the CPO's policy asks of the tests: `required` empty is any one. `left` has "kind" or "kind:evse"."""

    required: list[TrialKind]
    left: list[str]
    accepts_no_load: bool
    findings_block: bool


async def trial_view(trial: Trial, names: Names) -> TrialView:
    return TrialView(
        id=trial.id,
        kind=trial.kind,
        state=trial.state,
        outcome=trial.outcome,
        started=trial.started,
        deadline=trial.deadline,
        ended=trial.ended,
        by=await names.who(trial.by),
        evse=trial.evse,
        cause=Cause(trial.cause) if trial.cause else None,
        waits_for=WaitsFor(trial.waits_for) if trial.waits_for else None,
        detail=trial.detail,
        evidence=trial.evidence,
    )


async def finding_view(finding: Finding, current: Commissioning, names: Names) -> FindingView:
    known = is_accepted(finding, current.accepted)
    return FindingView(
        id=finding.id,
        kind=finding.kind,
        severity=finding.severity,
        expected=finding.expected,
        found=finding.found,
        evses=list(finding.evses),
        ways=list(finding.ways),
        accepted=AcceptedView(by=await names.sure(known.by), at=known.at, reason=known.reason) if known else None,
    )


def tests_view(cpo: Cpo, current: Commissioning, station: ChargeStation | None) -> TestsView:
    return TestsView(
        required=cpo.required_trials,
        left=left_to_do(current.trials, cpo.required_trials, evse_numbers(station)),
        accepts_no_load=cpo.accepts_no_load,
        findings_block=cpo.findings_block,
    )
