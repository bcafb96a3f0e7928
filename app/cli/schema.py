"""`schema`: print the OpenAPI document that the server has at /schema."""

import argparse

from app.cli.command import Commands, add_command, tell
from app.main import schema


def add(commands: Commands) -> None:
    add_command(commands, "schema", run, help="print the OpenAPI document of the platform API and the phone's")


def run(_: argparse.Namespace) -> int:
    tell(schema().decode())
    return 0
