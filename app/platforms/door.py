"""The door of the platform: which stations are let in over OCPP, and what is kept of every attempt.

Refused attempts are rows of their own, as many as the table keeps; those that were let in are a row for each station.
"""

import asyncio
from datetime import datetime, timedelta
from hmac import compare_digest

import msgspec

from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.facts import Fact, FactKind
from app.domain.knocks import canonical, meant
from app.domain.live import Arrivals, AuthOutcome, Boot, Knock, KnockReason, StationPassword, StationTuning
from app.domain.people import keyed_digest
from app.domain.profiles import Profile, is_of, opening, used, verdict
from app.platforms.heard import Open, fact_of, from_hex
from app.platforms.station_work import StationWork
from app.ports import NOTHING, Admission, Attempt, Change, Clock, Connection, Ids, Put, StationRow, Store

FACT_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000
ARRIVALS_KEPT = 5
LONGEST_TEXT = 100


class Door(StationWork):
    """The part of `ports.StationHost` that comes before a socket.

    `profile` is asked of a station that has none of its own.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, digest_key: bytes, profile: Profile) -> None:
        super().__init__(store, clock, ids)
        self._digest_key = digest_key
        self._profile = profile
        self._told: dict[tuple[str, KnockReason], datetime] = {}
        self._looking = asyncio.Lock()

    async def admit(self, attempt: Attempt) -> Admission:
        """Ids are compared as they were written, but for blanks at their ends and the form of accents."""
        row = await self._known(attempt)
        if row is None:
            return Admission(reason=KnockReason.UNKNOWN_ID)
        auth = await self._judge(attempt, row.charge_station_id, row.cpo_id)
        reason = verdict(await self._asked_of(row.charge_station_id), auth, tls=attempt.tls)
        if reason is KnockReason.WRONG_PASSWORD and _password(attempt) is None:
            reason = KnockReason.WRONG_USER
        return Admission(reason=reason, charge_station_id=row.charge_station_id, auth=auth)

    async def _asked_of(self, charge_station_id: str) -> Profile:
        found = await self._store.get(StationTuning, charge_station_id)
        own = found[0].security_profile if found else None
        return self._profile if own is None else Profile(own)

    async def _known(self, attempt: Attempt) -> StationRow | None:
        row = await self._store.station(attempt.identity)
        if row is None and (kept := canonical(attempt.identity)) != attempt.identity:
            return await self._store.station(kept)
        return row

    async def _judge(self, attempt: Attempt, charge_station_id: str, cpo_id: str) -> AuthOutcome:
        """What the credentials are worth for this station of this CPO, whatever it calls itself."""
        if attempt.credentials is None:
            return AuthOutcome.NONE
        password = _password(attempt)
        if password is None:
            return AuthOutcome.WRONG
        found = await self._password_of(charge_station_id, cpo_id)
        if found is None:
            return AuthOutcome.OFFERED
        if self._matching(found[0], password):
            return AuthOutcome.RIGHT
        decoded = from_hex(password)
        hexed = decoded is not None and self._matching(found[0], decoded)
        return AuthOutcome.HEX if hexed else AuthOutcome.WRONG

    async def _password_of(self, charge_station_id: str, cpo_id: str) -> tuple[StationPassword, int] | None:
        found = await self._store.get(StationPassword, charge_station_id)
        return found if found is not None and is_of(found[0], cpo_id) else None

    def _matching(self, stored: StationPassword, password: bytes) -> str | None:
        """The stored digest that this password has: of the present one, or of one that the station was given since."""
        digest = self._digest(stored.charge_station_id, password)
        return next((each for each in opening(stored) if compare_digest(digest, each)), None)

    def _digest(self, charge_station_id: str, password: bytes) -> str:
        return keyed_digest(self._digest_key, charge_station_id.encode() + b":" + password)

    # --- what is kept ------------------------------------------------------------------------------------------------

    async def knocked(self, attempt: Attempt, admission: Admission, *, held: bool = False) -> str:
        now = self._clock.now()
        row = await self._known(attempt)
        near = await self._nearest(attempt.identity) if row is None else None
        auth = admission.auth
        if row is None:
            auth = await self._judge(attempt, *(near or ("", "")))
        knock = self._knock(attempt, now, admission.reason, auth)
        knock.charge_station_id = row.charge_station_id if row else None
        knock.nearest, knock.cpo_id = near or (None, row.cpo_id if row else None)
        knock.held = held
        facts = await self._refusal(row, attempt, admission.reason, now) if row else await self._stranger(knock)
        await self._store.commit(Change(writes=(Put(knock),), facts=facts))
        return knock.id

    def _knock(self, attempt: Attempt, now: datetime, reason: KnockReason, auth: AuthOutcome) -> Knock:
        spelled, password = canonical(attempt.identity), _password(attempt)
        return Knock(
            id=self._ids.uuid(),
            at=now,
            identity=attempt.identity,
            canonical=spelled,
            raw_path=attempt.raw_path,
            address=attempt.address,
            reason=reason,
            subprotocols=list(attempt.subprotocols),
            auth=auth,
            tls=attempt.tls,
            times=attempt.times,
            credentials_digest=None if password is None else self._digest(spelled, password),
        )

    async def _nearest(self, identity: str) -> tuple[str, str] | None:
        """The known id that a person may have meant, of a station or of a commissioning without one, and its CPO."""
        opened = CommissioningState.OPEN.value
        awaited = set(await self._store.column(Commissioning, "charge_station_id", state=opened, limit=MOST_REMEMBERED))
        known = awaited.union(await self._store.station_ids(None))
        async with self._looking:  # takes a tenth of a second where stations are many: the loop has others to serve
            found = await asyncio.to_thread(meant, identity, sorted(known), awaited)
        if found is None:
            return None
        row = await self._store.station(found)
        commissioning = None if row else await self._open_commissioning(found)
        cpo_id = row.cpo_id if row else commissioning[0].cpo_id if commissioning else None
        return None if cpo_id is None else (found, cpo_id)

    async def _refusal(self, row: StationRow, attempt: Attempt, reason: KnockReason, now: datetime) -> tuple[Fact, ...]:
        """One fact a minute for each station and reason: a station that tries every second has one story to tell."""
        if not self._is_news((row.charge_station_id, reason), now):
            return ()
        commissioning = await self._open_commissioning(row.charge_station_id)
        data = {"reason": reason.value, "address": attempt.address}
        return (fact_of(FactKind.STATION_REFUSED, row, now, commissioning, data),)

    async def _stranger(self, knock: Knock) -> tuple[Fact, ...]:
        """Told once a minute to whoever waits for a station with nearly this id, else to everybody who waits for one:
        their phones show it now."""
        awaited = await self._awaited(knock)
        scope = str(knock.nearest) if awaited else f"cpo {knock.cpo_id}"
        news = self._is_news((scope, KnockReason.UNKNOWN_ID), knock.at)
        return self._stranger_fact(knock, awaited) if news else ()

    async def _awaited(self, knock: Knock) -> Open | None:
        return await self._open_commissioning(knock.nearest) if knock.nearest else None

    def _stranger_fact(self, knock: Knock, awaited: Open | None) -> tuple[Fact, ...]:
        fact = Fact(
            kind=FactKind.STRANGER_KNOCKED,
            at=self._clock.now(),
            cpo_id=knock.cpo_id,
            charge_station_id=knock.nearest if awaited else None,
            commissioning_id=awaited[0].id if awaited else None,
            data={"identity": knock.identity, "address": knock.address, "vendor": knock.vendor, "model": knock.model},
        )
        return (fact,)

    def _is_news(self, key: tuple[str, KnockReason], now: datetime) -> bool:
        if now - self._told.get(key, now - FACT_EVERY) < FACT_EVERY:
            return False
        if len(self._told) >= MOST_REMEMBERED:
            self._told = {k: at for k, at in self._told.items() if now - at < FACT_EVERY}
        self._told[key] = now
        return True

    async def held_booted(self, knock_id: str, boot: Boot) -> None:
        found = await self._store.get(Knock, knock_id)
        if found is None:
            return
        knock, rev = found
        serial = boot.charge_point_serial_number or boot.charge_box_serial_number
        told = {"vendor": boot.charge_point_vendor, "model": boot.charge_point_model, "serial": serial}
        short = {name: text[:LONGEST_TEXT] for name, text in told.items() if text}
        after = msgspec.structs.replace(knock, **short)
        if after == knock:
            return
        facts = () if knock.vendor or knock.model else self._stranger_fact(after, await self._awaited(knock))
        await self._store.commit(Change(writes=(Put(after, rev),), facts=facts))

    async def _password_used(self, row: StationRow, connection: Connection, now: datetime) -> Change:
        """A new password that was used is the one from now on."""
        found = await self._password_of(row.charge_station_id, row.cpo_id)
        offered = _password(connection.attempt) if connection.attempt else None
        if found is None or offered is None or (digest := self._matching(found[0], offered)) is None:
            return NOTHING
        stored, rev = found
        put = Put(used(stored, digest, now), rev)
        if digest == stored.digest:
            return Change(writes=(put,))
        fact = fact_of(FactKind.PASSWORD_ROTATED, row, now, await self._open_commissioning(row.charge_station_id), {})
        return Change(writes=(put,), facts=(fact,))

    async def _let_in(self, row: StationRow, connection: Connection, now: datetime) -> Change:
        """The attempt beside those before it; another CPO's station that had this id once is not this one."""
        if connection.attempt is None:
            return NOTHING
        knock = self._knock(connection.attempt, now, KnockReason.ACCEPTED, connection.auth)
        knock.charge_station_id, knock.cpo_id, knock.credentials_digest = row.charge_station_id, row.cpo_id, None
        found = await self._store.get(Arrivals, row.charge_station_id)
        before = found[0].last if found and found[0].cpo_id == row.cpo_id else []
        last = [knock, *before][:ARRIVALS_KEPT]
        arrivals = Arrivals(charge_station_id=row.charge_station_id, cpo_id=row.cpo_id, at=now, last=last)
        return Change(writes=(Put(arrivals, found[1] if found else 0),))


def _password(attempt: Attempt) -> bytes | None:
    """What follows the user name, which is the station's id and may hold a colon; the password may be any bytes."""
    for name in (attempt.identity, canonical(attempt.identity)):
        head = name.encode() + b":"
        if attempt.credentials is not None and attempt.credentials.startswith(head):
            return attempt.credentials[len(head) :]
    return None
