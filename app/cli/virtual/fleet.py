"""Many virtual stations in one process: started at a pace, counted, and ended together."""

import asyncio
import resource
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.cli.virtual.charger import Tell
from app.cli.virtual.station import Station

PROGRESS_SECONDS = 1.0
SPARE_FILES = 64


@dataclass
class Tally:
    """How many stations are how, by their last event; one dictionary entry for each station."""

    standing: dict[int, str] = field(default_factory=dict)

    def note(self, number: int, event: str, fields: dict[str, Any]) -> None:
        if event == "booted" and fields["status"] != "Accepted":
            event = "pending"
        if event in ("connected", "booted", "pending", "refused", "disconnected", "frozen"):
            self.standing[number] = event

    def counts(self) -> dict[str, int]:
        """`connected` are all with a socket, `booted` those of them that were accepted on it."""
        found = list(self.standing.values())
        connected = sum(word in ("connected", "booted", "pending") for word in found)
        return {
            "connected": connected,
            "booted": found.count("booted"),
            "refused": found.count("refused"),
            "gone": found.count("disconnected") + found.count("frozen"),
        }


class Fleet:
    """Runs stations until `stop`; a fault of one is that one's end and told."""

    def __init__(self, stations: Sequence[Station], tally: Tally, tell: Tell, per_second: float) -> None:
        self._stations = stations
        self._tally = tally
        self._tell = tell
        self._pause = 1 / per_second
        self._stop = asyncio.Event()
        self._said: dict[str, int] = {}

    def stop(self) -> None:
        self._stop.set()
        for station in self._stations:
            station.stop.set()

    async def run(self) -> None:
        """Until all have ended; says how many there are of each kind whenever that has changed."""
        allow_files(len(self._stations) + SPARE_FILES)
        telling = asyncio.create_task(self._progress())
        running = [asyncio.create_task(station.stay()) async for station in self._paced()]
        ended = await asyncio.gather(*running, return_exceptions=True)
        telling.cancel()
        for station, fault in zip(self._stations, ended, strict=False):
            if isinstance(fault, Exception):
                self._tell("broke", station=station.identity, why=type(fault).__name__)
        self._say()

    async def _paced(self) -> Any:
        for station in self._stations:
            if self._stop.is_set():
                return
            yield station
            await asyncio.sleep(self._pause)

    async def _progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            self._say()

    def _say(self) -> None:
        counts = self._tally.counts()
        if counts != self._said:
            self._said = counts
            self._tell("fleet", stations=len(self._stations), **counts)


def allow_files(wanted: int) -> None:
    """A socket is an open file, of which a shell often allows 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
