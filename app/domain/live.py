"""The live state of a station: what it told us over OCPP, and what may be concluded from it.

Kept apart from master data because it changes at another rate: one status change writes one row, and the etag stays.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from app.domain.model import ProtocolVersion


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


class OfflineReason(StrEnum):
    """How the last connection ended; NEVER when there was none."""

    NEVER = "never"
    CLOSED = "closed"
    LOST = "lost"
    PING_FAILED = "ping_failed"
    REPLACED = "replaced"
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

    `connectors` is keyed by the OCPP 1.6 connectorId as text; "0" is the station itself and never an EVSE.
    `online_since`/`offline_since` with `offline_reason` describe the socket, `seen` the last stored sign of life.
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
    connectors: dict[str, ConnectorState] = {}


class Knock(Struct, kw_only=True):
    """One connection attempt, accepted or not. `identity` is what the station called itself, decoded."""

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


class Transaction(Struct, kw_only=True):
    """One OCPP charging session. `id` is the integer of StartTransaction.conf; energies are Wh meter readings."""

    id: int
    charge_station_id: str
    connector_id: int
    id_tag: str
    started: datetime
    meter_start: int
    stopped: datetime | None = None
    meter_stop: int | None = None
    meter_last: int | None = None
    reason: str | None = None
    accepted: bool = True


class StationPassword(Struct, kw_only=True):
    """The OCPP Basic password as a keyed digest; `used` when a socket last opened with it."""

    charge_station_id: str
    digest: str
    set_at: datetime
    set_by: str | None = None
    used: datetime | None = None
