"""PATCH of one EVSE, each durable before it is answered, beside what this disk itself gives."""

import argparse
import os
import time
from pathlib import Path
from statistics import median

import msgspec

from app.cli.bench import data
from app.cli.bench.measure import Client, Cost, Row, Server, cost, stationlink

CONNECTIONS = 16
BATCH = 1_000
PAGE = b"\0" * 4096


async def run(folder: Path, args: argparse.Namespace) -> list[Row]:
    data.fill(folder / "data", args.many)
    with stationlink(folder / "data") as ours:
        data.wake(folder / "data")
        patched, synced = list[Cost](), list[float]()
        until = time.monotonic() + args.seconds
        while len(patched) < 3 or time.monotonic() < until:
            synced.append(fsyncs_per_second(folder / "sync", min(1.0, args.seconds / 3)))
            patched.append(await _patches(ours, args.many))
    rate, disk = median(each.per_second for each in patched), median(synced)
    pairs = [a.per_second / b for a, b in zip(patched, synced, strict=True)]
    cpu = median(each.cpu_ms for each in patched)
    wanted = "at least 3" if disk < 1_000 else "(at least 3 under 1,000 fsync/s)"
    return [
        Row("PATCH of one EVSE a second, beside fsync of this disk", rate, disk, "1/s", median(pairs), wanted),
        Row("server CPU of one such PATCH, beside 0.40 ms", cpu, 0.40, "ms CPU", cpu / 0.40, "1.0"),
    ]


async def _patches(ours: Server, stations: int) -> Cost:
    async def ask(client: Client, number: int) -> object:
        station_id = data.station_id(number % stations)
        directions = [{"language": "en", "text": f"Told at {time.monotonic_ns()}"}]
        body = {"charge_station_id": station_id, "evses": [{"evse_sequence_number": 1, "directions": directions}]}
        answer = await client.send("PATCH", f"/api/1.0/ChargeStations/{station_id}", msgspec.json.encode(body))
        assert b'"status_code":1000' in answer.body
        return answer

    return await cost(ours, ask, requests=BATCH, connections=CONNECTIONS, awake=False)


def fsyncs_per_second(path: Path, seconds: float) -> float:
    """One 4 KB page after the other, each on the disk before the next."""
    done, began = 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while (took := time.perf_counter() - began) < seconds:
            os.pwrite(file.fileno(), PAGE, 4096 * (done % 256))
            os.fsync(file.fileno())
            done += 1
    return done / took
