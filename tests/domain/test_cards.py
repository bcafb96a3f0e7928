from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.cards import OPEN_TEST, any_card_charges
from app.domain.checks import Check, CheckState
from app.domain.commissioning import Commissioning, Parked, ParkReason
from app.domain.people import CheckKind
from app.domain.trials import OVERDUE, Trial, TrialKind, TrialState

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def work(state: CheckState = CheckState.OPEN, **more: Any) -> Commissioning:
    base = {"id": "c", "cpo_id": "ABC", "charge_station_id": "S", "begun": NOW, "begun_by": "a", "person_id": "a"}
    tests = Check(key="tests", kind=CheckKind.TESTS, state=state)
    other = Check(key="texts", kind=CheckKind.TEXTS)
    return Commissioning(**base | {"changed": NOW, "checks": [other, tests]} | more)


def trial(state: TrialState = TrialState.RUNNING) -> Trial:
    return Trial(id="t", kind=TrialKind.TRIGGER, started=NOW, deadline=NOW, state=state)


@pytest.mark.parametrize(
    ("state", "true"),
    [
        (CheckState.OPEN, True),
        (CheckState.FAILED, True),
        (CheckState.DONE, False),
        (CheckState.WAIVED, False),
    ],
)
def test_any_card_charges_until_the_tests_are_settled(state: CheckState, true: bool) -> None:
    assert any_card_charges(work(state), NOW) is true


def test_a_commissioning_that_rests_opens_nothing() -> None:
    parked = Parked(reason=ParkReason.POWER, at=NOW)
    assert not any_card_charges(work(parked=parked), NOW)
    assert any_card_charges(work(), NOW + OPEN_TEST)
    assert not any_card_charges(work(), NOW + OPEN_TEST + timedelta(seconds=1))


def test_a_running_trial_opens_the_station_until_it_is_over() -> None:
    done = CheckState.DONE
    assert any_card_charges(work(done, trials=[trial()], changed=NOW - timedelta(days=1)), NOW)
    assert not any_card_charges(work(done, trials=[trial(TrialState.PASSED)]), NOW)
    assert not any_card_charges(work(done, trials=[trial()]), NOW + OVERDUE)
