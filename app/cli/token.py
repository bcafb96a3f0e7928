"""`token create`, `list` and `revoke`: keys of other systems for the platform API."""

import argparse

from app.actions.subscriptions import create_subscription, list_subscriptions, revoke_subscription
from app.cli.command import (
    CommandError,
    Commands,
    add_command,
    add_group,
    add_json,
    settings_for,
    tell,
    tell_json,
)
from app.cli.home import opened
from app.domain.people import SYSTEM, Subscription, keyed_digest


def add(commands: Commands) -> None:
    verbs = add_group(
        commands,
        "token",
        help="make, list and revoke keys for the platform API",
        epilog='example: python -m app token create --cpo "ABC Charging" --module chargestations:rw\n'
        "Send the key as `Authorization: Token KEY`.",
    )
    _add_create(verbs)
    add_json(add_command(verbs, "list", list_all, help="list the subscriptions; their keys cannot be read back"))
    gone = add_command(verbs, "revoke", revoke, help="end a subscription; its key opens nothing any more")
    gone.add_argument("id", metavar="ID", help="the subscription's id, as `token list` shows it")
    add_json(gone)


def _add_create(verbs: Commands) -> None:
    parser = add_command(
        verbs,
        "create",
        create,
        help="make a key and print it alone on stdout; it is shown this once",
        epilog='example: python -m app token create --cpo "ABC Charging" --module chargestations:rw '
        "--module locations:rw",
    )
    parser.add_argument(
        "--cpo", action="append", required=True, metavar="CPO", help="a CPO it may see; repeat for more"
    )
    parser.add_argument(
        "--module",
        action="append",
        required=True,
        metavar="MODULE:RW",
        help="chargestations or locations with :r, :w or :rw; repeat for more",
    )
    parser.add_argument("--name", default="", help="whose key it is")
    add_json(parser)


def _modules(given: list[str]) -> dict[str, str]:
    modules: dict[str, str] = {}
    for text in given:
        name, colon, permission = text.partition(":")
        if not colon:
            raise CommandError(f"--module {text}: say what it may do, like {text}:rw")
        modules[name.lower()] = permission.lower()
    return modules


async def create(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        modules = _modules(args.module)
        key = await create_subscription(ports, SYSTEM, cpo_ids=args.cpo, modules=modules, name=args.name)
        found = await ports.store.get(Subscription, keyed_digest(ports.digest_key, key))
    if args.json and found is not None:
        tell_json({"key": key, **_shown(found[0])})
    else:
        tell(key)
    return 0


def _shown(each: Subscription) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "cpo_ids": each.cpo_ids,
        "modules": each.modules,
        "created": each.created,
        "revoked_at": each.revoked_at,
    }


async def list_all(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        found = await list_subscriptions(ports, SYSTEM)
    if args.json:
        tell_json([_shown(each) for each in found])
        return 0
    for each in found:
        modules = " ".join(f"{module}:{permission}" for module, permission in each.modules.items())
        state = "revoked" if each.revoked_at else "valid"
        tell(f"{each.id}  {state}  {each.name}  {', '.join(each.cpo_ids)}  {modules}")
    return 0


async def revoke(args: argparse.Namespace) -> int:
    async with opened(settings_for(args)) as ports:
        revoked = await revoke_subscription(ports, SYSTEM, args.id)
    if args.json:
        tell_json(_shown(revoked))
    else:
        tell(f"{revoked.id} is revoked")
    return 0
