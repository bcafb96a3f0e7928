"""`restore`: put a backup in place of what the data folder holds."""

import argparse
from pathlib import Path

from app.cli.command import CommandError, Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import prepare, require_own_file
from app.store.backup import restore
from app.store.folder import DATABASE
from app.store.lock import hold


def add(commands: Commands) -> None:
    parser = add_command(
        commands,
        "restore",
        run,
        help="put a backup in place of the data folder's database and digest key; the server must be stopped",
    )
    parser.add_argument("archive", metavar="FILE", help="an archive that `backup` wrote")
    parser.add_argument("--force", action="store_true", help="replace a database that is there already")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    settings, archive = settings_for(args), Path(args.archive)
    require_own_file(settings)
    folder = settings.folder
    if (folder / DATABASE).exists() and not args.force:
        with hold(folder, "restore"):
            raise CommandError(f"{folder} has a database already; say --force to replace it")
    restore(archive, folder)
    with hold(folder, "migrate"):
        applied = prepare(folder)
    if args.json:
        tell_json({"archive": str(archive), "applied": applied})
    else:
        tell(f"{archive} is restored into {folder}")
    return 0
