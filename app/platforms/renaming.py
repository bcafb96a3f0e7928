"""A station's id put right: the part of the builtin platform that moves a station to the id that it calls itself."""

import msgspec

from app.domain import station_rules
from app.domain.errors import InProduction, StationExists
from app.domain.knocks import require_never_online
from app.domain.live import Arrivals, StationTuning
from app.domain.model import DeployState
from app.domain.people import Actor
from app.domain.station_rules import Station
from app.domain.stations import PutChargeStation, live_of
from app.domain.writing import Stamp
from app.platforms.changes import new_station, station_of
from app.platforms.platform_work import PlatformWork
from app.ports import NOTHING, Change, Delete, DeleteStation, Expect, Put, StationRow


class Renaming(PlatformWork):
    """See `ports.CorrectsIds`."""

    async def correct_id(self, actor: Actor, charge_station_id: str, right_id: str, along: Change = NOTHING) -> None:
        async def rule() -> Change:
            row = await self._station(actor, charge_station_id)
            if row.deploy_state != DeployState.STOCK:
                raise InProduction("the id of a station that was in use stays", deploy_state=row.deploy_state)
            require_never_online(live_of(row))
            return await self._moved(row, station_of(row), right_id, self._stamp(actor))

        await self._perform(rule, along)

    async def take_back_id(
        self, actor: Actor, charge_station_id: str, former_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> None:
        async def rule() -> Change:
            row = await self._station(actor, charge_station_id)
            stamp = self._stamp(actor)
            restored, held = await self._replaced(actor, put, row, station_of(row), stamp)
            return (await self._moved(row, restored, former_id, stamp)).plus(held)

        await self._perform(rule, along)

    async def _moved(self, row: StationRow, station: Station, to: str, stamp: Stamp) -> Change:
        """Gone from one id and made under the other in one Change; its live state begins anew."""
        if await self._store.station(to) is not None:
            raise StationExists(to)
        made = station_rules.renamed(station, to, await self._cpo(row.cpo_id), stamp)
        key = row.charge_station_id
        gone = Change(
            writes=(DeleteStation(key, row.master_rev), Delete(Arrivals, key)),
            expects=(Expect("evses", key, row.evses_rev), Expect("live", key, row.live_rev)),
        )
        return gone.plus(new_station(made, row.cpo_id, stamp.at)).plus(await self._tuning(key, to))

    async def _tuning(self, key: str, to: str) -> Change:
        found = await self._store.get(StationTuning, key)
        if found is None:
            return NOTHING
        there = await self._store.get(StationTuning, to)
        tuned = msgspec.structs.replace(found[0], charge_station_id=to)
        return Change(writes=(Delete(StationTuning, key), Put(tuned, there[1] if there else 0)))
