"""How a station stands, from its own mouth or from its platform's: the same on phone, desk and for the rules."""

from datetime import datetime

import msgspec
from msgspec import Struct

from app.actions.connecting import Elsewhere, elsewhere_of
from app.domain.copies import StationCopy, copy_key, home_of
from app.domain.environments import BUILTIN
from app.domain.live import Boot, Live, OfflineReason, Registration, connector_order
from app.domain.model import ConnectivityStatus, ProtocolVersion
from app.domain.people import Cpo
from app.domain.stations import ChargeStation
from app.ports import Ports, StationRow


class ConnectorView(Struct, kw_only=True):
    id: str
    status: str
    error_code: str
    info: str | None
    at: datetime


class LiveView(Struct, kw_only=True):
    """What the station says itself; `connectors` as last heard, with the time, also when it is offline.

    On a vendor's platform it is what the platform says of it: `seen` is then when we saw it online last.
    """

    connectivity_status: ConnectivityStatus
    online_since: datetime | None = None
    offline_since: datetime | None = None
    offline_reason: str = OfflineReason.NEVER.value
    seen: datetime | None = None
    registration: Registration = Registration.UNKNOWN
    booted: datetime | None = None
    boot: Boot | None = None
    protocol_version: ProtocolVersion | None = None
    client_ip_address: str | None = None
    connectors: list[ConnectorView] = []


class Standing(Struct, frozen=True, kw_only=True):
    """`read_at` and `elsewhere` as in the view of a commissioning."""

    live: LiveView
    read_at: datetime | None = None
    elsewhere: Elsewhere | None = None

    @property
    def online(self) -> bool:
        return self.live.connectivity_status is ConnectivityStatus.ONLINE


async def read_standing(ports: Ports, cpo: Cpo, charge_station_id: str) -> Standing:
    """As it was heard last; a station of another CPO with this id is not this one."""
    if cpo.platform == BUILTIN:
        row = await ports.store.station(charge_station_id)
        return Standing(live=live_view(row if row is not None and row.cpo_id == cpo.cpo_id else None))
    found = await ports.store.get(StationCopy, copy_key(home_of(cpo.platform, cpo.cpo_id), charge_station_id))
    if found is None:
        return Standing(live=live_view(None))
    copy = found[0]
    return Standing(live=copied_view(copy), read_at=copy.read_at, elsewhere=elsewhere_of(ports, cpo, copy))


def live_view(row: StationRow | None) -> LiveView:
    """The live state as it may be believed: Online only while the row says so (`connectivity.md` 1)."""
    if row is None:
        return LiveView(connectivity_status=ConnectivityStatus.OFFLINE)
    live = msgspec.json.decode(row.live, type=Live)
    reason = row.offline_reason or live.offline_reason.value
    lost = live.offline_since or row.changed
    connectors = [
        ConnectorView(id=key, status=state.status, error_code=state.error_code, info=state.info, at=state.at)
        for key, state in sorted(live.connectors.items(), key=lambda item: connector_order(item[0]))
    ]
    return LiveView(
        connectivity_status=ConnectivityStatus.ONLINE if row.online else ConnectivityStatus.OFFLINE,
        online_since=live.online_since if row.online else None,
        offline_since=None if row.online or reason == OfflineReason.NEVER else lost,
        offline_reason=reason,
        seen=live.seen,
        registration=live.registration,
        booted=live.booted,
        boot=live.boot,
        protocol_version=live.protocol_version,
        client_ip_address=live.client_ip_address,
        connectors=connectors,
    )


def copied_view(copy: StationCopy) -> LiveView:
    station = msgspec.json.decode(copy.body, type=ChargeStation)
    gone = None if copy.online else copy.offline_since
    return LiveView(
        connectivity_status=ConnectivityStatus.ONLINE if copy.online else ConnectivityStatus.OFFLINE,
        online_since=copy.online_since if copy.online else None,
        offline_since=gone,
        offline_reason=OfflineReason.CLOSED.value if gone else OfflineReason.NEVER.value,
        seen=copy.read_at if copy.online else gone,
        boot=_boot(station),
        protocol_version=station.protocol_version,
        client_ip_address=station.client_ip_address,
    )


def _boot(station: ChargeStation) -> Boot | None:
    told = {name: getattr(station, name) for name in Boot.__struct_fields__}
    return Boot(**told) if any(told.values()) else None
