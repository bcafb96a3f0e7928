"""`station`: virtual charging stations, one or a fleet, each of which speaks OCPP over a real socket."""

import argparse
import asyncio
import logging
import os
import re
import signal
import sys
import threading
from datetime import UTC, datetime
from typing import Any

import msgspec
from ocpp import messages

from app.cli.command import CommandError
from app.cli.virtual.behaviours import BEHAVIOURS
from app.cli.virtual.charger import Plate, Tell
from app.cli.virtual.charger16 import SUBPROTOCOL as OCPP16
from app.cli.virtual.charger201 import SUBPROTOCOL as OCPP201
from app.cli.virtual.fleet import Fleet, Tally
from app.cli.virtual.station import Plan, Station

GRACE_SECONDS = 10.0
FAILED = 1
MOST = 20_000
PROTOCOLS = {"1.6": OCPP16, "2.0.1": OCPP201}
NUMBER = re.compile(r"\{n(?::0(\d))?\}")

HELP = f"""
It boots, reports its connectors, sends heartbeats, and answers TriggerMessage, Reset (it goes and comes back), reading
and writing its configuration (a new password counts from its next connection on), UnlockConnector, and starting and
stopping from afar. It reconnects by itself.

Commands on stdin, one a line; in a fleet they are for all, or for station 3 with "@3" before them:
  plug 1                a car is plugged in at connector 1
  card TAG              a card is shown: starts at the connector that waits, or stops its own charging
  charge 1 TAG 500      the whole visit: plug in, card, 500 Wh, stop, unplug
  unplug 1              the car leaves
  fault 1 GroundFailure an errorCode of OCPP 1.6; NoError mends it
  quit                  leave

Behaviours, and what the phone and the desk have to say about such a station:
{chr(10).join(f"  {name:<21} {behaviour.shows}" for name, behaviour in BEHAVIOURS.items())}

A fleet (--count) takes {{n}} as each station's number in --url, --identity, --password and --serial ({{n:04}} with
leading zeros), and tells how many are connected, booted, refused and gone instead of each event. It ends with SIGINT or
SIGTERM, with quit, and with --until-eof when stdin ends.

examples:
  python -m app station --url ws://127.0.0.1:9000/ocpp/NL-ABC-1 --password SECRET --connectors 2
  python -m app station --url ws://127.0.0.1:9000/ocpp/NL-ABC-1 --password SECRET --protocol 2.0.1 --behaviour deaf
  python -m app station --url "ws://127.0.0.1:9000/ocpp/SIM-{{n}}" --count 200 --behaviour normal,silent,flapping
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
    parser.add_argument("--protocol", choices=PROTOCOLS, default="1.6", help="OCPP version (1.6)")
    parser.add_argument(
        "--behaviour",
        default="normal",
        metavar="NAMES",
        help="one of those below, or several for a fleet to take in turn",
    )
    _add_hardware(parser)
    _add_times(parser)
    parser.add_argument("--once", action="store_true", help="leave when that is done; exit code 1 if it did not work")
    parser.add_argument("--until-eof", action="store_true", help="leave when stdin ends, as it does with its starter")
    parser.add_argument("--json", action="store_true", help="print each event as one line of JSON")
    fleet = parser.add_argument_group("a fleet")
    fleet.add_argument("--count", type=int, default=1, metavar="N", help="how many stations, all in this process (1)")
    fleet.add_argument("--first", type=int, default=1, metavar="N", help="number of the first one (1)")
    fleet.add_argument("--per-second", type=float, default=50.0, metavar="N", help="how many begin in a second (50)")
    fleet.add_argument("--events", action="store_true", help="print each event of each station, too")


def _add_hardware(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connectors", type=int, default=1, help="how many (1)")
    parser.add_argument("--per-evse", type=int, default=1, help="how many of them an EVSE has, in 2.0.1 (1)")
    parser.add_argument("--vendor", default="Stationlink", help="on the type plate")
    parser.add_argument("--model", default="Virtual", help="on the type plate")
    parser.add_argument("--serial", default="VIRTUAL-{n}", help="on the type plate (VIRTUAL-{n})")
    parser.add_argument("--firmware", default="1.0.0", help="firmware version")
    parser.add_argument("--plug-in", type=int, metavar="CONNECTOR", help="charge at this connector once it is online")
    parser.add_argument("--card", default="TESTCARD", metavar="TAG", help="the card to charge with (TESTCARD)")
    parser.add_argument("--energy-wh", type=int, default=500, help="how much to charge (500)")


def _add_times(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--charge-seconds", type=float, default=3.0, help="how long a charge takes (3)")
    parser.add_argument("--reboot-seconds", type=float, default=2.0, help="how long it is away after a Reset (2)")
    parser.add_argument("--retry-seconds", type=float, default=1.0, help="first wait before it connects again (1)")


def run(args: argparse.Namespace) -> int:
    """Run until told to stop (SIGTERM, SIGINT, quit, or --once); the exit code. Raises CommandError."""
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)  # the library logs whole frames, cards and all
    messages.ASYNC_VALIDATION = False  # else each message is checked in a thread
    _require_possible(args)
    try:
        return asyncio.run(_main(args))
    except KeyboardInterrupt:
        return 0


def _require_possible(args: argparse.Namespace) -> None:
    unknown = [name for name in args.behaviour.split(",") if name not in BEHAVIOURS]
    if unknown:
        raise CommandError(f"no such behaviour: {unknown[0]}; one of {', '.join(BEHAVIOURS)}")
    if not 1 <= args.count <= MOST:
        raise CommandError(f"--count is a number from 1 to {MOST}")
    if args.count > 1 and not NUMBER.search(args.url):
        raise CommandError("with --count, --url has {n} where each station's number stands")
    if min(args.connectors, args.per_evse) < 1 or args.per_second <= 0:
        raise CommandError("--connectors, --per-evse and --per-second are more than 0")


def teller(as_json: bool) -> Tell:
    """Prints one line for each event, for people or for machines."""

    def tell(event: str, **fields: Any) -> None:
        at = datetime.now(UTC).strftime("%H:%M:%S")
        if as_json:
            line = msgspec.json.encode({"event": event, **fields}).decode()
        else:
            line = " ".join([at, event, *(f"{key}={value}" for key, value in fields.items())])
        print(line, flush=True)

    return tell


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


# --- who is started --------------------------------------------------------------------------------------------------


def numbered(text: str, number: int) -> str:
    """The text with `{n}` as this number, `{n:04}` with leading zeros."""
    return NUMBER.sub(lambda found: str(number).zfill(int(found[1] or 0)), text)


def _plan(args: argparse.Namespace, password: str | None, number: int) -> Plan:
    names = args.behaviour.split(",")

    def mine(text: str | None) -> str | None:
        return None if text is None else numbered(text, number)

    return Plan(
        url=numbered(args.url, number),
        behaviour=BEHAVIOURS[names[(number - args.first) % len(names)]],
        identity=mine(args.identity),
        password=mine(password),
        subprotocol=PROTOCOLS[args.protocol],
        connectors=args.connectors,
        per_evse=args.per_evse,
        plate=Plate(args.vendor, args.model, numbered(args.serial, number), args.firmware),
        charge_seconds=args.charge_seconds,
        reboot_seconds=args.reboot_seconds,
        retry_seconds=args.retry_seconds,
        once=args.once,
    )


class Crew:
    """The stations of this process, and whoever tells them what to do."""

    def __init__(self, args: argparse.Namespace, password: str | None) -> None:
        self.args = args
        tell = teller(args.json)
        tally = Tally()
        self.alone = args.count == 1
        numbers = range(args.first, args.first + args.count)
        self.stations = {n: Station(_plan(args, password, n), self._teller(n, tell, tally)) for n in numbers}
        quiet: Tell = (lambda event, **fields: None) if self.alone else tell
        self.fleet = Fleet(list(self.stations.values()), tally, quiet, args.per_second)

    def _teller(self, number: int, tell: Tell, tally: Tally) -> Tell:
        def told(event: str, **fields: Any) -> None:
            tally.note(number, event, fields)
            if self.alone:
                tell(event, **fields)
            elif self.args.events:
                tell(event, station=number, **fields)

        return told

    async def obey(self, lines: Lines) -> None:
        while (line := await lines.next()) is not None:
            if line == "quit":
                return self.fleet.stop()
            if line:
                await self._perform(line)
        if self.args.until_eof:
            self.fleet.stop()

    async def _perform(self, line: str) -> None:
        """In a fleet at once by all that are meant: one that is not online must not hold up the others."""
        who, _, what = line.partition(" ") if line.startswith("@") else ("", "", line)
        meant = [s for n, s in self.stations.items() if who in ("", f"@{n}")]
        if self.alone:
            await meant[0].perform(what) if meant and what else None
            return
        ready = [station for station in meant if what and station.charger.ready.is_set()]
        await asyncio.gather(*(station.perform(what) for station in ready))

    async def outlive(self, lines: Lines) -> None:
        """With --until-eof: a command that waits for a server that is gone must not keep the station alive."""
        await lines.ended.wait()
        waits = [station.charger.ready.wait() for station in self.stations.values()]
        try:
            await asyncio.wait_for(asyncio.gather(*waits), GRACE_SECONDS)
        except TimeoutError:
            self.fleet.stop()

    async def errand(self, station: Station) -> bool:
        """What the flags ask for: come online, and charge if so said."""
        await station.charger.ready.wait()
        if self.args.plug_in is None:
            return True
        return await station.perform(f"charge {self.args.plug_in} {self.args.card} {self.args.energy_wh}")


async def _main(args: argparse.Namespace) -> int:
    lines = Lines()
    password = await lines.next() if args.password_stdin else args.password
    crew = Crew(args, password)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, crew.fleet.stop)
    running = asyncio.create_task(crew.fleet.run())
    errands = [asyncio.create_task(crew.errand(station)) for station in crew.stations.values()]
    helpers = [*errands, asyncio.create_task(crew.obey(lines))]
    if args.until_eof:
        helpers.append(asyncio.create_task(crew.outlive(lines)))
    if args.once:
        either: list[asyncio.Future[Any]] = [running, asyncio.gather(*errands)]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        crew.fleet.stop()
    await running
    worked = all(errand.done() and not errand.cancelled() and errand.result() for errand in errands)
    for task in helpers:
        task.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    return FAILED if args.once and not worked else 0


if __name__ == "__main__":
    own = argparse.ArgumentParser(prog="python -m app.cli.station", description="A virtual charging station.")
    add_arguments(own)
    raise SystemExit(run(own.parse_args()))
