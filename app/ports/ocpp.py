"""Stations that are connected: what an OCPP edge tells the platform, and what can be asked of a station."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from app.domain.charging import ChargingEvent
from app.domain.commands import Command, CommandOutcome, Trigger
from app.domain.live import AuthOutcome, Boot, ConnectorState, KnockReason, OfflineReason, Registration, StationTuning
from app.domain.model import ProtocolVersion
from app.domain.people import SYSTEM, Actor


class Attempt(Struct, frozen=True, kw_only=True):
    """A WebSocket handshake of a station, before it is let in. `credentials` are the decoded Basic bytes, if any.

    `times` counts it and those before it that were not worth a row.
    """

    identity: str
    raw_path: str
    address: str
    endpoint: str
    subprotocols: tuple[str, ...] = ()
    credentials: bytes | None = None
    tls: bool = False
    times: int = 1


class Admission(Struct, frozen=True, kw_only=True):
    """The verdict on an Attempt. `charge_station_id` is the station's canonical spelling when it is known."""

    reason: KnockReason
    charge_station_id: str | None = None
    auth: AuthOutcome = AuthOutcome.NONE

    @property
    def accepted(self) -> bool:
        return self.reason is KnockReason.ACCEPTED


class Connection(Struct, frozen=True, kw_only=True):
    """One open socket. `id` is new for every socket: what an old one does late is recognised by it.

    `attempt` and `auth` are how it came in.
    """

    id: str
    charge_station_id: str
    address: str
    endpoint: str
    protocol_version: ProtocolVersion
    attempt: Attempt | None = None
    auth: AuthOutcome = AuthOutcome.NONE


class Entrance(Struct, frozen=True, kw_only=True):
    """What an edge has to know of a station that is in: was it accepted before, and what is different for it."""

    accepted: bool = False
    tuning: StationTuning | None = None


class StationHost(Protocol):
    """What an OCPP edge tells the platform; all durable when the call returns, so: call first, then answer.

    `connection_id` lets a late message or close of a replaced socket change nothing.
    """

    async def all_offline(self, reason: OfflineReason) -> None:
        """No station has a socket: the listener has just started, or has stopped."""
        ...

    async def admit(self, attempt: Attempt) -> Admission: ...

    async def knocked(self, attempt: Attempt, admission: Admission, *, held: bool = False) -> str:
        """Record an attempt that was refused, or is held waiting, and give the record's id; storage is bounded.

        One that is let in is told by `connected`.
        """
        ...

    async def held_booted(self, knock_id: str, boot: Boot) -> None:
        """An unknown station that is held waiting told what it is: kept with its attempt and nowhere else."""
        ...

    async def connected(self, connection: Connection) -> Entrance:
        """The newest authenticated socket wins; one before it was replaced."""
        ...

    async def sockets(self) -> Mapping[str, str]:
        """The stations that pass for connected, each with the id of its connection."""
        ...

    async def owed(self, charge_station_id: str, connection_id: str) -> Collection[Trigger]:
        """What to ask for what it has not said by itself on this connection."""
        ...

    async def disconnected(
        self, charge_station_id: str, connection_id: str, reason: OfflineReason, heard: datetime | None = None
    ) -> None:
        """`heard` is when its last frame of any kind came, where that is known."""
        ...

    async def booted(
        self, charge_station_id: str, connection_id: str, boot: Boot, heartbeat_interval: int
    ) -> Registration:
        """What to answer to BootNotification."""
        ...

    async def seen(self, charge_station_id: str, connection_id: str) -> None:
        """A sign of life worth storing; the edge calls it at most once a minute for each station."""
        ...

    async def spoke(self, charge_station_id: str, connection_id: str) -> None:
        """The first message on this connection that none of the other methods tells."""
        ...

    async def ear(self, charge_station_id: str, connection_id: str, answered: bool) -> None:
        """Whether the station answered a call of ours, by any answer, before its deadline."""
        ...

    async def connector_status(
        self, charge_station_id: str, connection_id: str, connector: str, state: ConnectorState
    ) -> None:
        """`connector` is a key of `Live.connectors`."""
        ...

    async def authorize(self, charge_station_id: str, id_tag: str) -> bool:
        """True for the CPO's test cards, and for any card during an open test."""
        ...

    async def transaction_started(
        self, charge_station_id: str, connector: str, id_tag: str, meter_start: int, station_at: datetime | None
    ) -> tuple[int, bool]:
        """The transaction id, and whether the card is accepted."""
        ...

    async def transaction_stopped(
        self,
        charge_station_id: str,
        transaction_id: int,
        meter_stop: int,
        reason: str | None,
        station_at: datetime | None,
    ) -> None: ...

    async def metered(self, charge_station_id: str, connector: str, transaction_id: int | None, wh: int) -> None:
        """The latest energy register of a running transaction. Without its id, the one at the connector, or at any
        connector of the EVSE that `connector` names ("2" for "2.1")."""
        ...

    async def transaction_event(self, charge_station_id: str, event: ChargingEvent) -> bool | None:
        """A session under the station's own id (OCPP 2.0.1); whether its card is accepted, None when none was said.

        The same event again, or one that comes late, changes nothing that a later one has said.
        """
        ...


Still = Callable[[], Awaitable[None]]
"""Asked right before a command goes out that had to wait, for the boot or for the one before it: it raises when the
command must not be sent any more."""


class Commands(Protocol):
    """Commands to a connected station; each has a deadline and exactly one outcome, and none is ever queued."""

    async def send(
        self, charge_station_id: str, command: Command, *, timeout: float, still: Still | None = None
    ) -> CommandOutcome:
        """Asked now or not at all; `timeout` in seconds bounds all of it. Raises ValueError for what
        breaks a limit of the standard, and what `still` raises."""
        ...

    def overhear(self, charge_station_id: str, heard: Callable[[str], None]) -> AbstractContextManager[None]:
        """While it lasts, `heard` gets each message of either side as it goes over the wire, without a secret value."""
        ...

    async def disconnect(self, charge_station_id: str, reason: OfflineReason) -> None:
        """Close the station's socket, if any: its password changed or it was withdrawn; or the one that was held under
        its id before it was known, so that it comes back."""
        ...


class VirtualStations(Protocol):
    """Demo only: real OCPP clients in processes of their own, switched on and off from the desk."""

    async def switch_on(self, charge_station_id: str, actor: Actor = SYSTEM) -> None: ...

    async def switch_off(self, charge_station_id: str) -> None: ...

    async def plug_in(self, charge_station_id: str, connector_id: int, id_tag: str) -> None: ...

    def running(self) -> Iterable[str]: ...
