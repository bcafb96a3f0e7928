"""A commissioning as people see it, the same on phone and desk: checklist, station, connectivity, attempts, tests.

A vendor's platform is not asked for it: what it told last is shown, with its age. Everything is read in the viewer's
scope; names of people are looked up by id at the last moment.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from app.actions.connecting import Connect, Elsewhere, connect
from app.actions.findings import read_findings
from app.actions.homes import guarded, may_see
from app.actions.live import LiveView, own_knocks, read_standing
from app.actions.names import Names, Who
from app.actions.proofs import FindingView, TestsView, TrialView, finding_view, tests_view, trial_view
from app.actions.strangers import StrangerView, strangers_for
from app.actions.work import read_commissioning, read_cpo
from app.domain.checks import Check, CheckState
from app.domain.commanding import CommandRequest, RequestState, result_of, target_of, word_of
from app.domain.commissioning import Commissioning, CommissioningKind, CommissioningState, ParkReason
from app.domain.environments import BUILTIN
from app.domain.errors import PlatformUnavailable, UnknownLocation, UnknownStation
from app.domain.live import AuthOutcome, Knock, KnockReason
from app.domain.locations import Location
from app.domain.model import GeoLocation
from app.domain.people import Actor, CheckKind, Cpo
from app.domain.stations import ChargeStation
from app.ports import Platform, Ports

KNOCKS_SHOWN = 20
KNOCKS_SINCE = timedelta(hours=24)
REQUESTS_SHOWN = 5
REQUESTS_SINCE = timedelta(minutes=15)


class CheckView(Struct, kw_only=True):
    key: str
    kind: CheckKind
    label: str | None
    unit: str | None
    minimum: float | None
    maximum: float | None
    state: CheckState
    by: Who | None
    at: datetime | None
    reason: str | None
    detail: dict[str, Any]


class LocationItem(Struct, kw_only=True):
    """A location in a list; `distance_m` from where the person stands, if that is known."""

    id: str
    cpo_id: str
    name: str
    address: str
    city: str
    postal_code: str
    country: str
    coordinates: GeoLocation | None
    distance_m: float | None
    stations: int
    publish: bool


class TemplateRef(Struct, frozen=True):
    template_id: str
    name: str


class KnockView(Struct, kw_only=True):
    """An attempt under the station's own id; `times` is for how many it stands."""

    at: datetime
    reason: KnockReason
    address: str
    identity: str
    subprotocols: list[str]
    auth: AuthOutcome | None
    tls: bool
    times: int


class AdoptedView(Struct, kw_only=True):
    """It was begun as `station_id`; with `password` the station keeps the one that it had."""

    station_id: str
    password: bool
    by: Who
    at: datetime


class ParkedView(Struct, kw_only=True):
    reason: ParkReason
    note: str | None
    until: str | None


class RequestView(Struct, kw_only=True):
    """A command by somebody else than the installer: `by` a person, or `system` the name of one behind a key.

    `command` and `result` are stable words, `detail` says what of the station it is about. While it is WAITING the
    holder may answer until `expires`.
    """

    id: str
    command: str
    detail: dict[str, Any]
    by: Who | None
    system: str | None
    why: str | None
    state: RequestState
    result: str
    asked: datetime
    expires: datetime | None
    ended: datetime | None


class CommissioningView(Struct, kw_only=True):
    """`stamp` is the number of the last fact that this view includes.

    `read_at` is when a vendor's platform was read for it, None where the platform is our own and this is live.
    """

    id: str
    cpo_id: str
    station_id: str
    kind: CommissioningKind
    state: CommissioningState
    begun: datetime
    begun_by: Who
    person: Who
    mine: bool
    parked: ParkedView | None
    label: str | None
    checks: list[CheckView]
    location: LocationItem | None
    template: TemplateRef | None
    station: msgspec.Raw | None
    none_checked: list[int]
    live: LiveView
    knocks: list[KnockView]
    strangers: list[StrangerView]
    adopted: AdoptedView | None
    trials: list[TrialView]
    requests: list[RequestView]
    findings: list[FindingView]
    tests: TestsView
    connect: Connect
    handed_over: datetime | None
    handed_over_by: Who | None
    released: datetime | None
    note: str | None
    plate_serial: str | None
    read_at: datetime | None = None
    elsewhere: Elsewhere | None = None
    stamp: int


async def commissioning_view(ports: Ports, actor: Actor, commissioning_id: str) -> CommissioningView:
    """Raises UnknownCommissioning outside the actor's scope."""
    stamp = await ports.store.last_fact()
    current, _ = await read_commissioning(ports, actor, commissioning_id)
    return await view(ports, actor, current, stamp, Names(ports))


