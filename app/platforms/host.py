"""The platform as OCPP stations meet it: `ports.StationHost` over the store, for the stations of the builtin platform.

Each message is one Change; a station's live row is written only by the socket whose id stands in it. When another
writer was faster the row is read again and the message is applied again.
"""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

import msgspec

from app.domain.facts import Fact, FactKind
from app.domain.live import (
    Boot,
    ConnectorState,
    Knock,
    KnockReason,
    Live,
    OfflineReason,
    Registration,
    StationPassword,
)
from app.domain.people import keyed_digest
from app.domain.scan import nearest
from app.platforms.charging import Charging
from app.platforms.heard import fact_of, from_hex, put_live, repeats
from app.ports import (
    NOTHING,
    Admission,
    Attempt,
    Change,
    Clock,
    Connection,
    Ids,
    Put,
    StationRow,
    Store,
)

FACT_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


class OcppHost(Charging):
    """See `ports.StationHost`. Without `security` a known station needs no password."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, digest_key: bytes, security: bool) -> None:
        super().__init__(store, clock, ids)
        self._digest_key = digest_key
        self._security = security
        self._told: dict[tuple[str, KnockReason], datetime] = {}

    async def all_offline(self, reason: OfflineReason) -> None:
        await self._store.all_offline(reason, self._clock.now())

    # --- the door ----------------------------------------------------------------------------------------------------

    async def admit(self, attempt: Attempt) -> Admission:
        """Ids are compared exactly as they were written."""
        if await self._store.station(attempt.identity) is None:
            return Admission(reason=KnockReason.UNKNOWN_ID)
        reason = await self._judge(attempt) if self._security else KnockReason.ACCEPTED
        return Admission(reason=reason, charge_station_id=attempt.identity)

    async def _judge(self, attempt: Attempt) -> KnockReason:
        """The user name may hold a colon, so it is compared as the head of the bytes; the password may be any bytes."""
        head = attempt.identity.encode() + b":"
        if attempt.credentials is None:
            return KnockReason.NO_PASSWORD
        if not attempt.credentials.startswith(head):
            return KnockReason.WRONG_USER
        found = await self._store.get(StationPassword, attempt.identity)
        if found is None:
            return KnockReason.WRONG_PASSWORD
        if self._matches(found[0], attempt.credentials):
            return KnockReason.ACCEPTED
        decoded = from_hex(attempt.credentials[len(head) :])
        hexed = decoded is not None and self._matches(found[0], head + decoded)
        return KnockReason.HEX_PASSWORD if hexed else KnockReason.WRONG_PASSWORD

    def _matches(self, password: StationPassword, credentials: bytes) -> bool:
        return compare_digest(keyed_digest(self._digest_key, credentials), password.digest)

    async def knocked(self, attempt: Attempt, admission: Admission) -> None:
        now = self._clock.now()
        row = await self._store.station(admission.charge_station_id or attempt.identity)
        near = await self._nearest(attempt.identity) if row is None else None
        owner = row or near
        knock = Knock(
            id=self._ids.uuid(),
            at=now,
            identity=attempt.identity,
            raw_path=attempt.raw_path,
            charge_station_id=row.charge_station_id if row else None,
            cpo_id=owner.cpo_id if owner else None,
            address=attempt.address,
            reason=admission.reason,
            subprotocols=list(attempt.subprotocols),
            nearest=near.charge_station_id if near else None,
        )
        facts = await self._refusal(row, attempt, admission.reason, now) if row else ()
        await self._store.commit(Change(writes=(Put(knock),), facts=facts))

    async def _nearest(self, identity: str) -> StationRow | None:
        """The known station whose id a person may have meant."""
        found = nearest(identity, await self._store.station_ids(None), 1)
        return await self._store.station(found[0]) if found else None

    async def _refusal(self, row: StationRow, attempt: Attempt, reason: KnockReason, now: datetime) -> tuple[Fact, ...]:
        """One fact a minute for each station and reason: a station that tries every second has one story to tell."""
        key = (row.charge_station_id, reason)
        if now - self._told.get(key, now - FACT_EVERY) < FACT_EVERY:
            return ()
        if len(self._told) >= MOST_REMEMBERED:
            self._told = {k: at for k, at in self._told.items() if now - at < FACT_EVERY}
        self._told[key] = now
        commissioning = await self._open_commissioning(row.charge_station_id)
        data = {"reason": reason.value, "address": attempt.address}
        return (fact_of(FactKind.STATION_REFUSED, row, now, commissioning, data),)

    # --- the socket --------------------------------------------------------------------------------------------------

    async def connected(self, connection: Connection) -> None:
        """Raises UnknownStation when it was withdrawn since it was let in."""

        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
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
            )
            online = live.registration is Registration.ACCEPTED
            data = {"replaced": row.online, "address": connection.address}
            told = await self._told_by(FactKind.STATION_CONNECTED, row, data, now, online=online)
            replaced = await self._replaced(row, before, now) if row.online else NOTHING
            change = put_live(row, live, online, now).plus(await self._password_used(row, now))
            return change.plus(replaced).plus(told)

        await self._apply(connection.charge_station_id, rule)

    async def _replaced(self, row: StationRow, before: Live, now: datetime) -> Change:
        """The end of the socket before this one, whose own close will come too late to count."""
        data = _ended(before, OfflineReason.REPLACED, now) | {"address": before.client_ip_address}
        return await self._told_by(FactKind.STATION_DISCONNECTED, row, data, now)

    async def _password_used(self, row: StationRow, now: datetime) -> Change:
        found = await self._store.get(StationPassword, row.charge_station_id) if self._security else None
        if found is None:
            return NOTHING
        return Change(writes=(Put(msgspec.structs.replace(found[0], used=now), found[1]),))

    async def disconnected(self, charge_station_id: str, connection_id: str, reason: OfflineReason) -> None:
        """A station that was withdrawn meanwhile has nothing left to mark."""

        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id:
                return NOTHING
            live = msgspec.structs.replace(before, connection_id=None, offline_since=now, offline_reason=reason)
            told = await self._told_by(FactKind.STATION_DISCONNECTED, row, _ended(before, reason, now), now)
            return put_live(row, live, False, now).plus(told)

        if await self._store.station(charge_station_id) is not None:
            await self._apply(charge_station_id, rule)

    async def booted(self, charge_station_id: str, connection_id: str, boot: Boot, heartbeat_interval: int) -> None:
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
            )
            data = {
                "vendor": boot.charge_point_vendor,
                "model": boot.charge_point_model,
                "firmware_version": boot.firmware_version,
            }
            told = await self._told_by(FactKind.STATION_BOOTED, row, data, now, online=True)
            return put_live(row, live, True, now).plus(told)

        await self._apply(charge_station_id, rule)

    async def seen(self, charge_station_id: str, connection_id: str) -> None:
        async def rule(row: StationRow, before: Live, now: datetime) -> Change:
            if before.connection_id != connection_id:
                return NOTHING
            return put_live(row, msgspec.structs.replace(before, seen=now), row.online, now)

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
            live = msgspec.structs.replace(before, connectors=connectors, seen=now)
            put = put_live(row, live, row.online, now)
            commissioning = await self._open_commissioning(charge_station_id)
            if commissioning is None:
                return put
            data = {"connector_id": connector, "status": state.status, "error_code": state.error_code}
            return put.plus(Change(facts=(fact_of(FactKind.EVSE_STATUS_CHANGED, row, now, commissioning, data),)))

        await self._apply(charge_station_id, rule)


def _ended(before: Live, reason: OfflineReason, now: datetime) -> dict[str, Any]:
    seconds = (now - before.online_since).total_seconds() if before.online_since else 0.0
    return {"reason": reason.value, "seconds": round(seconds)}
