"""One station: what its installer sees, what it says itself, and its history; with what support may do about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from msgspec import Struct

from app.actions.commissionings import release
from app.actions.connecting import Connect, Elsewhere, connect
from app.actions.live import LiveView
from app.actions.names import Names
from app.actions.passwords import set_station_password
from app.actions.views import CommissioningView, view
from app.actions.work import open_commissioning
from app.desk.board import Places, read_connection
from app.desk.commands import Card, read_card
from app.desk.front import AnyRequest, Visit, done, fragment, page, station_url
from app.desk.ladder import Ladder, read_ladder
from app.desk.moves import facts_of, moved_to
from app.desk.picture import bays_of, draw, said
from app.desk.proofs import difference, proof
from app.domain.commissioning import Commissioning
from app.domain.environments import BUILTIN
from app.domain.errors import NotFound, PlatformUnavailable, UnknownStation
from app.domain.facts import Fact, FactKind
from app.domain.locations import Location
from app.domain.model import ConnectivityStatus
from app.domain.people import Cpo, Device, Subscription
from app.domain.scan import Label
from app.domain.stations import ChargeStation
from app.ports import Platform

HISTORY_SHOWN = 100


class Event(Struct, frozen=True, kw_only=True):
    """One line of history; `who` is a person or the system behind a key, and empty for what the station did."""

    fact: Fact
    who: str
    device: str


class StationPage(Struct, frozen=True, kw_only=True):
    """`station` is None while only a commissioning knows the id; `shown` is the open commissioning, else the last."""

    id: str
    cpo: Cpo
    station: ChargeStation | None
    location: Location | None
    shown: CommissioningView | None
    live: LiveView
    ladder: Ladder
    connect: Connect
    labels: list[Label]
    history: list[Event]
    virtual_on: bool | None
    commands: Card | None
    read_at: datetime | None = None
    elsewhere: Elsewhere | None = None
    given_back_at: datetime | None = None
    given_back_by: str = ""

    @property
    def theirs(self) -> bool:
        """On a vendor's platform: it sees the station and sets its password, we do not."""
        return self.connect.password_by == "platform"

    @property
    def online(self) -> bool:
        return self.live.connectivity_status is ConnectivityStatus.ONLINE

    @property
    def waits_for_first(self) -> bool:
        """Somebody waits for its first connection to us."""
        return not self.theirs and self.shown is not None and self.shown.state == "open" and self.live.seen is None

    @property
    def gone(self) -> bool:
        """It was given back before it was a station: nothing is to be expected of it."""
        return self.given_back_at is not None and self.station is None

    @property
    def waits_for_release(self) -> bool:
        shown = self.shown
        return shown is not None and shown.state == "handed_over" and shown.released is None

    @property
    def check_rows(self) -> list[Any]:
        return self.shown.checks if self.shown else []


async def find_station(visit: Visit, charge_station_id: str) -> tuple[ChargeStation, Platform] | None:
    """The station on any of this person's platforms.

    Raises PlatformUnavailable when it may be on one that does not answer.
    """
    silent: PlatformUnavailable | None = None
    for platform in visit.platforms():
        try:
            seen = await platform.seen_station(visit.actor, charge_station_id)
        except UnknownStation:
            continue
        except PlatformUnavailable as error:
            silent = error
            continue
        return msgspec.json.decode(seen.body, type=ChargeStation), platform
    if silent is not None:
        raise silent
    return None


async def read_page(visit: Visit, charge_station_id: str) -> StationPage:
    """Raises UnknownStation when neither a platform nor a commissioning of this person's CPOs knows the id."""
    names = Names(visit.ports)
    found = await find_station(visit, charge_station_id)
    commissioning = await _commissioning(visit, charge_station_id)
    location = await _location(visit, found, commissioning)
    cpo = visit.cpo(location.cpo_id if location else commissioning.cpo_id if commissioning else None)
    if cpo is None or (found is None and commissioning is None):
        raise UnknownStation(charge_station_id)
    standing, _ = await read_connection(visit, cpo.cpo_id, charge_station_id)
    connected = await connect(visit.ports, cpo, charge_station_id)
    stamp = await visit.ports.store.last_fact()
    return StationPage(
        id=charge_station_id,
        cpo=cpo,
        station=found[0] if found else None,
        location=location,
        shown=await view(visit.ports, visit.actor, commissioning, stamp, names) if commissioning else None,
        live=standing.live,
        read_at=standing.read_at,
        elsewhere=standing.elsewhere,
        ladder=await read_ladder(
            visit, cpo, charge_station_id, standing.live, connected, commissioning.adopted if commissioning else None
        ),
        connect=connected,
        labels=await _labels(visit, charge_station_id),
        history=await _history(visit, charge_station_id, names),
        commands=await read_card(visit, cpo, charge_station_id, found[0] if found else None, standing.live.rung),
        virtual_on=_virtual(visit, cpo, charge_station_id),
        given_back_at=commissioning.abandoned if commissioning else None,
        given_back_by=(await names.sure(commissioning.abandoned_by)).name
        if commissioning and commissioning.abandoned_by
        else "",
    )


def _virtual(visit: Visit, cpo: Cpo, charge_station_id: str) -> bool | None:
    """None where there are no virtual stations: outside the demo, and on a vendor's platform."""
    if visit.ports.virtual is None or cpo.platform != BUILTIN:
        return None
    return charge_station_id in set(visit.ports.virtual.running())


