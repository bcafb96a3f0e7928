"""What is longer than OCPI 2.1.1 has it is told, and nothing else is."""

from typing import Any

import pytest
from msgspec import Struct

from app.domain.lengths import beyond
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import Connector, ConnectorPatch, DisplayText, Evse, EvsePatch, GeoLocation, Image
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation

LOCATION = {"id": 39, "name": 255, "address": 45, "city": 45, "postal_code": 10}
EVSE = {"evse_id": 48, "floor_level": 4, "physical_reference": 16}
CONNECTOR = {"id": 36, "tariff_id": 36, "terms_and_conditions": 255}


@pytest.mark.parametrize("kind", [PostLocation, PutLocation, PatchLocation])
def test_a_location_one_character_longer_is_told(kind: type[Struct]) -> None:
    assert beyond(kind(**{name: "x" * most for name, most in LOCATION.items()})) == []
    longer = kind(**{name: "x" * (most + 1) for name, most in LOCATION.items()})
    assert beyond(longer) == [f"{name} ({most})" for name, most in LOCATION.items()]
    seven_decimals = kind(coordinates=GeoLocation("52.0907401", "-122.1234567"))
    assert beyond(seven_decimals) == ["coordinates.longitude (11)"]


@pytest.mark.parametrize(
    ("draft", "evse", "connector"),
    [
        (PostChargeStation, Evse, Connector),
        (PutChargeStation, Evse, Connector),
        (PatchChargeStation, EvsePatch, ConnectorPatch),
    ],
)
def test_evses_and_connectors_that_are_longer_are_told_once(
    draft: type[Struct], evse: type[Struct], connector: type[Struct]
) -> None:
    def station(more: int) -> Any:
        socket = connector(**{name: "x" * (most + more) for name, most in CONNECTOR.items()})
        picture = Image(url="https://abc.example/17.jpg", type="x" * (4 + more))
        own = {name: "x" * (most + more) for name, most in EVSE.items()}
        return draft(evses=[evse(connectors=[socket], images=[picture], **own)] * 2)

    assert beyond(station(0)) == []
    assert beyond(station(1)) == [
        *(f"evses.{name} ({most})" for name, most in EVSE.items()),
        *(f"evses.connectors.{name} ({most})" for name, most in CONNECTOR.items()),
        "evses.images.type (4)",
    ]


def test_a_uid_of_any_length_and_what_is_left_out_or_null_are_fine() -> None:
    free = Evse(uid="NL-ABC-E" + "x" * 255 + "-1", directions=[DisplayText("nl", "x" * 512)])
    assert beyond(PostChargeStation(charge_station_id="x" * 255, name="x" * 999, evses=[free])) == []
    assert beyond(PatchChargeStation()) == beyond(PatchChargeStation(evses=None)) == []
    assert beyond(PatchLocation(name=None, coordinates=None)) == []
