"""Counting in memory of this process, forgotten at a restart: wrong guesses of a code, and requests of a key."""

import math
from collections import deque
from datetime import datetime, timedelta

from app.domain.errors import TooManyRequests, TooManyTries
from app.ports import Clock


class Tries:
    """Makes guessing a 6-digit code hopeless: at most `allowed` failures for each key in `window`, and `overall` for
    all keys together.
    """

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


class Buckets:
    """A bucket for each key that holds a minute's requests and fills evenly: a burst is fine, a stream is slowed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, datetime]] = {}

    def take(self, key: str, per_minute: int) -> None:
        """One request; 0 is no limit. Raises TooManyRequests with `retry_after` in seconds."""
        if per_minute <= 0:
            return
        now = self._clock.now()
        left, since = self._left.get(key, (float(per_minute), now))
        filled = left + max(0.0, (now - since).total_seconds()) * per_minute / 60
        left = min(filled, per_minute)
        if left < 1:
            self._left[key] = (left, now)
            wait = math.ceil((1 - left) * 60 / per_minute)
            raise TooManyRequests(f"more than {per_minute} requests a minute: rate limit", retry_after=wait)
        self._left[key] = (left - 1, now)
