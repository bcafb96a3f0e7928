"""The live list of commissionings: a board by state, each card with its one reason."""

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from app.actions.live import LiveView, Standing, knocked_among, read_standing, unseen
from app.actions.names import Names, Who
from app.actions.strangers import StrangerView, strangers
from app.actions.views import KnockView, refused_knocks
from app.desk.front import AnyRequest, Visit, fragment, page
from app.desk.triage import Column, Verdict, judge
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.environments import BUILTIN
from app.domain.errors import PlatformUnavailable, UnknownLocation
from app.domain.locations import Location
from app.domain.stations import Rung

OPEN_SHOWN = 1000
CLOSED_READ = 200
DONE_SHOWN = timedelta(days=3)


class Card(Struct, frozen=True, kw_only=True):
    """`read_at` is how old what is known of a station on a vendor's platform is; None here, where it is live."""

    commissioning: Commissioning
    verdict: Verdict
    live: LiveView
    person: Who
    location: str
    address: str
    read_at: datetime | None = None

    @property
    def reach(self) -> Rung | None:
        """How far the station came, where its verdict is about something else and it came at all."""
        rung = self.live.rung
        return None if self.verdict.about_reach or rung in (Rung.NEVER, Rung.UNSEEN) else rung


class Filter(Struct, frozen=True):
    text: str = ""
    cpo_id: str = ""
    person_id: str = ""

    @property
    def empty(self) -> bool:
        return not (self.text or self.cpo_id or self.person_id)

    @property
    def query(self) -> str:
        return urlencode({"q": self.text, "cpo": self.cpo_id, "person": self.person_id})


class Board(Struct, frozen=True, kw_only=True):
    columns: dict[Column, list[Card]]
    strays: list[StrangerView]
    people: list[Who]
    filter: Filter

    @property
    def help_count(self) -> int:
        return len(self.columns[Column.HELP]) + len(self.strays)

    @property
    def empty(self) -> bool:
        return not self.strays and not any(self.columns.values())


async def read_board(visit: Visit, wanted: Filter) -> Board:
    names, places = Names(visit.ports), Places(visit)
    shown = await _shown(visit)
    knocked = await knocked_among(visit.ports, {current.charge_station_id for current in shown})
    cards = [await _card(visit, current, names, places, knocked) for current in shown]
    people = {card.person.id: card.person for card in cards}
    kept = [card for card in cards if _matches(card, wanted)]
    strays = [] if wanted.cpo_id or wanted.person_id else await read_strays(visit, wanted.text)
    return Board(
        columns={column: [card for card in kept if card.verdict.column is column] for column in Column},
        strays=strays,
        people=sorted(people.values(), key=lambda who: who.name.casefold()),
        filter=wanted,
    )


async def _shown(visit: Visit) -> list[Commissioning]:
    """Oldest open ones first; then what was handed over, newest first, a day long or until it is released."""
    find, now = visit.ports.store.find, visit.say.now
    opened = await find(
        Commissioning, state=CommissioningState.OPEN.value, order="begun", limit=OPEN_SHOWN, **visit.scope
    )
    closed = await find(
        Commissioning,
        state=CommissioningState.HANDED_OVER.value,
        order="-handed_over",
        limit=CLOSED_READ,
        **visit.scope,
    )
    recent = [c for c, _ in closed if c.released is None or now - (c.handed_over or c.changed) < DONE_SHOWN]
    return [c for c, _ in opened] + recent


class Places:
    """Locations by id in this person's scope, each read once; what a platform does not tell now is left out."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[tuple[str, str], Location | None] = {}

    async def of(self, cpo_id: str, location_id: str | None) -> Location | None:
        cpo = self._visit.cpo(cpo_id)
        if location_id is None or cpo is None:
            return None
        key = (cpo_id, location_id)
        if key not in self._known:
            self._known[key] = await self._read(key)
        return self._known[key]

    async def _read(self, key: tuple[str, str]) -> Location | None:
        cpo = self._visit.cpo(key[0])
        if cpo is None:
            return None
        try:
            platform = self._visit.ports.platforms.of(cpo)
            seen = await platform.seen_location(self._visit.actor, key[1], exclude_evses=True)
        except (UnknownLocation, PlatformUnavailable):
            return None
        return msgspec.json.decode(seen.body, type=Location)


async def _card(visit: Visit, current: Commissioning, names: Names, places: Places, knocked: Collection[str]) -> Card:
    standing, refused = await read_connection(visit, current.cpo_id, current.charge_station_id, knocked)
    location = await places.of(current.cpo_id, current.location_id)
    return Card(
        commissioning=current,
        verdict=judge(current, standing.live, refused, visit.say.now),
        live=standing.live,
        read_at=standing.read_at,
        person=await names.sure(current.person_id),
        location=location.name if location else "",
        address=f"{location.address} {location.postal_code} {location.city}" if location else "",
    )


async def read_connection(
    visit: Visit, cpo_id: str, charge_station_id: str, knocked: Collection[str] | None = None
) -> tuple[Standing, list[KnockView]]:
    """Where it stands and refused attempts, newest first; a station of another CPO's with this id shows nothing.
    `knocked` as from `knocked_among`, where many are read."""
    cpo = visit.cpo(cpo_id)
    if cpo is None:
        return Standing(live=unseen()), []
    standing = await read_standing(visit.ports, cpo, charge_station_id, knocked)
    quiet = knocked is not None and charge_station_id not in knocked
    if standing.online or cpo.platform != BUILTIN or quiet:
        return standing, []
    return standing, await refused_knocks(visit.ports, cpo_id, charge_station_id)


def _matches(card: Card, wanted: Filter) -> bool:
    current = card.commissioning
    if wanted.cpo_id not in ("", current.cpo_id) or wanted.person_id not in ("", card.person.id):
        return False
    seen = (current.charge_station_id, current.label or "", card.location, card.address, card.person.name)
    return wanted.text.casefold() in "\n".join(seen).casefold()


async def read_strays(visit: Visit, text: str = "") -> list[StrangerView]:
    """Unknown stations that called in the last quarter of an hour and are in nobody's hands yet."""
    found = await strangers(visit.ports, visit.actor)
    return [each for each in found if text.casefold() in each.identity.casefold()]


def filter_of(request: AnyRequest) -> Filter:
    asked = request.query_params
    return Filter(str(asked.get("q", "")).strip(), str(asked.get("cpo", "")), str(asked.get("person", "")))


@get("/")
async def board_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    board = await read_board(visit, filter_of(request))
    return page(visit, "board.html", board=board)


@get("/board")
async def board_part(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    board = await read_board(visit, filter_of(request))
    return fragment(visit, "_board.html", board=board)
