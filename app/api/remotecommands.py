"""`/api/1.0/remotecommands`: commands to stations, taken or not at once; what came of them is asked for.

What is refused has its word in `data`, as the contract shows it for an unknown station (platform-api 11.5).
A station that had many commands answers 429, like a key that was used too much.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from litestar import MediaType, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import Scope

from app.actions.commanding import Asked, Commanding
from app.actions.remotecommands import aimed, read_result
from app.api.auth import reader, writer
from app.api.envelope import AnyRequest, Rejected, Sent
from app.api.fold import path_id
from app.domain.errors import (
    Denied,
    Malformed,
    NotFound,
    NotSupported,
    StationlinkError,
    Unavailable,
    UnknownSession,
    UnknownStation,
)
from app.domain.remotecommands import (
    BODIES,
    Body,
    CommandResponse,
    CommandResponseType,
    RemoteCommand,
    echo,
    result_of,
)
from app.ports import Ports
from app.web.bodies import decode

RESULT = "/{evse_uid:str}/{charge_station_notification_id:str}"
REFUSALS = {NotSupported: CommandResponseType.NOT_SUPPORTED, UnknownSession: CommandResponseType.UNKNOWN_SESSION}


@asynccontextmanager
async def refusing() -> AsyncIterator[None]:
    """What is wrong with a command, as the module says it; who may not and what could not be tried stay as they are."""
    try:
        yield
    except (Malformed, Denied, Unavailable):
        raise
    except StationlinkError as error:
        cause = NotFound("Can't find chargeStation") if isinstance(error, UnknownStation) else error
        result = REFUSALS.get(type(error), CommandResponseType.REJECTED)
        raise Rejected(cause, msgspec.json.encode(CommandResponse(result=result))) from error


def summary_of(command: RemoteCommand) -> str:
    words = command.value.replace("_", " ").capitalize()
    return words if command in BODIES else f"{words}: not supported"


def sending(ports: Ports, commanding: Commanding, command: RemoteCommand) -> HTTPRouteHandler:
    """The route of one command."""

    @post(f"/{command.value}", summary=summary_of(command), status_code=200, media_type=MediaType.JSON)
    async def send(request: AnyRequest) -> Sent:
        call = await writer(request.scope)
        async with refusing():
            if command not in BODIES:
                raise NotSupported(f"{command.value} is not supported")
            wanted: Body = decode(await request.body(), BODIES[command])
            row, asked = await aimed(ports, call.actor, wanted)
            made = await commanding.ask(
                call.actor,
                Asked(
                    cpo_id=row.cpo_id,
                    charge_station_id=row.charge_station_id,
                    command=asked,
                    wire=command.value,
                    request=echo(wanted),
                ),
            )
        taken = CommandResponse(result=CommandResponseType.ACCEPTED, charge_station_notification_id=made.id)
        return call.envelope.success(msgspec.json.encode(taken))

    return send


def results(ports: Ports) -> HTTPRouteHandler:
    @get(RESULT, summary="Read the result of a command", media_type=MediaType.JSON)
    async def result(scope: Scope, evse_uid: FromPath[str], charge_station_notification_id: FromPath[str]) -> Sent:
        call = await reader(scope)
        ids = path_id(evse_uid), path_id(charge_station_notification_id)
        found = await read_result(ports, call.actor, *ids)
        return call.envelope.success(msgspec.json.encode(result_of(found, ports.clock.now())))

    return result


def handlers(ports: Ports, commanding: Commanding) -> list[HTTPRouteHandler]:
    return [*(sending(ports, commanding, command) for command in RemoteCommand), results(ports)]
