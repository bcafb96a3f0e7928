"""`invite`: let an installer, support or an admin in."""

import argparse

from app.actions.people import invite
from app.cli.command import Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import opened
from app.domain.people import SYSTEM, Role


def add(commands: Commands) -> None:
    parser = add_command(
        commands,
        "invite",
        run,
        help="make a single-use link and 6-digit code that let a person in",
        epilog='example: python -m app invite --role installer --cpo "ABC Charging" --name "Sam" --phone "+31 6 ..."',
    )
    parser.add_argument(
        "--role",
        required=True,
        choices=[each.value for each in Role],
        help="installer: the phone app; support: the desk; admin: the desk with its people, operators and API keys",
    )
    parser.add_argument(
        "--cpo",
        action="append",
        default=[],
        metavar="CPO",
        help="a CPO the person works for; repeat for more; an admin without one is the admin of everything",
    )
    parser.add_argument("--name", help="the person's name, if it is known; they may correct it")
    parser.add_argument("--phone", help="the person's phone number; a known one is the same person again")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    settings = settings_for(args)
    async with opened(settings) as ports:
        made = await invite(
            ports,
            SYSTEM,
            role=Role(args.role),
            cpo_ids=args.cpo,
            name=args.name,
            phone=args.phone,
            minutes=settings.invite_minutes,
        )
    if args.json:
        tell_json({"link": made.link, "code": made.code, "role": args.role, "expires": made.invite.expires})
    else:
        tell(f"{made.link}\ncode {made.code[:3]} {made.code[3:]}, valid once until {made.invite.expires:%H:%M} UTC")
    return 0
