"""Open connections: frames that are not OCPP, signs of life, the newest socket, restarts, and commands."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from app.domain.commands import CommandState, Message, Trigger
from app.domain.facts import FactKind
from app.domain.live import Boot, OfflineReason
from app.ocpp.gateway import Gateway
from app.ocpp.session import Session
from app.platforms.host import OcppHost
from app.ports import Connection, Entrance, Ports
from tests.ocpp.conftest import PATIENT, QUICK, SECRET, STATION, World, make_world, until

BOUND = QUICK.ocpp_bounds.published


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


# --- frames that are not OCPP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "message_id", "code"),
    [
        ("this is not JSON", "-1", "FormationViolation"),
        (b'[2,"a","Heartbeat",{}]', "-1", "FormationViolation"),
        ("{}", "-1", "FormationViolation"),
        ("[2]", "-1", "FormationViolation"),
        ('[2,"a","Heartbeat"]', "a", "FormationViolation"),
        ('[2,"a","Heartbeat",7]', "a", "FormationViolation"),
        ('[2,"a","Dance",{}]', "a", "NotImplemented"),
        ('[2,"a","../../secrets",{}]', "a", "NotImplemented"),
        ('[2,"a","Reset",{"type":"Soft"}]', "a", "NotSupported"),
        ('[2,"a","BootNotification",{}]', "a", "ProtocolError"),
        ('[2,"a","BootNotification",{"chargePointVendor":[],"chargePointModel":"M"}]', "a", "TypeConstraintViolation"),
        (
            '[2,"a","StatusNotification",{"connectorId":1,"status":"Dancing","errorCode":"NoError"}]',
            "a",
            "PropertyConstraintViolation",
        ),
    ],
)
async def test_a_frame_that_is_not_ocpp_gets_its_error_and_changes_nothing(
    world: World, frame: str | bytes, message_id: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.client() as client:
        await client.boot()
        before = await world.row()
        answer = await client.send(frame)
        assert answer[:3] == [4, message_id, code] and isinstance(answer[3], str) and answer[4] == {}
        assert await world.row() == before
        assert (await client.ask("Heartbeat", {}))[0] == 3
    assert "Traceback" not in caplog.text


async def test_answers_nobody_asked_for_and_unknown_types_are_ignored(world: World) -> None:
    async with world.client() as client:
        await client.say([3, "nobody-asked", {}])
        await client.say([4, "nobody-asked", "GenericError", "", {}])
        await client.say([8, "x", {}])
        assert (await client.ask("Heartbeat", {}, "after"))[:2] == [3, "after"]


async def test_the_same_message_id_twice_is_answered_twice(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        for _ in range(2):
            answer = await client.ask(
                "StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"}, "same"
            )
            assert answer == [3, "same", {}]
        assert list((await world.live()).connectors) == ["1"]


async def test_a_numeric_message_id_is_echoed_as_a_number(world: World) -> None:
    async with world.client() as client:
        assert (await client.ask("Heartbeat", {}, 17))[:2] == [3, 17]


async def test_a_huge_frame_closes_the_socket_with_1009_and_the_station_is_offline(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        with pytest.raises(ConnectionClosed) as caught:
            await client.send([2, "a", "DataTransfer", {"vendorId": "V", "data": "x" * 1_000_000}])
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009
        await until(world.offline)


# --- life ------------------------------------------------------------------------------------------------------------


async def test_a_half_open_socket_is_found_within_the_bound(quick: World) -> None:
    async with mute(quick):
        assert await quick.online()
        started = asyncio.get_running_loop().time()
        await until(quick.offline)
        assert asyncio.get_running_loop().time() - started < BOUND + 5.0
    assert (await quick.live()).offline_reason is OfflineReason.PING_FAILED
    [fact] = await quick.facts(FactKind.STATION_DISCONNECTED)
    assert fact.data == {"reason": "ping_failed", "seconds": 0}
    shown = await quick.wire()
    assert shown["connectivity_status"] == "Offline" and {e["status"] for e in shown["evses"]} == {"UNKNOWN"}


async def test_any_frame_is_life_for_a_station_that_never_answers_pings(quick: World) -> None:
    async with mute(quick) as socket:
        loop = asyncio.get_running_loop()
        until_when = loop.time() + 2 * BOUND
        while loop.time() < until_when:
            socket.say([2, "h", "Heartbeat", {}])
            assert (await socket.answer())[0] == 3
        assert await quick.online()
        await until(quick.offline)


async def test_a_frame_that_comes_instead_of_the_pong_is_life_too(quick: World) -> None:
    async with mute(quick) as socket:
        for _ in range(3):
            await socket.next(Opcode.PING)
            socket.say([2, "h", "Heartbeat", {}])
            assert (await socket.answer())[0] == 3
        assert await quick.online() and len(await quick.facts(FactKind.STATION_CONNECTED)) == 1


async def test_a_station_that_only_answers_pings_stays_online(quick: World) -> None:
    async with quick.client() as client:
        await client.boot()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2 * BOUND):
                await client.socket.wait_closed()
        assert await quick.online()


async def test_a_sign_of_life_is_stored_at_most_once_a_minute(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with quick.client() as client:
        await client.boot()
        before, told = await quick.row(), await quick.facts()
        for _ in range(5):
            await client.ask("Heartbeat", {})
        assert await quick.row() == before
        monkeypatch.setattr("app.ocpp.session.SEEN_SECONDS", 0.1)
        later = quick.ports.clock.forward(seconds=90)  # type: ignore[attr-defined]

        async def seen() -> bool:
            return (await quick.live()).seen == later

        await until(seen)
        assert await quick.facts() == told


async def test_a_proper_close_and_a_cut_cable_are_told_apart(world: World) -> None:
    async with world.client() as client:
        await client.boot()
    await until(world.offline)
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        client.socket.transport.abort()
        await until(world.offline)
    reasons = [fact.data["reason"] for fact in await world.facts(FactKind.STATION_DISCONNECTED)]
    assert reasons == ["closed", "lost"]


# --- one socket, and restarts ----------------------------------------------------------------------------------------


async def test_the_newest_socket_wins_and_the_late_end_of_the_old_one_changes_nothing(world: World) -> None:
    async with world.client() as old:
        await old.boot()
        first = (await world.live()).connection_id
        async with world.client() as new:
            with pytest.raises(ConnectionClosed) as caught:
                await old.hear()
            assert caught.value.rcvd is not None and caught.value.rcvd.reason == "replaced by a newer connection"
            assert (await new.ask("Heartbeat", {}))[0] == 3
            before = await world.row()
            assert before.online and (await world.live()).connection_id not in (None, first)
            assert first is not None
            await world.host.disconnected(STATION, first, OfflineReason.LOST)
            await world.host.booted(STATION, first, Boot(charge_point_vendor="late"), 1)
            await world.host.seen(STATION, first)
            assert await world.row() == before
            assert (
                await world.gateway.send(STATION, Trigger(Message.HEARTBEAT), timeout=0.2)
            ).state is CommandState.TIMEOUT
    told = await world.facts(FactKind.STATION_CONNECTED, FactKind.STATION_DISCONNECTED)
    kinds = [(fact.kind, fact.data.get("reason"), fact.data.get("replaced")) for fact in told][:3]
    assert kinds == [
        (FactKind.STATION_CONNECTED, None, False),
        (FactKind.STATION_DISCONNECTED, "replaced", None),
        (FactKind.STATION_CONNECTED, None, True),
    ]


class SlowToConnect(OcppHost):
    """Stores the first connection only when it is told to."""

    async def connected(self, connection: Connection) -> Entrance:
        if not hasattr(self, "release"):
            self.release, self.waiting = asyncio.Event(), asyncio.Event()
            self.waiting.set()
            await self.release.wait()
        return await super().connected(connection)


class CountingGateway(Gateway):
    """Counts the sockets that were let in, also while they wait for their turn."""

    entered = 0

    async def _enter(self, session: Session) -> None:
        self.entered += 1
        await super()._enter(session)


async def test_of_two_sockets_at_once_the_one_that_came_last_is_stored_last(ports: Ports) -> None:
    world = make_world(ports)
    slow = SlowToConnect(ports.store, ports.clock, ports.ids, ports.digest_key, True)
    world.gateway = gateway = CountingGateway(slow, PATIENT, ports.clock)
    await world.gateway.start()
    try:
        await world.add_station()
        async with world.client() as first:
            await until(lambda: getattr(slow, "waiting", None))
            async with world.client() as second:
                await until(lambda: gateway.entered == 2)
                slow.release.set()
                await second.boot()
                with pytest.raises(ConnectionClosed):
                    await first.hear()
                assert await world.online()
    finally:
        await world.gateway.stop()


async def test_after_a_restart_nothing_is_online_until_it_returns(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Charging")
        documents = (await world.row()).live
        after = make_world(world.ports)
        await after.gateway.start()
        row = await after.row()
        assert (row.online, row.offline_reason, row.live) == (False, OfflineReason.SERVER_RESTART, documents)
        assert (await after.wire())["connectivity_status"] == "Offline"
        async with after.client() as returned:
            await returned.ask("Heartbeat", {})
            assert await after.online(), "a known station that reconnects without booting is online"
        await until(after.offline)
        await after.gateway.stop()


async def test_a_stop_says_goodbye_and_leaves_everything_offline(ports: Ports) -> None:
    world = make_world(ports)
    await world.gateway.start()
    await world.add_station()
    async with world.client() as client:
        await client.boot()
        await world.gateway.stop()
        with pytest.raises(ConnectionClosed) as caught:
            await client.hear()
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 1012
    row = await world.row()
    assert (row.online, row.offline_reason) == (False, OfflineReason.SERVER_RESTART)


async def test_a_station_that_never_booted_is_connected_and_not_yet_online(world: World) -> None:
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        assert not await world.online()
        await client.boot()
        assert await world.online()
