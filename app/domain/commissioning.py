"""Commissioning: bringing one station into, through or out of service.

A station has many over time and at most one open. The checklist follows from the kind and the CPO's policy; checks are
data and may be done in any order. Parked is a property of an open commissioning, handing over and releasing are two
facts. Rules are pure: `(commissioning, intent, now) -> commissioning` or a domain error.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from app.domain.checks import ANSWERABLE, Check, CheckState, judged
from app.domain.errors import (
    ChecksOpen,
    CommissioningClosed,
    InvalidField,
    MissingField,
    NotYours,
    TrialRunning,
)
from app.domain.findings import Accepted, Swap
from app.domain.knocks import Adopted
from app.domain.live import StationPassword
from app.domain.model import Evse
from app.domain.people import CheckKind, CheckSpec, Cpo
from app.domain.trials import OVERDUE, Trial, TrialState


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
    """What "not my station" restores: the station's wire bytes at the begin, and the digest of its OCPP password."""

    existed: bool
    station: msgspec.Raw = msgspec.Raw(b"null")
    password: StationPassword | None = None


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
    accepted: list[Accepted] = []
    swaps: list[Swap] = []
    none_checked: list[int] = []
    parked: Parked | None = None
    before: Before | None = None
    adopted: Adopted | None = None
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


TESTS_CHECK = "tests"
ONLINE_CHECK = "online"
TEXTS_CHECK = "texts"

CHECKLISTS: dict[CommissioningKind, tuple[CheckKind, ...]] = {
    CommissioningKind.NEW: (
        CheckKind.LOCATION,
        CheckKind.HARDWARE,
        CheckKind.TEXTS,
        CheckKind.ONLINE,
        CheckKind.TESTS,
    ),
    CommissioningKind.REPLACE: (CheckKind.HARDWARE, CheckKind.ONLINE, CheckKind.TESTS),
    CommissioningKind.MOVE: (CheckKind.LOCATION, CheckKind.TEXTS, CheckKind.ONLINE, CheckKind.TESTS),
    CommissioningKind.REVISIT: (CheckKind.ONLINE, CheckKind.TESTS),
    CommissioningKind.REMOVE: (),
}
"""What each kind asks for before a CPO's policy adds to it; the key of these checks is the kind's own word."""


def checklist(kind: CommissioningKind, extra: Iterable[CheckSpec] = ()) -> list[Check]:
    """The open checks of a new commissioning."""
    own = [Check(key=word.value, kind=word) for word in CHECKLISTS[kind]]
    return own + [
        Check(
            key=spec.key, kind=spec.kind, label=spec.label, unit=spec.unit, minimum=spec.minimum, maximum=spec.maximum
        )
        for spec in extra
    ]


def begin(
    *,
    id: str,
    cpo: Cpo,
    charge_station_id: str,
    kind: CommissioningKind,
    person_id: str,
    before: Before,
    now: datetime,
    label: str | None = None,
    source: str | None = None,
    location_id: str | None = None,
) -> Commissioning:
    """A new commissioning of this person. The location of a station in Stock is where it lies, not where it goes."""
    return Commissioning(
        id=id,
        cpo_id=cpo.cpo_id,
        charge_station_id=charge_station_id,
        kind=kind,
        begun=now,
        begun_by=person_id,
        person_id=person_id,
        people=[person_id],
        label=label,
        source=source,
        location_id=location_id,
        checks=checklist(kind, cpo.extra_checks),
        before=before,
        changed=now,
    )


def progress(commissioning: Commissioning) -> tuple[int, int]:
    """How many checks are done or waived, of how many."""
    settled = sum(check.state in (CheckState.DONE, CheckState.WAIVED) for check in commissioning.checks)
    return settled, len(commissioning.checks)


def open_checks(commissioning: Commissioning) -> list[str]:
    """The keys of the checks that stand between this commissioning and its hand-over."""
    return [c.key for c in commissioning.checks if c.state in (CheckState.OPEN, CheckState.FAILED)]


