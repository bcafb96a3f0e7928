"""`expect`: what stations of a model should say of themselves, read from lines and told as lines."""

import argparse
import sys
from pathlib import Path

from app.actions.cpos import list_cpos
from app.actions.expectations import read_expected, save_expected
from app.cli.command import CommandError, Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import opened
from app.domain.people import SYSTEM
from app.ports import Ports

LINES = """lines:
  vendors: Alfen BV, Alfen                                  what BootNotification may say
  models: NG910-60023
  MaxCurrent = 32 # limit                                   a key and its value
  MeterValueSampleInterval = 10..60 -> 30 # interval        its bounds, and what "fix all" writes
  LocalAuthListEnabled = true # look                        looked at, never written
  PasswordOfTheMeter = 1234 # secret                        written, never read; told as ...

example:
  python -m app expect alfen-ng910_k3p9 --cpo "ABC Charging" --set - < alfen.txt
"""


def add(commands: Commands) -> None:
    text = "tell, or set, what stations of a model should say of themselves: maker, model, configuration"
    parser = add_command(commands, "expect", expect, help=text, epilog=LINES)
    parser.add_argument("template", metavar="TEMPLATE", help="id of the hardware template")
    parser.add_argument("--cpo", metavar="NAME", help="whose stations; needed where there are several CPOs")
    parser.add_argument("--set", metavar="FILE", help="read the lines from here; - reads standard input")
    add_json(parser)


async def expect(args: argparse.Namespace) -> int:
    given = _given(args.set)
    async with opened(settings_for(args)) as ports:
        cpo_id = await _cpo(ports, args.cpo)
        if given is not None:
            await save_expected(ports, SYSTEM, cpo_id, args.template, given)
        template, lines = await read_expected(ports, SYSTEM, cpo_id, args.template)
    if args.json:
        tell_json({"template_id": template.template_id, "cpo_id": cpo_id, "lines": lines.splitlines()})
    else:
        tell(lines.rstrip("\n") or "nothing is expected of it yet")
    return 0


def _given(where: str | None) -> str | None:
    """The lines to set: a file, or what is typed, so that a secret shows in no process list."""
    if where is None:
        return None
    try:
        return sys.stdin.read() if where == "-" else Path(where).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{where} cannot be read") from error


async def _cpo(ports: Ports, name: str | None) -> str:
    if name is not None:
        return name
    cpos = await list_cpos(ports, SYSTEM)
    if len(cpos) != 1:
        raise CommandError("say whose stations with --cpo NAME")
    return cpos[0].cpo_id
