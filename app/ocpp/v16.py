"""OCPP 1.6: messages to the platform's intents and back. Lenient with what stations send, strict with what we send.

The library's enums, dataclasses and schemas say what a message is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ocpp.v16 import call, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    ChargePointStatus,
    DataTransferStatus,
    GenericStatus,
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
from app.domain.live import Boot, ConnectorState, Registration
from app.ocpp import frames
from app.ocpp.frames import CallRefused
from app.ocpp.payloads import (
    LONGEST_TEXT,
    MOST_CONNECTORS,
    Handler,
    Payload,
    Schemas,
    StationDialect,
    listed,
    moment,
    registers,
    say,
    text_of,
)

SUBPROTOCOL = "ocpp1.6"
SCHEMAS = Schemas("1.6")
REGISTRATIONS = {
    Registration.ACCEPTED: RegistrationStatus.accepted,
    Registration.PENDING: RegistrationStatus.pending,
    Registration.REJECTED: RegistrationStatus.rejected,
}


class Dialect16(StationDialect):
    """See `StationDialect`."""

    schemas = SCHEMAS
    actions = frozenset(Action)
    codes = {frames.RPC_FRAMEWORK_ERROR: frames.FORMATION_VIOLATION}

    def _handled(self) -> Mapping[str, Handler]:
        return {
            Action.boot_notification: self._boot,
            Action.heartbeat: self._heartbeat,
            Action.status_notification: self._status,
            Action.authorize: self._authorize,
            Action.start_transaction: self._start,
            Action.stop_transaction: self._stop,
            Action.meter_values: self._meter,
            Action.data_transfer: say(call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id)),
            Action.diagnostics_status_notification: say(call_result.DiagnosticsStatusNotification()),
            Action.firmware_status_notification: say(call_result.FirmwareStatusNotification()),
            Action.signed_firmware_status_notification: say(call_result.SignedFirmwareStatusNotification()),
            Action.log_status_notification: say(call_result.LogStatusNotification()),
            Action.security_event_notification: say(call_result.SecurityEventNotification()),
            Action.sign_certificate: say(call_result.SignCertificate(status=GenericStatus.rejected)),
        }

    def ask(self, command: Command) -> tuple[str, Payload]:
        """See `session.Dialect`."""
        return asked(command)

    def outcome(self, command: Command, payload: object) -> CommandOutcome:
        """See `session.Dialect`."""
        return outcome(command, payload)

    # --- each message ------------------------------------------------------------------------------------------------

    async def _boot(self, said: Payload) -> call_result.BootNotification:
        boot = Boot(
            charge_point_vendor=text_of(said, "chargePointVendor"),
            charge_point_model=text_of(said, "chargePointModel"),
            charge_point_serial_number=text_of(said, "chargePointSerialNumber"),
            charge_box_serial_number=text_of(said, "chargeBoxSerialNumber"),
            firmware_version=text_of(said, "firmwareVersion"),
            iccid=text_of(said, "iccid"),
            imsi=text_of(said, "imsi"),
            meter_type=text_of(said, "meterType"),
            meter_serial_number=text_of(said, "meterSerialNumber"),
        )
        answer = await self._host.booted(self._station, self._connection, boot, self._interval)
        return call_result.BootNotification(
            current_time=self._time(), interval=self._interval, status=REGISTRATIONS[answer]
        )

    async def _heartbeat(self, said: Payload) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=self._time())

    async def _status(self, said: Payload) -> call_result.StatusNotification:
        if said["status"] not in ChargePointStatus.__members__.values():
            raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, "status is none of OCPP 1.6")
        if 0 <= said["connectorId"] <= MOST_CONNECTORS:
            state = ConnectorState(
                status=said["status"],
                error_code=text_of(said, "errorCode") or "NoError",
                info=text_of(said, "info"),
                vendor_error_code=text_of(said, "vendorErrorCode"),
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
            text_of(said, "reason"),
            moment(said.get("timestamp")),
        )
        return call_result.StopTransaction()

    async def _meter(self, said: Payload) -> call_result.MeterValues:
        wh = energy_wh(said["meterValue"])
        if wh is not None and 1 <= said["connectorId"] <= MOST_CONNECTORS:
            await self._host.metered(self._station, str(said["connectorId"]), said.get("transactionId"), wh)
        return call_result.MeterValues()


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
    return action, SCHEMAS.call(action, message)


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
        return CommandOutcome(state=state, configuration=keys, unknown=tuple(map(str, listed(unknown))))
    status = said.get("status")
    known = OUTCOMES.get(status, CommandState.ERROR) if isinstance(status, str) else CommandState.ERROR
    return CommandOutcome(state=known, status=status[:50] if isinstance(status, str) else None)


def _configured(found: object) -> Iterator[ConfigurationKey]:
    for line in listed(found):
        if isinstance(line, dict) and isinstance(key := line.get("key"), str):
            value = line.get("value")
            text = None if value is None else str(value)[:LONGEST_TEXT]
            yield ConfigurationKey(key=key[:LONGEST_TEXT], value=text, readonly=line.get("readonly") is True)


def energy_wh(meter_values: object) -> int | None:
    """The last energy register in a list of MeterValue, in Wh; values that cannot be read are passed over."""
    found = registers(meter_values, lambda sample: 1000 if sample.get("unit") == UnitOfMeasure.kwh else 1)
    return found[-1] if found else None


def _card(known: bool) -> IdTagInfo:
    return IdTagInfo(status=AuthorizationStatus.accepted if known else AuthorizationStatus.invalid)