def require_open(commissioning: Commissioning) -> None:
    """Raises CommissioningClosed once it was handed over or abandoned."""
    if commissioning.state is not CommissioningState.OPEN:
        raise CommissioningClosed(f"this commissioning is {commissioning.state.value}", state=commissioning.state.value)


def require_holder(commissioning: Commissioning, person_id: str) -> None:
    """Raises NotYours when somebody else works on it now; continuing it is one tap and a fact."""
    require_open(commissioning)
    if commissioning.person_id != person_id:
        raise NotYours("somebody else has continued this commissioning", person_id=commissioning.person_id)


def _changed(commissioning: Commissioning, now: datetime, **fields: Any) -> Commissioning:
    return msgspec.structs.replace(commissioning, changed=now, **fields)


def find_check(commissioning: Commissioning, key: str) -> Check:
    """Raises InvalidField for a check that this checklist does not have."""
    for check in commissioning.checks:
        if check.key == key:
            return check
    raise InvalidField("check", "one of " + ", ".join(c.key for c in commissioning.checks))


def set_check(commissioning: Commissioning, check: Check, now: datetime) -> Commissioning:
    """The commissioning with this check in place of the one with its key."""
    checks = [check if c.key == check.key else c for c in commissioning.checks]
    return _changed(commissioning, now, checks=checks)


