"""A virtual station in a process of its own, at a live server."""

import json
import subprocess
import sys
import threading

from tests.live import ROOT, LiveServer, environment


class Charger:
    """Told what to do on its standard input; what it said so far is `heard`."""

    def __init__(self, server: LiveServer, station_id: str, protocol: str = "1.6") -> None:
        password = server.app("password", station_id)
        url = f"ws://127.0.0.1:{server.ocpp_port}/ocpp/{station_id}"
        words = ["--url", url, "--password-stdin", "--connectors", "2", "--protocol", protocol, "--json"]
        argv = [sys.executable, "-m", "app", "station", *words]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._events: list[str] = []
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()
        self.tell(password)

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def heard(self, event: str) -> bool:
        """Whether the station itself has said so: it knows later than the server what the server has stored."""
        return event in self._events

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._events.append(json.loads(line)["event"])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(15)
        self._ear.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
