"""Changing a station's password over OCPP: confirmed on a page that says what happens, or why it cannot be done now."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.commanding import Commanding
from app.actions.passwords import require_own, rotate_station_password
from app.desk.front import AnyRequest, Visit, done, page, station_url
from app.desk.station import StationPage, asked_station, read_page
from app.domain.errors import Invalid, Refused, TooManyCommands, UnknownStation
from app.web.problems import status_of

VisitOf = NamedDependency[SkipValidation[Visit]]
COMMAND = "change_configuration"


async def _aimed(request: AnyRequest, visit: Visit) -> StationPage:
    """Raises UnknownStation, also while only a commissioning knows the id, and PlatformSetsPassword."""
    read = await read_page(visit, asked_station(request))
    require_own(read.cpo)
    if read.commands is None:
        raise UnknownStation(read.id)
    return read


def _stops(visit: Visit, read: StationPage) -> str:
    """What stands in its way, in words."""
    if read.connect.password_set_at is None:
        return visit.words.rotation["first"]
    buttons = read.commands.buttons if read.commands else []
    return next((button.blocked for button in buttons if button.command == COMMAND), "")


def _show(visit: Visit, read: StationPage, status: int = 200, error: str = "") -> Response[str]:
    return page(visit, "rotate.html", status, it=read, stops=_stops(visit, read), error=error)


@get("/station/rotate")
async def rotate_page(request: AnyRequest, visit: VisitOf) -> Response[str]:
    return _show(visit, await _aimed(request, visit))


@post("/station/rotate")
async def rotate_now(
    request: AnyRequest, visit: VisitOf, commanding: NamedDependency[SkipValidation[Commanding]]
) -> Response[str] | Redirect:
    read = await _aimed(request, visit)
    if _stops(visit, read):
        return _show(visit, read, 409)
    try:
        made = await rotate_station_password(visit.ports, commanding, visit.actor, read.id)
    except (Invalid, Refused, TooManyCommands) as error:
        return _show(visit, read, status_of(error), visit.words.errors[error.code])
    return done(visit, station_url(read.id), "command_waits" if made.expires else "command_sent", read.id)
