"""The copy of what a vendor's platform told of one CPO: written by every reading, read by search, lookup and lists."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from msgspec import Raw

from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.copies import LocationCopy, StationCopy, copy_key, searched
from app.domain.errors import RevConflict
from app.domain.facts import FactKind
from app.domain.geo import distance_m
from app.domain.model import GeoLocation
from app.domain.places import point
from app.platforms.remote.heads import location_head, nearest_first
from app.platforms.remote.noticing import Open, copied, fact_of, noticed, sight
from app.ports import NOTHING, Change, Contains, Delete, LocationQuery, Page, Put, StationQuery, Store

AT_ONCE = 100
MOST = 1_000_000
TRIES = 10

log = logging.getLogger("stationlink.remote")


class Copies:
    """`home` tells this CPO on this platform from the same one elsewhere."""

    def __init__(self, store: Store, cpo_id: str, home: str) -> None:
        self._store = store
        self._cpo_id = cpo_id
        self.home = home

    # --- Writing -----------------------------------------------------------------------------------------------------

    async def put_stations(self, rows: Iterable[bytes], read_at: datetime, *, watched: bool = False) -> None:
        """What is newer there stays. What changed is told where somebody works or watches, in the same Change."""
        for some in _some(_sound(rows, sight)):
            await self._commit(partial(self._stations_change, some, read_at, watched=watched))

    async def put_locations(self, rows: Iterable[bytes], read_at: datetime) -> None:
        for some in _some(_sound(rows, location_head)):
            await self._commit(partial(self._locations_change, some, read_at))

    async def drop_station(self, charge_station_id: str) -> None:
        """The platform says that it does not exist."""
        if await self.station(charge_station_id) is not None:
            await self._store.commit(Change(writes=(Delete(StationCopy, copy_key(self.home, charge_station_id)),)))

    async def drop_location(self, location_id: str) -> None:
        """As `drop_station`."""
        if await self.location(location_id) is not None:
            await self._store.commit(Change(writes=(Delete(LocationCopy, copy_key(self.home, location_id.lower())),)))

    async def seen_elsewhere(self, charge_station_id: str, seen: datetime | None, environment: str) -> None:
        """Told when it comes there and when it has gone, for the screens that wait for it."""
        found = await self._store.get(StationCopy, copy_key(self.home, charge_station_id))
        if found is None or (found[0].elsewhere is None) == (seen is None):
            return
        copy, rev = found
        copy.elsewhere = seen
        kind = FactKind.STATION_ELSEWHERE if seen else FactKind.STATION_LEFT_ELSEWHERE
        current = (await self._works([charge_station_id])).get(charge_station_id)
        fact = fact_of(kind, copy, current, {"environment": environment})
        await self._store.commit(Change(writes=(Put(copy, rev),), facts=(fact,)))

    async def _commit(self, decide: Callable[[], Awaitable[Change]]) -> None:
        for _ in range(TRIES):
            try:
                await self._store.commit(await decide())
                return
            except RevConflict:
                continue
        raise RevConflict("the copy of a platform is written all the time")

    async def _stations_change(self, rows: Sequence[bytes], read_at: datetime, *, watched: bool) -> Change:
        ids = [sight(row).charge_station_id for row in rows]
        keys = [copy_key(self.home, key) for key in ids]
        known = {copy.id: (copy, rev) for copy, rev in await self._store.find(StationCopy, id=keys, limit=len(keys))}
        works = await self._works(ids)
        change = NOTHING
        for row, charge_station_id, key in zip(rows, ids, keys, strict=True):
            before, rev = known.get(key, (None, 0))
            if before is None or before.read_at <= read_at:
                after = copied(before, row, self.home, self._cpo_id, read_at)
                told = noticed(before, after, works.get(charge_station_id), watched=watched)
                change = change.plus(Change(writes=(Put(after, rev),))).plus(told)
        return change

    async def _works(self, ids: Sequence[str]) -> dict[str, Open]:
        state = CommissioningState.OPEN.value
        found = await self._store.find(Commissioning, charge_station_id=list(ids), state=state, limit=len(ids))
        return {each.charge_station_id: (each, rev) for each, rev in found if each.cpo_id == self._cpo_id}

    async def _locations_change(self, rows: Sequence[bytes], read_at: datetime) -> Change:
        made = [self._location_copy(row, read_at) for row in rows]
        keys = [copy.id for copy in made]
        found = await self._store.find(LocationCopy, id=keys, limit=len(keys))
        known = {copy.id: (copy.read_at, rev) for copy, rev in found}
        puts = [
            Put(copy, known[copy.id][1] if copy.id in known else 0)
            for copy in made
            if copy.id not in known or known[copy.id][0] <= read_at
        ]
        return Change(writes=tuple(puts))

    def _location_copy(self, row: bytes, read_at: datetime) -> LocationCopy:
        head = location_head(row)
        there = _spot(head.coordinates)
        key = copy_key(self.home, head.id.lower())
        return LocationCopy(
            id=key,
            home=self.home,
            cpo_id=head.cpo_id or self._cpo_id,
            spot=None if there is None else f"{there[0]} {there[1]} {key}",
            search=searched(head.name, head.address, head.city, head.postal_code),
            body=Raw(row),
            read_at=read_at,
        )

    # --- Reading -----------------------------------------------------------------------------------------------------

    async def station(self, charge_station_id: str) -> StationCopy | None:
        found = await self._store.get(StationCopy, copy_key(self.home, charge_station_id))
        return found[0] if found else None

    async def location(self, location_id: str) -> LocationCopy | None:
        found = await self._store.get(LocationCopy, copy_key(self.home, location_id.lower()))
        return found[0] if found else None

    async def station_ids(self) -> list[str]:
        return await self._store.column(StationCopy, "charge_station_id", home=self.home, limit=MOST)

    async def stations(self, query: StationQuery) -> Page[bytes]:
        """By state, location and text, in the order in which they came."""
        asked = {"deploy_state": query.deploy_state, "location_key": query.location_id and query.location_id.lower()}
        equals: dict[str, Any] = {name: value for name, value in asked.items() if value}
        equals |= {"home": self.home, "search": Contains(searched(query.text))}
        return await self._page(StationCopy, query, equals)

    async def locations(self, query: LocationQuery) -> Page[bytes]:
        """By text, nearest first where a place is given; those without coordinates are last."""
        if query.latitude is not None and query.longitude is not None:
            return await self._nearest(query, (query.latitude, query.longitude))
        equals = {"home": self.home, "search": Contains(searched(query.text))}
        return await self._page(LocationCopy, query, equals)

    async def _page(
        self, kind: type[StationCopy] | type[LocationCopy], query: StationQuery | LocationQuery, equals: dict[str, Any]
    ) -> Page[bytes]:
        last = query.offset + query.limit
        found = await self._store.find(kind, limit=last, **equals)
        total = len(found) if len(found) < last else len(await self._store.column(kind, "id", limit=MOST, **equals))
        return Page(tuple(bytes(copy.body) for copy, _ in found[query.offset :]), total)

    async def _nearest(self, query: LocationQuery, here: tuple[float, float]) -> Page[bytes]:
        """Spots alone are compared; only what is shown is read."""
        wanted = Contains(searched(query.text))
        spots = await self._store.column(LocationCopy, "spot", home=self.home, search=wanted, limit=MOST)
        near = sorted(_metres(spot, here) for spot in spots)
        within = [key for metres, key in near if query.distance_m is None or metres <= query.distance_m]
        keys = within[query.offset : query.offset + query.limit]
        found = [copy for copy, _ in await self._store.find(LocationCopy, id=keys, limit=max(len(keys), 1))]
        if query.distance_m is None and len(keys) < query.limit:
            found += await self._without_spot(wanted, query, len(within), len(keys))
        rows = nearest_first([bytes(copy.body) for copy in found], query)
        return Page(tuple(rows), max(len(within), query.offset + len(rows)))

    async def _without_spot(
        self, wanted: Contains, query: LocationQuery, before: int, shown: int
    ) -> list[LocationCopy]:
        start, left = max(query.offset - before, 0), query.limit - shown
        found = await self._store.find(LocationCopy, home=self.home, search=wanted, spot=None, limit=start + left)
        return [copy for copy, _ in found[start:]]


def _some(rows: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    while some := list(islice(rows, AT_ONCE)):
        yield some


def _sound(rows: Iterable[bytes], read: Callable[[bytes], object]) -> Iterator[bytes]:
    """One object that nobody can read does not keep us from the others."""
    for row in rows:
        try:
            read(row)
        except msgspec.MsgspecError as error:
            log.warning("an object of the platform cannot be read: %s", error)
        else:
            yield row


def _spot(place: GeoLocation | None) -> tuple[float, float] | None:
    """None also for what is not a number: somebody typed it there."""
    try:
        return point(place)
    except ValueError:
        return None


def _metres(spot: str, here: tuple[float, float]) -> tuple[float, str]:
    latitude, longitude, key = spot.split(" ", 2)
    return distance_m(*here, float(latitude), float(longitude)), key
