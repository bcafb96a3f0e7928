"""Reads from a small database, beside a handler that answers the same bytes made before."""

import argparse
import time
from pathlib import Path

from app.cli.bench import data
from app.cli.bench.measure import Client, Row, Server, beside, cost, floor, get, stationlink

LIST = "/api/1.0/ChargeStations?limit=50"
ONE = "/api/1.0/ChargeStations/" + data.station_id(42)
BATCH = 400


async def run(folder: Path, args: argparse.Namespace) -> list[Row]:
    data.fill(folder / "data", args.many)
    began = time.perf_counter()
    with stationlink(folder / "data") as ours:
        started = await _started(ours, began)
        data.wake(folder / "data")
        await _same_bytes(ours, folder / "floor")
        with floor(folder / "floor") as peer:
            return [
                await _line(ours, peer, LIST, "list", "list of 50 stations", args.seconds, "1.8"),
                await _line(ours, peer, ONE, "one", "one station", args.seconds, "1.7"),
                *started,
            ]


async def _started(ours: Server, began: float) -> list[Row]:
    """Before anything else is asked of it."""
    client = await Client.open(ours)
    await client.send("GET", ONE)
    took, memory = time.perf_counter() - began, ours.resident_mb()
    client.close()
    return [
        Row("process start to the first answer, beside 1.5 s", took, 1.5, "s", took / 1.5, "1.0"),
        Row("memory of the idle server, beside 120 MB", memory, 120.0, "MB", memory / 120, "1.0"),
    ]


async def _same_bytes(ours: Server, folder: Path) -> None:
    folder.mkdir()
    client = await Client.open(ours)
    for name, path in (("list", LIST), ("one", ONE)):
        (folder / name).write_bytes((await client.send("GET", path)).body)
    client.close()


async def _line(ours: Server, peer: Server, path: str, name: str, what: str, seconds: float, target: str) -> Row:
    return await beside(
        lambda: cost(ours, get(path), requests=BATCH),
        lambda: cost(peer, get(f"/{name}"), requests=BATCH),
        seconds=seconds,
        what=f"{what}, beside the same bytes made before",
        target=target,
    )
