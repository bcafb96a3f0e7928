"""`backup`: database and digest key in one archive, also beside a running server."""

import argparse
from pathlib import Path

from app.cli.command import Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import require_own_file
from app.store.backup import backup


def add(commands: Commands) -> None:
    parser = add_command(
        commands,
        "backup",
        run,
        help="write the database and the digest key into one archive, also beside a running server",
        epilog="The archive opens every door: keep it where only you can read it.",
    )
    parser.add_argument("archive", metavar="FILE", help="the archive to write, like stationlink.tar.gz; it is replaced")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    settings, archive = settings_for(args), Path(args.archive)
    require_own_file(settings)
    backup(settings.folder, archive)
    size = archive.stat().st_size
    if args.json:
        tell_json({"archive": str(archive), "bytes": size})
    else:
        tell(f"{archive} written, {size:,} bytes")
    return 0
