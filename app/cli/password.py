"""`password`: a station's OCPP password."""

import argparse
import sys

from app.actions.passwords import set_station_password
from app.cli.command import Commands, add_command, add_json, settings_for, tell, tell_json, warn
from app.cli.home import opened
from app.domain.people import SYSTEM


def add(commands: Commands) -> None:
    parser = add_command(
        commands,
        "password",
        run,
        help="set a station's OCPP password and print it alone: 20 letters and digits",
        epilog="Type it into the station exactly as printed: it is the Basic password itself, not hexadecimal.",
    )
    parser.add_argument("charge_station_id", metavar="CHARGE_STATION_ID", help="the station's id, exactly as written")
    parser.add_argument("--stdin", action="store_true", help="read the password from standard input (16 to 40 signs)")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    chosen = sys.stdin.readline().rstrip("\r\n") if args.stdin else None
    async with opened(settings_for(args)) as ports:
        row = await ports.store.station(args.charge_station_id)
        password = await set_station_password(ports, SYSTEM, args.charge_station_id, chosen)
    if row is not None and row.online:
        warn("the station is connected: the server closes that connection now, and only the new password opens another")
    if args.json:
        tell_json({"charge_station_id": args.charge_station_id, "password": password})
    else:
        tell(password)
    return 0
