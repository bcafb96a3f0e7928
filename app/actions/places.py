"""Locations as an installer picks them: nearest first, with distance, and homes only for those who work there."""

import msgspec

from app.actions.views import LocationItem, location_item
from app.actions.work import read_cpo
from app.domain.commissioning import Commissioning
from app.domain.geo import distance_m
from app.domain.locations import Location
from app.domain.model import ChargerType
from app.domain.people import Actor, Cpo, Role
from app.ports import LocationQuery, Ports

HOMES_SEARCHED = 1000


async def locations(ports: Ports, actor: Actor, query: LocationQuery) -> list[LocationItem]:
    """The locations of one CPO that this person may see. Raises UnknownCpo outside their scope."""
    cpo = await read_cpo(ports, actor, query.cpo_id or "")
    hidden = cpo.charger_type is ChargerType.HOME and actor.role is Role.INSTALLER
    wide = msgspec.structs.replace(query, limit=HOMES_SEARCHED) if hidden else query
    page = await ports.platforms.of(cpo).locations(actor, wide)
    found = [msgspec.json.decode(body, type=Location) for body in page.rows]
    if hidden:
        mine = await _own_homes(ports, actor, cpo)
        found = [place for place in found if place.id in mine or place.created_by == actor.name][: query.limit]
    return [location_item(place, _distance(place, query)) for place in found]


async def _own_homes(ports: Ports, actor: Actor, cpo: Cpo) -> set[str | None]:
    mine = await ports.store.find(Commissioning, cpo_id=cpo.cpo_id, person_id=actor.person_id)
    return {record.location_id for record, _ in mine}


def _distance(place: Location, query: LocationQuery) -> float | None:
    if place.coordinates is None or query.latitude is None or query.longitude is None:
        return None
    there = float(place.coordinates.latitude), float(place.coordinates.longitude)
    return round(distance_m(query.latitude, query.longitude, *there), 1)
