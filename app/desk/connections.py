"""Connection attempts of all stations, unknown ones too: who called, what they offered, and what they were answered."""

from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from app.actions.strangers import StrangerView, strangers
from app.desk.front import AnyRequest, Visit, fragment, page
from app.desk.stations import chosen
from app.domain.live import Arrivals, Knock, KnockReason

SHOWN = 200
PREFIX = "/ocpp/"


class Attempt(Struct, frozen=True, kw_only=True):
    """`known` says that the id is a station's of this person; `stranger` that it may still be adopted, `nearest` what
    its id may mean. `by_now` is the station whose id it became since. `as_sent` is the path
    where it says something else than the id."""

    knock: Knock
    known: bool
    nearest: str | None
    by_now: str | None
    stranger: StrangerView | None
    as_sent: str


async def read_attempts(visit: Visit, asked: dict[str, str]) -> list[Attempt]:
    """Newest first: those at stations of this person's CPOs, and those under ids that nobody knows."""
    let_in = await _let_in(visit) if asked["show"] in ("accepted", "all") else []
    knocks = let_in if asked["show"] == "accepted" else [*let_in, *await _refused(visit)]
    wanted = sorted((k for k in knocks if _wanted(k, asked)), key=lambda knock: knock.at, reverse=True)[:SHOWN]
    known = {(each.identity, each.address): each for each in await strangers(visit.ports, visit.actor)}
    return [await _attempt(visit, knock, known.get((knock.identity, knock.address))) for knock in wanted]


async def _refused(visit: Visit) -> list[Knock]:
    found = await visit.ports.store.find(Knock, order="-at", limit=2 * SHOWN, **visit.scope)
    if visit.actor.cpo_ids is not None:
        found += await visit.ports.store.find(Knock, order="-at", limit=SHOWN, cpo_id=None)
    return [knock for knock, _ in found]


async def _let_in(visit: Visit) -> list[Knock]:
    found = await visit.ports.store.find(Arrivals, order="-at", limit=SHOWN, **visit.scope)
    return [knock for arrivals, _ in found for knock in arrivals.last]


async def _attempt(visit: Visit, knock: Knock, stranger: StrangerView | None) -> Attempt:
    row = await visit.ports.store.station(knock.nearest) if knock.nearest else None
    nearest = row.charge_station_id if row is not None and visit.actor.covers(row.cpo_id) else None
    plain = knock.raw_path in (PREFIX + knock.identity, PREFIX + quote(knock.identity, safe=""))
    return Attempt(
        knock=knock,
        known=knock.charge_station_id is not None,
        nearest=stranger.nearest if stranger else nearest,
        by_now=await _by_now(visit, knock),
        stranger=stranger if stranger and stranger.id == knock.id else None,
        as_sent="" if plain else knock.raw_path,
    )


async def _by_now(visit: Visit, knock: Knock) -> str | None:
    if knock.charge_station_id is not None or knock.reason is not KnockReason.UNKNOWN_ID:
        return None
    row = await visit.ports.store.station(knock.identity)
    return row.charge_station_id if row is not None and visit.actor.covers(row.cpo_id) else None


def _wanted(knock: Knock, asked: dict[str, str]) -> bool:
    if asked["show"] == "unknown" and knock.charge_station_id is not None:
        return False
    return asked["q"].casefold() in f"{knock.identity}\n{knock.address}".casefold()


@get("/connections")
async def connections_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    asked = chosen(request, "q", "show")
    return page(visit, "connections.html", attempts=await read_attempts(visit, asked), asked=asked)


@get("/connections/list")
async def connections_part(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    asked = chosen(request, "q", "show")
    return fragment(visit, "_connections.html", attempts=await read_attempts(visit, asked), asked=asked)
