"""The list of stations: search, filter, pages."""

from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from app.desk.board import Places
from app.desk.front import AnyRequest, Visit, page
from app.desk.listing import PAGE_SIZE, Listing, Row, gathered, listed
from app.domain.errors import UnknownLocation
from app.domain.locations import Location
from app.domain.model import ConnectivityStatus, DeployState
from app.domain.stations import ChargeStation
from app.ports import Page, Platform, StationQuery


class Paging(Struct, frozen=True, kw_only=True):
    """Links of a list; `query` are the filters that every page keeps."""

    path: str
    offset: int
    total: int
    shown: int
    query: dict[str, str]
    size: int = PAGE_SIZE

    @property
    def first(self) -> int:
        return self.offset + 1 if self.shown else 0

    @property
    def last(self) -> int:
        return self.offset + self.shown

    @property
    def before(self) -> str | None:
        return self._link(max(0, self.offset - self.size)) if self.offset > 0 else None

    @property
    def after(self) -> str | None:
        return self._link(self.offset + self.size) if self.last < self.total else None

    def _link(self, offset: int) -> str:
        return self.path + "?" + urlencode({**self.query, "offset": str(offset)})


class StationItem(Struct, frozen=True, kw_only=True):
    station: ChargeStation
    location: Location | None

    @property
    def online(self) -> bool:
        return self.station.connectivity_status is ConnectivityStatus.ONLINE


def offset_of(request: AnyRequest) -> int:
    """Nonsense counts as the first page."""
    given = str(request.query_params.get("offset", "0"))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def chosen(request: AnyRequest, *names: str) -> dict[str, str]:
    """The filters of a list, as they were asked for, to be shown and kept."""
    return {name: str(request.query_params.get(name, "")).strip() for name in names}


async def read_stations(visit: Visit, asked: dict[str, str], offset: int) -> Listing:
    state = asked["state"] if asked["state"] in set(DeployState) else None

    async def read(platform: Platform, skip: int, limit: int) -> Page[bytes]:
        query = StationQuery(
            cpo_ids=visit.actor.cpo_ids,
            cpo_id=asked["cpo"] or None,
            location_id=asked["location"] or None,
            deploy_state=state,
            text=asked["q"] or None,
            offset=skip,
            limit=limit,
        )
        try:
            return await platform.stations(visit.actor, query)
        except UnknownLocation:
            return Page((), 0)

    return await gathered(visit, asked["cpo"], offset, read)


async def station_items(visit: Visit, rows: list[Row]) -> list[StationItem]:
    places = Places(visit)
    stations = [(msgspec.json.decode(row.body, type=ChargeStation), row.cpo_ids) for row in rows]
    return [StationItem(station=s, location=await _place(places, cpos, s.location_id)) for s, cpos in stations]


async def _place(places: Places, cpo_ids: list[str], location_id: str) -> Location | None:
    """Ids are unique on a platform, so the first of its CPOs answers."""
    for cpo_id in cpo_ids:
        if found := await places.of(cpo_id, location_id):
            return found
    return None


@get("/stations")
async def stations_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    asked, offset = chosen(request, "q", "cpo", "state", "location"), offset_of(request)
    found = await read_stations(visit, asked, offset)
    items = await station_items(visit, found.rows)
    paging = Paging(path="/desk/stations", offset=offset, total=found.total, shown=len(items), query=asked)
    old = await listed(visit, asked["cpo"])
    return page(visit, "stations.html", items=items, paging=paging, asked=asked, listed=old, states=list(DeployState))
