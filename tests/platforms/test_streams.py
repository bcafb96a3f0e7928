"""A phone that follows its commissionings: what happens on the vendor's platform reaches it; later nothing is asked."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from app.bus import Bus
from app.domain.people import Person, Role
from app.field.stream import Told, _messages
from app.platforms.remote.watcher import Watcher
from app.ports import Change, Put
from tests.platforms.house import ANNA, ours
from tests.vendor import Vendor
from tests.vendor.dress import Quirks
from tests.vendor.house import ABC, furnish, stock

ONE = "UTR-001"


def view_in(message: bytes) -> dict[str, Any] | None:
    """The view that an event carries, if it is one of a commissioning."""
    fields = dict(line.split(": ", 1) for line in message.decode().strip().split("\n") if ": " in line)
    view: dict[str, Any] | None = (
        msgspec.json.decode(fields["data"]) if fields.get("event") == "commissioning" else None
    )
    return view


async def test_a_station_that_comes_online_there_reaches_the_phone_while_it_looks(tmp_path: Path) -> None:
    vendor = Vendor(Quirks())
    furnish(vendor)
    stock(vendor, ONE)
    with vendor.serving():
        async with ours(tmp_path, vendor) as house:
            watcher = Watcher(house.ports.store, house.ports.platforms, house.clock)
            ports = replace(house.ports, watch=watcher)
            anna = Person(id="anna", name="Anna", role=Role.INSTALLER, cpo_ids=[ABC], created=house.clock.now())
            await ports.store.commit(Change(writes=(Put(anna),)))
            await house.commissioning(ONE)
            bus = Bus(ports.store, 0.01)
            tail = asyncio.create_task(bus.run())
            async with asyncio.timeout(20), aclosing(_messages(ports, bus, Told(ports), ANNA, None, 0.01)) as stream:
                await anext(stream)
                vendor.station_online(ONE)
                async for message in stream:
                    watcher.look()
                    await watcher.turns.idle()
                    if view := view_in(message):
                        break
            assert (view["live"]["connectivity_status"], view["connect"]["password_by"]) == ("Online", "platform")
            assert {check["key"]: check["state"] for check in view["checks"]}["online"] == "done"
            asked = len(vendor.log)
            for _ in range(60):
                watcher.look()
                await watcher.turns.idle()
                house.clock.forward(seconds=1)
            assert len(vendor.log) == asked
            bus.stop()
            await tail
