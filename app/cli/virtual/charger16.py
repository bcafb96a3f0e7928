"""A virtual station's OCPP 1.6 side: what it says, what it answers to commands, and does after it has answered."""

from contextlib import suppress
from typing import Any

from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.datatypes import KeyValue, MeterValue, SampledValue
from ocpp.v16.enums import (
    Action,
    AuthorizationStatus,
    AvailabilityStatus,
    ChargePointErrorCode,
    ChargePointStatus,
    ClearCacheStatus,
    ConfigurationStatus,
    DataTransferStatus,
    Measurand,
    Reason,
    RegistrationStatus,
    RemoteStartStopStatus,
    ResetStatus,
    ResetType,
    TriggerMessageStatus,
    UnitOfMeasure,
    UnlockStatus,
)

from app.cli.virtual.charger import NO_ERROR, READ_ONLY, Charger, Condition, End, NotConnected, Socket
from app.cli.virtual.link import RESPONSE_SECONDS, TRIGGERS, Heard, afterwards, answers

SUBPROTOCOL = "ocpp1.6"
PASSWORD = "AuthorizationKey"


class Link16(Heard, ChargePoint):  # type: ignore[misc]  # the library has no types
    """See `charger.Link`."""

    def __init__(self, charger: Charger, connection: Any) -> None:
        super().__init__(charger.identity, connection, response_timeout=RESPONSE_SECONDS)
        self.charger = charger

    # --- what it says ------------------------------------------------------------------------------------------------

    async def _say(self, message: Any) -> Any:
        return await self.call(message, suppress=False)

    async def boot(self, *, again: bool) -> tuple[bool, int]:
        plate = self.charger.plate
        message = call.BootNotification(
            charge_point_vendor=plate.vendor,
            charge_point_model=plate.model,
            charge_point_serial_number=plate.serial,
            firmware_version=plate.firmware,
        )
        answer = await self.call(message, suppress=False, skip_schema_validation=len(plate.serial) > 25)
        return answer.status == RegistrationStatus.accepted, answer.interval

    async def heartbeat(self) -> None:
        await self._say(call.Heartbeat())

    async def status(self, socket: Socket | None) -> None:
        error = NO_ERROR if socket is None else socket.error
        condition = Condition.AVAILABLE if socket is None else socket.condition
        await self._say(
            call.StatusNotification(
                connector_id=0 if socket is None else socket.wire,
                error_code=ChargePointErrorCode(error),
                status=ChargePointStatus(condition),
                timestamp=self.charger.timestamp(),
            )
        )

    async def authorize(self, tag: str) -> bool:
        answer = await self._say(call.Authorize(id_tag=tag))
        return bool(answer.id_tag_info["status"] == AuthorizationStatus.accepted)

    async def begin(self, socket: Socket, tag: str) -> int | str | None:
        answer = await self._say(
            call.StartTransaction(
                connector_id=socket.wire, id_tag=tag, meter_start=socket.meter, timestamp=self.charger.timestamp()
            )
        )
        accepted = answer.id_tag_info["status"] == AuthorizationStatus.accepted
        return int(answer.transaction_id) if accepted else None

    async def end(self, socket: Socket, transaction: int | str, why: End) -> None:
        if isinstance(transaction, str):  # begun in another version, which is where it ends
            return
        await self._say(
            call.StopTransaction(
                meter_stop=socket.meter,
                timestamp=self.charger.timestamp(),
                transaction_id=transaction,
                reason=Reason(why),
                id_tag=socket.card,
            )
        )

    async def meter(self, socket: Socket) -> None:
        sample = SampledValue(
            value=str(socket.meter), measurand=Measurand.energy_active_import_register, unit=UnitOfMeasure.wh
        )
        value = MeterValue(timestamp=self.charger.timestamp(), sampled_value=[sample])
        number = socket.transaction if isinstance(socket.transaction, int) else None
        await self._say(call.MeterValues(connector_id=socket.wire, meter_value=[value], transaction_id=number))

    # --- what it is asked --------------------------------------------------------------------------------------------

    def _socket(self, number: int | None) -> Socket | None:
        return next((s for s in self.charger.sockets.values() if s.wire == number), None)

    @answers(Action.reset)
    def on_reset(self, type: str) -> call_result.Reset:
        self.charger.tell("reset", type=type)
        return call_result.Reset(status=ResetStatus.accepted)

    @afterwards(Action.reset)
    async def after_reset(self, type: str) -> None:
        await self.charger.reset(End.HARD_RESET if type == ResetType.hard else End.SOFT_RESET)

    @answers(Action.trigger_message)
    def on_trigger(self, requested_message: str, connector_id: int | None = None) -> call_result.TriggerMessage:
        known = requested_message in TRIGGERS and (not connector_id or self._socket(connector_id) is not None)
        status = TriggerMessageStatus.accepted if known else TriggerMessageStatus.not_implemented
        self.charger.tell("triggered", message=requested_message, status=str(status))
        return call_result.TriggerMessage(status=status)

    @afterwards(Action.trigger_message)
    async def after_trigger(self, requested_message: str, connector_id: int | None = None) -> None:
        if requested_message in TRIGGERS:
            with suppress(NotConnected, TimeoutError):
                await TRIGGERS[requested_message](self.charger, self._socket(connector_id))

    @answers(Action.get_configuration)
    def on_get_configuration(self, key: list[str] | None = None) -> call_result.GetConfiguration:
        known = self.charger.configuration
        wanted = key or list(known)
        return call_result.GetConfiguration(
            configuration_key=[KeyValue(key=k, readonly=k in READ_ONLY, value=known[k]) for k in wanted if k in known],
            unknown_key=[k for k in wanted if k not in known],
        )

    @answers(Action.change_configuration)
    def on_change_configuration(self, key: str, value: str) -> call_result.ChangeConfiguration:
        if key == PASSWORD:
            self.charger.renew(bytes.fromhex(value))
            return call_result.ChangeConfiguration(status=ConfigurationStatus.accepted)
        return call_result.ChangeConfiguration(status=ConfigurationStatus(self.charger.configure(key, value)))

    @afterwards(Action.change_configuration)
    async def after_change_configuration(self, key: str, value: str) -> None:
        if key == PASSWORD:
            self.charger.renewed.set()

    @answers(Action.unlock_connector)
    def on_unlock(self, connector_id: int) -> call_result.UnlockConnector:
        known = self._socket(connector_id) is not None
        self.charger.tell("unlock", connector=connector_id)
        return call_result.UnlockConnector(status=UnlockStatus.unlocked if known else UnlockStatus.not_supported)

    @afterwards(Action.unlock_connector)
    async def after_unlock(self, connector_id: int) -> None:
        if (socket := self._socket(connector_id)) is not None:
            await self.charger.stop(socket, End.UNLOCKED)

    def _free(self, number: int | None) -> Socket | None:
        sockets = self.charger.sockets.values()
        return self.charger.free([s for s in sockets if number in (None, s.wire)])

    @answers(Action.remote_start_transaction)
    def on_remote_start(
        self, id_tag: str, connector_id: int | None = None, **_: Any
    ) -> call_result.RemoteStartTransaction:
        free = self._free(connector_id) is not None
        status = RemoteStartStopStatus.accepted if free else RemoteStartStopStatus.rejected
        self.charger.tell("remote_start", status=str(status))
        return call_result.RemoteStartTransaction(status=status)

    @afterwards(Action.remote_start_transaction)
    async def after_remote_start(self, id_tag: str, connector_id: int | None = None, **_: Any) -> None:
        if (socket := self._free(connector_id)) is not None:
            await self.charger.start(socket, id_tag)

    @answers(Action.remote_stop_transaction)
    def on_remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        known = self.charger.charging(transaction_id) is not None
        status = RemoteStartStopStatus.accepted if known else RemoteStartStopStatus.rejected
        return call_result.RemoteStopTransaction(status=status)

    @afterwards(Action.remote_stop_transaction)
    async def after_remote_stop(self, transaction_id: int) -> None:
        if (socket := self.charger.charging(transaction_id)) is not None:
            await self.charger.stop(socket, End.FROM_AFAR)

    @answers(Action.change_availability)
    def on_change_availability(self, connector_id: int, type: str) -> call_result.ChangeAvailability:
        return call_result.ChangeAvailability(status=AvailabilityStatus.accepted)

    @answers(Action.clear_cache)
    def on_clear_cache(self) -> call_result.ClearCache:
        return call_result.ClearCache(status=ClearCacheStatus.accepted)

    @answers(Action.data_transfer)
    def on_data_transfer(self, vendor_id: str, **_: Any) -> call_result.DataTransfer:
        return call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id)
