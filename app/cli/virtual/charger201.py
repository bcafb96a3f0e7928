"""A virtual station's OCPP 2.0.1 side: what it says, what it answers to commands, and does after it has answered."""

import uuid
from contextlib import suppress
from typing import Any

from ocpp.v201 import ChargePoint, call, call_result
from ocpp.v201.datatypes import (
    ChargingStationType,
    ComponentType,
    EVSEType,
    GetVariableResultType,
    IdTokenType,
    MeterValueType,
    ReportDataType,
    SampledValueType,
    SetVariableResultType,
    TransactionType,
    VariableAttributeType,
    VariableType,
)
from ocpp.v201.enums import (
    Action,
    AuthorizationStatusEnumType,
    BootReasonEnumType,
    ChangeAvailabilityStatusEnumType,
    ChargingStateEnumType,
    ClearCacheStatusEnumType,
    ConnectorStatusEnumType,
    DataTransferStatusEnumType,
    GenericDeviceModelStatusEnumType,
    GetVariableStatusEnumType,
    IdTokenEnumType,
    MutabilityEnumType,
    ReasonEnumType,
    RegistrationStatusEnumType,
    RequestStartStopStatusEnumType,
    ResetEnumType,
    ResetStatusEnumType,
    SetVariableStatusEnumType,
    TransactionEventEnumType,
    TriggerMessageStatusEnumType,
    TriggerReasonEnumType,
    UnlockStatusEnumType,
)

from app.cli.virtual.charger import Charger, Condition, End, NotConnected, Socket
from app.cli.virtual.link import RESPONSE_SECONDS, TRIGGERS, Heard, afterwards, answers

SUBPROTOCOL = "ocpp2.0.1"
PASSWORD = ("SecurityCtrlr", "BasicAuthPassword")
KIND, SOCKET_KIND = ("Connector", "ConnectorType"), "sType2"
VARIABLES = {
    ("OCPPCommCtrlr", "HeartbeatInterval"): "HeartbeatInterval",
    ("OCPPCommCtrlr", "WebSocketPingInterval"): "WebSocketPingInterval",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "MeterValueSampleInterval",
    ("TxCtrlr", "EVConnectionTimeOut"): "ConnectionTimeOut",
}
"""The device model's names for what the station is configured with."""

CONDITIONS = {
    Condition.AVAILABLE: ConnectorStatusEnumType.available,
    Condition.FAULTED: ConnectorStatusEnumType.faulted,
}
ENDS = {
    End.CARD: (TriggerReasonEnumType.stop_authorized, ReasonEnumType.local),
    End.UNPLUGGED: (TriggerReasonEnumType.ev_departed, ReasonEnumType.ev_disconnected),
    End.HARD_RESET: (TriggerReasonEnumType.reset_command, ReasonEnumType.immediate_reset),
    End.SOFT_RESET: (TriggerReasonEnumType.reset_command, ReasonEnumType.immediate_reset),
    End.UNLOCKED: (TriggerReasonEnumType.unlock_command, ReasonEnumType.other),
    End.FROM_AFAR: (TriggerReasonEnumType.remote_stop, ReasonEnumType.remote),
}
STATUSES = {
    "Accepted": SetVariableStatusEnumType.accepted,
    "Rejected": SetVariableStatusEnumType.rejected,
    "NotSupported": SetVariableStatusEnumType.unknown_variable,
}


