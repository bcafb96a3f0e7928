"""Connection attempts of the last quarter of an hour that match no station, for whoever may be waiting for one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from app.actions.live import LiveView
from app.actions.work import open_commissioning
from app.domain import commissioning as rules
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.environments import BUILTIN
from app.domain.facts import Fact, FactKind
from app.domain.knocks import Difference, canonical, difference, meant
from app.domain.live import AuthOutcome, Knock, KnockReason
from app.domain.people import Actor, Cpo
from app.domain.scan import nearest_first
from app.ports import Ports

SINCE = timedelta(minutes=15)
NEAR_READ = 400
LOST_READ = 100
ADOPTERS_READ = 200
SHOWN = 8
NOT_A_STATION = frozenset({KnockReason.NOT_WEBSOCKET, KnockReason.BAD_ID})


class StrangerView(Struct, kw_only=True):
    """A station that nobody knows, by its last attempt; `times` it tried.

    `nearest` is the known id that it may mean, as far as this person may know of it, and `differs` how its own differs
    from that one. `auth` is measured against the nearest; `password` says that it sent credentials which it may keep.
    The last three were told by a station that is held waiting.
    """

    id: str
    at: datetime
    times: int
    identity: str
    address: str
    reason: KnockReason
    auth: AuthOutcome | None
    password: bool
    tls: bool
    subprotocols: list[str]
    nearest: str | None
    differs: Difference | None
    held: bool
    vendor: str | None
    model: str | None
    serial: str | None


async def strangers(ports: Ports, actor: Actor, charge_station_id: str | None = None) -> list[StrangerView]:
    """Newest first, and first of all those that may be this station. A stranger near a station of a CPO that the actor
    does not have belongs to that CPO and is not here; one near nothing may be anybody's."""
    found = await _recent(ports, actor)
    grouped: dict[tuple[str, str], list[Knock]] = {}
    for knock in found:
        grouped.setdefault((knock.identity, knock.address), []).append(knock)
    taken = await _taken(ports, {canonical(knock.identity) for knock in found})
    free = [group for group in grouped.values() if canonical(group[0].identity) not in taken]
    names = await _visible(ports, actor, {group[0].nearest for group in free} - {None, charge_station_id})
    shown = [_shown(group, charge_station_id, names) for group in free]
    shown.sort(key=lambda stranger: charge_station_id is None or stranger.nearest != charge_station_id)
    return shown


async def adopters(ports: Ports, actor: Actor, identity: str) -> list[Commissioning]:
    """The commissionings that this stranger may be the station of: open, and still to come online for the first time;
    those with nearly its id first, then the newest."""
    scope = {} if actor.cpo_ids is None else {"cpo_id": actor.cpo_ids}
    state = CommissioningState.OPEN.value
    found = await ports.store.find(Commissioning, state=state, order="-changed", limit=ADOPTERS_READ, **scope)
    ours = {cpo.cpo_id for cpo, _ in await ports.store.find(Cpo) if cpo.platform == BUILTIN}
    waiting = [each for each, _ in found if each.cpo_id in ours and not rules.was_seen_online(each)]
    far = {name: edits for edits, name in nearest_first(identity, [each.charge_station_id for each in waiting])}
    return sorted(waiting, key=lambda each: far.get(each.charge_station_id, len(identity)))


async def strangers_for(
    ports: Ports, actor: Actor, cpo: Cpo, current: Commissioning, live: LiveView
) -> list[StrangerView]:
    """For a commissioning whose station is still to come online for the first time."""
    waits = current.state is CommissioningState.OPEN and live.seen is None
    if cpo.platform != BUILTIN or not waits:
        return []
    return (await strangers(ports, actor, current.charge_station_id))[:SHOWN]


def is_for_all_who_wait(fact: Fact, actor: Actor) -> bool:
    """A stranger near no station that is waited for: it may be anybody's."""
    stray = fact.kind is FactKind.STRANGER_KNOCKED and fact.charge_station_id is None
    return stray and (fact.cpo_id is None or actor.covers(fact.cpo_id))


async def waited_for(ports: Ports, actor: Actor) -> set[str]:
    """The stations that this person waits for: theirs, open, and never seen online."""
    state = CommissioningState.OPEN.value
    found = await ports.store.find(Commissioning, person_id=actor.person_id, state=state)
    return {current.charge_station_id for current, _ in found if not rules.was_seen_online(current)}


async def _recent(ports: Ports, actor: Actor) -> list[Knock]:
    """Those near something are read apart: strangers near nothing, however many, do not hide them."""
    scope = {} if actor.cpo_ids is None else {"cpo_id": actor.cpo_ids}
    found = [*await _newest(ports, NEAR_READ, scope), *await _newest(ports, LOST_READ, {"cpo_id": None})]
    unique = {knock.id: knock for knock in found if knock.reason not in NOT_A_STATION}
    return sorted(unique.values(), key=lambda knock: knock.at, reverse=True)


async def _newest(ports: Ports, limit: int, scope: dict[str, Any]) -> list[Knock]:
    """Where nobody knocked lately, one row is read and no more."""
    since = ports.clock.now() - SINCE
    for most in (1, limit):
        found = await ports.store.find(Knock, charge_station_id=None, order="-at", limit=most, **scope)
        if not found or found[0][0].at <= since:
            return []
    return [knock for knock, _ in found if knock.at > since]


async def _taken(ports: Ports, ids: Iterable[str]) -> set[str]:
    """Of these ids, those that are a station's by now or in somebody's hands."""
    wanted = set(ids)
    opened = CommissioningState.OPEN.value
    taken = set(
        await ports.store.column(Commissioning, "charge_station_id", charge_station_id=wanted, state=opened)
        if wanted
        else ()
    )
    return taken | {each for each in wanted - taken if await ports.store.station(each) is not None}


async def _visible(ports: Ports, actor: Actor, ids: Iterable[str | None]) -> set[str]:
    """Of these ids, those of stations and commissionings that this actor may know of."""
    seen = set()
    for each in filter(None, ids):
        row = await ports.store.station(each)
        if actor.covers(row.cpo_id) if row else await open_commissioning(ports, actor, each) is not None:
            seen.add(each)
    return seen


def _shown(group: list[Knock], charge_station_id: str | None, names: set[str]) -> StrangerView:
    last = group[0]
    told = next((knock for knock in group if knock.vendor or knock.model or knock.serial), last)
    mine = charge_station_id and meant(last.identity, [charge_station_id], set())
    nearest = mine or (last.nearest if last.nearest in names else None)
    return StrangerView(
        id=last.id,
        at=last.at,
        times=sum(knock.times for knock in group),
        identity=last.identity,
        address=last.address,
        reason=last.reason,
        auth=last.auth,
        password=last.credentials_digest is not None,
        tls=last.tls,
        subprotocols=last.subprotocols,
        nearest=nearest,
        differs=difference(last.identity, nearest) if nearest else None,
        held=last.held,
        vendor=told.vendor,
        model=told.model,
        serial=told.serial,
    )
