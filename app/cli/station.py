"""`station`: a virtual charging station, a process of its own that speaks OCPP 1.6 over a real socket."""

import argparse
import asyncio
import base64
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec
from ocpp.exceptions import OCPPError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from app.cli.charger import Charger, Link, NotConnected, Plate, Socket

SUBPROTOCOL = "ocpp1.6"
LONGEST_WAIT = 30.0
GRACE_SECONDS = 10.0
FAILED = 1

HELP = """
It boots, reports its connectors, sends heartbeats, and answers TriggerMessage, Reset (it goes and comes back),
GetConfiguration, ChangeConfiguration, UnlockConnector and RemoteStart/StopTransaction. It reconnects by itself.

Commands on stdin, one a line:
  plug 1                a car is plugged in at connector 1
  card TAG              a card is shown: starts at the connector that waits, or stops its own charging
  charge 1 TAG 500      the whole visit: plug in, card, 500 Wh, stop, unplug
  unplug 1              the car leaves
  fault 1 GroundFailure an OCPP errorCode; NoError mends it
  quit                  leave

example:
  python -m app station --url ws://127.0.0.1:9000/ocpp/NL-ABC-1 --password SECRET --connectors 2
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the `station` command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = HELP
    parser.add_argument("--url", required=True, help="where to connect, with the station's id at the end")
    parser.add_argument("--identity", help="user name of Basic authentication (the id at the end of the URL)")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--password", help="OCPP password; others on this machine can see it here")
    secret.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")
    parser.add_argument("--connectors", type=int, default=1, help="how many (1)")
    parser.add_argument("--vendor", default="Stationlink", help="on the type plate")
    parser.add_argument("--model", default="Virtual", help="on the type plate")
    parser.add_argument("--serial", default="VIRTUAL-1", help="on the type plate")
    parser.add_argument("--firmware", default="1.0.0", help="firmware version")
    parser.add_argument("--plug-in", type=int, metavar="CONNECTOR", help="charge at this connector once it is online")
    parser.add_argument("--card", default="TESTCARD", metavar="TAG", help="the card to charge with (TESTCARD)")
    parser.add_argument("--energy-wh", type=int, default=500, help="how much to charge (500)")
    parser.add_argument("--charge-seconds", type=float, default=3.0, help="how long a charge takes (3)")
    parser.add_argument("--reboot-seconds", type=float, default=2.0, help="how long it is away after a Reset (2)")
    parser.add_argument("--retry-seconds", type=float, default=1.0, help="first wait before it connects again (1)")
    parser.add_argument("--once", action="store_true", help="leave when that is done; exit code 1 if it did not work")
    parser.add_argument("--until-eof", action="store_true", help="leave when stdin ends, as it does with its starter")
    parser.add_argument("--json", action="store_true", help="print each event as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Run the station until it is told to stop (SIGTERM, SIGINT, quit, or --once); the exit code."""
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)  # the library logs whole frames, cards and all
    try:
        return asyncio.run(_main(args))
    except KeyboardInterrupt:
        return 0


def teller(as_json: bool) -> Callable[..., None]:
    """Prints one line for each event, for people or for machines."""

    def tell(event: str, **fields: Any) -> None:
        at = datetime.now(UTC).strftime("%H:%M:%S")
        if as_json:
            line = msgspec.json.encode({"event": event, **fields}).decode()
        else:
            line = " ".join([at, event, *(f"{key}={value}" for key, value in fields.items())])
        print(line, flush=True)

    return tell


def address(url: str) -> tuple[str, str]:
    """The URL with its path encoded, and the id that it ends with. An id may hold anything, slashes included."""
    parts = urlsplit(url)
    path = quote(parts.path, safe="/%")
    _, found, identity = path.partition("/ocpp/")
    identity = identity if found else path.rpartition("/")[2]
    return urlunsplit(parts._replace(path=path)), unquote(identity)


