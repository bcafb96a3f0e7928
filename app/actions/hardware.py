"""Where the station stands, what it is made of, and what drivers read about its sockets.

Each function commits the operation's answer with its effect; see `app.actions.commissionings`.
"""

from typing import Any

import msgspec
from msgspec import UNSET

from app.actions.homes import may_see
from app.actions.intents import (
    ApplyTemplate,
    ChooseLocation,
    CreateLocation,
    DescribeEvse,
    Doing,
    Texts,
)
from app.actions.operations import accepted
from app.actions.work import Work, decided_again, read_cpo, work_on
from app.domain import commissioning as rules
from app.domain.checks import CheckState
from app.domain.commissioning import Commissioning
from app.domain.errors import (
    ChangedMeanwhile,
    HardwareFirst,
    InvalidField,
    LocationExists,
    MayNotCreate,
    MissingField,
    OtherCpo,
    UnknownLocation,
    UnknownTemplate,
)
from app.domain.facts import Fact, FactKind
from app.domain.intents import LocationAlias, alias_key
from app.domain.locations import LocationMaster
from app.domain.model import DeployState, Evse, EvsePatch, HardwareTemplate, ParkingRestriction
from app.domain.people import Actor, Role
from app.domain.stations import PatchChargeStation, PostChargeStation
from app.ports import Change, Ports

TEXT_FIELDS = ("directions", "parking_restrictions", "floor_level", "physical_reference")
CUSTOMERS = ParkingRestriction.CUSTOMERS


async def create_location(ports: Ports, actor: Actor, doing: Doing, intent: CreateLocation) -> None:
    """A new, unpublished location under the id that the phone made. Raises MayNotCreate, LocationExists."""
    post = intent.location
    if not isinstance(post.cpo_id, str):
        raise MissingField("cpo_id")
    cpo = await read_cpo(ports, actor, post.cpo_id)
    if not cpo.may_create_locations and actor.role is Role.INSTALLER:
        raise MayNotCreate(f"{cpo.name} does not let installers create locations; call support")
    if isinstance(post.id, str) and await ports.store.location(post.id, evses=False) is not None:
        raise LocationExists(post.id)
    unpublished = msgspec.structs.replace(post, publish=False)
    operation = accepted(ports, actor, doing, doing.commissioning_id, None)
    await ports.platforms.of(cpo).create_location(actor, unpublished, Change(operation=operation))


async def choose_location(ports: Ports, actor: Actor, doing: Doing, intent: ChooseLocation) -> None:
    """Put the station at a location; it is created there when its model is known already."""
    work = await work_on(ports, actor, doing)
    location = msgspec.json.decode(
        await work.platform.location(actor, intent.location_id, exclude_evses=True), type=LocationMaster
    )
    if location.cpo_id != work.cpo.cpo_id:
        raise OtherCpo(f"this location belongs to {location.cpo_id}")
    station = await work.station()
    if not await may_see(ports, actor, work.cpo, location.id, station):
        raise UnknownLocation(intent.location_id)
    if intent.base is not UNSET and work.current.location_id not in (await _known_as(work, intent.base), location.id):
        detail = {"field": "location", "yours": location.id, "theirs": work.current.location_id}
        raise ChangedMeanwhile("somebody else chose another location meanwhile", **detail)
    now = ports.clock.now()
    chosen = msgspec.structs.replace(work.current, location_id=location.id)
    chosen = rules.settle(chosen, "location", CheckState.DONE, now, by=work.person_id, detail={"name": location.name})
    fact = work.fact(FactKind.LOCATION_CHOSEN, location_id=location.id, name=location.name)
    if station is not None:
        patch = PatchChargeStation(charge_station_id=chosen.charge_station_id, location_id=location.id)
        if station.deploy_state is DeployState.DEPRECATED:
            patch.deploy_state = DeployState.STOCK
        await work.platform.patch_station(actor, chosen.charge_station_id, patch, work.change(chosen, fact))
    else:
        await _create_when_ready(work, chosen, fact)


async def _known_as(work: Work, location_id: str | None) -> str | None:
    """The platform's own id of a location that the phone may still call by the one it made."""
    alias = await work.ports.store.get(LocationAlias, alias_key(work.cpo.cpo_id, location_id)) if location_id else None
    return alias[0].location_id if alias else location_id


async def apply_template(ports: Ports, actor: Actor, doing: Doing, intent: ApplyTemplate) -> None:
    """Give the station its sockets; texts stay where the sequence number survives."""
    work = await work_on(ports, actor, doing)
    template = await _template(work, intent.template_id)
    now = ports.clock.now()
    chosen = msgspec.structs.replace(work.current, template_id=intent.template_id)
    fact = work.fact(FactKind.TEMPLATE_CHOSEN, template_id=intent.template_id, name=template.name)
    station = await work.station()
    if station is None:
        await _create_when_ready(work, chosen, fact)
        return
    chosen = _hardware_done(work, chosen, template)
    chosen = rules.texts_settled(chosen, surviving(station.evses, template), work.person_id, now)
    change = work.change(chosen, fact)
    await work.platform.apply_template(actor, station.charge_station_id, intent.template_id, change)


