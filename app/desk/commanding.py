"""Sending a command from the desk: confirmed on a page that names the station and says what happens."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.commanding import Asked, Commanding
from app.desk.commands import BUTTONS, Card
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page, station_url
from app.desk.station import StationPage, asked_station, read_page
from app.domain.charging import stop_of
from app.domain.commands import (
    ChangeConfiguration,
    Command,
    GetConfiguration,
    Message,
    Reset,
    Trigger,
    Unlock,
)
from app.domain.errors import Invalid, InvalidField, Refused, StationlinkError, TooManyCommands, UnknownRequest
from app.domain.live import Transaction
from app.web.problems import status_of

VisitOf = NamedDependency[SkipValidation[Visit]]


def command_of(name: str, form: Form, sessions: list[Transaction]) -> Command:
    """What was asked for. Raises InvalidField for a session that is none."""
    match name:
        case "unlock":
            return Unlock(form.text("connector"))
        case "stop":
            session = next((each for each in sessions if str(each.id) == form.text("session")), None)
            if session is None:
                raise InvalidField("session", "one that is not over")
            return stop_of(session)
        case "trigger":
            return Trigger(Message.STATUS)
        case "read_configuration":
            return GetConfiguration()
        case "change_configuration":
            return ChangeConfiguration(form.text("key"), form.text("value"))
    return Reset(hard=name == "reset_hard")


async def _aimed(request: AnyRequest, visit: Visit) -> tuple[StationPage, Card, str]:
    """The station, what it may be sent, and which command is meant. Raises UnknownStation, UnknownRequest."""
    read = await read_page(visit, asked_station(request))
    name = str(request.query_params.get("command", ""))
    if read.commands is None or name not in BUTTONS:
        raise UnknownRequest("there is no such command")
    return read, read.commands, name


def _show(visit: Visit, read: StationPage, card: Card, name: str, form: Form, status: int = 200) -> Response[str]:
    sockets = card.sockets(read.station) if read.station else []
    return page(visit, "command.html", status, it=read, card=card, name=name, form=form, sockets=sockets)


@get("/station/command")
async def command_page(request: AnyRequest, visit: VisitOf) -> Response[str]:
    """The question, with what the way here has filled in already."""
    read, card, name = await _aimed(request, visit)
    return _show(visit, read, card, name, Form(dict(request.query_params)))


@post("/station/command")
async def send_command(
    request: AnyRequest, visit: VisitOf, commanding: NamedDependency[SkipValidation[Commanding]]
) -> Response[str] | Redirect:
    read, card, name = await _aimed(request, visit)
    form = Form.sent(await request.form())
    try:
        command = command_of(name, form, card.now.sessions)
        asked = Asked(cpo_id=read.cpo.cpo_id, charge_station_id=read.id, command=command, why=form.optional("why"))
        made = await commanding.ask(visit.actor, asked)
    except (Invalid, Refused, TooManyCommands) as error:
        return _refused(visit, read, card, name, form, error)
    return done(visit, station_url(read.id) + "#commands", "command_waits" if made.expires else "command_sent", read.id)


def _refused(
    visit: Visit, read: StationPage, card: Card, name: str, form: Form, error: StationlinkError
) -> Response[str]:
    form.refuse(visit.words, error)
    response = _show(visit, read, card, name, form, status_of(error))
    if isinstance(error, TooManyCommands):
        response.headers["Retry-After"] = str(error.detail["retry_after"])
    return response


@get("/station/configuration")
async def configuration_page(request: AnyRequest, visit: VisitOf) -> Response[str]:
    """The keys that the station told last, each with a way to change it."""
    read = await read_page(visit, asked_station(request))
    told = read.commands.read if read.commands else None
    if told is None or told.outcome is None:
        raise UnknownRequest("nobody has read the configuration lately")
    return page(visit, "configuration.html", it=read, told=told, outcome=told.outcome)
