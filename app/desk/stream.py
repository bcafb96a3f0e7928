"""Tells a desk page that something it shows has changed; the page then asks for that part again.

Nothing of a change travels in the stream, so a filtered page stays filtered and a missed message costs nothing: every
connection begins with `changed`. `beat` lets the page say truthfully that it is live, also on a half-open line.
"""

from collections.abc import AsyncIterator

from litestar import get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Stream

from app.actions.watching import on_board, on_page
from app.bus import Bus
from app.desk.front import ROLES, AnyRequest, Visit
from app.domain.errors import Denied
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor
from app.ports import Target
from app.web.sessions import request_actor
from app.web.sse import event, stream

BEAT_SECONDS = 5.0

NOT_ON_THE_BOARD = frozenset(
    {
        FactKind.EVSE_STATUS_CHANGED,
        FactKind.CARD_SHOWN,
        FactKind.COMMAND_ASKED,
        FactKind.COMMAND_ANSWERED,
        FactKind.COMMAND_ENDED,
        FactKind.TRANSACTION_STARTED,
        FactKind.TRANSACTION_STOPPED,
        FactKind.TEMPLATE_SAVED,
        FactKind.CUSTOMER_CREATED,
        FactKind.CUSTOMER_CHANGED,
        FactKind.SUBSCRIPTION_CREATED,
        FactKind.SUBSCRIPTION_CHANGED,
        FactKind.SUBSCRIPTION_ROTATED,
        FactKind.SUBSCRIPTION_REVOKED,
    }
)
"""What happens all day at stations in service and changes no card."""


def concerns(fact: Fact, actor: Actor, charge_station_id: str | None) -> bool:
    """Whether a page of this person, of one station or of the board, shows this fact. Strays belong to nobody."""
    mine = actor.covers(fact.cpo_id) if fact.cpo_id else fact.kind is FactKind.STRANGER_KNOCKED
    if charge_station_id is not None:
        stray = fact.kind is FactKind.STRANGER_KNOCKED and fact.charge_station_id is None
        return mine and (stray or fact.charge_station_id == charge_station_id)
    return mine and fact.kind not in NOT_ON_THE_BOARD


async def _messages(request: AnyRequest, visit: Visit, bus: Bus) -> AsyncIterator[bytes]:
    station = request.query_params.get("station")
    first = True
    with visit.ports.watch.lease(calm=station is None) as lease:
        async for facts in bus.follow(idle=BEAT_SECONDS):
            if not first and not facts and not await _still_here(request, visit):
                return
            changed = first or any(concerns(fact, visit.actor, station) for fact in facts)
            if changed:
                lease.want(await _shown(visit, station))
            first = False
            yield event("changed" if changed else "beat", b"-")


async def _shown(visit: Visit, station: str | None) -> set[Target]:
    if station is not None:
        return await on_page(visit.ports, visit.actor, station)
    return await on_board(visit.ports, visit.actor)


async def _still_here(request: AnyRequest, visit: Visit) -> bool:
    """A device that was signed out meanwhile hears nothing more."""
    try:
        await request_actor(request, visit.ports, days=visit.settings.session_days, roles=ROLES)
    except Denied:
        return False
    return True


@get("/stream")
async def desk_stream(
    request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]], bus: NamedDependency[SkipValidation[Bus]]
) -> Stream:
    return stream(_messages(request, visit, bus))
