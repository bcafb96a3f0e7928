"""From a scanned or typed text to "is this my station?": what it means, what is known, and what may be done next."""

import re
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from app.actions.homes import guarded, may_see
from app.actions.names import Names, Who
from app.actions.views import CommissioningView, LocationItem, location_item, view
from app.actions.work import open_commissioning
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.environments import BUILTIN
from app.domain.errors import PlatformUnavailable, UnknownLocation, UnknownStation, UnreadableCode
from app.domain.findings import plain
from app.domain.locations import Location
from app.domain.model import DeployState
from app.domain.people import Actor, Cpo, Role
from app.domain.scan import Label, Reading, ReadingKind, readings
from app.domain.stations import ChargeStation
from app.ports import Platform, Ports

OWN_CODE = "/S/"
GROUPED = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
"""As our labels print their codes: somebody who types that means a label, not a new station's id."""
NEAR = 3
NEAR_READ = 12


class Outcome(StrEnum):
    """What a text turned out to be.

    `station`: known to this person. `new_station`: an id nobody knows. `unknown`: not our code, or a label that points
    nowhere. `choose`: several parts may be the id. `unreadable`: damaged or empty.
    """

    STATION = "station"
    NEW_STATION = "new_station"
    UNKNOWN = "unknown"
    CHOOSE = "choose"
    UNREADABLE = "unreadable"


class HandedOver(Struct, kw_only=True):
    handed_over: datetime | None
    by: Who | None


class Lookup(Struct, kw_only=True):
    outcome: Outcome
    reason: str | None = None
    text: str
    station_id: str | None = None
    label: str | None = None
    evse_sequence_number: int | None = None
    cpo_id: str | None = None
    cpo_ids: list[str] = []
    nearest: list[str] = []
    may_create: bool = False
    candidates: list[str] = []
    station: msgspec.Raw | None = None
    location: LocationItem | None = None
    commissioning: CommissioningView | None = None
    last: HandedOver | None = None


class Target(Struct, frozen=True, kw_only=True):
    """The station that a text leads to, known or not yet."""

    station_id: str
    cpo_id: str | None = None
    label: str | None = None
    evse_sequence_number: int | None = None
    body: bytes | None = None


async def look_up(ports: Ports, actor: Actor, text: str) -> Lookup:
    """Never raises for what a camera may read; what is foreign to the actor is unknown to them."""
    try:
        found = readings(text)
    except UnreadableCode as error:
        return Lookup(outcome=Outcome.UNREADABLE, reason=str(error.detail.get("reason", "unreadable")), text=text)
    for reading in found:
        if target := await _known(ports, actor, reading):
            return await _about(ports, actor, text, target)
    return await _unknown(ports, actor, text, found)


async def _known(ports: Ports, actor: Actor, reading: Reading) -> Target | None:
    if reading.kind is ReadingKind.LABEL:
        return None if reading.damaged else await _labelled(ports, actor, reading.text)
    found = await _station(ports, actor, reading.text)
    if found is not None:
        cpo_id, body = found
        return Target(station_id=reading.text, cpo_id=cpo_id, evse_sequence_number=_socket(reading, body), body=body)
    current = await open_commissioning(ports, actor, reading.text)
    return Target(station_id=reading.text, cpo_id=current.cpo_id) if current else None


def _socket(reading: Reading, body: bytes) -> int | None:
    """The EVSE that has this id now: where two were mixed up, their ids changed places."""
    evses = msgspec.json.decode(body, type=ChargeStation).evses if reading.evse_id else []
    same = (evse for evse in evses if evse.evse_id and plain(evse.evse_id) == plain(reading.evse_id or ""))
    return next((evse.evse_sequence_number for evse in same), reading.evse_sequence_number)


async def _labelled(ports: Ports, actor: Actor, code: str) -> Target | None:
    found = await ports.store.get(Label, code)
    if found is None or found[0].revoked_at is not None or not actor.covers(found[0].cpo_id):
        return None
    label = found[0]
    known = await _station(ports, actor, label.charge_station_id)
    return Target(
        station_id=label.charge_station_id,
        cpo_id=known[0] if known else label.cpo_id,
        label=label.code,
        evse_sequence_number=label.evse_sequence_number,
        body=known[1] if known else None,
    )


async def _cpos(ports: Ports, actor: Actor) -> list[Cpo]:
    return [cpo for cpo, _ in await ports.store.find(Cpo) if actor.covers(cpo.cpo_id)]


async def _station(ports: Ports, actor: Actor, charge_station_id: str) -> tuple[str, bytes] | None:
    """The station on whichever platform of the actor's CPOs knows it, with its CPO.

    Raises PlatformUnavailable when the one that may know it does not answer, and none of the others does.
    """
    asked: list[Platform] = []
    silent: PlatformUnavailable | None = None
    for cpo in await _cpos(ports, actor):
        try:
            platform = ports.platforms.of(cpo)
            if platform in asked:
                continue
            asked.append(platform)
            return await _station_at(ports, actor, cpo, platform, charge_station_id)
        except UnknownStation:
            continue
        except PlatformUnavailable as error:
            silent = error
    if silent is not None:
        raise silent
    return None


async def _station_at(
    ports: Ports, actor: Actor, cpo: Cpo, platform: Platform, charge_station_id: str
) -> tuple[str, bytes]:
    """As it is now, else as its platform told it last."""
    try:
        body = await platform.station(actor, charge_station_id)
    except PlatformUnavailable:
        body = (await platform.seen_station(actor, charge_station_id)).body
    row = await ports.store.station(charge_station_id) if cpo.platform == BUILTIN else None
    return (row.cpo_id if row else cpo.cpo_id), body


