"""Counting wrong guesses in memory: enough to make guessing a 6-digit code hopeless, forgotten at a restart."""

from collections import deque
from datetime import datetime, timedelta

from app.domain.errors import TooManyTries
from app.ports import Clock


class Tries:
    """At most `allowed` failures for each key in `window`, and `overall` for all keys together."""

    def __init__(self, clock: Clock, *, allowed: int, overall: int, window: timedelta) -> None:
        self._clock = clock
        self._allowed = allowed
        self._overall = overall
        self._window = window
        self._failures: dict[str, deque[datetime]] = {}
        self._all: deque[datetime] = deque()

    def check(self, key: str) -> None:
        """Raises TooManyTries with `retry_after` in seconds."""
        now = self._clock.now()
        self._forget(now)
        mine = self._failures.get(key, deque())
        full = mine if len(mine) >= self._allowed else self._all if len(self._all) >= self._overall else None
        if full:
            wait = int((full[0] + self._window - now).total_seconds()) + 1
            raise TooManyTries("too many wrong tries; wait a little or ask for a link", retry_after=wait)

    def failed(self, key: str) -> None:
        now = self._clock.now()
        self._failures.setdefault(key, deque()).append(now)
        self._all.append(now)

    def _forget(self, now: datetime) -> None:
        for moments in (*self._failures.values(), self._all):
            while moments and now - moments[0] > self._window:
                moments.popleft()
        self._failures = {key: moments for key, moments in self._failures.items() if moments}
