"""Reads from a small database, beside a handler that answers the same bytes made before."""

import argparse
from pathlib import Path

from app.cli.bench import data
from app.cli.bench.measure import Client, Row, Server, beside, cost, floor, get, stationlink

LIST = "/api/1.0/ChargeStations?limit=50"
ONE = "/api/1.0/ChargeStations/" + data.station_id(42)
BATCH = 400


async def run(folder: Path, args: argparse.Namespace) -> list[Row]:
    data.fill(folder / "data", args.stations)
    with stationlink(folder / "data") as ours:
        data.wake(folder / "data")
        await _same_bytes(ours, folder / "floor")
        with floor(folder / "floor") as peer:
            return [
                await _line(ours, peer, LIST, "list", "list of 50 stations", args.seconds, "1.8"),
                await _line(ours, peer, ONE, "one", "one station", args.seconds, "1.7"),
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
