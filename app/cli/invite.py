"""`invite`: let an installer, support or an admin in."""

import argparse

from app.actions.cpos import list_cpos
from app.actions.people import Invited, invite
from app.cli.command import CommandError, Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import opened, ways_as_served
from app.desk.front import HOME_ZONE
from app.desk.say import place_of, zone_of
from app.domain.people import SYSTEM, Cpo, Role


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
        cpos = await list_cpos(ports, SYSTEM)
        _require_cpo(args, cpos)
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
        tell("\n".join([*ways_as_served(made.link, ports.public_url, settings), _code(made, cpos)]))
    return 0


def _require_cpo(args: argparse.Namespace, cpos: list[Cpo]) -> None:
    """Raises CommandError with the CPOs to choose from."""
    if args.cpo or args.role == Role.ADMIN.value:
        return
    if not cpos:
        raise CommandError("--cpo is needed, and there is no CPO yet: cpo create makes one")
    raise CommandError(f"--cpo is needed: one of {', '.join(cpo.cpo_id for cpo in cpos)}")


def _code(made: Invited, cpos: list[Cpo]) -> str:
    """The code, and the moment as the desk says it: in the zone of the first CPO, by name."""
    zone = zone_of(cpos[0].time_zone if cpos else HOME_ZONE)
    until = made.invite.expires.astimezone(zone)
    return f"code {made.code[:3]} {made.code[3:]}, works once, until {until:%H:%M} ({place_of(zone)})"
