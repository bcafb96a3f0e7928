"""Commands through a vendor's Remote Commands module: accepted at once, their result read until it is there (11.5).

Nothing is sent twice: what became of a command whose answer was lost, nobody can tell.
"""

from typing import Any

import msgspec
from msgspec import Struct

from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
    CommandState,
    ConfigurationKey,
    GetConfiguration,
    Reset,
    Start,
    Stop,
    Unlock,
)
from app.domain.errors import PlatformBusy, PlatformKeyRefused, PlatformUnavailable
from app.domain.remotecommands import RemoteCommand
from app.platforms.remote.heads import document
from app.platforms.remote.reading import STATIONS, Reading, path_of
from app.platforms.remote.wire import Answer

COMMANDS = "/api/1.0/remotecommands"
LOOK_EVERY = 2.0
PENDING = "PENDING"
STATES = {
    "ACCEPTED": CommandState.ACCEPTED,
    "NOT_SUPPORTED": CommandState.NOT_IMPLEMENTED,
    "FAILED": CommandState.ERROR,
    "TIMEOUT": CommandState.TIMEOUT,
    PENDING: CommandState.TIMEOUT,
}
"""By the platform's word; what is not here is a refusal."""


class SeenConnector(Struct):
    id: str | None = None


class SeenSocket(Struct):
    uid: str | None = None
    evse_sequence_number: int | None = None
    connectors: list[SeenConnector] | None = None


class Place(Struct):
    """What of a station's wire JSON says where a command goes."""

    location_id: str = ""
    evses: list[SeenSocket] | None = None

    @property
    def uid(self) -> str | None:
        return next((evse.uid for evse in self.evses or [] if evse.uid), None)

    def socket(self, connector: str) -> dict[str, str] | None:
        """The wire's names of a key of `Live.connectors`: of a connector's id, or of an EVSE's number and its order."""
        number, _, order = connector.partition(".")
        for evse in self.evses or []:
            for place, each in enumerate(evse.connectors or [], 1):
                here = order and (str(evse.evse_sequence_number), str(place)) == (number, order)
                if here or (each.id == connector and not order):
                    return {"evse_uid": evse.uid or "", "connector_id": each.id or str(place)}
        return None


class Told(Struct):
    result: str = ""
    charge_station_notification_id: str = ""
    configuration: tuple[ConfigurationKey, ...] = ()
    unknown: tuple[str, ...] = ()


class Call(Struct, frozen=True):
    """What is posted. `shown` is its body as evidence may show it."""

    word: RemoteCommand
    body: dict[str, Any]
    shown: dict[str, Any]


class Commanding(Reading):
    """See `ports.SendsCommands`: all that the module has, which is no TriggerMessage."""

    async def send(self, charge_station_id: str, command: Command, *, timeout: float) -> CommandOutcome:
        raw: list[str] = []
        try:
            place = await self._place(charge_station_id) if isinstance(command, Unlock | Start) else None
            call = call_of(charge_station_id, command, place)
            if call is None:
                return CommandOutcome(state=CommandState.NOT_IMPLEMENTED)
            raw.append(f"{call.word.value} {msgspec.json.encode(call.shown).decode()}")
            told = _told(await self._wire.call("POST", f"{COMMANDS}/{call.word.value}", body=call.body), raw)
            if told.result == "ACCEPTED" and told.charge_station_notification_id:
                told = await self._result(charge_station_id, place, told, timeout, raw)
        except PlatformKeyRefused:
            return CommandOutcome(state=CommandState.NOT_IMPLEMENTED, raw=tuple(raw))
        except PlatformBusy as error:
            return CommandOutcome(state=CommandState.REJECTED, status="busy", raw=(*raw, error.message))
        except PlatformUnavailable as error:
            return CommandOutcome(state=CommandState.TIMEOUT, raw=(*raw, error.message))
        return _outcome(command, told, raw)

    async def _place(self, charge_station_id: str) -> Place | None:
        answer = await self._wire.call("GET", path_of(STATIONS, charge_station_id))
        return msgspec.json.decode(answer.one(), type=Place) if answer.accepted else None

    async def _result(
        self, charge_station_id: str, place: Place | None, told: Told, timeout: float, raw: list[str]
    ) -> Told:
        """What became of it; PENDING while nobody knows."""
        place = place or await self._place(charge_station_id)
        uid = (place.uid if place else None) or charge_station_id
        path = path_of(path_of(COMMANDS, uid), told.charge_station_notification_id)
        for _ in range(max(1, int(timeout / LOOK_EVERY))):
            answer = await self._wire.call("GET", path)
            if not answer.accepted:
                break
            found = _told(answer, [])
            if found.result not in (PENDING, ""):
                raw.append(f"{found.result}")
                return found
            await self._wire.pause(LOOK_EVERY)
        return Told(PENDING)


