"""The phone's API under /field: everything a signed-in installer needs, in the problem shape of `app.web.problems`."""

from datetime import timedelta

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from app.actions.commanding import Commanding
from app.actions.trials.running import Trials
from app.bus import Bus
from app.domain.errors import StationlinkError
from app.domain.people import Actor, Role
from app.field import commands, commissionings, join, lookup, stream, sync, trials
from app.field.join import Incoming
from app.ports import Ports
from app.settings import Settings
from app.web.limits import Tries
from app.web.problems import domain_problem, http_problem, unexpected_problem
from app.web.security import require_phone_header
from app.web.sessions import request_actor

EVERYBODY = frozenset(Role)
WRONG_CODES = 5
WRONG_CODES_OVERALL = 50
WINDOW = timedelta(minutes=15)


def router(ports: Ports, bus: Bus, settings: Settings, running: Trials, commanding: Commanding) -> Router:
    """Five wrong codes close the door to an address for a quarter of an hour, fifty in all close it to everybody."""
    tries = Tries(ports.clock, allowed=WRONG_CODES, overall=WRONG_CODES_OVERALL, window=WINDOW)
    told = stream.Told(ports)

    async def actor(request: Incoming) -> Actor:
        return await request_actor(request, ports, days=settings.session_days, roles=EVERYBODY)

    return Router(
        path="/field",
        route_handlers=[
            join.show_invite,
            join.join,
            join.leave,
            join.me,
            commissionings.home,
            commissionings.one,
            commissionings.locations,
            commissionings.templates,
            lookup.lookup,
            sync.sync,
            stream.follow,
            trials.start,
            trials.seen,
            commands.answer,
        ],
        dependencies={
            "ports": Provide(lambda: ports, sync_to_thread=False),
            "bus": Provide(lambda: bus, sync_to_thread=False),
            "told": Provide(lambda: told, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "trials": Provide(lambda: running, sync_to_thread=False),
            "commanding": Provide(lambda: commanding, sync_to_thread=False),
            "tries": Provide(lambda: tries, sync_to_thread=False),
            "actor": Provide(actor),
        },
        guards=[require_phone_header],
        exception_handlers={
            StationlinkError: domain_problem,
            HTTPException: http_problem,
            Exception: unexpected_problem,
        },
    )
