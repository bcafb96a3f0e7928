"""How soon a station that comes online, or leaves, is seen on many phones."""

import argparse
import asyncio
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path

from app.cli.bench import data
from app.cli.bench.crowd import Station
from app.cli.bench.measure import Row, Server, percentile, stationlink
from app.cli.bench.ocpp import PASSWORD, place

STATIONS = 100
BOUND_MS = 500.0
PATIENCE = 30.0
ONLINE, OFFLINE = b'"connectivity_status":"Online"', b'"connectivity_status":"Offline"'


class Phone:
    """A signed-in browser with its stream open; tells when it saw what."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, server: Server, number: int) -> "Phone":
        """When the stream has said hello."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**20)
        writer.write(f"GET /field/stream HTTP/1.1\r\nHost: bench\r\nCookie: {data.cookie(number)}\r\n\r\n".encode())
        await reader.readuntil(b"event: hello")
        return cls(reader, writer)

    async def sees(self, what: bytes) -> float:
        """The moment at which a message says so."""
        while what not in await self._reader.readuntil(b"\n"):
            continue
        return time.perf_counter()

    def close(self) -> None:
        self._writer.close()


async def run(folder: Path, args: argparse.Namespace) -> list[Row]:
    """All phones are of the installer of one station: the worst case, since each of them is told everything."""
    many = args.many
    data.fill(folder / "data", STATIONS)
    data.let_in(folder / "data", STATIONS, PASSWORD)
    data.watched(folder / "data", phones=many)
    with stationlink(folder / "data") as ours:
        phones = [await Phone.open(ours, number) for number in range(many)]
        came, left = await _rounds(ours, phones, args.seconds)
        for phone in phones:
            phone.close()
    return [*_rows("Online", many, came), *_rows("Offline after a clean close", many, left)]


async def _rounds(ours: Server, phones: Sequence[Phone], seconds: float) -> tuple[list[float], list[float]]:
    came, left = list[float](), list[float]()
    until = time.monotonic() + seconds
    while len(came) < 3 * len(phones) or time.monotonic() < until:
        station = await Station.connect(place(ours), data.station_id(0))
        came += await _seen(phones, ONLINE, station.boot())
        left += await _seen(phones, OFFLINE, _closing(station))
    return came, left


async def _seen(phones: Sequence[Phone], what: bytes, happening: Coroutine[None, None, None]) -> list[float]:
    """Milliseconds from the first frame of it to each phone."""
    watching = [asyncio.create_task(phone.sees(what)) for phone in phones]
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        await happening
        moments = await asyncio.gather(*watching)
    return [1000 * (moment - began) for moment in moments]


async def _closing(station: Station) -> None:
    station.close()


def _rows(what: str, phones: int, waits: list[float]) -> list[Row]:
    worst, middle = percentile(waits, 99), percentile(waits, 50)
    return [
        Row(f"{what} on {phones} phones, p99, beside {BOUND_MS:g} ms", worst, BOUND_MS, "ms", worst / BOUND_MS, "1.0"),
        Row(f"{what} on {phones} phones, median", middle, BOUND_MS, "ms", middle / BOUND_MS),
    ]
