"""What a vendor's platform tells, asked now or from the copy of what it told: its bytes, within the actor's scope."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec

from app.domain import scan
from app.domain.errors import NotFound, Unavailable, UnknownLocation, UnknownStation
from app.domain.intents import LocationAlias, alias_key
from app.domain.model import HardwareTemplate, utc
from app.domain.people import Actor
from app.platforms.remote.asking import Asking
from app.platforms.remote.copies import Copies
from app.platforms.remote.heads import location_head, station_head
from app.platforms.remote.lists import Lists
from app.platforms.remote.noticing import sight
from app.platforms.remote.pages import read_page
from app.platforms.remote.wire import MOST, Answer, Wire, refusal
from app.ports import Clock, Ids, LocationQuery, Page, Seen, StationQuery, Store

STATIONS = "/api/1.0/ChargeStations"
TEMPLATES = f"{STATIONS}/ChargestationTemplate"
LOCATIONS = "/api/2.0/Locations"
NOBODY = ""
MOST_NEAR = 50
TEMPLATES_KEPT = timedelta(minutes=5)


def path_of(collection: str, key: str) -> str:
    return f"{collection}/{quote(key, safe='')}"


class Reading:
    """The reads of `ports.Platform`, for one CPO.

    One object is asked for now; searches and plain lists read the copy, which `lists` refreshes and every answer adds
    to. `home` is this CPO on this platform. Raises PlatformUnavailable when there is no answer.
    """

    def __init__(self, wire: Wire, store: Store, clock: Clock, ids: Ids, cpo_id: str, home: str = "") -> None:
        self._wire = wire
        self._store = store
        self._clock = clock
        self._ids = ids
        self._cpo_id = cpo_id
        self._owners: dict[str, str | None] = {}
        self._asking = Asking()
        self._templates: tuple[datetime, list[HardwareTemplate]] | None = None
        self._copies = Copies(store, cpo_id, home)
        self.lists = Lists(wire, store, clock, self._copies, cpo_id)

    async def stations(self, actor: Actor, query: StationQuery) -> Page[bytes]:
        if not actor.covers(self._cpo_id) or query.cpo_id not in (None, self._cpo_id):
            return Page((), 0)
        if query.location_id is not None:
            query = msgspec.structs.replace(query, location_id=await self._alias_resolved(query.location_id))
        if query.text or query.deploy_state or not (query.location_id or query.date_from or query.date_to):
            return await self._copies.stations(query)
        params = self._filters(query)
        if query.location_id is not None:
            params["location_id"] = query.location_id
        return await read_page(self._wire, STATIONS, params, query.offset, query.limit)

    async def station(self, actor: Actor, charge_station_id: str) -> bytes:
        return (await self._station_answer(actor, charge_station_id)).one()

    async def seen_station(self, actor: Actor, charge_station_id: str) -> Seen:
        copy = await self._copies.station(charge_station_id) if actor.covers(self._cpo_id) else None
        if copy is not None:
            return Seen(bytes(copy.body), copy.read_at)
        read_at = self._clock.now()
        return Seen(await self.station(actor, charge_station_id), read_at)

    async def _station_answer(self, actor: Actor, charge_station_id: str, *, watched: bool = False) -> Answer:
        self._require_covered(actor, UnknownStation(charge_station_id))
        read_at = self._clock.now()
        answer = await self._wire.call("GET", path_of(STATIONS, charge_station_id))
        if answer.missing:
            await self._copies.drop_station(charge_station_id)
        if not answer.accepted:
            raise UnknownStation(charge_station_id)
        if await self._owner(station_head(answer.one()).location_id) not in (None, self._cpo_id):
            raise UnknownStation(charge_station_id)
        await self._copies.put_stations([answer.one()], read_at, watched=watched)
        return answer

    async def look_at(self, due: Sequence[str], watched: Sequence[str] = ()) -> list[str]:
        """Read stations that somebody looks at: several at one location with one list, else each by itself.

        Those that are `watched` too come along where their location is read. Returns all that were read.
        """
        at: dict[str, list[str]] = {}
        for key in (*due, *watched):
            copy = await self._copies.station(key)
            at.setdefault(copy.location_key if copy else NOBODY, []).append(key)
        read: list[str] = []
        for location_key, some in at.items():
            wanted = some if location_key else [key for key in some if key in due]
            if set(wanted) & set(due):
                await self._look_at_some(location_key, wanted)
                read += wanted
        return read

    async def _look_at_some(self, location_key: str, wanted: list[str]) -> None:
        left = await self._look_at_location(location_key, wanted) if location_key and len(wanted) > 1 else wanted
        for key in left:
            await self._look_at_station(key)

    async def _look_at_station(self, charge_station_id: str) -> None:
        with suppress(UnknownStation):
            await self._station_answer(Actor(cpo_ids=None), charge_station_id, watched=True)

    async def _look_at_location(self, location_key: str, wanted: list[str]) -> list[str]:
        """The stations that the list does not have."""
        copy = await self._copies.location(location_key)
        location_id = location_head(copy.body).id if copy else await self._spelled(wanted[0])
        params = {"cpoId": self._cpo_id, "location_id": location_id, "offset": "0", "limit": str(MOST)}
        read_at = self._clock.now()
        answer = await self._wire.call("GET", STATIONS, params=params)
        if not answer.accepted:
            return wanted
        rows = {sight(row).charge_station_id: row for row in answer.rows()}
        watched = [rows.pop(key) for key in wanted if key in rows]
        await self._copies.put_stations(watched, read_at, watched=True)
        await self._copies.put_stations(rows.values(), read_at)
        seen = {sight(row).charge_station_id for row in watched}
        return [key for key in wanted if key not in seen]

    async def _spelled(self, charge_station_id: str) -> str:
        """The id of a station's location as the platform writes it."""
        copy = await self._copies.station(charge_station_id)
        return sight(copy.body).location_id if copy else NOBODY

    async def is_online(self, charge_station_id: str) -> bool:
        """Asked now, and kept nowhere: whether a station that belongs elsewhere has come here."""
        answer = await self._wire.call("GET", path_of(STATIONS, charge_station_id))
        return answer.accepted and sight(answer.one()).online

    async def waits(self, charge_station_id: str) -> bool:
        """Whether it is known here and was not online when it was last seen."""
        copy = await self._copies.station(charge_station_id)
        return copy is not None and not copy.online

    async def seen_elsewhere(self, charge_station_id: str, seen: datetime | None, environment: str) -> None:
        await self._copies.seen_elsewhere(charge_station_id, seen, environment)

    async def similar_ids(self, actor: Actor, text: str, limit: int = 3) -> list[str]:
        if not actor.covers(self._cpo_id):
            return []
        return scan.nearest(text, await self._copies.station_ids(), limit)

    async def locations(self, actor: Actor, query: LocationQuery) -> Page[bytes]:
        if not actor.covers(self._cpo_id) or query.cpo_id not in (None, self._cpo_id):
            return Page((), 0)
        if not (query.date_from or query.date_to or _names_a_place(query)):
            page = await self._copies.locations(query)
            asked = self._asking.missing(query, page.rows, self._clock.now())
            return page if asked is None else await self._asked_for(query, page, asked)
        params = self._filters(query)
        parts = {name: getattr(query, name) for name in ("street", "housenumber", "city", "postcode", "country")}
        params |= {name: wanted for name, wanted in parts.items() if wanted is not None}
        if query.exclude_evses:
            params["exclude_evses"] = "true"
        return await read_page(self._wire, LOCATIONS, params, query.offset, query.limit)

    async def _asked_for(self, query: LocationQuery, page: Page[bytes], asked: dict[str, str]) -> Page[bytes]:
        """Somebody may have made it in the platform's portal a moment ago; without an answer the copy has to do."""
        read_at = self._clock.now()
        try:
            found = await read_page(self._wire, LOCATIONS, {"cpoId": self._cpo_id, **asked}, 0, MOST_NEAR)
        except Unavailable:
            return page
        await self._copies.put_locations(found.rows, read_at)
        again = await self._copies.locations(query)
        return again if again.rows else found

    async def location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> bytes:
        return (await self._location_answer(actor, location_id, exclude_evses=exclude_evses)).one()

    async def _location_answer(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> Answer:
        self._require_covered(actor, UnknownLocation(location_id))
        params = {"excludeEvses": "true"} if exclude_evses else None
        key = await self._alias_resolved(location_id)
        read_at = self._clock.now()
        answer = await self._wire.call("GET", path_of(LOCATIONS, key), params=params)
        if answer.missing:
            await self._copies.drop_location(key)
        if not answer.accepted or location_head(answer.one()).cpo_id not in (None, self._cpo_id):
            raise UnknownLocation(location_id)
        if not exclude_evses:
            await self._copies.put_locations([answer.one()], read_at)
        return answer

    async def seen_location(self, actor: Actor, location_id: str, *, exclude_evses: bool = False) -> Seen:
        """Always with its EVSEs, so that the copy is whole."""
        key = await self._alias_resolved(location_id)
        copy = await self._copies.location(key) if actor.covers(self._cpo_id) else None
        if copy is not None:
            return Seen(bytes(copy.body), copy.read_at)
        read_at = self._clock.now()
        return Seen(await self.location(actor, location_id), read_at)

    async def _alias_resolved(self, location_id: str) -> str:
        """The platform's own id of a location that may be known by the one that a phone made."""
        found = await self._store.get(LocationAlias, alias_key(self._cpo_id, location_id))
        return found[0].location_id if found else location_id

    async def _owner(self, location_id: str) -> str | None:
        """The CPO of a location, which never changes; None if the platform does not tell, NOBODY if not ours."""
        key = location_id.lower()
        if key not in self._owners and (copy := await self._copies.location(key)):
            return copy.cpo_id
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

    async def seen_templates(self, actor: Actor) -> list[HardwareTemplate]:
        kept = self._templates
        if kept is None or not kept[0] <= self._clock.now() < kept[0] + TEMPLATES_KEPT:
            kept = self._clock.now(), await self._every_template()
        self._templates = kept
        return [each for each in kept[1] if actor.covers(self._cpo_id) and each.tenant_id in (None, self._cpo_id)]

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


def _names_a_place(query: LocationQuery) -> bool:
    """By the parts of an address, which the platform compares itself."""
    return any((query.street, query.housenumber, query.city, query.postcode, query.country))
