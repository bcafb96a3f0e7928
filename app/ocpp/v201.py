"""OCPP 2.0.1: messages to the platform's intents. Lenient with what stations send, strict with what we send.

A connector's key is "evse.connector"; the commands and the device model's keys are in v201_commands.py.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from ocpp.v201 import call_result
from ocpp.v201.datatypes import IdTokenInfoType
from ocpp.v201.enums import (
    Action,
    AuthorizationStatusEnumType,
    ChargingStateEnumType,
    ConnectorStatusEnumType,
    DataTransferStatusEnumType,
    GenericStatusEnumType,
    GetCertificateStatusEnumType,
    IdTokenEnumType,
    Iso15118EVCertificateStatusEnumType,
    NotifyEVChargingNeedsStatusEnumType,
    RegistrationStatusEnumType,
)

from app.domain.charging import ChargingEvent, ChargingStep
from app.domain.commands import Command, CommandOutcome
from app.domain.live import Boot, ConnectorState, Registration
from app.ocpp import frames, v201_commands
from app.ocpp.frames import CallRefused
from app.ocpp.payloads import (
    MOST_CONNECTORS,
    Handler,
    Payload,
    StationDialect,
    listed,
    moment,
    number_of,
    registers,
    say,
    text_of,
)
from app.ports import Clock, StationHost

SUBPROTOCOL = "ocpp2.0.1"
REGISTRATIONS = {
    Registration.ACCEPTED: RegistrationStatusEnumType.accepted,
    Registration.PENDING: RegistrationStatusEnumType.pending,
    Registration.REJECTED: RegistrationStatusEnumType.rejected,
}
ENERGY_FLOWS = {
    ChargingStateEnumType.charging: True,
    ChargingStateEnumType.suspended_ev: True,
    ChargingStateEnumType.suspended_evse: True,
    ChargingStateEnumType.ev_connected: False,
    ChargingStateEnumType.idle: False,
}


class Dialect201(StationDialect):
    """See `StationDialect`."""

    schemas = v201_commands.SCHEMAS
    actions = frozenset(Action)
    codes = {frames.FORMATION_VIOLATION: "FormatViolation"}

    def __init__(
        self, host: StationHost, clock: Clock, charge_station_id: str, connection_id: str, interval: int
    ) -> None:
        self._reports = v201_commands.Reports()
        self._occupied: dict[int, int] = {}
        super().__init__(host, clock, charge_station_id, connection_id, interval)

    def _handled(self) -> Mapping[str, Handler]:
        return ACKNOWLEDGED | {
            Action.boot_notification: self._boot,
            Action.heartbeat: self._heartbeat,
            Action.status_notification: self._status,
            Action.notify_event: self._events,
            Action.authorize: self._authorize,
            Action.transaction_event: self._transaction,
            Action.meter_values: self._meter,
            Action.notify_report: self._report,
        }

    def ask(self, command: Command) -> tuple[str, Payload]:
        """See `session.Dialect`."""
        return v201_commands.asked(command, self._reports)

    def outcome(self, command: Command, payload: object) -> CommandOutcome:
        """See `session.Dialect`."""
        return v201_commands.outcome(command, payload)

    async def completed(self, asked: Payload, outcome: CommandOutcome, seconds: float) -> CommandOutcome:
        """See `session.Dialect`. A report comes in parts, after its answer; what has come by then is what there is."""
        return await self._reports.of(asked, outcome, seconds)

    # --- each message ------------------------------------------------------------------------------------------------

    async def _boot(self, said: Payload) -> call_result.BootNotification:
        station = said["chargingStation"]
        modem = _object(station, "modem")
        boot = Boot(
            charge_point_vendor=text_of(station, "vendorName"),
            charge_point_model=text_of(station, "model"),
            charge_point_serial_number=text_of(station, "serialNumber"),
            firmware_version=text_of(station, "firmwareVersion"),
            iccid=text_of(modem, "iccid"),
            imsi=text_of(modem, "imsi"),
        )
        answer = await self._host.booted(self._station, self._connection, boot, self._interval)
        return call_result.BootNotification(
            current_time=self._time(), interval=self._interval, status=REGISTRATIONS[answer]
        )

    async def _heartbeat(self, said: Payload) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=self._time())

    async def _status(self, said: Payload) -> call_result.StatusNotification:
        if said["connectorStatus"] not in ConnectorStatusEnumType.__members__.values():
            raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, "connectorStatus is none of OCPP 2.0.1")
        await self._connector(said["evseId"], said["connectorId"], said["connectorStatus"], said.get("timestamp"))
        return call_result.StatusNotification()

    async def _events(self, said: Payload) -> call_result.NotifyEvent:
        """Some stations tell a connector's state as an event of the device model instead (2.0.1 G01)."""
        for evse, connector, status, at in _availabilities(said["eventData"]):
            await self._connector(evse, connector, status, at)
        return call_result.NotifyEvent()

    async def _connector(self, evse: int, connector: int, status: str, timestamp: object) -> None:
        """EVSE 0 is the station; absurd numbers are acknowledged and leave no trace (pitfalls 17 and 19)."""
        if evse != 0 and not (0 < evse <= MOST_CONNECTORS and 0 < connector <= MOST_CONNECTORS):
            return
        if status == ConnectorStatusEnumType.occupied:
            self._occupied[evse] = connector
        key = f"{evse}.{connector}" if evse else "0"
        state = ConnectorState(status=status, at=self._clock.now(), station_at=moment(timestamp))
        await self._host.connector_status(self._station, self._connection, key, state)

    async def _authorize(self, said: Payload) -> call_result.Authorize:
        known = await self._host.authorize(self._station, _card(said["idToken"]) or "")
        return call_result.Authorize(id_token_info=_verdict(known))

    async def _transaction(self, said: Payload) -> call_result.TransactionEvent:
        accepted = await self._host.transaction_event(self._station, self._event(said))
        return call_result.TransactionEvent(id_token_info=None if accepted is None else _verdict(accepted))

    def _event(self, said: Payload) -> ChargingEvent:
        step, info = said["eventType"], said["transactionInfo"]
        own_id = text_of(info, "transactionId")
        if own_id is None:
            raise CallRefused(frames.PROTOCOL_ERROR, "transactionInfo has no transactionId")
        if step not in ChargingStep.__members__.values():
            raise CallRefused(frames.PROPERTY_CONSTRAINT_VIOLATION, "eventType is none of OCPP 2.0.1")
        energies = energies_wh(said.get("meterValue"))
        state = info.get("chargingState")
        ended = "Local" if step == ChargingStep.ENDED else None
        return ChargingEvent(
            transaction_id=own_id,
            step=ChargingStep(step),
            seq=said["seqNo"],
            connector=self._plugged(_object(said, "evse")),
            id_tag=_card(said.get("idToken")),
            charging=ENERGY_FLOWS.get(state) if isinstance(state, str) else None,
            first_wh=energies[0] if energies else None,
            wh=energies[-1] if energies else None,
            reason=text_of(info, "stoppedReason") or ended,
            offline=said.get("offline", False),
            at=moment(said.get("timestamp")),
        )

    def _plugged(self, evse: Mapping[str, Any]) -> str | None:
        """The connector of a session; where a station names the EVSE only, the one that was taken last."""
        number, connector = evse.get("id"), evse.get("connectorId")
        if not _counts(number):
            return None
        return f"{number}.{connector if _counts(connector) else self._occupied.get(number, 1)}"

    async def _meter(self, said: Payload) -> call_result.MeterValues:
        energies = energies_wh(said["meterValue"])
        if energies and _counts(said["evseId"]):
            await self._host.metered(self._station, str(said["evseId"]), None, energies[-1])
        return call_result.MeterValues()

    async def _report(self, said: Payload) -> call_result.NotifyReport:
        self._reports.add(said)
        return call_result.NotifyReport()


