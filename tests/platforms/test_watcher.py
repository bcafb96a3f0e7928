"""Live state without sweeps: who is looked at is asked about, ever more seldom; a change is told."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.actions.connecting import platform_info
from app.actions.live import read_standing
from app.actions.views import commissioning_view
from app.actions.watching import on_board, on_page, open_of
from app.domain.checks import CheckState
from app.domain.commissioning import ONLINE_CHECK, Commissioning
from app.domain.people import SYSTEM
from app.domain.stations import Rung
from app.platforms.remote.watcher import Watcher
from app.ports import Change, Lease, Put
from tests.platforms.house import ANNA, Ours, ours
from tests.vendor import Vendor
from tests.vendor.dress import Quirks
from tests.vendor.house import ABC, KEY, YARD, furnish, stock

ONE, TWO = "UTR-001", "UTR-002"


def furnished() -> Vendor:
    vendor = Vendor(Quirks())
    furnish(vendor)
    for station_id in (ONE, TWO):
        stock(vendor, station_id)
    return vendor


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with furnished().serving() as vendor:
        yield vendor


@pytest.fixture
async def house(vendor: Vendor, tmp_path: Path) -> AsyncIterator[Ours]:
    async with ours(tmp_path, vendor) as house:
        await house.platform.lists.refresh()
        vendor.log.clear()
        yield house


@pytest.fixture
def watcher(house: Ours) -> Watcher:
    return Watcher(house.ports.store, house.ports.platforms, house.clock)


async def pass_by(house: Ours, watcher: Watcher, seconds: int) -> None:
    for _ in range(seconds):
        watcher.look()
        await watcher.turns.idle()
        house.clock.forward(seconds=1)


async def online_check(house: Ours, charge_station_id: str) -> CheckState:
    found = await house.ports.store.get(Commissioning, f"c-{charge_station_id}")
    assert found is not None
    return next(check.state for check in found[0].checks if check.key == ONLINE_CHECK)


def want(lease: Lease, *stations: str) -> None:
    lease.want((ABC, station) for station in stations)


async def test_one_station_is_looked_at_for_ten_minutes_at_a_rate_that_slows_down(
    house: Ours, watcher: Watcher, vendor: Vendor
) -> None:
    with watcher.lease() as lease:
        want(lease, ONE)
        await pass_by(house, watcher, 120)
        assert vendor.counted() == {"get": 24}
        await pass_by(house, watcher, 480)
        assert 24 + 18 + 15 - 2 <= vendor.counted()["get"] <= 24 + 18 + 15 + 2
        assert vendor.counted()["list"] == 0
        vendor.log.clear()
        await pass_by(house, watcher, 600)
        await pass_by(house, watcher, 600)
        assert vendor.counted()["get"] <= 26
        vendor.log.clear()
        watcher.hurry(ONE)
        await pass_by(house, watcher, 60)
        assert vendor.counted() == {"get": 12}


async def test_nobody_looks_and_nothing_is_asked(house: Ours, watcher: Watcher, vendor: Vendor) -> None:
    await house.commissioning(ONE)
    await pass_by(house, watcher, 60)
    with watcher.lease() as lease:
        want(lease, ONE)
        await pass_by(house, watcher, 1)
    assert vendor.counted() == {"get": 1}
    await pass_by(house, watcher, 600)
    assert vendor.counted() == {"get": 1}


async def test_an_overview_of_many_is_calm(house: Ours, watcher: Watcher, vendor: Vendor) -> None:
    with watcher.lease(calm=True) as lease:
        want(lease, ONE)
        await pass_by(house, watcher, 600)
    assert vendor.counted()["get"] <= 16


async def test_several_at_one_location_are_one_list(house: Ours, watcher: Watcher, vendor: Vendor) -> None:
    with watcher.lease() as lease:
        want(lease, ONE, TWO)
        vendor.station_online(TWO)
        await pass_by(house, watcher, 20)
    assert vendor.counted() == {"list": 4}
    assert (await read_standing(house.ports, house.cpo, TWO)).online


async def test_a_station_that_comes_online_is_told_and_settles_its_check_in_one_change(
    house: Ours, watcher: Watcher, vendor: Vendor
) -> None:
    await house.commissioning(ONE)
    with watcher.lease() as lease:
        lease.want(await open_of(house.ports, ANNA))
        await pass_by(house, watcher, 1)
        assert await online_check(house, ONE) is CheckState.OPEN
        assert (await read_standing(house.ports, house.cpo, ONE)).live.rung is Rung.UNSEEN
        vendor.station_online(ONE)
        seen = house.clock.forward(seconds=10)
        await pass_by(house, watcher, 1)
        assert ("station_connected", ONE) in await house.told()
        assert await online_check(house, ONE) is CheckState.DONE
        shown = await commissioning_view(house.ports, ANNA, f"c-{ONE}")
        assert (shown.live.connectivity_status, shown.live.online_since, shown.read_at) == ("Online", seen, seen)
        assert (shown.live.rung, shown.live.rung_since) == (Rung.ONLINE, seen)
        assert (shown.connect.password_by, shown.connect.url) == ("platform", "ws://ocpp-a.example.com")
        vendor.station_online(ONE, online=False)
        await pass_by(house, watcher, 6)
    assert (await house.told())[-1] == ("station_disconnected", ONE)
    gone = (await read_standing(house.ports, house.cpo, ONE)).live
    assert (gone.rung, gone.rung_since, gone.cause) == (Rung.LOST, gone.offline_since, None)
    assert gone.offline_since is not None


async def test_a_view_asks_the_platform_for_nothing_that_is_known(house: Ours, vendor: Vendor) -> None:
    begun = await house.commissioning(ONE)
    begun.location_id, begun.template_id = YARD, "twin-ac-22"
    await house.ports.store.commit(Change(writes=(Put(begun, 1),)))
    for _ in range(3):
        shown = await commissioning_view(house.ports, ANNA, f"c-{ONE}")
    assert shown.location is not None and shown.location.name == "Yard"
    assert shown.template is not None and shown.template.name != "twin-ac-22"
    assert len(vendor.log) == 1


async def test_what_a_screen_shows_is_what_is_looked_at(house: Ours) -> None:
    await house.commissioning(ONE)
    assert await open_of(house.ports, ANNA) == await on_board(house.ports, SYSTEM) == {(ABC, ONE)}
    assert await on_page(house.ports, ANNA, TWO) == {(ABC, TWO)}
    stranger = ANNA.__class__(person_id="carl", cpo_ids=frozenset({"XYZ"}))
    assert await on_page(house.ports, stranger, TWO) == await open_of(house.ports, stranger) == set()


async def test_a_busy_platform_is_left_alone_as_long_as_it_asked(house: Ours, watcher: Watcher, vendor: Vendor) -> None:
    vendor.fault("busy_plain", methods=("GET",))
    with watcher.lease() as lease:
        want(lease, ONE)
        await pass_by(house, watcher, 29)
    assert vendor.counted() == {"get": 1}
    assert (await platform_info(house.ports, house.cpo)).problem == "platform_busy"


async def test_a_refused_token_is_said_and_forgotten_when_it_works_again(
    house: Ours, watcher: Watcher, vendor: Vendor
) -> None:
    vendor.expire(KEY)
    with watcher.lease() as lease:
        want(lease, ONE)
        await pass_by(house, watcher, 10)
        assert vendor.counted() == {"get": 1}
        assert (await platform_info(house.ports, house.cpo)).problem == "platform_key_refused"
        vendor.keys[KEY].expired = False
        await pass_by(house, watcher, 60)
    assert (await platform_info(house.ports, house.cpo)).problem is None


async def test_a_station_that_went_to_the_other_environment_is_found_there(vendor: Vendor, tmp_path: Path) -> None:
    with furnished().serving() as other:
        async with ours(tmp_path, vendor, other) as house:
            await house.platform.lists.refresh()
            await house.commissioning(ONE)
            other.station_online(ONE)
            watcher = Watcher(house.ports.store, house.ports.platforms, house.clock)
            with watcher.lease() as lease:
                want(lease, ONE)
                await pass_by(house, watcher, 60)
                assert len(other.log) == 2
                shown = await commissioning_view(house.ports, ANNA, f"c-{ONE}")
                assert shown.elsewhere is not None
                assert (shown.elsewhere.environment, shown.elsewhere.ocpp_url) == (
                    "production",
                    "ws://ocpp-a.example.com",
                )
                other.station_online(ONE, online=False)
                vendor.station_online(ONE)
                await pass_by(house, watcher, 6)
                shown = await commissioning_view(house.ports, ANNA, f"c-{ONE}")
                assert shown.elsewhere is None and shown.live.connectivity_status == "Online"
                await pass_by(house, watcher, 60)
                assert len(other.log) == 2
