"""`cpo create` and `cpo list`: the operators whose stations are commissioned here."""

import argparse
from typing import Any

import msgspec

from app.actions.cpos import create_cpo, list_cpos
from app.cli.command import Commands, add_command, add_group, add_json, settings_for, tell, tell_json
from app.cli.home import opened
from app.domain.model import ChargerType
from app.domain.people import SYSTEM, Cpo, ReleaseOn


def add(commands: Commands) -> None:
    verbs = add_group(
        commands,
        "cpo",
        help="make and list charge point operators (CPOs)",
        epilog="example: python -m app cpo list --json",
    )
    _add_create(verbs)
    add_json(add_command(verbs, "list", list_all, help="list the CPOs"))


def _add_create(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "create",
        create,
        help="make a CPO; its cpo_id is its name",
        epilog='example: python -m app cpo create --country NL --party ABC --name "ABC Charging" '
        "--tariff T-AC --charger-type Public",
    )
    parser.add_argument("--country", required=True, metavar="NL", help="country code, two letters (ISO 3166-1)")
    parser.add_argument("--party", required=True, metavar="ABC", help="party id, three letters or digits (OCPI)")
    parser.add_argument("--name", required=True, help="name of the CPO, and its cpo_id: upper and lower case matter")
    parser.add_argument("--tariff", required=True, metavar="ID", help="default tariff id of its new stations")
    types = [each.value for each in ChargerType]
    parser.add_argument("--charger-type", required=True, choices=types, help="default charger type of its new stations")
    parser.add_argument("--language", metavar="nl", help="language of its drivers, two letters (else its country's)")
    parser.add_argument("--time-zone", metavar="ZONE", help="such as Europe/Amsterdam (else its country's)")
    parser.add_argument("--support-phone", metavar="NUMBER", help="whom an installer calls")
    parser.add_argument(
        "--release-on",
        choices=[each.value for each in ReleaseOn],
        default=ReleaseOn.HAND_OVER.value,
        help="what puts a station on drivers' maps: the installer's hand-over, or support",
    )
    parser.add_argument("--no-create-stations", action="store_true", help="installers may not create stations")
    parser.add_argument("--no-create-locations", action="store_true", help="installers may not create locations")
    parser.add_argument("--test-card", action="append", default=[], metavar="UID", help="a card that always may charge")
    add_json(parser)


async def create(args: argparse.Namespace) -> int:
    habits = {"language": args.language, "time_zone": args.time_zone}
    async with opened(settings_for(args)) as ports:
        cpo = await create_cpo(
            ports,
            SYSTEM,
            country_code=args.country,
            party_id=args.party,
            name=args.name,
            default_tariff_id=args.tariff,
            charger_type=ChargerType(args.charger_type),
            support_phone=args.support_phone,
            release_on=ReleaseOn(args.release_on),
            may_create_stations=not args.no_create_stations,
            may_create_locations=not args.no_create_locations,
            test_cards=args.test_card,
            **{name: value for name, value in habits.items() if value is not None},
        )
    if args.json:
        tell_json(_told(cpo))
    else:
        tell(f"{cpo.cpo_id} is made")
    return 0


def _told(cpo: Cpo) -> dict[str, Any]:
    """All of it but the tokens, of which only their environments are told."""
    fields: dict[str, Any] = msgspec.to_builtins(cpo)
    del fields["sealed_tokens"]
    return fields | {"tokens": sorted(cpo.sealed_tokens)}


async def list_all(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        cpos = await list_cpos(ports, SYSTEM)
    if args.json:
        tell_json([_told(cpo) for cpo in cpos])
        return 0
    for cpo in cpos:
        tell(f"{cpo.cpo_id}  {cpo.country_code}-{cpo.party_id}  {cpo.charger_type.value}  {cpo.default_tariff_id}")
    return 0
