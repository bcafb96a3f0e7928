"""The live state of a station: what it told us over OCPP, and what may be concluded from it.

Kept apart from master data because it changes at another rate: one status change writes one row, and the etag stays.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from app.domain.model import DeployState, Evse, EvseStatus, ProtocolVersion, utc


class Registration(StrEnum):
    """Our answer to BootNotification (OCPP 1.6 4.2)."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class KnockReason(StrEnum):
    """Why a connection attempt was refused; ACCEPTED is the one that was not."""

    ACCEPTED = "accepted"
    UNKNOWN_ID = "unknown_id"
    BAD_ID = "bad_id"
    NO_PASSWORD = "no_password"
    WRONG_PASSWORD = "wrong_password"
    HEX_PASSWORD = "hex_password"
    WRONG_USER = "wrong_user"
    NO_SUBPROTOCOL = "no_subprotocol"
    WRONG_SUBPROTOCOL = "wrong_subprotocol"
    NOT_WEBSOCKET = "not_websocket"
    NO_TLS = "no_tls"


class AuthOutcome(StrEnum):
    """What the credentials of an attempt were worth. HEX: the key was sent as hex text, where its bytes belong.

    A station that nobody knows is measured against the nearest known one; OFFERED: there was nothing to measure with.
    """

    NONE = "none"
    WRONG = "wrong"
    HEX = "hex"
    RIGHT = "right"
    OFFERED = "offered"


class OfflineReason(StrEnum):
    """How the last connection ended; NEVER when there was none."""

    NEVER = "never"
    CLOSED = "closed"
    LOST = "lost"
    PING_FAILED = "ping_failed"
    REPLACED = "replaced"
    PASSWORD_CHANGED = "password_changed"
    SERVER_RESTART = "server_restart"
    ABANDONED = "abandoned"


class ConnectorState(Struct, kw_only=True):
    """The last StatusNotification of one connector. `at` is our receive time, `station_at` the station's claim."""

    status: str
    error_code: str = "NoError"
    info: str | None = None
    vendor_error_code: str | None = None
    at: datetime
    station_at: datetime | None = None


class Boot(Struct, kw_only=True):
    """What BootNotification says about the hardware, as it came (OCPP 1.6 6.7; 2.0.1 is translated at its edge)."""

    charge_point_vendor: str | None = None
    charge_point_model: str | None = None
    charge_point_serial_number: str | None = None
    charge_box_serial_number: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None


class Live(Struct, kw_only=True):
    """All that is known from a station's own mouth.

    `connectors` is keyed by the OCPP 1.6 connectorId as text, for 2.0.1 by EVSE and connector ("2.1"); "0" is the
    station itself and never an EVSE.
    Four axes (connectivity 1). Socket: `connection_id` is the one that is open now, from `online_since` on;
    `offline_since` and `offline_reason` tell how the last one ended. Registration: our answer to `booted`. Life: `seen`
    is the last stored sign of it, `spoke` the first message on this socket. Ear: `ear` is when a call of ours was last
    answered, `deaf_since` when the first one after that was not. `skew_seconds` is its clock minus ours.
    """

    charge_station_id: str
    registration: Registration = Registration.UNKNOWN
    boot: Boot | None = None
    booted: datetime | None = None
    protocol_version: ProtocolVersion | None = None
    endpoint: str | None = None
    client_ip_address: str | None = None
    heartbeat_interval: int | None = None
    connection_id: str | None = None
    online_since: datetime | None = None
    offline_since: datetime | None = None
    offline_reason: OfflineReason = OfflineReason.NEVER
    seen: datetime | None = None
    spoke: datetime | None = None
    ear: datetime | None = None
    deaf_since: datetime | None = None
    skew_seconds: int | None = None
    connectors: dict[str, ConnectorState] = {}


