"""The platform API as one router under /api. Put `fold.fold_paths` outside the application that holds it."""

from collections.abc import Sequence

from litestar import Router
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from app.actions.commanding import Commanding
from app.actions.uses import Uses
from app.api import batch, customers, locations, remotecommands, stations, templates
from app.api.auth import DOOR, Keys, door
from app.api.envelope import ROOT, Envelope
from app.bus import Bus
from app.domain.errors import StationlinkError
from app.ports import Ports
from app.settings import Settings


def router(
    ports: Ports, bus: Bus, settings: Settings, uses: Uses | None = None, commanding: Commanding | None = None
) -> Router:
    """Serves the builtin platform. Answers to paths that are no route come from the application's own exception
    handlers: let those call `Envelope.failure` where `envelope.serves` says so.
    Requests are noted in `uses`.
    """
    envelope, large = Envelope(ports.clock), settings.max_batch_bytes
    commanding = commanding or Commanding(ports, bus, seconds=settings.ocpp_command_seconds)
    keys = Keys(ports, uses or Uses(ports), settings.requests_per_minute)

    def module(path: str, name: str, handlers: Sequence[HTTPRouteHandler], most: int | None = None) -> Router:
        """One module of a subscription: its handlers get the call, if it may be made, from `reader` or `writer`."""
        return Router(
            path=path,
            request_max_body_size=most or settings.max_body_bytes,
            route_handlers=list(handlers),
            opt={DOOR: door(keys, ports, envelope, name)},
            tags=[path.split("/")[2]],
        )

    return Router(
        path=ROOT,
        route_handlers=[
            module("/1.0/ChargeStations", "chargestations", (*stations.HANDLERS, *templates.HANDLERS)),
            module("/2.0/Locations", "locations", locations.HANDLERS),
            module("/2.0/CpoCustomers", "locations", customers.HANDLERS),
            module("/1.0/remotecommands", "remotecommands", remotecommands.handlers(ports, commanding)),
            module("/1.0/ChargeStations/batch", "chargestations", [batch.batch_of(batch.STATIONS, ports)], large),
            module("/2.0/Locations/batch", "locations", [batch.batch_of(batch.LOCATIONS, ports)], large),
        ],
        exception_handlers=dict.fromkeys((Exception, HTTPException, StationlinkError), envelope.failure),
        request_max_body_size=settings.max_body_bytes,
    )
