"""Trials: the basic tests of a station in a commissioning, each with its outcome, its likely cause and its evidence."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct

OVERDUE = timedelta(seconds=30)
"""How long after its deadline the end of a trial may still be on its way to the record."""


class TrialKind(StrEnum):
    """What each proves is in `app.actions.trials`. TRIGGER is what REACH was called at first; it is only read."""

    TRIGGER = "trigger"
    REACH = "reach"
    SOCKETS = "sockets"
    WHICH = "which"
    READER = "reader"
    CHARGE = "charge"
    REBOOT = "reboot"
    CONFIGURATION = "configuration"


OFFERED = tuple(kind for kind in TrialKind if kind is not TrialKind.TRIGGER)


class How(StrEnum):
    """The ways in which a kind can be done, for those that have several; the first one of a kind is its default."""

    PLUG = "plug"
    UNLOCK = "unlock"
    REBOOT = "reboot"
    CARD = "card"
    REMOTE = "remote"
    CHECK = "check"
    FIX = "fix"


WAYS: dict[TrialKind, tuple[How, ...]] = {
    TrialKind.WHICH: (How.PLUG, How.UNLOCK, How.REBOOT),
    TrialKind.CHARGE: (How.CARD, How.REMOTE),
    TrialKind.CONFIGURATION: (How.CHECK, How.FIX),
}

FOR_EACH_EVSE = frozenset({TrialKind.WHICH, TrialKind.CHARGE})
"""Kinds that prove one EVSE: a policy that asks for them asks for each."""


class TrialState(StrEnum):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class WaitsFor(StrEnum):
    """What a running trial waits for, from the station or from the person before it."""

    ANSWER = "answer"
    STATUS = "status"
    PLUG = "plug"
    PERSON = "person"
    CARD = "card"
    START = "start"
    ENERGY = "energy"
    STOP = "stop"
    GONE = "gone"
    BACK = "back"
    BOOT = "boot"


class Outcome(StrEnum):
    """How a trial ended."""

    ANSWERED = "answered"
    ANSWERED_NOT_SUPPORTED = "answered_not_supported"
    ALL_REPORTED = "all_reported"
    THIS_ONE = "this_one"
    CARD_READ = "card_read"
    CHARGED = "charged"
    STARTED_NO_LOAD = "started_no_load"
    REBOOTED = "rebooted"
    RETURNED_WITHOUT_BOOT = "returned_without_boot"
    AS_EXPECTED = "as_expected"
    FIXED = "fixed"
    REJECTED = "rejected"
    NOT_SUPPORTED = "not_supported"
    NO_ANSWER = "no_answer"
    STATION_OFFLINE = "station_offline"
    NOT_READY = "not_ready"
    NOT_SENT = "not_sent"
    SOCKETS_MISSING = "sockets_missing"
    SOCKETS_EXTRA = "sockets_extra"
    KIND_DIFFERS = "kind_differs"
    SOCKET_FAULTED = "socket_faulted"
    OTHER_SOCKET = "other_socket"
    OTHER_STATION = "other_station"
    NOTHING_REACTED = "nothing_reacted"
    NO_CARD = "no_card"
    CARD_REFUSED = "card_refused"
    REFUSED = "refused"
    DID_NOT_START = "did_not_start"
    DID_NOT_STOP = "did_not_stop"
    DID_NOT_CHARGE = "did_not_charge"
    DID_NOT_GO = "did_not_go"
    DID_NOT_RETURN = "did_not_return"
    DIFFERS = "differs"
    NOT_FIXED = "not_fixed"
    INTERRUPTED = "interrupted"


PASSES = frozenset(
    {
        Outcome.ANSWERED,
        Outcome.ANSWERED_NOT_SUPPORTED,
        Outcome.ALL_REPORTED,
        Outcome.THIS_ONE,
        Outcome.CARD_READ,
        Outcome.CHARGED,
        Outcome.REBOOTED,
        Outcome.RETURNED_WITHOUT_BOOT,
        Outcome.AS_EXPECTED,
        Outcome.FIXED,
    }
)
"""STARTED_NO_LOAD passes where the CPO accepts it: most testers draw nothing."""


class Cause(StrEnum):
    """The likely cause of a failure."""

    DEAF = "deaf"
    CONNECTION = "connection"
    UNKNOWN_COMMAND = "unknown_command"
    UNWILLING = "unwilling"
    OTHER_MODEL = "other_model"
    BROKEN_SOCKET = "broken_socket"
    SWAPPED = "swapped"
    WRONG_STATION = "wrong_station"
    NOBODY_THERE = "nobody_there"
    READER = "reader"
    UNKNOWN_CARD = "unknown_card"
    NOT_PLUGGED_IN = "not_plugged_in"
    NO_LOAD = "no_load"
    METER = "meter"
    SLOW_RESTART = "slow_restart"
    READ_ONLY = "read_only"
    UNKNOWN_KEY = "unknown_key"
    SETTING = "setting"
    IN_USE = "in_use"
    OUR_RESTART = "our_restart"


class Trial(Struct, kw_only=True):
    """A basic test with its outcome. `evidence` is what was sent and heard, oldest first.

    `evse` is the sequence number of the EVSE that it is about, None for the whole station. `waits_for` is told while it
    runs, `cause` when it failed. `detail` is what was found, by kind:

    - every kind with ways: `how`
    - sockets: `expected`, `told` (the number that the station gives itself) or `absurd` (one that cannot be), `rows`
      of {connector, evse, state (reported, missing, extra, faulted), status, error_code, kind (same, differs,
      not_told), expected_kind, told_kind}
    - which: `connector` (the one meant), `reacted` {station_id, evse, connector, directions} or None, `seen` (what the
      person said)
    - reader: `card` (masked), `accepted`, `message`
    - charge: `connector`, `card` (masked), `transaction`, `energy_wh`, `accepted_by_policy`
    - configuration: `lines` of {key, about, expected, value, state (ok, wrong, missing, hidden, fixed, refused,
      not_fixed), may_fix}, `rebooted`
    """

    id: str
    kind: TrialKind
    state: TrialState = TrialState.RUNNING
    outcome: str | None = None
    started: datetime
    deadline: datetime
    ended: datetime | None = None
    by: str | None = None
    evse: int | None = None
    cause: str | None = None
    waits_for: str | None = None
    detail: dict[str, Any] = {}
    evidence: list[dict[str, Any]] = []


def left_to_do(trials: Sequence[Trial], required: Iterable[TrialKind], evses: Sequence[int]) -> list[str]:
    """What a policy still wants, as "kind" or "kind:evse": the last trial of each counts. `trials` are newest first."""
    return [_name(kind, evse) for kind, evse in _wanted(required, evses) if not _passed(last_of(trials, kind, evse))]


def failing(trials: Sequence[Trial], required: Iterable[TrialKind], evses: Sequence[int]) -> list[str]:
    """As `left_to_do`, those whose last trial failed."""
    found = [(kind, evse, last_of(trials, kind, evse)) for kind, evse in _wanted(required, evses)]
    return [_name(kind, evse) for kind, evse, last in found if last is not None and last.state is TrialState.FAILED]


def last_of(trials: Sequence[Trial], kind: TrialKind, evse: int | None) -> Trial | None:
    """The last one that ended; without an EVSE of whatever one."""
    ended = (trial for trial in trials if _is(trial, kind) and trial.state is not TrialState.RUNNING)
    return next((trial for trial in ended if evse is None or trial.evse == evse), None)


def _wanted(required: Iterable[TrialKind], evses: Sequence[int]) -> list[tuple[TrialKind, int | None]]:
    wanted: list[tuple[TrialKind, int | None]] = []
    for kind in required:
        wanted += [(kind, evse) for evse in evses] if kind in FOR_EACH_EVSE and evses else [(kind, None)]
    return wanted


def _is(trial: Trial, kind: TrialKind) -> bool:
    return trial.kind is kind or (kind is TrialKind.REACH and trial.kind is TrialKind.TRIGGER)


def _passed(trial: Trial | None) -> bool:
    return trial is not None and trial.state is TrialState.PASSED


def _name(kind: TrialKind, evse: int | None) -> str:
    return kind.value if evse is None else f"{kind.value}:{evse}"