class Knock(Struct, kw_only=True):
    """One connection attempt. `identity` is what the station called itself, decoded; `canonical` the spelling that its
    id has or would have here; `times` how many attempts this row stands for.

    `nearest` is the known id that an unknown one may mean, and `cpo_id` then the nearest one's. `credentials_digest` is
    what `StationPassword.digest` would be for a station with these credentials: never shown, never logged. The last
    four are of a station that was held waiting: what its BootNotification said.
    """

    id: str
    at: datetime
    identity: str
    raw_path: str
    charge_station_id: str | None = None
    cpo_id: str | None = None
    address: str
    reason: KnockReason
    subprotocols: list[str] = []
    nearest: str | None = None
    canonical: str = ""
    auth: AuthOutcome | None = None
    tls: bool = False
    times: int = 1
    credentials_digest: str | None = None
    held: bool = False
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None


class Arrivals(Struct, kw_only=True):
    """The last attempts of one station that were let in, newest first: a row a station, so that a whole fleet that
    reconnects pushes no refused attempt out."""

    charge_station_id: str
    cpo_id: str
    at: datetime
    last: list[Knock] = []


class Transaction(Struct, kw_only=True):
    """One OCPP charging session. `id` is the integer of StartTransaction.conf; energies are Wh meter readings.

    `started` and `stopped` are our receive times, `station_...` the station's claims. Of OCPP 2.0.1 are
    `station_transaction_id` (its own id for it), `seq` (the highest of its events) and `offline` (some of it happened
    without a connection); an `id_tag` of "" is a session without a card.
    """

    id: int
    charge_station_id: str
    connector_id: str
    id_tag: str
    started: datetime
    meter_start: int
    stopped: datetime | None = None
    meter_stop: int | None = None
    meter_last: int | None = None
    reason: str | None = None
    accepted: bool = True
    station_started: datetime | None = None
    station_stopped: datetime | None = None
    station_transaction_id: str | None = None
    seq: int | None = None
    offline: bool = False


class StationPassword(Struct, kw_only=True):
    """The OCPP Basic password as a keyed digest; `used` when a socket last opened with it.

    `next_digest` is of one that the station was given over OCPP at `next_set_at`, `earlier` of those that it was given
    before that one, oldest first: nobody knows which it took, so all of them open the door. One that is used ends those
    before it (`app.domain.profiles`). It opens the door of a station of `cpo_id` alone; None, of before this was kept:
    of whoever has the station.
    """

    charge_station_id: str
    digest: str
    set_at: datetime
    set_by: str | None = None
    used: datetime | None = None
    next_digest: str | None = None
    next_set_at: datetime | None = None
    earlier: list[str] = []
    cpo_id: str | None = None


class StationTuning(Struct, kw_only=True):
    """What is different for this one station; None: as the setting has it.

    `pong_seconds` 0: it never answers pings, so any frame is life and three missed heartbeats are the end.
    """

    charge_station_id: str
    ping_seconds: float | None = None
    pong_seconds: float | None = None
    close_seconds: float | None = None
    security_profile: int | None = None


# --- What follows from it --------------------------------------------------------------------------------------------

OCPP_STATUS = {
    "Available": EvseStatus.AVAILABLE,
    "Preparing": EvseStatus.AVAILABLE,
    "Finishing": EvseStatus.AVAILABLE,
    "Charging": EvseStatus.CHARGING,
    "Occupied": EvseStatus.CHARGING,
    "SuspendedEV": EvseStatus.CHARGING,
    "SuspendedEVSE": EvseStatus.CHARGING,
    "Reserved": EvseStatus.RESERVED,
    "Unavailable": EvseStatus.INOPERATIVE,
    "Faulted": EvseStatus.OUTOFORDER,
}
"""The words of OCPP 1.6; of 2.0.1 are Available, Occupied, Reserved, Unavailable and Faulted."""

PRECEDENCE = (
    EvseStatus.CHARGING,
    EvseStatus.RESERVED,
    EvseStatus.AVAILABLE,
    EvseStatus.OUTOFORDER,
    EvseStatus.INOPERATIVE,
)


class Shown(Struct, kw_only=True):
    """The read-only configuration fields of platform-api 9.1, all but `connectivity_status`."""

    heartbeat_interval: int | None = None
    charge_point_model: str | None = None
    charge_point_vendor: str | None = None
    charge_point_serial_number: str | None = None
    charge_box_serial_number: str | None = None
    client_ip_address: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    meter_serial_number: str | None = None
    meter_type: str | None = None
    remote_manageable: bool | None = None
    protocol_version: ProtocolVersion | None = None
    endpoint: str | None = None


