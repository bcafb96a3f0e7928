"""What a vendor's platform has to bear: the lists once an hour at most, a single station when somebody asks for it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.live import LiveServer
from tests.vendor import Vendor
from tests.vendor.books import Books
from tests.vendor.house import YARD, furnish, settle_on, stock

MANY = 1050
ADMISSION, PAGES = 1, 3
DEADLINE = 30.0


def crowd(vendor: Vendor) -> None:
    """A platform with more stations than one page holds, and locations all over the country."""

    def change(books: Books) -> None:
        for number in range(MANY):
            body = {
                "charge_station_id": f"OLD-{number:04d}",
                "location_id": YARD,
                "deploy_state": "Production",
                "default_charge_station_tariff_id": "T-AC",
                "charger_type": "Public",
                "charge_station_template_id": "twin-ac-22",
            }
            books.create_station(body)

    vendor.in_portal(change)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor().serving() as running:
        furnish(running)
        crowd(running)
        yield running


@pytest.fixture
def server(vendor: Vendor, tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data", platform_seconds="10").start()
    settle_on(live, vendor)
    yield live
    live.kill()


def until(true: Callable[[], bool], what: str) -> None:
    """A process of its own has no other way to be waited for than being asked."""
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def has_read(phone: httpx.Client) -> bool:
    (cpo,) = phone.get("/field/me").json()["cpos"]
    return cpo["platform"]["read_at"] is not None


def looked_up(phone: httpx.Client, station_id: str) -> str:
    outcome: str = phone.get("/field/lookup", params={"text": station_id}).json()["outcome"]
    return outcome


def lists(vendor: Vendor) -> int:
    return sum(1 for method, path in vendor.log if (method, path) == ("GET", "/api/1.0/ChargeStations"))


def test_the_list_is_read_once_and_a_restart_does_not_read_it_again(server: LiveServer, vendor: Vendor) -> None:
    """The platform tells no totals: it is read until a page is shorter than any limit. Admission asked for one row."""
    with closing(server.phone()) as phone:
        until(lambda: has_read(phone), "the first reading does not end")
        assert lists(vendor) == ADMISSION + PAGES
        server.stop()
        server.start()
        vendor.log.clear()
        assert looked_up(phone, f"OLD-{MANY - 1:04d}") == "station"
        stock(vendor, "NEW-0001")
        assert looked_up(phone, "NEW-0001") == "station", "what is missing in the copy is asked for"
        assert looked_up(phone, "NEW-0002") == "new_station"
        assert lists(vendor) == 0
        assert vendor.counted()["get"] <= 6


def test_a_first_reading_that_is_killed_goes_on_where_it_was(vendor: Vendor, tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data", platform_seconds="10")
    settle_on(server, vendor)
    vendor.hooks.kill = lambda: os.kill(server.pid, signal.SIGKILL)
    killing = vendor.fault("kill_before", methods=("GET",), path="ChargeStations", skip=PAGES - 1)
    server.start()
    until(lambda: killing.met == 1, "the first reading does not get to its last page")
    server.kill()
    server.start()
    with closing(server.phone()) as phone:
        until(lambda: has_read(phone), "the first reading does not end")
        assert looked_up(phone, f"OLD-{MANY - 1:04d}") == "station"
        assert looked_up(phone, "OLD-0000") == "station"
    assert lists(vendor) == ADMISSION + PAGES + 1, "only the page that was struck is asked for twice"
    server.stop()
