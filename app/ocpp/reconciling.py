"""What is stored as connected against the sockets that are open here: where they disagree, the sockets are right.

Pitfall 6 of connectivity.md. They may disagree because another process that starts on this database believes that all
sockets are gone, or because a goodbye got lost. `node` begins the ids of this listener's connections; those of another
one are its own to mend.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from app.domain.errors import NotFound, StationlinkError
from app.domain.live import OfflineReason
from app.ocpp.session import Session
from app.ports import StationHost

log = logging.getLogger("stationlink.ocpp")


class Reconciling:
    """`sessions` are the listener's own, by station; `turn` is the lock that whoever connects holds meanwhile."""

    def __init__(
        self, host: StationHost, node: str, sessions: Mapping[str, Session], turn: Callable[[str], asyncio.Lock]
    ) -> None:
        self._host = host
        self._node = node
        self._sessions = sessions
        self._turn = turn

    async def now_and_then(self, seconds: float, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), seconds)
                return
            try:
                await self.once()
            except StationlinkError as error:
                log.warning("what is stored as connected could not be compared: %s", error.code)
            except Exception:
                log.exception("what is stored as connected could not be compared")

    async def once(self) -> None:
        here = dict(self._sessions)
        stored = await self._host.sockets()
        for station, session in here.items():
            if stored.get(station) != session.connection.id:
                with suppress(NotFound):  # withdrawn while it was connected, which must not keep the others unmended
                    await self._store_again(station, session)
        for station, connection_id in stored.items():
            if station not in here and connection_id.startswith(f"{self._node}/"):
                await self._forget(station, connection_id)

    async def _store_again(self, station: str, session: Session) -> None:
        async with self._turn(station):
            if self._sessions.get(station) is not session:
                return
            log.warning("%s is connected and was stored as if it were not", station)
            session.enter(await self._host.connected(session.connection))
        if self._sessions.get(station) is not session:  # it went meanwhile, and could not be found in the store
            await self._host.disconnected(station, session.connection.id, OfflineReason.LOST)

    async def _forget(self, station: str, connection_id: str) -> None:
        async with self._turn(station):
            if station not in self._sessions:
                log.warning("%s is not connected and was stored as if it were", station)
                await self._host.disconnected(station, connection_id, OfflineReason.LOST)
