"""Where a commissioning stands on the board, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.actions.live import LiveView
from app.actions.views import KnockView
from app.desk.triage import STUCK_AFTER, Column, judge
from app.domain import commissioning as rules
from app.domain.checks import CheckState
from app.domain.commissioning import Before, Commissioning, Parked, ParkReason
from app.domain.live import KnockReason
from app.domain.model import ConnectivityStatus
from app.domain.stations import Rung
from tests.conftest import ABC, make_cpo

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
OFFLINE = LiveView(connectivity_status=ConnectivityStatus.OFFLINE)
ONLINE = LiveView(connectivity_status=ConnectivityStatus.ONLINE, online_since=NOW - timedelta(hours=2))


def begun(*done: str, at: datetime = NOW - timedelta(minutes=5)) -> Commissioning:
    current = rules.begin(
        id="c-1",
        cpo=make_cpo(ABC, "ABC", at),
        charge_station_id="UTR-1",
        kind=rules.CommissioningKind.NEW,
        person_id="anna",
        before=Before(existed=False),
        now=at,
    )
    for key in done:
        current = rules.settle(current, key, CheckState.DONE, at, by="anna")
    return current


def knock(at: datetime, reason: KnockReason = KnockReason.WRONG_PASSWORD) -> KnockView:
    return KnockView(
        at=at, reason=reason, address="10.0.0.1", identity="UTR-1", subprotocols=[], auth=None, tls=False, times=1
    )


def refused(reason: KnockReason, **more: Any) -> LiveView:
    return msgspec.structs.replace(OFFLINE, rung=Rung.REFUSED, rung_since=NOW, cause=reason.value, **more)


def test_a_new_one_is_in_progress_with_its_next_check() -> None:
    verdict = judge(begun("location"), OFFLINE, [], NOW)
    assert (verdict.column, verdict.why, verdict.subject) == (Column.PROGRESS, "next_check", "hardware")
    assert (verdict.count, verdict.total) == (1, 5)


def test_with_hardware_it_waits_for_online_and_needs_help_after_a_quarter_of_an_hour() -> None:
    described = begun("location", "hardware", at=NOW - STUCK_AFTER + timedelta(seconds=1))
    assert judge(described, OFFLINE, [], NOW).column is Column.ONLINE
    stuck = judge(described, OFFLINE, [], NOW + timedelta(seconds=1))
    assert (stuck.column, stuck.why) == (Column.HELP, "waits_long")


def test_of_a_station_on_another_platform_it_is_not_said_that_it_never_called() -> None:
    described = begun("location", "hardware", at=NOW - STUCK_AFTER + timedelta(seconds=1))
    unseen = msgspec.structs.replace(OFFLINE, rung=Rung.UNSEEN)
    assert judge(described, unseen, [], NOW).why == "not_online"
    stuck = judge(described, unseen, [], NOW + timedelta(seconds=1))
    assert (stuck.column, stuck.why) == (Column.HELP, "not_online_long")


@pytest.mark.parametrize(
    ("rung", "column", "why"),
    [
        (Rung.PENDING, Column.ONLINE, "boot_pending"),
        (Rung.REJECTED, Column.HELP, "boot_rejected"),
        (Rung.SILENT, Column.ONLINE, "silent"),
        (Rung.OTHER_ID, Column.HELP, "other_id"),
        (Rung.LOST, Column.ONLINE, "not_online"),
    ],
)
def test_a_station_is_waited_for_with_the_reason_of_its_rung(rung: Rung, column: Column, why: str) -> None:
    live = msgspec.structs.replace(OFFLINE, rung=rung, rung_since=NOW)
    verdict = judge(begun("hardware"), live, [], NOW)
    assert (verdict.column, verdict.why) == (column, why)
    assert judge(begun("hardware"), live, [], NOW + STUCK_AFTER).column is Column.HELP


def test_a_station_that_answers_nothing_needs_help() -> None:
    deaf = msgspec.structs.replace(ONLINE, rung=Rung.DEAF, rung_since=NOW)
    verdict = judge(begun("hardware", "online"), deaf, [], NOW)
    assert (verdict.column, verdict.why, verdict.since) == (Column.HELP, "deaf", NOW)


def test_refused_attempts_need_help_with_their_number_and_the_latest_reason() -> None:
    knocks = [knock(NOW, KnockReason.HEX_PASSWORD), knock(NOW - timedelta(minutes=1))]
    verdict = judge(begun(), refused(KnockReason.HEX_PASSWORD), knocks, NOW)
    assert (verdict.column, verdict.why) == (Column.HELP, "refused")
    assert (verdict.subject, verdict.count) == ("hex_password", 2)


def test_attempts_from_before_it_was_last_online_are_over() -> None:
    live = msgspec.structs.replace(OFFLINE, offline_since=NOW - timedelta(minutes=1), offline_reason="closed")
    assert judge(begun(), live, [knock(NOW - timedelta(minutes=2))], NOW).why == "next_check"
    again = refused(KnockReason.WRONG_PASSWORD, offline_since=live.offline_since)
    verdict = judge(begun(), again, [knock(NOW), knock(NOW - timedelta(minutes=2))], NOW)
    assert (verdict.why, verdict.count) == ("refused_once", 1)


def test_a_failed_check_needs_help() -> None:
    failed = rules.settle(begun(), "tests", CheckState.FAILED, NOW, by="anna", reason="did_not_return")
    verdict = judge(failed, ONLINE, [], NOW)
    assert (verdict.column, verdict.why, verdict.subject) == (Column.HELP, "check_failed", "tests")


def test_parked_waits_quietly_until_its_day_has_passed() -> None:
    parked = Parked(reason=ParkReason.POWER, until=NOW.date(), at=NOW)
    current = rules.park(begun("hardware", at=NOW - timedelta(days=2)), parked, NOW)
    assert (judge(current, OFFLINE, [], NOW).column, judge(current, OFFLINE, [], NOW).why) == (
        Column.PROGRESS,
        "parked",
    )
    assert judge(current, OFFLINE, [], NOW + timedelta(days=1)).column is Column.HELP


def test_one_that_was_online_and_stays_away_needs_help() -> None:
    current = begun("hardware", "online")
    gone = msgspec.structs.replace(OFFLINE, offline_since=NOW - STUCK_AFTER, offline_reason="ping_failed")
    verdict = judge(current, gone, [], NOW)
    assert (verdict.column, verdict.why, verdict.subject) == (Column.HELP, "lost", "ping_failed")
    assert judge(current, gone, [], NOW - timedelta(seconds=1)).column is not Column.HELP


def test_all_checks_done_is_ready_and_handed_over_waits_for_release() -> None:
    ready = begun("location", "hardware", "texts", "online", "tests")
    assert judge(ready, ONLINE, [], NOW).column is Column.READY
    handed = rules.hand_over(ready, "anna", None, NOW)
    assert (judge(handed, ONLINE, [], NOW).column, judge(handed, ONLINE, [], NOW).why) == (
        Column.READY,
        "waits_for_release",
    )
    released = rules.release(handed, "sue", NOW)
    assert judge(released, ONLINE, [], NOW).why == "online_for"
    assert judge(released, OFFLINE, [], NOW).why == "offline_now"
    assert judge(released, OFFLINE, [], NOW).column is Column.DONE


def test_a_row_that_stands_for_many_attempts_counts_them() -> None:
    many = msgspec.structs.replace(knock(NOW), times=30)
    verdict = judge(begun(), refused(KnockReason.WRONG_PASSWORD), [many, knock(NOW)], NOW)
    assert (verdict.why, verdict.count) == ("refused", 31)


@pytest.mark.parametrize(
    ("live", "why", "subject"),
    [
        (msgspec.structs.replace(ONLINE, rung=Rung.DEAF, rung_since=NOW), "deaf", ""),
        (msgspec.structs.replace(OFFLINE, rung=Rung.LOST, cause="ping_failed"), "offline_because", "ping_failed"),
        (msgspec.structs.replace(OFFLINE, rung=Rung.LOST), "offline_now", ""),
    ],
)
def test_one_in_service_says_what_keeps_it_from_charging(live: LiveView, why: str, subject: str) -> None:
    handed = rules.hand_over(begun("location", "hardware", "texts", "online", "tests"), "anna", None, NOW)
    verdict = judge(rules.release(handed, "sue", NOW), live, [], NOW)
    assert (verdict.column, verdict.why, verdict.subject) == (Column.DONE, why, subject)


def test_one_that_came_before_and_is_gone_is_waited_for_with_how_it_went() -> None:
    gone = msgspec.structs.replace(OFFLINE, rung=Rung.LOST, rung_since=NOW, cause="ping_failed")
    verdict = judge(begun("hardware"), gone, [], NOW)
    assert (verdict.column, verdict.why, verdict.subject) == (Column.ONLINE, "lost", "ping_failed")


@pytest.mark.parametrize(("rung", "why"), [(Rung.ONLINE, "next_check"), (Rung.DEAF, "deaf")])
def test_one_that_is_there_is_not_waited_for(rung: Rung, why: str) -> None:
    there = msgspec.structs.replace(ONLINE, rung=rung, rung_since=NOW)
    assert judge(begun("hardware"), there, [], NOW).why == why
