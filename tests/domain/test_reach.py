"""The one rule of how far a station came: socket, registration, life and ear in, rung and connectivity out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.commands import Message
from app.domain.live import Boot, ConnectorState, Knock, KnockReason, Live, OfflineReason, Registration, StationTuning
from app.domain.model import ConnectivityStatus
from app.domain.stations import Reach, Rung, reach, reach_there
from app.domain.tuning import Bounds, owed

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
ID = "UTR-1"
ACCEPTED = Registration.ACCEPTED


def live(**fields: Any) -> Live:
    return Live(charge_station_id=ID, **fields)


def connected(**fields: Any) -> Live:
    return live(connection_id="c", online_since=EARLIER, **fields)


def knock(reason: KnockReason = KnockReason.WRONG_PASSWORD, at: datetime = NOW, identity: str = ID) -> Knock:
    nearest = None if identity == ID else ID
    return Knock(
        id="k",
        at=at,
        identity=identity,
        raw_path=f"/ocpp/{identity}",
        address="10.0.0.1",
        reason=reason,
        nearest=nearest,
    )


CLOSED: dict[str, Any] = {
    "online_since": EARLIER - timedelta(hours=1),
    "offline_since": EARLIER,
    "offline_reason": OfflineReason.CLOSED,
    "registration": ACCEPTED,
    "spoke": EARLIER,
}


@pytest.mark.parametrize(
    ("state", "knocks", "rung", "since", "cause"),
    [
        (live(), [], Rung.NEVER, None, None),
        (live(), [knock(KnockReason.ACCEPTED)], Rung.NEVER, None, None),
        (live(), [knock(KnockReason.UNKNOWN_ID, identity="UTR-l")], Rung.OTHER_ID, NOW, "unknown_id"),
        (live(), [knock(), knock(KnockReason.UNKNOWN_ID, identity="UTR-l")], Rung.REFUSED, NOW, "wrong_password"),
        (live(**CLOSED), [], Rung.LOST, EARLIER, "closed"),
        (live(**CLOSED), [knock(at=EARLIER - timedelta(minutes=1))], Rung.LOST, EARLIER, "closed"),
        (live(**CLOSED), [knock(KnockReason.UNKNOWN_ID, identity="UTR-2")], Rung.LOST, EARLIER, "closed"),
        (live(**CLOSED), [knock(KnockReason.HEX_PASSWORD)], Rung.REFUSED, NOW, "hex_password"),
        (connected(), [], Rung.SILENT, EARLIER, None),
        (connected(spoke=NOW), [], Rung.SILENT, EARLIER, None),
        (connected(registration=Registration.PENDING, spoke=NOW), [], Rung.PENDING, EARLIER, None),
        (connected(registration=Registration.REJECTED, spoke=NOW), [], Rung.REJECTED, EARLIER, None),
    ],
)
def test_what_is_not_online_has_its_rung_its_time_and_its_cause(
    state: Live, knocks: list[Knock], rung: Rung, since: datetime | None, cause: str | None
) -> None:
    found = reach(state, knocks)
    assert found == Reach(rung, since, cause)
    assert found.connectivity is ConnectivityStatus.OFFLINE


@pytest.mark.parametrize(
    ("state", "rung", "since"),
    [
        (connected(registration=ACCEPTED), Rung.SILENT, EARLIER),
        (connected(registration=ACCEPTED, spoke=NOW), Rung.ONLINE, EARLIER),
        (connected(registration=ACCEPTED, spoke=NOW, ear=EARLIER, deaf_since=NOW), Rung.DEAF, NOW),
        (connected(registration=ACCEPTED, deaf_since=NOW), Rung.SILENT, EARLIER),
    ],
)
def test_an_accepted_station_with_a_socket_is_online_silent_deaf_or_well(
    state: Live, rung: Rung, since: datetime
) -> None:
    refused = knock()
    assert reach(state, [refused]) == Reach(rung, since, None, online=True), "a stranger's attempts change nothing"
    assert reach(state).connectivity is ConnectivityStatus.ONLINE


def test_of_a_vendors_platform_three_rungs_are_known_and_no_cause() -> None:
    assert reach_there(True, EARLIER, None) == Reach(Rung.ONLINE, EARLIER, None, online=True)
    assert reach_there(False, EARLIER, NOW) == Reach(Rung.LOST, NOW)
    assert reach_there(False, None, None) == Reach(Rung.UNSEEN)


def state(at: datetime) -> ConnectorState:
    return ConnectorState(status="Available", at=at)


@pytest.mark.parametrize(
    ("station", "messages"),
    [
        (live(**CLOSED), []),
        (connected(), [Message.BOOT, Message.STATUS]),
        (connected(booted=EARLIER - timedelta(days=1), connectors={"1": state(NOW)}), [Message.BOOT]),
        (connected(booted=NOW, boot=Boot()), [Message.STATUS]),
        (connected(booted=NOW, connectors={"1": state(NOW), "2": state(EARLIER - timedelta(1))}), [Message.STATUS]),
        (connected(booted=NOW, connectors={"1": state(NOW), "2": state(EARLIER)}), []),
    ],
)
def test_a_returning_station_owes_what_it_has_not_said_on_this_connection(
    station: Live, messages: list[Message]
) -> None:
    assert [trigger.message for trigger in owed(station)] == messages


def test_the_published_bound_is_the_sum_and_without_pongs_three_heartbeats() -> None:
    house = Bounds(ping=20, pong=20, close=5, heartbeat=300)
    assert (house.silence, house.published) == (40, 45)
    assert house.tuned(None) == house
    own = house.tuned(StationTuning(charge_station_id=ID, ping_seconds=50, close_seconds=1))
    assert (own.silence, own.published) == (70, 71)
    mute = house.tuned(StationTuning(charge_station_id=ID, pong_seconds=0))
    assert (mute.pongs, mute.silence, mute.published) == (False, 900, 905)
