"""Writes whose answer nobody came back for: looked at again, ever more seldom, and committed where they were done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from app.domain.errors import RevConflict, StationlinkError
from app.domain.intents import RemoteIntent
from app.domain.people import Cpo
from app.platforms.remote.platform import RemotePlatform
from app.ports import Change, Clock, Delete, Platforms, Store

EVERY = 15.0
FIRST = timedelta(seconds=60)
"""Until then the call may be running, and the phone is about to ask again."""
LONGEST = timedelta(hours=1)
GIVEN_UP = timedelta(days=30)
MOST = 500

log = logging.getLogger("stationlink.remote")


class Settler:
    """`sleep` is passed in for tests. What was not done stays the phone's to send again."""

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
        self._due: dict[str, datetime] = {}

    async def run(self) -> None:
        """Until it is cancelled. No intent of a former process has a call that runs, so the first look is at once."""
        first = True
        while True:
            try:
                await self.look(at_once=first)
            except StationlinkError as error:
                log.warning("open writes could not be looked at: %s", error.code)
            first = False
            await self._sleep(EVERY)

    async def look(self, *, at_once: bool = False) -> None:
        """One look at each open write whose time has come."""
        found = await self._store.find(RemoteIntent, order="made", limit=MOST)
        self._due = {intent.id: self._due.get(intent.id, intent.made + FIRST) for intent, _ in found}
        now = self._clock.now()
        for intent, _ in found:
            if at_once or self._due[intent.id] <= now:
                self._due[intent.id] = now + min(max(now - intent.made, FIRST), LONGEST)
                await self._settle(intent, now)

    async def _settle(self, intent: RemoteIntent, now: datetime) -> None:
        try:
            platform = await self._platform(intent.cpo_id)
            done = await platform.settle(intent) if platform is not None else False
        except RevConflict:
            done = False
        except StationlinkError as error:
            log.info("%s of %s is still open: %s", intent.aim.value, intent.key, error.code)
            return
        except (
            Exception
        ):  # a fault of ours, or an object that nobody can read: the other writes are settled all the same
            log.exception("%s of %s cannot be settled", intent.aim.value, intent.key)
            return
        if not done and now - intent.made > GIVEN_UP:
            await self._store.commit(Change(writes=(Delete(RemoteIntent, intent.id),)))

    async def _platform(self, cpo_id: str) -> RemotePlatform | None:
        found = await self._store.get(Cpo, cpo_id)
        platform = self._platforms.of(found[0]) if found else None
        return platform if isinstance(platform, RemotePlatform) else None
