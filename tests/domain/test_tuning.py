"""What a station that came back is still asked for."""

from datetime import datetime
from typing import Any

import pytest

from app.domain.commands import Message, Trigger
from app.domain.live import ConnectorState, Live
from app.domain.model import ProtocolVersion
from app.domain.tuning import owed
from tests.domain.documents import LATER, NOW

BOOT, ALL = Trigger(Message.BOOT), Trigger(Message.STATUS)


def live(connectors: dict[str, datetime], **more: Any) -> Live:
    states = {key: ConnectorState(status="Available", at=at) for key, at in connectors.items()}
    given = {"charge_station_id": "A", "connection_id": "c", "online_since": LATER, "connectors": states}
    return Live(**(given | more))


@pytest.mark.parametrize(
    ("station", "asked"),
    [
        (live({"1": NOW}, connection_id=None), ()),
        (live({"1": LATER}, booted=LATER), ()),
        (live({"1": LATER}, booted=NOW), (BOOT,)),
        (live({}), (BOOT, ALL)),
        (live({"1": NOW, "2": LATER}, booted=LATER), (ALL,)),
        (live({}, booted=LATER, protocol_version=ProtocolVersion.OCPP201), (ALL,)),
        (
            live({"1.1": NOW, "2.1": LATER, "2.2": NOW}, protocol_version=ProtocolVersion.OCPP201),
            (BOOT, Trigger(Message.STATUS, "1.1"), Trigger(Message.STATUS, "2.2")),
        ),
    ],
)
def test_it_is_asked_for_what_it_has_not_said_and_in_2_0_1_for_each_connector(
    station: Live, asked: tuple[Trigger, ...]
) -> None:
    assert owed(station) == asked
