"""The store: records, stations in their parts, locations, facts; what a Change is made of and what a read gives."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from app.domain.batches import BatchCall, BatchResult
from app.domain.commanding import CommandRequest
from app.domain.commissioning import Commissioning, Operation
from app.domain.copies import ListReading, LocationCopy, StationCopy
from app.domain.customers import CustomerRecord
from app.domain.expectations import Expectation
from app.domain.facts import Fact, FactKind
from app.domain.intents import LocationAlias, RemoteIntent
from app.domain.live import Arrivals, Knock, OfflineReason, StationPassword, StationTuning, Transaction
from app.domain.model import HardwareTemplate
from app.domain.people import Cpo, Device, Invite, Person, Subscription, SubscriptionUse
from app.domain.scan import Label

T = TypeVar("T")
R = TypeVar("R")


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
    Subscription: Table("subscriptions", "id", ("key_digest", "previous_digest")),
    SubscriptionUse: Table("subscription_uses", "id"),
    HardwareTemplate: Table("templates", "template_id", ("tenant_id",)),
    Commissioning: Table(
        "commissionings",
        "id",
        ("cpo_id", "charge_station_id", "location_id", "state", "person_id", "begun", "changed", "handed_over"),
    ),
    Label: Table("labels", "code", ("cpo_id", "charge_station_id")),
    Knock: Table("knocks", "id", ("at", "identity", "charge_station_id", "cpo_id", "reason", "nearest"), keep=5000),
    Arrivals: Table("arrivals", "charge_station_id", ("cpo_id", "at")),
    Transaction: Table("transactions", "id", ("charge_station_id", "station_transaction_id", "started", "stopped")),
    StationPassword: Table("station_passwords", "charge_station_id"),
    StationTuning: Table("station_tunings", "charge_station_id"),
    Operation: Table("operations", "id", ("person_id", "commissioning_id", "charge_station_id", "at")),
    BatchCall: Table("batch_calls", "id", ("subscription_id",), keep=5_000),
    BatchResult: Table("batch_results", "id", ("call_id",), keep=200_000),
    CommandRequest: Table(
        "command_requests", "id", ("cpo_id", "charge_station_id", "commissioning_id", "state", "asked"), keep=5_000
    ),
    RemoteIntent: Table("remote_intents", "id", ("cpo_id", "made")),
    LocationAlias: Table("location_aliases", "id", ("cpo_id",)),
    StationCopy: Table("station_copies", "id", ("home", "charge_station_id", "location_key", "deploy_state", "search")),
    LocationCopy: Table("location_copies", "id", ("home", "spot", "search")),
    ListReading: Table("list_readings", "id", ("home",)),
    Expectation: Table("expectations", "id", ("cpo_id",)),
    CustomerRecord: Table("cpo_customers", "id", ("cpo_id",)),
}
"""The records that the generic Store methods take. Stations, their live state and locations have their own rows."""


class Contains(Struct, frozen=True):
    """For `Store.find`: a column that has this text in it, as it is written."""

    text: str


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
    `changed` is when what drivers would see last changed. `connection_id` and `online` are columns so that a restart
    clears them without touching a document.
    """

    charge_station_id: str
    body: bytes
    connection_id: str | None = None
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
    """All or nothing: writes with the revs they rest on, their facts, and the answer to the phone's operation.

    `etag` is for whoever goes along with the write of one object and tells its etag before: the object gets this one.
    """

    writes: tuple[Write, ...] = ()
    expects: tuple[Expect, ...] = ()
    facts: tuple[Fact, ...] = ()
    operation: Operation | None = None
    etag: str | None = None

    def plus(self, other: "Change") -> "Change":
        return Change(
            writes=self.writes + other.writes,
            expects=self.expects + other.expects,
            facts=self.facts + other.facts,
            operation=other.operation or self.operation,
            etag=other.etag or self.etag,
        )


NOTHING = Change()


class StationRow(Struct, frozen=True):
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


Show = Callable[[StationRow], bytes]


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
    """`total` counts all that match, whatever the page; None when the query did not ask.

    `after` is where the next page begins, for the query's `after`: a key, so that going on costs the same on every page
    and no row is left out or told twice while rows come and go. None on the last page, and from a platform without it.
    """

    rows: tuple[R, ...]
    total: int | None
    after: str | None = None


class StationQuery(Struct, frozen=True, kw_only=True):
    """`cpo_ids` None means all. Dates bound the newest of master, EVSE and status change (platform-api 3.2).

    They bound when that change was committed, which is never before the time that the object tells: a reader that asks
    again from the begin of its last reading misses nothing, however many write.

    `text` matches inside id and name in any case. Order is oldest created first. `after` is a Page's and goes before
    `offset`; without `count` the total is not counted.
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
    after: str | None = None
    count: bool = True


class LocationQuery(Struct, frozen=True, kw_only=True):
    """With `latitude` and `longitude` the order is nearest first, else oldest created first; `distance_m` bounds it.

    `text` matches inside name, address, city and postal code in any case. The five parts of an address match as a
    whole, in any case (platform-api 7.1); `street` and `housenumber` are read in `address`, as "street housenumber".
    Dates, `after` and `count` are as for stations.
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
    after: str | None = None
    count: bool = True


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
        """Records whose columns equal the values (a set or list: one of them; None: is null; Contains: has the text).

        `order` "-at" falls.
        """
        ...

    async def column(self, kind: type, name: str, *, limit: int = 1000, **equals: Any) -> list[str]:
        """One text column of the records that `find` would give, without reading them; nulls are left out."""
        ...

    async def station(self, charge_station_id: str) -> StationRow | None: ...

    async def shown_station(self, charge_station_id: str, cpo_ids: frozenset[str] | None, show: Show) -> bytes | None:
        """What `show` makes of a station of these CPOs (None: of any), for who comes again and again.

        A store may keep what it made of a row until any part of that is written.
        """
        ...

    async def shown_stations(self, query: StationQuery, show: Show) -> Page[bytes]:
        """As `stations`, with what `show` makes of each row; see `shown_station`."""
        ...

    async def stations(self, query: StationQuery) -> Page[StationRow]: ...

    async def station_ids(self, cpo_ids: frozenset[str] | None) -> list[str]: ...

    async def station_counts(self, location_ids: Collection[str]) -> dict[str, int]:
        """How many stations stand at each of these locations, by id in lower case; one without any is left out."""
        ...

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
        """Mark every station offline, with a fact for each that was connected, and rewrite no document.

        For the start and end of an OCPP listener, whose sockets are gone. Returns how many were connected.
        """
        ...

    async def sockets(self) -> dict[str, str]:
        """The stations that are stored as connected, each with the id of its connection."""
        ...

    async def ready(self) -> None:
        """Reads and commits work, within a few seconds. Raises StoreUnavailable."""
        ...

    def version(self) -> int:
        """Changes when any process has committed: at once for this one, a few milliseconds later for others."""
        ...

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake` in the loop after each commit of this process."""
        ...

    async def close(self) -> None: ...
