"""Templates, what comes along with a write, and sending back what was read."""

import msgspec
import pytest

from app.domain.commissioning import Operation
from app.domain.errors import (
    MissingField,
    RevConflict,
    UnknownTemplate,
)
from app.domain.facts import FactKind
from app.domain.locations import PutLocation
from app.domain.model import (
    DisplayText,
    HardwareTemplate,
)
from app.domain.stations import PatchChargeStation, PutChargeStation
from app.ports import Change, Ports, Put
from tests.conftest import ABC, TWIN, XYZ, YARD, twin
from tests.contract.platform_fixtures import (
    House,
    created,
    operation,
    post,
)

DUTCH = DisplayText("nl", "Tweede rij, rechts van de wasstraat")


async def test_a_template_is_saved_under_a_made_id_and_replaced_under_its_own(house: House) -> None:
    made = await house.platform.save_template(house.actor, msgspec.structs.replace(twin(), template_id=None))
    assert made.template_id and made.template_id.startswith("twin-ac-22-kw_")
    await house.platform.save_template(house.actor, msgspec.structs.replace(made, name="Twin, newer"))
    names = {template.template_id: template.name for template in await house.platform.templates(house.actor)}
    assert names == {TWIN: "Twin AC 22 kW", made.template_id: "Twin, newer"}
    assert await house.platform.templates(house.foreign) == []
    with pytest.raises(MissingField, match="name"):
        await house.platform.save_template(house.actor, msgspec.structs.replace(twin("x"), name=None))


async def test_a_template_of_another_cpo_is_unknown_and_stays_theirs(house: House, ports: Ports) -> None:
    theirs = msgspec.structs.replace(twin("theirs"), tenant_id=XYZ)
    await ports.store.commit(Change(writes=(Put(theirs),)))
    for tenant in (None, ABC):
        with pytest.raises(UnknownTemplate, match="theirs"):
            mine = msgspec.structs.replace(twin("theirs"), tenant_id=tenant, name="Mine")
            await house.platform.save_template(house.actor, mine)
    assert await ports.store.get(HardwareTemplate, "theirs") == (theirs, 1)


# --- Along -----------------------------------------------------------------------------------------------------------


async def test_what_comes_along_is_committed_with_the_write_and_only_then(house: House) -> None:
    along = Change(operation=operation())
    with pytest.raises(UnknownTemplate):
        await house.platform.create_station(house.actor, post(charge_station_template_id="none"), along)
    assert await house.store.get(Operation, "op-1") is None
    await house.platform.create_station(house.actor, post(), along)
    assert await house.store.get(Operation, "op-1") is not None
    fact = (await house.facts())[-1]
    assert fact.kind is FactKind.STATION_CREATED
    assert (fact.cpo_id, fact.charge_station_id, fact.location_id) == (ABC, "UTR-017", YARD)
    assert (fact.person_id, fact.device_id) == ("anna", "anna-phone")
    assert (fact.operation_id, fact.commissioning_id) == ("op-1", "c-1")


async def test_an_operation_that_was_performed_is_not_performed_in_silence_again(house: House) -> None:
    await created(house)
    patch = PatchChargeStation(charge_station_id="UTR-017", remarks="once")
    await house.platform.patch_station(house.actor, "UTR-017", patch, Change(operation=operation()))
    with pytest.raises(RevConflict):
        await house.platform.patch_station(house.actor, "UTR-017", patch, Change(operation=operation()))


# --- Round trips -----------------------------------------------------------------------------------------------------


BOOKKEEPING = {"etag", "modified", "modified_by", "last_updated"}


async def test_sending_back_what_was_read_changes_nothing_but_the_bookkeeping(house: House) -> None:
    await created(house, name="Depot 17", default_charge_station_directions=[DUTCH], tap_to_stop=False)
    body = await house.platform.station(house.actor, "UTR-017")
    again = msgspec.json.decode(body, type=PutChargeStation)
    written = msgspec.json.decode(await house.platform.replace_station(house.actor, "UTR-017", again))
    seen = msgspec.json.decode(body)
    assert {key for key in seen if seen[key] != written[key]} <= BOOKKEEPING

    place_body = await house.platform.location(house.actor, YARD)
    place_again = msgspec.json.decode(place_body, type=PutLocation)
    written = msgspec.json.decode(await house.platform.replace_location(house.actor, YARD, place_again))
    seen = msgspec.json.decode(place_body)
    assert {key for key in seen if seen[key] != written[key]} <= BOOKKEEPING
