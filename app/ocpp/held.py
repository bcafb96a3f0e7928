"""Unknown stations that are held waiting until a person says whose they are (connectivity.md, pitfalls 11 and 27).

Their registration stays Pending: the channel is open, what they are asked for is accepted, and nothing of theirs is
stored as a station. How many are held, and for how long, is bounded.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime

from app.domain.charging import ChargingEvent
from app.domain.commands import Message, Trigger
from app.domain.live import Boot, ConnectorState, OfflineReason, Registration
from app.ocpp import frames
from app.ocpp.frames import CallRefused
from app.ocpp.knocks import neighbourhood
from app.ocpp.session import Session
from app.ports import Admission, Attempt, Connection, Entrance, StationHost

MOST = 100
MOST_OF_ADDRESS = 20
SECONDS = 900.0
BOOT_AGAIN_SECONDS = 60
ASK_AFTER_SECONDS = 30.0
ASK_SECONDS = 30.0


class Waiting:
    """The host of one held station: its BootNotification stays with its knock, the rest goes nowhere."""

    def __init__(self, host: StationHost, attempt: Attempt, knock_id: str) -> None:
        self._host = host
        self._attempt = attempt
        self._knock_id = knock_id
        self.booted_once = asyncio.Event()
        self.known = asyncio.Event()

    async def booted(
        self, charge_station_id: str, connection_id: str, boot: Boot, heartbeat_interval: int
    ) -> Registration:
        await self._host.held_booted(self._knock_id, boot)
        self.booted_once.set()
        if (await self._host.admit(self._attempt)).charge_station_id is not None:
            self.known.set()
        return Registration.PENDING

    async def seen(self, charge_station_id: str, connection_id: str) -> None:
        pass

    async def spoke(self, charge_station_id: str, connection_id: str) -> None:
        pass

    async def ear(self, charge_station_id: str, connection_id: str, answered: bool) -> None:
        pass

    async def connector_status(
        self, charge_station_id: str, connection_id: str, connector: str, state: ConnectorState
    ) -> None:
        pass

    async def metered(self, charge_station_id: str, connector: str, transaction_id: int | None, wh: int) -> None:
        pass

    async def authorize(self, charge_station_id: str, id_tag: str) -> bool:
        raise _not_registered()

    async def transaction_started(
        self, charge_station_id: str, connector: str, id_tag: str, meter_start: int, station_at: datetime | None
    ) -> tuple[int, bool]:
        raise _not_registered()

    async def transaction_stopped(
        self,
        charge_station_id: str,
        transaction_id: int,
        meter_stop: int,
        reason: str | None,
        station_at: datetime | None,
    ) -> None:
        raise _not_registered()

    async def transaction_event(self, charge_station_id: str, event: ChargingEvent) -> bool | None:
        raise _not_registered()

    async def all_offline(self, reason: OfflineReason) -> None:
        pass

    async def admit(self, attempt: Attempt) -> Admission:
        return await self._host.admit(attempt)

    async def knocked(self, attempt: Attempt, admission: Admission, *, held: bool = False) -> str:
        return self._knock_id

    async def held_booted(self, knock_id: str, boot: Boot) -> None:
        pass

    async def connected(self, connection: Connection) -> Entrance:
        return Entrance()

    async def sockets(self) -> Mapping[str, str]:
        return {}

    async def owed(self, charge_station_id: str, connection_id: str) -> Collection[Trigger]:
        return ()

    async def disconnected(
        self, charge_station_id: str, connection_id: str, reason: OfflineReason, heard: datetime | None = None
    ) -> None:
        pass


def _not_registered() -> CallRefused:
    """So that the station keeps what it wanted to say until it is let in (OCPP 2.0.1 B02.FR.09)."""
    return CallRefused(frames.SECURITY_ERROR, "not before this station is registered")


class HeldStations:
    """The sockets of unknown stations, by the id that each calls itself; of one id the newest stays."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def has_room(self, address: str) -> bool:
        near = neighbourhood(address)
        same = sum(neighbourhood(session.connection.address) == near for session in self._sessions.values())
        return len(self._sessions) < MOST and same < MOST_OF_ADDRESS

    async def serve(self, session: Session, waiting: Waiting) -> OfflineReason:
        """Until it goes, is adopted (`release`), or has waited long enough."""
        identity = session.connection.charge_station_id
        if (old := self._sessions.get(identity)) is not None:
            old.end(OfflineReason.REPLACED)
        self._sessions[identity] = session
        patience = session.socket.loop.call_later(SECONDS, session.end, OfflineReason.CLOSED)
        tasks = [asyncio.create_task(_ask_once(session, waiting)), asyncio.create_task(_let_go(session, waiting))]
        try:
            return await session.run()
        finally:
            patience.cancel()
            for task in tasks:
                task.cancel()
            if self._sessions.get(identity) is session:
                del self._sessions[identity]

    def release(self, identity: str) -> None:
        """It is known now: its socket is closed, so that it comes back and is let in."""
        if (session := self._sessions.get(identity)) is not None:
            session.end(OfflineReason.SERVER_RESTART)

    def end_all(self) -> None:
        for session in list(self._sessions.values()):
            session.end(OfflineReason.SERVER_RESTART)


async def _ask_once(session: Session, waiting: Waiting) -> None:
    """One that says nothing is asked what it is: whoever is to adopt it wants to see a model and a serial."""
    try:
        await asyncio.wait_for(waiting.booted_once.wait(), ASK_AFTER_SECONDS)
    except TimeoutError:
        await session.send(Trigger(Message.BOOT), ASK_SECONDS)


async def _let_go(session: Session, waiting: Waiting) -> None:
    """It became known while it was coming in, or by another process."""
    await waiting.known.wait()
    session.end(OfflineReason.SERVER_RESTART)


def closing(reason: OfflineReason) -> tuple[int, str]:
    """What the goodbye says; 1012 is what a station comes back from at once."""
    if reason is OfflineReason.SERVER_RESTART:
        return 1012, "come again"
    if reason is OfflineReason.REPLACED:
        return 1008, "replaced by a newer connection"
    return 1013, "not known here yet; try again later"
