"""What each write of the builtin platform is made with: rows read within a scope, a rule applied, the change committed,
again if need be.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from app.domain import station_rules, stations, templates
from app.domain.commissioning import Operation
from app.domain.errors import RevConflict, UnknownCpo, UnknownLocation, UnknownStation, UnknownTemplate
from app.domain.facts import FactKind
from app.domain.locations import LocationMaster
from app.domain.model import AccessType, HardwareTemplate, utc
from app.domain.people import Actor, Cpo
from app.domain.station_rules import Place, Station
from app.domain.stations import PutChargeStation
from app.domain.telling import told
from app.domain.writing import NOT_PROVIDED, Stamp, require_etag
from app.platforms.changes import about_station, changed_station
from app.ports import NOTHING, Change, Clock, Expect, Ids, LocationRow, StationRow, Store

TRIES = 10

_location = msgspec.json.Decoder(LocationMaster)

Rule = Callable[[], Awaitable[Change]]
Decided = tuple[Station, Change]
"""A station as a rule leaves it, and what holds its Change to what the rule rested on."""


class PlatformWork:
    """The common ground of the parts of the builtin platform."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    # --- reading within the scope ------------------------------------------------------------------------------------

    async def _station(self, actor: Actor, charge_station_id: str) -> StationRow:
        row = await self._store.station(charge_station_id)
        if row is None or not actor.covers(row.cpo_id):
            raise UnknownStation(charge_station_id)
        return row

    async def _location(self, actor: Actor, location_id: str, *, evses: bool = True) -> LocationRow:
        row = await self._store.location(location_id, evses=evses)
        if row is None or not actor.covers(row.cpo_id):
            raise UnknownLocation(location_id)
        return row

    async def _place(self, actor: Actor, location_id: str) -> tuple[Place, Change]:
        """Where a station is to stand, and what holds a Change to it: nobody restricts the place meanwhile."""
        row = await self._location(actor, location_id, evses=False)
        location = _location.decode(row.body)
        restricted = location.access_type is AccessType.RESTRICTED
        place = Place(location_id=location.id, cpo=await self._cpo(row.cpo_id), restricted=restricted)
        return place, Change(expects=(Expect("location", row.key, row.rev),))

    async def _cpo(self, cpo_id: str) -> Cpo:
        found = await self._store.get(Cpo, cpo_id)
        if found is None:
            raise UnknownCpo(cpo_id)
        return found[0]

    async def _template(self, actor: Actor, template_id: str) -> HardwareTemplate:
        found = await self._store.get(HardwareTemplate, template_id)
        if found is None or not templates.may_see(found[0], actor):
            raise UnknownTemplate(template_id)
        return found[0]

    # --- writing -----------------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return utc(self._clock.now())

    def _stamp(self, actor: Actor, along: Change = NOTHING) -> Stamp:
        return Stamp(etag=along.etag or self._ids.uuid(), at=self._now(), by=actor.name or NOT_PROVIDED)

    async def _replaced(
        self, actor: Actor, put: PutChargeStation, row: StationRow, current: Station, stamp: Stamp
    ) -> Decided:
        wire = stations.join(row)
        require_etag(station_rules.NOUN, put.etag, current.master.etag, wire)
        place, held = await self._place(actor, station_rules.check_draft(put))
        wanted = station_rules.template_of(put)
        template = await self._template(actor, wanted) if wanted else None
        return station_rules.replace(current, put, place, template, stamp, cpo_id=row.cpo_id, wire=wire), held

    def _changed(
        self,
        actor: Actor,
        row: StationRow,
        before: Station,
        after: Station,
        stamp: Stamp,
        along: Change,
        template_id: str | None = None,
    ) -> Change:
        about = about_station(row.cpo_id, after.master)
        if template_id is None:
            fields = station_rules.changed_fields(before, after)
            fact = told(FactKind.STATION_CHANGED, stamp.at, actor, along.operation, about=about, fields=fields)
        else:
            data = {"template_id": template_id, "lost_texts": after.lost_texts}
            fact = told(FactKind.TEMPLATE_APPLIED, stamp.at, actor, along.operation, about=about, **data)
        return changed_station(row, before, after, stamp.at).plus(Change(facts=(fact,)))

    async def _perform(self, rule: Rule, along: Change) -> Change:
        """Commit what the rule decides, together with `along`; decide again when somebody else was faster.

        Returns what the rule decided last.
        """
        for _ in range(TRIES):
            change = await rule()
            try:
                await self._store.commit(change.plus(along))
                return change
            except RevConflict:
                if along.operation and await self._store.get(Operation, along.operation.id):
                    raise
        raise RevConflict("somebody else writes the same all the time")
