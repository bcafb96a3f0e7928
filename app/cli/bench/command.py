"""`bench ...`: our figure beside a floor or peer measured in the same run, as a ratio of medians."""

import argparse
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.cli.bench import ocpp, online, pull, read, write
from app.cli.bench.measure import Row, report, table
from app.cli.command import CommandError, Commands, add_command, add_group, add_json, tell

Bench = Callable[[Path, argparse.Namespace], Awaitable[list[Row]]]
NOT_USED = "taken like by every command, and not used: a bench makes its own data and throws it away"


def add(commands: Commands) -> None:
    verbs = add_group(
        commands,
        "bench",
        help="measure this machine: our figure beside a floor of the same run",
        epilog="Each run makes its own data in a temporary folder, talks to loopback only and ends by itself.",
    )
    _add(verbs, "read", read.run, "a list of 50 and a single station, beside bytes made before", 1_000)
    _add(verbs, "write", write.run, "PATCH of one EVSE over 16 connections, beside this disk's own fsync", 1_000)
    _add(verbs, "ocpp", ocpp.run, "a fleet that comes back, idle stations, messages, beside a bare OCPP server", 5_000)
    _add(verbs, "online", online.run, "a station comes and goes before the eyes of so many phones", 200, "--phones")
    _add(verbs, "pull", pull.run, "deep pages and pulls by date of a large database, beside a small one", 200_000)


def _add(verbs: Commands, name: str, bench: Bench, help: str, many: int, flag: str = "--stations") -> None:
    parser = add_command(verbs, name, lambda args: _run(bench, args), help=help, data=NOT_USED)
    parser.add_argument(flag, dest="many", type=int, default=many, metavar="N", help=f"how many (default {many})")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="for each line (default 10)")
    add_json(parser)


async def _run(bench: Bench, args: argparse.Namespace) -> int:
    if not sys.platform.startswith("linux"):
        raise CommandError("bench reads the CPU time of its servers from /proc: it needs Linux")
    if args.many < 100 or not 0 < args.seconds <= 300:
        raise CommandError("bench needs at least 100 of them, and --seconds of 300 or less")
    with tempfile.TemporaryDirectory(prefix="stationlink-bench-") as folder:
        rows = await bench(Path(folder), args)
    tell(report(rows).decode() if args.json else table(rows))
    return 0
