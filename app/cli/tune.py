"""`tune`: what is different for one station's connection."""

import argparse

from app.actions.tuning import read_tuning, tune
from app.cli.command import Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import opened
from app.domain.people import SYSTEM
from app.domain.tuning import LIMITS, Bounds

STANDARD = "standard"
EPILOG = """
Without options it prints what holds now. It counts from the station's next connection on.

example:
  python -m app tune NL-ABC-1 --ping 25 --pong 0
"""


def add(commands: Commands) -> None:
    parser = add_command(
        commands, "tune", run, help="change how one station's connection is watched, in seconds", epilog=EPILOG
    )
    parser.add_argument("charge_station_id", metavar="CHARGE_STATION_ID", help="the station's id, exactly as written")
    for name, meaning in (
        ("ping", "ping after so much silence"),
        ("pong", "how long the answer to a ping may take; 0: this station never answers pings"),
        ("close", "how long a closing handshake may take"),
    ):
        parser.add_argument(
            f"--{name}", type=_seconds, metavar="SECONDS", help=f"{meaning} ('{STANDARD}': as the setting has it)"
        )
    add_json(parser)


def _seconds(text: str) -> float | str:
    return STANDARD if text == STANDARD else float(text)


async def run(args: argparse.Namespace) -> int:
    said = {f"{name}_seconds": getattr(args, name) for name in ("ping", "pong", "close")}
    different = {name: None if value == STANDARD else value for name, value in said.items() if value is not None}
    settings = settings_for(args)
    async with opened(settings) as ports:
        change = tune(ports, SYSTEM, args.charge_station_id, different) if different else None
        tuning = await (change or read_tuning(ports, SYSTEM, args.charge_station_id))
    own = {name: getattr(tuning, name) for name in LIMITS}
    bounds = settings.ocpp_bounds.tuned(tuning)
    if args.json:
        tell_json({"charge_station_id": args.charge_station_id, **own, "bound_seconds": bounds.published})
    else:
        tell(_told(bounds))
    return 0


def _told(bounds: Bounds) -> str:
    pong = f"answer within {bounds.pong:g} s" if bounds.pongs else "never answered"
    times = f"ping after {bounds.ping:g} s of silence, {pong}, closing within {bounds.close:g} s"
    return f"{times}: offline within {bounds.published:g} s"
