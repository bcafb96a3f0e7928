"""Whose card charges at a station that is not in the street yet."""

from datetime import datetime, timedelta

from app.domain.checks import CheckState
from app.domain.commissioning import Commissioning
from app.domain.people import CheckKind
from app.domain.trials import OVERDUE, TrialState

OPEN_TEST = timedelta(hours=2)
"""How long after the last step of a commissioning somebody counts as standing at its station."""

_UNSETTLED = (CheckState.OPEN, CheckState.FAILED)


def any_card_charges(commissioning: Commissioning, now: datetime) -> bool:
    """Any card may charge during an open test of an open commissioning, and no longer.

    That is while a trial waits for its outcome, or while the tests are still to be done by somebody at work: not
    parked, and with a last step within OPEN_TEST. A commissioning that was left lying gives no energy away.
    """
    if any(trial.state is TrialState.RUNNING and now < trial.deadline + OVERDUE for trial in commissioning.trials):
        return True
    at_work = commissioning.parked is None and now - commissioning.changed <= OPEN_TEST
    return at_work and any(c.kind is CheckKind.TESTS and c.state in _UNSETTLED for c in commissioning.checks)