async def _template(work: Work, template_id: str) -> HardwareTemplate:
    for template in await work.platform.templates(work.actor):
        if template.template_id == template_id:
            return template
    raise UnknownTemplate(template_id)


def surviving(evses: list[Evse], template: HardwareTemplate) -> list[Evse]:
    """What the EVSEs' texts will be after the template: those of the same sequence number, else none."""
    known = {evse.evse_sequence_number: evse for evse in evses}
    numbers = [part.evse_sequence_number for part in template.evse_templates or []]
    return [known.get(number, Evse(evse_sequence_number=number)) for number in numbers]


def _hardware_done(work: Work, chosen: Commissioning, template: HardwareTemplate) -> Commissioning:
    detail = {"template_id": template.template_id, "name": template.name, "evses": len(template.evse_templates or [])}
    now = work.ports.clock.now()
    return rules.settle(chosen, "hardware", CheckState.DONE, now, by=work.person_id, detail=detail)


async def _create_when_ready(work: Work, chosen: Commissioning, fact: Fact) -> None:
    """A platform wants location and hardware in one POST; until both are chosen they wait in the commissioning."""
    if chosen.location_id is None or chosen.template_id is None:
        await work.commit(chosen, fact)
        return
    template = await _template(work, chosen.template_id)
    post = PostChargeStation(
        charge_station_id=chosen.charge_station_id,
        location_id=chosen.location_id,
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id=work.cpo.default_tariff_id,
        charger_type=work.cpo.charger_type,
        charge_station_template_id=chosen.template_id,
    )
    change = work.change(_hardware_done(work, chosen, template), fact)
    await work.platform.create_station(work.actor, post, change)


async def describe_evse(ports: Ports, actor: Actor, doing: Doing, intent: DescribeEvse) -> None:
    """Write the texts of one or several EVSEs. Raises HardwareFirst, ChangedMeanwhile, InvalidField."""
    work = await work_on(ports, actor, doing)
    station = await work.station()
    if station is None or not station.evses:
        raise HardwareFirst("choose the station model first: it makes the sockets")
    known = {evse.evse_sequence_number: evse for evse in station.evses}
    for number in intent.evse_sequence_numbers:
        if number not in known:
            raise InvalidField("evse_sequence_numbers", f"one of {sorted(n for n in known if n)}")
        _require_unchanged(known[number], intent, (intent.base or {}).get(str(number)))
    said = {number: _said(known[number], intent) for number in intent.evse_sequence_numbers}
    after = [msgspec.structs.replace(evse, **said.get(number or 0, {})) for number, evse in known.items()]
    now = ports.clock.now()
    described = work.current
    if intent.none_checked is not UNSET:
        described = rules.mark_none_checked(described, intent.evse_sequence_numbers, intent.none_checked, now)
    described = rules.texts_settled(described, after, work.person_id, now)
    fields = sorted({field for words in said.values() for field in words})
    fact = work.fact(FactKind.EVSES_DESCRIBED, evses=intent.evse_sequence_numbers, fields=fields)
    patches = [EvsePatch(evse_sequence_number=number, **words) for number, words in said.items()]
    seen = station.etag or UNSET
    patch = PatchChargeStation(charge_station_id=station.charge_station_id, evses=patches, etag=seen)
    with decided_again():
        await work.platform.patch_station(actor, station.charge_station_id, patch, work.change(described, fact))


def _said(evse: Evse, intent: DescribeEvse) -> dict[str, Any]:
    """What the person says of this EVSE, and CUSTOMERS where a RESTRICTED location gave it that, unseen by them."""
    said = {field: getattr(intent, field) for field in TEXT_FIELDS if getattr(intent, field) is not UNSET}
    base = (intent.base or {}).get(str(evse.evse_sequence_number))
    if "parking_restrictions" in said and base is not None and _unseen_customers(evse, base):
        said["parking_restrictions"] = list(dict.fromkeys([*(said["parking_restrictions"] or []), CUSTOMERS]))
    return said


def _unseen_customers(evse: Evse, base: Texts) -> bool:
    seen = base.parking_restrictions
    return seen is not UNSET and CUSTOMERS in (evse.parking_restrictions or []) and CUSTOMERS not in (seen or [])


def _require_unchanged(evse: Evse, intent: Texts, base: Texts | None) -> None:
    """A field that is neither what the person saw nor what they now say is somebody else's newer work.

    CUSTOMERS is not: a location gives it while the phone, without signal, still shows the EVSE without.
    """
    for field in TEXT_FIELDS if base is not None else ():
        mine, seen, theirs = getattr(intent, field), getattr(base, field), getattr(evse, field)
        if mine is UNSET or seen is UNSET:
            continue
        newer = theirs
        if field == "parking_restrictions" and base is not None and _unseen_customers(evse, base):
            newer = [restriction for restriction in theirs if restriction is not CUSTOMERS]
        if (newer or None) not in ((seen or None), (mine or None)):
            detail = {"field": field, "evse_sequence_number": evse.evse_sequence_number}
            values = {"yours": msgspec.to_builtins(mine), "theirs": msgspec.to_builtins(theirs)}
            raise ChangedMeanwhile(f"{field} was changed by somebody else meanwhile", **detail, **values)
