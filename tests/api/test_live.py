"""Over a real socket: what the server does to paths and bodies before the application sees them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn

from tests.api.conftest import BODY_LIMIT, LOCATIONS, STATIONS, Api, location_body, one, station_body


@pytest.fixture
async def client(asgi: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The same application as everywhere, behind uvicorn on a free port."""
    server = uvicorn.Server(uvicorn.Config(asgi, host="127.0.0.1", port=0, lifespan="off", log_config=None))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as opened:
        yield opened
    server.should_exit = True
    await running


@pytest.mark.parametrize("station_id", ["a b", "a|b", "row/17", "50%2F50", "100%", "站-é", "what?#&=+"])
async def test_ids_survive_a_real_request_line(api: Api, station_id: str) -> None:
    place = await api.ok("POST", LOCATIONS, location_body())
    made = await api.ok("POST", STATIONS, station_body(place["id"], station_id))
    assert await api.ok("GET", one("/API/1.0/chargestations", station_id)) == made


async def test_a_link_can_be_followed_as_it_is(api: Api) -> None:
    for name in ("first", "second"):
        await api.ok("POST", LOCATIONS, location_body(name=name))
    answer = await api.send("GET", f"{LOCATIONS}?limit=1")
    assert str(api.client.base_url).rstrip("/") in answer.links["next"]["url"]
    assert [place["name"] for place in await api.ok("GET", answer.links["next"]["url"])] == ["second"]


async def test_a_body_that_is_too_large_is_answered_and_the_next_request_too(api: Api) -> None:
    for _ in range(2):
        assert (await api.refused("POST", STATIONS, content=b" " * (2 * BODY_LIMIT)))[:2] == (413, 2000)
    assert await api.ok("GET", STATIONS) == []


async def test_many_patches_at_once_all_land(api: Api) -> None:
    place = await api.ok("POST", LOCATIONS, location_body())
    await api.ok("POST", STATIONS, station_body(place["id"]))
    fields = ["name", "remarks", "maintenance_info", "contactless_type", "default_charge_station_floor_level"]
    patches = [
        api.ok("PATCH", one(STATIONS, "UTR-017"), {"charge_station_id": "UTR-017", field: f"{field} set"})
        for field in fields
    ]
    await asyncio.gather(*patches)
    found = await api.ok("GET", one(STATIONS, "UTR-017"))
    assert [found[field] for field in fields] == [f"{field} set" for field in fields]
