"""Locations: the list, and one with its stations."""

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from app.actions.views import location_item
from app.desk.front import AnyRequest, Visit, page
from app.desk.listing import gathered, listed
from app.desk.stations import Paging, chosen, offset_of, read_stations, station_items
from app.domain.errors import PlatformUnavailable, UnknownLocation
from app.domain.locations import Location
from app.ports import LocationQuery, Page, Platform


@get("/locations")
async def locations_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    asked, offset = chosen(request, "q", "cpo"), offset_of(request)

    async def read(platform: Platform, skip: int, limit: int) -> Page[bytes]:
        query = LocationQuery(
            cpo_ids=visit.actor.cpo_ids,
            cpo_id=asked["cpo"] or None,
            text=asked["q"] or None,
            offset=skip,
            limit=limit,
        )
        return await platform.locations(visit.actor, query)

    found = await gathered(visit, asked["cpo"], offset, read)
    items = [location_item(msgspec.json.decode(row.body, type=Location)) for row in found.rows]
    paging = Paging(path="/desk/locations", offset=offset, total=found.total, shown=len(items), query=asked)
    old = await listed(visit, asked["cpo"])
    return page(visit, "locations.html", items=items, paging=paging, asked=asked, listed=old)


async def read_location(visit: Visit, location_id: str) -> Location:
    """Raises UnknownLocation when none of this person's platforms has it, PlatformUnavailable when one did not say."""
    silent: PlatformUnavailable | None = None
    for platform in visit.platforms():
        try:
            return msgspec.json.decode(await platform.location(visit.actor, location_id), type=Location)
        except UnknownLocation:
            continue
        except PlatformUnavailable as error:
            silent = error
    raise silent or UnknownLocation(location_id)


@get("/location")
async def location_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    location = await read_location(visit, str(request.query_params.get("id", "")))
    asked = {"q": "", "cpo": location.cpo_id, "state": "", "location": location.id}
    found = await read_stations(visit, asked, 0)
    items = await station_items(visit, found.rows)
    return page(visit, "location.html", location=location, items=items)
