"""OCPP 1.6: messages to the platform's intents and back. Lenient with what stations send, strict with what we send.

The library's enums, dataclasses and schemas say what a message is; what is forgiven stands here, each with a real
station behind it (connectivity.md, pitfalls 17, 19, 23 and 24).
"""

import math
import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

from ocpp.charge_point import remove_nones, serialize_as_dict, snake_to_camel_case
from ocpp.messages import MessageType, get_validator
from ocpp.v16 import call, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    ChargePointStatus,
    DataTransferStatus,
    GenericStatus,
    Measurand,
    MessageTrigger,
    RegistrationStatus,
    ResetType,
    UnitOfMeasure,
)

from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
    CommandState,
    ConfigurationKey,
    GetConfiguration,
    Message,
    Reset,
    Start,
    Stop,
    Trigger,
    Unlock,
)
from app.domain.live import Boot, ConnectorState
from app.domain.model import utc
from app.ocpp import frames
from app.ocpp.frames import CallRefused
from app.ports import Clock, StationHost

SUBPROTOCOL = "ocpp1.6"
MOST_CONNECTORS = 100
LONGEST_TEXT = 500
JITTER = 0.1

FORGIVEN = frozenset({"maxLength", "additionalProperties", "format", "enum", "multipleOf"})
"""Schema rules that real stations break without harm: long serials, own fields, odd times, own error codes."""

Payload = dict[str, Any]


def heartbeat_interval(seconds: int, charge_station_id: str) -> int:
    """Seconds for this station: up to a tenth less than the setting, so that a fleet does not beat as one; never 0."""
    share = zlib.crc32(charge_station_id.encode()) / 2**32
    return max(1, round(seconds * (1 - JITTER * share)))


class Dialect16:
    """One station's messages, given to the host; `connection_id` tells this socket from the ones before it."""

    def __init__(
        self, host: StationHost, clock: Clock, charge_station_id: str, connection_id: str, interval: int
    ) -> None:
        self._host = host
        self._clock = clock
        self._station = charge_station_id
        self._connection = connection_id
        self._interval = interval
        self._handlers: dict[str, Callable[[Payload], Awaitable[Any]]] = {
            Action.boot_notification: self._boot,
            Action.heartbeat: self._heartbeat,
            Action.status_notification: self._status,
            Action.authorize: self._authorize,
            Action.start_transaction: self._start,
            Action.stop_transaction: self._stop,
            Action.meter_values: self._meter,
            Action.data_transfer: _say(call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id)),
            Action.diagnostics_status_notification: _say(call_result.DiagnosticsStatusNotification()),
            Action.firmware_status_notification: _say(call_result.FirmwareStatusNotification()),
            Action.signed_firmware_status_notification: _say(call_result.SignedFirmwareStatusNotification()),
            Action.log_status_notification: _say(call_result.LogStatusNotification()),
            Action.security_event_notification: _say(call_result.SecurityEventNotification()),
            Action.sign_certificate: _say(call_result.SignCertificate(status=GenericStatus.rejected)),
        }

    async def answer(self, action: str, payload: Payload) -> Payload:
        """See `session.Dialect`. An action of the standard that only we may send is NotSupported."""
        handler = self._handlers.get(action)
        if handler is None:
            known = action in Action.__members__.values()
            code = frames.NOT_SUPPORTED if known else frames.NOT_IMPLEMENTED
            raise CallRefused(code, f"{action[:50]} is not something a station asks")
        answer = wire(await handler(lenient(action, payload)))
        if fault := next(_errors(MessageType.CallResult, action, answer), None):
            raise AssertionError(f"our answer to {action} breaks {fault.validator} of its schema")
        return answer

    def ask(self, command: Command) -> tuple[str, Payload]:
        """See `session.Dialect`."""
        return asked(command)

    def outcome(self, command: Command, payload: object) -> CommandOutcome:
        """See `session.Dialect`."""
        return outcome(command, payload)

    # --- each message ------------------------------------------------------------------------------------------------

    async def _boot(self, said: Payload) -> call_result.BootNotification:
        boot = Boot(
            charge_point_vendor=_text(said, "chargePointVendor"),
            charge_point_model=_text(said, "chargePointModel"),
            charge_point_serial_number=_text(said, "chargePointSerialNumber"),
            charge_box_serial_number=_text(said, "chargeBoxSerialNumber"),
            firmware_version=_text(said, "firmwareVersion"),
            iccid=_text(said, "iccid"),
            imsi=_text(said, "imsi"),
            meter_type=_text(said, "meterType"),
            meter_serial_number=_text(said, "meterSerialNumber"),
        )
        await self._host.booted(self._station, self._connection, boot, self._interval)
        return call_result.BootNotification(
            current_time=self._time(), interval=self._interval, status=RegistrationStatus.accepted
        )

    async def _heartbeat(self, said: Payload) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=self._time())

    async def _status(self, said: Payload) -> call_result.StatusNotification:
        if said["status"] not in ChargePointStatus.__members__.values():
            raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, "status is none of OCPP 1.6")
        if 0 <= said["connectorId"] <= MOST_CONNECTORS:
            state = ConnectorState(
                status=said["status"],
                error_code=_text(said, "errorCode") or "NoError",
                info=_text(said, "info"),
                vendor_error_code=_text(said, "vendorErrorCode"),
                at=self._clock.now(),
                station_at=moment(said.get("timestamp")),
            )
            await self._host.connector_status(self._station, self._connection, str(said["connectorId"]), state)
        return call_result.StatusNotification()

    async def _authorize(self, said: Payload) -> call_result.Authorize:
        known = await self._host.authorize(self._station, said["idTag"][:LONGEST_TEXT])
        return call_result.Authorize(id_tag_info=_card(known))

    async def _start(self, said: Payload) -> call_result.StartTransaction:
        if not 1 <= said["connectorId"] <= MOST_CONNECTORS:
            raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, "connectorId is not one of a station")
        number, known = await self._host.transaction_started(
            self._station,
            str(said["connectorId"]),
            said["idTag"][:LONGEST_TEXT],
            said["meterStart"],
            moment(said.get("timestamp")),
        )
        return call_result.StartTransaction(transaction_id=number, id_tag_info=_card(known))

    async def _stop(self, said: Payload) -> call_result.StopTransaction:
        await self._host.transaction_stopped(
            self._station,
            said["transactionId"],
            said["meterStop"],
            _text(said, "reason"),
            moment(said.get("timestamp")),
        )
        return call_result.StopTransaction()

    async def _meter(self, said: Payload) -> call_result.MeterValues:
        wh = energy_wh(said.get("meterValue"))
        if wh is not None and 1 <= said["connectorId"] <= MOST_CONNECTORS:
            await self._host.metered(self._station, str(said["connectorId"]), said.get("transactionId"), wh)
        return call_result.MeterValues()

    def _time(self) -> str:
        return utc(self._clock.now()).strftime("%Y-%m-%dT%H:%M:%SZ")


