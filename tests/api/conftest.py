"""The platform API over the builtin platform and a real SQLite file, with a small fixed cast of subscriptions."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from app.actions.commanding import Commanding
from app.api.envelope import Envelope
from app.api.fold import fold_paths
from app.api.openapi import part
from app.api.routes import router
from app.bus import Bus
from app.domain.live import Boot, ConnectorState
from app.domain.model import ProtocolVersion
from app.domain.people import Subscription, keyed_digest
from app.domain.profiles import Profile
from app.platforms.builtin import BuiltinPlatform
from app.platforms.host import OcppHost
from app.ports import Change, Connection, Ports, Put, Store
from app.settings import Settings
from app.web.openapi import document
from tests.conftest import ABC, XYZ, OnePlatform, make_cpo
from tests.fakes import FakeClock, FakeCommands, FakeIds
from tests.schemas import Schemas

STATIONS = "/api/1.0/ChargeStations"
TEMPLATES = "/api/1.0/ChargeStations/ChargestationTemplate"
LOCATIONS = "/api/2.0/Locations"
CUSTOMERS = "/api/2.0/CpoCustomers"
COMMANDS = "/api/1.0/remotecommands"
DIGEST_KEY = b"digest key of the tests"
BODY_LIMIT = 1_000_000

HOOKS: dict[str, list[Any]] = {"response": [Schemas(document("0", [part()])).hold]}
"""Every call of the tests in this folder is held to the OpenAPI document."""

FULL = {"chargestations": "rw", "locations": "rw", "remotecommands": "rw"}
CAST: dict[str, tuple[list[str], dict[str, str]]] = {
    "right": ([ABC], FULL),
    "read-only": ([ABC], dict.fromkeys(FULL, "r")),
    "write-only": ([ABC], dict.fromkeys(FULL, "w")),
    "other CPO": ([XYZ], FULL),
    "both CPOs": ([ABC, XYZ], FULL),
    "no module": ([ABC], {}),
    "stations only": ([ABC], {"chargestations": "rw"}),
    "revoked": ([ABC], FULL),
    "expired": ([ABC], FULL),
}


def key_of(who: str) -> str:
    return f"key-of-{who.replace(' ', '-')}"


class Api:
    """A client that sends a key by the caller's name in the cast and unpacks the envelope."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(
        self, method: str, path: str, body: Any = None, *, who: str = "right", **more: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Token {key_of(who)}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return await self.client.request(method, path, headers=headers, **more)

    async def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The `data` of an answer that must be a success."""
        answer = await self.send(method, path, body, **more)
        assert (answer.status_code, answer.json()["status_code"]) == (200, 1000), answer.text
        return answer.json()["data"]

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, int, str]:
        """HTTP status, OCPI status and message of an answer that must not be a success."""
        answer = await self.send(method, path, body, **more)
        envelope = answer.json()
        assert envelope["status_code"] != 1000, answer.text
        return answer.status_code, envelope["status_code"], envelope["status_message"]


@pytest.fixture
async def ports(store: Store, clock: FakeClock, ids: FakeIds, commands: FakeCommands) -> Ports:
    """Two CPOs and the cast's subscriptions; no location, station or template yet."""
    records = [make_cpo(ABC, "ABC", clock.now()), make_cpo(XYZ, "XYZ", clock.now()), *subscriptions(clock)]
    await store.commit(Change(writes=tuple(Put(record) for record in records)))
    return Ports(
        store=store,
        platforms=OnePlatform(BuiltinPlatform(store, clock, ids)),
        commands=commands,
        clock=clock,
        ids=ids,
        digest_key=DIGEST_KEY,
        public_url="https://stationlink.example",
        ocpp_url="ws://stationlink.example:9000/ocpp",
    )


def subscriptions(clock: FakeClock) -> list[Subscription]:
    return [
        Subscription(
            key_digest=keyed_digest(DIGEST_KEY, key_of(who)),
            id=f"sub-{who}",
            name=f"CRM {who}",
            cpo_ids=cpo_ids,
            modules=modules,
            created=clock.now(),
            expires=clock.now().date() - timedelta(days=1) if who == "expired" else None,
            revoked_at=clock.now() if who == "revoked" else None,
        )
        for who, (cpo_ids, modules) in CAST.items()
    ]


