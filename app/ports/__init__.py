"""The ports: what the edges and the actions may ask for, and nothing about how it is done.

Every method that takes an `actor` checks its scope: a foreign object raises the same NotFound as an unknown one.
"""

from dataclasses import dataclass

from app.domain.environments import GREENFLUX, Endpoints
from app.domain.profiles import Profile
from app.ports.clock import Clock, Ids
from app.ports.ocpp import (
    Admission,
    Attempt,
    Commands,
    Connection,
    Entrance,
    StationHost,
    Still,
    VirtualStations,
)
from app.ports.platform import (
    Admitted,
    CorrectsIds,
    CustomerQuery,
    KeepsCustomers,
    OwnPlatform,
    Platform,
    Platforms,
    Seen,
    SendsCommands,
    Settles,
    Vault,
    WithdrawsStations,
)
from app.ports.store import (
    NOTHING,
    TABLES,
    Change,
    Contains,
    Delete,
    DeleteStation,
    Expect,
    LocationQuery,
    LocationRow,
    Page,
    Put,
    PutEvses,
    PutLive,
    PutLocationDoc,
    PutMaster,
    Show,
    StationQuery,
    StationRow,
    Store,
    Table,
    Write,
)
from app.ports.watch import UNWATCHED, Lease, Target, Unwatched, Watch

__all__ = [
    "NOTHING",
    "TABLES",
    "UNWATCHED",
    "Admission",
    "Admitted",
    "Attempt",
    "Change",
    "Clock",
    "Commands",
    "Connection",
    "Contains",
    "CorrectsIds",
    "CustomerQuery",
    "Delete",
    "DeleteStation",
    "Entrance",
    "Expect",
    "Ids",
    "KeepsCustomers",
    "Lease",
    "LocationQuery",
    "LocationRow",
    "OwnPlatform",
    "Page",
    "Platform",
    "Platforms",
    "Ports",
    "Put",
    "PutEvses",
    "PutLive",
    "PutLocationDoc",
    "PutMaster",
    "Seen",
    "SendsCommands",
    "Settles",
    "Show",
    "StationHost",
    "StationQuery",
    "StationRow",
    "Still",
    "Store",
    "Table",
    "Target",
    "Unwatched",
    "Vault",
    "VirtualStations",
    "Watch",
    "WithdrawsStations",
    "Write",
]


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What an action needs. `digest_key` keys the digests of all stored secrets; `ocpp_url` ends before the id.
    `ocpp_tls_url` is where stations find us with TLS, empty where they do not; `ocpp_profile` is what is asked of those
    without a profile of their own. `endpoints` are where the platforms called acceptance and production are."""

    store: Store
    platforms: Platforms
    commands: Commands
    clock: Clock
    ids: Ids
    digest_key: bytes
    public_url: str
    ocpp_url: str
    ocpp_tls_url: str = ""
    ocpp_profile: Profile = Profile.PASSWORD
    virtual: VirtualStations | None = None
    endpoints: Endpoints = GREENFLUX
    watch: Watch = UNWATCHED
