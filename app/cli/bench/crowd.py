"""A crowd of stations in one process: OCPP 1.6 clients of a few kilobytes each, on the library's own protocol code."""

import asyncio
import base64
from itertools import count
from typing import Any, cast
from urllib.parse import quote

import msgspec
from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

OCPP16 = Subprotocol("ocpp1.6")
BOOT = {"chargePointVendor": "Bench", "chargePointModel": "Twin 4", "firmwareVersion": "3.2.1"}


class Refused(Exception):
    """The socket did not open, or ended before the answer."""


class Place(Struct, frozen=True):
    """Where a crowd connects: `path` ends before the id. Every station has the same password, or none."""

    host: str
    port: int
    path: str = "/ocpp"
    password: str | None = None

    def url(self, station_id: str) -> str:
        return f"ws://{self.host}:{self.port}{self.path}/{quote(station_id, safe='')}"


class Station(asyncio.Protocol):
    """One socket, one question at a time; answers pings by itself."""

    def __init__(self, place: Place, station_id: str) -> None:
        self._socket = ClientProtocol(parse_uri(place.url(station_id)), subprotocols=[OCPP16])
        self._pair = None if place.password is None else f"{station_id}:{place.password}"
        self._numbers = count(1)
        loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = loop.create_future()
        self._answer: asyncio.Future[list[Any]] | None = None
        self._transport: asyncio.Transport | None = None
        self.open = False

    @classmethod
    async def connect(cls, place: Place, station_id: str) -> "Station":
        """Raises Refused or OSError."""
        station = cls(place, station_id)
        await asyncio.get_running_loop().create_connection(lambda: station, place.host, place.port)
        await station._opened
        return station

    async def ask(self, action: str, payload: dict[str, Any]) -> Any:
        """The payload of the CALLRESULT. Raises Refused for a CALLERROR or a socket that ended."""
        if not self.open:
            raise Refused("the socket is closed")
        self._answer = asyncio.get_running_loop().create_future()
        text = msgspec.json.encode([2, str(next(self._numbers)), action, payload])
        self._socket.send_text(text)
        self._flush()
        answer = await self._answer
        if answer[0] != 3:
            raise Refused(str(answer))
        return answer[2]

    async def boot(self) -> None:
        """Raises Refused unless accepted."""
        said = await self.ask("BootNotification", BOOT)
        if said["status"] != "Accepted":
            raise Refused(str(said))

    def close(self) -> None:
        """A clean close; the other side need not be waited for."""
        if self.open:
            self._socket.send_close(1000)
            self._flush()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        request = self._socket.connect()
        if self._pair is not None:
            request.headers["Authorization"] = "Basic " + base64.b64encode(self._pair.encode()).decode()
        self._socket.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._socket.receive_data(data)
        for event in self._socket.events_received():
            if isinstance(event, Response):
                self._greeted()
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._heard(msgspec.json.decode(event.data))
        self._flush()

    def eof_received(self) -> None:
        self._socket.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        gone = Refused("the socket ended")
        for waiting in (self._opened, self._answer):
            if waiting is not None and not waiting.done():
                waiting.set_exception(gone)

    def _greeted(self) -> None:
        error = self._socket.handshake_exc
        self.open = error is None
        if not self._opened.done():
            self._opened.set_result(None) if error is None else self._opened.set_exception(Refused(str(error)))

    def _heard(self, frame: list[Any]) -> None:
        """Questions of the server are left alone: an idle station is what is measured."""
        if frame[0] != 2 and self._answer is not None and not self._answer.done():
            self._answer.set_result(frame)

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._socket.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.write_eof()