class Link201(Heard, ChargePoint):  # type: ignore[misc]  # the library has no types
    """See `charger.Link`."""

    def __init__(self, charger: Charger, connection: Any) -> None:
        super().__init__(charger.identity, connection, response_timeout=RESPONSE_SECONDS)
        self.charger = charger

    # --- what it says ------------------------------------------------------------------------------------------------

    async def _say(self, message: Any) -> Any:
        return await self.call(message, suppress=False)

    async def boot(self, *, again: bool) -> tuple[bool, int]:
        plate = self.charger.plate
        station = ChargingStationType(
            vendor_name=plate.vendor, model=plate.model, serial_number=plate.serial, firmware_version=plate.firmware
        )
        reason = BootReasonEnumType.triggered if again else BootReasonEnumType.power_up
        message = call.BootNotification(charging_station=station, reason=reason)
        answer = await self.call(message, suppress=False, skip_schema_validation=len(plate.serial) > 25)
        return answer.status == RegistrationStatusEnumType.accepted, answer.interval

    async def heartbeat(self) -> None:
        await self._say(call.Heartbeat())

    async def status(self, socket: Socket | None) -> None:
        """Only connectors have a status here."""
        if socket is None:
            return
        await self._say(
            call.StatusNotification(
                timestamp=self.charger.timestamp(),
                connector_status=CONDITIONS.get(socket.condition, ConnectorStatusEnumType.occupied),
                evse_id=socket.evse,
                connector_id=socket.connector,
            )
        )

    async def authorize(self, tag: str) -> bool:
        answer = await self._say(call.Authorize(id_token=_token(tag)))
        return _accepted(answer)

    async def begin(self, socket: Socket, tag: str) -> int | str | None:
        transaction, socket.seq = str(uuid.uuid4()), -1
        started, authorized = TransactionEventEnumType.started, TriggerReasonEnumType.authorized
        state = ChargingStateEnumType.charging
        answer = await self._event(socket, transaction, started, authorized, state=state, tag=tag)
        if _accepted(answer):
            return transaction
        ended, reason = TransactionEventEnumType.ended, ReasonEnumType.de_authorized
        await self._event(socket, transaction, ended, TriggerReasonEnumType.deauthorized, reason=reason)
        return None

    async def end(self, socket: Socket, transaction: int | str, why: End) -> None:
        if isinstance(transaction, int):  # begun in another version, which is where it ends
            return
        trigger, reason = ENDS[why]
        await self._event(socket, transaction, TransactionEventEnumType.ended, trigger, reason=reason)

    async def meter(self, socket: Socket) -> None:
        if isinstance(socket.transaction, str):
            updated, periodic = TransactionEventEnumType.updated, TriggerReasonEnumType.meter_value_periodic
            await self._event(socket, socket.transaction, updated, periodic)
        else:
            await self._say(call.MeterValues(evse_id=socket.evse, meter_value=[self._energy(socket)]))

    async def _event(
        self,
        socket: Socket,
        transaction: str,
        step: TransactionEventEnumType,
        trigger: TriggerReasonEnumType,
        *,
        state: ChargingStateEnumType | None = None,
        reason: ReasonEnumType | None = None,
        tag: str | None = None,
    ) -> Any:
        socket.seq += 1
        return await self._say(
            call.TransactionEvent(
                event_type=step,
                timestamp=self.charger.timestamp(),
                trigger_reason=trigger,
                seq_no=socket.seq,
                transaction_info=TransactionType(transaction, charging_state=state, stopped_reason=reason),
                meter_value=[self._energy(socket)],
                evse=EVSEType(id=socket.evse, connector_id=socket.connector),
                id_token=None if tag is None else _token(tag),
            )
        )

    def _energy(self, socket: Socket) -> MeterValueType:
        return MeterValueType(self.charger.timestamp(), [SampledValueType(value=float(socket.meter))])

    # --- what it is asked --------------------------------------------------------------------------------------------

    def _sockets(self, evse: int | None, connector: int | None = None) -> list[Socket]:
        sockets = self.charger.sockets.values()
        return [s for s in sockets if evse in (None, s.evse) and connector in (None, s.connector)]

    @answers(Action.reset)
    def on_reset(self, type: str, **_: Any) -> call_result.Reset:
        self.charger.tell("reset", type=type)
        return call_result.Reset(status=ResetStatusEnumType.accepted)

    @afterwards(Action.reset)
    async def after_reset(self, type: str, **_: Any) -> None:
        await self.charger.reset(End.HARD_RESET if type == ResetEnumType.immediate else End.SOFT_RESET)

    def _asked_of(self, evse: dict[str, int] | None) -> list[Socket | None]:
        """The sockets that a trigger means; the station itself is [None]."""
        return [None] if evse is None else [*self._sockets(evse["id"], evse.get("connector_id"))]

    @answers(Action.trigger_message)
    def on_trigger(
        self, requested_message: str, evse: dict[str, int] | None = None, **_: Any
    ) -> call_result.TriggerMessage:
        known = requested_message in TRIGGERS and bool(self._asked_of(evse))
        status = TriggerMessageStatusEnumType.accepted if known else TriggerMessageStatusEnumType.not_implemented
        self.charger.tell("triggered", message=requested_message, status=str(status))
        return call_result.TriggerMessage(status=status)

    @afterwards(Action.trigger_message)
    async def after_trigger(self, requested_message: str, evse: dict[str, int] | None = None, **_: Any) -> None:
        if requested_message in TRIGGERS:
            with suppress(NotConnected, TimeoutError):
                for socket in self._asked_of(evse):
                    await TRIGGERS[requested_message](self.charger, socket)

    @answers(Action.get_variables)
    def on_get_variables(self, get_variable_data: list[dict[str, Any]], **_: Any) -> call_result.GetVariables:
        return call_result.GetVariables(get_variable_result=[self._read(each) for each in get_variable_data])

    def _read(self, asked: dict[str, Any]) -> GetVariableResultType:
        component, variable = asked["component"], asked["variable"]
        name = (component["name"], variable["name"])
        key = VARIABLES.get(name)
        status = GetVariableStatusEnumType.unknown_variable if key is None else GetVariableStatusEnumType.accepted
        if name == PASSWORD:
            status = GetVariableStatusEnumType.rejected
        value = None if key is None else self.charger.configuration[key]
        if name == KIND and self._sockets(*_place(component)):
            status, value = GetVariableStatusEnumType.accepted, SOCKET_KIND
        return GetVariableResultType(status, component, variable, attribute_value=value)

    @answers(Action.set_variables)
    def on_set_variables(self, set_variable_data: list[dict[str, Any]], **_: Any) -> call_result.SetVariables:
        return call_result.SetVariables(set_variable_result=[self._write(each) for each in set_variable_data])

    def _write(self, asked: dict[str, Any]) -> SetVariableResultType:
        component, variable, value = asked["component"], asked["variable"], asked["attribute_value"]
        name = (component["name"], variable["name"])
        status = SetVariableStatusEnumType.accepted
        if name == PASSWORD:
            self.charger.renew(value.encode())
        else:
            status = STATUSES[self.charger.configure(VARIABLES.get(name, ".".join(name)), value)]
        return SetVariableResultType(status, component, variable)

    @afterwards(Action.set_variables)
    async def after_set_variables(self, set_variable_data: list[dict[str, Any]], **_: Any) -> None:
        if any((each["component"]["name"], each["variable"]["name"]) == PASSWORD for each in set_variable_data):
            self.charger.renewed.set()

    @answers(Action.get_base_report)
    def on_base_report(self, request_id: int, report_base: str, **_: Any) -> call_result.GetBaseReport:
        return call_result.GetBaseReport(status=GenericDeviceModelStatusEnumType.accepted)

    @afterwards(Action.get_base_report)
    async def after_base_report(self, request_id: int, report_base: str, **_: Any) -> None:
        """One line in each part, so that whoever reads it has to put them together."""
        for number, (name, key) in enumerate(VARIABLES.items(), start=1):
            value = VariableAttributeType(
                value=self.charger.configuration[key], mutability=MutabilityEnumType.read_write
            )
            line = ReportDataType(ComponentType(name=name[0]), VariableType(name=name[1]), [value])
            await self._say(
                call.NotifyReport(
                    request_id=request_id,
                    generated_at=self.charger.timestamp(),
                    seq_no=number - 1,
                    report_data=[line],
                    tbc=number < len(VARIABLES),
                )
            )

    @answers(Action.unlock_connector)
    def on_unlock(self, evse_id: int, connector_id: int, **_: Any) -> call_result.UnlockConnector:
        found = self._sockets(evse_id, connector_id)
        self.charger.tell("unlock", connector=found[0].number if found else 0)
        status = UnlockStatusEnumType.unlocked if found else UnlockStatusEnumType.unknown_connector
        return call_result.UnlockConnector(status=status)

    @afterwards(Action.unlock_connector)
    async def after_unlock(self, evse_id: int, connector_id: int, **_: Any) -> None:
        for socket in self._sockets(evse_id, connector_id):
            await self.charger.stop(socket, End.UNLOCKED)

    @answers(Action.request_start_transaction)
    def on_request_start(self, evse_id: int | None = None, **_: Any) -> call_result.RequestStartTransaction:
        free = self.charger.free(self._sockets(evse_id)) is not None
        status = RequestStartStopStatusEnumType.accepted if free else RequestStartStopStatusEnumType.rejected
        self.charger.tell("remote_start", status=str(status))
        return call_result.RequestStartTransaction(status=status)

    @afterwards(Action.request_start_transaction)
    async def after_request_start(self, id_token: dict[str, Any], evse_id: int | None = None, **_: Any) -> None:
        if (socket := self.charger.free(self._sockets(evse_id))) is not None:
            await self.charger.start(socket, id_token["id_token"])

    @answers(Action.request_stop_transaction)
    def on_request_stop(self, transaction_id: str, **_: Any) -> call_result.RequestStopTransaction:
        known = self.charger.charging(transaction_id) is not None
        status = RequestStartStopStatusEnumType.accepted if known else RequestStartStopStatusEnumType.rejected
        return call_result.RequestStopTransaction(status=status)

    @afterwards(Action.request_stop_transaction)
    async def after_request_stop(self, transaction_id: str, **_: Any) -> None:
        if (socket := self.charger.charging(transaction_id)) is not None:
            await self.charger.stop(socket, End.FROM_AFAR)

    @answers(Action.change_availability)
    def on_change_availability(self, operational_status: str, **_: Any) -> call_result.ChangeAvailability:
        return call_result.ChangeAvailability(status=ChangeAvailabilityStatusEnumType.accepted)

    @answers(Action.clear_cache)
    def on_clear_cache(self, **_: Any) -> call_result.ClearCache:
        return call_result.ClearCache(status=ClearCacheStatusEnumType.accepted)

    @answers(Action.data_transfer)
    def on_data_transfer(self, vendor_id: str, **_: Any) -> call_result.DataTransfer:
        return call_result.DataTransfer(status=DataTransferStatusEnumType.unknown_vendor_id)


def _place(component: dict[str, Any]) -> tuple[int, int]:
    """The EVSE and connector that a component belongs to; 0 where it belongs to none."""
    evse = component.get("evse") or {}
    return evse.get("id", 0), evse.get("connector_id", 0)


def _token(tag: str) -> IdTokenType:
    return IdTokenType(id_token=tag, type=IdTokenEnumType.iso14443)


def _accepted(answer: Any) -> bool:
    info = answer.id_token_info or {}
    return bool(info.get("status") == AuthorizationStatusEnumType.accepted)
