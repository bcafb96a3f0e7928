"""A virtual charging station's hardware: sockets, a card reader and a meter. Which OCPP it speaks is its link's part.

Built on the `ocpp` library's own client classes, strict schemas both ways: another code base than the listener it
talks to, so that both are kept honest.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from ocpp.v16.enums import ChargePointErrorCode

from app.cli.virtual.behaviours import Behaviour

Tell = Callable[..., None]
"""Called with the event's word and its fields."""

METER_STEPS = 3
DRAWN_WH = 50
NO_ERROR = "NoError"
READ_ONLY = {"NumberOfConnectors", "SupportedFeatureProfiles"}


class NotConnected(Exception):
    """The station wanted to say something and has no connection."""


class Condition(StrEnum):
    """How a socket is, in the words of OCPP 1.6; 2.0.1 has fewer."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    FINISHING = "Finishing"
    FAULTED = "Faulted"


class End(StrEnum):
    """Why a session ends."""

    CARD = "Local"
    UNPLUGGED = "EVDisconnected"
    HARD_RESET = "HardReset"
    SOFT_RESET = "SoftReset"
    UNLOCKED = "UnlockCommand"
    FROM_AFAR = "Remote"


@dataclass
class Socket:
    """One connector. `number` is where it sits, `wire` what it is called in 1.6, `evse` and `connector` in 2.0.1.

    `meter` is its energy register in Wh and never falls; `seq` counts the events of its transaction.
    """

    number: int
    wire: int
    evse: int
    connector: int = 1
    condition: Condition = Condition.AVAILABLE
    error: str = NO_ERROR
    meter: int = 0
    transaction: int | str | None = None
    card: str | None = None
    seq: int = 0


@dataclass
class Plate:
    """What stands on the type plate."""

    vendor: str = "Stationlink"
    model: str = "Virtual"
    serial: str = "VIRTUAL-1"
    firmware: str = "1.0.0"


class Link(Protocol):
    """One connection in one OCPP version. Every method raises NotConnected, TimeoutError or what the library found."""

    async def start(self) -> None:
        """Listen until the connection ends."""
        ...

    async def boot(self, *, again: bool) -> tuple[bool, int]:
        """Whether it is accepted, and the heartbeat interval or how long to wait."""
        ...

    async def heartbeat(self) -> None: ...

    async def status(self, socket: Socket | None) -> None:
        """None is the station itself."""
        ...

    async def authorize(self, tag: str) -> bool: ...

    async def begin(self, socket: Socket, tag: str) -> int | str | None:
        """The transaction, None when the card was refused."""
        ...

    async def end(self, socket: Socket, transaction: int | str, why: End) -> None: ...

    async def meter(self, socket: Socket) -> None: ...


@dataclass
class Charger:
    """The hardware: it stays what it is while connections come and go."""

    identity: str
    sockets: dict[int, Socket]
    tell: Tell
    behaviour: Behaviour
    plate: Plate = field(default_factory=Plate)
    charge_seconds: float = 3.0
    configuration: dict[str, str] = field(default_factory=dict)
    password: bytes | None = None
    link: Link | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    reset_asked: asyncio.Event = field(default_factory=asyncio.Event)
    renewed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.configuration = {
            "HeartbeatInterval": "300",
            "MeterValueSampleInterval": "60",
            "ConnectionTimeOut": "60",
            "WebSocketPingInterval": "20",
            "NumberOfConnectors": str(len(self.sockets)),
            "SupportedFeatureProfiles": "Core,RemoteTrigger",
        } | self.configuration

    @property
    def linked(self) -> Link:
        if self.link is None:
            raise NotConnected
        return self.link

    def timestamp(self) -> str:
        shown = datetime.now(UTC) + self.behaviour.clock
        return shown.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if self.behaviour.zone else "")

    # --- coming and going --------------------------------------------------------------------------------------------

    async def boot(self, *, again: bool = False) -> None:
        """Until it is accepted; then every socket says how it is."""
        while True:
            accepted, interval = await self.linked.boot(again=again)
            self.tell("booted", status="Accepted" if accepted else "Pending", interval=interval)
            self.configuration["HeartbeatInterval"] = str(interval)
            if accepted:
                return
            await asyncio.sleep(max(1, interval))

    async def report(self) -> None:
        await self.linked.status(None)
        for socket in self.sockets.values():
            await self.linked.status(socket)
        self.tell("reported", connectors=len(self.sockets))

    async def beat(self) -> None:
        """Heartbeats for as long as the connection lasts; the interval may change under way."""
        while True:
            await asyncio.sleep(max(1, int(self.configuration["HeartbeatInterval"])))
            await self.linked.heartbeat()
            self.tell("heartbeat")

    # --- what a person does ------------------------------------------------------------------------------------------

    async def plug(self, number: int) -> None:
        await self.set(self.sockets[number], Condition.PREPARING)

    async def unplug(self, number: int) -> None:
        socket = self.sockets[number]
        await self.stop(socket, End.UNPLUGGED)
        await self.set(socket, Condition.AVAILABLE)

    async def fault(self, number: int, code: str) -> None:
        """`code` is an errorCode of OCPP 1.6; NoError mends it. Raises ValueError for another word."""
        socket = self.sockets[number]
        socket.error = str(ChargePointErrorCode(code))
        await self.set(socket, Condition.AVAILABLE if code == NO_ERROR else Condition.FAULTED)

    async def card(self, tag: str, at: Socket | None = None) -> bool:
        """Hold a card before the reader: it stops its own charging, or starts at the socket that waits for one.

        `at` is the one meant where several wait.
        """
        for socket in self.sockets.values():
            if socket.transaction is not None and socket.card == tag:
                await self.stop(socket, End.CARD)
                return True
        accepted = await self.linked.authorize(tag)
        self.tell("card", accepted=accepted)
        waiting = at or next((s for s in self.sockets.values() if s.condition is Condition.PREPARING), None)
        if accepted and waiting is not None:
            await self.start(waiting, tag)
        return accepted

    async def charge(self, number: int, tag: str, energy_wh: int) -> bool:
        """Plug in, show a card, charge so much, stop, unplug: the whole visit. False when the card was refused."""
        socket = self.sockets[number]
        await self.plug(number)
        if accepted := await self.card(tag, socket):
            for part in range(1, METER_STEPS + 1):
                await asyncio.sleep(self.charge_seconds / METER_STEPS)
                if self.behaviour.load:
                    socket.meter += energy_wh * part // METER_STEPS - energy_wh * (part - 1) // METER_STEPS
                await self.meter(socket)
            await self.stop(socket, End.CARD)
        await self.unplug(number)
        return accepted

    async def start(self, socket: Socket, tag: str) -> None:
        transaction = await self.linked.begin(socket, tag)
        if transaction is None:
            self.tell("not_started", connector=socket.number, status="Invalid")
            return
        socket.transaction, socket.card = transaction, tag
        await self.set(socket, Condition.CHARGING)
        self.tell("started", connector=socket.number, transaction=transaction)

    async def stop(self, socket: Socket, why: End) -> None:
        if socket.transaction is None:
            return
        transaction, socket.transaction = socket.transaction, None
        await self.linked.end(socket, transaction, why)
        await self.set(socket, Condition.FINISHING)
        self.tell("stopped", connector=socket.number, transaction=transaction, meter=socket.meter)

    def draw(self, socket: Socket) -> None:
        """What flowed meanwhile where a session was begun from afar."""
        if socket.transaction is not None and self.behaviour.load:
            socket.meter += DRAWN_WH

    async def meter(self, socket: Socket) -> None:
        await self.linked.meter(socket)
        self.tell("meter", connector=socket.number, wh=socket.meter)

    async def set(self, socket: Socket, condition: Condition) -> None:
        socket.condition = condition
        await self.linked.status(socket)
        self.tell("status", connector=socket.number, status=str(condition), error=socket.error)

    # --- what it is told from afar -----------------------------------------------------------------------------------

    async def reset(self, why: End) -> None:
        if not self.behaviour.resets:
            return
        for socket in self.sockets.values():
            await self.stop(socket, why)
        self.reset_asked.set()

    def configure(self, key: str, value: str) -> str:
        """The word of OCPP 1.6 for what became of it."""
        status = "Accepted"
        if key not in self.configuration:
            status = "NotSupported"
        elif key in READ_ONLY or not value.isdigit():
            status = "Rejected"
        else:
            self.configuration[key] = value
        self.tell("configured", key=key, status=status)
        return status

    def renew(self, password: bytes) -> None:
        """A new password counts from the next connection on, which the station makes at once."""
        self.password = password
        self.tell("configured", key="password", status="Accepted")

    def free(self, sockets: list[Socket]) -> Socket | None:
        idle = (Condition.AVAILABLE, Condition.PREPARING)
        return next((s for s in sockets if s.transaction is None and s.condition in idle), None)

    def charging(self, transaction: int | str) -> Socket | None:
        return next((s for s in self.sockets.values() if s.transaction == transaction), None)


def layout(connectors: int, per_evse: int, behaviour: Behaviour) -> dict[int, Socket]:
    """The sockets of a station, numbered from the left; extra ones are EVSEs of their own."""
    wires = list(range(1, connectors + 1))
    if behaviour.mirrored:
        wires.reverse()
    sockets = {}
    for number, wire in enumerate(wires, start=1):
        evse, connector = divmod(wire - 1, per_evse)
        sockets[number] = Socket(number, wire, evse + 1, connector + 1)
    for extra in behaviour.extra:
        number = connectors + extra
        sockets[number] = Socket(number, number, connectors // per_evse + extra)
    return sockets
