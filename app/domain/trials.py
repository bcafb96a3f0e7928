"""Trials: first basic tests of a station in a commissioning, each with its outcome."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct

OVERDUE = timedelta(seconds=30)
"""How long after its deadline the end of a trial may still be on its way to the record."""


class TrialKind(StrEnum):
    """First trials: reach the station (TriggerMessage), restart it (Reset) and see it back, or charge with a card."""

    TRIGGER = "trigger"
    REBOOT = "reboot"
    CHARGE = "charge"


class TrialState(StrEnum):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class Trial(Struct, kw_only=True):
    """A basic test with its outcome. `outcome` is a stable word, `evidence` what was sent and heard, oldest first."""

    id: str
    kind: TrialKind
    state: TrialState = TrialState.RUNNING
    outcome: str | None = None
    started: datetime
    deadline: datetime
    ended: datetime | None = None
    by: str | None = None
    evidence: list[dict[str, Any]] = []