@pytest.fixture
async def bus(ports: Ports) -> AsyncIterator[Bus]:
    bus = Bus(ports.store, poll_seconds=0.02)
    task = asyncio.create_task(bus.run())
    yield bus
    bus.stop()
    await task


@pytest.fixture
async def commanding(ports: Ports, bus: Bus) -> AsyncIterator[Commanding]:
    running = Commanding(ports, bus, seconds=5)
    yield running
    await running.stop()


@pytest.fixture
def asgi(ports: Ports, bus: Bus, commanding: Commanding) -> ASGIApp:
    settings = Settings(max_body_bytes=BODY_LIMIT)
    app = Litestar(
        [router(ports, bus, settings, commanding=commanding)],
        exception_handlers={HTTPException: Envelope(ports.clock).failure},
        openapi_config=None,
    )
    return fold_paths(app)


@pytest.fixture
async def client(asgi: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=asgi, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://stationlink.example", event_hooks=HOOKS
    ) as opened:
        yield opened


@pytest.fixture
def api(client: httpx.AsyncClient) -> Api:
    return Api(client)


# --- Bodies ----------------------------------------------------------------------------------------------------------


def connector(**more: Any) -> dict[str, Any]:
    socket = {
        "standard": "IEC_62196_T2",
        "format": "SOCKET",
        "power_type": "AC_3_PHASE",
        "voltage": 230,
        "amperage": 32,
    }
    return {**socket, **more}


def location_body(**more: Any) -> dict[str, Any]:
    """The least that a create needs."""
    body = {
        "cpo_id": ABC,
        "name": "Utrecht bus depot",
        "address": "Industrieweg 12",
        "city": "Utrecht",
        "postal_code": "3542AD",
        "country": "NLD",
    }
    return {**body, **more}


def station_body(location_id: str, charge_station_id: str = "UTR-017", **more: Any) -> dict[str, Any]:
    """The least that a create needs, with one EVSE."""
    body = {
        "charge_station_id": charge_station_id,
        "location_id": location_id,
        "deploy_state": "Stock",
        "default_charge_station_tariff_id": "T-AC",
        "evses": [{"evse_sequence_number": 1, "connectors": [connector()]}],
    }
    return {**body, **more}


def template_body(**more: Any) -> dict[str, Any]:
    sockets = [{"evse_sequence_number": n, "connector_templates": [connector(id=n)]} for n in (1, 2)]
    return {"name": "Twin AC 22 kW", "evse_templates": sockets, **more}


def customer_body(external_id: str = "C-1", **more: Any) -> dict[str, Any]:
    """The least that a create needs."""
    return {"name": "Utrecht Buses", "cpo_id": ABC, "external_id": external_id, **more}


def one(collection: str, *ids: str) -> str:
    """The path of one object, with its id (or both) percent-encoded."""
    return "/".join((collection, *(quote(each, safe="") for each in ids)))


@pytest.fixture
async def location(api: Api) -> dict[str, Any]:
    made: dict[str, Any] = await api.ok("POST", LOCATIONS, location_body())
    return made


@pytest.fixture
async def station(api: Api, location: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = await api.ok("POST", STATIONS, station_body(location["id"]))
    return made


async def station_reports(ports: Ports, charge_station_id: str, status: str) -> None:
    """What an OCPP connection would do: connect, boot, and say how connector 1 is."""
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, Profile.OPEN)
    connection = Connection(
        id="socket-1",
        charge_station_id=charge_station_id,
        address="192.0.2.19",
        endpoint="ws://stationlink.example:9000/ocpp",
        protocol_version=ProtocolVersion.OCPP16,
    )
    await host.connected(connection)
    boot = Boot(charge_point_vendor="ExampleVendor", charge_point_model="Twin 4", firmware_version="6.1.0")
    await host.booted(charge_station_id, "socket-1", boot, 300)
    state = ConnectorState(status=status, at=ports.clock.now())
    await host.connector_status(charge_station_id, "socket-1", "1", state)
