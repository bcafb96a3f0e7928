"""The charge station: its Struct as GreenFlux's `GcpiChargeStation` has it, its write variants, and its rules.

Stored in three parts that change at different rates: `StationMaster` (with the etag), the EVSEs, and the live state
(`app.domain.live`). `join` puts their bytes together as the wire shows them; `reach` is the one rule of what is online.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import msgspec
from msgspec import UNSET, Struct, UnsetType

from app.domain.live import Knock, KnockReason, Live, OfflineReason, Registration, station_status
from app.domain.model import (
    AuthRule,
    ChargerType,
    ChargingSpeed,
    ConnectivityStatus,
    DeployState,
    DisplayText,
    Evse,
    EvsePatch,
    EvseStatus,
    ProtocolVersion,
    StatusSchedule,
)
from app.domain.writing import iso


class StationMaster(Struct, kw_only=True):
    """What people and machines write about a station, without EVSEs and live state (platform-api 4)."""

    charge_station_id: str
    location_id: str
    name: str | None = None
    deploy_state: DeployState
    installation_date: datetime | None = None
    default_charge_station_tariff_id: str
    default_charge_station_reimbursement_tariff_id: str | None = None
    default_charge_station_directions: list[DisplayText] = []
    default_charge_station_floor_level: str | None = None
    maintenance_info: str | None = None
    remarks: str | None = None
    contactless_type: str | None = None
    contactless_terminal_serial_number: str | None = None
    contactless_terminal_auth_amount: float | None = None
    tap_to_stop: bool | None = None
    stop_on_parking: bool | None = None
    status_schedule: list[StatusSchedule] = []
    auth_rules: list[AuthRule] = []
    dynamic_time_based_tariffs: bool | None = None
    time_of_use_tariffs: bool | None = None
    exclude_vat: bool | None = None
    charger_type: ChargerType
    grid_connection_id: str | None = None
    driver_id: str | None = None
    customer_id: str | None = None
    etag: str | None = None
    created_by: str | None = "Not Provided"
    modified_by: str | None = "Not Provided"
    created: datetime
    modified: datetime | None = None
    charging_speed: ChargingSpeed | None = None


class ChargeStation(StationMaster, kw_only=True):
    """The whole station as GET returns it: master data, EVSEs and the read-only live fields (platform-api 4, 9.1)."""

    evses: list[Evse] = []
    status: EvseStatus = EvseStatus.UNKNOWN
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
    connectivity_status: ConnectivityStatus = ConnectivityStatus.OFFLINE
    protocol_version: ProtocolVersion | None = None
    endpoint: str | None = None


class StationDraft(Struct, kw_only=True):
    """What POST, PUT and PATCH share; absent is UNSET, and which fields are required is the rules' business."""

    charge_station_id: str | None | UnsetType = UNSET
    location_id: str | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    deploy_state: DeployState | None | UnsetType = UNSET
    installation_date: datetime | None | UnsetType = UNSET
    default_charge_station_tariff_id: str | None | UnsetType = UNSET
    default_charge_station_reimbursement_tariff_id: str | None | UnsetType = UNSET
    default_charge_station_directions: list[DisplayText] | None | UnsetType = UNSET
    default_charge_station_floor_level: str | None | UnsetType = UNSET
    maintenance_info: str | None | UnsetType = UNSET
    remarks: str | None | UnsetType = UNSET
    contactless_type: str | None | UnsetType = UNSET
    contactless_terminal_serial_number: str | None | UnsetType = UNSET
    contactless_terminal_auth_amount: float | None | UnsetType = UNSET
    tap_to_stop: bool | None | UnsetType = UNSET
    stop_on_parking: bool | None | UnsetType = UNSET
    status_schedule: list[StatusSchedule] | None | UnsetType = UNSET
    auth_rules: list[AuthRule] | None | UnsetType = UNSET
    dynamic_time_based_tariffs: bool | None | UnsetType = UNSET
    time_of_use_tariffs: bool | None | UnsetType = UNSET
    exclude_vat: bool | None | UnsetType = UNSET
    charger_type: ChargerType | None | UnsetType = UNSET


class PostChargeStation(StationDraft, kw_only=True):
    """Create: needs EVSEs or a template, not both (both: the EVSEs win, platform-api 8.5.4)."""

    charge_station_template_id: str | None | UnsetType = UNSET
    evses: list[Evse] | None | UnsetType = UNSET


class PutChargeStation(PostChargeStation, kw_only=True):
    """Replace: needs the etag; optional fields left out are cleared, EVSEs left out stay."""

    etag: str | None | UnsetType = UNSET


class PatchChargeStation(StationDraft, kw_only=True):
    """Merge: only what is there changes; the etag is optional and enforced when sent."""

    evses: list[EvsePatch] | None | UnsetType = UNSET
    etag: str | None | UnsetType = UNSET


# --- Online, and why not ---------------------------------------------------------------------------------------------


class Rung(StrEnum):
    """The ladder of connectivity 3. A vendor's platform shows unseen, online and lost, and nothing between."""

    NEVER = "never"
    OTHER_ID = "other_id"
    REFUSED = "refused"
    PENDING = "pending"
    REJECTED = "rejected"
    SILENT = "silent"
    DEAF = "deaf"
    ONLINE = "online"
    LOST = "lost"
    UNSEEN = "unseen"


class Reach(Struct, frozen=True):
    """How far a station came, since when, and what is known of why: a KnockReason's or an OfflineReason's word."""

    rung: Rung
    since: datetime | None = None
    cause: str | None = None
    online: bool = False

    @property
    def connectivity(self) -> ConnectivityStatus:
        return ConnectivityStatus.ONLINE if self.online else ConnectivityStatus.OFFLINE


