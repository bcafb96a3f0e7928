"""This is my station, from the desk: confirmed on a page that shows what called and asks whose work it belongs to."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from msgspec import Struct

from app.actions.adopting import adopt_for
from app.actions.names import Names
from app.actions.strangers import StrangerView, adopters, strangers
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page, station_url
from app.domain.errors import NotFound, Refused, UnknownKnock
from app.domain.knocks import meant
from app.web.problems import status_of

VisitOf = NamedDependency[SkipValidation[Visit]]


class Choice(Struct, frozen=True):
    """Work that waits for its station; `near` when the stranger's id is nearly the one that it has."""

    id: str
    station_id: str
    person: str
    near: bool


async def _stranger(request: AnyRequest, visit: Visit) -> StrangerView:
    """Raises UnknownKnock when it is too old, somebody's by now, or another CPO's."""
    wanted = str(request.query_params.get("knock", ""))
    for each in await strangers(visit.ports, visit.actor):
        if each.id == wanted:
            return each
    raise UnknownKnock("this connection attempt is not kept any more; wait for the next one")


async def _show(visit: Visit, stranger: StrangerView, form: Form, status: int = 200) -> Response[str]:
    names = Names(visit.ports)
    choices = [
        Choice(
            id=each.id,
            station_id=each.charge_station_id,
            person=(await names.sure(each.person_id)).name,
            near=meant(stranger.identity, [each.charge_station_id], set()) is not None,
        )
        for each in await adopters(visit.ports, visit.actor, stranger.identity)
    ]
    if len(choices) == 1 or (choices and choices[0].near):
        form.values.setdefault("work", choices[0].id)
    return page(visit, "adopt.html", status, stranger=stranger, choices=choices, form=form)


@get("/adopt")
async def adopt_page(request: AnyRequest, visit: VisitOf) -> Response[str]:
    stranger = await _stranger(request, visit)
    work = request.query_params.get("work")
    return await _show(visit, stranger, Form({"work": work} if work else {}))


@post("/adopt")
async def adopt_now(request: AnyRequest, visit: VisitOf) -> Response[str] | Redirect:
    stranger = await _stranger(request, visit)
    form = Form.sent(await request.form())
    if not form.require(visit.words, "work"):
        return await _show(visit, stranger, form, 422)
    try:
        adopted = await adopt_for(visit.ports, visit.actor, form.text("work"), stranger.id)
    except (Refused, NotFound) as error:
        form.refuse(visit.words, error)
        return await _show(visit, stranger, form, status_of(error))
    return done(visit, station_url(adopted.charge_station_id), "adopted", adopted.charge_station_id)
