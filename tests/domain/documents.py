"""Small documents that the tests of the rules begin with."""

from datetime import UTC, datetime
from typing import Any

from app.domain import station_rules
from app.domain.model import (
    ChargerType,
    Connector,
    ConnectorFormat,
    ConnectorTemplate,
    DeployState,
    DisplayText,
    Evse,
    EvsePatch,
    EvseTemplate,
    HardwareTemplate,
    PowerType,
)
from app.domain.people import Cpo
from app.domain.station_rules import Place, Station
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.domain.writing import Stamp

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST = Stamp(etag="etag-1", at=NOW, by="Anna")
SECOND = Stamp(etag="etag-2", at=LATER, by="Ben")
CPO = Cpo(
    cpo_id="ABC Charging",
    country_code="NL",
    party_id="ABC",
    name="ABC Charging",
    default_tariff_id="T-AC",
    charger_type=ChargerType.BUSINESS,
    created=NOW,
)
WIRE = b'{"stored":true}'
DUTCH = DisplayText("nl", "Tweede rij")
PLACE = Place(location_id="yard-1", cpo=CPO)


def connector(**more: Any) -> Connector:
    values: dict[str, Any] = {
        "standard": "IEC_62196_T2",
        "format": ConnectorFormat.SOCKET,
        "power_type": PowerType.AC_3_PHASE,
        "voltage": 230,
        "amperage": 32,
    }
    return Connector(**{**values, **more})


def dc(watts: int | None = 150_000, **more: Any) -> Connector:
    return connector(
        **{
            "standard": "IEC_62196_T2_COMBO",
            "format": ConnectorFormat.CABLE,
            "power_type": PowerType.DC,
            "max_electric_power": watts,
            **more,
        }
    )


def template(sockets: int = 2, ids: list[int | None] | None = None) -> HardwareTemplate:
    own = ids or list(range(1, sockets + 1))
    return HardwareTemplate(
        template_id="twin",
        name="Twin AC 22 kW",
        evse_templates=[
            EvseTemplate(
                evse_sequence_number=number,
                capabilities=["RFID_READER"],
                connector_templates=[
                    ConnectorTemplate(
                        id=own[number - 1],
                        standard="IEC_62196_T2",
                        format=ConnectorFormat.SOCKET,
                        power_type=PowerType.AC_3_PHASE,
                        voltage=230,
                        amperage=32,
                        max_electric_power=22_000,
                    )
                ],
            )
            for number in range(1, sockets + 1)
        ],
    )


REQUIRED: dict[str, Any] = {
    "charge_station_id": "UTR-017",
    "location_id": "yard-1",
    "deploy_state": DeployState.STOCK,
    "default_charge_station_tariff_id": "T-AC",
}


def post(**more: Any) -> PostChargeStation:
    values = {**REQUIRED, "evses": [Evse(connectors=[connector()]), Evse(connectors=[connector()])], **more}
    return PostChargeStation(**values)


def put(**more: Any) -> PutChargeStation:
    return PutChargeStation(**{**REQUIRED, "etag": "etag-1", **more})


def station(**more: Any) -> Station:
    return station_rules.create(post(**more), PLACE, None, FIRST)


def replace(current: Station, change: PutChargeStation, place: Place = PLACE, **more: Any) -> Station:
    return station_rules.replace(current, change, place, more.get("template"), SECOND, cpo_id=CPO.cpo_id, wire=WIRE)


def patch(current: Station, place: Place = PLACE, **fields: Any) -> Station:
    change = PatchChargeStation(**{"charge_station_id": "UTR-017", **fields})
    return station_rules.patch(current, change, place, SECOND, cpo_id=CPO.cpo_id, wire=WIRE)


def patch_evse(current: Station, **fields: Any) -> Evse:
    return patch(current, evses=[EvsePatch(**{"evse_sequence_number": 1, **fields})]).evses[0]
