"""How a station stands, from its own mouth or from its platform's: the same on phone, desk and for the rules."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from app.actions.connecting import Elsewhere, elsewhere_of
from app.domain.copies import StationCopy, copy_key, home_of
from app.domain.environments import BUILTIN
from app.domain.live import Boot, Knock, KnockReason, Live, OfflineReason, Registration, connector_order, ocpp_status
from app.domain.model import ConnectivityStatus, EvseStatus, ProtocolVersion
from app.domain.people import Cpo
from app.domain.stations import ChargeStation, Reach, Rung, live_of, reach, reach_there
from app.ports import Ports

KNOCKS_READ = 10_000
"""All that are kept."""
REFUSED_SINCE = timedelta(hours=24)
MEANT_SINCE = timedelta(minutes=15)
"""A refused attempt explains today's trouble, one under another id only that of now."""


class ConnectorView(Struct, kw_only=True):
    """`status` as it was heard last, `at`; `reads` is what it counts for now: nothing while the station is offline."""

    id: str
    status: str
    reads: EvseStatus
    error_code: str
    info: str | None
    at: datetime


class LiveView(Struct, kw_only=True):
    """What the station says itself; `connectors` as last heard, with the time, also when it is offline.

    `rung`, `rung_since` and `cause` are how far it came, since when and why not further; `seen` is the last sign of
    life, `ear` when it last answered a call of ours, `deaf_since` since when it does not, `skew_seconds` its clock
    minus ours.
    On a vendor's platform it is what the platform says of it: `seen` is then when we saw it online last.
    """

    connectivity_status: ConnectivityStatus
    rung: Rung = Rung.NEVER
    rung_since: datetime | None = None
    cause: str | None = None
    ear: datetime | None = None
    deaf_since: datetime | None = None
    skew_seconds: int | None = None
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


async def read_standing(
    ports: Ports, cpo: Cpo, charge_station_id: str, knocked: Collection[str] | None = None
) -> Standing:
    """As it was heard last; a station of another CPO with this id is not this one. `knocked` as from `knocked_among`,
    where many are read."""
    if cpo.platform == BUILTIN:
        row = await ports.store.station(charge_station_id)
        known = row is not None and row.cpo_id == cpo.cpo_id
        live = live_of(row) if row is not None and known else Live(charge_station_id=charge_station_id)
        quiet = knocked is not None and charge_station_id not in knocked
        return Standing(live=live_view(live, () if quiet else await attempts(ports, live, known=known)))
    found = await ports.store.get(StationCopy, copy_key(home_of(cpo.platform, cpo.cpo_id), charge_station_id))
    if found is None:
        return Standing(live=unseen())
    copy = found[0]
    return Standing(live=copied_view(copy), read_at=copy.read_at, elsewhere=elsewhere_of(ports, cpo, copy))


async def knocked_among(ports: Ports, charge_station_ids: Collection[str]) -> frozenset[str]:
    """Those that refused attempts are kept of, under this id or near it: of the others there is none to read."""
    if not charge_station_ids:
        return frozenset()
    wanted, column = sorted(charge_station_ids), ports.store.column
    own = await column(Knock, "charge_station_id", charge_station_id=wanted, limit=KNOCKS_READ)
    strange = await column(Knock, "identity", identity=wanted, charge_station_id=None, limit=KNOCKS_READ)
    return frozenset([*own, *strange, *await column(Knock, "nearest", nearest=wanted, limit=KNOCKS_READ)])


async def attempts(ports: Ports, live: Live, *, known: bool) -> list[Knock]:
    """What explains why a station is not connected: refused attempts under its id, and under ids that may mean it.

    "Unknown" is past for an id that is `known` by now, be it this one's or that of one that was taken for it.
    """
    if live.connection_id is not None:
        return []
    past = {KnockReason.ACCEPTED, KnockReason.UNKNOWN_ID} if known else {KnockReason.ACCEPTED}
    now, refused = ports.clock.now(), [reason.value for reason in KnockReason if reason not in past]
    own = await own_knocks(ports, live.charge_station_id, known=known, reason=refused, limit=1)
    near = await ports.store.find(Knock, nearest=live.charge_station_id, order="-at", limit=1)
    recent = [knock for knock, _ in own if now - knock.at < REFUSED_SINCE]
    meant = [knock for knock, _ in near if now - knock.at < MEANT_SINCE]
    return recent + [knock for knock in meant if await ports.store.station(knock.canonical) is None]


async def own_knocks(ports: Ports, charge_station_id: str, *, known: bool, **wanted: Any) -> list[tuple[Knock, int]]:
    """Attempts of a station that is `known`, however it spelled its id; else those under the id that are nobody's."""
    of_it: dict[str, Any] = {"charge_station_id": charge_station_id}
    if not known:
        of_it = {"charge_station_id": None, "identity": charge_station_id}
    return await ports.store.find(Knock, order="-at", **of_it, **wanted)


def live_view(live: Live, knocks: Iterable[Knock] = ()) -> LiveView:
    """The live state as it may be believed (`connectivity.md` 1)."""
    found = reach(live, knocks)
    socket = live.connection_id is not None
    return LiveView(
        connectivity_status=found.connectivity,
        rung=found.rung,
        rung_since=found.since,
        cause=found.cause,
        ear=live.ear,
        deaf_since=live.deaf_since if socket else None,
        skew_seconds=live.skew_seconds,
        online_since=live.online_since if found.online else None,
        offline_since=None if socket else live.offline_since,
        offline_reason=live.offline_reason,
        seen=live.seen,
        registration=live.registration,
        booted=live.booted,
        boot=live.boot,
        protocol_version=live.protocol_version,
        client_ip_address=live.client_ip_address,
        connectors=_connectors(live, found),
    )


def _connectors(live: Live, found: Reach) -> list[ConnectorView]:
    return [
        ConnectorView(
            id=key,
            status=state.status,
            reads=ocpp_status(state.status) if found.online else EvseStatus.UNKNOWN,
            error_code=state.error_code,
            info=state.info,
            at=state.at,
        )
        for key, state in sorted(live.connectors.items(), key=lambda item: connector_order(item[0]))
    ]


def unseen() -> LiveView:
    """A station that its vendor's platform has not shown yet."""
    return LiveView(connectivity_status=ConnectivityStatus.OFFLINE, rung=Rung.UNSEEN)


def copied_view(copy: StationCopy) -> LiveView:
    station = msgspec.json.decode(copy.body, type=ChargeStation)
    gone = None if copy.online else copy.offline_since
    found = reach_there(copy.online, copy.online_since, copy.offline_since)
    return LiveView(
        connectivity_status=found.connectivity,
        rung=found.rung,
        rung_since=found.since,
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
