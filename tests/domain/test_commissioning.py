"""The commissioning model: checklists, answers, parking, hand-over and release as pure rules."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from app.domain import commissioning as rules
from app.domain import trial_rules
from app.domain.checks import CheckState
from app.domain.commissioning import Before, Commissioning, CommissioningKind, CommissioningState, Parked, ParkReason
from app.domain.errors import (
    ChecksOpen,
    CommissioningClosed,
    InvalidField,
    MissingField,
    NotYours,
    TrialRunning,
)
from app.domain.model import ChargerType, DisplayText, Evse, ParkingRestriction
from app.domain.people import CheckKind, CheckSpec, Cpo
from app.domain.trials import OVERDUE, Outcome, Trial, TrialKind, TrialState

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=4)


def cpo(*extra: CheckSpec) -> Cpo:
    return Cpo(
        cpo_id="ABC Charging",
        country_code="NL",
        party_id="ABC",
        name="ABC Charging",
        default_tariff_id="T-AC",
        charger_type=ChargerType.PUBLIC,
        extra_checks=list(extra),
        created=NOW,
    )


def begun(*extra: CheckSpec, kind: CommissioningKind = CommissioningKind.NEW) -> Commissioning:
    return rules.begin(
        id="c-1",
        cpo=cpo(*extra),
        charge_station_id="UTR-1",
        kind=kind,
        person_id="anna",
        before=Before(existed=False),
        now=NOW,
    )


def all_done(commissioning: Commissioning) -> Commissioning:
    for check in commissioning.checks:
        commissioning = rules.settle(commissioning, check.key, CheckState.DONE, LATER, by="anna")
    return commissioning


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (CommissioningKind.NEW, ["location", "hardware", "texts", "online", "tests"]),
        (CommissioningKind.REPLACE, ["hardware", "online", "tests"]),
        (CommissioningKind.MOVE, ["location", "texts", "online", "tests"]),
        (CommissioningKind.REVISIT, ["online", "tests"]),
        (CommissioningKind.REMOVE, []),
    ],
)
def test_the_checklist_follows_from_the_kind(kind: CommissioningKind, keys: list[str]) -> None:
    assert [check.key for check in begun(kind=kind).checks] == keys


def test_a_cpo_adds_its_own_checks_as_data() -> None:
    earth = CheckSpec(key="earth", kind=CheckKind.READING, label="Earth resistance", unit="ohm", maximum=100)
    added = begun(earth).checks[-1]
    assert (added.key, added.kind, added.label, added.unit, added.maximum) == (
        "earth",
        CheckKind.READING,
        "Earth resistance",
        "ohm",
        100,
    )
    assert added.state is CheckState.OPEN


def test_checks_are_settled_in_any_order_and_again() -> None:
    first = rules.settle(begun(), "tests", CheckState.FAILED, NOW, by="anna", reason="no_answer")
    again = rules.settle(first, "tests", CheckState.DONE, LATER, by="ben", detail={"trial": "t"})
    check = rules.find_check(again, "tests")
    assert (check.state, check.by, check.at, check.reason) == (CheckState.DONE, "ben", LATER, None)
    assert again.changed == LATER


def test_settling_a_check_that_the_kind_does_not_ask_changes_nothing() -> None:
    revisit = begun(kind=CommissioningKind.REVISIT)
    assert rules.settle(revisit, "location", CheckState.DONE, LATER) is revisit


def test_a_waived_check_says_why_and_by_whom() -> None:
    waived = rules.find_check(rules.waive(begun(), "tests", " no load bank ", "anna", LATER), "tests")
    assert (waived.state, waived.reason, waived.by, waived.at) == (CheckState.WAIVED, "no load bank", "anna", LATER)
    with pytest.raises(MissingField, match="reason"):
        rules.waive(begun(), "tests", "  ", "anna", LATER)


def test_an_unknown_check_names_those_there_are() -> None:
    with pytest.raises(InvalidField, match="location, hardware"):
        rules.waive(begun(), "colour", "because", "anna", NOW)


def test_a_reopened_check_has_no_answer_left() -> None:
    opened = rules.reopen(rules.waive(begun(), "tests", "later", "anna", NOW), "tests", LATER)
    check = rules.find_check(opened, "tests")
    assert (check.state, check.by, check.at, check.reason) == (CheckState.OPEN, None, None, None)


READING = CheckSpec(key="earth", kind=CheckKind.READING, label="Earth", unit="ohm", minimum=0, maximum=100)
YES_NO = CheckSpec(key="sign", kind=CheckKind.YES_NO, label="Sign fixed?")
TEXT = CheckSpec(key="meter", kind=CheckKind.TEXT, label="Meter number")


@pytest.mark.parametrize(
    ("key", "value", "state"),
    [
        ("earth", 40, CheckState.DONE),
        ("earth", 100.0, CheckState.DONE),
        ("earth", 100.1, CheckState.FAILED),
        ("earth", -1, CheckState.FAILED),
        ("sign", True, CheckState.DONE),
        ("sign", False, CheckState.FAILED),
        ("meter", "E0044", CheckState.DONE),
    ],
)
def test_answers_are_judged_by_the_policy(key: str, value: object, state: CheckState) -> None:
    answered = rules.answer(begun(READING, YES_NO, TEXT), key, value, "anna", LATER)
    check = rules.find_check(answered, key)
    assert check.state is state
    assert check.detail == {"value": value}


@pytest.mark.parametrize(
    ("key", "value"),
    [("earth", "forty"), ("earth", True), ("earth", float("nan")), ("sign", "yes"), ("meter", " "), ("online", True)],
)
def test_an_answer_of_the_wrong_kind_is_refused(key: str, value: object) -> None:
    with pytest.raises(InvalidField):
        rules.answer(begun(READING, YES_NO, TEXT), key, value, "anna", LATER)


def test_a_failed_reading_says_what_was_expected() -> None:
    check = rules.find_check(rules.answer(begun(READING), "earth", 400, "anna", LATER), "earth")
    assert check.reason == "expected 0 to 100 ohm"


def test_online_is_the_stations_word_and_is_settled_once() -> None:
    online = rules.seen_online(begun(), LATER)
    check = rules.find_check(online, "online")
    assert (check.state, check.by, check.at) == (CheckState.DONE, None, LATER)
    assert rules.seen_online(online, LATER + timedelta(hours=1)) is online


def test_texts_are_done_when_every_socket_has_directions_and_a_word_on_parking() -> None:
    left = Evse(
        evse_sequence_number=1,
        directions=[DisplayText("en", "Left of the gate")],
        parking_restrictions=[ParkingRestriction.EV_ONLY],
    )
    right = Evse(evse_sequence_number=2, directions=[DisplayText("en", "Right of the gate")])
    half = rules.texts_settled(begun(), [left, right], "anna", NOW)
    assert rules.find_check(half, "texts").state is CheckState.OPEN
    assert rules.find_check(half, "texts").detail == {"missing": [2]}
    looked = rules.mark_none_checked(half, [2], True, NOW)
    assert rules.find_check(rules.texts_settled(looked, [left, right], "anna", LATER), "texts").state is CheckState.DONE
    unsaid = rules.mark_none_checked(looked, [2], False, NOW)
    assert unsaid.none_checked == []


def test_waived_texts_stay_waived_while_they_are_incomplete() -> None:
    waived = rules.waive(begun(), "texts", "the operator writes them", "anna", NOW)
    still = rules.texts_settled(waived, [Evse(evse_sequence_number=1)], "anna", LATER)
    assert rules.find_check(still, "texts").state is CheckState.WAIVED


def test_hand_over_needs_every_check_done_or_waived() -> None:
    with pytest.raises(ChecksOpen) as refused:
        rules.hand_over(rules.seen_online(begun(), NOW), "anna", None, LATER)
    assert refused.value.detail["checks"] == ["location", "hardware", "texts", "tests"]
    failed = rules.settle(all_done(begun()), "tests", CheckState.FAILED, NOW)
    with pytest.raises(ChecksOpen):
        rules.hand_over(failed, "anna", None, LATER)
    done = rules.hand_over(rules.waive(failed, "tests", "agreed", "anna", NOW), "anna", "key in the box", LATER)
    assert (done.state, done.handed_over, done.handed_over_by, done.note) == (
        CommissioningState.HANDED_OVER,
        LATER,
        "anna",
        "key in the box",
    )
    assert done.released is None, "handing over and releasing are two facts"


def test_release_comes_after_the_hand_over() -> None:
    with pytest.raises(ChecksOpen):
        rules.release(begun(), "sue", NOW)
    handed = rules.hand_over(all_done(begun()), "anna", None, NOW)
    released = rules.release(handed, "sue", LATER)
    assert (released.released, released.released_by, released.handed_over_by) == (LATER, "sue", "anna")


def test_nothing_is_done_twice_after_the_end() -> None:
    handed = rules.hand_over(all_done(begun()), "anna", None, NOW)
    with pytest.raises(CommissioningClosed):
        rules.hand_over(handed, "anna", None, LATER)
    with pytest.raises(CommissioningClosed):
        rules.abandon(handed, "anna", LATER)


def test_taking_over_keeps_both_on_record_and_moves_the_work() -> None:
    taken = rules.take_over(begun(), "ben", LATER)
    assert (taken.person_id, taken.begun_by, taken.people) == ("ben", "anna", ["anna", "ben"])
    rules.require_holder(taken, "ben")
    with pytest.raises(NotYours):
        rules.require_holder(taken, "anna")


def test_parked_is_a_property_of_an_open_commissioning() -> None:
    parked = rules.park(begun(), Parked(reason=ParkReason.POWER, until=date(2026, 3, 5), at=NOW), NOW)
    assert parked.state is CommissioningState.OPEN
    assert rules.resume(parked, LATER).parked is None
    assert rules.hand_over(all_done(parked), "anna", None, LATER).parked is None


def trial(id: str = "t-1") -> Trial:
    return Trial(id=id, kind=TrialKind.REBOOT, started=NOW, deadline=LATER, by="anna")


def end(
    running: Commissioning, id: str, outcome: Outcome, evidence: list[dict[str, str]] | None = None
) -> Commissioning:
    ending = trial_rules.Ending(outcome=outcome, evidence=evidence)
    return trial_rules.end(running, id, ending, trial_rules.Policy(), LATER)


def test_one_trial_at_a_time_and_its_outcome_answers_the_check() -> None:
    running = trial_rules.start(begun(), trial(), NOW)
    with pytest.raises(TrialRunning):
        trial_rules.start(running, trial("t-2"), NOW)
    with pytest.raises(TrialRunning):
        rules.hand_over(all_done(running), "anna", None, NOW)
    failed = end(running, "t-1", Outcome.DID_NOT_RETURN, [{"what": "gone"}])
    assert (failed.trials[0].state, failed.trials[0].ended) == (TrialState.FAILED, LATER)
    assert rules.find_check(failed, "tests").reason == "did_not_return"
    again = end(trial_rules.start(failed, trial("t-2"), LATER), "t-2", Outcome.REBOOTED)
    assert rules.find_check(again, "tests").state is CheckState.DONE
    assert [t.id for t in again.trials] == ["t-2", "t-1"], "failed evidence is kept"


def ended_trial(id: str, kind: TrialKind, evse: int | None, state: TrialState) -> Trial:
    return Trial(id=id, kind=kind, evse=evse, state=state, started=NOW, deadline=LATER, ended=LATER)


def test_of_tests_that_ended_the_newest_are_kept_and_the_proofs_of_what_was_done() -> None:
    passed, failed = TrialState.PASSED, TrialState.FAILED
    many = [ended_trial(f"reach-{n}", TrialKind.REACH, None, failed) for n in range(trial_rules.MOST_ENDED + 9)]
    old = [
        ended_trial("charge-1", TrialKind.CHARGE, 1, passed),
        ended_trial("charge-1-older", TrialKind.CHARGE, 1, passed),
        ended_trial("charge-2", TrialKind.CHARGE, 2, failed),
        ended_trial("charge-2-passed", TrialKind.CHARGE, 2, passed),
        ended_trial("charge-2-older", TrialKind.CHARGE, 2, failed),
        ended_trial("reach-passed", TrialKind.REACH, None, passed),
    ]
    kept = trial_rules.worth_keeping([trial("runs"), *many, *old])
    proofs = ["charge-1", "charge-2", "charge-2-passed", "reach-passed"]
    assert [t.id for t in kept] == ["runs", *[t.id for t in many[: trial_rules.MOST_ENDED]], *proofs]
    assert trial_rules.worth_keeping(kept) == kept


def test_a_check_that_rests_on_an_old_test_stays_done_while_others_fill_the_record() -> None:
    policy = trial_rules.Policy(required=[TrialKind.REBOOT, TrialKind.REACH])
    going = trial_rules.start(begun(), trial("proof"), NOW)
    proved = trial_rules.end(going, "proof", trial_rules.Ending(outcome=Outcome.REBOOTED), policy, NOW)
    for n in range(trial_rules.MOST_ENDED + 3):
        at = LATER + n * timedelta(minutes=1)
        reach = Trial(id=f"reach-{n}", kind=TrialKind.REACH, started=at, deadline=at, by="anna")
        going = trial_rules.start(proved, reach, at)
        proved = trial_rules.end(going, reach.id, trial_rules.Ending(outcome=Outcome.ANSWERED), policy, at)
    assert len(proved.trials) == trial_rules.MOST_ENDED + 1
    assert rules.find_check(proved, "tests").state is CheckState.DONE


def test_nobody_takes_over_while_a_test_runs_until_it_is_long_overdue() -> None:
    running = trial_rules.start(begun(), trial(), NOW)
    with pytest.raises(TrialRunning):
        rules.take_over(running, "ben", NOW)
    assert rules.take_over(running, "anna", NOW).person_id == "anna"
    assert rules.take_over(running, "ben", LATER + OVERDUE).person_id == "ben"
    assert rules.take_over(end(running, "t-1", Outcome.REBOOTED), "ben", NOW).person_id == "ben"


def test_an_ended_trial_cannot_end_again() -> None:
    ended = end(trial_rules.start(begun(), trial(), NOW), "t-1", Outcome.REBOOTED)
    assert end(ended, "t-1", Outcome.INTERRUPTED) is ended


def test_the_document_survives_a_round_trip() -> None:
    commissioning = trial_rules.start(begun(READING), trial(), NOW)
    assert msgspec.json.decode(msgspec.json.encode(commissioning), type=Commissioning) == commissioning
