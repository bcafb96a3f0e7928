"""How one station is connected: its rung in a sentence with a next step, its attempts, and what its door asks."""

from msgspec import Struct

from app.actions.connecting import Connect
from app.actions.live import LiveView, own_knocks
from app.actions.passwords import NextPassword, next_password
from app.actions.views import KNOCKS_SINCE, KnockView, knock_view, refused_knocks
from app.desk.front import Visit
from app.desk.words import Words
from app.domain.environments import BUILTIN
from app.domain.knocks import Adopted
from app.domain.live import Arrivals, AuthOutcome, StationTuning
from app.domain.people import Cpo
from app.domain.profiles import Profile
from app.domain.stations import Rung
from app.ports import Ports

ATTEMPTS_SHOWN = 12
TONES = {Rung.ONLINE: "good", Rung.PENDING: "wait", Rung.SILENT: "wait", Rung.NEVER: "quiet", Rung.UNSEEN: "quiet"}
OPEN = frozenset({Rung.PENDING, Rung.REJECTED, Rung.SILENT, Rung.DEAF, Rung.ONLINE})


class Told(Struct, frozen=True, kw_only=True):
    """A rung as a person reads it; `why` is empty where the sentence says it all."""

    tone: str
    sentence: str
    why: str
    next: str


class Ladder(Struct, frozen=True, kw_only=True):
    """`attempts` are those under the station's ids, let in or not, newest first. `came` is the profile that the last
    one that was let in had, `asked` the one that counts from the next on. `bound` is when a dead line shows, in
    seconds.
    """

    told: Told
    open: bool
    attempts: list[KnockView]
    asked: Profile | None
    came: Profile | None
    bound: float
    next_password: NextPassword | None

    @property
    def below(self) -> bool:
        """It is connected with less than is asked of it by now."""
        return self.open and self.asked is not None and self.came is not None and self.came < self.asked


async def read_ladder(
    visit: Visit, cpo: Cpo, charge_station_id: str, live: LiveView, connect: Connect, adopted: Adopted | None = None
) -> Ladder:
    own = cpo.platform == BUILTIN
    arrived = await arrivals(visit.ports, cpo.cpo_id, charge_station_id) if own else []
    refused = await refused_ever(visit.ports, cpo.cpo_id, charge_station_id, adopted) if own else []
    tuning = await visit.ports.store.get(StationTuning, charge_station_id)
    return Ladder(
        told=told(visit.words, live),
        open=own and live.rung in OPEN,
        attempts=sorted([*refused, *arrived], key=lambda each: each.at, reverse=True)[:ATTEMPTS_SHOWN],
        asked=connect.security_profile,
        came=came_with(arrived[0]) if arrived else None,
        bound=visit.settings.ocpp_bounds.tuned(tuning[0] if tuning else None).published,
        next_password=await next_password(visit.ports, cpo.cpo_id, charge_station_id) if own else None,
    )


async def refused_ever(ports: Ports, cpo_id: str, charge_station_id: str, adopted: Adopted | None) -> list[KnockView]:
    """Those of the last 24 hours: its own, those from before anybody knew its id, and those under its earlier one."""
    refused = await refused_knocks(ports, cpo_id, charge_station_id)
    since = ports.clock.now() - KNOCKS_SINCE
    before = await own_knocks(ports, charge_station_id, known=False, limit=ATTEMPTS_SHOWN)
    if adopted is not None:
        earlier = await own_knocks(ports, adopted.station_id, known=True, cpo_id=cpo_id, limit=ATTEMPTS_SHOWN)
        before += [each for each in earlier if each[0].at <= adopted.at]
    seen = {(each.at, each.address) for each in refused}
    return [*refused, *(knock_view(k) for k, _ in before if k.at > since and (k.at, k.address) not in seen)]


async def arrivals(ports: Ports, cpo_id: str, charge_station_id: str) -> list[KnockView]:
    """The last attempts that were let in, newest first; another CPO's station that had this id once is not this one."""
    found = await ports.store.get(Arrivals, charge_station_id)
    return [knock_view(knock) for knock in found[0].last] if found and found[0].cpo_id == cpo_id else []


async def last_arrival(ports: Ports, charge_station_id: str) -> KnockView | None:
    """Of a station that is there; what its visitor may see of it is not asked again."""
    row = await ports.store.station(charge_station_id)
    return next(iter(await arrivals(ports, row.cpo_id, charge_station_id)), None) if row else None


def came_with(attempt: KnockView) -> Profile:
    """What an attempt showed, which may be more than was asked."""
    if attempt.auth is not AuthOutcome.RIGHT:
        return Profile.OPEN
    return Profile.TLS if attempt.tls else Profile.PASSWORD


def told(words: Words, live: LiveView) -> Told:
    """The same rule as on the phone: the rung, why, and one next step."""
    why, step = "", words.rung_next[live.rung.value]
    if live.rung is Rung.REFUSED and live.cause:
        why, step = words.knocks[live.cause], words.knock_advice[live.cause]
    if live.rung is Rung.LOST and live.cause:
        why, step = words.offline[live.cause], words.offline_next[live.cause]
    return Told(
        tone=TONES.get(live.rung, "bad"),
        sentence=words.rungs[live.rung.value],
        why=why[:1].upper() + why[1:],
        next=step,
    )
