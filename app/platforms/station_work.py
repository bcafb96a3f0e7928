"""What each intent of a station is made with: its row read, a rule applied, the change committed, again if need be."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from app.domain.checks import CheckState
from app.domain.commissioning import ONLINE_CHECK, Commissioning, CommissioningState, seen_online
from app.domain.errors import RevConflict, UnknownStation
from app.domain.facts import FactKind
from app.domain.live import Live
from app.domain.stations import live_of
from app.platforms.heard import Open, fact_of
from app.ports import NOTHING, Change, Clock, Ids, Put, StationRow, Store

TRIES = 10

Rule = Callable[[StationRow, Live, datetime], Awaitable[Change]]


class StationWork:
    """The common ground of the parts of a StationHost, each for one kind of intent."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def _row(self, charge_station_id: str) -> StationRow:
        row = await self._store.station(charge_station_id)
        if row is None:
            raise UnknownStation(charge_station_id)
        return row

    async def _apply(self, charge_station_id: str, rule: Rule) -> None:
        async def attempt() -> Change:
            row = await self._row(charge_station_id)
            return await rule(row, live_of(row), self._clock.now())

        await self._commit(attempt)

    async def _commit(self, attempt: Callable[[], Awaitable[Change]]) -> None:
        """Raises RevConflict when others were faster every time."""
        for _ in range(TRIES):
            change = await attempt()
            if change == NOTHING:
                return
            try:
                await self._store.commit(change)
                return
            except RevConflict:
                continue
        raise RevConflict("somebody else writes this station all the time")

    async def _open_commissioning(self, charge_station_id: str) -> Open | None:
        found = await self._store.find(
            Commissioning, limit=1, charge_station_id=charge_station_id, state=CommissioningState.OPEN.value
        )
        return found[0] if found else None

    async def _told_by(
        self, kind: FactKind, row: StationRow, data: dict[str, Any], now: datetime, *, online: bool = False
    ) -> Change:
        """The fact; and when the station is online now, the answer to its open commissioning's check."""
        commissioning = await self._open_commissioning(row.charge_station_id)
        told = Change(facts=(fact_of(kind, row, now, commissioning, data),))
        if not online or commissioning is None:
            return told
        seen = seen_online(commissioning[0], now)
        if seen is commissioning[0]:
            return told
        check = {"check": ONLINE_CHECK, "state": CheckState.DONE.value}
        answered = fact_of(FactKind.CHECK_ANSWERED, row, now, commissioning, check)
        return told.plus(Change(writes=(Put(seen, commissioning[1]),), facts=(answered,)))
