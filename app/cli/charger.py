"""The virtual station's inside: a charging station with sockets, a card reader and a meter, and its OCPP 1.6 side.

Built on the `ocpp` library's own client classes, strict schemas both ways: another code base than the listener it
talks to, so that both are kept honest.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from ocpp.routing import after, on
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
    MessageTrigger,
    Reason,
    RegistrationStatus,
    RemoteStartStopStatus,
    ResetStatus,
    ResetType,
    TriggerMessageStatus,
    UnitOfMeasure,
    UnlockStatus,
)

Handler = TypeVar("Handler", bound=Callable[..., Any])
Tell = Callable[..., None]
"""Called with the event's word and its fields."""

METER_STEPS = 3
READ_ONLY = {"NumberOfConnectors", "SupportedFeatureProfiles"}


class NotConnected(Exception):
    """The station wanted to say something and has no connection."""


@dataclass
class Socket:
    """One connector. `meter` is its energy register in Wh and never falls."""

    number: int
    status: ChargePointStatus = ChargePointStatus.available
    error: ChargePointErrorCode = ChargePointErrorCode.no_error
    meter: int = 0
    transaction: int | None = None
    card: str | None = None


@dataclass
class Plate:
    """What stands on the type plate."""

    vendor: str = "Stationlink"
    model: str = "Virtual"
    serial: str = "VIRTUAL-1"
    firmware: str = "1.0.0"