def settle(
    commissioning: Commissioning,
    key: str,
    state: CheckState,
    now: datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> Commissioning:
    """Answer a check; the answer replaces an earlier one, since every step may be done again until hand-over.

    A checklist without this check stays as it is: a kind that does not ask does not get an answer.
    """
    if all(check.key != key for check in commissioning.checks):
        return commissioning
    check = find_check(commissioning, key)
    answered = msgspec.structs.replace(check, state=state, by=by, at=now, reason=reason, detail=detail or {})
    return set_check(commissioning, answered, now)


def reopen(commissioning: Commissioning, key: str, now: datetime) -> Commissioning:
    check = find_check(commissioning, key)
    cleared = msgspec.structs.replace(check, state=CheckState.OPEN, by=None, at=None, reason=None, detail={})
    return set_check(commissioning, cleared, now)


def waive(commissioning: Commissioning, key: str, reason: str, by: str, now: datetime) -> Commissioning:
    """Raises MissingField without a reason: a waived check says why."""
    find_check(commissioning, key)
    if not reason.strip():
        raise MissingField("reason")
    return settle(commissioning, key, CheckState.WAIVED, now, by=by, reason=reason.strip())


def answer(commissioning: Commissioning, key: str, value: object, by: str, now: datetime) -> Commissioning:
    """Answer a check of the CPO's policy. A "no", or a reading outside its limits, is FAILED and says why."""
    check = find_check(commissioning, key)
    if check.kind not in ANSWERABLE:
        raise InvalidField("check", "a question of the CPO's own checklist")
    state, reason = judged(check, value)
    return settle(commissioning, key, state, now, by=by, reason=reason, detail={"value": value})


def seen_online(commissioning: Commissioning, now: datetime) -> Commissioning:
    """The station came online during this commissioning: a fact of the station, not of a person."""
    for check in commissioning.checks:
        if check.key == ONLINE_CHECK and check.state is not CheckState.DONE:
            return settle(commissioning, ONLINE_CHECK, CheckState.DONE, now, detail={"seen_online": iso(now)})
    return commissioning


def was_seen_online(commissioning: Commissioning) -> bool:
    return any(check.key == ONLINE_CHECK and check.state is CheckState.DONE for check in commissioning.checks)


def texts_settled(commissioning: Commissioning, evses: list[Evse], by: str, now: datetime) -> Commissioning:
    """Directions & parking is done when every EVSE has directions, and restrictions or the word that there are none."""
    missing = [
        evse.evse_sequence_number or index
        for index, evse in enumerate(evses, 1)
        if not evse.directions
        or not (evse.parking_restrictions or evse.evse_sequence_number in commissioning.none_checked)
    ]
    if evses and not missing:
        return settle(commissioning, TEXTS_CHECK, CheckState.DONE, now, by=by)
    if any(check.key == TEXTS_CHECK and check.state is CheckState.WAIVED for check in commissioning.checks):
        return commissioning
    return settle(commissioning, TEXTS_CHECK, CheckState.OPEN, now, by=by, detail={"missing": missing})


def mark_none_checked(commissioning: Commissioning, numbers: Iterable[int], none: bool, now: datetime) -> Commissioning:
    """Remember for which EVSEs somebody looked and found no parking limits, which an empty list cannot say."""
    kept = set(commissioning.none_checked) - set(numbers)
    return _changed(commissioning, now, none_checked=sorted(kept | set(numbers) if none else kept))


def swap(commissioning: Commissioning, swap: Swap, now: datetime) -> Commissioning:
    """Two EVSEs changed places, and with them the word that somebody looked for limits there."""
    first, second = swap.evses
    moved = {first: second, second: first}
    none = sorted(moved.get(number, number) for number in commissioning.none_checked)
    return _changed(commissioning, now, swaps=[*commissioning.swaps, swap], none_checked=none)


def take_over(commissioning: Commissioning, person_id: str, now: datetime) -> Commissioning:
    """Continue what somebody else began; both stay on record. Raises TrialRunning: the one who began a test has their
    hands on the station."""
    require_open(commissioning)
    if person_id != commissioning.person_id:
        require_no_trial(commissioning, now)
    people = commissioning.people if person_id in commissioning.people else [*commissioning.people, person_id]
    return _changed(commissioning, now, person_id=person_id, people=people)


def adopt(commissioning: Commissioning, station_id: str, adopted: Adopted) -> Commissioning:
    """It goes on under the id that the station calls itself; a second look keeps what the first one put away.

    Raises TrialRunning.
    """
    require_open(commissioning)
    require_no_trial(commissioning, adopted.at)
    if (earlier := commissioning.adopted) is not None:
        labels = list(dict.fromkeys([*earlier.labels, *adopted.labels]))
        adopted = msgspec.structs.replace(adopted, station_id=earlier.station_id, labels=labels)
    return _changed(commissioning, adopted.at, charge_station_id=station_id, adopted=adopted)


def park(commissioning: Commissioning, parked: Parked, now: datetime) -> Commissioning:
    return _changed(commissioning, now, parked=parked)


def resume(commissioning: Commissioning, now: datetime) -> Commissioning:
    return _changed(commissioning, now, parked=None)


def hand_over(commissioning: Commissioning, by: str, note: str | None, now: datetime) -> Commissioning:
    """Raises ChecksOpen naming what is neither done nor waived, TrialRunning while a test still waits."""
    require_open(commissioning)
    require_no_trial(commissioning, now)
    if left := open_checks(commissioning):
        raise ChecksOpen("these checks are still open: " + ", ".join(left), checks=left)
    return _changed(
        commissioning,
        now,
        state=CommissioningState.HANDED_OVER,
        parked=None,
        handed_over=now,
        handed_over_by=by,
        note=note,
    )


def release(commissioning: Commissioning, by: str | None, now: datetime) -> Commissioning:
    """The station goes on drivers' maps: a fact apart from the hand-over, and after it."""
    if commissioning.state is not CommissioningState.HANDED_OVER:
        raise ChecksOpen("it is not handed over yet", checks=open_checks(commissioning))
    return _changed(commissioning, now, released=now, released_by=by)


def abandon(commissioning: Commissioning, by: str, now: datetime) -> Commissioning:
    """It stands under the id that it was begun with again. Raises TrialRunning: the station may be restarting in
    somebody's hands."""
    require_open(commissioning)
    require_no_trial(commissioning, now)
    adopted = commissioning.adopted
    return _changed(
        commissioning,
        now,
        state=CommissioningState.ABANDONED,
        charge_station_id=adopted.station_id if adopted else commissioning.charge_station_id,
        parked=None,
        abandoned=now,
        abandoned_by=by,
    )


def require_no_trial(commissioning: Commissioning, now: datetime) -> None:
    """Raises TrialRunning. A trial past its deadline is over, whatever became of the one who should have said so."""
    if any(t.state is TrialState.RUNNING and now < t.deadline + OVERDUE for t in commissioning.trials):
        raise TrialRunning("a test is still running")


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
