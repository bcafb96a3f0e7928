"""Stand-ins for time, chance and hardware: everything else in the tests is real."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from app.domain.commands import Command, CommandOutcome, CommandState
from app.domain.live import OfflineReason
from app.ports import Still


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def forward(self, **delta: float) -> datetime:
        self._now += timedelta(**delta)
        return self._now


class FakeIds:
    """Predictable and never the same twice."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._numbers):012d}"

    def text(self, alphabet: str, length: int) -> str:
        digest = hashlib.sha512(str(next(self._numbers)).encode()).digest()
        return "".join(alphabet[byte % len(alphabet)] for byte in digest[:length])

    def number(self) -> int:
        return next(self._numbers)


class FakeCommands:
    """Answers every command with what the test put in `answers`, accepted by default, and remembers what was asked."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.heard: Callable[[str], object] = str
        self.answer = CommandOutcome(state=CommandState.ACCEPTED, raw=('[2,"1","Reset",{}]', '[3,"1",{}]'))

    async def send(
        self, charge_station_id: str, command: Command, *, timeout: float, still: Still | None = None
    ) -> CommandOutcome:
        self.sent.append((type(command).__name__, charge_station_id))
        for frame in self.answer.raw:
            self.heard(frame)
        return self.answer

    @contextmanager
    def overhear(self, charge_station_id: str, heard: Callable[[str], None]) -> Iterator[None]:
        self.heard = heard
        yield

    async def disconnect(self, charge_station_id: str, reason: OfflineReason) -> None:
        self.sent.append((f"disconnect {reason.value}", charge_station_id))
