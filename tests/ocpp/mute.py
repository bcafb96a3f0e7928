"""A station that never answers a ping, and says nothing unless it is told to."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.frames import Frame, Opcode

from tests.ocpp.conftest import SECRET, STATION, World


class MuteSocket:
    """A WebSocket client on bare TCP, which never answers a ping."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, frame: Any) -> None:
        self.writer.write(Frame(Opcode.TEXT, json.dumps(frame).encode()).serialize(mask=True))

    async def read(self) -> tuple[Opcode, bytes]:
        head = await self.reader.readexactly(2)
        length = head[1] & 0x7F
        if length == 126:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        return Opcode(head[0] & 0x0F), await self.reader.readexactly(length)

    async def answer(self) -> list[Any]:
        """The next text frame; pings in between are left unanswered."""
        return json.loads(await self.next(Opcode.TEXT))

    async def next(self, wanted: Opcode) -> bytes:
        async with asyncio.timeout(10):
            while True:
                opcode, data = await self.read()
                if opcode is wanted:
                    return data


@asynccontextmanager
async def mute(world: World, charge_station_id: str = STATION) -> AsyncIterator[MuteSocket]:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.gateway.port)
    lines = [
        f"GET /ocpp/{charge_station_id} HTTP/1.1",
        "Host: x",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Protocol: ocpp1.6",
        "Authorization: Basic " + base64.b64encode(f"{charge_station_id}:{SECRET}".encode()).decode(),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(5):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    socket = MuteSocket(reader, writer)
    socket.say([2, "boot", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}])
    assert (await socket.answer())[0] == 3
    yield socket
    writer.close()
