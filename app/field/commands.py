"""The installer's word on a command of somebody else: hands may be inside. Here and now, never later."""

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from app.actions.commanding import Commanding
from app.actions.views import CommissioningView, commissioning_view
from app.field.answers import ConsentBody
from app.field.join import ActorOf, Incoming, PortsOf
from app.web.bodies import read_body

CommandingOf = NamedDependency[SkipValidation[Commanding]]


@post("/commands/{request_id:str}", status_code=200)
async def answer(
    ports: PortsOf, commanding: CommandingOf, actor: ActorOf, request: Incoming, request_id: FromPath[str]
) -> Response[CommissioningView]:
    body = await read_body(request, ConsentBody)
    answered = await commanding.answer(actor, request_id, body.allow)
    return Response(await commissioning_view(ports, actor, answered.commissioning_id or ""))
