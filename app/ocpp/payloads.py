"""What both OCPP versions share: payloads by the library's schemas, lenient with what stations send and strict with
what we send. What is forgiven stands here, each with a real station behind it (connectivity.md, pitfalls 17, 19, 23
and 24).
"""

import math
import zlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ocpp.charge_point import remove_nones, serialize_as_dict, snake_to_camel_case
from ocpp.messages import MessageType, get_validator

from app.domain.commands import Command, CommandOutcome
from app.domain.model import utc
from app.ocpp import frames
from app.ocpp.frames import CallRefused
from app.ports import Clock, StationHost

MOST_CONNECTORS = 100
LONGEST_TEXT = 500
JITTER = 0.1
REGISTER = "Energy.Active.Import.Register"
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

JSON_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "object": dict,
    "array": list,
}

Payload = dict[str, Any]
Handler = Callable[[Payload], Awaitable[Any]]


def heartbeat_interval(seconds: int, charge_station_id: str) -> int:
    """Seconds for this station: up to a tenth less than the setting, so that a fleet does not beat as one; never 0."""
    return max(1, round(seconds * (1 - JITTER * share(charge_station_id))))


def share(charge_station_id: str) -> float:
    """From 0 to 1, spread over a fleet and always the same for one station."""
    return zlib.crc32(charge_station_id.encode()) / 2**32


# --- by the schemas --------------------------------------------------------------------------------------------------


