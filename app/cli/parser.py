"""All commands in one parser, and what becomes of errors: one sentence on stderr and exit code 2."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import uvloop

from app.cli import backup, cpo, expect, invite, labels, migrate, password, restore, schema, serve, station, token, tune
from app.cli.bench import command as bench
from app.cli.command import FAILED, CommandError, Commands, add_command, warn
from app.domain.errors import StationlinkError
from app.settings import SettingsError

COMMANDS = (serve, cpo, expect, token, invite, password, tune, labels, migrate, backup, restore, bench, schema)
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m app",
        description="Stationlink: commissioning of EV charging stations.",
        epilog="Each command explains itself with --help. Settings are STATIONLINK_* variables; see the README.",
    )
    top.add_argument("--version", action="version", version=version("stationlink"))
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    _add_station(commands)
    return top


def _add_station(commands: Commands) -> None:
    text = "run a virtual charging station against an OCPP listener"
    data = "taken like by every command, and not used: the station keeps nothing"
    station.add_arguments(add_command(commands, "station", station.run, help=text, data=data))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Never a traceback for what a person could mend."""
    args = parser().parse_args(argv)
    try:
        outcome = args.run(args)
        if isinstance(outcome, int):
            return outcome
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return int(runner.run(outcome))
    except (CommandError, SettingsError) as error:
        warn(f"stationlink: {error}")
    except StationlinkError as error:
        warn(f"stationlink: {error.message}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return INTERRUPTED
    return FAILED
