"""The command line as it is used: processes of their own on a data folder of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("STATIONLINK_")}
PATIENCE = 60
CPO = "ABC Charging"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "app", *words]


def run(*words: str, data: Path | None = None, stdin: str = "", **env: str) -> Ran:
    where = [] if data is None else ["--data", str(data)]
    done = subprocess.run(
        command(*words, *where),
        cwd=ROOT,
        env=CLEAN | env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def refused(ran: Ran, *words: str) -> None:
    """Exit code 2, one sentence on stderr that says what is the matter, nothing on stdout."""
    assert (ran.code, ran.out) == (2, ""), ran
    assert ran.err.count("\n") == 1 and ran.err.startswith("stationlink: "), ran.err
    assert all(word in ran.err for word in words), ran.err


def make_cpo(data: Path) -> None:
    words = ["--country", "NL", "--party", "ABC", "--name", CPO, "--tariff", "T-AC", "--charger-type", "Public"]
    assert run("cpo", "create", *words, data=data).code == 0


class Server:
    """A running `serve`, ready to answer."""

    def __init__(self, data: Path, *words: str, **env: str) -> None:
        self.data = data
        ports = ["--host", "127.0.0.1", "--port", "0", "--ocpp-port", "0", "--json"]
        self.process = subprocess.Popen(
            command("serve", *ports, *words, "--data", str(data)),
            cwd=ROOT,
            env=CLEAN | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None and self.process.stderr is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.ready: dict[str, Any] = json.loads(line)
        self.url = str(self.ready["public_url"])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started: list[Server] = []

    def start(*words: str, data: Path | None = None, **env: str) -> Server:
        started.append(Server(data or tmp_path / "data", *words, **env))
        return started[-1]

    yield start
    for server in started:
        server.end(signal.SIGKILL)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one CPO."""
    folder = tmp_path / "data"
    make_cpo(folder)
    return folder
