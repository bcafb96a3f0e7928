"""Examples of the platform API: requests that work one after the other, and the answers that such requests get."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from app.domain.customers import CpoCustomer, CustomerProperty, OperatorDetails
from app.domain.locations import Location
from app.domain.model import (
    AuthRule,
    AuthRuleType,
    ChargerType,
    Connector,
    ConnectorFormat,
    ConnectorTemplate,
    DeployState,
    DisplayText,
    Evse,
    EvseTemplate,
    GeoLocation,
    HardwareTemplate,
    ParkingRestriction,
    PowerType,
)
from app.domain.stations import ChargeStation

MOMENT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AT = "2026-03-02T08:00:00Z"
STATION_ID, LOCATION_ID, TEMPLATE_ID = "UTR-017", "11111111-0000-4000-8000-000000000017", "twin-ac-22"
CUSTOMER_ID = "C-1001"
CPO_ID, TARIFF, ETAG = "ABC Charging", "T-AC", "c0ffee00-0000-4000-8000-000000000001"

SOCKET = {
    "standard": "IEC_62196_T2",
    "format": "SOCKET",
    "power_type": "AC_3_PHASE",
    "voltage": 230,
    "amperage": 32,
    "max_electric_power": 22000,
}
STATION_WRITE = {
    "charge_station_id": STATION_ID,
    "location_id": LOCATION_ID,
    "deploy_state": "Stock",
    "default_charge_station_tariff_id": TARIFF,
}
LOCATION_WRITE = {
    "id": LOCATION_ID,
    "cpo_id": CPO_ID,
    "name": "Utrecht bus depot",
    "address": "Industrieweg 12",
    "city": "Utrecht",
    "postal_code": "3542AD",
    "country": "NLD",
    "coordinates": {"latitude": "52.090740", "longitude": "5.121420"},
}
TEXTS = {
    "directions": [{"language": "en", "text": "Left of the gate"}],
    "parking_restrictions": ["EV_ONLY"],
}
CUSTOMER_WRITE = {
    "name": "Utrecht Buses",
    "vat_number": "NL000000000B01",
    "properties": [{"name": "cost_centre", "value": "4711"}],
    "operator_details": {"name": "Utrecht Buses", "support_email": "charging@buses.example"},
}

TAKEN: dict[str, Any] = {
    "PostCpoCustomer": {"cpo_id": CPO_ID, "external_id": CUSTOMER_ID, **CUSTOMER_WRITE},
    "PutCpoCustomer": {**CUSTOMER_WRITE, "name": "Utrecht Buses and Trams"},
    "PostChargeStation": {**STATION_WRITE, "evses": [{"evse_sequence_number": 1, "connectors": [SOCKET]}]},
    "PutChargeStation": {**STATION_WRITE, "name": "Depot, bay 17", "etag": ETAG},
    "PatchChargeStation": {"charge_station_id": STATION_ID, "evses": [{"evse_sequence_number": 1, **TEXTS}]},
    "PostLocation": LOCATION_WRITE,
    "PutLocation": {**LOCATION_WRITE, "access_type": "RESTRICTED", "etag": ETAG},
    "PatchLocation": {"id": LOCATION_ID, "publish": True},
    "HardwareTemplateInput": {
        "template_id": TEMPLATE_ID,
        "name": "Twin AC 22 kW",
        "evse_templates": [
            {"evse_sequence_number": 1, "connector_templates": [SOCKET]},
            {"evse_sequence_number": 2, "connector_templates": [SOCKET]},
        ],
    },
}
UID = f"NL-ABC-E{STATION_ID}-1"
SESSION = 1
TAKEN |= {
    "StartSession": {
        "token": {"uid": "04A2B3C4D5E680", "type": "RFID", "auth_id": "NL-ABC-C1234567", "valid": True},
        "location_id": LOCATION_ID,
        "evse_uid": UID,
        "chargestation_id": STATION_ID,
        "connector_id": "1",
    },
    "StopSession": {"session_id": str(SESSION)},
    "UnlockConnector": {"location_id": LOCATION_ID, "evse_uid": UID, "connector_id": "1"},
    "ResetStation": {"charge_station_id": STATION_ID, "type": "Soft"},
    "ReadConfiguration": {"charge_station_id": STATION_ID, "keys": ["HeartbeatInterval"]},
    "WriteConfiguration": {"charge_station_id": STATION_ID, "key": "HeartbeatInterval", "value": "300"},
}
TAKEN["ChargeStationBatch"] = [{"op": "patch", **TAKEN["PatchChargeStation"]}]
TAKEN["LocationBatch"] = [{"op": "patch", **TAKEN["PatchLocation"]}]


def _connector() -> Connector:
    return Connector(
        id="1",
        standard="IEC_62196_T2",
        format=ConnectorFormat.SOCKET,
        power_type=PowerType.AC_3_PHASE,
        voltage=230,
        amperage=32,
        max_electric_power=22000,
        tariff_id=TARIFF,
        last_updated=MOMENT,
    )


def _evse() -> Evse:
    return Evse(
        uid=f"{STATION_ID}-1",
        evse_id="NL*ABC*EUTR0171",
        evse_sequence_number=1,
        capabilities=["RFID_READER"],
        connectors=[_connector()],
        directions=[DisplayText("en", "Left of the gate")],
        parking_restrictions=[ParkingRestriction.EV_ONLY],
        last_updated=MOMENT,
    )


def _station() -> ChargeStation:
    return ChargeStation(
        charge_station_id=STATION_ID,
        location_id=LOCATION_ID,
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id=TARIFF,
        auth_rules=[AuthRule(AuthRuleType.CLOSED_GROUPS, "drivers of the depot")],
        charger_type=ChargerType.PUBLIC,
        etag=ETAG,
        created=MOMENT,
        evses=[_evse()],
    )


def _location() -> Location:
    return Location(
        id=LOCATION_ID,
        cpo_id=CPO_ID,
        name="Utrecht bus depot",
        address="Industrieweg 12",
        city="Utrecht",
        postal_code="3542AD",
        country="NLD",
        coordinates=GeoLocation("52.090740", "5.121420"),
        etag=ETAG,
        created=MOMENT,
        evses=[_evse()],
        last_updated=MOMENT,
    )


def _template() -> HardwareTemplate:
    socket = ConnectorTemplate(
        id=1,
        amperage=32,
        voltage=230,
        max_electric_power=22000,
        standard="IEC_62196_T2",
        format=ConnectorFormat.SOCKET,
        power_type=PowerType.AC_3_PHASE,
    )
    evse = EvseTemplate(evse_sequence_number=1, capabilities=[], connector_templates=[socket])
    return HardwareTemplate(template_id=TEMPLATE_ID, name="AC 22 kW", tenant_id=CPO_ID, evse_templates=[evse])


def _customer() -> CpoCustomer:
    return CpoCustomer(
        name="Utrecht Buses",
        cpo_id=CPO_ID,
        external_id=CUSTOMER_ID,
        vat_number="NL000000000B01",
        properties=[CustomerProperty("cost_centre", "4711")],
        operator_details=OperatorDetails(name="Utrecht Buses", support_email="charging@buses.example"),
    )


def _success(data: Any) -> dict[str, Any]:
    return {"timestamp": AT, "data": data, "status_code": 1000, "status_message": "Success"}


SENT: dict[str, Any] = {
    f"{type(noun).__name__}{suffix}": _success([shown] if suffix == "List" else shown)
    for noun in (_station(), _location(), _template(), _customer())
    for shown in [msgspec.to_builtins(noun)]
    for suffix in ("Answer", "List")
}
SENT["ChargeStationBatchAnswer"] = _success(
    [
        {
            "op": "patch",
            "status_code": 1000,
            "status_message": "Success",
            "data": {"charge_station_id": STATION_ID, "etag": ETAG},
        }
    ]
)
SENT["LocationBatchAnswer"] = _success(
    [{"op": "patch", "status_code": 1000, "status_message": "Success", "data": {"id": LOCATION_ID, "etag": ETAG}}]
)
REQUEST_ID = "22222222-0000-4000-8000-000000000001"
SENT["CommandResponseAnswer"] = _success({"result": "ACCEPTED", "charge_station_notification_id": REQUEST_ID})
SENT["CommandResultAnswer"] = _success(
    {
        "result": "ACCEPTED",
        "message": "the station accepted it",
        "request": TAKEN["ReadConfiguration"],
        "charge_station_notification_id": REQUEST_ID,
        "configuration": [{"key": "HeartbeatInterval", "value": "300", "readonly": False}],
        "unknown_keys": [],
    }
)
