"""Whether an edit is there: only what it changes counts, whatever else the platform or a colleague did."""

from typing import Any

import pytest

from app.domain.model import DisplayText, EvsePatch, ParkingRestriction
from app.domain.stations import PatchChargeStation
from app.platforms.remote.editing import patched_station
from app.platforms.remote.outcomes import Outcome, built_from, created_by, outcome
from tests.conftest import twin


def station(**more: Any) -> dict[str, Any]:
    evses = [
        {
            "uid": f"U{number}",
            "evse_sequence_number": number,
            "directions": [],
            "parking_restrictions": ["PLUGGED"],
            "vendor": number,
            "connectors": [
                {"id": str(number), "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE"}
            ],
        }
        for number in (1, 2)
    ]
    return {"charge_station_id": "S", "location_id": "L", "name": None, "remarks": "", "evses": evses, **more}


TEXT = [{"language": "nl", "text": "Tweede rij"}]


def described(number: int, text: Any, **more: Any) -> dict[str, Any]:
    document = station(**more)
    document["evses"][number - 1]["directions"] = text
    return document


SENT = described(1, TEXT, etag="old")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (station(), Outcome.UNTOUCHED),
        (station(etag="new", remarks="theirs"), Outcome.UNTOUCHED),
        (described(1, TEXT), Outcome.DONE),
        (described(1, TEXT, etag="new", name="theirs"), Outcome.DONE),
        (described(1, [{"language": "nl", "text": "Theirs"}]), Outcome.OTHER),
        (described(2, TEXT), Outcome.UNTOUCHED),
    ],
)
def test_an_edit_of_one_socket(now: dict[str, Any], found: Outcome) -> None:
    assert outcome(station(), SENT, now) is found


def test_null_empty_and_absent_are_the_same_and_so_is_the_order_of_restrictions() -> None:
    before = station()
    now = station()
    del now["name"], now["remarks"]
    now["evses"][0]["directions"] = None
    sent = station(default_charge_station_floor_level="1")
    assert outcome(before, sent, {**now, "default_charge_station_floor_level": "1"}) is Outcome.DONE
    patch = PatchChargeStation(
        evses=[
            EvsePatch(
                evse_sequence_number=2, parking_restrictions=[ParkingRestriction.EV_ONLY, ParkingRestriction.CUSTOMERS]
            )
        ]
    )
    wanted = patched_station(before, patch)
    now["evses"][1]["parking_restrictions"] = ["CUSTOMERS", "EV_ONLY"]
    assert outcome(before, wanted, now) is Outcome.DONE


def test_a_patch_of_single_fields() -> None:
    sent = {"charge_station_id": "S", "deploy_state": "Production"}
    before = station(deploy_state="Stock")
    assert outcome(before, sent, station(deploy_state="Production")) is Outcome.DONE
    assert outcome(before, sent, before) is Outcome.UNTOUCHED
    assert outcome(before, sent, station(deploy_state="Deprecated")) is Outcome.OTHER


def test_a_station_is_ours_when_what_we_said_of_it_is_there() -> None:
    sent = {"location_id": "ABC", "deploy_state": "Stock", "charge_station_template_id": "t"}
    assert created_by(sent, {"location_id": "abc", "deploy_state": "Stock", "evses": [1]})
    assert not created_by(sent, {"location_id": "other", "deploy_state": "Stock"})
    assert not created_by(sent, {"location_id": "ABC", "deploy_state": "Production"})


def test_sockets_are_those_of_a_template_or_not() -> None:
    document = station()
    assert built_from(twin(), document)
    assert not built_from(twin(sockets=1), document)
    document["evses"][1]["connectors"][0]["format"] = "CABLE"
    assert not built_from(twin(), document)


def test_texts_are_no_part_of_the_hardware() -> None:
    document = station()
    document["evses"][0]["directions"] = [DisplayText("nl", "x")]
    assert built_from(twin(), document)