async def _about(ports: Ports, actor: Actor, text: str, target: Target) -> Lookup:
    stamp, names = await ports.store.last_fact(), Names(ports)
    current = await open_commissioning(ports, actor, target.station_id)
    station = msgspec.json.decode(target.body, type=ChargeStation) if target.body else None
    known = station is not None or current is not None
    seen = station is None or await _sees(ports, actor, target.cpo_id, station)
    return Lookup(
        outcome=Outcome.STATION if known else Outcome.NEW_STATION,
        reason=_reason(actor, station, current),
        text=text,
        station_id=target.station_id,
        label=target.label,
        evse_sequence_number=target.evse_sequence_number,
        cpo_id=target.cpo_id,
        cpo_ids=[target.cpo_id] if target.cpo_id else [],
        nearest=[] if known else await _nearest(ports, actor, target.station_id),
        may_create=not known and await _may_create(ports, actor, target.cpo_id),
        station=msgspec.Raw(target.body) if target.body and seen else None,
        location=await _location(ports, actor, target.cpo_id, station) if seen else None,
        commissioning=await view(ports, actor, current, stamp, names) if current else None,
        last=await _last(ports, actor, target.station_id, names),
    )


def _reason(actor: Actor, station: ChargeStation | None, current: Commissioning | None) -> str | None:
    if current is not None:
        return "mine" if current.person_id == actor.person_id else "begun_by_other"
    if station is None:
        return "not_yet_known"
    return "stock" if station.deploy_state is DeployState.STOCK else "in_production"


async def _sees(ports: Ports, actor: Actor, cpo_id: str | None, station: ChargeStation) -> bool:
    """Somebody else's home is not told with its station: neither where it is nor what drivers read about the way."""
    found = await ports.store.get(Cpo, cpo_id) if cpo_id else None
    return found is not None and await may_see(ports, actor, found[0], station.location_id, station)


async def _location(
    ports: Ports, actor: Actor, cpo_id: str | None, station: ChargeStation | None
) -> LocationItem | None:
    found = await ports.store.get(Cpo, cpo_id) if cpo_id and station else None
    if found is None or station is None:
        return None
    try:
        seen = await ports.platforms.of(found[0]).seen_location(actor, station.location_id)
    except (UnknownLocation, PlatformUnavailable):
        return None
    return location_item(msgspec.json.decode(seen.body, type=Location))


async def _last(ports: Ports, actor: Actor, charge_station_id: str, names: Names) -> HandedOver | None:
    state = CommissioningState.HANDED_OVER.value
    found = await ports.store.find(
        Commissioning, charge_station_id=charge_station_id, state=state, order="-handed_over", limit=1
    )
    for record, _ in found:
        if actor.covers(record.cpo_id):
            return HandedOver(handed_over=record.handed_over, by=await names.who(record.handed_over_by))
    return None


async def _nearest(ports: Ports, actor: Actor, text: str) -> list[str]:
    """Ids that may have been meant. A station at somebody else's home is named only to who spelled its whole id."""
    cpos, found = await _cpos(ports, actor), list[str]()
    homes = any(guarded(actor, cpo) for cpo in cpos)
    for cpo in cpos:
        for near in await ports.platforms.of(cpo).similar_ids(actor, text, NEAR_READ if homes else NEAR):
            if near not in found and (not homes or _same_id(near, text) or await _may_name(ports, actor, near)):
                found.append(near)
    return found[:NEAR]


def _same_id(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


async def _may_name(ports: Ports, actor: Actor, charge_station_id: str) -> bool:
    found = await _station(ports, actor, charge_station_id)
    return found is not None and await _sees(ports, actor, found[0], msgspec.json.decode(found[1], type=ChargeStation))


async def _may_create(ports: Ports, actor: Actor, cpo_id: str | None) -> bool:
    return any(
        (cpo.may_create_stations or actor.role is not Role.INSTALLER) and cpo_id in (None, cpo.cpo_id)
        for cpo in await _cpos(ports, actor)
    )


async def _unknown(ports: Ports, actor: Actor, text: str, found: list[Reading]) -> Lookup:
    """Nothing of it is known: a damaged or unknown label, a foreign code, or the id of a new station."""
    candidates = list(dict.fromkeys(r.text for r in found if r.kind is not ReadingKind.LABEL))
    labels = [reading for reading in found if reading.kind is ReadingKind.LABEL]
    ours = OWN_CODE in text.upper() or GROUPED.fullmatch(text.strip().upper()) is not None
    if ours and labels and labels[0].damaged:
        return Lookup(outcome=Outcome.UNREADABLE, reason="bad_check", text=text)
    if ours or (labels and not labels[0].damaged):
        return Lookup(outcome=Outcome.UNKNOWN, reason="label_unknown", text=text)
    if "://" in text or not candidates:
        return Lookup(outcome=Outcome.UNKNOWN, reason="foreign_code", text=text, candidates=candidates)
    if len({r.text for r in found if r.kind is ReadingKind.STATION}) > 1:
        return Lookup(outcome=Outcome.CHOOSE, reason="several", text=text, candidates=candidates)
    return await _new(ports, actor, text, candidates[-1])


async def _new(ports: Ports, actor: Actor, text: str, station_id: str) -> Lookup:
    near = await _nearest(ports, actor, station_id)
    other_case = any(known.casefold() == station_id.casefold() for known in near)
    return Lookup(
        outcome=Outcome.NEW_STATION,
        reason="other_case" if other_case else "not_yet_known",
        text=text,
        station_id=station_id,
        cpo_ids=[cpo.cpo_id for cpo in await _cpos(ports, actor)],
        nearest=near,
        may_create=await _may_create(ports, actor, None),
    )
