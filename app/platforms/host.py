"""The platform as OCPP stations meet it: `ports.StationHost` over the store, for the stations of the builtin platform.

Each message is one Change; a station's live row is written only by the socket whose id stands in it. When another
writer was faster the row is read again and the message is applied again.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from app.domain.commands import Trigger
from app.domain.facts import FactKind
from app.domain.live import (
    Boot,
    ConnectorState,
    Live,
    OfflineReason,
    Registration,
    StationTuning,
    skew,
)
from app.domain.profiles import Profile
from app.domain.stations import live_of, reach
from app.domain.tuning import owed
from app.platforms.charging import Charging
from app.platforms.door import Door
from app.platforms.heard import fact_of, put_live, repeats
from app.ports import (
    NOTHING,
    Change,
    Clock,
    Connection,
    Entrance,
    Ids,
    StationRow,
    Store,
)

MOST_AT_ONCE = 100
"""Connections and boots in hand at one time: when all stations return at once, other writes do not wait for all."""


class OcppHost(Door, Charging):
    """See `ports.StationHost`. `profile` is what is asked of a station that has no profile of its own."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, digest_key: bytes, profile: Profile) -> None:
        super().__init__(store, clock, ids, digest_key, profile)
        self._rush = asyncio.Semaphore(MOST_AT_ONCE)

    async def all_offline(self, reason: OfflineReason) -> None:
        await self._store.all_offline(reason, self._clock.now())

    # --- the socket --------------------------------------------------------------------------------------------------

    async def sockets(self) -> Mapping[str, str]:
        return await self._store.sockets()

    async def connected(self, connection: Connection) -> Entrance:
        """Raises UnknownStation when it was withdrawn since it was let in."""
        accepted = False

        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            nonlocal accepted
            accepted = before.registration is Registration.ACCEPTED
            same = before.protocol_version in (None, connection.protocol_version)
            live = msgspec.structs.replace(
                before,
                connectors=before.connectors if same else {},  # each version counts connectors in its own way
                connection_id=connection.id,
                client_ip_address=connection.address,
                endpoint=connection.endpoint,
                protocol_version=connection.protocol_version,
                online_since=now,
                seen=now,
                spoke=None,
                deaf_since=None,
                skew_seconds=None,
            )
            data = {"replaced": before.connection_id is not None, "address": connection.address}
            told = await self._told_by(FactKind.STATION_CONNECTED, row, data, now, online=reach(live).online)
            replaced = await self._replaced(row, before, now) if before.connection_id else NOTHING
            change = put_live(row, live, now).plus(await self._password_used(row, connection, now))
            change = change.plus(await self._let_in(row, connection, now))
            return change.plus(replaced).plus(told)

        async with self._rush:
            await self._apply(connection.charge_station_id, rule)
        tuning = await self._store.get(StationTuning, connection.charge_station_id)
        return Entrance(accepted=accepted, tuning=tuning[0] if tuning else None)

    async def owed(self, charge_station_id: str, connection_id: str) -> Collection[Trigger]:
        row = await self._store.station(charge_station_id)
        live = live_of(row) if row is not None else None
        return owed(live) if live is not None and live.connection_id == connection_id else ()

    async def _replaced(self, row: StationRow, before: Live, now: datetime) -> Change:
        """The end of the socket before this one, whose own close will come too late to count."""
        data = _ended(before, OfflineReason.REPLACED, now) | {"address": before.client_ip_address}
        return await self._told_by(FactKind.STATION_DISCONNECTED, row, data, now)

    async def disconnected(
        self, charge_station_id: str, connection_id: str, reason: OfflineReason, heard: datetime | None = None
    ) -> None:
        """A station that was withdrawn meanwhile has nothing left to mark."""

        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id:
                return NOTHING
            live = msgspec.structs.replace(
                before,
                connection_id=None,
                offline_since=now,
                offline_reason=reason,
                seen=max(before.seen or heard, heard) if heard else before.seen,
            )
            told = await self._told_by(FactKind.STATION_DISCONNECTED, row, _ended(before, reason, now), now)
            return put_live(row, live, now).plus(told)

        if await self._store.station(charge_station_id) is not None:
            await self._apply(charge_station_id, rule)

    async def booted(
        self, charge_station_id: str, connection_id: str, boot: Boot, heartbeat_interval: int
    ) -> Registration:
        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id:
                return NOTHING
            live = msgspec.structs.replace(
                before,
                registration=Registration.ACCEPTED,
                boot=boot,
                booted=now,
                heartbeat_interval=heartbeat_interval,
                seen=now,
                spoke=before.spoke or now,
                skew_seconds=None,
            )
            data = {
                "vendor": boot.charge_point_vendor,
                "model": boot.charge_point_model,
                "firmware_version": boot.firmware_version,
            }
            told = await self._told_by(FactKind.STATION_BOOTED, row, data, now, online=True)
            return put_live(row, live, now).plus(told)

        async with self._rush:
            await self._apply(charge_station_id, rule)
        return Registration.ACCEPTED

    async def seen(self, charge_station_id: str, connection_id: str) -> None:
        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id:
                return NOTHING
            return put_live(row, msgspec.structs.replace(before, seen=now), now)

        await self._apply(charge_station_id, rule)

    async def spoke(self, charge_station_id: str, connection_id: str) -> None:
        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id or before.spoke is not None:
                return NOTHING
            put = put_live(row, msgspec.structs.replace(before, seen=now, spoke=now), now)
            commissioning = await self._open_commissioning(charge_station_id)
            if commissioning is None:
                return put
            return put.plus(Change(facts=(fact_of(FactKind.STATION_SPOKE, row, now, commissioning, {}),)))

        await self._apply(charge_station_id, rule)

    async def ear(self, charge_station_id: str, connection_id: str, answered: bool) -> None:
        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id:
                return NOTHING
            live = msgspec.structs.replace(
                before,
                ear=now if answered else before.ear,
                deaf_since=None if answered else before.deaf_since or now,
            )
            put = put_live(row, live, now)
            if answered is (before.deaf_since is None):
                return put
            kind = FactKind.STATION_HEARS if answered else FactKind.STATION_DEAF
            return put.plus(await self._told_by(kind, row, {}, now))

        await self._apply(charge_station_id, rule)

    async def connector_status(
        self, charge_station_id: str, connection_id: str, connector: str, state: ConnectorState
    ) -> None:
        """Writes one row, and none for what this connection has already said."""

        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            known = before.connectors.get(connector)
            if before.connection_id != connection_id or repeats(state, known, before.online_since):
                return NOTHING
            connectors = {**before.connectors, connector: state}
            live = msgspec.structs.replace(
                before,
                connectors=connectors,
                seen=now,
                spoke=before.spoke or now,
                skew_seconds=skew(before.skew_seconds, state),
            )
            put = put_live(row, live, now)
            commissioning = await self._open_commissioning(charge_station_id)
            if commissioning is None:
                return put
            data = {"connector_id": connector, "status": state.status, "error_code": state.error_code}
            return put.plus(Change(facts=(fact_of(FactKind.EVSE_STATUS_CHANGED, row, now, commissioning, data),)))

        await self._apply(charge_station_id, rule)


def _ended(before: Live, reason: OfflineReason, now: datetime) -> dict[str, Any]:
    seconds = (now - before.online_since).total_seconds() if before.online_since else 0.0
    return {"reason": reason.value, "seconds": round(seconds)}
