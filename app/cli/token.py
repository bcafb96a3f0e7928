"""`token create`, `list`, `change`, `rotate` and `revoke`: keys of other systems for the platform API."""

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.actions.subscriptions import (
    Issued,
    Listed,
    change_subscription,
    create_subscription,
    elsewhere,
    list_subscriptions,
    read_subscription,
    revoke_subscription,
    rotate_subscription,
)
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
from app.domain.people import SYSTEM, Subscription
from app.domain.subscriptions import GRACE, MODULES
from app.ports import Ports

NEVER, STANDARD = "never", "default"
MOST_DAYS = 36_500


def add(commands: Commands) -> None:
    verbs = add_group(
        commands,
        "token",
        help="make, list, change, rotate and revoke keys for the platform API",
        epilog='example: python -m app token create --cpo "ABC Charging" --module chargestations:rw\n'
        "Send the key as `Authorization: Token KEY`.",
    )
    _add_create(verbs)
    add_json(add_command(verbs, "list", list_all, help="list the subscriptions; their keys cannot be read back"))
    _add_change(verbs)
    _add_rotate(verbs)
    gone = add_command(verbs, "revoke", revoke, help="end a subscription; its keys open nothing any more")
    _add_id(gone)
    add_json(gone)


def _add_create(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "create",
        create,
        help="make a key and print it alone on stdout; it is shown this once",
        epilog='example: python -m app token create --cpo "ABC Charging" --module chargestations:rw '
        "--module locations:rw --expires 2027-01-31",
    )
    _add_terms(parser, required=True)
    add_json(parser)


def _add_change(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "change",
        change,
        help="change what a key may, from its next request on; what is not named stays",
        epilog="example: python -m app token change ID --module locations:r --expires 90",
    )
    _add_id(parser)
    _add_terms(parser, required=False)
    add_json(parser)


def _add_rotate(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "rotate",
        rotate,
        help="make a new key and print it alone on stdout; the old one ends after a while",
        epilog="example: python -m app token rotate ID --grace 48",
    )
    _add_id(parser)
    usual = GRACE.total_seconds() / 3600
    hours = f"how long the old key stays good, up to 720; 0 ends it at once (default {usual:g})"
    parser.add_argument("--grace", type=float, default=usual, metavar="HOURS", help=hours)
    add_json(parser)


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the subscription's id, as `token list` shows it")


def _add_terms(parser: argparse.ArgumentParser, *, required: bool) -> None:
    cpo = "a CPO it may see; repeat for more"
    module = " or ".join(MODULES) + ", a colon, and letters: r reads, w writes, d deletes; repeat for more"
    expires = "last day (UTC) as 2027-01-31, or a number of days from today; never is the default"
    rate = "most requests a minute, 0 without limit; default is STATIONLINK_REQUESTS_PER_MINUTE"
    parser.add_argument("--cpo", action="append", required=required, metavar="CPO", help=cpo)
    parser.add_argument("--module", action="append", required=required, metavar="MODULE:RWD", help=module)
    parser.add_argument("--name", help="whose key it is")
    parser.add_argument("--expires", metavar="WHEN", help=expires)
    parser.add_argument("--per-minute", metavar="N", help=rate)


def _terms(args: argparse.Namespace) -> dict[str, Any]:
    """What was said of a subscription, by the names that the actions take."""
    return dict(_said(args))


def _said(args: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    if args.cpo is not None:
        yield "cpo_ids", args.cpo
    if args.module is not None:
        yield "modules", _modules(args.module)
    if args.name is not None:
        yield "name", args.name
    if args.expires is not None:
        yield "expires", _last_day(args.expires)
    if args.per_minute is not None:
        yield "per_minute", _rate(args.per_minute)


def _modules(given: list[str]) -> dict[str, str]:
    modules: dict[str, str] = {}
    for text in given:
        name, colon, permission = text.partition(":")
        if not colon:
            raise CommandError(f"--module {text}: say what it may do, like {text}:rw")
        modules[name.lower()] = permission.lower()
    return modules


def _last_day(text: str) -> date | None:
    if text == NEVER:
        return None
    if text.isascii() and text.isdigit() and int(text) <= MOST_DAYS:
        return datetime.now(UTC).date() + timedelta(days=int(text))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--expires {text}: say a day like 2027-01-31, a number of days, or {NEVER}") from error


def _rate(text: str) -> int | None:
    if text == STANDARD:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise CommandError(f"--per-minute {text}: say a number, or {STANDARD}")
    return int(text)


async def create(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        made = await create_subscription(ports, SYSTEM, **_terms(args))
        await _warn_of_others(ports, made.subscription)
    return _tell_key(args, made)


async def change(args: argparse.Namespace) -> int:
    terms = _terms(args)
    if not terms:
        raise CommandError("say what is to be changed: --name, --cpo, --module, --expires or --per-minute")
    async with opened(settings_for(args)) as ports:
        await change_subscription(ports, SYSTEM, args.id, **terms)
        listed = await read_subscription(ports, SYSTEM, args.id)
        await _warn_of_others(ports, listed.subscription)
    tell_json(_shown(listed.subscription)) if args.json else tell(_line(listed))
    return 0


async def rotate(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        made = await rotate_subscription(ports, SYSTEM, args.id, _grace(args.grace))
        await _warn_of_others(ports, made.subscription)
    return _tell_key(args, made)


async def _warn_of_others(ports: Ports, subscription: Subscription) -> None:
    if others := await elsewhere(ports, subscription):
        warn(f"{', '.join(others)}: on another platform, so this key finds nothing of it here; ask that platform")


def _grace(hours: float) -> timedelta:
    try:
        return timedelta(hours=hours)
    except (OverflowError, ValueError) as error:
        raise CommandError("--grace: say a number of hours, 0 to 720") from error


def _tell_key(args: argparse.Namespace, made: Issued) -> int:
    if args.json:
        tell_json({"key": made.key, **_shown(made.subscription)})
    else:
        tell(made.key)
    return 0


def _shown(each: Subscription) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "cpo_ids": each.cpo_ids,
        "modules": each.modules,
        "expires": each.expires,
        "per_minute": each.per_minute,
        "previous_until": each.previous_until,
        "created": each.created,
        "revoked_at": each.revoked_at,
    }


async def list_all(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        found = await list_subscriptions(ports, SYSTEM)
    if args.json:
        tell_json([{**_shown(each.subscription), "used": each.used} for each in found])
        return 0
    if not found:
        warn("there are no keys yet; `token create` makes one")
    for each in found:
        tell(_line(each))
    return 0


def _line(listed: Listed) -> str:
    each = listed.subscription
    modules = " ".join(f"{module}:{permission}" for module, permission in each.modules.items())
    used = f"used {listed.used:%Y-%m-%d %H:%M}" if listed.used else "never used"
    rate = "" if each.per_minute is None else f"  {each.per_minute} a minute" if each.per_minute else "  no limit"
    return f"{each.id}  {_state(each)}  {each.name}  {', '.join(each.cpo_ids)}  {modules}{rate}  {used}"


def _state(each: Subscription) -> str:
    if each.revoked_at:
        return "revoked"
    if each.expires is None:
        return "valid"
    return f"{'expired' if each.expires < datetime.now(UTC).date() else 'until'} {each.expires}"


async def revoke(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        revoked = await revoke_subscription(ports, SYSTEM, args.id)
    if args.json:
        tell_json(_shown(revoked))
    else:
        tell(f"{revoked.id} is revoked")
    return 0
