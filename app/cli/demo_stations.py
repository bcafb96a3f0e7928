"""The demo's virtual stations: each a process of its own with a real socket, ended with the server."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import msgspec

from app.actions.passwords import set_station_password
from app.cli.network import ANYWHERE
from app.domain.errors import InvalidField, StationOffline, UnknownStation
from app.domain.model import Evse
from app.domain.people import SYSTEM, Actor
from app.ports import Ports
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 3.0
CHARGE_WH = 500
REMEMBERED = "demo-stations.json"

_evse = msgspec.json.Decoder(Evse)


class DemoStations:
    """See `ports.VirtualStations`. `use` gives it the ports before anything is switched on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ports: Ports | None = None
        self._processes: dict[str, Process] = {}
        self._switching = asyncio.Lock()

    def use(self, ports: Ports) -> None:
        self._ports = ports

    def running(self) -> Iterable[str]:
        return [name for name, process in self._processes.items() if process.returncode is None]

    async def switch_on(self, charge_station_id: str, actor: Actor = SYSTEM) -> None:
        """Start it with a password of its own; nothing when it runs already. Raises UnknownStation.

        `actor` is who did it, in the station's history.
        """
        assert self._ports is not None
        async with self._switching:
            if charge_station_id in self.running():
                return
            password = await set_station_password(self._ports, actor, charge_station_id)
            connectors = await _connectors(self._ports, charge_station_id)
            process = await self._spawn(charge_station_id, connectors)
            self._processes[charge_station_id] = process
            await _write(process, password)
            self._remember(self._remembered() | {charge_station_id})

    async def wake(self, charge_station_ids: Iterable[str]) -> None:
        """Switch on these and those that were on when the server ended, as far as there are such stations."""
        for each in sorted({*charge_station_ids, *self._remembered()}):
            with suppress(UnknownStation):
                await self.switch_on(each)

    def _remembered(self) -> set[str]:
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode((self._settings.folder / REMEMBERED).read_bytes(), type=set[str])
        return set()

    def _remember(self, charge_station_ids: set[str]) -> None:
        """In one step: whoever reads it meanwhile sees the list before or the one after."""
        fresh = self._settings.folder / f"{REMEMBERED}.new"
        fresh.write_bytes(msgspec.json.encode(sorted(charge_station_ids)))
        fresh.replace(self._settings.folder / REMEMBERED)

    async def _spawn(self, charge_station_id: str, connectors: int) -> Process:
        host = "127.0.0.1" if self._settings.host in ANYWHERE else self._settings.host
        url = f"ws://{host}:{self._settings.ocpp_port}/ocpp/{quote(charge_station_id, safe='')}"
        words = ["--url", url, "--password-stdin", "--until-eof", "--connectors", str(connectors)]
        words += ["--serial", f"V-{charge_station_id}"[:25]]
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", "station", *words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, cwd=ROOT
        )

    async def switch_off(self, charge_station_id: str) -> None:
        process = self._processes.pop(charge_station_id, None)
        self._remember(self._remembered() - {charge_station_id})
        if process is not None:
            await _end(process)

    async def plug_in(self, charge_station_id: str, connector_id: int, id_tag: str) -> None:
        """A whole visit: plug in, show the card, charge, unplug. Raises StationOffline when it does not run."""
        if not id_tag or not id_tag.isprintable() or " " in id_tag:
            raise InvalidField("id_tag", "a card number without spaces")
        process = self._processes.get(charge_station_id)
        if process is None or process.returncode is not None:
            raise StationOffline("the virtual station is switched off")
        await _write(process, f"charge {connector_id} {id_tag} {CHARGE_WH}")

    async def close(self) -> None:
        """End them all."""
        processes, self._processes = list(self._processes.values()), {}
        await asyncio.gather(*(_end(process) for process in processes))


async def _connectors(ports: Ports, charge_station_id: str) -> int:
    row = await ports.store.station(charge_station_id)
    evses = [_evse.decode(line) for line in row.evses.split(b"\n") if line] if row else []
    return max(1, sum(len(evse.connectors or []) for evse in evses))


async def _write(process: Process, line: str) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
