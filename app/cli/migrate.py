"""`migrate`: make the database, or bring it up to date."""

import argparse

from app.cli.command import Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import prepare_store
from app.store.lock import hold


def add(commands: Commands) -> None:
    text = "make the database or bring it up to date; the server does the same when it starts"
    add_json(add_command(commands, "migrate", run, help=text))


async def run(args: argparse.Namespace) -> int:
    settings = settings_for(args)
    with hold(settings.folder, "migrate"):
        applied = await prepare_store(settings)
    if args.json:
        tell_json({"applied": applied})
    else:
        tell("applied " + ", ".join(applied) if applied else "the database is up to date")
    return 0