async def _commissioning(visit: Visit, charge_station_id: str) -> Commissioning | None:
    """The open one, else the newest."""
    if current := await open_commissioning(visit.ports, visit.actor, charge_station_id):
        return current
    found = await visit.ports.store.find(
        Commissioning, charge_station_id=charge_station_id, order="-begun", limit=1, **visit.scope
    )
    return found[0][0] if found else None


async def _location(
    visit: Visit, found: tuple[ChargeStation, Platform] | None, commissioning: Commissioning | None
) -> Location | None:
    """Where the station is; while it does not exist, the location that was chosen for it."""
    if found is None:
        return await Places(visit).of(commissioning.cpo_id, commissioning.location_id) if commissioning else None
    station, platform = found
    try:
        seen = await platform.seen_location(visit.actor, station.location_id, exclude_evses=True)
    except (NotFound, PlatformUnavailable):
        return None
    return msgspec.json.decode(seen.body, type=Location)


async def _labels(visit: Visit, charge_station_id: str) -> list[Label]:
    found = await visit.ports.store.find(Label, charge_station_id=charge_station_id, **visit.scope)
    labels = [label for label, _ in found if label.revoked_at is None]
    return sorted(labels, key=lambda label: label.evse_sequence_number or 0)


async def _history(visit: Visit, charge_station_id: str, names: Names) -> list[Event]:
    facts = await facts_of(visit, charge_station_id, HISTORY_SHOWN)
    devices = {fact.device_id for fact in facts if fact.device_id}
    known = await visit.ports.store.find(Device, id=devices) if devices else []
    spoken = {device.id: device.name for device, _ in known}
    keys = {key: await _key_name(visit, key) for key in {_key(fact) for fact in facts} if key}
    return [
        Event(
            fact=fact,
            who=(await names.sure(fact.person_id)).name if fact.person_id else keys.get(_key(fact), ""),
            device=spoken.get(fact.device_id or "", ""),
        )
        for fact in told_once(facts)
    ]


def _key(fact: Fact) -> str:
    """The subscription that did it, or nothing."""
    return str(fact.data.get("subscription_id") or "")


async def _key_name(visit: Visit, subscription_id: str) -> str:
    """The system whose key it is, in the words of its name; without one, that it was one."""
    found = await visit.ports.store.get(Subscription, subscription_id)
    return (found[0].name if found else "") or visit.words.nav_subscriptions


def told_once(facts: Sequence[Fact]) -> list[Fact]:
    """Without "station changed" where another fact of the same operation or moment tells what was done."""
    others = [fact for fact in facts if fact.kind is not FactKind.STATION_CHANGED]
    operations = {fact.operation_id for fact in others} - {None}
    moments = {fact.at for fact in others}
    return [
        fact
        for fact in facts
        if fact.kind is not FactKind.STATION_CHANGED or not (fact.operation_id in operations or fact.at in moments)
    ]


def _context(visit: Visit, read: StationPage) -> dict[str, Any]:
    bays = bays_of(read.station.evses) if read.station else []
    told = said(bays, visit.words.hardware, visit.words.evse_status)
    shown = read.shown
    return {
        "it": read,
        "picture": draw(bays, visit.words.evse_status, told) if bays else "",
        "differences": [difference(visit.say, each) for each in shown.findings] if shown else [],
        "proofs": [proof(visit.say, each) for each in shown.trials] if shown else [],
    }


def asked_station(request: AnyRequest) -> str:
    return str(request.query_params.get("id", ""))


@get("/station")
async def station_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    try:
        read = await read_page(visit, asked_station(request))
    except UnknownStation:
        if (right_id := await moved_to(visit, asked_station(request))) is None:
            raise
        return Redirect(station_url(right_id), status_code=303)
    return page(visit, "station.html", **_context(visit, read))


@get("/station/live")
async def station_part(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    try:
        read = await read_page(visit, asked_station(request))
    except UnknownStation:
        if (right_id := await moved_to(visit, asked_station(request))) is None:
            raise
        return Response("", headers={"HX-Redirect": station_url(right_id)})
    return fragment(visit, "_station.html", **_context(visit, read))


@post("/station/release")
async def release_station(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Redirect:
    read = await read_page(visit, asked_station(request))
    if read.shown is not None:
        await release(visit.ports, visit.actor, read.shown.id)
    return done(visit, station_url(read.id), "released", read.id)


@post("/station/password")
async def new_password(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    """The password is in this one answer and nowhere else."""
    station_id = asked_station(request)
    read = await read_page(visit, station_id)
    password = await set_station_password(visit.ports, visit.actor, station_id)
    shown = await connect(visit.ports, read.cpo, station_id)
    return page(visit, "password.html", station_id=station_id, password=password, connect=shown)


@post("/station/virtual")
async def switch_virtual(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Redirect:
    read = await read_page(visit, asked_station(request))
    virtual = visit.ports.virtual
    if virtual is None:
        raise NotFound("there are no virtual stations here")
    on = (await request.form()).get("on") == "1"
    await (virtual.switch_on(read.id, visit.actor) if on else virtual.switch_off(read.id))
    return done(visit, station_url(read.id), "virtual_on" if on else "virtual_off", read.id)
