"""The copy of a vendor's platform: hourly lists by what has changed, across restarts; what is missing is asked for."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from app.actions.connecting import platform_info
from app.domain.errors import PlatformBusy, PlatformKeyRefused, UnknownLocation, UnknownStation
from app.domain.locations import Location
from app.domain.stations import ChargeStation, PatchChargeStation
from app.platforms.remote import lists
from app.platforms.remote.copying import Copying
from app.ports import LocationQuery, StationQuery
from tests.live import location_body
from tests.platforms.house import ANNA, Ours, ours
from tests.vendor import Vendor
from tests.vendor.dress import Quirks
from tests.vendor.house import KEY, YARD, furnish, stock

FRESH = "7c8a1d6e-2f60-4f0c-9a57-0c7d1b5e9f21"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor(Quirks())
    furnish(vendor)
    for number in range(1, 6):
        stock(vendor, f"UTR-00{number}")
    with vendor.serving():
        yield vendor


@pytest.fixture
async def house(vendor: Vendor, tmp_path: Path) -> AsyncIterator[Ours]:
    async with ours(tmp_path, vendor) as house:
        yield house


def lists_of(vendor: Vendor) -> list[tuple[str, str]]:
    return [call for call in vendor.log if call[1].rstrip("/").lower().endswith(("/chargestations", "/locations"))]


async def ids(house: Ours, **query: Any) -> list[str]:
    page = await house.platform.stations(ANNA, StationQuery(**query))
    return [msgspec.json.decode(row, type=ChargeStation).charge_station_id for row in page.rows]


async def test_a_search_never_asks_the_platform_and_shows_what_is_there(house: Ours, vendor: Vendor) -> None:
    assert await ids(house) == []
    assert vendor.log == []
    await house.platform.lists.refresh()
    seen = len(vendor.log)
    assert await ids(house, text="utr-00", limit=2, offset=1) == ["UTR-002", "UTR-003"]
    assert await house.platform.similar_ids(ANNA, "UTR 0O3") == ["UTR-003", "UTR-001", "UTR-002"]
    assert len((await house.platform.locations(ANNA, LocationQuery(text="yard"))).rows) == 1
    assert len(vendor.log) == seen


async def test_a_list_is_read_once_an_hour_and_then_by_what_has_changed(house: Ours, vendor: Vendor) -> None:
    await house.platform.lists.refresh()
    first = len(lists_of(vendor))
    for _ in range(59):
        house.clock.forward(minutes=1)
        await house.platform.lists.refresh()
    assert (first, len(lists_of(vendor))) == (2, 2)
    asked: list[dict[str, str]] = []
    call = house.platform._wire.call

    async def watched(method: str, path: str, **more: Any) -> Any:
        asked.append(dict(more.get("params") or {}))
        return await call(method, path, **more)

    house.clock.forward(minutes=1)
    with patch.object(house.platform._wire, "call", watched):
        await house.platform.lists.refresh()
    assert len(asked) == 2
    assert {params["date_from"] for params in asked} == {"2026-03-02T07:55:00Z"}


async def test_a_restart_begins_no_reading_before_its_hour(vendor: Vendor, tmp_path: Path) -> None:
    for _ in range(3):
        async with ours(tmp_path, vendor) as house:
            await house.platform.lists.refresh()
            assert len(await ids(house)) == 5
    assert len(lists_of(vendor)) == 2


async def test_a_reading_that_broke_off_goes_on_where_it_was(vendor: Vendor, tmp_path: Path) -> None:
    with patch.object(lists, "LIMIT", 2):
        vendor.fault("busy_plain", methods=("GET",), path="chargestations", skip=1)
        async with ours(tmp_path, vendor) as house:
            with pytest.raises(PlatformBusy):
                await house.platform.lists.refresh()
            assert await ids(house) == ["UTR-001", "UTR-002"]
            assert (await platform_info(house.ports, house.cpo)).problem == "platform_busy"
        vendor.well()
        before = len(lists_of(vendor))
        async with ours(tmp_path, vendor) as house:
            house.clock.forward(minutes=2)
            await house.platform.lists.refresh()
            assert len(await ids(house)) == 5
            info = await platform_info(house.ports, house.cpo)
            assert info.problem is None and info.read_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        assert len(lists_of(vendor)) - before == 2


async def test_what_is_missing_in_the_copy_is_asked_for_before_it_is_unknown(house: Ours, vendor: Vendor) -> None:
    await house.platform.lists.refresh()
    stock(vendor, "UTR-009")
    seen = await house.platform.seen_station(ANNA, "UTR-009")
    assert msgspec.json.decode(seen.body, type=ChargeStation).charge_station_id == "UTR-009"
    assert await ids(house, text="009") == ["UTR-009"]
    count = len(vendor.log)
    assert (await house.platform.seen_station(ANNA, "UTR-009")).read_at == house.clock.now()
    await house.platform.seen_location(ANNA, YARD.upper())
    assert len(vendor.log) == count
    with pytest.raises(UnknownStation):
        await house.platform.seen_station(ANNA, "UTR-404")


async def test_what_the_platform_has_no_more_leaves_the_copy(house: Ours, vendor: Vendor) -> None:
    await house.platform.lists.refresh()
    vendor.in_portal(lambda books: books.stations.clear())
    vendor.in_portal(lambda books: books.locations.clear())
    with pytest.raises(UnknownStation):
        await house.platform.station(ANNA, "UTR-001")
    assert await ids(house) == ["UTR-002", "UTR-003", "UTR-004", "UTR-005"]
    with pytest.raises(UnknownLocation):
        await house.platform.location(ANNA, YARD.upper(), exclude_evses=True)
    assert (await house.platform.locations(ANNA, LocationQuery(text="yard"))).rows == ()


async def test_our_own_write_is_in_the_copy_at_once(house: Ours, vendor: Vendor) -> None:
    await house.platform.lists.refresh()
    patched = PatchChargeStation(charge_station_id="UTR-001", name="Row A")
    await house.platform.patch_station(ANNA, "UTR-001", patched)
    count = len(vendor.log)
    assert await ids(house, text="row a") == ["UTR-001"]
    assert len(vendor.log) == count


async def test_the_lists_are_read_in_the_background_and_a_refused_token_is_said(house: Ours, vendor: Vendor) -> None:
    copying = Copying(house.ports.store, house.ports.platforms)
    vendor.expire(KEY)
    await copying.look()
    await copying.turns.idle()
    assert (await platform_info(house.ports, house.cpo)).problem == PlatformKeyRefused.code
    vendor.keys[KEY].expired = False
    house.clock.forward(minutes=2)
    await copying.look()
    await copying.turns.idle()
    assert (await platform_info(house.ports, house.cpo)).problem is None
    assert len(await ids(house)) == 5


async def test_a_location_that_the_copy_does_not_have_is_asked_for_once(house: Ours, vendor: Vendor) -> None:
    await house.platform.lists.refresh()

    async def names(**query: Any) -> list[str]:
        page = await house.platform.locations(ANNA, LocationQuery(**query))
        return [msgspec.json.decode(row, type=Location).name for row in page.rows]

    fresh = location_body(id=FRESH, name="Fresh", city="Zwolle", postal_code="8011 AA")
    fresh["coordinates"] = {"latitude": "52.500000", "longitude": "6.100000"}
    vendor.in_portal(lambda books: books.create_location(fresh))
    vendor.log.clear()
    assert await names(text="zwol") == []
    assert (await names(latitude=52.5001, longitude=6.1))[0] == "Fresh"
    assert len(vendor.log) == 2
    assert await names(text="zwol") == ["Fresh"]
    assert (await names(latitude=52.5001, longitude=6.1))[0] == "Fresh"
    for _ in range(3):
        assert await names(text="8099 ZZ") == []
    assert len(vendor.log) == 3


async def test_a_page_that_was_cut_in_silence_is_not_the_last(house: Ours, vendor: Vendor) -> None:
    with patch.object(lists, "UNTOLD", 2), patch("tests.vendor.desk.MOST", 2):
        await house.platform.lists.refresh()
    assert len(await ids(house)) == 5
