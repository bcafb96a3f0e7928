"""Commands by others than the installer: what may be sent to which station when, and the installer's word on it.

A station in use gets nothing, but for what ends that use: Stop of a transaction, and Unlock of a socket in use. One
with an open commissioning may have hands inside: its holder is asked, and nothing is sent without a yes in time.
Nothing is kept for later: one command of others at a time for each station, a few a minute, each with one outcome.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
    CommandState,
    GetConfiguration,
    Reset,
    Start,
    Stop,
    Trigger,
    Unlock,
)
from app.domain.commissioning import Commissioning, require_holder
from app.domain.errors import (
    CommandRunning,
    InvalidField,
    RequestOver,
    StationInUse,
    StationOffline,
    TooManyCommands,
    TrialRunning,
)
from app.domain.live import ConnectorState, Transaction
from app.domain.model import Connector, Evse, EvseStatus
from app.domain.trials import OVERDUE, TrialState

CONSENT = timedelta(seconds=60)
KEPT = timedelta(hours=24)
"""How long the result of a command can be asked for."""
MINUTE = timedelta(minutes=1)
PER_MINUTE = 6

IN_USE = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"})
"""What a connector in use says in OCPP 1.6. In 2.0.1 Occupied is a plug, in use or not, and transactions tell."""
FREE = "Available"
SECRET_WORDS = ("password", "secret", "privatekey", "passphrase", "psk")
OUR_PASSWORD = frozenset({"authorizationkey", "basicauthpassword"})
"""The station's password in OCPP 1.6 and 2.0.1; changed here, it would lock the station out."""


class RequestState(StrEnum):
    """WAITING for the installer, ALLOWED and on its way, DONE with an outcome; the others never had one.

    NOT_SENT is a station that could not be sent anything when it came to it, INTERRUPTED a server that stopped.
    """

    WAITING = "waiting"
    ALLOWED = "allowed"
    REFUSED = "refused"
    EXPIRED = "expired"
    NOT_SENT = "not_sent"
    INTERRUPTED = "interrupted"
    DONE = "done"


LIVE = (RequestState.WAITING, RequestState.ALLOWED)


class CommandRequest(Struct, kw_only=True):
    """One command that somebody asked for. `command` is without the value of a secret key, and so is the outcome.

    `expires` is until when the installer may answer, None where nobody has to be asked. `deadline` bounds all of it.
    `sent` stands before the command goes out: one without it never did, and `error` is the code of why, None for a
    station that was not ready (it had not booted) until the time was over. `wire` is what
    the platform API calls it, and `request` the body that came with it.
    """

    id: str
    cpo_id: str
    charge_station_id: str
    commissioning_id: str | None = None
    command: Command
    why: str | None = None
    by: str | None = None
    subscription_id: str | None = None
    state: RequestState
    asked: datetime
    expires: datetime | None = None
    deadline: datetime
    answered: datetime | None = None
    answered_by: str | None = None
    sent: datetime | None = None
    ended: datetime | None = None
    outcome: CommandOutcome | None = None
    error: str | None = None
    wire: str | None = None
    request: msgspec.Raw = msgspec.Raw(b"null")


def word_of(command: Command) -> str:
    """What it is, as a stable word that people's words are keyed by."""
    match command:
        case Reset(hard=True):
            return "reset_hard"
        case Reset():
            return "reset"
        case Trigger():
            return "trigger"
        case GetConfiguration():
            return "read_configuration"
        case ChangeConfiguration():
            return "change_configuration"
        case Unlock():
            return "unlock"
        case Start():
            return "start"
        case Stop():
            return "stop"


def target_of(command: Command) -> dict[str, Any]:
    """What of the station it is about, in plain values and without a secret: for facts and people."""
    match command:
        case Unlock(connector) | Start(connector):
            return {"connector": connector}
        case Trigger(message, connector):
            return {"message": message.value} | ({} if connector is None else {"connector": connector})
        case ChangeConfiguration(key, value, secret):
            return {"key": key} | ({} if secret else {"value": value})
        case Stop(transaction_id):
            return {"transaction_id": transaction_id}
    return {}


# --- May it be sent? -------------------------------------------------------------------------------------------------


def new_password(password: str) -> ChangeConfiguration:
    """The command that gives a station its next password: OCPP 1.6 wants the bytes of Basic authentication as hex."""
    return ChangeConfiguration("AuthorizationKey", password.encode().hex(), secret=True)


def is_password(command: Command) -> bool:
    """Whether it gives a station its next password."""
    return isinstance(command, ChangeConfiguration) and command.key.rpartition(".")[2].casefold() in OUR_PASSWORD


def sound(command: Command) -> Command:
    """The command with a secret marked as one. Raises InvalidField for what is never sent this way."""
    if not isinstance(command, ChangeConfiguration):
        return command
    if not command.key.strip():
        raise InvalidField("key", "the name of a configuration key")
    if command.key.rpartition(".")[2].casefold() in OUR_PASSWORD:
        raise InvalidField("key", "any but the station's password, which is set on its own and not here")
    return replace(command, secret=command.secret or is_secret(command.key))


def is_secret(key: str) -> bool:
    plain = key.casefold()
    return any(word in plain for word in SECRET_WORDS) or plain.rpartition(".")[2] in OUR_PASSWORD