class Schemas:
    """The messages of one version. The library's own checking runs in a thread for each message; this does not."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._shapes: dict[str, tuple[list[str], dict[str, str]]] = {}

    def lenient(self, action: str, payload: Payload) -> Payload:
        """The payload with what is forgiven mended: nulls dropped, numbers written as texts and the other way round.

        Long serials, own fields, odd times and own words go through as they are; faults inside lists and objects are
        left to whoever reads them. Raises CallRefused when a field that the standard requires is missing or is nothing
        like its type.
        """
        said = {key: value for key, value in payload.items() if value is not None}
        required, kinds = self._shape(action)
        for key in required:
            if key not in said:
                raise CallRefused(frames.PROTOCOL_ERROR, f"{key} is missing")
        for key, value in said.items():
            kind = kinds.get(key)
            if kind is not None and not _is(kind, value):
                said[key] = value = _mended(key, value, kind)
            if isinstance(value, int) and abs(value) > frames.GREATEST_INTEGER:
                raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, f"{key} is out of range")
        return said

    def _shape(self, action: str) -> tuple[list[str], dict[str, str]]:
        """What a CALL must hold, and the JSON type of each of its fields: read once, for it is asked of every message.

        All else in a schema is forgiven, so that nobody has to walk through it.
        """
        if action not in self._shapes:
            schema = get_validator(MessageType.Call, action, self._version).schema
            kinds = {name: kind for name, field in schema["properties"].items() if (kind := _kind(field, schema))}
            self._shapes[action] = schema.get("required", []), kinds
        return self._shapes[action]

    def call(self, action: str, message: Any) -> Payload:
        """A CALL of ours. Raises ValueError for what breaks a limit of the standard."""
        payload = wire(message)
        for error in self._errors(MessageType.Call, action, payload):
            raise ValueError(f"{action} breaks {error.validator} of its schema")
        return payload

    def answer(self, action: str, message: Any) -> Payload:
        payload = wire(message)
        for error in self._errors(MessageType.CallResult, action, payload):
            raise AssertionError(f"our answer to {action} breaks {error.validator} of its schema")
        return payload

    def _errors(self, kind: int, action: str, payload: Payload) -> Iterator[Any]:
        return iter(get_validator(kind, action, self._version).iter_errors(payload))


def _kind(field: Payload, schema: Payload) -> str | None:
    """None for a field that may be anything."""
    reference = field.get("$ref", "").rpartition("/")[2]
    kind: str | None = (schema["definitions"][reference] if reference else field).get("type")
    return kind


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def wire(message: Any) -> Payload:
    """A message of the library as its payload."""
    payload: Payload = snake_to_camel_case(remove_nones(serialize_as_dict(message)))
    return payload


def _mended(key: str, value: Any, wanted: str) -> Any:
    plain = not isinstance(value, bool)
    if plain and wanted == "string" and isinstance(value, int | float):
        return str(value)
    if plain and wanted == "integer" and isinstance(value, int | float | str):
        number = number_of(value)
        if number is not None:
            return round(number)
    if wanted == "boolean" and str(value).lower() in BOOLEANS:
        return BOOLEANS[str(value).lower()]
    raise CallRefused(frames.TYPE_CONSTRAINT_VIOLATION, f"{key} is not a {wanted}")


# --- a station's own messages ----------------------------------------------------------------------------------------


class StationDialect(ABC):
    """One station's messages, given to the host; `connection_id` tells this socket from the ones before it.

    A version names its handlers, by action, the actions that it knows at all, and error codes that it spells otherwise.
    """

    schemas: Schemas
    actions: frozenset[str]
    codes: Mapping[str, str] = {}

    def __init__(
        self, host: StationHost, clock: Clock, charge_station_id: str, connection_id: str, interval: int
    ) -> None:
        self._host = host
        self._clock = clock
        self._station = charge_station_id
        self._connection = connection_id
        self._interval = interval
        self._handlers = self._handled()

    @abstractmethod
    def _handled(self) -> Mapping[str, Handler]: ...

    @abstractmethod
    def ask(self, command: Command) -> tuple[str, Payload]:
        """See `session.Dialect`."""

    @abstractmethod
    def outcome(self, command: Command, payload: object) -> CommandOutcome:
        """See `session.Dialect`."""

    async def answer(self, action: str, payload: Payload) -> Payload:
        """See `session.Dialect`. An action of the standard that only we may send is NotSupported."""
        handler = self._handlers.get(action)
        if handler is None:
            code = frames.NOT_SUPPORTED if action in self.actions else frames.NOT_IMPLEMENTED
            raise CallRefused(code, f"{action[:50]} is not something a station asks")
        return self.schemas.answer(action, await handler(self.schemas.lenient(action, payload)))

    async def completed(self, asked: Payload, outcome: CommandOutcome, seconds: float) -> CommandOutcome:
        """See `session.Dialect`."""
        return outcome

    def _time(self) -> str:
        return utc(self._clock.now()).strftime("%Y-%m-%dT%H:%M:%SZ")


def say(message: Any) -> Handler:
    """Answers always the same."""

    async def answer(said: Payload) -> Any:
        return message

    return answer


# --- reading what nobody checked -------------------------------------------------------------------------------------


def moment(text: object) -> datetime | None:
    """The station's own time in UTC, kept beside ours and never trusted; None when it is no time."""
    if not isinstance(text, str):
        return None
    try:
        return utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def registers(meter_values: object, scale: Callable[[Payload], float]) -> list[int]:
    """The energy registers in a list of MeterValue, in Wh; values that cannot be read are passed over.

    `scale` is what one unit of a sample is in Wh.
    """
    found = []
    for sample in _samples(meter_values):
        value = number_of(sample.get("value"))
        if value is None or sample.get("measurand", REGISTER) != REGISTER or "phase" in sample:
            continue
        if abs(wh := value * scale(sample)) <= frames.GREATEST_INTEGER:
            found.append(round(wh))
    return found


def _samples(meter_values: object) -> Iterator[Payload]:
    for entry in listed(meter_values):
        for sample in listed(entry.get("sampledValue") if isinstance(entry, dict) else None):
            if isinstance(sample, dict):
                yield sample


def listed(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def number_of(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def text_of(said: Mapping[str, Any], key: str) -> str | None:
    """A text, or a number that was meant as one; None for nothing, and for what is no text at all."""
    value = said.get(key)
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip()[:LONGEST_TEXT] or None if plain else None