def reach(live: Live, knocks: Iterable[Knock] = ()) -> Reach:
    """The rule behind `connectivity_status` and the ladder. `knocks` are attempts of this station's id and of ids that
    are nearest to it, newest first; they explain why one that is not connected is not.

    A socket that shows no life within the bound is closed by its listener: while one is stored there is life.
    """
    if live.connection_id is not None:
        return _connected(live)
    ended = live.offline_since
    refused = [k for k in knocks if k.reason is not KnockReason.ACCEPTED and (ended is None or k.at > ended)]
    me = live.charge_station_id
    own = next((knock for knock in refused if me in (knock.charge_station_id, knock.identity)), None)
    if own is not None:
        return Reach(Rung.REFUSED, own.at, own.reason.value)
    if live.online_since is not None:
        return Reach(Rung.LOST, ended, live.offline_reason.value)
    if refused:
        return Reach(Rung.OTHER_ID, refused[0].at, refused[0].reason.value)
    return Reach(Rung.NEVER)


def _connected(live: Live) -> Reach:
    """Online from its accepted boot on. One that was accepted before and returns without booting is online too, and
    silent until its first message."""
    since = live.online_since
    if live.registration is Registration.PENDING:
        return Reach(Rung.PENDING, since)
    if live.registration is Registration.REJECTED:
        return Reach(Rung.REJECTED, since)
    known = live.registration is Registration.ACCEPTED
    if not known or live.spoke is None:
        return Reach(Rung.SILENT, since, online=known)
    if live.deaf_since is not None:
        return Reach(Rung.DEAF, live.deaf_since, online=True)
    return Reach(Rung.ONLINE, since, online=True)


def reach_there(online: bool, online_since: datetime | None, offline_since: datetime | None) -> Reach:
    """Of a station on a vendor's platform, which tells whether it is online, and neither attempts nor reasons."""
    if online:
        return Reach(Rung.ONLINE, online_since, online=True)
    return Reach(Rung.UNSEEN) if offline_since is None else Reach(Rung.LOST, offline_since)


# --- Read ------------------------------------------------------------------------------------------------------------


class StationParts(Protocol):
    """The stored parts of a station, as a store's row has them."""

    @property
    def deploy_state(self) -> str: ...
    @property
    def master(self) -> bytes: ...
    @property
    def evses(self) -> bytes: ...
    @property
    def evses_modified(self) -> datetime: ...
    @property
    def online(self) -> bool: ...
    @property
    def changed(self) -> datetime: ...
    @property
    def shown(self) -> bytes: ...
    @property
    def shown_evses(self) -> bytes: ...
    @property
    def live(self) -> bytes: ...
    @property
    def offline_reason(self) -> str | None: ...


_live = msgspec.json.Decoder(Live)


def live_of(row: StationParts) -> Live:
    """What the station told, with the end of its connection that only the row knows (a server restart)."""
    live = _live.decode(row.live)
    if row.offline_reason is None:
        return live
    reason = OfflineReason(row.offline_reason)
    return msgspec.structs.replace(live, connection_id=None, offline_reason=reason, offline_since=row.changed)


def join(row: StationParts) -> bytes:
    """The wire JSON of a station from its stored parts; documents are spliced, not decoded.

    Offline, every status is UNKNOWN (REMOVED once Deprecated) whatever was heard last (connectivity 1).
    """
    lines = _lines(row.evses)
    live = _live_lines(row, len(lines))
    status = _rolled_up(tuple(map(_status, live)))
    connectivity = ONLINE if row.online else OFFLINE
    evses = b",".join(map(_with_live, lines, live))
    return b"".join((row.master[:-1], b',"evses":[', evses, b'],"status":"', status, connectivity, row.shown[1:]))


def join_evses(row: StationParts) -> list[bytes]:
    """The wire JSON of each EVSE of a station, for the location it stands at."""
    lines = _lines(row.evses)
    return list(map(_with_live, lines, _live_lines(row, len(lines))))


ONLINE = f'","connectivity_status":"{ConnectivityStatus.ONLINE}",'.encode()
OFFLINE = f'","connectivity_status":"{ConnectivityStatus.OFFLINE}",'.encode()
STATUS, DATED = b'{"status":"', b'","last_updated":"'
TIME = slice(-len('2026-03-02T08:00:00Z"}'), -len('"}'))


def _with_live(evse: bytes, live: bytes) -> bytes:
    return evse[:-1] + b"," + live[1:]


def _live_lines(row: StationParts, evses: int) -> list[bytes]:
    """What the live state adds to each EVSE, as `encode_shown` writes it, dated no earlier than the EVSEs themselves.

    Bytes are compared and cut, not decoded: a list of 50 stations has a hundred of these.
    """
    if not row.online:
        status = EvseStatus.REMOVED if row.deploy_state == DeployState.DEPRECATED else EvseStatus.UNKNOWN
        return [_line(status.encode(), iso(max(row.evses_modified, row.changed)))] * evses
    since = iso(row.evses_modified)
    lines = _lines(row.shown_evses)
    if len(lines) != evses:
        raise ValueError(f"{evses} EVSEs and {len(lines)} live states")
    return [line if line[TIME] >= since else _line(_status(line), since) for line in lines]


def _line(status: bytes, at: bytes) -> bytes:
    return b"".join((STATUS, status, DATED, at, b'"}'))


def _status(line: bytes) -> bytes:
    return line[len(STATUS) : line.index(b'"', len(STATUS))]


@lru_cache(maxsize=512)
def _rolled_up(statuses: tuple[bytes, ...]) -> bytes:
    return station_status(EvseStatus(status.decode()) for status in statuses).encode()


def _lines(body: bytes) -> list[bytes]:
    return body.split(b"\n") if body else []
