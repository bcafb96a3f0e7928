"""One virtual station: keeps its charger connected, in the way its behaviour says, and does what it is told."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ocpp.exceptions import OCPPError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import Frame, Opcode

from app.cli.virtual.behaviours import Behaviour, Leaving
from app.cli.virtual.charger import Charger, Link, NotConnected, Plate, Tell, layout
from app.cli.virtual.charger16 import SUBPROTOCOL as OCPP16
from app.cli.virtual.charger16 import Link16
from app.cli.virtual.charger201 import SUBPROTOCOL as OCPP201
from app.cli.virtual.charger201 import Link201

LINKS: dict[str, Callable[[Charger, Any], Link]] = {OCPP16: Link16, OCPP201: Link201}
LONGEST_WAIT = 30.0
CLOSE_SECONDS = 2.0


@dataclass
class Plan:
    """What a station is started with; `identity` is its user name where that is not the id in the URL."""

    url: str
    behaviour: Behaviour
    identity: str | None = None
    password: str | None = None
    subprotocol: str = OCPP16
    connectors: int = 1
    per_evse: int = 1
    plate: Plate = field(default_factory=Plate)
    charge_seconds: float = 3.0
    reboot_seconds: float = 2.0
    retry_seconds: float = 1.0
    once: bool = False


def address(url: str) -> tuple[str, str]:
    """The URL with its path encoded, and the id that it ends with. An id may hold anything, slashes included."""
    parts = urlsplit(url)
    path = quote(parts.path, safe="/%")
    _, found, identity = path.partition("/ocpp/")
    identity = identity if found else path.rpartition("/")[2]
    return urlunsplit(parts._replace(path=path)), unquote(identity)


class Station:
    """Connects, serves, and connects again with longer waits, until `stop`."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self.plan = plan
        self.tell = tell
        self.behaviour = plan.behaviour
        url, identity = address(plan.url)
        self.url = url + quote(self.behaviour.suffix)
        self.identity = (plan.identity or identity) + self.behaviour.suffix
        self.stop = asyncio.Event()
        plate = Plate(**vars(plan.plate) | self.behaviour.plate)
        sockets = layout(plan.connectors, plan.per_evse, self.behaviour)
        self.charger = Charger(self.identity, sockets, tell, self.behaviour, plate, plan.charge_seconds)
        if plan.password is not None:
            self.charger.password = self.behaviour.credentials(plan.password)
        self._connections = 0
        self._ghost: ClientConnection | None = None
        self._boots = self.behaviour.boots

    # --- staying connected -------------------------------------------------------------------------------------------

    async def stay(self) -> None:
        """Power-up and Reset boot, a lost connection does not."""
        wait = self.plan.retry_seconds
        try:
            while not self.stop.is_set():
                served = await self._connected_once()
                if self.plan.once or self.stop.is_set():
                    return
                wait = self.plan.retry_seconds if served else min(wait * 2, LONGEST_WAIT)
                await self._pause(self._absence() if served else wait)
        finally:
            if self._ghost is not None:
                self._ghost.transport.abort()

    def _absence(self) -> float | None:
        """How long it is away after a connection; None for one that does not come back."""
        if not self.charger.reset_asked.is_set():
            return self.plan.retry_seconds
        return self.plan.reboot_seconds if self.behaviour.returns else None

    async def _connected_once(self) -> bool:
        """Whether it was let in."""
        try:
            connection = await self._dial()
        except (OSError, InvalidHandshake, TimeoutError) as error:
            self.tell("refused", why=why(error))
            return False
        if connection.subprotocol not in LINKS:
            await connection.wait_closed()
            self.tell("refused", why=f"{connection.close_code} {connection.close_reason}")
            return False
        await self._serve(connection)
        return True

    async def _dial(self) -> ClientConnection:
        headers = {}
        if self.charger.password is not None:
            pair = self.identity.encode() + b":" + self.charger.password
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        return await connect(
            self.url,
            subprotocols=list(self._offered()) or None,  # type: ignore[arg-type]  # a NewType of str
            additional_headers=headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            close_timeout=CLOSE_SECONDS,
        )

    def _offered(self) -> Iterable[str]:
        if self.behaviour.subprotocols is not None:
            return self.behaviour.subprotocols
        if not self.behaviour.hops or self._connections % 2 == 0:
            return [self.plan.subprotocol]
        return [name for name in LINKS if name != self.plan.subprotocol]

    async def _serve(self, connection: ClientConnection) -> None:
        """Until the connection ends, or is ended as the behaviour has it."""
        self._connections += 1
        self.tell("connected", url=self.url, subprotocol=connection.subprotocol)
        if not self.behaviour.pongs:
            swallow_pongs(connection)
        charger = self.charger
        link = charger.link = LINKS[str(connection.subprotocol)](charger, connection)
        charger.reset_asked.clear()
        charger.renewed.clear()
        work = [asyncio.create_task(each) for each in (link.start(), self._live())]
        events = (self.stop, charger.reset_asked, charger.renewed)
        ends = [*work, *(asyncio.create_task(event.wait()) for event in events)]
        timer = asyncio.create_task(self._time())
        try:
            await asyncio.wait([*ends, timer], return_when=asyncio.FIRST_COMPLETED)
        finally:
            charger.link = None
            left = timer.done() and not any(task.done() for task in ends)
            await _cancelled([*ends, timer])
            charger.ready.clear()
        await self._leave(connection, left, work)

    async def _time(self) -> None:
        """How long it stays by itself."""
        if self.behaviour.leaves is Leaving.STAYS:
            await asyncio.Event().wait()
        await asyncio.sleep(self.behaviour.stays)

    async def _leave(self, connection: ClientConnection, left: bool, work: list[asyncio.Task[None]]) -> None:
        again = self.charger.reset_asked.is_set()
        self._boots = self.behaviour.boots and (again or self._boots)
        if left and self.behaviour.leaves in (Leaving.FREEZES, Leaving.DIALS_AGAIN):
            return await self._freeze(connection)
        await connection.close()
        self.tell("disconnected", why="reset" if again else _ending(work, connection))

    async def _freeze(self, connection: ClientConnection) -> None:
        """Neither reads nor says goodbye: to the other end it is as if the power were gone."""
        connection.transport.pause_reading()
        self.tell("frozen")
        if self._ghost is not None:
            self._ghost.transport.abort()
        self._ghost = connection
        if self.behaviour.leaves is Leaving.FREEZES:
            await self.stop.wait()

    async def _live(self) -> None:
        charger = self.charger
        if self._boots:
            await charger.boot()
            self._boots = False
        if not self.behaviour.speaks:
            charger.ready.set()
            await asyncio.Event().wait()
        await charger.report()
        charger.ready.set()
        await charger.beat()

    async def _pause(self, seconds: float | None) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return

    # --- doing what it is told ---------------------------------------------------------------------------------------

    async def perform(self, line: str) -> bool:
        """One command, when the station is online; what cannot be done is an event too."""
        word, *rest = line.split()
        try:
            await self.charger.ready.wait()
            return await self._do(word, rest) is not False
        except (ValueError, KeyError, TypeError):
            self.tell("not_understood", line=line)
        except (NotConnected, ConnectionClosed, TimeoutError, OCPPError) as error:
            self.tell("not_done", line=word, why=type(error).__name__)
        return False

    async def _do(self, word: str, rest: list[str]) -> object:
        charger = self.charger
        commands: dict[str, Callable[..., Awaitable[object]]] = {
            "plug": lambda number: charger.plug(int(number)),
            "card": lambda tag: charger.card(tag),
            "charge": lambda number, tag, wh: charger.charge(int(number), tag, int(wh)),
            "unplug": lambda number: charger.unplug(int(number)),
            "fault": lambda number, code: charger.fault(int(number), code),
        }
        return await commands[word](*rest)


def swallow_pongs(connection: ClientConnection) -> None:
    """The library answers pings by itself; this one shall not."""
    protocol = connection.protocol
    send = protocol.send_frame

    def silent(frame: Frame) -> None:
        if frame.opcode is not Opcode.PONG:
            send(frame)

    protocol.send_frame = silent  # type: ignore[method-assign]


def why(error: BaseException) -> str:
    if isinstance(error, InvalidStatus):
        body = (error.response.body or b"").decode(errors="replace").strip()
        return f"HTTP {error.response.status_code} {body}".strip()
    return f"{type(error).__name__} {error}".strip()


async def _cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Asked again until it is so: `wait_for` of Python 3.11, in the library, may swallow the first time."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.1)


def _ending(work: Iterable[asyncio.Task[None]], connection: ClientConnection) -> str:
    """How a connection ended: the close code, or what broke it."""
    faults = [task.exception() for task in work if not task.cancelled()]
    if found := [fault for fault in faults if fault is not None and not isinstance(fault, ConnectionClosed)]:
        return why(found[0])
    return f"{connection.close_code} {connection.close_reason or ''}".strip()
