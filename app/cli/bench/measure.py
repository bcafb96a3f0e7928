"""Servers in processes of their own, a lean client, and what a run costs: server CPU, time, memory."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

from app.cli.bench.data import KEY
from app.cli.command import CommandError
from app.settings import bare

START_SECONDS = 120


class Server(Struct, frozen=True):
    """A process that serves HTTP on a loopback port."""

    pid: int
    port: int
    ocpp_port: int = 0

    def cpu_seconds(self) -> float:
        """User and system time of the process's threads so far."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def resident_mb(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class Cost(Struct, frozen=True):
    """Of one request, on the server: CPU in milliseconds, and requests a second as the client saw them."""

    cpu_ms: float
    per_second: float


class Row(Struct, frozen=True):
    """A line of a table: ours beside a floor or peer of the same run. `target` is the largest ratio that is wanted."""

    what: str
    ours: float
    floor: float
    unit: str
    ratio: float
    target: str = ""


@contextmanager
def stationlink(folder: Path) -> Iterator[Server]:
    """`serve` on this data folder; killed at the end, since its data is thrown away."""
    argv = [sys.executable, "-m", "app", "serve", "--json", "--data", str(folder), "--host", "127.0.0.1"]
    with _process([*argv, "--port", "0", "--ocpp-port", "0"]) as (process, line):
        said = json.loads(line)
        yield Server(process.pid, int(said["port"]), int(said["ocpp_port"]))


@contextmanager
def floor(folder: Path) -> Iterator[Server]:
    """A handler for each file of the folder, which answers its bytes."""
    with processes("app.cli.bench.floor", str(folder)) as server:
        yield server


@contextmanager
def processes(module: str, *arguments: str) -> Iterator[Server]:
    """A peer in a process of its own, which prints its port when it listens."""
    with _process([sys.executable, "-m", module, *arguments]) as (process, line):
        yield Server(process.pid, int(line))


@contextmanager
def _process(argv: Sequence[str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=said, text=True, env=bare()) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                said.seek(0)
                raise CommandError(f"a server of the bench did not start:\n{said.read()}")
            yield process, line
        finally:
            process.kill()


# --- A client that costs less than what it measures ------------------------------------------------------------------


class Answer(Struct, frozen=True):
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.encode():
                return value.strip().decode()
        return ""

    @property
    def following(self) -> str:
        """The path of the next page, or nothing on the last."""
        link = self.header("link")
        return "/" + link.partition("<")[2].partition(">")[0].split("/", 3)[3] if link else ""


class Client:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, server: Server) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port, limit=2**20))

    async def send(self, method: str, path: str, body: bytes = b"") -> Answer:
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Token {KEY}\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head_bytes = await self._reader.readuntil(b"\r\n\r\n")
        answer = Answer(int(head_bytes[9:12]), head_bytes, b"")
        content = await self._reader.readexactly(int(answer.header("content-length") or 0))
        if answer.status != 200:
            raise CommandError(f"the server answered {answer.status} to {method} {path}: {content[:200]!r}")
        return Answer(answer.status, head_bytes, content)

    def close(self) -> None:
        self._writer.close()


Ask = Callable[[Client, int], Awaitable[object]]


def get(path: str) -> Ask:
    return lambda client, _: client.send("GET", path)


async def cost(server: Server, ask: Ask, *, requests: int, connections: int = 4, awake: bool = True) -> Cost:
    """Of so many requests over so many connections.

    While it stays `awake` the client never sleeps: waking a sleeper costs the server that answers it more than the
    answer, and the faster server would be spared it. It takes a core for itself.
    """
    clients = [await Client.open(server) for _ in range(connections)]
    todo = iter(range(requests))

    async def work(client: Client) -> None:
        for number in todo:
            await ask(client, number)

    for client in clients:
        await ask(client, 0)
    spinning = asyncio.create_task(_spin() if awake else asyncio.sleep(0))
    cpu, began = server.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*map(work, clients))
    spent, took = server.cpu_seconds() - cpu, time.perf_counter() - began
    spinning.cancel()
    for client in clients:
        client.close()
    return Cost(spent * 1000 / requests, requests / took)


async def _spin() -> None:
    while True:
        await asyncio.sleep(0)


async def beside(
    ours: Callable[[], Awaitable[Cost]], peer: Callable[[], Awaitable[Cost]], *, seconds: float, what: str, target: str
) -> Row:
    """In turns until the time is up, at least three of each, so that a machine that slows down slows both."""
    pairs: list[tuple[float, float]] = []
    until = time.monotonic() + seconds
    while len(pairs) < 3 or time.monotonic() < until:
        pairs.append(((await ours()).cpu_ms, (await peer()).cpu_ms))
    mine, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    return Row(what, mine, theirs, "ms CPU", median(a / b if b else 0.0 for a, b in pairs), target)


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of values in any order."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def table(rows: Sequence[Row]) -> str:
    lines = [f"{'what':<58} {'ours':>10} {'beside':>10} {'unit':<9} {'ratio':>6}  wanted"]
    for row in rows:
        lines.append(
            f"{row.what:<58} {row.ours:>10.3f} {row.floor:>10.3f} {row.unit:<9} {row.ratio:>6.2f}  {row.target}"
        )
    return "\n".join(lines)


def report(rows: Sequence[Row]) -> bytes:
    return msgspec.json.encode(rows)
