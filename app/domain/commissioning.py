"""Commissioning: bringing one station into, through or out of service.

A station has many over time and at most one open. The checklist follows from the kind and the CPO's policy; checks are
data and may be done in any order. Parked is a property of an open commissioning, handing over and releasing are two
facts. Rules are pure: `(commissioning, intent, now) -> commissioning` or a domain error.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from app.domain.people import CheckKind


class CommissioningKind(StrEnum):
    NEW = "new"
    REPLACE = "replace"
    MOVE = "move"
    REVISIT = "revisit"
    REMOVE = "remove"


class CommissioningState(StrEnum):
    OPEN = "open"
    HANDED_OVER = "handed_over"
    ABANDONED = "abandoned"


class CheckState(StrEnum):
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    WAIVED = "waived"


class Check(Struct, kw_only=True):
    """One line of the checklist, with who answered it, when, and why if it was waived or failed."""

    key: str
    kind: CheckKind
    label: str | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    state: CheckState = CheckState.OPEN
    by: str | None = None
    at: datetime | None = None
    reason: str | None = None
    detail: dict[str, Any] = {}


class ParkReason(StrEnum):
    POWER = "power"
    SIM = "sim"
    NETWORK = "network"
    PART = "part"
    ACCESS = "access"
    OTHER = "other"


class Parked(Struct, kw_only=True, frozen=True):
    reason: ParkReason
    note: str | None = None
    until: date | None = None
    by: str | None = None
    at: datetime


class Before(Struct, kw_only=True):
    """What "not my station" restores: the station's wire bytes at the begin, or nothing when it did not exist."""

    existed: bool
    station: msgspec.Raw | None = None


class TrialKind(StrEnum):
    """First trials: reach the station (TriggerMessage) or restart it (Reset) and see it come back."""

    TRIGGER = "trigger"
    REBOOT = "reboot"


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


class Commissioning(Struct, kw_only=True):
    """One commissioning. `location_id` and `template_id` are what was chosen, which may precede the station itself."""

    id: str
    cpo_id: str
    charge_station_id: str
    kind: CommissioningKind = CommissioningKind.NEW
    state: CommissioningState = CommissioningState.OPEN
    begun: datetime
    begun_by: str
    person_id: str
    people: list[str] = []
    label: str | None = None
    source: str | None = None
    location_id: str | None = None
    template_id: str | None = None
    checks: list[Check] = []
    trials: list[Trial] = []
    none_checked: list[int] = []
    parked: Parked | None = None
    before: Before | None = None
    old_serial: str | None = None
    new_serial: str | None = None
    changed: datetime
    handed_over: datetime | None = None
    handed_over_by: str | None = None
    note: str | None = None
    released: datetime | None = None
    released_by: str | None = None
    abandoned: datetime | None = None
    abandoned_by: str | None = None


class Operation(Struct, kw_only=True):
    """One thing the phone wanted done, kept for ever with its answer. `body_hash` tells a repeat from a reuse."""

    id: str
    kind: str
    person_id: str
    device_id: str | None = None
    commissioning_id: str | None = None
    charge_station_id: str | None = None
    made_at: datetime
    at: datetime
    body_hash: str
    state: str
    answer: msgspec.Raw
