"""A throwaway PostgreSQL server for the tests: made on first use, on loopback alone, gone with the session."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg

from app.ports import Clock, Store
from app.store import postgres_migrations
from app.store.postgres import PostgresStore

ADDRESS = "TESTS_POSTGRES"
"""In the environment, so that processes that a test starts find the same server."""


MIGRATED = "migrated"
"""A database of that server that others are copied from: all migrations are in it."""


def programs() -> Path:
    """Where initdb and pg_ctl are; Debian keeps them off the PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    on_path = shutil.which("pg_ctl")
    found = [place for place in places if (place / "initdb").exists()] + ([Path(on_path).parent] if on_path else [])
    if not found:
        raise RuntimeError("PostgreSQL is missing: `make test` installs it, or as root: apt-get install postgresql")
    return found[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SURVIVOR = """
import shutil, signal, subprocess, sys
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_IGN)
sys.stdin.read()
folder, *stop = sys.argv[1:]
subprocess.run(stop, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
shutil.rmtree(folder, ignore_errors=True)
"""
"""Waits until whoever started it is gone, however that ended, and then ends the server."""


class Cluster:
    """One server with its data in a folder of its own. PostgreSQL never runs as root: then as its own user.

    It ends with this process, also with one that is killed: a process beside it sees to that.
    """

    def __init__(self, **settings: str) -> None:
        self._bin = programs()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._port = free_port()
        self._as = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self._as:
            shutil.chown(self._folder, "postgres")
        mine = {"listen_addresses": "127.0.0.1", "port": str(self._port), "unix_socket_directories": ""}
        self._options = " ".join(f"-c {name}='{value}'" for name, value in (mine | settings).items())

    def __enter__(self) -> "Cluster":
        self._survivor = self._start_survivor()
        try:
            self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", log, "-o", self._options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash: connections are cut and nothing is written any more."""
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-m", mode, "stop")

    def _remove(self) -> None:
        """Also when it was stopped before."""
        try:
            if (self._folder / "data" / "postmaster.pid").exists():
                self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._survivor.communicate()

    def _start_survivor(self) -> "subprocess.Popen[bytes]":
        """In a session of its own, so that what ends this process's group does not end it, too."""
        stop = self._command("pg_ctl", "-D", self._data, "-w", "-t", "60", "-m", "immediate", "stop")
        argv = [sys.executable, "-c", SURVIVOR, str(self._folder), *stop]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True, **quiet)

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [*self._as, str(self._bin / program), *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        command = self._command(program, *arguments)
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=90
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")


def database_of(place: Path) -> str:
    """The address of a database that belongs to a folder."""
    return named("t" + hashlib.sha256(str(place.absolute()).encode()).hexdigest()[:20])


def named(database: str) -> str:
    return f"{os.environ[ADDRESS].rpartition('/')[0]}/{database}"


async def make_migrated() -> None:
    await make_database(named(MIGRATED))
    await postgres_migrations.migrate(named(MIGRATED))


async def make_database(address: str, template: str = "template0") -> None:
    """Unless it is there."""
    server, _, name = address.rpartition("/")
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            how = f"TEMPLATE {template} STRATEGY FILE_COPY ENCODING 'UTF8'"
            await connection.execute(f'CREATE DATABASE "{name}" {how}')
    finally:
        await connection.close()


async def open_postgres(place: Path, clock: Clock | None = None) -> Store:
    """A store on the folder's database; again and again the same one."""
    address = database_of(place)
    await make_database(address, MIGRATED)
    return await PostgresStore.open(address, clock)
