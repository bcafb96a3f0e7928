"""The lists of every vendor's platform, read in the background, when their hour has come."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from app.domain.copies import STATIONS, home_of
from app.domain.environments import BUILTIN
from app.domain.errors import Unavailable
from app.domain.people import Cpo
from app.platforms.remote.lists import note_problem
from app.platforms.remote.platform import RemotePlatform
from app.platforms.remote.turns import Turns
from app.ports import Platforms, Store

EVERY = 5.0


class Copying:
    """`sleep` is passed in for tests."""

    def __init__(
        self, store: Store, platforms: Platforms, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._sleep = sleep
        self.turns = Turns()

    async def run(self) -> None:
        """Until it is cancelled, with all that it began."""
        try:
            while True:
                await self.look()
                await self._sleep(EVERY)
        finally:
            await self.turns.stop()

    async def look(self) -> None:
        """Begin what is due, a CPO at a time for itself; a store that is away for a while is asked again."""
        try:
            found = await self._store.find(Cpo)
        except Unavailable:
            return
        for cpo, _ in found:
            if cpo.platform != BUILTIN:
                self.turns.start(cpo.cpo_id, partial(self._refresh, cpo))

    async def _refresh(self, cpo: Cpo) -> None:
        try:
            platform = self._platforms.of(cpo)
        except Unavailable as error:
            await note_problem(self._store, home_of(cpo.platform, cpo.cpo_id), STATIONS, error.code)
            raise
        if isinstance(platform, RemotePlatform):
            await platform.lists.refresh()
