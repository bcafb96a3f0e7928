"""A session told in numbered events: whatever order they come in, one transaction stands for them."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from app.domain.charging import ChargingEvent, ChargingStep, followed, is_session, opened, stop_of
from app.domain.commands import Stop
from app.domain.live import Transaction

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
START = ChargingEvent(
    transaction_id="T-1",
    step=ChargingStep.STARTED,
    seq=0,
    connector="2.1",
    id_tag="CARD",
    first_wh=1000,
    wh=1000,
    at=NOW,
)
MORE = ChargingEvent(transaction_id="T-1", step=ChargingStep.UPDATED, seq=1, connector="2.1", first_wh=1100, wh=1200)
END = ChargingEvent(
    transaction_id="T-1",
    step=ChargingStep.ENDED,
    seq=2,
    first_wh=1500,
    wh=1500,
    reason="Local",
    at=NOW + timedelta(hours=1),
)


def told(*events: ChargingEvent) -> Transaction:
    first, *others = events
    known = opened(first, 7, "NL-ABC-1", True, NOW)
    for event in others:
        known = followed(known, event, True, NOW)
    return known


@pytest.mark.parametrize("order", list(permutations([START, MORE, END])))
def test_a_session_ends_the_same_in_whatever_order_its_events_come(order: tuple[ChargingEvent, ...]) -> None:
    known = told(*order)
    assert (known.id, known.station_transaction_id, known.connector_id, known.id_tag) == (7, "T-1", "2.1", "CARD")
    assert (known.meter_start, known.meter_stop, known.reason, known.stopped) == (1000, 1500, "Local", NOW)
    assert (known.station_started, known.station_stopped, known.seq) == (NOW, END.at, 2)


def test_an_event_said_again_changes_nothing() -> None:
    for events in ([START], [START, MORE], [START, MORE, END]):
        known = told(*events)
        for again in events:
            assert followed(known, again, True, NOW + timedelta(minutes=1)) == known


def test_an_older_meter_value_does_not_turn_a_newer_one_back() -> None:
    newer = ChargingEvent(transaction_id="T-1", step=ChargingStep.UPDATED, seq=5, wh=1400)
    assert told(START, newer, MORE).meter_last == 1400


def test_a_card_that_is_shown_later_becomes_the_sessions_and_no_other_takes_its_place() -> None:
    plugged = ChargingEvent(transaction_id="T-1", step=ChargingStep.STARTED, seq=0, connector="1.1", charging=True)
    known = opened(plugged, 7, "NL-ABC-1", False, NOW)
    assert (known.id_tag, known.accepted) == ("", False)
    card = ChargingEvent(transaction_id="T-1", step=ChargingStep.UPDATED, seq=1, id_tag="CARD")
    known = followed(known, card, True, NOW)
    assert (known.id_tag, known.accepted) == ("CARD", True)
    other = ChargingEvent(transaction_id="T-1", step=ChargingStep.ENDED, seq=2, id_tag="OTHER")
    assert followed(known, other, False, NOW).id_tag == "CARD"


@pytest.mark.parametrize(
    ("event", "session"),
    [
        (START, True),
        (MORE, True),
        (END, True),
        (ChargingEvent(transaction_id="T", step=ChargingStep.STARTED, seq=0), False),
        (ChargingEvent(transaction_id="T", step=ChargingStep.STARTED, seq=0, charging=True), True),
        (ChargingEvent(transaction_id="T", step=ChargingStep.UPDATED, seq=1, charging=False), False),
    ],
)
def test_a_car_that_waits_for_a_card_is_no_session_yet(event: ChargingEvent, session: bool) -> None:
    assert is_session(event) is session


def test_what_happened_without_a_connection_is_marked_so() -> None:
    away = ChargingEvent(transaction_id="T-1", step=ChargingStep.UPDATED, seq=1, offline=True)
    assert told(START, away, END).offline and not told(START, END).offline


def test_a_session_is_stopped_by_both_its_ids() -> None:
    assert stop_of(told(START)) == Stop(7, "T-1")