OUTCOMES = {
    "Accepted": CommandState.ACCEPTED,
    "RebootRequired": CommandState.ACCEPTED,
    "Unlocked": CommandState.ACCEPTED,
    "Rejected": CommandState.REJECTED,
    "UnlockFailed": CommandState.REJECTED,
    "NotImplemented": CommandState.NOT_IMPLEMENTED,
    "NotSupported": CommandState.NOT_IMPLEMENTED,
}
"""By the station's word, of whatever command; what is not here is an error."""

MESSAGES = {
    Message.BOOT: MessageTrigger.boot_notification,
    Message.STATUS: MessageTrigger.status_notification,
    Message.HEARTBEAT: MessageTrigger.heartbeat,
    Message.METER: MessageTrigger.meter_values,
}


def asked(command: Command) -> tuple[str, Payload]:
    """The action and payload of a CALL. Raises ValueError for what breaks a limit of the standard."""
    action, message = _message(command)
    payload = wire(message)
    for error in _errors(MessageType.Call, action, payload):
        raise ValueError(f"{action} breaks {error.validator} of its schema")
    return action, payload


def _message(command: Command) -> tuple[str, Any]:
    match command:
        case Reset(hard):
            return Action.reset, call.Reset(type=ResetType.hard if hard else ResetType.soft)
        case Trigger(message, connector):
            number = None if connector is None else int(connector)
            return Action.trigger_message, call.TriggerMessage(MESSAGES[message], number)
        case GetConfiguration(keys):
            return Action.get_configuration, call.GetConfiguration(key=list(keys) or None)
        case ChangeConfiguration(key, value):
            return Action.change_configuration, call.ChangeConfiguration(key=key, value=value)
        case Unlock(connector):
            return Action.unlock_connector, call.UnlockConnector(connector_id=int(connector))
        case Start(connector, id_tag):
            return Action.remote_start_transaction, call.RemoteStartTransaction(id_tag, int(connector))
        case Stop(transaction_id):
            return Action.remote_stop_transaction, call.RemoteStopTransaction(transaction_id)


