"""From what a station says to what its EVSEs show."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from app.domain.live import (
    Boot,
    ConnectorState,
    Live,
    connector_order,
    evse_status,
    ocpp_status,
    render,
    station_status,
)
from app.domain.model import DeployState, Evse, EvseStatus, ProtocolVersion
from tests.domain.documents import LATER, NOW, connector

FREE, BUSY, HELD, BROKEN, OUT, DARK = (
    EvseStatus.AVAILABLE,
    EvseStatus.CHARGING,
    EvseStatus.RESERVED,
    EvseStatus.OUTOFORDER,
    EvseStatus.INOPERATIVE,
    EvseStatus.UNKNOWN,
)


@pytest.mark.parametrize(
    "said, shown",
    [
        ("Available", FREE),
        ("Preparing", FREE),
        ("Finishing", FREE),
        ("Charging", BUSY),
        ("SuspendedEV", BUSY),
        ("SuspendedEVSE", BUSY),
        ("Reserved", HELD),
        ("Unavailable", OUT),
        ("Faulted", BROKEN),
        ("Occupied", BUSY),
        ("Parking", DARK),
        ("", DARK),
    ],
)
def test_a_connectors_status_in_the_platforms_words(said: str, shown: EvseStatus) -> None:
    assert ocpp_status(said) is shown


@pytest.mark.parametrize(
    "connectors, shown",
    [
        ([FREE, BUSY], BUSY),
        ([FREE, HELD], HELD),
        ([BROKEN, FREE], FREE),
        ([OUT, BROKEN], BROKEN),
        ([DARK, OUT], OUT),
        ([DARK], DARK),
        ([], DARK),
        ([BUSY, HELD, FREE, BROKEN, OUT, DARK], BUSY),
    ],
)
def test_several_connectors_of_one_evse(connectors: list[EvseStatus], shown: EvseStatus) -> None:
    assert evse_status(connectors) is shown
    assert evse_status(reversed(connectors)) is shown


@pytest.mark.parametrize(
    "evses, shown",
    [
        ([FREE, BUSY], BUSY),
        ([FREE, BROKEN], FREE),
        ([OUT, OUT], OUT),
        ([HELD, HELD], HELD),
        ([BROKEN, OUT], BROKEN),
        ([OUT, HELD], DARK),
        ([OUT, DARK], DARK),
        ([], DARK),
        ([EvseStatus.REMOVED, EvseStatus.REMOVED], EvseStatus.REMOVED),
    ],
)
def test_a_station_rolls_up_its_evses(evses: list[EvseStatus], shown: EvseStatus) -> None:
    assert station_status(evses) is shown
    assert station_status(reversed(evses)) is shown


def live(connectors: dict[str, tuple[str, datetime]] | None = None, **more: Any) -> Live:
    states = {key: ConnectorState(status=text, at=at) for key, (text, at) in (connectors or {}).items()}
    return Live(charge_station_id="UTR-017", connectors=states, **more)


def lines(live: Live, evses: list[Evse], deploy_state: DeployState = DeployState.STOCK) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in render(live, evses, deploy_state)[1].splitlines()]


TWO = [Evse(connectors=[connector(id="1"), connector(id="2")]), Evse(connectors=[connector(id="3")])]


def test_each_evse_shows_its_own_connectors_and_when_the_latest_was_heard() -> None:
    said = live({"1": ("Available", NOW), "2": ("Charging", LATER), "3": ("Faulted", NOW), "0": ("Unavailable", LATER)})
    assert lines(said, TWO) == [
        {"status": "CHARGING", "last_updated": "2026-03-02T09:00:00Z"},
        {"status": "OUTOFORDER", "last_updated": "2026-03-02T08:00:00Z"},
    ]


def test_an_evse_of_ocpp_2_0_1_is_found_by_its_number_and_its_connectors_by_their_order() -> None:
    evses = [
        Evse(evse_sequence_number=2, connectors=[connector(id="1"), connector(id="2")]),
        Evse(evse_sequence_number=1, connectors=[connector(id="3")]),
    ]
    heard = {"1.1": ("Faulted", NOW), "2.1": ("Available", NOW), "2.2": ("Occupied", LATER), "3": ("Available", LATER)}
    said = live(heard, protocol_version=ProtocolVersion.OCPP201)
    assert lines(said, evses) == [
        {"status": "CHARGING", "last_updated": "2026-03-02T09:00:00Z"},
        {"status": "OUTOFORDER", "last_updated": "2026-03-02T08:00:00Z"},
    ]


def test_connectors_are_listed_as_people_count() -> None:
    assert sorted(["10", "0", "2"], key=connector_order) == ["0", "2", "10"]
    assert sorted(["10.1", "2.2", "0", "2.1"], key=connector_order) == ["0", "2.1", "2.2", "10.1"]


def test_an_evse_of_which_nothing_was_heard_is_unknown_since_the_station_came_online() -> None:
    assert lines(live(online_since=LATER), TWO)[1] == {"status": "UNKNOWN", "last_updated": "2026-03-02T09:00:00Z"}
    assert lines(live(), TWO)[1] == {"status": "UNKNOWN", "last_updated": None}


def test_a_connector_that_no_evse_has_changes_nothing() -> None:
    assert lines(live({"9": ("Charging", NOW)}), TWO) == lines(live(), TWO)


def test_only_deprecated_reads_removed() -> None:
    said = live({"3": ("Available", NOW)})
    assert [line["status"] for line in lines(said, TWO, DeployState.DEPRECATED)] == ["REMOVED", "REMOVED"]
    for state in (DeployState.STOCK, DeployState.PRODUCTION):
        assert lines(said, TWO, state)[1]["status"] == "AVAILABLE"


def test_the_configuration_fields_are_what_the_boot_and_the_socket_told() -> None:
    boot = Boot(
        charge_point_vendor="ExampleVendor",
        charge_point_model="Twin 4",
        charge_point_serial_number="EV4-1",
        charge_box_serial_number="EV4-2",
        firmware_version="6.1.0",
        iccid="8931",
        imsi="2040",
        meter_type="MT",
        meter_serial_number="MS",
    )
    told = live(
        boot=boot,
        heartbeat_interval=120,
        client_ip_address="192.0.2.19",
        protocol_version=ProtocolVersion.OCPP16,
        endpoint="wss://ocpp.example.com",
    )
    assert msgspec.json.decode(render(told, [], DeployState.STOCK)[0]) == {
        **msgspec.structs.asdict(boot),
        "heartbeat_interval": 120,
        "client_ip_address": "192.0.2.19",
        "remote_manageable": True,
        "protocol_version": "Ocpp16",
        "endpoint": "wss://ocpp.example.com",
    }


def test_a_station_that_never_connected_has_every_configuration_field_as_null() -> None:
    shown = msgspec.json.decode(render(live(), TWO, DeployState.STOCK)[0])
    assert len(shown) == 14
    assert set(shown.values()) == {None}