def connectors_in_use(connectors: dict[str, ConnectorState], transactions: Iterable[Transaction]) -> set[str]:
    """Those that say so themselves, or have a transaction that is not over.

    A transaction whose end was never told is over once its connector has said since that it is free.
    """
    said = {key for key, state in connectors.items() if state.status in IN_USE}
    return said | {each.connector_id for each in transactions if runs(each, connectors.get(each.connector_id))}


def runs(transaction: Transaction, state: ConnectorState | None) -> bool:
    """Whether it is not over. One whose card was refused never began; where it charges all the same, its connector
    says so."""
    freed = state is not None and state.status == FREE and state.at > transaction.started
    return transaction.accepted and transaction.stopped is None and not freed


def evses_in_use(evses: Iterable[Evse]) -> set[str]:
    """As `connectors_in_use`, of a station that a platform tells us about: all connectors of an EVSE that charges."""
    busy = [evse for evse in evses if evse.status is EvseStatus.CHARGING]
    return {each.id or "" for evse in busy for each in evse.connectors or [Connector()]}


def require_possible(command: Command, *, online: bool, in_use: set[str]) -> None:
    """Raises StationOffline, or StationInUse unless the command ends that use (see the module)."""
    if not online:
        raise StationOffline("the station is not online; a command is never kept for later")
    ends = isinstance(command, Stop) or (isinstance(command, Unlock) and command.connector in in_use)
    if in_use and not ends:
        raise StationInUse("somebody is charging at this station")


def overdue(request: CommandRequest, now: datetime) -> bool:
    """Whether it should long have ended: whoever carried it is gone."""
    return request.state in LIVE and now >= request.deadline + OVERDUE


def require_turn(recent: Sequence[CommandRequest], now: datetime) -> None:
    """Raises CommandRunning while an earlier one has no outcome, TooManyCommands for more than six in a minute."""
    if any(each.state in LIVE and not overdue(each, now) for each in recent):
        raise CommandRunning("another command to this station has no outcome yet")
    lately = sorted(each.asked for each in recent if now - each.asked < MINUTE)
    if len(lately) >= PER_MINUTE:
        wait = (lately[-PER_MINUTE] + MINUTE - now).total_seconds()
        raise TooManyCommands(max(1, ceil(wait)))


def require_no_trial(commissioning: Commissioning | None, now: datetime) -> None:
    """Raises TrialRunning: what is measured there now must not be disturbed."""
    trials = commissioning.trials if commissioning else []
    if any(each.state is TrialState.RUNNING and now < each.deadline + OVERDUE for each in trials):
        raise TrialRunning("a test of the installer is still running")


# --- Its way ---------------------------------------------------------------------------------------------------------


def shown_command(command: Command) -> Command:
    """As it may be kept."""
    secret = isinstance(command, ChangeConfiguration) and command.secret
    return replace(command, value="") if secret else command


def shown_outcome(command: Command, outcome: CommandOutcome) -> CommandOutcome:
    """As it may be kept: configurations have secrets in them, and so have the frames that carried them."""
    told = isinstance(command, GetConfiguration | ChangeConfiguration)
    lines = tuple(replace(line, value=None) if is_secret(line.key) else line for line in outcome.configuration)
    return replace(outcome, raw=() if told else outcome.raw, configuration=lines)


def asks_holder(commissioning: Commissioning | None, by: str | None) -> bool:
    """Whether somebody else may have hands in the station."""
    return commissioning is not None and commissioning.person_id != by


def answered(
    request: CommandRequest, commissioning: Commissioning, allow: bool, by: str, now: datetime
) -> CommandRequest:
    """With the holder's word on it. Raises NotYours, and RequestOver when it was answered or came too late."""
    require_holder(commissioning, by)
    if request.state is not RequestState.WAITING or request.expires is None or now >= request.expires:
        raise RequestOver("this was answered already, or its time is over; nothing is sent", state=request.state.value)
    state = RequestState.ALLOWED if allow else RequestState.REFUSED
    return replace(request, state=state, answered=now, answered_by=by, ended=None if allow else now)


def under_way(request: CommandRequest, now: datetime) -> CommandRequest | None:
    """As it goes out now, or None when it must not any more."""
    late = request.expires is not None and now >= request.expires
    if request.state is not RequestState.ALLOWED or request.sent is not None or late:
        return None
    return replace(request, sent=now)


def result_of(request: CommandRequest) -> str:
    """What became of it in one stable word: the station's kind of answer, else the state. What a vendor's platform
    took and has said nothing of since is still on its way."""
    if request.outcome is None or request.state is not RequestState.DONE:
        return request.state.value
    pending = request.outcome.status == "PENDING" and request.outcome.state is CommandState.ACCEPTED
    return RequestState.ALLOWED.value if pending else request.outcome.state.value


def ended(
    request: CommandRequest,
    state: RequestState,
    now: datetime,
    outcome: CommandOutcome | None = None,
    error: str | None = None,
) -> CommandRequest:
    """Closed; one that has ended stays as it is."""
    if request.state not in LIVE:
        return request
    kept = None if outcome is None else shown_outcome(request.command, outcome)
    sent = None if state is RequestState.NOT_SENT else request.sent
    return replace(request, state=state, sent=sent, ended=now, outcome=kept, error=error)