def outcome(command: Command, payload: object) -> CommandOutcome:
    """What a station's CALLRESULT means. A configuration has no status: it is its own answer."""
    said = payload if isinstance(payload, dict) else {}
    if isinstance(command, GetConfiguration):
        found, unknown = said.get("configurationKey"), said.get("unknownKey")
        state = CommandState.ACCEPTED if isinstance(payload, dict) else CommandState.ERROR
        keys = tuple(_configured(found))
        return CommandOutcome(state=state, configuration=keys, unknown=tuple(map(str, _listed(unknown))))
    status = said.get("status")
    known = OUTCOMES.get(status, CommandState.ERROR) if isinstance(status, str) else CommandState.ERROR
    return CommandOutcome(state=known, status=status[:50] if isinstance(status, str) else None)


def _configured(found: object) -> Iterator[ConfigurationKey]:
    for line in _listed(found):
        if isinstance(line, dict) and isinstance(key := line.get("key"), str):
            value = line.get("value")
            text = None if value is None else str(value)[:LONGEST_TEXT]
            yield ConfigurationKey(key=key[:LONGEST_TEXT], value=text, readonly=line.get("readonly") is True)


def _listed(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def wire(message: Any) -> Payload:
    """A message of the library as its payload."""
    payload: Payload = snake_to_camel_case(remove_nones(serialize_as_dict(message)))
    return payload


def lenient(action: str, payload: Payload) -> Payload:
    """The payload with what is forgiven mended: nulls dropped, numbers written as texts and the other way round.

    Raises CallRefused when a field that the standard requires is missing or is nothing like its type. Faults inside
    lists are left to whoever reads them.
    """
    said = {key: value for key, value in payload.items() if value is not None}
    for error in list(_errors(MessageType.Call, action, said)):
        if error.validator == "required" and not error.absolute_path:
            raise CallRefused(frames.PROTOCOL_ERROR, error.message[:200])
        if error.validator in FORGIVEN or len(error.absolute_path) != 1:
            continue
        key = str(error.absolute_path[0])
        said[key] = _mended(key, said[key], error.validator_value)
    for key, value in said.items():
        if isinstance(value, int) and abs(value) > frames.GREATEST_INTEGER:
            raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, f"{key} is out of range")
    return said


def _mended(key: str, value: Any, wanted: object) -> Any:
    plain = not isinstance(value, bool)
    if plain and wanted == "string" and isinstance(value, int | float):
        return str(value)
    if plain and wanted == "integer" and isinstance(value, int | float | str):
        number = _number(value)
        if number is not None:
            return round(number)
    raise CallRefused(frames.TYPE_CONSTRAINT_VIOLATION, f"{key} is not a {wanted}")


def _errors(kind: int, action: str, payload: Payload) -> Iterator[Any]:
    """The validator's findings, without the library's own checking: that runs in a thread for each message."""
    return iter(get_validator(kind, action, "1.6").iter_errors(payload))


def moment(text: object) -> datetime | None:
    """The station's own time in UTC, kept beside ours and never trusted; None when it is no time."""
    if not isinstance(text, str):
        return None
    try:
        return utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def energy_wh(meter_values: object) -> int | None:
    """The last energy register in a list of MeterValue, in Wh; values that cannot be read are passed over."""
    found: int | None = None
    for sample in _samples(meter_values):
        measurand = sample.get("measurand", Measurand.energy_active_import_register)
        if measurand != Measurand.energy_active_import_register or "phase" in sample:
            continue
        value = _number(sample.get("value"))
        scale = 1000 if sample.get("unit") == UnitOfMeasure.kwh else 1
        if value is not None and abs(value * scale) <= frames.GREATEST_INTEGER:
            found = round(value * scale)
    return found


def _samples(meter_values: object) -> Iterator[dict[str, Any]]:
    for entry in meter_values if isinstance(meter_values, list) else []:
        sampled = entry.get("sampledValue") if isinstance(entry, dict) else None
        for sample in sampled if isinstance(sampled, list) else []:
            if isinstance(sample, dict):
                yield sample


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(said: Payload, key: str) -> str | None:
    value = said.get(key)
    return str(value).strip()[:LONGEST_TEXT] or None if value is not None else None


def _card(known: bool) -> IdTagInfo:
    return IdTagInfo(status=AuthorizationStatus.accepted if known else AuthorizationStatus.invalid)


def _say(message: Any) -> Callable[[Payload], Awaitable[Any]]:
    async def answer(said: Payload) -> Any:
        return message

    return answer
