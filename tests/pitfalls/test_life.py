"""Pitfalls of signs of life: sockets that are dead and look alive, and stations that are alive and look dead."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace
from websockets.frames import Opcode

from app.domain.facts import FactKind
from app.domain.live import OfflineReason
from app.domain.stations import Rung
from app.ocpp.payloads import heartbeat_interval
from app.ports import Ports
from app.settings import Settings
from tests.live import ROOT, environment
from tests.ocpp.conftest import PATIENT, QUICK, SECRET, STATION, World, make_world, until
from tests.ocpp.mute import mute

BOUND = QUICK.ocpp_bounds.published
BUSY = 5.0
"""What a busy machine may add to a bound."""


@asynccontextmanager
async def listening(ports: Ports, settings: Settings) -> AsyncIterator[World]:
    world = make_world(ports, settings)
    await world.gateway.start()
    await world.add_station()
    yield world
    await world.gateway.stop()


def now() -> float:
    return asyncio.get_running_loop().time()


# --- 1: half-open TCP ------------------------------------------------------------------------------------------------


async def test_pitfall_01_a_half_open_socket_is_found_within_the_bound(quick: World) -> None:
    async with mute(quick):
        assert await quick.online()
        came = quick.ports.clock.now()
        quick.ports.clock.forward(minutes=1)  # type: ignore[attr-defined]
        started = now()
        await until(quick.offline)
        assert now() - started < BOUND + BUSY
    assert (await quick.live()).offline_reason is OfflineReason.PING_FAILED
    [fact] = await quick.facts(FactKind.STATION_DISCONNECTED)
    assert fact.data == {"reason": "ping_failed", "seconds": 60}
    shown, view = await quick.wire(), await quick.view()
    assert shown["connectivity_status"] == "Offline" and {e["status"] for e in shown["evses"]} == {"UNKNOWN"}
    assert (view.rung, view.cause) == (Rung.LOST, "ping_failed")
    assert view.seen is not None and view.offline_since is not None
    assert came < view.seen <= view.offline_since - timedelta(seconds=QUICK.ocpp_pong_seconds), "life ended before"


async def test_pitfall_01_a_frame_that_comes_instead_of_the_pong_is_life(quick: World) -> None:
    async with mute(quick) as socket:
        for _ in range(3):
            await socket.next(Opcode.PING)
            socket.say([2, "h", "Heartbeat", {}])
            assert (await socket.answer())[0] == 3
        assert await quick.online() and len(await quick.facts(FactKind.STATION_CONNECTED)) == 1


# --- 2: the bound is longer than it looks ----------------------------------------------------------------------------


@asynccontextmanager
async def station_process(world: World) -> AsyncIterator[int]:
    """The virtual station in a process of its own; its pid."""
    argv = [sys.executable, "-m", "app", "station", "--url", world.url + STATION, "--password-stdin", "--until-eof"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, env=environment(), stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    process.stdin.write(f"{SECRET}\n".encode())
    try:
        await until(world.online, 30)
        yield process.pid
    finally:
        os.kill(process.pid, signal.SIGCONT)
        process.kill()
        await process.communicate()


async def test_pitfall_02_a_client_process_that_stops_is_offline_before_any_goodbye(ports: Ports) -> None:
    """Its kernel keeps the socket open and takes all we send; it never answers the closing handshake either."""
    settings = replace(QUICK, ocpp_close_seconds=30.0)
    async with listening(ports, settings) as world, station_process(world) as pid:
        os.kill(pid, signal.SIGSTOP)
        stopped = now()
        await until(world.offline, 30)
        assert now() - stopped < settings.ocpp_bounds.silence + BUSY < settings.ocpp_close_seconds
        assert (await world.view()).cause == "ping_failed"
        os.kill(pid, signal.SIGCONT)
        await until(world.online, 30)


# --- 12: ping interval, heartbeat and proxies ------------------------------------------------------------------------


async def test_pitfall_12_silence_longer_than_the_heartbeat_is_no_reason_to_hang_up(ports: Ports) -> None:
    async with listening(ports, replace(QUICK, ocpp_heartbeat_seconds=1)) as world, world.client() as client:
        assert (await client.boot())["interval"] == 1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await client.socket.wait_closed()
        assert await world.online()


def test_pitfall_12_the_heartbeat_interval_is_never_0_and_the_ping_comes_before_any_proxy_cuts() -> None:
    assert min(heartbeat_interval(seconds, str(n)) for seconds in (0, 1, 300) for n in range(100)) >= 1
    assert Settings().ocpp_ping_seconds <= 20
    assert Settings().ocpp_bounds.published <= 60


async def test_pitfall_12_a_station_may_have_a_ping_interval_of_its_own(world: World) -> None:
    assert world.settings.ocpp_ping_seconds > 10
    await world.tune(ping_seconds=0.1)
    async with mute(world) as socket:
        started = now()
        await socket.next(Opcode.PING)
        assert now() - started < BUSY


# --- 13: stations that never answer pings ----------------------------------------------------------------------------


async def test_pitfall_13_any_frame_is_life_for_a_station_that_never_answers_pings(quick: World) -> None:
    async with mute(quick) as socket:
        until_when = now() + 2 * BOUND
        while now() < until_when:
            socket.say([2, "h", "Heartbeat", {}])
            assert (await socket.answer())[0] == 3
        assert await quick.online()
        await until(quick.offline)


async def test_pitfall_13_the_pong_can_be_switched_off_and_three_missed_heartbeats_are_then_the_end(
    ports: Ports,
) -> None:
    async with listening(ports, replace(QUICK, ocpp_heartbeat_seconds=1)) as world:
        await world.tune(pong_seconds=0)
        async with mute(world) as socket:
            started = now()
            for _ in range(3):
                await socket.next(Opcode.PONG)  # what keeps a proxy from cutting the line, and wants no answer
            assert now() - started > QUICK.ocpp_bounds.silence and await world.online()
            await until(world.offline)
            assert 2.5 < now() - started < 3 + BUSY
        assert (await world.view()).cause == "ping_failed"


# --- 14: the heartbeat is not liveness -------------------------------------------------------------------------------


async def test_pitfall_14_a_station_that_sends_no_heartbeat_and_answers_pings_stays_online(quick: World) -> None:
    async with quick.client() as client:
        await client.boot()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2 * BOUND):
                await client.socket.wait_closed()
        assert await quick.online()


async def test_pitfall_14_any_message_may_replace_the_heartbeat(quick: World) -> None:
    async with mute(quick) as socket:
        until_when = now() + 2 * BOUND
        for status in ["Available", "Preparing"] * 10_000:
            said = {"connectorId": 1, "status": status, "errorCode": "NoError"}
            socket.say([2, "s", "StatusNotification", said])
            assert (await socket.answer()) == [3, "s", {}]
            if now() > until_when:
                break
        assert await quick.online()


# --- 16: the reconnect storm -----------------------------------------------------------------------------------------


def test_pitfall_16_heartbeats_are_spread_over_a_tenth() -> None:
    told = sorted(heartbeat_interval(PATIENT.ocpp_heartbeat_seconds, f"NL-ABC-{n}") for n in range(500))
    assert (told[0], told[-1]) >= (270, 300) and told[-1] <= 300
    assert max(later - sooner for sooner, later in pairwise(told)) <= 2, json.dumps(told)
