"""Connection attempts of all stations, unknown ones too: who called, and why they were not let in."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from app.desk.board import nearest_in_scope
from app.desk.front import AnyRequest, Visit, fragment, page
from app.desk.stations import chosen
from app.domain.live import Knock

SHOWN = 200


class Attempt(Struct, frozen=True, kw_only=True):
    """`known` says that the id is a station's of this person; `nearest` what an unknown id may mean."""

    knock: Knock
    known: bool
    nearest: str | None


async def read_attempts(visit: Visit, asked: dict[str, str]) -> list[Attempt]:
    """Newest first: those at stations of this person's CPOs, and those under ids that nobody knows."""
    found = await visit.ports.store.find(Knock, order="-at", limit=2 * SHOWN, **visit.scope)
    if visit.actor.cpo_ids is not None:
        found += await visit.ports.store.find(Knock, order="-at", limit=SHOWN, cpo_id=None)
    knocks = sorted((knock for knock, _ in found if _wanted(knock, asked)), key=lambda knock: knock.at, reverse=True)
    return [
        Attempt(
            knock=knock,
            known=knock.charge_station_id is not None,
            nearest=await nearest_in_scope(visit, knock),
        )
        for knock in knocks[:SHOWN]
    ]


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