async def view(ports: Ports, actor: Actor, current: Commissioning, stamp: int, names: Names) -> CommissioningView:
    """The view of a commissioning that was read in scope already."""
    cpo = await read_cpo(ports, actor, current.cpo_id)
    platform = ports.platforms.of(cpo)
    station_id = current.charge_station_id
    station = await _station(platform, actor, station_id)
    standing = await read_standing(ports, cpo, station_id)
    known = msgspec.json.decode(station, type=ChargeStation) if station is not None else None
    sight = await _sight(ports, actor, cpo, current, known)
    handed_over_by = await names.who(current.handed_over_by)
    return CommissioningView(
        id=current.id,
        cpo_id=current.cpo_id,
        station_id=station_id,
        kind=current.kind,
        state=current.state,
        begun=current.begun,
        begun_by=await names.sure(current.begun_by),
        person=await names.sure(current.person_id),
        mine=current.person_id == actor.person_id,
        parked=_parked(current),
        label=current.label,
        checks=[await _check(check, names, sight) for check in current.checks],
        location=await _location(platform, actor, current.location_id) if sight.location else None,
        template=await _template(platform, actor, current.template_id),
        station=station if sight.station else None,
        none_checked=current.none_checked,
        live=standing.live,
        knocks=await refused_knocks(ports, cpo.cpo_id, station_id) if cpo.platform == BUILTIN else [],
        strangers=await strangers_for(ports, actor, cpo, current, standing.live),
        adopted=await _adopted(current, names),
        trials=[await trial_view(trial, names) for trial in current.trials],
        requests=await requests_of(ports, names, commissioning_id=current.id),
        findings=[await finding_view(each, current, names) for each in await read_findings(ports, cpo, current, known)],
        tests=tests_view(cpo, current, known),
        connect=await connect(ports, cpo, station_id),
        handed_over=current.handed_over,
        handed_over_by=handed_over_by,
        released=current.released,
        note=current.note,
        plate_serial=current.new_serial,
        read_at=standing.read_at,
        elsewhere=standing.elsewhere,
        stamp=stamp,
    )


class _Sight(Struct, frozen=True):
    """What the viewer may see: the chosen location, and the station with all that tells where it stands."""

    location: bool
    station: bool


async def _sight(ports: Ports, actor: Actor, cpo: Cpo, current: Commissioning, known: ChargeStation | None) -> _Sight:
    station = known if guarded(actor, cpo) else None

    async def sees(location_id: str | None) -> bool:
        return location_id is None or await may_see(ports, actor, cpo, location_id, station)

    chosen = await sees(current.location_id)
    stands = station.location_id if station else None
    return _Sight(chosen, chosen and (stands == current.location_id or await sees(stands)))


async def _adopted(current: Commissioning, names: Names) -> AdoptedView | None:
    word = current.adopted
    if word is None:
        return None
    return AdoptedView(station_id=word.station_id, password=word.password, by=await names.sure(word.by), at=word.at)


def _parked(current: Commissioning) -> ParkedView | None:
    parked = current.parked
    if parked is None:
        return None
    until = parked.until.isoformat() if parked.until else None
    return ParkedView(reason=parked.reason, note=parked.note, until=until)


async def _check(check: Check, names: Names, sight: _Sight) -> CheckView:
    """The location's detail is its name, which for a home is where somebody lives."""
    return CheckView(
        key=check.key,
        kind=check.kind,
        label=check.label,
        unit=check.unit,
        minimum=check.minimum,
        maximum=check.maximum,
        state=check.state,
        by=await names.who(check.by),
        at=check.at,
        reason=check.reason,
        detail=check.detail if sight.location or check.kind is not CheckKind.LOCATION else {},
    )


async def requests_of(ports: Ports, names: Names, **equals: str) -> list[RequestView]:
    """What others asked of the station of this commissioning, or of this station, in the last minutes, newest first."""
    since = ports.clock.now() - REQUESTS_SINCE
    found = await ports.store.find(CommandRequest, order="-asked", limit=REQUESTS_SHOWN, **equals)
    return [await request_view(request, names) for request, _ in found if request.asked > since]


async def request_view(request: CommandRequest, names: Names) -> RequestView:
    return RequestView(
        id=request.id,
        command=word_of(request.command),
        detail=target_of(request.command),
        by=await names.who(request.by),
        system=await names.system(request.subscription_id),
        why=request.why,
        state=request.state,
        result=result_of(request),
        asked=request.asked,
        expires=request.expires,
        ended=request.ended,
    )


def location_item(location: Location, distance_m: float | None = None) -> LocationItem:
    stations = len({(evse.uid or "").rsplit("-", 1)[0] for evse in location.evses})
    return LocationItem(
        id=location.id,
        cpo_id=location.cpo_id,
        name=location.name,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code,
        country=location.country,
        coordinates=location.coordinates,
        distance_m=distance_m,
        stations=stations,
        publish=bool(location.publish),
    )


async def _location(platform: Platform, actor: Actor, location_id: str | None) -> LocationItem | None:
    if location_id is None:
        return None
    try:
        seen = await platform.seen_location(actor, location_id)
    except (UnknownLocation, PlatformUnavailable):
        return None
    return location_item(msgspec.json.decode(seen.body, type=Location))


async def _template(platform: Platform, actor: Actor, template_id: str | None) -> TemplateRef | None:
    if template_id is None:
        return None
    try:
        names = {t.template_id: t.name for t in await platform.seen_templates(actor)}
    except PlatformUnavailable:
        names = {}
    return TemplateRef(template_id, names.get(template_id) or template_id)


async def _station(platform: Platform, actor: Actor, charge_station_id: str) -> msgspec.Raw | None:
    try:
        return msgspec.Raw((await platform.seen_station(actor, charge_station_id)).body)
    except (UnknownStation, PlatformUnavailable):
        return None


async def refused_knocks(ports: Ports, cpo_id: str, charge_station_id: str) -> list[KnockView]:
    """Refused attempts of this CPO's station, or under an id that is nobody's, in the last 24 hours, newest first."""
    row = await ports.store.station(charge_station_id)
    known = row is not None and row.cpo_id == cpo_id
    found = await own_knocks(ports, charge_station_id, known=known, limit=KNOCKS_SHOWN)
    since = ports.clock.now() - KNOCKS_SINCE
    return [knock_view(knock) for knock, _ in found if knock.at > since]


def knock_view(knock: Knock) -> KnockView:
    return KnockView(
        at=knock.at,
        reason=knock.reason,
        address=knock.address,
        identity=knock.identity,
        subprotocols=knock.subprotocols,
        auth=knock.auth,
        tls=knock.tls,
        times=knock.times,
    )