@dataclass
class Charger:
    """The hardware: it stays what it is while connections come and go."""

    identity: str
    sockets: dict[int, Socket]
    tell: Tell
    plate: Plate = field(default_factory=Plate)
    charge_seconds: float = 3.0
    configuration: dict[str, str] = field(default_factory=dict)
    link: "Link | None" = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    reset_asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.configuration = {
            "HeartbeatInterval": "300",
            "MeterValueSampleInterval": "60",
            "ConnectionTimeOut": "60",
            "WebSocketPingInterval": "20",
            "NumberOfConnectors": str(len(self.sockets)),
            "SupportedFeatureProfiles": "Core,RemoteTrigger",
        } | self.configuration

    async def say(self, message: Any) -> Any:
        """Send a CALL and give its answer. Raises NotConnected, TimeoutError, or what the library found wrong."""
        if self.link is None:
            raise NotConnected
        return await self.link.call(message, suppress=False)

    # --- coming and going --------------------------------------------------------------------------------------------

    async def boot(self) -> None:
        """Until it is accepted; then every socket says how it is."""
        while True:
            answer = await self.say(
                call.BootNotification(
                    charge_point_vendor=self.plate.vendor,
                    charge_point_model=self.plate.model,
                    charge_point_serial_number=self.plate.serial,
                    firmware_version=self.plate.firmware,
                )
            )
            self.tell("booted", status=str(answer.status), interval=answer.interval)
            self.configuration["HeartbeatInterval"] = str(answer.interval)
            if answer.status == RegistrationStatus.accepted:
                return
            await asyncio.sleep(max(1, answer.interval))

    async def report(self) -> None:
        await self.say(self.status_message(Socket(number=0)))
        for socket in self.sockets.values():
            await self.say(self.status_message(socket))
        self.tell("reported", connectors=len(self.sockets))

    async def beat(self) -> None:
        """Heartbeats for as long as the connection lasts; the interval may change under way."""
        while True:
            await asyncio.sleep(max(1, int(self.configuration["HeartbeatInterval"])))
            await self.say(call.Heartbeat())
            self.tell("heartbeat")

    # --- what a person does ------------------------------------------------------------------------------------------

    async def plug(self, number: int) -> None:
        await self._set(self.sockets[number], ChargePointStatus.preparing)

    async def unplug(self, number: int) -> None:
        socket = self.sockets[number]
        await self.stop(socket, Reason.ev_disconnected)
        await self._set(socket, ChargePointStatus.available)

    async def fault(self, number: int, code: str) -> None:
        """`code` is an OCPP errorCode; NoError mends it. Raises ValueError for another word."""
        socket = self.sockets[number]
        socket.error = ChargePointErrorCode(code)
        mended = socket.error is ChargePointErrorCode.no_error
        await self._set(socket, ChargePointStatus.available if mended else ChargePointStatus.faulted)

    async def card(self, tag: str) -> bool:
        """Hold a card before the reader: it stops its own charging, or starts at the socket that waits for one."""
        for socket in self.sockets.values():
            if socket.transaction is not None and socket.card == tag:
                await self.stop(socket, Reason.local)
                return True
        answer = await self.say(call.Authorize(id_tag=tag))
        accepted = answer.id_tag_info["status"] == AuthorizationStatus.accepted
        self.tell("card", accepted=accepted)
        waiting = [s for s in self.sockets.values() if s.status is ChargePointStatus.preparing]
        if accepted and waiting:
            await self.start(waiting[0], tag)
        return bool(accepted)

    async def charge(self, number: int, tag: str, energy_wh: int) -> bool:
        """Plug in, show a card, charge so much, stop, unplug: the whole visit. False when the card was refused."""
        socket = self.sockets[number]
        await self.plug(number)
        if accepted := await self.card(tag):
            for part in range(1, METER_STEPS + 1):
                await asyncio.sleep(self.charge_seconds / METER_STEPS)
                socket.meter += energy_wh * part // METER_STEPS - energy_wh * (part - 1) // METER_STEPS
                await self.meter(socket)
            await self.stop(socket, Reason.local)
        await self.unplug(number)
        return accepted

    async def start(self, socket: Socket, tag: str) -> None:
        answer = await self.say(
            call.StartTransaction(
                connector_id=socket.number, id_tag=tag, meter_start=socket.meter, timestamp=_timestamp()
            )
        )
        if answer.id_tag_info["status"] != AuthorizationStatus.accepted:
            self.tell("not_started", connector=socket.number, status=str(answer.id_tag_info["status"]))
            return
        socket.transaction, socket.card = answer.transaction_id, tag
        await self._set(socket, ChargePointStatus.charging)
        self.tell("started", connector=socket.number, transaction=answer.transaction_id)

    async def stop(self, socket: Socket, reason: Reason) -> None:
        if socket.transaction is None:
            return
        number, socket.transaction = socket.transaction, None
        await self.say(
            call.StopTransaction(
                meter_stop=socket.meter,
                timestamp=_timestamp(),
                transaction_id=number,
                reason=reason,
                id_tag=socket.card,
            )
        )
        await self._set(socket, ChargePointStatus.finishing)
        self.tell("stopped", connector=socket.number, transaction=number, meter=socket.meter)

    async def meter(self, socket: Socket) -> None:
        sample = SampledValue(
            value=str(socket.meter), measurand=Measurand.energy_active_import_register, unit=UnitOfMeasure.wh
        )
        value = MeterValue(timestamp=_timestamp(), sampled_value=[sample])
        await self.say(
            call.MeterValues(connector_id=socket.number, meter_value=[value], transaction_id=socket.transaction)
        )
        self.tell("meter", connector=socket.number, wh=socket.meter)

    async def _set(self, socket: Socket, status: ChargePointStatus) -> None:
        socket.status = status
        await self.say(self.status_message(socket))
        self.tell("status", connector=socket.number, status=str(status), error=str(socket.error))

    def status_message(self, socket: Socket) -> call.StatusNotification:
        return call.StatusNotification(
            connector_id=socket.number, error_code=socket.error, status=socket.status, timestamp=_timestamp()
        )


def answers(action: Action) -> Callable[[Handler], Handler]:
    """The library's `on`, which is untyped."""
    decorate: Callable[[Handler], Handler] = on(action)
    return decorate


def afterwards(action: Action) -> Callable[[Handler], Handler]:
    """The library's `after`: runs when the answer has been sent."""
    decorate: Callable[[Handler], Handler] = after(action)
    return decorate


