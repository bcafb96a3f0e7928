"""The platform that Stationlink is itself: the rules of `app.domain` over the store, in one Change a write."""

from collections.abc import Awaitable, Callable, Iterable

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from app.domain import location_rules, scan, station_rules, stations, templates
from app.domain.environments import BUILTIN
from app.domain.errors import (
    InProduction,
    InvalidField,
    LocationExists,
    MissingField,
    StationExists,
    UnknownCpo,
    UnknownStation,
)
from app.domain.facts import FactKind
from app.domain.live import Arrivals
from app.domain.locations import LocationMaster, PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate
from app.domain.people import Actor
from app.domain.station_rules import Station
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.domain.telling import told
from app.domain.writing import Stamp
from app.platforms.changes import (
    about_station,
    is_in_use,
    new_station,
    put_location,
    row_after,
    station_of,
)
from app.platforms.customers import Customers
from app.platforms.platform_work import Decided
from app.platforms.renaming import Renaming
from app.ports import (
    NOTHING,
    Change,
    Delete,
    DeleteStation,
    LocationQuery,
    Page,
    Put,
    Seen,
    StationQuery,
    StationRow,
)

SUFFIX_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

_location = msgspec.json.Decoder(LocationMaster)


class BuiltinPlatform(Renaming, Customers):
    """See `ports.OwnPlatform`, `ports.WithdrawsStations` and `ports.CorrectsIds`.

    A list shows what the actor's scope covers, whatever `query.cpo_ids` says. When another writer was faster, the rows
    are read again and the rule runs again; RevConflict comes out when `along` rests on something that has changed, or
    its operation has been performed.
    """

    # --- stations ----------------------------------------------------------------------------------------------------

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]:
        within = query if query.cpo_ids == actor.cpo_ids else replace(query, cpo_ids=actor.cpo_ids)
        return await self._store.shown_stations(within, stations.join)

    async def station(self, actor: Actor, charge_station_id: str) -> bytes:
        found = await self._store.shown_station(charge_station_id, actor.cpo_ids, stations.join)
        if found is None:
            raise UnknownStation(charge_station_id)
        return found

    async def seen_station(self, actor: Actor, charge_station_id: str) -> Seen:
        return Seen(await self.station(actor, charge_station_id))

    async def create_station(self, actor: Actor, post: PostChargeStation, along: Change = NOTHING) -> bytes:
        async def rule() -> Change:
            place, held = await self._place(actor, station_rules.check_draft(post))
            charge_station_id = str(post.charge_station_id)
            if await self._store.station(charge_station_id) is not None:
                raise StationExists(charge_station_id)
            stamp = self._stamp(actor, along)
            wanted = station_rules.template_of(post)
            template = await self._template(actor, wanted) if wanted else None
            made = station_rules.create(post, place, template, stamp)
            about = about_station(place.cpo.cpo_id, made.master)
            fact = told(FactKind.STATION_CREATED, stamp.at, actor, along.operation, about=about, template_id=wanted)
            return new_station(made, place.cpo.cpo_id, stamp.at).plus(Change(facts=(fact,))).plus(held)

        await self._perform(rule, along)
        return await self.station(actor, str(post.charge_station_id))

    async def replace_station(
        self, actor: Actor, charge_station_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> bytes:
        wanted = station_rules.template_of(put)

        async def decide(row: StationRow, current: Station, stamp: Stamp) -> Decided:
            return await self._replaced(actor, put, row, current, stamp)

        return await self._write_station(actor, charge_station_id, decide, along, template_id=wanted)

    async def patch_station(
        self, actor: Actor, charge_station_id: str, patch: PatchChargeStation, along: Change = NOTHING
    ) -> bytes:
        async def decide(row: StationRow, current: Station, stamp: Stamp) -> Decided:
            moves = patch.location_id is not UNSET and patch.location_id != row.location_id
            stays = (None, NOTHING)
            place, held = await self._place(actor, patch.location_id or row.location_id) if moves else stays
            wire = stations.join(row) if patch.etag else b"null"
            return station_rules.patch(current, patch, place, stamp, cpo_id=row.cpo_id, wire=wire), held

        return await self._write_station(actor, charge_station_id, decide, along)

    async def apply_template(
        self, actor: Actor, charge_station_id: str, template_id: str, along: Change = NOTHING
    ) -> bytes:
        async def decide(row: StationRow, current: Station, stamp: Stamp) -> Decided:
            template = await self._template(actor, template_id)
            place, held = await self._place(actor, row.location_id)
            return station_rules.apply_template(current, template, place, stamp), held

        return await self._write_station(actor, charge_station_id, decide, along, template_id=template_id)

    async def _write_station(
        self,
        actor: Actor,
        charge_station_id: str,
        decide: Callable[[StationRow, Station, Stamp], Awaitable[Decided]],
        along: Change,
        template_id: str | None = None,
    ) -> bytes:
        """The station as this write left it, whatever others have written since."""
        row: StationRow

        async def rule() -> Change:
            nonlocal row
            row = await self._station(actor, charge_station_id)
            current, stamp = station_of(row), self._stamp(actor, along)
            made, held = await decide(row, current, stamp)
            return self._changed(actor, row, current, made, stamp, along, template_id).plus(held)

        change = await self._perform(rule, along)
        return stations.join(row_after(change, row))

    async def withdraw_station(self, actor: Actor, charge_station_id: str, along: Change = NOTHING) -> None:
        """Raises InProduction for a station that drivers may know."""

        async def rule() -> Change:
            row = await self._station(actor, charge_station_id)
            if is_in_use(row):
                raise InProduction("a station in use is taken out of use, not withdrawn", deploy_state=row.deploy_state)
            about = about_station(row.cpo_id, station_of(row).master)
            fact = told(FactKind.STATION_WITHDRAWN, self._now(), actor, along.operation, about=about)
            gone = (DeleteStation(charge_station_id, row.master_rev), Delete(Arrivals, charge_station_id))
            return Change(writes=gone, facts=(fact,))

        await self._perform(rule, along)

    async def similar_ids(self, actor: Actor, text: str, limit: int = 3) -> list[str]:
        return scan.nearest(text, await self._store.station_ids(actor.cpo_ids), limit)

    # --- locations ---------------------------------------------------------------------------------------------------

    async def locations(self, actor: Actor, query: LocationQuery) -> Page[bytes]:
        page = await self._store.locations(replace(query, cpo_ids=actor.cpo_ids))
        return Page(tuple(location_rules.join(row) for row in page.rows), page.total, page.after)

    async def location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> bytes:
        return location_rules.join(await self._location(actor, location_id, evses=not exclude_evses))

    async def seen_location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> Seen:
        return Seen(await self.location(actor, location_id, exclude_evses=exclude_evses))

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes:
        new_id = self._ids.uuid()

        async def rule() -> Change:
            cpo_id = location_rules.check_draft(post)
            if not actor.covers(cpo_id):
                raise UnknownCpo(cpo_id)
            stamp = self._stamp(actor, along)
            cpo = await self._cpo(cpo_id)
            if cpo.platform != BUILTIN:
                raise InvalidField("cpo_id", f"a CPO whose locations are kept here: those of {cpo_id} are elsewhere")
            made = location_rules.create(post, cpo, new_id, stamp)
            if await self._store.location(made.id, evses=False) is not None:
                raise LocationExists(made.id)
            about = {"cpo_id": cpo_id, "location_id": made.id}
            fact = told(FactKind.LOCATION_CREATED, stamp.at, actor, along.operation, about=about)
            return Change(writes=(put_location(made, 0),), facts=(fact,))

        await self._perform(rule, along)
        return await self.location(actor, post.id or new_id)

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes:
        def rule(current: LocationMaster, stamp: Stamp, wire: bytes) -> LocationMaster:
            return location_rules.replace(current, put, stamp, wire)

        return await self._write_location(actor, location_id, rule, along)

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes:
        def rule(current: LocationMaster, stamp: Stamp, wire: bytes) -> LocationMaster:
            return location_rules.patch(current, patch, stamp, wire)

        return await self._write_location(actor, location_id, rule, along)

    async def _write_location(
        self,
        actor: Actor,
        location_id: str,
        decide: Callable[[LocationMaster, Stamp, bytes], LocationMaster],
        along: Change,
    ) -> bytes:
        covered: set[str] | None = None

        async def rule() -> Change:
            nonlocal covered
            row = await self._location(actor, location_id)
            current, stamp = _location.decode(row.body), self._stamp(actor, along)
            made = decide(current, stamp, location_rules.join(row))
            about = {"cpo_id": row.cpo_id, "location_id": current.id}
            fields = location_rules.changed_fields(current, made)
            fact = told(FactKind.LOCATION_CHANGED, stamp.at, actor, along.operation, about=about, fields=fields)
            change = Change(writes=(put_location(made, row.rev),), facts=(fact,))
            covered = None
            if location_rules.becomes_restricted(current, made):
                covered = {station.charge_station_id for station in row.stations}
                return change.plus(self._for_customers(actor, row.stations, along))
            return change

        async def latecomers() -> Change:
            """Stations that came between that reading and its commit; from the commit on they see it themselves."""
            found = (await self._location(actor, location_id)).stations
            late = [station for station in found if station.charge_station_id not in (covered or ())]
            return self._for_customers(actor, late, NOTHING)

        await self._perform(rule, along)
        if covered is not None:
            await self._perform(latecomers, NOTHING)
        return await self.location(actor, location_id)

    def _for_customers(self, actor: Actor, rows: Iterable[StationRow], along: Change) -> Change:
        """The EVSEs of a location that is restricted from now on are its customers' (platform-api 7.3)."""
        change = NOTHING
        for station in rows:
            before, stamp = station_of(station), self._stamp(actor)
            if after := station_rules.for_customers(before, stamp):
                change = change.plus(self._changed(actor, station, before, after, stamp, along))
        return change

    # --- templates ---------------------------------------------------------------------------------------------------

    async def templates(self, actor: Actor) -> list[HardwareTemplate]:
        if actor.cpo_ids is None:
            found = await self._store.find(HardwareTemplate, limit=10_000)
        else:
            found = await self._store.find(HardwareTemplate, tenant_id=[None, *actor.cpo_ids], limit=10_000)
        return [template for template, _ in found]

    async def seen_templates(self, actor: Actor) -> list[HardwareTemplate]:
        return await self.templates(actor)

    async def save_template(self, actor: Actor, template: HardwareTemplate) -> HardwareTemplate:
        """A template without `tenant_id` belongs to the actor's CPO, or to all CPOs when the actor may see all.

        Raises MissingField, InvalidField, UnknownCpo, UnknownTemplate for a template of another CPO, and NotAllowed for
        one of all CPOs.
        """
        template = replace(template, tenant_id=await self._tenant(actor, template.tenant_id))
        saved = templates.valid(template, self._ids.text(SUFFIX_ALPHABET, 4))

        async def rule() -> Change:
            found = await self._store.get(HardwareTemplate, str(saved.template_id))
            if found is not None:
                templates.require_own(found[0], actor)
            about = {"cpo_id": saved.tenant_id}
            data = {"template_id": saved.template_id, "name": saved.name}
            fact = told(FactKind.TEMPLATE_SAVED, self._now(), actor, None, about=about, **data)
            return Change(writes=(Put(saved, found[1] if found else 0),), facts=(fact,))

        await self._perform(rule, NOTHING)
        return saved

    async def _tenant(self, actor: Actor, tenant_id: str | None) -> str | None:
        if tenant_id:
            if not actor.covers(tenant_id):
                raise UnknownCpo(tenant_id)
            return (await self._cpo(tenant_id)).cpo_id
        if actor.cpo_ids is None:
            return None
        if len(actor.cpo_ids) != 1:
            raise MissingField("tenant_id")
        return next(iter(actor.cpo_ids))