def call_of(charge_station_id: str, command: Command, place: Place | None) -> Call | None:
    """None for what the module has not, and for a socket that the station has not."""
    named = {"charge_station_id": charge_station_id}
    match command:
        case Reset(hard):
            return _call(RemoteCommand.RESET, named | {"type": "Hard" if hard else "Soft"})
        case GetConfiguration(keys):
            return _call(RemoteCommand.GET_CONFIGURATION, named | {"keys": list(keys)})
        case ChangeConfiguration(key, value, secret):
            change = named | {"key": key, "value": value}
            return _call(RemoteCommand.CHANGE_CONFIGURATION, change, {"value": "..."} if secret else {})
        case Stop(transaction_id):
            return _call(RemoteCommand.STOP_SESSION, {"session_id": str(transaction_id)})
        case Unlock(connector) | Start(connector):
            socket = place.socket(connector) if place else None
            return _at_socket(charge_station_id, command, place, socket) if place and socket else None
    return None


def _at_socket(charge_station_id: str, command: Unlock | Start, place: Place, socket: dict[str, str]) -> Call:
    body: dict[str, Any] = {"location_id": place.location_id, **socket}
    if isinstance(command, Unlock):
        return _call(RemoteCommand.UNLOCK_CONNECTOR, body)
    token = {"uid": command.id_tag, "type": "RFID", "auth_id": command.id_tag, "valid": True, "whitelist": "ALLOWED"}
    return _call(RemoteCommand.START_SESSION, body | {"chargestation_id": charge_station_id, "token": token})


def _call(word: RemoteCommand, body: dict[str, Any], hidden: dict[str, str] | None = None) -> Call:
    return Call(word, body, body | (hidden or {}))


def _outcome(command: Command, told: Told, raw: list[str]) -> CommandOutcome:
    """A reset that is still pending is on its way: whether it was done is seen at the station."""
    state = STATES.get(told.result, CommandState.REJECTED)
    on_its_way = told.result == PENDING and isinstance(command, Reset)
    return CommandOutcome(
        state=CommandState.ACCEPTED if on_its_way else state,
        status=None if told.result == "ACCEPTED" else told.result[:50],
        raw=tuple(raw),
        configuration=told.configuration,
        unknown=told.unknown,
    )


def _told(answer: Answer, raw: list[str]) -> Told:
    """A refusal has its word in `data` as well, in whatever case."""
    rows = answer.received()
    data: dict[str, Any] = document(rows[0]) if rows else {}
    result = str(data.get("result") or ("ACCEPTED" if answer.accepted else "REJECTED")).upper()
    raw.append(result if answer.accepted else f"{result}: {answer.message}")
    unknown = data.get("unknown_keys")
    return Told(
        result,
        str(data.get("charge_station_notification_id") or ""),
        tuple(_keys(data.get("configuration"))),
        tuple(map(str, unknown)) if isinstance(unknown, list) else (),
    )


def _keys(lines: object) -> list[ConfigurationKey]:
    """As our own API tells them; a platform that does not tells its result without."""
    found = [line for line in lines if isinstance(line, dict) and line.get("key")] if isinstance(lines, list) else []
    return [
        ConfigurationKey(
            key=str(line["key"]),
            value=None if line.get("value") is None else str(line["value"]),
            readonly=str(line.get("readonly")).lower() == "true",
        )
        for line in found
    ]
