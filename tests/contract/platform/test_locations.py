"""Locations, as every platform keeps them."""

from typing import Any

import msgspec
import pytest

from app.domain.errors import (
    EtagMismatch,
    LocationExists,
    MissingField,
    UnknownCpo,
    UnknownLocation,
)
from app.domain.locations import PatchLocation
from app.ports import LocationQuery
from tests.conftest import FOREIGN_YARD, XYZ, YARD, place
from tests.contract.platform_fixtures import (
    House,
    created,
    put_place,
    read_place,
)


async def test_a_location_is_created_under_the_id_that_the_phone_made_once(house: House) -> None:
    mine = "22222222-0000-4000-8000-00000000000A"
    made = read_place(await house.platform.create_location(house.actor, place(mine, "New yard")))
    assert (made.id, made.publish, made.evses) == (mine, False, [])
    assert read_place(await house.platform.location(house.actor, mine.lower())) == made
    with pytest.raises(LocationExists):
        await house.platform.create_location(house.actor, place(mine, "Again"))
    with pytest.raises(UnknownCpo):
        await house.platform.create_location(house.actor, place("33333333-0000-4000-8000-000000000001", "x", XYZ))


@pytest.mark.parametrize("field", ["cpo_id", "name", "address", "city", "postal_code", "country"])
async def test_a_location_without_a_required_field_is_refused_by_its_name(house: House, field: str) -> None:
    incomplete = msgspec.structs.replace(place(msgspec.UNSET, "New yard"), **{field: msgspec.UNSET})
    with pytest.raises(MissingField) as refused:
        await house.platform.create_location(house.actor, incomplete)
    assert refused.value.detail["field"] == field


async def test_a_location_shows_the_evses_of_its_stations_unless_they_are_left_out(house: House) -> None:
    made = await created(house)
    shown = read_place(await house.platform.location(house.actor, YARD))
    assert [evse.uid for evse in shown.evses] == [evse.uid for evse in made.evses]
    assert read_place(await house.platform.location(house.actor, YARD, exclude_evses=True)).evses == []


async def test_a_foreign_location_is_unknown(house: House) -> None:
    for actor, wanted in ((house.actor, FOREIGN_YARD), (house.foreign, YARD)):
        with pytest.raises(UnknownLocation):
            await house.platform.location(actor, wanted)
        with pytest.raises(UnknownLocation):
            await house.platform.patch_location(actor, wanted, PatchLocation(id=wanted, name="mine"))


async def test_a_location_is_replaced_with_its_etag_and_patched_without(house: House) -> None:
    seen = read_place(await house.platform.location(house.actor, YARD))
    patch = PatchLocation(id=YARD, name="Depot", remarks="Gate code with operations")
    patched = read_place(await house.platform.patch_location(house.actor, YARD, patch))
    assert (patched.name, patched.address) == ("Depot", seen.address)
    with pytest.raises(EtagMismatch) as stale:
        await house.platform.replace_location(house.actor, YARD, put_place(seen, name="Late"))
    assert read_place(stale.value.current) == patched
    with pytest.raises(MissingField, match="etag"):
        await house.platform.replace_location(house.actor, YARD, put_place(seen, etag=msgspec.UNSET))
    replaced = read_place(await house.platform.replace_location(house.actor, YARD, put_place(patched)))
    assert (replaced.remarks, replaced.coordinates, replaced.name) == (None, None, "Depot")


async def test_locations_are_found_by_text_and_nearest_first(house: House) -> None:
    async def found(**query: Any) -> list[str]:
        page = await house.platform.locations(house.actor, LocationQuery(**query))
        return [read_place(row).name for row in page.rows]

    assert await found() == ["Utrecht bus depot", "Garage Noord"]
    assert await found(text="NOORD") == ["Garage Noord"]
    assert await found(latitude=52.0999, longitude=5.12) == ["Garage Noord", "Utrecht bus depot"]
    assert await found(latitude=52.0999, longitude=5.12, distance_m=500.0) == ["Garage Noord"]
    assert (await house.platform.locations(house.actor, LocationQuery(limit=1))).total == 2


async def test_locations_are_found_by_the_parts_of_their_address(house: House) -> None:
    async def found(**query: Any) -> list[str]:
        page = await house.platform.locations(house.actor, LocationQuery(**query))
        return [read_place(row).name for row in page.rows]

    depot = read_place(await house.platform.location(house.actor, YARD))
    await house.platform.patch_location(house.actor, YARD, PatchLocation(id=YARD, address=f"{depot.address}7"))
    depot = read_place(await house.platform.location(house.actor, YARD))
    street, _, number = depot.address.rpartition(" ")
    parts = {"city": depot.city.upper(), "postcode": depot.postal_code, "country": depot.country.lower()}
    exact = {"street": street.upper(), "housenumber": number} | parts
    for near in ({}, {"latitude": 52.0999, "longitude": 5.12}):
        assert await found(**exact, **near) == ["Utrecht bus depot"]
        assert await found(**parts, **near, housenumber="0") == await found(city="Nowhere", **near) == []
