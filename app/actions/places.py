"""Locations as an installer picks them: nearest first, with distance, and homes only for those who work there."""

import msgspec

from app.actions.homes import guarded, own_homes
from app.actions.views import LocationItem, location_item
from app.actions.work import read_cpo
from app.domain.geo import distance_m
from app.domain.locations import Location
from app.domain.people import Actor
from app.ports import LocationQuery, Ports

HOMES_SEARCHED = 1000


async def locations(ports: Ports, actor: Actor, query: LocationQuery) -> list[LocationItem]:
    """The locations of one CPO that this person may see. Raises UnknownCpo outside their scope."""
    cpo = await read_cpo(ports, actor, query.cpo_id or "")
    hidden = guarded(actor, cpo)
    wide = HOMES_SEARCHED if hidden else query.limit
    near = msgspec.structs.replace(query, limit=wide, exclude_evses=True, count=False)
    page = await ports.platforms.of(cpo).locations(actor, near)
    found = [msgspec.json.decode(body, type=Location) for body in page.rows]
    if hidden:
        mine = await own_homes(ports, actor, cpo)
        found = [place for place in found if place.id in mine][: query.limit]
    counts = await ports.store.station_counts([place.id for place in found])
    return [_item(place, query, counts.get(place.id.lower())) for place in found]


def _item(place: Location, query: LocationQuery, stations: int | None) -> LocationItem:
    """A copy of a platform's location brings its EVSEs along; ours are counted without reading them."""
    item = location_item(place, _distance(place, query))
    return item if stations is None else msgspec.structs.replace(item, stations=stations)


def _distance(place: Location, query: LocationQuery) -> float | None:
    if place.coordinates is None or query.latitude is None or query.longitude is None:
        return None
    there = float(place.coordinates.latitude), float(place.coordinates.longitude)
    return round(distance_m(query.latitude, query.longitude, *there), 1)
