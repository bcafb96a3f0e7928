"""The platform API as one router under /api. Put `fold.fold_paths` outside the application that holds it."""

from collections.abc import Sequence

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from app.api import locations, stations, templates
from app.api.auth import READ, WRITE, may
from app.api.envelope import ROOT, Envelope
from app.bus import Bus
from app.domain.errors import StationlinkError
from app.ports import Platform, Ports
from app.settings import Settings


def router(ports: Ports, bus: Bus, settings: Settings) -> Router:
    """Serves the builtin platform. Answers to paths that are no route come from the application's own exception
    handlers: let those call `Envelope.failure` where `envelope.serves` says so.
    """
    envelope = Envelope(ports.clock)

    async def provide_ports() -> Ports:
        return ports

    async def provide_platform() -> Platform:
        return ports.platforms.builtin

    async def provide_envelope() -> Envelope:
        return envelope

    return Router(
        path=ROOT,
        route_handlers=[
            _module("/1.0/ChargeStations", "chargestations", (*stations.HANDLERS, *templates.HANDLERS)),
            _module("/2.0/Locations", "locations", locations.HANDLERS),
        ],
        dependencies={
            "ports": Provide(provide_ports),
            "platform": Provide(provide_platform),
            "envelope": Provide(provide_envelope),
        },
        exception_handlers=dict.fromkeys((Exception, HTTPException, StationlinkError), envelope.failure),
        request_max_body_size=settings.max_body_bytes,
    )


def _module(path: str, module: str, handlers: Sequence[HTTPRouteHandler]) -> Router:
    """One module of a subscription: handlers that ask for `reader` or `writer` get the caller, if it may be one."""
    return Router(
        path=path,
        route_handlers=list(handlers),
        dependencies={"reader": may(module, READ), "writer": may(module, WRITE)},
        tags=[path.removeprefix("/").partition("/")[2]],
    )
