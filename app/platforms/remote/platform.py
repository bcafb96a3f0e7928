"""A vendor's platform (GreenFlux, or another Stationlink) behind the very same port: a thin client of the same API.

Reads pass the received bytes through. Edits are made on the received JSON (`editing`), with its etag. Our own
documents, facts and the operation's answer are committed after the platform has answered.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
import msgspec
from msgspec import UNSET, Struct, UnsetType

from app.domain import scan
from app.domain.errors import (
    EtagMismatch,
    LocationExists,
    MissingField,
    NotFound,
    StationExists,
    UnknownCpo,
    UnknownLocation,
    UnknownStation,
    UnknownTemplate,
)
from app.domain.facts import FactKind
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate, utc
from app.domain.people import Actor
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.domain.telling import told
from app.platforms.remote import editing
from app.platforms.remote.editing import Document
from app.platforms.remote.heads import (
    changed_keys,
    document,
    location_head,
    nearest_first,
    station_head,
    station_matches,
)
from app.platforms.remote.sweeps import Sweep, read_all, read_page
from app.platforms.remote.wire import Answer, call, refusal
from app.ports import NOTHING, Change, Clock, Ids, LocationQuery, Page, StationQuery, Store

STATIONS = "/api/1.0/ChargeStations"
TEMPLATES = f"{STATIONS}/ChargestationTemplate"
LOCATIONS = "/api/2.0/Locations"
STATIONS_EVERY = timedelta(hours=1)
LOCATIONS_EVERY = timedelta(minutes=5)
NOBODY = ""


class RemotePlatform:
    """See `ports.Platform`, for one CPO. It cannot withdraw stations.

    `client` has the platform's base URL, its `Authorization: Token` and a timeout. Searches read whole lists at most
    once an hour (stations) or in five minutes (locations). Raises PlatformUnavailable when there is no answer.
    """

    def __init__(self, client: httpx.AsyncClient, store: Store, clock: Clock, ids: Ids, cpo_id: str) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._ids = ids
        self._cpo_id = cpo_id
        self._owners: dict[str, str | None] = {}
        self._all_stations = Sweep(STATIONS_EVERY, lambda row: station_head(row).charge_station_id)
        self._all_locations = Sweep(LOCATIONS_EVERY, lambda row: location_head(row).id.lower())

    # --- stations ----------------------------------------------------------------------------------------------------

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]:
        if not actor.covers(self._cpo_id) or query.cpo_id not in (None, self._cpo_id):
            return Page((), 0)
        if query.text or query.deploy_state:
            found = [row for row in (await self._every_station()).values() if station_matches(station_head(row), query)]
            return Page(tuple(found[query.offset : query.offset + query.limit]), len(found))
        params = self._filters(query)
        if query.location_id is not None:
            params["location_id"] = query.location_id
        return await read_page(self._client, STATIONS, params, query.offset, query.limit)

    async def station(self, actor: Actor, charge_station_id: str) -> bytes:
        self._require_covered(actor, UnknownStation(charge_station_id))
        answer = await call(self._client, "GET", _path(STATIONS, charge_station_id))
        if not answer.accepted:
            raise UnknownStation(charge_station_id)
        row = answer.one()
        if await self._owner(station_head(row).location_id) not in (None, self._cpo_id):
            raise UnknownStation(charge_station_id)
        return row

    async def create_station(self, actor: Actor, post: PostChargeStation, along: Change = NOTHING) -> bytes:
        location_id = post.location_id or ""
        self._require_covered(actor, UnknownLocation(location_id))
        if location_id:
            await self.location(actor, location_id, exclude_evses=True)
        answer = await call(self._client, "POST", STATIONS, body=post)
        if not answer.accepted:
            await self._raise_if_station_exists(actor, post.charge_station_id)
            raise refusal(answer, location_id=location_id, template_id=post.charge_station_template_id or "")
        data = {"template_id": post.charge_station_template_id or None}
        return await self._written_station(FactKind.STATION_CREATED, actor, answer.one(), along, **data)

    async def replace_station(
        self, actor: Actor, charge_station_id: str, put: PutChargeStation, along: Change = NOTHING
    ) -> bytes:
        received = document(await self.station(actor, charge_station_id))
        wanted = editing.replaced_station(received, put)
        row = await self._put_station(actor, charge_station_id, wanted, put.etag or "")
        if put.charge_station_template_id and not put.evses:
            return await self._template_applied(actor, received, row, put.charge_station_template_id, along)
        fields = changed_keys(received, document(row))
        return await self._written_station(FactKind.STATION_CHANGED, actor, row, along, fields=fields)

    async def patch_station(
        self, actor: Actor, charge_station_id: str, patch: PatchChargeStation, along: Change = NOTHING
    ) -> bytes:
        """Without EVSEs a PATCH; with EVSEs a PUT of the edited document, since the published PATCH has none."""
        received = await self.station(actor, charge_station_id)
        if patch.evses:
            edit = _Edit(lambda current: editing.patched_station(current, patch), patch.etag)
            row = await self._edit_station(actor, charge_station_id, received, edit)
        else:
            answer = await call(self._client, "PATCH", _path(STATIONS, charge_station_id), body=patch)
            if not answer.accepted:
                await self._refuse_station(
                    actor, charge_station_id, answer, patch.etag or None, patch.location_id or ""
                )
            row = answer.one()
        fields = changed_keys(document(received), document(row))
        return await self._written_station(FactKind.STATION_CHANGED, actor, row, along, fields=fields)

    async def apply_template(
        self, actor: Actor, charge_station_id: str, template_id: str, along: Change = NOTHING
    ) -> bytes:
        received = await self.station(actor, charge_station_id)
        edit = _Edit(lambda current: editing.with_template(current, template_id))
        row = await self._edit_station(actor, charge_station_id, received, edit)
        return await self._template_applied(actor, document(received), row, template_id, along)

    async def _template_applied(
        self, actor: Actor, before: Document, row: bytes, template_id: str, along: Change
    ) -> bytes:
        """A platform rebuilds EVSEs without what people wrote about them: that is written again."""
        charge_station_id = station_head(row).charge_station_id
        if (again := editing.with_descriptions(document(row), before)) is not None:
            row = await self._put_station(actor, charge_station_id, again, again.get("etag") or "")
        lost = editing.lost_descriptions(before, document(row))
        data = {"template_id": template_id, "lost_texts": lost}
        return await self._written_station(FactKind.TEMPLATE_APPLIED, actor, row, along, **data)

    async def similar_ids(self, actor: Actor, text: str, limit: int = 3) -> list[str]:
        if not actor.covers(self._cpo_id):
            return []
        return scan.nearest(text, list(await self._every_station()), limit)

    async def _edit_station(self, actor: Actor, charge_station_id: str, received: bytes, edit: "_Edit") -> bytes:
        """PUT the edited document; when somebody else was faster, edit theirs, once. A named etag is never changed."""
        current = document(received)
        own = edit.etag or None
        try:
            return await self._put_station(actor, charge_station_id, edit.of(current), own or current.get("etag"))
        except EtagMismatch as error:
            if own is not None:
                raise
            current = document(error.current)
            return await self._put_station(actor, charge_station_id, edit.of(current), current.get("etag"))

    async def _put_station(self, actor: Actor, charge_station_id: str, wanted: Document, etag: str | None) -> bytes:
        if not etag:
            raise MissingField("etag")
        path = _path(STATIONS, charge_station_id)
        answer = await call(self._client, "PUT", path, body={**wanted, "etag": etag})
        if not answer.accepted:
            template_id = wanted.get("charge_station_template_id") or ""
            location_id = wanted.get("location_id") or ""
            await self._refuse_station(actor, charge_station_id, answer, etag, location_id, template_id)
        return answer.one()

    async def _refuse_station(
        self,
        actor: Actor,
        charge_station_id: str,
        answer: Answer,
        etag: str | None,
        location_id: str = "",
        template_id: str = "",
    ) -> NoReturn:
        """Nothing in an answer says that the etag was stale: the object as it is now does (platform-api 12.1)."""
        if answer.missing:
            raise UnknownStation(charge_station_id)
        if etag is not None:
            current = await self.station(actor, charge_station_id)
            if (station_head(current).etag or "").lower() != etag.lower():
                raise EtagMismatch("charge station", current)
        raise refusal(answer, location_id=location_id, template_id=template_id)

    async def _raise_if_station_exists(self, actor: Actor, charge_station_id: str | None | UnsetType) -> None:
        if not charge_station_id:
            return
        answer = await call(self._client, "GET", _path(STATIONS, charge_station_id))
        if answer.accepted:
            raise StationExists(charge_station_id)

    async def _written_station(self, kind: FactKind, actor: Actor, row: bytes, along: Change, **data: Any) -> bytes:
        head = station_head(row)
        about = {
            "cpo_id": self._cpo_id,
            "charge_station_id": head.charge_station_id,
            "location_id": head.location_id,
        }
        self._all_stations.put(row)
        await self._commit(kind, actor, along, about, data)
        return row

    async def _every_station(self) -> dict[str, bytes]:
        async def read() -> list[bytes]:
            return await read_all(self._client, STATIONS, {"cpoId": self._cpo_id})

        return await self._all_stations.rows(self._clock.now(), read)

    # --- locations ---------------------------------------------------------------------------------------------------

    async def locations(self, actor: Actor, query: LocationQuery) -> Page[bytes]:
        if not actor.covers(self._cpo_id) or query.cpo_id not in (None, self._cpo_id):
            return Page((), 0)
        if query.text or query.latitude is not None:
            found = nearest_first(list((await self._every_location()).values()), query)
            return Page(tuple(found[query.offset : query.offset + query.limit]), len(found))
        params = self._filters(query)
        parts = {name: getattr(query, name) for name in ("street", "housenumber", "city", "postcode", "country")}
        params |= {name: wanted for name, wanted in parts.items() if wanted is not None}
        if query.exclude_evses:
            params["exclude_evses"] = "true"
        return await read_page(self._client, LOCATIONS, params, query.offset, query.limit)

    async def location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> bytes:
        self._require_covered(actor, UnknownLocation(location_id))
        params = {"excludeEvses": "true"} if exclude_evses else None
        answer = await call(self._client, "GET", _path(LOCATIONS, location_id), params=params)
        if not answer.accepted:
            raise UnknownLocation(location_id)
        row = answer.one()
        if location_head(row).cpo_id not in (None, self._cpo_id):
            raise UnknownLocation(location_id)
        return row

    async def create_location(self, actor: Actor, post: PostLocation, along: Change = NOTHING) -> bytes:
        self._require_covered(actor, UnknownCpo(post.cpo_id or self._cpo_id))
        if post.cpo_id and post.cpo_id != self._cpo_id:
            raise UnknownCpo(post.cpo_id)
        answer = await call(self._client, "POST", LOCATIONS, body=post)
        if not answer.accepted:
            if post.id and (await call(self._client, "GET", _path(LOCATIONS, post.id))).accepted:
                raise LocationExists(post.id)
            raise refusal(answer)
        return await self._written_location(FactKind.LOCATION_CREATED, actor, answer.one(), along)

    async def replace_location(
        self, actor: Actor, location_id: str, put: PutLocation, along: Change = NOTHING
    ) -> bytes:
        received = document(await self.location(actor, location_id))
        if not put.etag:
            raise MissingField("etag")
        wanted = editing.replaced_location(received, put)
        return await self._write_location("PUT", actor, received, wanted, put.etag, along)

    async def patch_location(
        self, actor: Actor, location_id: str, patch: PatchLocation, along: Change = NOTHING
    ) -> bytes:
        received = document(await self.location(actor, location_id))
        return await self._write_location("PATCH", actor, received, patch, patch.etag or None, along)

    async def _write_location(
        self, method: str, actor: Actor, received: Document, body: Any, etag: str | None, along: Change
    ) -> bytes:
        location_id = str(received["id"])
        answer = await call(self._client, method, _path(LOCATIONS, location_id), body=body)
        if answer.missing:
            raise UnknownLocation(location_id)
        if not answer.accepted:
            current = await self.location(actor, location_id)
            if etag is not None and (location_head(current).etag or "").lower() != etag.lower():
                raise EtagMismatch("location", current)
            raise refusal(answer, location_id=location_id)
        fields = changed_keys(received, document(answer.one()))
        return await self._written_location(FactKind.LOCATION_CHANGED, actor, answer.one(), along, fields=fields)

    async def _written_location(self, kind: FactKind, actor: Actor, row: bytes, along: Change, **data: Any) -> bytes:
        self._all_locations.put(row)
        about = {"cpo_id": self._cpo_id, "location_id": location_head(row).id}
        await self._commit(kind, actor, along, about, data)
        return row

    async def _every_location(self) -> dict[str, bytes]:
        async def read() -> list[bytes]:
            return await read_all(self._client, LOCATIONS, {"cpoId": self._cpo_id})

        return await self._all_locations.rows(self._clock.now(), read)

    async def _owner(self, location_id: str) -> str | None:
        """The CPO of a location, which never changes; None if the platform does not tell, NOBODY if not ours."""
        key = location_id.lower()
        if key not in self._owners:
            path = _path(LOCATIONS, location_id)
            answer = await call(self._client, "GET", path, params={"excludeEvses": "true"})
            if not answer.accepted:
                return NOBODY
            self._owners[key] = location_head(answer.one()).cpo_id
        return self._owners[key]

    # --- templates ---------------------------------------------------------------------------------------------------

    async def templates(self, actor: Actor) -> list[HardwareTemplate]:
        if not actor.covers(self._cpo_id):
            return []
        return [each for each in await self._every_template() if each.tenant_id in (None, self._cpo_id)]

    async def _every_template(self) -> list[HardwareTemplate]:
        answer = await call(self._client, "GET", TEMPLATES)
        if not answer.accepted:
            raise refusal(answer)
        return [msgspec.json.decode(row, type=HardwareTemplate) for row in answer.rows()]

    async def _require_not_foreign(self, template_id: str) -> None:
        """Our key may open more CPOs than this one: the platform itself would move their template to us."""
        for known in await self._every_template():
            if known.template_id == template_id and known.tenant_id not in (None, self._cpo_id):
                raise UnknownTemplate(template_id)

    async def save_template(self, actor: Actor, template: HardwareTemplate) -> HardwareTemplate:
        self._require_covered(actor, UnknownCpo(template.tenant_id or self._cpo_id))
        if template.tenant_id and template.tenant_id != self._cpo_id:
            raise UnknownCpo(template.tenant_id)
        if template.template_id:
            await self._require_not_foreign(template.template_id)
        answer = await call(self._client, "POST", TEMPLATES, body=template)
        if answer.missing:
            raise UnknownTemplate(template.template_id or "")
        if not answer.accepted:
            raise refusal(answer)
        saved = msgspec.json.decode(answer.one(), type=HardwareTemplate)
        data = {"template_id": saved.template_id, "name": saved.name}
        await self._commit(FactKind.TEMPLATE_SAVED, actor, NOTHING, {"cpo_id": self._cpo_id}, data)
        return saved

    # --- both --------------------------------------------------------------------------------------------------------

    def _require_covered(self, actor: Actor, unknown: NotFound) -> None:
        if not actor.covers(self._cpo_id):
            raise unknown

    def _filters(self, query: StationQuery | LocationQuery) -> dict[str, str]:
        params = {"cpoId": self._cpo_id}
        for name in ("date_from", "date_to"):
            if (moment := getattr(query, name)) is not None:
                params[name] = utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
        if query.exclude_evses_modified:
            params["exclude_evses_modified"] = "true"
        return params

    async def _commit(
        self, kind: FactKind, actor: Actor, along: Change, about: dict[str, Any], data: dict[str, Any]
    ) -> None:
        fact = told(kind, utc(self._clock.now()), actor, along.operation, about=about, **data)
        await self._store.commit(Change(facts=(fact,)).plus(along))


class _Edit(Struct, frozen=True):
    """What to make of a received document, and the etag that the caller insists on, if any."""

    of: Callable[[Document], Document]
    etag: str | None | UnsetType = UNSET


def _path(collection: str, key: str) -> str:
    return f"{collection}/{quote(key, safe='')}"