ACKNOWLEDGED: dict[str, Handler] = {
    Action.cleared_charging_limit: say(call_result.ClearedChargingLimit()),
    Action.data_transfer: say(call_result.DataTransfer(status=DataTransferStatusEnumType.unknown_vendor_id)),
    Action.firmware_status_notification: say(call_result.FirmwareStatusNotification()),
    Action.get_15118_ev_certificate: say(
        call_result.Get15118EVCertificate(status=Iso15118EVCertificateStatusEnumType.failed, exi_response="")
    ),
    Action.get_certificate_status: say(call_result.GetCertificateStatus(status=GetCertificateStatusEnumType.failed)),
    Action.log_status_notification: say(call_result.LogStatusNotification()),
    Action.notify_charging_limit: say(call_result.NotifyChargingLimit()),
    Action.notify_customer_information: say(call_result.NotifyCustomerInformation()),
    Action.notify_display_messages: say(call_result.NotifyDisplayMessages()),
    Action.notify_ev_charging_needs: say(
        call_result.NotifyEVChargingNeeds(status=NotifyEVChargingNeedsStatusEnumType.rejected)
    ),
    Action.notify_ev_charging_schedule: say(
        call_result.NotifyEVChargingSchedule(status=GenericStatusEnumType.accepted)
    ),
    Action.notify_monitoring_report: say(call_result.NotifyMonitoringReport()),
    Action.publish_firmware_status_notification: say(call_result.PublishFirmwareStatusNotification()),
    Action.report_charging_profiles: say(call_result.ReportChargingProfiles()),
    Action.reservation_status_update: say(call_result.ReservationStatusUpdate()),
    Action.security_event_notification: say(call_result.SecurityEventNotification()),
    Action.sign_certificate: say(call_result.SignCertificate(status=GenericStatusEnumType.rejected)),
}
"""What is heard and leads to nothing here."""


