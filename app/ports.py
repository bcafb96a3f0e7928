"""The ports: what the edges and the actions may ask for, and nothing about how it is done.

Every method that takes an `actor` checks its scope: a foreign object raises the same NotFound as an unknown one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from msgspec import Struct

from app.domain.commissioning import Commissioning, Operation
from app.domain.facts import Fact, FactKind
from app.domain.live import Boot, ConnectorState, Knock, KnockReason, OfflineReason, StationPassword, Transaction
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate, ProtocolVersion
from app.domain.people import SYSTEM, Actor, Cpo, Device, Invite, Person, Subscription
from app.domain.scan import Label
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...


class Ids(Protocol):
    """All randomness: unpredictable, so that it may make secrets too."""

    def uuid(self) -> str: ...

    def text(self, alphabet: str, length: int) -> str: ...

    def number(self) -> int:
        """1 to 2^31-1, for OCPP transaction ids."""
        ...


T = TypeVar("T")
R = TypeVar("R")

# --- Store -----------------------------------------------------------------------------------------------------------


class Table(Struct, frozen=True):
    """How a record is kept: its body as JSON, its key, the attributes that are queried, and how many are kept."""

    name: str
    key: str
    columns: tuple[str, ...] = ()
    keep: int | None = None


TABLES: dict[type, Table] = {
    Cpo: Table("cpos", "cpo_id"),
    Person: Table("people", "id", ("role", "phone")),
    Invite: Table("invites", "id", ("link_digest", "code_digest", "expires", "used_at")),
    Device: Table("devices", "digest", ("id", "person_id", "revoked_at")),
    Subscription: Table("subscriptions", "key_digest", ("id", "revoked_at")),
    HardwareTemplate: Table("templates", "template_id", ("tenant_id",)),
    Commissioning: Table(
        "commissionings",
        "id",
        ("cpo_id", "charge_station_id", "location_id", "state", "person_id", "begun", "changed", "handed_over"),
    ),
    Label: Table("labels", "code", ("cpo_id", "charge_station_id")),
    Knock: Table("knocks", "id", ("at", "identity", "charge_station_id", "cpo_id", "reason"), keep=5000),
    Transaction: Table("transactions", "id", ("charge_station_id", "started", "stopped")),
    StationPassword: Table("station_passwords", "charge_station_id"),
    Operation: Table("operations", "id", ("person_id", "commissioning_id", "charge_station_id", "at")),
}
"""The records that the generic Store methods take. Stations, their live state and locations have their own rows."""


class Put(Struct, frozen=True):
    """Write one record of TABLES. `rev` is the one that was read, 0 for a record that must not exist yet."""

    record: Any
    rev: int = 0


class PutMaster(Struct, frozen=True, kw_only=True):
    """Write a station's master part: `body` is an encoded StationMaster. The rest are its queried columns."""

    charge_station_id: str
    cpo_id: str
    location_id: str
    deploy_state: str
    etag: str
    created: datetime
    modified: datetime
    name: str | None
    body: bytes
    rev: int = 0


class PutEvses(Struct, frozen=True, kw_only=True):
    """Write a station's EVSEs: `body` has one encoded Evse a line, without `status` and `last_updated`."""

    charge_station_id: str
    body: bytes
    modified: datetime
    rev: int = 0


class PutLive(Struct, frozen=True, kw_only=True):
    """Write a station's live state: `body` is an encoded Live.

    `shown` and `shown_evses` are the wire fragments of a station that is online (see `app.domain.stations.join`);
    `changed` is when what drivers would see last changed. `online` is a column so that a restart clears it without
    touching a document.
    """

    charge_station_id: str
    body: bytes
    online: bool
    changed: datetime
    shown: bytes
    shown_evses: bytes
    rev: int = 0


class PutLocationDoc(Struct, frozen=True, kw_only=True):
    """Write a location: `body` is an encoded LocationMaster. `key` is the id in lower case (ids compare so)."""

    key: str
    cpo_id: str
    created: datetime
    modified: datetime
    name: str
    address: str
    city: str
    postal_code: str
    country: str
    latitude: float | None
    longitude: float | None
    body: bytes
    rev: int = 0