class ShownEvse(Struct, kw_only=True):
    """What the live state adds to one EVSE. `last_updated`: when its status was heard or its station came online."""

    status: EvseStatus = EvseStatus.UNKNOWN
    last_updated: datetime | None = None


def ocpp_status(text: str) -> EvseStatus:
    """A connector's status in the platform's words; UNKNOWN for what no version of OCPP knows."""
    return OCPP_STATUS.get(text, EvseStatus.UNKNOWN)


def connector_order(key: str) -> tuple[int, ...]:
    """Sorts keys of `Live.connectors` as people count: 2 before 10, 1.2 before 2.1."""
    return tuple(int(part) for part in key.split("."))


def connector_keys(live: Live, evse: Evse) -> list[str]:
    """Where in `Live.connectors` this EVSE's are: by id in OCPP 1.6, by the EVSE's number and their order in 2.0.1."""
    connectors = evse.connectors or []
    if live.protocol_version is ProtocolVersion.OCPP201:
        return [f"{evse.evse_sequence_number}.{number}" for number in range(1, len(connectors) + 1)]
    return [connector.id for connector in connectors if connector.id]


def evse_status(statuses: Iterable[EvseStatus]) -> EvseStatus:
    """One status for an EVSE from those of its connectors: the one that says most about use (connectivity 1)."""
    present = set(statuses)
    return next((status for status in PRECEDENCE if status in present), EvseStatus.UNKNOWN)


def station_status(statuses: Iterable[EvseStatus]) -> EvseStatus:
    """The whole station from its EVSEs: in use, else free somewhere, else what all agree on (platform-api 4.1)."""
    present = set(statuses)
    for status in (EvseStatus.CHARGING, EvseStatus.AVAILABLE):
        if status in present:
            return status
    if len(present) == 1:
        return present.pop()
    return EvseStatus.OUTOFORDER if EvseStatus.OUTOFORDER in present else EvseStatus.UNKNOWN


def shown_evse(live: Live, evse: Evse, deploy_state: DeployState | str) -> ShownEvse:
    """How this EVSE reads while its station is online."""
    heard = [live.connectors[key] for key in connector_keys(live, evse) if key in live.connectors]
    status = evse_status(ocpp_status(state.status) for state in heard)
    times = [state.at for state in heard] + ([live.online_since] if live.online_since else [])
    removed = deploy_state == DeployState.DEPRECATED
    return ShownEvse(status=EvseStatus.REMOVED if removed else status, last_updated=max(times, default=None))


def skew(known: int | None, state: ConnectorState) -> int | None:
    """A station's clock minus ours, in seconds. What it says may be old, never yet to come: the latest counts."""
    if state.station_at is None:
        return known
    seconds = round((utc(state.station_at) - utc(state.at)).total_seconds())
    return seconds if known is None else max(known, seconds)


def shown(live: Live) -> Shown:
    boot = msgspec.structs.asdict(live.boot) if live.boot else {}
    return Shown(
        **boot,
        heartbeat_interval=live.heartbeat_interval,
        client_ip_address=live.client_ip_address,
        remote_manageable=None if live.protocol_version is None else True,
        protocol_version=live.protocol_version,
        endpoint=live.endpoint,
    )


def render(live: Live, evses: Sequence[Evse], deploy_state: DeployState | str) -> tuple[bytes, bytes]:
    """The fragments `shown` and `shown_evses` of a live row, which `app.domain.stations.join` puts into the wire JSON.

    The second has one line for each EVSE, in order. Times are written in whole seconds of UTC.
    """
    lines = [shown_evse(live, evse, deploy_state) for evse in evses]
    return msgspec.json.encode(shown(live)), b"\n".join(encode_shown(line) for line in lines)


def rendered_from(evses: Sequence[Evse], deploy_state: DeployState | str) -> tuple[str, list[list[str | None]]]:
    """All that `render` looks at beside the live state."""
    return deploy_state, [[connector.id for connector in evse.connectors or []] for evse in evses]


def encode_shown(line: ShownEvse) -> bytes:
    if line.last_updated is not None:
        line = ShownEvse(status=line.status, last_updated=utc(line.last_updated))
    return msgspec.json.encode(line)
