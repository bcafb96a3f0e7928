"""What a policy makes of the tests, how fast they may follow, and when a station is too busy for one."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import trial_rules as rules
from app.domain.checks import CheckState
from app.domain.commissioning import Before, Commissioning, CommissioningKind, begin, find_check
from app.domain.errors import InvalidField, TooManyCommands
from app.domain.live import ConnectorState
from app.domain.model import ChargerType
from app.domain.people import Cpo
from app.domain.trial_rules import Ending, Policy
from app.domain.trials import How, Outcome, Trial, TrialKind, TrialState, left_to_do

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
REACH_AND_CHARGE = Policy(required=[TrialKind.REACH, TrialKind.CHARGE], evses=[1, 2])


def begun() -> Commissioning:
    cpo = Cpo(
        cpo_id="ABC",
        country_code="NL",
        party_id="ABC",
        name="ABC",
        default_tariff_id="T",
        charger_type=ChargerType.PUBLIC,
        created=NOW,
    )
    return begin(
        id="c-1",
        cpo=cpo,
        charge_station_id="S1",
        kind=CommissioningKind.NEW,
        person_id="anna",
        before=Before(existed=False),
        now=NOW,
    )


def after(
    commissioning: Commissioning,
    kind: TrialKind,
    outcome: Outcome,
    policy: Policy,
    evse: int | None = None,
    minutes: int = 0,
) -> Commissioning:
    now = NOW + timedelta(minutes=minutes)
    id = f"t-{len(commissioning.trials)}"
    trial = Trial(id=id, kind=kind, started=now, deadline=now + timedelta(minutes=1), evse=evse)
    return rules.end(rules.start(commissioning, trial, now), id, Ending(outcome=outcome), policy, now)


def check_of(commissioning: Commissioning) -> tuple[CheckState, list[str] | None]:
    check = find_check(commissioning, "tests")
    return check.state, check.detail.get("left")


def test_without_a_policy_one_test_that_passes_is_enough_and_the_last_one_counts() -> None:
    one = after(begun(), TrialKind.REACH, Outcome.ANSWERED, Policy())
    assert check_of(one) == (CheckState.DONE, None)
    failed = after(one, TrialKind.REBOOT, Outcome.DID_NOT_RETURN, Policy())
    assert check_of(failed)[0] is CheckState.FAILED


def test_a_policy_asks_for_each_kind_and_for_each_evse_where_the_kind_is_of_one() -> None:
    policy = REACH_AND_CHARGE
    one = after(begun(), TrialKind.REACH, Outcome.ANSWERED, policy)
    assert check_of(one) == (CheckState.OPEN, ["charge:1", "charge:2"])
    two = after(one, TrialKind.CHARGE, Outcome.CHARGED, policy, evse=1)
    failed = after(two, TrialKind.CHARGE, Outcome.DID_NOT_START, policy, evse=2)
    assert check_of(failed) == (CheckState.FAILED, ["charge:2"])
    assert find_check(failed, "tests").reason == "did_not_start"
    done = after(failed, TrialKind.CHARGE, Outcome.CHARGED, policy, evse=2)
    assert check_of(done) == (CheckState.DONE, [])
    again = after(done, TrialKind.REACH, Outcome.NO_ANSWER, policy)
    assert check_of(again) == (CheckState.FAILED, ["reach"]), "a later failure counts"
    other = after(done, TrialKind.REBOOT, Outcome.DID_NOT_GO, policy)
    assert check_of(other) == (CheckState.DONE, []), "one that nobody asked for is kept, and opens nothing"


def test_a_charge_without_load_passes_where_the_cpo_accepts_it_and_is_told_as_such() -> None:
    for accepts, state in ((True, TrialState.PASSED), (False, TrialState.FAILED)):
        policy = Policy(accepts_no_load=accepts)
        trial = after(begun(), TrialKind.CHARGE, Outcome.STARTED_NO_LOAD, policy, evse=1).trials[0]
        assert (trial.state, trial.outcome) == (state, "started_no_load")


def test_an_old_trigger_counts_as_reach() -> None:
    old = Trial(id="t", kind=TrialKind.TRIGGER, state=TrialState.PASSED, outcome="answered", started=NOW, deadline=NOW)
    assert left_to_do([old], [TrialKind.REACH], []) == []


def test_no_more_than_six_tests_in_a_minute() -> None:
    commissioning = begun()
    for _ in range(6):
        commissioning = after(commissioning, TrialKind.REACH, Outcome.ANSWERED, Policy())
    with pytest.raises(TooManyCommands) as refused:
        after(commissioning, TrialKind.REACH, Outcome.ANSWERED, Policy())
    assert refused.value.detail["retry_after"] == 60
    after(commissioning, TrialKind.REACH, Outcome.ANSWERED, Policy(), minutes=1)


def test_of_the_ways_that_there_are_the_first_is_meant_without_a_word() -> None:
    plug_or_unlock = (How.PLUG, How.UNLOCK)
    assert rules.way_of(None, plug_or_unlock) is How.PLUG
    assert rules.way_of("unlock", plug_or_unlock) is How.UNLOCK
    assert rules.way_of(None, ()) is None
    for how, ways in (("plug", ()), ("reboot", plug_or_unlock), ("dance", plug_or_unlock)):
        with pytest.raises(InvalidField):
            rules.way_of(how, ways)


@pytest.mark.parametrize(
    ("kind", "how", "status", "running", "busy"),
    [
        (TrialKind.REACH, None, "Available", set(), False),
        (TrialKind.REACH, None, "Charging", set(), True),
        (TrialKind.REACH, None, "Preparing", {"1"}, True),
        (TrialKind.CHARGE, How.REMOTE, "Preparing", set(), False),
        (TrialKind.CHARGE, How.REMOTE, "Occupied", set(), False),
        (TrialKind.REBOOT, None, "Occupied", set(), True),
        (TrialKind.REBOOT, None, "Finishing", set(), True),
        (TrialKind.REBOOT, None, "Preparing", set(), False),
        (TrialKind.WHICH, How.PLUG, "Finishing", set(), False),
        (TrialKind.WHICH, How.UNLOCK, "Finishing", set(), True),
        (TrialKind.CONFIGURATION, How.CHECK, "Occupied", set(), False),
        (TrialKind.CONFIGURATION, How.FIX, "Occupied", set(), True),
    ],
)
def test_a_station_in_use_is_left_alone_and_a_plug_that_waits_is_no_use(
    kind: TrialKind, how: How | None, status: str, running: set[str], busy: bool
) -> None:
    assert rules.busy(kind, how, {"1": ConnectorState(status=status, at=NOW)}, running) is busy
