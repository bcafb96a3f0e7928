"""A station on the wire: its fields as the contract lists them, and its stored parts joined to one document."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from app.domain import evses as parts
from app.domain import station_rules as rules
from app.domain.live import ConnectorState, Live, Shown, render
from app.domain.model import (
    ConnectivityStatus,
    Connector,
    ConnectorPatch,
    DeployState,
    DisplayText,
    Evse,
    EvsePatch,
    EvseStatus,
)
from app.domain.station_rules import Station
from app.domain.stations import (
    ChargeStation,
    PatchChargeStation,
    PostChargeStation,
    PutChargeStation,
    StationDraft,
    StationMaster,
    join,
    join_evses,
)
from tests.domain.documents import CPO, LATER, NOW, PLACE, SECOND, station

READ_FIELDS = [
    "charge_station_id",
    "location_id",
    "name",
    "deploy_state",
    "installation_date",
    "default_charge_station_tariff_id",
    "default_charge_station_reimbursement_tariff_id",
    "default_charge_station_directions",
    "default_charge_station_floor_level",
    "evses",
    "maintenance_info",
    "remarks",
    "contactless_type",
    "contactless_terminal_serial_number",
    "contactless_terminal_auth_amount",
    "tap_to_stop",
    "stop_on_parking",
    "status_schedule",
    "auth_rules",
    "dynamic_time_based_tariffs",
    "time_of_use_tariffs",
    "exclude_vat",
    "charger_type",
    "grid_connection_id",
    "driver_id",
    "customer_id",
    "etag",
    "created_by",
    "modified_by",
    "created",
    "modified",
    "status",
    "charging_speed",
    "heartbeat_interval",
    "charge_point_model",
    "charge_point_vendor",
    "charge_point_serial_number",
    "charge_box_serial_number",
    "client_ip_address",
    "firmware_version",
    "iccid",
    "imsi",
    "meter_serial_number",
    "meter_type",
    "remote_manageable",
    "connectivity_status",
    "protocol_version",
    "endpoint",
]
"""Every field that platform-api 4 and 9.1 mark as returned."""

WRITABLE = set(READ_FIELDS[:23]) - {"evses"}
EVSE_FIELDS = {
    "uid",
    "evse_id",
    "evse_sequence_number",
    "status",
    "status_schedule",
    "capabilities",
    "connectors",
    "floor_level",
    "coordinates",
    "physical_reference",
    "directions",
    "parking_restrictions",
    "images",
    "last_updated",
}
CONNECTOR_FIELDS = {
    "id",
    "standard",
    "format",
    "power_type",
    "voltage",
    "amperage",
    "max_electric_power",
    "tariff_id",
    "reimbursement_tariff_id",
    "terms_and_conditions",
    "last_updated",
}


def patched(**fields: Any) -> Station:
    change = PatchChargeStation(**{"charge_station_id": "UTR-017", **fields})
    return rules.patch(station(), change, PLACE, SECOND, cpo_id=CPO.cpo_id, wire=b"{}")


# --- The Structs say what the contract says --------------------------------------------------------------------------


def test_a_station_has_every_field_that_is_returned_and_no_other() -> None:
    assert sorted(ChargeStation.__struct_fields__) == sorted(READ_FIELDS)
    live = {*Shown.__struct_fields__, "evses", "status", "connectivity_status"}
    assert {*StationMaster.__struct_fields__, *live} == set(READ_FIELDS)


def test_each_write_takes_exactly_the_writable_fields() -> None:
    assert set(StationDraft.__struct_fields__) == WRITABLE
    template_too = WRITABLE | {"evses", "charge_station_template_id"}
    assert set(PostChargeStation.__struct_fields__) == template_too
    assert set(PutChargeStation.__struct_fields__) == template_too | {"etag"}
    assert set(PatchChargeStation.__struct_fields__) == WRITABLE | {"evses", "etag"}


def test_the_parts_of_an_evse_have_their_fields_and_patches_the_writable_ones() -> None:
    assert set(Evse.__struct_fields__) == EVSE_FIELDS
    assert set(Connector.__struct_fields__) == CONNECTOR_FIELDS
    assert set(EvsePatch.__struct_fields__) == EVSE_FIELDS - {"status", "last_updated"}
    assert set(ConnectorPatch.__struct_fields__) == CONNECTOR_FIELDS - {"last_updated"}


@pytest.mark.parametrize("kind", [PostChargeStation, PutChargeStation, PatchChargeStation])
def test_what_a_write_leaves_out_is_unset_and_not_null(kind: type[msgspec.Struct]) -> None:
    assert all(getattr(msgspec.json.decode(b"{}", type=kind), name) is UNSET for name in kind.__struct_fields__)


# --- Stored and read -------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """The parts as a store has them."""

    deploy_state: str
    master: bytes
    evses: bytes
    evses_modified: datetime
    online: bool
    changed: datetime
    shown: bytes
    shown_evses: bytes


def row(made: Station, live: Live | None = None, *, online: bool = False, **more: Any) -> Row:
    live = live or Live(charge_station_id=made.master.charge_station_id)
    shown, shown_evses = render(live, made.evses, made.master.deploy_state)
    values: dict[str, Any] = {
        "deploy_state": made.master.deploy_state.value,
        "master": msgspec.json.encode(made.master),
        "evses": parts.encode_lines(made.evses),
        "evses_modified": NOW,
        "online": online,
        "changed": NOW,
        "shown": shown,
        "shown_evses": shown_evses,
    }
    return Row(**{**values, **more})


def read(stored: Row) -> ChargeStation:
    return msgspec.json.decode(join(stored), type=ChargeStation)


def heard(*statuses: str) -> Live:
    states = {str(n): ConnectorState(status=text, at=NOW) for n, text in enumerate(statuses, start=1)}
    return Live(charge_station_id="UTR-017", connectors=states, online_since=NOW)


@pytest.mark.parametrize("online", [True, False])
def test_a_joined_station_has_every_field_once_and_no_other(online: bool) -> None:
    wire = join(row(station(), heard("Available"), online=online))
    document = msgspec.json.decode(wire)
    assert sorted(document) == sorted(READ_FIELDS)
    assert all(set(evse) == EVSE_FIELDS for evse in document["evses"])
    assert all(set(c) == CONNECTOR_FIELDS for evse in document["evses"] for c in evse["connectors"])
    json.loads(wire, object_pairs_hook=require_distinct)


def require_distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def test_stored_evses_have_neither_status_nor_last_updated_and_read_back_the_same() -> None:
    made = station()
    body = parts.encode_lines(made.evses)
    for line in body.splitlines():
        assert not {"status", "last_updated"} & msgspec.json.decode(line).keys()
    assert parts.decode_lines(body) == made.evses


def test_a_line_break_in_a_text_does_not_break_the_lines() -> None:
    made = patched(evses=[EvsePatch(evse_sequence_number=1, directions=[DisplayText("en", "a\nb\u2028c")])])
    assert read(row(made)).evses[0].directions == [DisplayText("en", "a\nb\u2028c")]
    assert len(read(row(made)).evses) == 2


def test_an_online_station_shows_what_it_said_and_how_it_is_connected() -> None:
    shown = read(row(station(), heard("Charging", "Faulted"), online=True))
    assert [evse.status for evse in shown.evses] == [EvseStatus.CHARGING, EvseStatus.OUTOFORDER]
    assert (shown.status, shown.connectivity_status) == (EvseStatus.CHARGING, ConnectivityStatus.ONLINE)


def test_an_offline_station_is_unknown_whatever_it_said_last() -> None:
    shown = read(row(station(), heard("Charging", "Available"), online=False))
    assert {evse.status for evse in shown.evses} == {shown.status} == {EvseStatus.UNKNOWN}
    assert shown.connectivity_status is ConnectivityStatus.OFFLINE


@pytest.mark.parametrize("online", [True, False])
def test_a_deprecated_station_reads_removed_and_one_in_stock_does_not(online: bool) -> None:
    gone = patched(deploy_state=DeployState.DEPRECATED)
    assert {e.status for e in read(row(gone, heard("Available"), online=online)).evses} == {EvseStatus.REMOVED}
    assert read(row(gone, heard("Available"), online=online)).status is EvseStatus.REMOVED
    assert EvseStatus.REMOVED not in {e.status for e in read(row(station(), heard("Available"), online=online)).evses}


@pytest.mark.parametrize(
    "online, edited, changed, shown",
    [(False, NOW, LATER, LATER), (False, LATER, NOW, LATER), (True, LATER, NOW, LATER)],
)
def test_an_evse_was_last_updated_by_an_edit_or_by_its_status(
    online: bool, edited: datetime, changed: datetime, shown: datetime
) -> None:
    stored = row(station(), heard("Available"), online=online, evses_modified=edited, changed=changed)
    assert {evse.last_updated for evse in read(stored).evses} == {shown}


def test_the_evses_for_a_location_are_those_of_the_station() -> None:
    stored = row(station(), heard("Available"), online=True)
    lines = [msgspec.json.decode(line, type=Evse) for line in join_evses(stored)]
    assert lines == read(stored).evses
