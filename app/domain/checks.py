"""One line of a checklist: what it asks, and whether an answer to it is good.

Checks are data: the first five kinds are answered by doing them, the others are a CPO's own policy.
"""

import math
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from app.domain.errors import InvalidField
from app.domain.people import CheckKind

ANSWERABLE = frozenset({CheckKind.YES_NO, CheckKind.TEXT, CheckKind.READING})


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


def judged(check: Check, value: object) -> tuple[CheckState, str | None]:
    """The state that this answer puts the check in, and why if it fails. Raises InvalidField for a wrong kind."""
    if check.kind is CheckKind.YES_NO:
        if not isinstance(value, bool):
            raise InvalidField("value", "yes or no")
        return (CheckState.DONE, None) if value else (CheckState.FAILED, "no")
    if check.kind is CheckKind.TEXT:
        if not isinstance(value, str) or not value.strip():
            raise InvalidField("value", "a text")
        return CheckState.DONE, None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidField("value", "a number")
    low, high = check.minimum, check.maximum
    within = (low is None or value >= low) and (high is None or value <= high)
    limits = f"{'' if low is None else low} to {'' if high is None else high} {check.unit or ''}".strip()
    return (CheckState.DONE, None) if within else (CheckState.FAILED, f"expected {limits}")
