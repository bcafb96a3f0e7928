"""Tests are asked for here and now: they are never in the outbox, since a command must not arrive hours later."""

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from app.actions.trials import Trials
from app.actions.views import CommissioningView, commissioning_view
from app.domain.errors import InvalidField
from app.domain.trials import TrialKind
from app.field.answers import TrialBody
from app.field.join import ActorOf, Incoming, PortsOf
from app.web.bodies import read_body

TrialsOf = NamedDependency[SkipValidation[Trials]]


@post("/trials", status_code=202)
async def start(ports: PortsOf, trials: TrialsOf, actor: ActorOf, request: Incoming) -> Response[CommissioningView]:
    body = await read_body(request, TrialBody)
    if body.kind not in set(TrialKind):
        raise InvalidField("kind", "one of " + ", ".join(TrialKind))
    await trials.start(actor, body.commissioning_id, body.id, TrialKind(body.kind))
    return Response(await commissioning_view(ports, actor, body.commissioning_id), status_code=202)
