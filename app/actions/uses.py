"""When each subscription was used last: noted in memory by its requests, written beside them."""

import asyncio
import logging
from datetime import datetime, timedelta

from app.domain.errors import StationlinkError
from app.domain.people import SubscriptionUse
from app.ports import Change, Ports, Put

EVERY = timedelta(minutes=1)

log = logging.getLogger("stationlink.subscriptions")


class Uses:
    """Writes at most once a minute for each subscription, and no request waits for it."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._noted: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._wake = asyncio.Event()

    def note(self, subscription_id: str, now: datetime) -> None:
        """It was used now."""
        noted = self._noted.get(subscription_id)
        if noted is None or not timedelta(0) <= now - noted < EVERY:
            self._noted[subscription_id] = self._due[subscription_id] = now
            self._wake.set()

    async def run(self) -> None:
        """Write what is due until cancelled; the lifespan owns this task."""
        while True:
            await self._wake.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write what is due now. What cannot be written is told to the log and noted by a later use."""
        self._wake.clear()
        due, self._due = self._due, {}
        await asyncio.gather(*(self._write(id, used) for id, used in due.items()))

    async def _write(self, subscription_id: str, used: datetime) -> None:
        try:
            found = await self._ports.store.get(SubscriptionUse, subscription_id)
            if found is None or used > found[0].used:
                record = SubscriptionUse(id=subscription_id, used=used)
                await self._ports.store.commit(Change(writes=(Put(record, found[1] if found else 0),)))
        except StationlinkError as error:
            log.warning("the use of subscription %s is not written: %s", subscription_id, error.code)