class Delete(Struct, frozen=True):
    """Remove one record of TABLES by key."""

    kind: type
    key: str


class DeleteStation(Struct, frozen=True):
    """Remove all parts of a station; `rev` is the master's."""

    charge_station_id: str
    rev: int


class Expect(Struct, frozen=True):
    """Nobody wrote this since it was read. `part` is master, evses, live or location."""

    part: str
    key: str
    rev: int


Write = Put | PutMaster | PutEvses | PutLive | PutLocationDoc | Delete | DeleteStation


class Change(Struct, frozen=True, kw_only=True):
    """All or nothing: writes with the revs they rest on, their facts, and the answer to the phone's operation."""

    writes: tuple[Write, ...] = ()
    expects: tuple[Expect, ...] = ()
    facts: tuple[Fact, ...] = ()
    operation: Operation | None = None

    def plus(self, other: "Change") -> "Change":
        return Change(
            writes=self.writes + other.writes,
            expects=self.expects + other.expects,
            facts=self.facts + other.facts,
            operation=other.operation or self.operation,
        )


NOTHING = Change()


class StationRow(Struct, frozen=True, kw_only=True):
    """One station in its stored parts. A station that never connected has a live part all the same.

    `offline_reason` is set when `all_offline` ended the connection after `live` was written, and then goes before it.
    """

    charge_station_id: str
    cpo_id: str
    location_id: str
    deploy_state: str
    modified: datetime
    master: bytes
    master_rev: int
    evses: bytes
    evses_rev: int
    evses_modified: datetime
    live: bytes
    live_rev: int
    online: bool
    changed: datetime
    shown: bytes
    shown_evses: bytes
    offline_reason: str | None = None


class LocationRow(Struct, frozen=True, kw_only=True):
    """One location with its stations' rows (in order of creation; empty when the query left EVSEs out)."""

    key: str
    cpo_id: str
    body: bytes
    rev: int
    modified: datetime
    evses_modified: datetime | None
    distance_m: float | None = None
    stations: tuple[StationRow, ...] = ()


class Page(Struct, Generic[R], frozen=True):
    """`total` counts all that match, whatever the page."""

    rows: tuple[R, ...]
    total: int


class StationQuery(Struct, frozen=True, kw_only=True):
    """`cpo_ids` None means all. Dates bound the newest of master, EVSE and status change (platform-api 3.2).

    `text` matches inside id and name in any case. Order is oldest created first.
    """

    cpo_ids: frozenset[str] | None = frozenset()
    cpo_id: str | None = None
    location_id: str | None = None
    deploy_state: str | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None
    exclude_evses_modified: bool = False
    text: str | None = None
    offset: int = 0
    limit: int = 100


class LocationQuery(Struct, frozen=True, kw_only=True):
    """With `latitude` and `longitude` the order is nearest first, else oldest created first; `distance_m` bounds it.

    `text` matches inside name, address, city and postal code in any case. The five parts of an address match as a
    whole, in any case (platform-api 7.1); `street` and `housenumber` are read in `address`, as "street housenumber".
    """

    cpo_ids: frozenset[str] | None = frozenset()
    cpo_id: str | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None
    exclude_evses: bool = False
    exclude_evses_modified: bool = False
    latitude: float | None = None
    longitude: float | None = None
    distance_m: float | None = None
    text: str | None = None
    street: str | None = None
    housenumber: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    offset: int = 0
    limit: int = 100