def energies_wh(meter_values: object) -> list[int]:
    """The energy registers in a list of MeterValueType, in Wh and in the order they came."""
    return registers(meter_values, _scale)


def _scale(sample: Payload) -> float:
    """`multiplier` is a power of ten of the unit (UnitOfMeasureType)."""
    unit = _object(sample, "unitOfMeasure")
    power = number_of(unit.get("multiplier", 0))
    kilo = 1000.0 if unit.get("unit") == "kWh" else 1.0
    return kilo * math.pow(10.0, max(-30.0, min(30.0, power or 0.0)))


def _availabilities(events: object) -> Iterator[tuple[int, int, str, object]]:
    for event in listed(events):
        component = _object(event, "component")
        variable, evse = _object(event, "variable"), _object(component, "evse")
        if (component.get("name"), variable.get("name")) != ("Connector", "AvailabilityState"):
            continue
        number, connector, status = evse.get("id"), evse.get("connectorId"), event.get("actualValue")
        if _counts(number) and _counts(connector) and status in ConnectorStatusEnumType.__members__.values():
            yield number, connector, status, event.get("timestamp")


def _counts(number: Any) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= MOST_CONNECTORS


def _object(said: Any, key: str) -> Mapping[str, Any]:
    found = said.get(key) if isinstance(said, Mapping) else None
    return found if isinstance(found, dict) else {}


def _card(token: Any) -> str | None:
    """The card of an IdTokenType; None for a session that needs none."""
    said = token if isinstance(token, dict) else {}
    return None if said.get("type") == IdTokenEnumType.no_authorization else text_of(said, "idToken")


def _verdict(known: bool) -> IdTokenInfoType:
    status = AuthorizationStatusEnumType.accepted if known else AuthorizationStatusEnumType.invalid
    return IdTokenInfoType(status=status)
