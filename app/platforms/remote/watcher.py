"""Stations of vendors' platforms that somebody looks at, read one by one at a rate that slows down (platform-api 3.4).

Where nobody looks nothing is asked. What has changed becomes facts and reaches phones and desks by their streams.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import msgspec
from msgspec import Struct

from app.domain.copies import home_of
from app.domain.environments import BUILTIN, OTHER_ONE
from app.domain.errors import PlatformBusy, PlatformKeyRefused, StationlinkError, Unavailable
from app.domain.people import Cpo
from app.platforms.remote.lists import note_problem
from app.platforms.remote.platform import RemotePlatform
from app.platforms.remote.turns import Turns
from app.ports import Clock, Platforms, Store
from app.ports.watch import Lease, Target

TICK = 1.0
STEPS = ((120, 5), (300, 10), (600, 20), (1200, 40))
"""Until so many seconds after somebody began to look, every so many seconds."""
SLOWEST = 60
CLOSE = 2
CALM = timedelta(seconds=600)
"""As if somebody had looked for so long."""
ELSEWHERE_EVERY = timedelta(seconds=30)
AFTER_TROUBLE = timedelta(seconds=15)
AFTER_REFUSAL = timedelta(seconds=60)
LIVE = "live"

log = logging.getLogger("stationlink.remote")


class Pace(Struct):
    """`since` when somebody began to look, or did something; `due` the next look, `elsewhere` the next one there."""

    since: datetime
    due: datetime
    elsewhere: datetime

    def looked(self, now: datetime, *, close: bool) -> None:
        age = (now - self.since).total_seconds()
        seconds = CLOSE if close else next((every for until, every in STEPS if age < until), SLOWEST)
        self.due = now + timedelta(seconds=seconds)


class Held:
    """See `ports.Lease`."""

    def __init__(self, hurry: Callable[[Target], None], close: bool) -> None:
        self._hurry = hurry
        self.close = close
        self.targets: frozenset[Target] = frozenset()

    def want(self, targets: Iterable[Target]) -> None:
        before, self.targets = self.targets, frozenset(targets)
        for target in self.targets - before:
            self._hurry(target)


class Watcher:
    """See `ports.Watch`. `sleep` is passed in for tests, which call `look` themselves."""

    def __init__(
        self,
        store: Store,
        platforms: Platforms,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._clock = clock
        self._sleep = sleep
        self._leases: set[Held] = set()
        self._paces: dict[Target, Pace] = {}
        self._paused: dict[str, datetime] = {}
        self.turns = Turns()

    @contextmanager
    def lease(self, *, calm: bool = False, close: bool = False) -> Iterator[Lease]:
        held = Held(self._begin_calmly if calm else self._begin, close)
        self._leases.add(held)
        try:
            yield held
        finally:
            self._leases.discard(held)

    def hurry(self, charge_station_id: str) -> None:
        for target in self._paces:
            if target[1] == charge_station_id:
                self._begin(target)

    def _begin(self, target: Target) -> None:
        now = self._clock.now()
        known = self._paces.get(target)
        self._paces[target] = Pace(now, now, known.elsewhere if known else now)

    def _begin_calmly(self, target: Target) -> None:
        now = self._clock.now()
        self._paces.setdefault(target, Pace(now - CALM, now, now))

    async def run(self) -> None:
        """Until it is cancelled, with all that it began."""
        try:
            while True:
                self.look()
                await self._sleep(TICK)
        finally:
            await self.turns.stop()

    def look(self) -> None:
        """Begin to read what is due, for each CPO that is not being read already."""
        now = self._clock.now()
        watched = frozenset[Target]().union(*(held.targets for held in self._leases))
        self._paces = {target: pace for target, pace in self._paces.items() if target in watched}
        for cpo_id in sorted({cpo_id for (cpo_id, _), pace in self._paces.items() if pace.due <= now}):
            if self._paused.get(cpo_id, now) <= now:
                self.turns.start(cpo_id, partial(self._look_at, cpo_id))

    async def _look_at(self, cpo_id: str) -> None:
        found = await self._store.get(Cpo, cpo_id)
        if found is None or found[0].platform == BUILTIN:
            return
        home = home_of(found[0].platform, cpo_id)
        try:
            await self._read(found[0])
        except Unavailable as error:
            self._paused[cpo_id] = self._clock.now() + _pause(error)
            await note_problem(self._store, home, LIVE, error.code)
            raise
        await note_problem(self._store, home, LIVE, None)

    async def _read(self, cpo: Cpo) -> None:
        platform = self._platforms.of(cpo)
        if not isinstance(platform, RemotePlatform):
            return
        now = self._clock.now()
        watched = {key: pace for (cpo_id, key), pace in self._paces.items() if cpo_id == cpo.cpo_id}
        due = [key for key, pace in watched.items() if pace.due <= now]
        read = await platform.look_at(due, [key for key in watched if key not in due])
        closely = {target for held in self._leases if held.close for target in held.targets}
        for key in read:
            watched[key].looked(now, close=(cpo.cpo_id, key) in closely)
        await self._elsewhere(cpo, platform, read, watched)

    async def _elsewhere(
        self, cpo: Cpo, platform: RemotePlatform, keys: Sequence[str], watched: dict[str, Pace]
    ) -> None:
        """A station that is waited for may have come to the other environment, where its token is there, too."""
        other, now = self._other(cpo), self._clock.now()
        if other is None:
            return
        for key in keys:
            if watched[key].elsewhere > now or not await platform.waits(key):
                continue
            watched[key].elsewhere = now + ELSEWHERE_EVERY
            try:
                online = await other.is_online(key)
            except StationlinkError as error:
                log.info("%s cannot be looked for on the other environment: %s", key, error.code)
                continue
            await platform.seen_elsewhere(key, now if online else None, OTHER_ONE[cpo.platform])

    def _other(self, cpo: Cpo) -> RemotePlatform | None:
        name = OTHER_ONE.get(cpo.platform)
        if name is None or name not in cpo.sealed_tokens:
            return None
        try:
            found = self._platforms.of(msgspec.structs.replace(cpo, platform=name))
        except StationlinkError:
            return None
        return found if isinstance(found, RemotePlatform) else None


def _pause(error: Unavailable) -> timedelta:
    if isinstance(error, PlatformBusy):
        return timedelta(seconds=float(error.detail.get("retry_after", AFTER_REFUSAL.total_seconds())))
    return AFTER_REFUSAL if isinstance(error, PlatformKeyRefused) else AFTER_TROUBLE
