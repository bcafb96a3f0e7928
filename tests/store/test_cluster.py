"""The tests' own PostgreSQL server ends with the tests, however they end."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live import ROOT

TESTS = """
import signal, sys
from tests.postgres import Cluster
with Cluster(fsync="off") as cluster:
    print(cluster._data, flush=True)
    signal.pause()
"""
SECONDS = 60


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_run_that_is_ended_from_outside_leaves_no_server_behind(how: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", TESTS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    data = Path(process.stdout.readline().strip())
    port = int((data / "postmaster.pid").read_text().splitlines()[3])
    assert answers(port)
    process.send_signal(how)
    process.wait(SECONDS)
    process.stdout.close()
    deadline = time.monotonic() + SECONDS
    while answers(port) or data.parent.exists():
        assert time.monotonic() < deadline, "the server or its folder is still there"
        time.sleep(0.02)
