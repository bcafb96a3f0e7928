"""Stations: what an idle one costs in memory, a message in CPU, and how a fleet comes back after an outage."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from app.cli.bench import data
from app.cli.bench.crowd import Place, Refused, Station
from app.cli.bench.measure import Client, Cost, Row, Server, beside, percentile, processes, stationlink

PASSWORD = "bench-password-of-all"
TALKERS = 200
MESSAGES = 2_000
STORM_SECONDS = 5.0
STORM_BOUND = 300.0
HTTP_EVERY = 0.05
ONE = "/api/1.0/ChargeStations/" + data.station_id(42)

Say = tuple[str, dict[str, Any]]


def _status(status: str) -> Say:
    return "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": status}


HEARTBEAT: Say = ("Heartbeat", {})
METER: Say = (
    "MeterValues",
    {"connectorId": 1, "meterValue": [{"timestamp": "2026-03-02T08:00:00Z", "sampledValue": [{"value": "1200"}]}]},
)
CHANGES: Sequence[Say] = [_status("Preparing"), _status("Charging"), _status("Finishing"), _status("Available")]
MIX: Sequence[Say] = [CHANGES[0], HEARTBEAT, CHANGES[1], METER, METER, HEARTBEAT, CHANGES[2], HEARTBEAT, CHANGES[3]]
"""A visit of a driver, as the station tells it, and the heartbeats around it."""


async def run(folder: Path, args: argparse.Namespace) -> list[Row]:
    data.fill(folder / "data", args.many)
    data.let_in(folder / "data", args.many, PASSWORD)
    with stationlink(folder / "data") as ours, processes("app.cli.bench.bare") as peer:
        here, there = place(ours), Place("127.0.0.1", peer.port)
        storm = await _storm(ours, here, args.many)
        return [
            *storm,
            await _talk(ours, here, peer, there, MIX, args.seconds, "a message of a driver's visit", "2.0"),
            await _talk(ours, here, peer, there, [HEARTBEAT], args.seconds / 2, "a heartbeat", ""),
            await _talk(ours, here, peer, there, CHANGES, args.seconds / 2, "a status change, stored", ""),
        ]


def place(server: Server) -> Place:
    return Place("127.0.0.1", server.ocpp_port, password=PASSWORD)


# --- A fleet comes back ----------------------------------------------------------------------------------------------


async def _storm(ours: Server, here: Place, many: int) -> list[Row]:
    """All connect and boot within five seconds, and then are left alone."""
    empty = await _settled(ours)
    stop = asyncio.Event()
    looking = asyncio.create_task(_look(ours, stop))
    began = time.perf_counter()
    arrivals = (_arrive(here, number, began + number * STORM_SECONDS / many) for number in range(many))
    async with asyncio.timeout(STORM_BOUND):
        found = await asyncio.gather(*arrivals)
    took = time.perf_counter() - began
    stop.set()
    waits = await looking
    stations = [station for station, _, _ in found]
    full = await _settled(ours)
    held = sum(station.open for station in stations)
    rows = [
        _bound(f"storm of {many}: all booted", took, 30.0, "s"),
        _bound("p99 of a boot, from its first byte", percentile([took for _, took, _ in found], 99), 10.0, "s"),
        _bound("p99 of an HTTP answer meanwhile", percentile(waits, 99), 1.0, "s"),
        _bound("stations in at their first try, beside all", float(sum(not tries for _, _, tries in found)), many, ""),
        _bound("stations still connected, beside all", float(held), many, ""),
        _bound("memory of an idle station", (full - empty) * 1024 / many, 40.0, "kB"),
    ]
    for station in stations:
        station.close()
    await _settled(ours)
    return rows


def _bound(what: str, value: float, bound: float, unit: str, target: str = "1.0") -> Row:
    beside = what if "beside" in what else f"{what}, beside {bound:g} {unit}".strip()
    return Row(beside, value, bound, unit, value / bound, target)


async def _arrive(here: Place, number: int, at: float) -> tuple[Station, float, int]:
    """The station when it is booted, how long that took, and how often it was dropped meanwhile."""
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    began = time.perf_counter()
    for dropped in range(100):
        try:
            station = await Station.connect(here, data.station_id(number))
            await station.boot()
            return station, time.perf_counter() - began, dropped
        except (Refused, OSError):
            await asyncio.sleep(0.5)
    raise Refused(f"{data.station_id(number)} never got in")


async def _look(ours: Server, stop: asyncio.Event) -> list[float]:
    """How long the HTTP side takes for one station, over and over."""
    client, waits = await Client.open(ours), list[float]()
    while not stop.is_set():
        began = time.perf_counter()
        await client.send("GET", ONE)
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(HTTP_EVERY)
    client.close()
    return waits


async def _settled(ours: Server) -> float:
    """Resident MB once nothing more is written or freed."""
    before = ours.resident_mb()
    for _ in range(20):
        await asyncio.sleep(0.5)
        now = ours.resident_mb()
        if abs(now - before) < 0.2:
            return now
        before = now
    return before


# --- Messages --------------------------------------------------------------------------------------------------------


async def _talk(
    ours: Server, here: Place, peer: Server, there: Place, said: Sequence[Say], seconds: float, what: str, target: str
) -> Row:
    own, bare = await _crowd(here), await _crowd(there)
    row = await beside(
        _talking(ours, own, said),
        _talking(peer, bare, said),
        seconds=seconds,
        what=f"{what}, beside ocpp + websockets",
        target=target,
    )
    for station in (*own, *bare):
        station.close()
    return row


async def _crowd(where: Place) -> list[Station]:
    stations = [await Station.connect(where, data.station_id(number)) for number in range(TALKERS)]
    for station in stations:
        await station.boot()
    return stations


def _talking(server: Server, stations: list[Station], said: Sequence[Say]) -> Callable[[], Awaitable[Cost]]:
    """Every station says these in turn; as many messages as MESSAGES in all."""
    each = [cycle(said) for _ in stations]

    async def one(station: Station, words: "cycle[Say]") -> None:
        for _ in range(MESSAGES // TALKERS):
            await station.ask(*next(words))

    async def measured() -> Cost:
        cpu, began = server.cpu_seconds(), time.perf_counter()
        await asyncio.gather(*map(one, stations, each))
        spent, took = server.cpu_seconds() - cpu, time.perf_counter() - began
        return Cost(spent * 1000 / MESSAGES, MESSAGES / took)

    return measured
