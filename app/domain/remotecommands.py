"""The Remote commands module of the platform API (platform-api 11.5): its bodies, its answers, what ours mean in it.

A command is answered at once with whether it was taken, and its result is read later. A reset that shall wait until the
station is idle is not supported: nothing is kept for later.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from app.domain.commanding import CommandRequest, RequestState, is_secret, overdue
from app.domain.commands import CommandOutcome, CommandState, ConfigurationKey, Reset
from app.domain.errors import InvalidField, MissingField, NotSupported


class RemoteCommand(StrEnum):
    START_SESSION = "START_SESSION"
    STOP_SESSION = "STOP_SESSION"
    UNLOCK_CONNECTOR = "UNLOCK_CONNECTOR"
    RESET = "RESET"
    GET_CONFIGURATION = "GET_CONFIGURATION"
    CHANGE_CONFIGURATION = "CHANGE_CONFIGURATION"
    RESERVE_NOW = "RESERVE_NOW"
    CANCEL_RESERVATION = "CANCEL_RESERVATION"
    INSTALL_CERTIFICATE = "INSTALL_CERTIFICATE"
    SET_NETWORK_PROFILE = "SET_NETWORK_PROFILE"


class CommandResponseType(StrEnum):
    """OCPI 2.1.1 CommandResponseType. ACCEPTED means validated, not executed."""

    NOT_SUPPORTED = "NOT_SUPPORTED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    TIMEOUT = "TIMEOUT"
    UNKNOWN_SESSION = "UNKNOWN_SESSION"


class CommandResultType(StrEnum):
    """OCPI 2.2.1 CommandResultType, and PENDING while there is none."""

    ACCEPTED = "ACCEPTED"
    CANCELED_RESERVATION = "CANCELED_RESERVATION"
    EVSE_OCCUPIED = "EVSE_OCCUPIED"
    EVSE_INOPERATIVE = "EVSE_INOPERATIVE"
    FAILED = "FAILED"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    REJECTED = "REJECTED"
    TIMEOUT = "TIMEOUT"
    UNKNOWN_RESERVATION = "UNKNOWN_RESERVATION"
    PENDING = "PENDING"


class ResetType(StrEnum):
    HARD = "Hard"
    SOFT = "Soft"


class ResetSchedule(StrEnum):
    IMMEDIATE = "Immediate"
    ON_IDLE = "OnIdle"


class CommandToken(Struct, kw_only=True):
    """What of an OCPI 2.1.1 Token is looked at: `uid` is what the station is told, `auth_id` where there is none."""

    uid: str | None = None
    auth_id: str | None = None
    valid: bool | None = None


class StartSession(Struct, kw_only=True):
    """The first connector of the EVSE, where none is named."""

    token: CommandToken
    location_id: str
    evse_uid: str
    chargestation_id: str
    connector_id: str | None = None


class StopSession(Struct, kw_only=True):
    """`session_id` is the number of the OCPP transaction."""

    session_id: str


class UnlockConnector(Struct, kw_only=True):
    location_id: str
    evse_uid: str
    connector_id: str


class ResetStation(Struct, kw_only=True):
    """One of `charge_station_id` and `evse_uid`; an EVSE stands for its whole station."""

    charge_station_id: str | None = None
    evse_uid: str | None = None
    type: ResetType
    scheduled: ResetSchedule | None = None


class ReadConfiguration(Struct, kw_only=True):
    """No keys are all of them."""

    charge_station_id: str
    keys: list[str]


class WriteConfiguration(Struct, kw_only=True):
    charge_station_id: str
    key: str
    value: str


Body = StartSession | StopSession | UnlockConnector | ResetStation | ReadConfiguration | WriteConfiguration

BODIES: dict[RemoteCommand, type[Body]] = {
    RemoteCommand.START_SESSION: StartSession,
    RemoteCommand.STOP_SESSION: StopSession,
    RemoteCommand.UNLOCK_CONNECTOR: UnlockConnector,
    RemoteCommand.RESET: ResetStation,
    RemoteCommand.GET_CONFIGURATION: ReadConfiguration,
    RemoteCommand.CHANGE_CONFIGURATION: WriteConfiguration,
}
"""What we carry out, by its body; all else is NOT_SUPPORTED."""


class CommandResponse(Struct, kw_only=True):
    """The immediate answer. Without a `charge_station_notification_id` there is no result to wait for."""

    result: CommandResponseType
    charge_station_notification_id: str | None = None


class CommandResult(Struct, kw_only=True):
    """What became of a command. `configuration` and `unknown_keys` are what GET_CONFIGURATION found and what not."""

    result: CommandResultType
    message: str | None
    request: msgspec.Raw
    charge_station_notification_id: str
    configuration: list[ConfigurationKey] = []
    unknown_keys: list[str] = []


# --- From the wire ---------------------------------------------------------------------------------------------------


def card_of(token: CommandToken) -> str:
    """What the station is told as the card. Raises MissingField, InvalidField."""
    if token.valid is False:
        raise InvalidField("token.valid", "true: with this token nobody charges")
    card = token.uid or token.auth_id
    if not card:
        raise MissingField("token.uid")
    return card


def reset_of(wanted: ResetStation) -> Reset:
    """Raises NotSupported for one that shall wait."""
    if wanted.scheduled is ResetSchedule.ON_IDLE:
        raise NotSupported("a reset is done at once or not at all: scheduled OnIdle is not supported")
    return Reset(hard=wanted.type is ResetType.HARD)


def echo(wanted: Body) -> msgspec.Raw:
    """The body as it may be kept and shown: without the value of a secret key."""
    if isinstance(wanted, WriteConfiguration) and is_secret(wanted.key):
        wanted = msgspec.structs.replace(wanted, value="")
    return msgspec.Raw(msgspec.json.encode(wanted))


# --- To the wire -----------------------------------------------------------------------------------------------------

ANSWERED = {
    CommandState.ACCEPTED: CommandResultType.ACCEPTED,
    CommandState.REJECTED: CommandResultType.REJECTED,
    CommandState.NOT_IMPLEMENTED: CommandResultType.NOT_SUPPORTED,
    CommandState.ERROR: CommandResultType.FAILED,
    CommandState.TIMEOUT: CommandResultType.TIMEOUT,
    CommandState.OFFLINE: CommandResultType.FAILED,
}
SAID = {
    CommandState.ACCEPTED: "the station accepted it",
    CommandState.REJECTED: "the station refused it",
    CommandState.NOT_IMPLEMENTED: "the station does not support it",
    CommandState.ERROR: "the station answered with an error",
    CommandState.TIMEOUT: "the station did not answer in time; it may have done it all the same",
    CommandState.OFFLINE: "the connection ended before the station answered",
}
UNANSWERED: dict[RequestState, tuple[CommandResultType, str]] = {
    RequestState.WAITING: (CommandResultType.PENDING, "the installer at the station is asked: hands may be inside"),
    RequestState.ALLOWED: (CommandResultType.PENDING, "on its way to the station"),
    RequestState.REFUSED: (CommandResultType.REJECTED, "the installer at the station said no; nothing was sent"),
    RequestState.EXPIRED: (CommandResultType.TIMEOUT, "the installer at the station did not answer; nothing was sent"),
}


def result_of(request: CommandRequest, now: datetime) -> CommandResult:
    """What became of it so far; one whose end could not be recorded in time is over, too."""
    kind, message = _told(request, now)
    outcome = request.outcome or CommandOutcome(state=CommandState.ERROR)
    return CommandResult(
        result=kind,
        message=message,
        request=request.request,
        charge_station_notification_id=request.id,
        configuration=list(outcome.configuration),
        unknown_keys=list(outcome.unknown),
    )


def _told(request: CommandRequest, now: datetime) -> tuple[CommandResultType, str]:
    if overdue(request, now):
        return CommandResultType.TIMEOUT, "nobody can tell what became of it"
    if request.state is RequestState.DONE and request.outcome is not None:
        return _answered(request.outcome)
    if request.state is RequestState.NOT_SENT:
        occupied = request.error == "station_in_use"
        kind = CommandResultType.EVSE_OCCUPIED if occupied else CommandResultType.FAILED
        return kind, f"nothing was sent: {request.error or 'the station was not ready for commands in time'}"
    sent = "it may have been done all the same" if request.sent else "nothing was sent"
    return UNANSWERED.get(request.state, (CommandResultType.FAILED, f"we were interrupted; {sent}"))


def _answered(outcome: CommandOutcome) -> tuple[CommandResultType, str]:
    """An unlock that the station tried and could not do is its failure, not its refusal."""
    failed = outcome.status == "UnlockFailed"
    kind = CommandResultType.FAILED if failed else ANSWERED[outcome.state]
    return kind, SAID[outcome.state] + (f": {outcome.status}" if outcome.status else "")
