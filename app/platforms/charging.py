"""Cards and charging sessions, as stations report them."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from app.domain.cards import any_card_charges
from app.domain.charging import ChargingEvent, followed, is_session, opened
from app.domain.errors import RevConflict
from app.domain.evidence import masked
from app.domain.facts import FactKind
from app.domain.live import Transaction
from app.domain.people import Cpo
from app.platforms.heard import Open, fact_of
from app.platforms.station_work import TRIES, StationWork
from app.ports import NOTHING, Change, Put, StationRow

GREATEST_TRANSACTION_ID = 2**31 - 1


class Charging(StationWork):
    """The part of `ports.StationHost` that is about cards and transactions."""

    async def authorize(self, charge_station_id: str, id_tag: str) -> bool:
        row = await self._row(charge_station_id)
        accepted, commissioning = await self._card(row, id_tag)
        data = {"card": masked(id_tag), "accepted": accepted}
        fact = fact_of(FactKind.CARD_SHOWN, row, self._clock.now(), commissioning, data)
        await self._store.commit(Change(facts=(fact,)))
        return accepted

    async def _card(self, row: StationRow, id_tag: str) -> tuple[bool, Open | None]:
        """Cards compare in any case (OCPP 1.6 CiString)."""
        commissioning = await self._open_commissioning(row.charge_station_id)
        if commissioning is not None and any_card_charges(commissioning[0], self._clock.now()):
            return True, commissioning
        cpo = await self._store.get(Cpo, row.cpo_id)
        cards = {card.casefold() for card in cpo[0].test_cards} if cpo else set()
        return id_tag.casefold() in cards, commissioning

    async def transaction_started(
        self, charge_station_id: str, connector: str, id_tag: str, meter_start: int, station_at: datetime | None
    ) -> tuple[int, bool]:
        """A start that the station says again, because our answer was lost, gets the same transaction."""
        row = await self._row(charge_station_id)
        for running in await self._running(charge_station_id):
            said = (running.connector_id, running.id_tag, running.meter_start, running.station_started)
            if said == (connector, id_tag, meter_start, station_at):
                return running.id, running.accepted
        accepted, commissioning = await self._card(row, id_tag)
        started = Transaction(
            id=self._ids.number(),
            charge_station_id=charge_station_id,
            connector_id=connector,
            id_tag=id_tag,
            started=self._clock.now(),
            station_started=station_at,
            meter_start=meter_start,
            accepted=accepted,
        )
        await self._begin(row, started, commissioning)
        return started.id, accepted

    async def _begin(self, row: StationRow, started: Transaction, commissioning: Open | None) -> None:
        for _ in range(TRIES):
            try:
                await self._store.commit(self._begun(row, started, commissioning))
                return
            except RevConflict:  # the number is taken
                started.id = self._ids.number()
        raise RevConflict("no free transaction id")

    def _begun(self, row: StationRow, started: Transaction, commissioning: Open | None) -> Change:
        data = {
            "transaction_id": started.id,
            "connector_id": started.connector_id,
            "card": masked(started.id_tag),
            "accepted": started.accepted,
        }
        fact = fact_of(FactKind.TRANSACTION_STARTED, row, started.started, commissioning, data)
        return Change(writes=(Put(started),), facts=(fact,))

    async def transaction_stopped(
        self,
        charge_station_id: str,
        transaction_id: int,
        meter_stop: int,
        reason: str | None,
        station_at: datetime | None,
    ) -> None:
        """One that is unknown, another station's or stopped already stays as it is: the station must get its answer."""
        row = await self._row(charge_station_id)

        def stop(running: Transaction) -> Transaction:
            return msgspec.structs.replace(
                running, stopped=self._clock.now(), station_stopped=station_at, meter_stop=meter_stop, reason=reason
            )

        await self._write_running(row, transaction_id, stop)

    async def metered(self, charge_station_id: str, connector: str, transaction_id: int | None, wh: int) -> None:
        row = await self._row(charge_station_id)
        if transaction_id is None:
            running = await self._running(charge_station_id)
            at_connector = [t.id for t in running if connector in (t.connector_id, t.connector_id.partition(".")[0])]
            transaction_id = at_connector[-1] if at_connector else None
        if transaction_id is not None:
            await self._write_running(
                row, transaction_id, lambda running: msgspec.structs.replace(running, meter_last=wh)
            )

    async def transaction_event(self, charge_station_id: str, event: ChargingEvent) -> bool | None:
        row = await self._row(charge_station_id)
        accepted, commissioning = await self._verdict(row, event)

        async def attempt() -> Change:
            known, now = await self._told_before(row, event), self._clock.now()
            if known is not None:
                return await self._followed(row, *known, followed(known[0], event, accepted, now))
            if not is_session(event):
                return NOTHING
            begun = opened(event, self._ids.number(), charge_station_id, accepted, now)
            told = await self._stop_told(row, begun) if begun.stopped else NOTHING
            return self._begun(row, begun, commissioning).plus(told)

        await self._commit(attempt)
        return None if event.id_tag is None else accepted

    async def _verdict(self, row: StationRow, event: ChargingEvent) -> tuple[bool, Open | None]:
        """A card that began its session keeps the verdict that it had then, whenever the event is said again."""
        if event.id_tag is None:
            return False, None
        known = await self._told_before(row, event)
        if known is not None and known[0].id_tag == event.id_tag:
            return known[0].accepted, None
        return await self._card(row, event.id_tag)

    async def _told_before(self, row: StationRow, event: ChargingEvent) -> tuple[Transaction, int] | None:
        found = await self._store.find(
            Transaction, charge_station_id=row.charge_station_id, station_transaction_id=event.transaction_id
        )
        return found[0] if found else None

    async def _followed(self, row: StationRow, known: Transaction, rev: int, after: Transaction) -> Change:
        if after == known:
            return NOTHING
        ended = after.stopped is not None and known.stopped is None
        put = Change(writes=(Put(after, rev),))
        return put.plus(await self._stop_told(row, after)) if ended else put

    async def _write_running(
        self, row: StationRow, transaction_id: int, rule: Callable[[Transaction], Transaction]
    ) -> None:
        async def attempt() -> Change:
            found = await self._store.get(Transaction, transaction_id)
            if found is None or found[0].charge_station_id != row.charge_station_id or found[0].stopped:
                return NOTHING
            after = rule(found[0])
            put = Change(writes=(Put(after, found[1]),))
            return put.plus(await self._stop_told(row, after)) if after.stopped else put

        if 0 < transaction_id <= GREATEST_TRANSACTION_ID:
            await self._commit(attempt)

    async def _stop_told(self, row: StationRow, stopped: Transaction) -> Change:
        data = {
            "transaction_id": stopped.id,
            "connector_id": stopped.connector_id,
            "energy_wh": (stopped.meter_stop or 0) - stopped.meter_start,
            "reason": stopped.reason,
        }
        return await self._told_by(FactKind.TRANSACTION_STOPPED, row, data, self._clock.now())

    async def _running(self, charge_station_id: str) -> list[Transaction]:
        found = await self._store.find(Transaction, order="started", charge_station_id=charge_station_id, stopped=None)
        return [transaction for transaction, _ in found]
