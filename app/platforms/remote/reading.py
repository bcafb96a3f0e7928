"""What a vendor's platform tells: the received bytes, passed through, within the actor's scope."""

from datetime import timedelta
from urllib.parse import quote

import msgspec

from app.domain import scan
from app.domain.errors import NotFound, UnknownLocation, UnknownStation
from app.domain.intents import LocationAlias, alias_key
from app.domain.model import HardwareTemplate, utc
from app.domain.people import Actor
from app.platforms.remote.heads import location_head, nearest_first, station_head, station_matches
from app.platforms.remote.sweeps import Sweep, read_all, read_page
from app.platforms.remote.wire import Answer, Wire, refusal
from app.ports import Clock, Ids, LocationQuery, Page, StationQuery, Store

STATIONS = "/api/1.0/ChargeStations"
TEMPLATES = f"{STATIONS}/ChargestationTemplate"
LOCATIONS = "/api/2.0/Locations"
STATIONS_EVERY = timedelta(hours=1)
LOCATIONS_EVERY = timedelta(minutes=5)
NOBODY = ""


def path_of(collection: str, key: str) -> str:
    return f"{collection}/{quote(key, safe='')}"


class Reading:
    """The reads of `ports.Platform`, for one CPO.

    Searches read whole lists at most once an hour (stations) or in five minutes (locations). Raises
    PlatformUnavailable when there is no answer.
    """

    def __init__(self, wire: Wire, store: Store, clock: Clock, ids: Ids, cpo_id: str) -> None:
        self._wire = wire
        self._store = store
        self._clock = clock
        self._ids = ids
        self._cpo_id = cpo_id
        self._owners: dict[str, str | None] = {}
        self._all_stations = Sweep(STATIONS_EVERY, lambda row: station_head(row).charge_station_id)
        self._all_locations = Sweep(LOCATIONS_EVERY, lambda row: location_head(row).id.lower())

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]:
        if not actor.covers(self._cpo_id) or query.cpo_id not in (None, self._cpo_id):
            return Page((), 0)
        if query.text or query.deploy_state:
            found = [row for row in (await self._every_station()).values() if station_matches(station_head(row), query)]
            return Page(tuple(found[query.offset : query.offset + query.limit]), len(found))
        params = self._filters(query)
        if query.location_id is not None:
            params["location_id"] = await self._alias_resolved(query.location_id)
        return await read_page(self._wire, STATIONS, params, query.offset, query.limit)

    async def station(self, actor: Actor, charge_station_id: str) -> bytes:
        return (await self._station_answer(actor, charge_station_id)).one()

    async def _station_answer(self, actor: Actor, charge_station_id: str) -> Answer:
        self._require_covered(actor, UnknownStation(charge_station_id))
        answer = await self._wire.call("GET", path_of(STATIONS, charge_station_id))
        if not answer.accepted:
            raise UnknownStation(charge_station_id)
        if await self._owner(station_head(answer.one()).location_id) not in (None, self._cpo_id):
            raise UnknownStation(charge_station_id)
        return answer

    async def similar_ids(self, actor: Actor, text: str, limit: int = 3) -> list[str]:
        if not actor.covers(self._cpo_id):
            return []
        return scan.nearest(text, list(await self._every_station()), limit)

    async def _every_station(self) -> dict[str, bytes]:
        async def read() -> list[bytes]:
            return await read_all(self._wire, STATIONS, {"cpoId": self._cpo_id})

        return await self._all_stations.rows(self._clock.now(), read)

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
        return await read_page(self._wire, LOCATIONS, params, query.offset, query.limit)

    async def location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> bytes:
        return (await self._location_answer(actor, location_id, exclude_evses=exclude_evses)).one()

    async def _location_answer(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> Answer:
        self._require_covered(actor, UnknownLocation(location_id))
        params = {"excludeEvses": "true"} if exclude_evses else None
        path = path_of(LOCATIONS, await self._alias_resolved(location_id))
        answer = await self._wire.call("GET", path, params=params)
        if not answer.accepted or location_head(answer.one()).cpo_id not in (None, self._cpo_id):
            raise UnknownLocation(location_id)
        return answer

    async def _alias_resolved(self, location_id: str) -> str:
        """The platform's own id of a location that may be known by the one that a phone made."""
        found = await self._store.get(LocationAlias, alias_key(self._cpo_id, location_id))
        return found[0].location_id if found else location_id

    async def _every_location(self) -> dict[str, bytes]:
        async def read() -> list[bytes]:
            return await read_all(self._wire, LOCATIONS, {"cpoId": self._cpo_id})

        return await self._all_locations.rows(self._clock.now(), read)

    async def _owner(self, location_id: str) -> str | None:
        """The CPO of a location, which never changes; None if the platform does not tell, NOBODY if not ours."""
        key = location_id.lower()
        if key not in self._owners:
            path = path_of(LOCATIONS, location_id)
            answer = await self._wire.call("GET", path, params={"excludeEvses": "true"})
            if not answer.accepted:
                return NOBODY
            self._owners[key] = location_head(answer.one()).cpo_id
        return self._owners[key]

    async def templates(self, actor: Actor) -> list[HardwareTemplate]:
        if not actor.covers(self._cpo_id):
            return []
        return [each for each in await self._every_template() if each.tenant_id in (None, self._cpo_id)]

    async def _every_template(self) -> list[HardwareTemplate]:
        answer = await self._wire.call("GET", TEMPLATES)
        if not answer.accepted:
            raise refusal(answer)
        return [msgspec.json.decode(row, type=HardwareTemplate) for row in answer.rows()]

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
