"""What a station that came back is asked, once and after a while: real ones need time to come to themselves.

Pitfalls 9, 10 and 18 of connectivity.md: some never boot again, some break when they are asked anything too early, and
some forget to say what their connectors do.
"""

import asyncio
import logging

from app.domain.commands import ANSWERED, Message
from app.domain.errors import StationlinkError
from app.ocpp.payloads import share
from app.ocpp.session import Session
from app.ports import StationHost

log = logging.getLogger("stationlink.ocpp")


class Settling:
    """Without `seconds` nothing is asked, and commands need not wait for a boot."""

    def __init__(self, host: StationHost, seconds: float, command_seconds: float) -> None:
        self._host = host
        self._seconds = seconds
        self._command_seconds = command_seconds

    async def settle(self, session: Session) -> None:
        """Ask for what is owed, each station at its own moment: after a restart all have settled together. Whatever
        the station does, its line is open for commands from then on."""
        await asyncio.sleep(self._seconds)
        session.ready.set()
        if self._seconds <= 0:
            return
        await asyncio.sleep(self._seconds * share(session.connection.charge_station_id))
        try:
            if await self._asked(session, Message.BOOT):
                await asyncio.sleep(self._seconds)
            await self._asked(session, Message.STATUS)
        except StationlinkError as error:
            log.warning("%s could not be asked: %s", session.connection.charge_station_id, error.code)

    async def _asked(self, session: Session, message: Message) -> bool:
        """Whether it owed anything of this kind. One that does not answer is not asked for the rest."""
        connection = session.connection
        owed = await self._host.owed(connection.charge_station_id, connection.id)
        triggers = [trigger for trigger in owed if trigger.message is message]
        for trigger in triggers:
            if (await session.send(trigger, self._command_seconds)).state not in ANSWERED:
                break
        return bool(triggers)
