"""A RESTRICTED location gives a station's sockets CUSTOMERS while the phone, perhaps without signal, works on."""

from typing import Any

import pytest

from app.domain.locations import PatchLocation
from app.domain.model import AccessType, ParkingRestriction
from app.domain.people import SYSTEM
from app.ports import Ports
from tests.conftest import GARAGE, TWIN, YARD
from tests.field.conftest import Phone
from tests.field.test_sync import DUTCH, abc, begin, patch, station, stock_station

CUSTOMERS, EV_ONLY = ParkingRestriction.CUSTOMERS, ParkingRestriction.EV_ONLY


async def restrict(ports: Ports, location_id: str) -> None:
    body = PatchLocation(id=location_id, publish=True, access_type=AccessType.RESTRICTED)
    await ports.platforms.of(await abc(ports)).patch_location(SYSTEM, location_id, body)


async def limits(ports: Ports) -> list[Any]:
    return [evse.parking_restrictions for evse in (await station(ports)).evses]


async def test_texts_that_were_written_without_signal_meet_it_and_both_stay(phone: Phone, ports: Ports) -> None:
    """The phone shows its own work: sockets without any limit, since it cannot know yet."""
    await restrict(ports, YARD)
    unseen = {"parking_restrictions": [], "directions": []}
    done = await phone.do(
        phone.operation("begin", station_id="UTR-1", cpo_id="ABC Charging", source="scan"),
        phone.operation("choose_location", location_id=YARD),
        phone.operation("apply_template", template_id=TWIN),
        phone.operation(
            "describe_evse", evse_sequence_numbers=[1, 2], directions=[DUTCH], parking_restrictions=["EV_ONLY"],
            base={"1": unseen, "2": unseen},
        ),
    )  # fmt: skip
    assert [result["state"] for result in done] == ["accepted"] * 4, done
    assert await limits(ports) == [[EV_ONLY, CUSTOMERS]] * 2
    assert (await phone.check("texts"))["state"] == "done"


async def test_who_saw_it_may_take_it_off(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await restrict(ports, YARD)
    await phone.ok("choose_location", location_id=YARD)
    said = {"evse_sequence_numbers": [1], "parking_restrictions": ["EV_ONLY"]}
    await phone.ok("describe_evse", **said, base={"1": {"parking_restrictions": ["CUSTOMERS"]}})
    assert await limits(ports) == [[EV_ONLY], [CUSTOMERS]]


async def test_other_news_of_the_limits_is_still_a_conflict(phone: Phone, ports: Ports) -> None:
    await restrict(ports, GARAGE)
    await stock_station(ports)
    await begin(phone)
    theirs = {"evse_sequence_number": 1, "parking_restrictions": ["PLUGGED", "CUSTOMERS"]}
    await patch(ports, {"charge_station_id": "UTR-1", "evses": [theirs]})
    said = {"evse_sequence_numbers": [1], "parking_restrictions": ["EV_ONLY"]}
    refused = await phone.refused("describe_evse", **said, base={"1": {"parking_restrictions": []}})
    assert (refused["code"], refused["detail"]["theirs"]) == ("changed_meanwhile", ["PLUGGED", "CUSTOMERS"])
    assert await limits(ports) == [[ParkingRestriction.PLUGGED, CUSTOMERS], [CUSTOMERS]]


@pytest.mark.parametrize("described", [False, True])
async def test_not_my_station_leaves_it_behind(phone: Phone, ports: Ports, described: bool) -> None:
    await stock_station(ports)
    await patch(
        ports,
        {"charge_station_id": "UTR-1", "evses": [{"evse_sequence_number": 1, "parking_restrictions": ["EV_ONLY"]}]},
    )
    await restrict(ports, YARD)
    await begin(phone)
    await phone.ok("choose_location", location_id=YARD)
    assert await limits(ports) == [[EV_ONLY, CUSTOMERS], [CUSTOMERS]]
    if described:
        await phone.ok("describe_evse", evse_sequence_numbers=[2], directions=[DUTCH])
    await phone.ok("abandon")
    assert (await station(ports)).location_id == GARAGE
    assert await limits(ports) == [[EV_ONLY], []]
