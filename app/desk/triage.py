"""Where a commissioning stands on the board, and the one reason that its card shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from app.actions.live import LiveView
from app.actions.views import KnockView
from app.domain.checks import Check, CheckState
from app.domain.commissioning import Commissioning, CommissioningState, progress
from app.domain.live import Registration
from app.domain.model import ConnectivityStatus

STUCK_AFTER = timedelta(minutes=15)
"""Somebody who waits this long for a station is in need of help."""


class Column(StrEnum):
    HELP = "help"
    ONLINE = "online"
    PROGRESS = "progress"
    READY = "ready"
    DONE = "done"


class Verdict(Struct, frozen=True, kw_only=True):
    """`why` is a key of the words; `subject` (a check, a knock's or park's reason) and `count` fill it in."""

    column: Column
    why: str
    tone: str = ""
    subject: str = ""
    note: str = ""
    count: int = 0
    total: int = 0
    since: datetime


def judge(
    current: Commissioning, live: LiveView, refused: Sequence[KnockView], now: datetime, *, ours: bool = True
) -> Verdict:
    """The first rule that holds: closed, refused attempts, a failed check, parked, waiting for online, ready, going on.

    `refused` are the station's refused attempts, newest first. It is not `ours` on a vendor's platform, which tells
    whether a station is online and not whether it ever called.
    """
    if current.state is not CommissioningState.OPEN:
        return _closed(current, live)
    return (
        _knocking(live, refused)
        or _failed(current)
        or _parked(current, now)
        or _lost(current, live, now)
        or _waiting(current, live, now, ours=ours)
        or _ready_or_not(current)
    )


def _closed(current: Commissioning, live: LiveView) -> Verdict:
    since = current.handed_over or current.changed
    if current.released is None:
        return Verdict(column=Column.READY, why="waits_for_release", tone="good", since=since)
    if live.connectivity_status is ConnectivityStatus.ONLINE:
        return Verdict(column=Column.DONE, why="online_for", tone="good", since=live.online_since or since)
    return Verdict(column=Column.DONE, why="offline_now", tone="wait", since=live.offline_since or since)


def _knocking(live: LiveView, refused: Sequence[KnockView]) -> Verdict | None:
    """Attempts that were refused after the station was last in; an earlier trouble is over."""
    if live.connectivity_status is ConnectivityStatus.ONLINE:
        return None
    later = [knock for knock in refused if live.offline_since is None or knock.at > live.offline_since]
    if not later:
        return None
    return Verdict(
        column=Column.HELP,
        why="refused",
        tone="bad",
        subject=later[0].reason.value,
        count=len(later),
        since=later[0].at,
    )


def _failed(current: Commissioning) -> Verdict | None:
    for check in current.checks:
        if check.state is CheckState.FAILED:
            since = check.at or current.changed
            return Verdict(
                column=Column.HELP,
                why="check_failed",
                tone="bad",
                subject=_title(check),
                note=check.reason or "",
                since=since,
            )
    return None


def _parked(current: Commissioning, now: datetime) -> Verdict | None:
    parked = current.parked
    if parked is None:
        return None
    overdue = parked.until is not None and parked.until < now.date()
    return Verdict(
        column=Column.HELP if overdue else Column.PROGRESS,
        why="parked_overdue" if overdue else "parked",
        tone="wait",
        subject=parked.reason.value,
        note=parked.until.isoformat() if parked.until else "",
        since=parked.at,
    )


def _lost(current: Commissioning, live: LiveView, now: datetime) -> Verdict | None:
    """It was online during this commissioning and is gone; a restart takes a few minutes and is no loss."""
    was_online = any(check.key == "online" and check.state is CheckState.DONE for check in current.checks)
    gone = live.offline_since
    if not was_online or gone is None or now - gone < STUCK_AFTER:
        return None
    return Verdict(column=Column.HELP, why="lost", tone="bad", subject=live.offline_reason, since=gone)


def _waiting(current: Commissioning, live: LiveView, now: datetime, *, ours: bool) -> Verdict | None:
    """The hardware is described and the station has not come: that is what everybody waits for."""
    states = {check.key: check.state for check in current.checks}
    if states.get("online") is not CheckState.OPEN or states.get("hardware", CheckState.DONE) is CheckState.OPEN:
        return None
    since = max([current.begun, *(c.at for c in current.checks if c.key == "hardware" and c.at is not None)])
    if live.registration in (Registration.PENDING, Registration.REJECTED):
        return Verdict(column=Column.ONLINE, why=f"boot_{live.registration.value}", tone="wait", since=since)
    stuck = now - since >= STUCK_AFTER
    why = ("waits_long", "not_called") if ours else ("not_online_long", "not_online")
    return Verdict(
        column=Column.HELP if stuck else Column.ONLINE,
        why=why[0] if stuck else why[1],
        tone="bad" if stuck else "wait",
        since=since,
    )


def _ready_or_not(current: Commissioning) -> Verdict:
    done, total = progress(current)
    if done == total:
        return Verdict(column=Column.READY, why="all_done", tone="good", since=current.changed)
    first = next(check for check in current.checks if check.state is CheckState.OPEN)
    return Verdict(
        column=Column.PROGRESS,
        why="next_check",
        subject=_title(first),
        count=done,
        total=total,
        since=current.changed,
    )


def _title(check: Check) -> str:
    """The CPO's own label, else the key that the words translate."""
    return check.label or check.key
