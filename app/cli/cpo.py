"""`cpo create`, `list`, `platform` and `policy`: the operators whose stations are commissioned here, where and how."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from app.actions.cpos import change_cpo, create_cpo, list_cpos
from app.actions.platforms import Asked, Chosen, choose_platform, tried_platform
from app.cli.command import (
    CommandError,
    Commands,
    add_command,
    add_group,
    add_json,
    settings_for,
    tell,
    tell_json,
    warn,
)
from app.cli.home import opened
from app.domain.environments import BUILTIN, Environment
from app.domain.model import ChargerType
from app.domain.people import SYSTEM, Cpo, ReleaseOn
from app.domain.trials import OFFERED, TrialKind


def add(commands: Commands) -> None:
    verbs = add_group(
        commands,
        "cpo",
        help="make and list charge point operators (CPOs)",
        epilog="example: python -m app cpo list --json",
    )
    _add_create(verbs)
    _add_platform(verbs)
    _add_policy(verbs)
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
    _add_choice(parser, default=BUILTIN)
    add_json(parser)


def _add_platform(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "platform",
        platform,
        help="choose where a CPO's stations live, or give a new token; it is tried at once and kept encrypted",
        epilog='example: python -m app cpo platform "ABC Charging" --platform acceptance --platform-token - < token',
    )
    parser.add_argument("name", metavar="NAME", help="the CPO")
    _add_choice(parser, default=None)
    add_json(parser)


def _add_policy(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "policy",
        policy,
        help="say what a hand-over to this CPO asks for; what is not said stays as it is",
        epilog='example: python -m app cpo policy "ABC Charging" --require reach --require charge --accept-no-load',
    )
    parser.add_argument("name", metavar="NAME", help="the CPO")
    kinds = [kind.value for kind in OFFERED]
    required = parser.add_mutually_exclusive_group()
    required.add_argument("--require", action="append", choices=kinds, help="a test that has to pass; several times")
    required.add_argument("--require-any", action="store_true", help="one test that passes is enough, whichever it is")
    both = argparse.BooleanOptionalAction
    parser.add_argument("--accept-no-load", action=both, help="a charge that draws no power passes")
    parser.add_argument("--findings-block", action=both, help="severe differences have to be resolved first")
    add_json(parser)


async def policy(args: argparse.Namespace) -> int:
    said = {
        "required_trials": [] if args.require_any else args.require and [TrialKind(kind) for kind in args.require],
        "accepts_no_load": args.accept_no_load,
        "findings_block": args.findings_block,
    }
    changes = {name: value for name, value in said.items() if value is not None}
    async with opened(settings_for(args)) as ports:
        cpo = await change_cpo(ports, SYSTEM, args.name, **changes)
    if args.json:
        tell_json(_told(cpo))
        return 0
    wanted = ", ".join(cpo.required_trials) or "any one test"
    load = "passes" if cpo.accepts_no_load else "does not pass"
    blocks = "have to be resolved first" if cpo.findings_block else "go along with the hand-over"
    tell(f"{cpo.cpo_id} asks for {wanted}; a charge without load {load}; severe differences {blocks}")
    return 0


def _add_choice(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    where = "builtin, acceptance, production, or the https address of a platform with the same API"
    parser.add_argument("--platform", metavar="WHERE", default=default, help=where)
    parser.add_argument("--platform-token", metavar="TOKEN", help="its token; - reads one line from standard input")
    parser.add_argument("--platform-ocpp-url", metavar="URL", help="what stations of an address connect to, without id")
    parser.add_argument("--acceptance-token", metavar="TOKEN", help="also keep a token for acceptance; - as above")
    parser.add_argument("--production-token", metavar="TOKEN", help="also keep a token for production; - as above")
    parser.add_argument("--evses-in-patch", action="store_true", help="it takes EVSEs in a PATCH, as Stationlink does")
    parser.add_argument(
        "--plain-http", action="store_true", help="let the token travel unencrypted, to an http address"
    )


async def create(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        name = args.name.strip()
        chosen, fields = await tried_platform(ports, name, _asked(args, args.platform), _other_tokens(args))
        cpo = await create_cpo(
            ports,
            SYSTEM,
            country_code=args.country,
            party_id=args.party,
            name=args.name,
            default_tariff_id=args.tariff,
            charger_type=ChargerType(args.charger_type),
            **_policy(args),
            **fields,
        )
    if args.json:
        tell_json(_told(cpo))
    else:
        tell("\n".join([f"{cpo.cpo_id} is made", *_found(chosen)]))
    return 0


def _policy(args: argparse.Namespace) -> dict[str, Any]:
    habits = {"language": args.language, "time_zone": args.time_zone}
    return {
        "support_phone": args.support_phone,
        "release_on": ReleaseOn(args.release_on),
        "may_create_stations": not args.no_create_stations,
        "may_create_locations": not args.no_create_locations,
        "test_cards": args.test_card,
        **{name: value for name, value in habits.items() if value is not None},
    }


async def platform(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        known = {cpo.cpo_id: cpo for cpo in await list_cpos(ports, SYSTEM)}.get(args.name)
        same = args.platform is None
        asked = _asked(args, args.platform or (known.platform if known else BUILTIN))
        ocpp_url = asked.ocpp_url or (known.platform_ocpp_url if known and same else None)
        chosen = await choose_platform(
            ports,
            SYSTEM,
            args.name,
            platform=asked.platform,
            token=asked.token,
            ocpp_url=ocpp_url,
            other_tokens=_other_tokens(args),
            plain_http=asked.plain_http,
            patches_evses=asked.patches_evses or (known is not None and same and known.platform_patches_evses),
        )
    if args.json:
        tell_json(chosen)
    else:
        tell("\n".join([f"{chosen.cpo_id} is on {chosen.platform}", *_found(chosen), *_connects(chosen)]))
    return 0


def _asked(args: argparse.Namespace, where: str) -> Asked:
    token = _secret(args.platform_token)
    return Asked(
        platform=where,
        token=token,
        ocpp_url=args.platform_ocpp_url,
        plain_http=args.plain_http,
        local_http=True,
        patches_evses=args.evses_in_patch,
    )


def _other_tokens(args: argparse.Namespace) -> Mapping[str, str]:
    given = {"acceptance": args.acceptance_token, "production": args.production_token}
    return {name: _secret(value) or "" for name, value in given.items() if value is not None}


def _secret(given: str | None) -> str | None:
    """What was given, or for `-` the next line of standard input: it then shows in no process list."""
    if given != "-":
        return given
    line = sys.stdin.readline().strip()
    if not line:
        raise CommandError("no token on standard input")
    return line


def _found(chosen: Chosen) -> list[str]:
    """An address is told itself, not that it is neither of the two platforms with a name."""
    named = {Environment.OTHER.value: chosen.platform}
    return [
        f"the token for {named.get(name, name)} opens {', '.join(access.modules)}"
        for name, access in chosen.access.items()
    ]


def _connects(chosen: Chosen) -> list[str]:
    return [f"its stations connect to {chosen.ocpp_url}"] if chosen.ocpp_url else []


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
    if not cpos:
        warn("there are no CPOs yet; `cpo create` makes one")
    for cpo in cpos:
        elsewhere = "" if cpo.platform == BUILTIN else f"  on {cpo.platform}"
        told = f"{cpo.cpo_id}  {cpo.country_code}-{cpo.party_id}  {cpo.charger_type.value}  {cpo.default_tariff_id}"
        tell(told + elsewhere)
    return 0
