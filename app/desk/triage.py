"""Where a commissioning stands on the board, and the one reason that its card shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from app.actions.live import LiveView
from app.actions.views import KnockView
from app.domain.checks import Check, CheckState
from app.domain.commissioning import Commissioning, CommissioningState, progress
from app.domain.model import ConnectivityStatus
from app.domain.stations import Rung

STUCK_AFTER = timedelta(minutes=15)
"""Somebody who waits this long for a station is in need of help."""


class Column(StrEnum):
    HELP = "help"
    ONLINE = "online"
    PROGRESS = "progress"
    READY = "ready"
    DONE = "done"


class Verdict(Struct, frozen=True, kw_only=True):
    """`why` is a key of the words; `subject` (a check, a knock's or park's reason) and `count` fill it in.
    `about_reach`: it says already how far the station came.
    """

    column: Column
    why: str
    tone: str = ""
    subject: str = ""
    note: str = ""
    about_reach: bool = False
    count: int = 0
    total: int = 0
    since: datetime


def judge(current: Commissioning, live: LiveView, refused: Sequence[KnockView], now: datetime) -> Verdict:
    """The first rule that holds: closed, refused attempts, a failed check, parked, lost, waiting for online, deaf,
    ready, going on. What keeps the station from being online is the rung's to say; `refused` are counted.
    """
    if current.state is not CommissioningState.OPEN:
        return _closed(current, live)
    return (
        _knocking(live, refused)
        or _failed(current)
        or _parked(current, now)
        or _lost(current, live, now)
        or _waiting(current, live, now)
        or _deaf(live)
        or _ready_or_not(current)
    )


def _closed(current: Commissioning, live: LiveView) -> Verdict:
    since = current.handed_over or current.changed
    if current.released is None:
        return Verdict(column=Column.READY, why="waits_for_release", tone="good", since=since)
    return _in_service(live, since)


def _in_service(live: LiveView, since: datetime) -> Verdict:
    """Handed over and released; what keeps drivers from charging is said, and asks nobody for help by itself."""
    if live.rung is Rung.DEAF and live.rung_since is not None:
        return Verdict(column=Column.DONE, why="deaf", tone="bad", about_reach=True, since=live.rung_since)
    if live.connectivity_status is ConnectivityStatus.ONLINE:
        since = live.online_since or since
        return Verdict(column=Column.DONE, why="online_for", tone="good", about_reach=True, since=since)
    gone = live.offline_since or since
    if live.rung is Rung.LOST and live.cause:
        return Verdict(
            column=Column.DONE, why="offline_because", tone="wait", about_reach=True, subject=live.cause, since=gone
        )
    return Verdict(column=Column.DONE, why="offline_now", tone="wait", since=gone)


def _knocking(live: LiveView, refused: Sequence[KnockView]) -> Verdict | None:
    """Attempts that were refused after the station was last in; an earlier trouble is over."""
    if live.rung is not Rung.REFUSED or live.rung_since is None:
        return None
    count = sum(knock.times for knock in refused if live.offline_since is None or knock.at > live.offline_since)
    return Verdict(
        column=Column.HELP,
        why="refused" if count > 1 else "refused_once",
        tone="bad",
        about_reach=True,
        subject=live.cause or "",
        count=count,
        since=live.rung_since,
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
    return Verdict(
        column=Column.HELP, why="lost", tone="bad", about_reach=True, subject=live.offline_reason, since=gone
    )


class Wait(Struct, frozen=True):
    """How a card speaks of a station that is waited for, and how after a quarter of an hour."""

    why: str
    long: str
    column: Column = Column.ONLINE


WAITS = {
    Rung.NEVER: Wait("not_called", "waits_long"),
    Rung.UNSEEN: Wait("not_online", "not_online_long"),
    Rung.OTHER_ID: Wait("other_id", "other_id", Column.HELP),
    Rung.PENDING: Wait("boot_pending", "boot_pending"),
    Rung.REJECTED: Wait("boot_rejected", "boot_rejected", Column.HELP),
    Rung.SILENT: Wait("silent", "silent"),
    Rung.LOST: Wait("not_online", "not_online_long"),
}

HERE = frozenset({Rung.ONLINE, Rung.DEAF})
"""It came; that this is not on its checklist yet is a matter of moments."""


def _waiting(current: Commissioning, live: LiveView, now: datetime) -> Verdict | None:
    """The hardware is described and the station has not come: that is what everybody waits for."""
    states = {check.key: check.state for check in current.checks}
    if states.get("online") is not CheckState.OPEN or states.get("hardware", CheckState.DONE) is CheckState.OPEN:
        return None
    since = max([current.begun, *(c.at for c in current.checks if c.key == "hardware" and c.at is not None)])
    if live.rung in HERE:
        return None
    wait, stuck = WAITS.get(live.rung, WAITS[Rung.NEVER]), now - since >= STUCK_AFTER
    if live.rung is Rung.LOST and live.cause:
        wait = Wait("lost", "lost")
    column = Column.HELP if stuck else wait.column
    return Verdict(
        column=column,
        why=wait.long if stuck else wait.why,
        tone="bad" if column is Column.HELP else "wait",
        about_reach=True,
        subject=live.cause or "",
        since=since,
    )


def _deaf(live: LiveView) -> Verdict | None:
    """No test of it can pass, whatever its heartbeats say."""
    if live.rung is not Rung.DEAF or live.rung_since is None:
        return None
    return Verdict(column=Column.HELP, why="deaf", tone="bad", about_reach=True, since=live.rung_since)


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
