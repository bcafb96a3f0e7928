"""Two ways to the same rules: the builtin platform itself, and the remote one over real HTTP to our own API over it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from app.api.fold import fold_paths
from app.api.routes import router
from app.bus import Bus
from app.domain.commissioning import Operation
from app.domain.facts import Fact
from app.domain.locations import Location, PutLocation
from app.domain.model import ChargerType, DeployState
from app.domain.people import Actor, Subscription, keyed_digest
from app.domain.stations import ChargeStation, PostChargeStation, PutChargeStation
from app.platforms.remote import RemotePlatform
from app.platforms.remote.wire import Wire
from app.ports import Change, Platform, Ports, Put, Store
from app.settings import Settings
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.conftest import ABC, TWIN, XYZ, YARD
from tests.fakes import FakeClock, FakeIds

KEY = "key-of-the-remote-platform"
DEADLINE = 10.0


@dataclass
class House:
    """A platform under test. `store` holds what was committed along with its writes."""

    platform: Platform
    store: Store
    actor: Actor
    foreign: Actor
    clock: FakeClock
    ids: FakeIds

    async def facts(self) -> list[Fact]:
        return await self.store.facts()


def actors() -> tuple[Actor, Actor]:
    installer = Actor(person_id="anna", device_id="anna-phone", name="Anna", cpo_ids=frozenset({ABC}))
    return installer, Actor(person_id="carl", name="Carl", cpo_ids=frozenset({XYZ}))


@dataclass
class Shim:
    """Between the remote platform and the API: adds keys to what is read, and keeps what is written."""

    app: ASGIApp
    add: Callable[[dict[str, Any]], None] | None = None
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    before_put: Callable[[], Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        if body and scope["method"] in ("PUT", "PATCH", "POST"):
            self.sent.append((scope["method"], msgspec.json.decode(body)))
        if scope["method"] == "PUT" and self.before_put is not None:
            act, self.before_put = self.before_put, None
            await act()
        start: dict[str, Any] = {}
        chunks: list[bytes] = []

        async def collect(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                chunks.append(message.get("body", b""))

        async def replay() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, collect)
        answer = self._added(b"".join(chunks))
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        start["headers"] = [*headers, (b"content-length", str(len(answer)).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": answer})

    def _added(self, body: bytes) -> bytes:
        if self.add is None:
            return body
        envelope = msgspec.json.decode(body)
        if isinstance(envelope.get("data"), dict):
            self.add(envelope["data"])
        return msgspec.json.encode(envelope)


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message: Any = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


class Served(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The test process keeps its own signal handlers."""
        yield


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The base URL of the app on a free loopback port."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = Served(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def remote_house(vendor: Ports, folder: Path) -> AsyncIterator[tuple[House, Shim]]:
    """The remote platform with a store of its own, over real HTTP to the API of `vendor`."""
    key = Subscription(
        key_digest=keyed_digest(vendor.digest_key, KEY),
        id="remote",
        name="Stationlink",
        cpo_ids=[ABC, XYZ],
        modules={"chargestations": "rw", "locations": "rw"},
        created=vendor.clock.now(),
    )
    await vendor.store.commit(Change(writes=(Put(key),)))
    migrate(folder / "ours.sqlite")
    store = await SqliteStore.open(folder / "ours.sqlite")
    shim = Shim(fold_paths(Litestar([router(vendor, Bus(vendor.store), Settings())], openapi_config=None)))
    actor, foreign = actors()
    async with serving(shim) as url, client_of(url) as client:
        clock, ids = FakeClock(), FakeIds()
        platform = RemotePlatform(Wire(client), store, clock, ids, ABC)
        await platform.lists.refresh()
        yield House(platform, store, actor, foreign, clock, ids), shim
    await store.close()


def client_of(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"Authorization": f"Token {KEY}"}, timeout=DEADLINE)


# --- Bodies and answers ---

MADE_AT = datetime(2026, 3, 2, 7, 59, tzinfo=UTC)


def post(charge_station_id: str = "UTR-017", **more: Any) -> PostChargeStation:
    values: dict[str, Any] = {
        "charge_station_id": charge_station_id,
        "location_id": YARD,
        "deploy_state": DeployState.STOCK,
        "default_charge_station_tariff_id": "T-AC",
        "charger_type": ChargerType.PUBLIC,
        "charge_station_template_id": TWIN,
    }
    return PostChargeStation(**{**values, **more})


def put(station: ChargeStation, **more: Any) -> PutChargeStation:
    values: dict[str, Any] = {
        "charge_station_id": station.charge_station_id,
        "location_id": station.location_id,
        "deploy_state": station.deploy_state,
        "default_charge_station_tariff_id": station.default_charge_station_tariff_id,
        "charger_type": station.charger_type,
        "etag": station.etag,
    }
    return PutChargeStation(**{**values, **more})


def put_place(location: Location, **more: Any) -> PutLocation:
    fields = ("id", "cpo_id", "name", "address", "city", "postal_code", "country", "etag")
    return PutLocation(**{**{name: getattr(location, name) for name in fields}, **more})


def read(body: bytes) -> ChargeStation:
    return msgspec.json.decode(body, type=ChargeStation)


def read_place(body: bytes) -> Location:
    return msgspec.json.decode(body, type=Location)


async def created(house: House, charge_station_id: str = "UTR-017", **more: Any) -> ChargeStation:
    return read(await house.platform.create_station(house.actor, post(charge_station_id, **more)))


def operation(id: str = "op-1") -> Operation:
    return Operation(
        id=id,
        kind="apply_template",
        person_id="anna",
        commissioning_id="c-1",
        charge_station_id="UTR-017",
        made_at=MADE_AT,
        at=MADE_AT,
        body_hash="hash",
        state="accepted",
        answer=msgspec.Raw(b"{}"),
    )
