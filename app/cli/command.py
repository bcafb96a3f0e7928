"""What the commands share: where data lives, how errors are told, and output for people or for machines."""

import argparse
import shlex
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from app import settings as environment
from app.settings import Settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]

FAILED = 2


class CommandError(Exception):
    """One clear sentence for the person at the terminal; the exit code is 2."""


DATA_HELP = "folder of the database and keys (STATIONLINK_DATA, else ./data)"


def add_command(
    commands: Commands, name: str, run: Run, *, help: str, epilog: str = "", data: str = DATA_HELP
) -> argparse.ArgumentParser:
    """A command with `--data`, which means `data`; `run` gets the parsed arguments and gives the exit code."""
    parser = commands.add_parser(
        name,
        help=help,
        description=_sentence(help),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="DIR", help=data)
    parser.set_defaults(run=run)
    return parser


def _sentence(help: str) -> str:
    return help[0].upper() + help[1:] + "."


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def add_group(commands: Commands, name: str, *, help: str, epilog: str) -> Commands:
    """A command of commands, which are added to what this returns."""
    parser = commands.add_parser(
        name,
        help=help,
        description=_sentence(help),
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def settings_for(args: argparse.Namespace, **overrides: Any) -> Settings:
    """The settings of the environment, with what was said on the command line in front. Raises SettingsError."""
    given = {"data": getattr(args, "data", None), **overrides}
    said = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(environment.read(), **said)


def pasted(*words: str) -> str:
    """A command of ours as a line to paste into a shell in this folder: with the Python that runs now."""
    python = Path(sys.executable)
    typed = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return shlex.join([str(typed), "-m", "app", *words])


def tell(text: str) -> None:
    print(text, flush=True)


def tell_json(value: Any) -> None:
    tell(msgspec.json.encode(value).decode())


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