class Lines:
    """Lines of stdin, as they come. A thread, because a terminal, a pipe and a file all have to do."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.ended = asyncio.Event()
        threading.Thread(target=self._read, daemon=True).start()

    async def next(self) -> str | None:
        """None at the end of stdin."""
        return await self._queue.get()

    def _read(self) -> None:
        rest = b""
        while chunk := self._chunk():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._put(line.decode(errors="replace").strip())
        if rest:
            self._put(rest.decode(errors="replace").strip())
        self._put(None)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.ended.set)

    def _chunk(self) -> bytes:
        try:
            return os.read(sys.stdin.fileno(), 65536)
        except (OSError, ValueError, AttributeError):
            return b""

    def _put(self, line: str | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, line)


class Station:
    """Keeps the charger connected, and does what it is told."""

    def __init__(self, args: argparse.Namespace, password: str | None) -> None:
        self.args = args
        self.tell = teller(args.json)
        self.url, identity = address(args.url)
        self.identity = args.identity or identity
        self.password = password
        self.stop = asyncio.Event()
        plate = Plate(vendor=args.vendor, model=args.model, serial=args.serial, firmware=args.firmware)
        sockets = {number: Socket(number) for number in range(1, args.connectors + 1)}
        self.charger = Charger(self.identity, sockets, self.tell, plate, args.charge_seconds)
        self.refused = False

    # --- staying connected -------------------------------------------------------------------------------------------

    async def stay(self) -> None:
        """Connect, serve, and connect again with longer waits; power-up and Reset boot, a lost connection does not."""
        wait, boot = self.args.retry_seconds, True
        while not self.stop.is_set():
            try:
                async with self._socket() as connection:
                    wait = self.args.retry_seconds
                    boot = await self._serve(connection, boot)
            except (OSError, InvalidHandshake, TimeoutError) as error:
                self.refused = True
                self.tell("refused", why=_why(error))
            if self.args.once:
                return
            await self._pause(self.args.reboot_seconds if boot and not self.refused else wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _socket(self) -> connect:
        headers = {}
        if self.password is not None:
            pair = f"{self.identity}:{self.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        return connect(
            self.url,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
            additional_headers=headers,
            compression=None,
            proxy=None,
            close_timeout=2,
        )

    async def _serve(self, connection: ClientConnection, boot: bool) -> bool:
        """Until the connection ends; True when it must boot at the next one."""
        self.refused = False
        self.tell("connected", url=self.url, subprotocol=connection.subprotocol)
        charger = self.charger
        charger.link = Link(charger, connection)
        charger.reset_asked.clear()
        tasks = [asyncio.create_task(work) for work in (charger.link.start(), self._live(boot))]
        ends = [asyncio.create_task(event.wait()) for event in (charger.reset_asked, self.stop)]
        try:
            await asyncio.wait([*tasks, *ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            charger.link = None
            charger.ready.clear()
            for task in (*tasks, *ends):
                task.cancel()
            found = await asyncio.gather(*tasks, *ends, return_exceptions=True)
        again = charger.reset_asked.is_set()
        await connection.close()
        self.tell("disconnected", why="reset" if again else _ending(found, connection))
        return again or (boot and not self._booted)

    async def _live(self, boot: bool) -> None:
        self._booted = not boot
        if boot:
            await self.charger.boot()
            self._booted = True
        await self.charger.report()
        self.charger.ready.set()
        await self.charger.beat()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return

    # --- doing what it is told ---------------------------------------------------------------------------------------

    async def obey(self, lines: Lines) -> None:
        while (line := await lines.next()) is not None:
            if line:
                await self.perform(line)
        if self.args.until_eof:
            self.stop.set()

    async def outlive(self, lines: Lines) -> None:
        """With --until-eof: a command that waits for a server that is gone must not keep the station alive."""
        await lines.ended.wait()
        try:
            await asyncio.wait_for(self.charger.ready.wait(), GRACE_SECONDS)
        except TimeoutError:
            self.stop.set()

    async def perform(self, line: str) -> bool:
        """One command, when the station is online; what cannot be done is an event too."""
        word, *rest = line.split()
        if word == "quit":
            self.stop.set()
            return True
        try:
            await self.charger.ready.wait()
            return await self._do(word, rest) is not False
        except (ValueError, KeyError, TypeError):
            self.tell("not_understood", line=line)
        except (NotConnected, ConnectionClosed, TimeoutError, OCPPError) as error:
            self.tell("not_done", line=word, why=type(error).__name__)
        return False

    async def _do(self, word: str, rest: list[str]) -> object:
        charger = self.charger
        commands: dict[str, Callable[..., Awaitable[object]]] = {
            "plug": lambda number: charger.plug(int(number)),
            "card": lambda tag: charger.card(tag),
            "charge": lambda number, tag, wh: charger.charge(int(number), tag, int(wh)),
            "unplug": lambda number: charger.unplug(int(number)),
            "fault": lambda number, code: charger.fault(int(number), code),
        }
        return await commands[word](*rest)

    async def errand(self) -> bool:
        """What the flags ask for: come online, and charge if so said."""
        await self.charger.ready.wait()
        if self.args.plug_in is None:
            return True
        return await self.perform(f"charge {self.args.plug_in} {self.args.card} {self.args.energy_wh}")


async def _main(args: argparse.Namespace) -> int:
    lines = Lines()
    password = await lines.next() if args.password_stdin else args.password
    station = Station(args, password)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, station.stop.set)
    staying = asyncio.create_task(station.stay())
    errand = asyncio.create_task(station.errand())
    helpers = [errand, asyncio.create_task(station.obey(lines))]
    if args.until_eof:
        helpers.append(asyncio.create_task(station.outlive(lines)))
    if args.once:
        await asyncio.wait([staying, errand], return_when=asyncio.FIRST_COMPLETED)
        station.stop.set()
    await staying
    worked = errand.done() and not errand.cancelled() and errand.result()
    for task in helpers:
        task.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    return FAILED if args.once and not worked else 0


def _why(error: BaseException) -> str:
    if isinstance(error, InvalidStatus):
        body = (error.response.body or b"").decode(errors="replace").strip()
        return f"HTTP {error.response.status_code} {body}".strip()
    return f"{type(error).__name__} {error}".strip()


def _ending(found: list[Any], connection: ClientConnection) -> str:
    """How a connection ended: the close code, or what broke it."""
    faults = [fault for fault in found if isinstance(fault, Exception) and not isinstance(fault, ConnectionClosed)]
    if faults:
        return _why(faults[0])
    return f"{connection.close_code} {connection.close_reason or ''}".strip()


if __name__ == "__main__":
    own = argparse.ArgumentParser(prog="python -m app.cli.station", description="A virtual charging station.")
    add_arguments(own)
    raise SystemExit(run(own.parse_args()))