class Store(Protocol):
    """Documents, facts and operations. Reads see every acknowledged commit.

    Raises StoreUnavailable for what a person could mend (disk full, no connection); bugs pass through.
    """

    async def commit(self, change: Change) -> int:
        """Apply all or nothing and return the last fact's number (0 without facts).

        Raises RevConflict when a rev or an Expect does not hold, or a record that must be new exists. An operation
        whose id is known raises RevConflict too: read it and answer with it.
        """
        ...

    async def get(self, kind: type[T], key: str | int) -> tuple[T, int] | None:
        """A record of TABLES and its rev."""
        ...

    async def find(
        self, kind: type[T], *, order: str | None = None, limit: int = 1000, **equals: Any
    ) -> list[tuple[T, int]]:
        """Records whose columns equal the values (a set or list: one of them; None: is null). `order` "-at" falls."""
        ...

    async def station(self, charge_station_id: str) -> StationRow | None: ...

    async def stations(self, query: StationQuery) -> Page[StationRow]: ...

    async def station_ids(self, cpo_ids: frozenset[str] | None) -> list[str]: ...

    async def location(self, location_id: str, *, evses: bool = True) -> LocationRow | None:
        """By id in any case."""
        ...

    async def locations(self, query: LocationQuery) -> Page[LocationRow]: ...

    async def facts(
        self,
        *,
        after: int = 0,
        limit: int = 500,
        newest_first: bool = False,
        cpo_ids: frozenset[str] | None = None,
        charge_station_id: str | None = None,
        commissioning_id: str | None = None,
        kind: FactKind | None = None,
        person_id: str | None = None,
    ) -> list[Fact]:
        """Facts numbered above `after`, in order; none is ever missed by a reader that goes on after its last."""
        ...

    async def last_fact(self) -> int: ...

    async def all_offline(self, reason: OfflineReason, at: datetime) -> int:
        """Mark every station offline, with a fact for each that was online, and rewrite no document.

        For the start and end of an OCPP listener, whose sockets are gone. Returns how many were online.
        """
        ...

    async def ready(self) -> None:
        """Reads and commits work, within a few seconds. Raises StoreUnavailable."""
        ...

    def version(self) -> int:
        """Changes when any process has committed; cheap enough to poll."""
        ...

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake` in the loop after each commit of this process."""
        ...

    async def close(self) -> None: ...


# --- Platform --------------------------------------------------------------------------------------------------------


class Platform(Protocol):
    """Stations, locations and templates of a CPO, here or at a vendor's. Objects are wire JSON bytes.

    Writes take `along` the caller's own documents, facts and operation: builtin commits all in one Change, remote
    commits them with the answer. Raises the domain errors of `app.domain.errors`.
    """

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]: ...

    async def station(self, actor: Actor, charge_station_id: str) -> bytes: ...

    async def create_station(self, actor: Actor, post: PostChargeStation, along: Change = NOTHING) -> bytes: ...

    async def replace_station(
        self, actor: Actor, charge_station_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> bytes: ...

    async def patch_station(
        self, actor: Actor, charge_station_id: str, patch: PatchChargeStation, along: Change = NOTHING
    ) -> bytes: ...

    async def apply_template(
        self, actor: Actor, charge_station_id: str, template_id: str, along: Change = NOTHING
    ) -> bytes:
        """Rebuild the EVSEs; texts stay where the sequence number survives."""
        ...

    async def similar_ids(self, actor: Actor, text: str, limit: int = 3) -> list[str]:
        """Known ids that a person may have meant, nearest first."""
        ...

    async def locations(self, actor: Actor, query: LocationQuery) -> Page[bytes]: ...

    async def location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> bytes: ...

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes: ...

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes: ...

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes: ...

    async def templates(self, actor: Actor) -> list[HardwareTemplate]: ...

    async def save_template(self, actor: Actor, template: HardwareTemplate) -> HardwareTemplate:
        """Upsert by `template_id`; without one the platform makes it.

        Raises UnknownTemplate for an id that is another CPO's.
        """
        ...


@runtime_checkable
class WithdrawsStations(Protocol):
    """A platform that can take back a station that a commissioning created and nobody used. A vendor's cannot."""

    async def withdraw_station(self, actor: Actor, charge_station_id: str, along: Change = NOTHING) -> None: ...


class Platforms(Protocol):
    def of(self, cpo: Cpo) -> Platform:
        """The platform chosen for this CPO."""
        ...

    @property
    def builtin(self) -> Platform:
        """The one that our own platform API serves."""
        ...


# --- OCPP ------------------------------------------------------------------------------------------------------------


class Attempt(Struct, frozen=True, kw_only=True):
    """A WebSocket handshake of a station, before it is let in. `credentials` are the decoded Basic bytes, if any."""

    identity: str
    raw_path: str
    address: str
    endpoint: str
    subprotocols: tuple[str, ...] = ()
    credentials: bytes | None = None


class Admission(Struct, frozen=True, kw_only=True):
    """The verdict on an Attempt. `charge_station_id` is the station's canonical spelling when it is known."""

    reason: KnockReason
    charge_station_id: str | None = None

    @property
    def accepted(self) -> bool:
        return self.reason is KnockReason.ACCEPTED


class Connection(Struct, frozen=True, kw_only=True):
    """One open socket. `id` is new for every socket: what an old one does late is recognised by it."""

    id: str
    charge_station_id: str
    address: str
    endpoint: str
    protocol_version: ProtocolVersion


class StationHost(Protocol):
    """What an OCPP edge tells the platform; all durable when the call returns, so: call first, then answer.

    `connection_id` lets a late message or close of a replaced socket change nothing.
    """

    async def all_offline(self, reason: OfflineReason) -> None:
        """No station has a socket: the listener has just started, or has stopped."""
        ...

    async def admit(self, attempt: Attempt) -> Admission: ...

    async def knocked(self, attempt: Attempt, admission: Admission) -> None:
        """Record a refused attempt; storage is bounded. One that is let in is told by `connected`."""
        ...

    async def connected(self, connection: Connection) -> None:
        """The newest authenticated socket wins; one before it was replaced."""
        ...

    async def disconnected(self, charge_station_id: str, connection_id: str, reason: OfflineReason) -> None: ...

    async def booted(self, charge_station_id: str, connection_id: str, boot: Boot, heartbeat_interval: int) -> None: ...

    async def seen(self, charge_station_id: str, connection_id: str) -> None:
        """A sign of life worth storing; the edge calls it at most once a minute for each station."""
        ...

    async def connector_status(
        self, charge_station_id: str, connection_id: str, connector_id: int, state: ConnectorState
    ) -> None: ...

    async def authorize(self, charge_station_id: str, id_tag: str) -> bool:
        """True for the CPO's test cards, and for any card during an open test."""
        ...

    async def transaction_started(
        self, charge_station_id: str, connector_id: int, id_tag: str, meter_start: int, station_at: datetime | None
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

    async def metered(self, charge_station_id: str, connector_id: int, transaction_id: int | None, wh: int) -> None:
        """The latest energy register of a running transaction."""
        ...


class CommandState(StrEnum):
    """The one outcome of a command: the station's answer, or why there is none."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_IMPLEMENTED = "not_implemented"
    ERROR = "error"
    TIMEOUT = "timeout"
    OFFLINE = "offline"


class CommandOutcome(Struct, frozen=True, kw_only=True):
    """`raw` is the CALL and the answer as they went over the wire, for those who want to see."""

    state: CommandState
    raw: tuple[str, ...] = ()


class Commands(Protocol):
    """Commands to a connected station; each has a deadline and exactly one outcome, and none is ever queued."""

    async def reset(self, charge_station_id: str, *, hard: bool, timeout: float) -> CommandOutcome: ...

    async def trigger(
        self, charge_station_id: str, message: str, *, connector_id: int | None = None, timeout: float
    ) -> CommandOutcome:
        """OCPP 1.6 TriggerMessage: `message` is BootNotification, StatusNotification, Heartbeat or MeterValues."""
        ...

    async def disconnect(self, charge_station_id: str, reason: OfflineReason) -> None:
        """Close the station's socket, if any: its password changed or it was withdrawn."""
        ...


class VirtualStations(Protocol):
    """Demo only: real OCPP clients in processes of their own, switched on and off from the desk."""

    async def switch_on(self, charge_station_id: str, actor: Actor = SYSTEM) -> None: ...

    async def switch_off(self, charge_station_id: str) -> None: ...

    async def plug_in(self, charge_station_id: str, connector_id: int, id_tag: str) -> None: ...

    def running(self) -> Iterable[str]: ...


# --- All of it -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What an action needs. `digest_key` keys the digests of all stored secrets; `ocpp_url` ends before the id."""

    store: Store
    platforms: Platforms
    commands: Commands
    clock: Clock
    ids: Ids
    digest_key: bytes
    public_url: str
    ocpp_url: str
    virtual: VirtualStations | None = None
