"""The contract of a platform once more, with a vendor's server behind the remote one, in all its habits."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from app.platforms.remote import RemotePlatform
from app.platforms.remote.wire import Wire
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.conftest import ABC, FOREIGN_YARD, GARAGE, XYZ, YARD, place, twin
from tests.contract.platform import test_locations, test_stations, test_writes
from tests.contract.platform_fixtures import House, actors
from tests.fakes import FakeClock, FakeIds
from tests.vendor import Vendor
from tests.vendor.books import Books
from tests.vendor.dress import Quirks

TEN_SECONDS = 10.0


def furnished() -> Vendor:
    """With what `tests.conftest.ports` has: two locations of ABC, one of XYZ, a station model. It tells its totals."""
    vendor = Vendor(Quirks(paging_headers=True))
    vendor.give_key("key", ABC, XYZ)
    places = [place(YARD, "Utrecht bus depot"), place(GARAGE, "Garage Noord", latitude="52.100000")]

    def change(books: Books) -> None:
        for each in [*places, place(FOREIGN_YARD, "Foreign yard", cpo_id=XYZ)]:
            books.create_location(msgspec.to_builtins(each))
        books.save_template(msgspec.to_builtins(twin()))

    vendor.in_portal(change)
    return vendor


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    actor, foreign = actors()
    migrate(tmp_path / "ours.sqlite")
    store, clock, ids = await SqliteStore.open(tmp_path / "ours.sqlite"), FakeClock(), FakeIds()
    headers = {"Authorization": "Token key"}
    with furnished().serving() as vendor:
        async with httpx.AsyncClient(base_url=vendor.url, headers=headers, timeout=TEN_SECONDS) as client:
            platform = RemotePlatform(Wire(client), store, clock, ids, ABC)
            await platform.lists.refresh()
            yield House(platform, store, actor, foreign, clock, ids)
    await store.close()


OURS_ALONE = {
    "test_a_station_of_a_foreign_location_cannot_be_reached",
    "test_a_template_of_another_cpo_is_unknown_and_stays_theirs",
    "test_a_template_is_saved_under_a_made_id_and_replaced_under_its_own",
}
"""They put something into our own store first, or expect a name that our own platform makes."""

for contract in (test_stations, test_locations, test_writes):
    tests = {name: test for name, test in vars(contract).items() if name.startswith("test_")}
    globals().update({name: test for name, test in tests.items() if name not in OURS_ALONE})
del contract, test_locations, test_stations, test_writes
