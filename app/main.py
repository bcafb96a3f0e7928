"""The composition root: builds the service from its settings. Nothing but the command line imports it."""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from app.actions.commanding import Commanding
from app.actions.passwords import close_outdated
from app.actions.trials.running import Trials
from app.actions.uses import Uses
from app.api.envelope import ROOT, Envelope, serves
from app.api.fold import fold_paths
from app.api.openapi import part as api_part
from app.api.routes import router as api_router
from app.bus import Bus
from app.desk.routes import desk_http_error
from app.desk.routes import router as desk_router
from app.domain.commands import Command, CommandOutcome, CommandState
from app.domain.live import OfflineReason
from app.domain.profiles import Profile
from app.field.openapi import part as field_part
from app.field.routes import router as field_router
from app.ocpp.gateway import Gateway
from app.platforms.builtin import BuiltinPlatform
from app.platforms.host import OcppHost
from app.platforms.remote.choice import PlatformChoice
from app.platforms.remote.copying import Copying
from app.platforms.remote.settling import Settler
from app.platforms.remote.watcher import Watcher
from app.ports import Ports, Still, Store, VirtualStations
from app.settings import Settings
from app.store import digest_key
from app.store.folder import DATABASE
from app.store.postgres import PostgresStore
from app.store.sqlite import SqliteStore
from app.store.vault import Vault
from app.web.compression import with_gzip
from app.web.health import health_routes
from app.web.openapi import document, schema_routes
from app.web.problems import http_problem
from app.web.security import with_headers
from app.web.statics import static_routes

STATIC = Path(__file__).parent.parent / "static"
STREAMS = ("^/field/stream", "^/desk/stream")


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemIds:
    def uuid(self) -> str:
        return str(uuid.uuid4())

    def text(self, alphabet: str, length: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(length))

    def number(self) -> int:
        return 1 + secrets.randbelow(2**31 - 1)


class NoCommands:
    """Beside a running server: the command line holds no socket, so no station can be told anything from here."""

    async def send(
        self, charge_station_id: str, command: Command, *, timeout: float, still: Still | None = None
    ) -> CommandOutcome:
        return CommandOutcome(state=CommandState.OFFLINE)

    def overhear(self, charge_station_id: str, heard: Callable[[str], None]) -> AbstractContextManager[None]:
        return nullcontext()

    async def disconnect(self, charge_station_id: str, reason: OfflineReason) -> None:
        return None


async def open_store(settings: Settings) -> Store:
    """PostgreSQL where the settings name one, else the file in the data folder. Raises StoreUnavailable."""
    if not settings.database:
        return await SqliteStore.open(settings.folder / DATABASE)
    store = await PostgresStore.open(settings.database)
    try:
        await store.share_key(digest_key.fingerprint(digest_key.read_or_make(settings.folder)))
    except BaseException:
        await store.close()
        raise
    return store


def build_ports(settings: Settings, store: Store, virtual: VirtualStations | None = None) -> Ports:
    """The ports without a gateway: enough for the command line."""
    clock, ids, key = SystemClock(), SystemIds(), digest_key.read_or_make(settings.folder)
    builtin, vault = BuiltinPlatform(store, clock, ids), Vault(key)
    seconds, holder = settings.platform_seconds, ids.uuid() if settings.database else ""
    return Ports(
        store=store,
        platforms=PlatformChoice(builtin, store, clock, ids, vault, settings.endpoints, seconds, holder),
        commands=NoCommands(),
        clock=clock,
        ids=ids,
        digest_key=key,
        public_url=settings.public_url.rstrip("/") or f"http://localhost:{settings.port}",
        ocpp_url=settings.ocpp_url.rstrip("/") or f"ws://localhost:{settings.ocpp_port}/ocpp",
        ocpp_tls_url=settings.ocpp_tls_url.rstrip("/"),
        ocpp_profile=Profile(settings.ocpp_profile),
        virtual=virtual,
        endpoints=settings.endpoints,
    )


