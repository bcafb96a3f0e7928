"""An EVSE that comes to a RESTRICTED location is its customers', whichever write brings it (platform-api 7.3)."""

import pytest

from app.domain.locations import PatchLocation
from app.domain.model import (
    AccessType,
    Connector,
    ConnectorFormat,
    Evse,
    EvsePatch,
    HardwareTemplate,
    ParkingRestriction,
    PowerType,
)
from app.domain.stations import ChargeStation, PatchChargeStation
from app.ports import Ports
from tests.conftest import GARAGE, YARD, twin
from tests.contract.platform_fixtures import House, actors, created, put, read

CUSTOMERS, EV_ONLY = ParkingRestriction.CUSTOMERS, ParkingRestriction.EV_ONLY
SOCKET = Connector(
    standard="IEC_62196_T2",
    format=ConnectorFormat.SOCKET,
    power_type=PowerType.AC_3_PHASE,
    voltage=230,
    amperage=32,
)


@pytest.fixture(autouse=True)
async def garage(house: House) -> None:
    """GARAGE is published and RESTRICTED; YARD is neither."""
    restricted = PatchLocation(id=GARAGE, publish=True, access_type=AccessType.RESTRICTED)
    await house.platform.patch_location(house.actor, GARAGE, restricted)


def limits(station: ChargeStation) -> list[list[ParkingRestriction] | None]:
    return [evse.parking_restrictions for evse in station.evses]


async def save_model(ports: Ports, template: HardwareTemplate) -> None:
    await ports.platforms.builtin.save_template(actors()[0], template)


async def test_a_station_that_is_created_there(house: House) -> None:
    assert limits(await created(house, location_id=GARAGE)) == [[CUSTOMERS], [CUSTOMERS]]
    own = [Evse(parking_restrictions=[EV_ONLY], connectors=[SOCKET]), Evse(connectors=[SOCKET])]
    assert limits(await created(house, "UTR-018", location_id=GARAGE, evses=own)) == [[EV_ONLY, CUSTOMERS], [CUSTOMERS]]
    assert limits(await created(house, "UTR-019", location_id=YARD)) == [[], []]


async def test_a_station_that_moves_there(house: House) -> None:
    before = await created(house)
    patch = PatchChargeStation(charge_station_id="UTR-017", location_id=GARAGE)
    moved = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert limits(moved) == [[CUSTOMERS], [CUSTOMERS]] and moved.etag != before.etag
    other = await created(house, "UTR-018")
    away = put(other, location_id=GARAGE, evses=other.evses)
    assert limits(read(await house.platform.replace_station(house.actor, "UTR-018", away))) == [[CUSTOMERS]] * 2


async def test_a_station_that_moves_there_keeps_what_the_same_write_says(house: House) -> None:
    await created(house)
    said = [EvsePatch(evse_sequence_number=2, parking_restrictions=[EV_ONLY])]
    patch = PatchChargeStation(charge_station_id="UTR-017", location_id=GARAGE, evses=said)
    moved = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert limits(moved) == [[CUSTOMERS], [EV_ONLY, CUSTOMERS]]


async def test_evses_that_a_new_model_brings(house: House, ports: Ports) -> None:
    await save_model(ports, twin("single", sockets=1))
    await created(house, location_id=GARAGE, charge_station_template_id="single")
    free = [EvsePatch(evse_sequence_number=1, parking_restrictions=[EV_ONLY])]
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=free)
    await house.platform.patch_station(house.actor, "UTR-017", patch)
    await save_model(ports, twin("triple", sockets=3))
    after = read(await house.platform.apply_template(house.actor, "UTR-017", "triple"))
    assert limits(after) == [[EV_ONLY], [CUSTOMERS], [CUSTOMERS]], "what people wrote of the first stays as it is"
    single = put(after, charge_station_template_id="single")
    await house.platform.replace_station(house.actor, "UTR-017", single)
    before = read(await house.platform.station(house.actor, "UTR-017"))
    again = put(before, charge_station_template_id="triple")
    assert limits(read(await house.platform.replace_station(house.actor, "UTR-017", again)))[1:] == [[CUSTOMERS]] * 2


async def test_people_may_take_it_off_again_and_it_stays_off(house: House) -> None:
    await created(house, location_id=GARAGE)
    none = [EvsePatch(evse_sequence_number=1, parking_restrictions=[])]
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=none)
    after = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert limits(after) == [[], [CUSTOMERS]]
    same = put(after, location_id=GARAGE, evses=after.evses, remarks="painted")
    assert limits(read(await house.platform.replace_station(house.actor, "UTR-017", same))) == [[], [CUSTOMERS]]


async def test_a_private_location_restricts_nobody(house: House) -> None:
    private = PatchLocation(id=GARAGE, publish=False)
    await house.platform.patch_location(house.actor, GARAGE, private)
    assert limits(await created(house, location_id=GARAGE)) == [[], []]
