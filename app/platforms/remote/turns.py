"""Work in the background for each CPO, one task a CPO: a platform that is slow holds up nobody else's."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from app.domain.errors import StationlinkError

log = logging.getLogger("stationlink.remote")


class Turns:
    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Unless the last one of this key still runs."""
        running = self._tasks.get(key)
        if running is None or running.done():
            self._tasks[key] = asyncio.create_task(_guarded(key, work))

    async def idle(self) -> None:
        """Until nothing runs."""
        await asyncio.gather(*self._tasks.values())

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def _guarded(key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """What fails is tried at the next turn; a fault of ours with one CPO ends no other's."""
    try:
        await work()
    except StationlinkError as error:
        log.info("%s: its platform could not be read: %s", key, error.code)
    except Exception:
        log.exception("%s: reading its platform broke off", key)