@dataclass(frozen=True)
class Service:
    """What `serve` runs: `app` is the ASGI application, whose lifespan starts and stops all the rest."""

    app: ASGIApp
    ports: Ports
    bus: Bus
    gateway: Gateway


async def build(settings: Settings, virtual: VirtualStations | None = None) -> Service:
    """The whole service over an up-to-date database. Raises StoreUnavailable, or OSError for a taken OCPP port."""
    store = await open_store(settings)
    bare = build_ports(settings, store, virtual)
    host = OcppHost(store, bare.clock, bare.ids, bare.digest_key, Profile(settings.ocpp_profile))
    gateway = Gateway(host, settings, bare.clock)
    ports = replace(bare, commands=gateway, watch=Watcher(store, bare.platforms, bare.clock))
    bus = Bus(store, settings.poll_seconds)
    trials = Trials(ports, bus, seconds=settings.trial_seconds, command_seconds=settings.ocpp_command_seconds)
    commanding = Commanding(ports, bus, seconds=settings.ocpp_command_seconds)
    app = _app(ports, bus, settings, trials, commanding, gateway)
    served = with_headers(with_gzip(app, streams=STREAMS), apart=f"{ROOT}/")
    return Service(app=fold_paths(served), ports=ports, bus=bus, gateway=gateway)


Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def _lifespan(ports: Ports, bus: Bus, trials: Trials, commanding: Commanding, gateway: Gateway, uses: Uses) -> Lifespan:
    """What runs beside the requests."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        start = await ports.store.last_fact()
        await gateway.start()
        await trials.close_interrupted()
        await commanding.close_interrupted()
        tail = asyncio.create_task(bus.run())
        doorkeeper = asyncio.create_task(close_outdated(ports, bus, start))
        settler, copying = Settler(ports.store, ports.platforms, ports.clock), Copying(ports.store, ports.platforms)
        others = [asyncio.create_task(each.run()) for each in (settler, copying, ports.watch, uses)]
        try:
            yield
        finally:
            bus.stop()
            for task in others:
                task.cancel()
            await trials.stop()
            await commanding.stop()
            await gateway.stop()
            await asyncio.gather(tail, doorkeeper)
            await asyncio.wait(others)
            await uses.flush()
            await ports.platforms.close()
            await ports.store.close()

    return lifespan


def _app(
    ports: Ports, bus: Bus, settings: Settings, trials: Trials, commanding: Commanding, gateway: Gateway
) -> Litestar:
    uses = Uses(ports)
    return Litestar(
        route_handlers=[
            api_router(ports, bus, settings, uses, commanding),
            field_router(ports, bus, settings, trials, commanding),
            desk_router(ports, bus, settings, commanding),
            *health_routes(ports.store, lambda: gateway.listening),
            *schema_routes(schema),
            *static_routes(STATIC),
        ],
        lifespan=[_lifespan(ports, bus, trials, commanding, gateway, uses)],
        logging_config=None,
        exception_handlers={HTTPException: _other_paths(Envelope(ports.clock))},
        openapi_config=None,
        request_max_body_size=settings.max_body_bytes,
    )


@cache
def schema() -> bytes:
    """The OpenAPI document of all that other programs may call."""
    return msgspec.json.encode(document(version("stationlink"), [api_part(), field_part()]))


def _other_paths(envelope: Envelope) -> Callable[[Request[Any, Any, Any], HTTPException], Response[Any]]:
    """A path that no router owns is answered in the words of the edge it looks like."""

    def answer(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        path = request.url.path.lower()
        if serves(path):
            return envelope.failure(request, error)
        browsed = "text/html" in request.headers.get("accept", "") and not path.startswith("/field")
        if browsed or path.startswith(("/desk", "/s/")):
            return desk_http_error(request, error)
        return http_problem(request, error)

    return answer