class Link(ChargePoint):  # type: ignore[misc]  # the library has no types
    """The OCPP side of one connection: what the station answers to commands, and does after it has answered."""

    def __init__(self, charger: Charger, connection: Any) -> None:
        super().__init__(charger.identity, connection, response_timeout=30)
        self.charger = charger

    def _socket(self, number: int | None) -> Socket | None:
        return self.charger.sockets.get(number or 0)

    @answers(Action.reset)
    def on_reset(self, type: str) -> call_result.Reset:
        self.charger.tell("reset", type=type)
        return call_result.Reset(status=ResetStatus.accepted)

    @afterwards(Action.reset)
    async def after_reset(self, type: str) -> None:
        reason = Reason.hard_reset if type == ResetType.hard else Reason.soft_reset
        for socket in self.charger.sockets.values():
            await self.charger.stop(socket, reason)
        self.charger.reset_asked.set()

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
        status = ConfigurationStatus.accepted
        if key not in self.charger.configuration:
            status = ConfigurationStatus.not_supported
        elif key in READ_ONLY or not value.isdigit():
            status = ConfigurationStatus.rejected
        else:
            self.charger.configuration[key] = value
        self.charger.tell("configured", key=key, status=str(status))
        return call_result.ChangeConfiguration(status=status)

    @answers(Action.unlock_connector)
    def on_unlock(self, connector_id: int) -> call_result.UnlockConnector:
        known = self._socket(connector_id) is not None
        self.charger.tell("unlock", connector=connector_id)
        return call_result.UnlockConnector(status=UnlockStatus.unlocked if known else UnlockStatus.not_supported)

    @afterwards(Action.unlock_connector)
    async def after_unlock(self, connector_id: int) -> None:
        socket = self._socket(connector_id)
        if socket is not None and socket.transaction is not None:
            await self.charger.stop(socket, Reason.unlock_command)

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
        known = self._charging(transaction_id) is not None
        status = RemoteStartStopStatus.accepted if known else RemoteStartStopStatus.rejected
        return call_result.RemoteStopTransaction(status=status)

    @afterwards(Action.remote_stop_transaction)
    async def after_remote_stop(self, transaction_id: int) -> None:
        if (socket := self._charging(transaction_id)) is not None:
            await self.charger.stop(socket, Reason.remote)

    @answers(Action.change_availability)
    def on_change_availability(self, connector_id: int, type: str) -> call_result.ChangeAvailability:
        return call_result.ChangeAvailability(status=AvailabilityStatus.accepted)

    @answers(Action.clear_cache)
    def on_clear_cache(self) -> call_result.ClearCache:
        return call_result.ClearCache(status=ClearCacheStatus.accepted)

    @answers(Action.data_transfer)
    def on_data_transfer(self, vendor_id: str, **_: Any) -> call_result.DataTransfer:
        return call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id)

    def _free(self, number: int | None) -> Socket | None:
        sockets = [s for s in self.charger.sockets.values() if number in (None, s.number)]
        idle = (ChargePointStatus.available, ChargePointStatus.preparing)
        return next((s for s in sockets if s.transaction is None and s.status in idle), None)

    def _charging(self, transaction: int) -> Socket | None:
        return next((s for s in self.charger.sockets.values() if s.transaction == transaction), None)


async def _boot_again(charger: Charger, socket: Socket | None) -> None:
    await charger.boot()


async def _beat_once(charger: Charger, socket: Socket | None) -> None:
    await charger.say(call.Heartbeat())


async def _status_again(charger: Charger, socket: Socket | None) -> None:
    if socket is None:
        await charger.report()
    else:
        await charger.say(charger.status_message(socket))


async def _meter_again(charger: Charger, socket: Socket | None) -> None:
    for each in [socket] if socket else charger.sockets.values():
        await charger.meter(each)


TRIGGERS = {
    MessageTrigger.boot_notification: _boot_again,
    MessageTrigger.heartbeat: _beat_once,
    MessageTrigger.status_notification: _status_again,
    MessageTrigger.meter_values: _meter_again,
}


def _timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
