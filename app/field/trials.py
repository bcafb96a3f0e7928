"""Tests are asked for here and now: they are never in the outbox, since a command must not arrive hours later."""

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from app.actions.trials.running import Asked, Seen, Trials
from app.actions.views import CommissioningView, commissioning_view
from app.domain.errors import InvalidField
from app.domain.trials import OFFERED, TrialKind
from app.field.answers import SeenBody, TrialBody
from app.field.join import ActorOf, Incoming, PortsOf
from app.web.bodies import read_body

FORMER = {"trigger": "reach"}
"""What earlier versions of the phone app call them."""

TrialsOf = NamedDependency[SkipValidation[Trials]]


@post("/trials", status_code=202)
async def start(ports: PortsOf, trials: TrialsOf, actor: ActorOf, request: Incoming) -> Response[CommissioningView]:
    body = await read_body(request, TrialBody)
    kind = FORMER.get(body.kind, body.kind)
    if kind not in OFFERED:
        raise InvalidField("kind", "one of " + ", ".join(OFFERED))
    asked = Asked(id=body.id, kind=TrialKind(kind), evse=body.evse, how=body.how)
    await trials.start(actor, body.commissioning_id, asked)
    return Response(await commissioning_view(ports, actor, body.commissioning_id), status_code=202)


@post("/trials/seen", status_code=202)
async def seen(ports: PortsOf, trials: TrialsOf, actor: ActorOf, request: Incoming) -> Response[CommissioningView]:
    """What the person saw while a test runs, which waits for it."""
    body = await read_body(request, SeenBody)
    await trials.answer(actor, body.commissioning_id, body.id, Seen(evse=body.evse, here=body.here))
    return Response(await commissioning_view(ports, actor, body.commissioning_id), status_code=202)
