"""What a person does with a commissioning, one function each: ports in, rule, one Change.

Each takes `(ports, actor, doing, intent)`, commits the operation's answer with its effect, and raises a domain error
that changed nothing. RevConflict means: run it again.
"""

import msgspec

from app.actions.adopting import labels_put_back
from app.actions.findings import read_findings
from app.actions.intents import (
    AnswerCheck,
    Begin,
    Doing,
    HandOver,
    Nothing,
    Park,
    ReopenCheck,
    SetPassword,
    WaiveCheck,
)
from app.actions.live import read_standing
from app.actions.operations import accepted
from app.actions.passwords import forgotten, password_of, password_record, require_own
from app.actions.resolving import labels_as_before
from app.actions.work import Work, decided_again, fact_of, read_commissioning, read_cpo, read_station, work_on
from app.domain import commissioning as rules
from app.domain.commissioning import Before, Commissioning, CommissioningKind, CommissioningState, Operation, Parked
from app.domain.environments import BUILTIN
from app.domain.errors import (
    BegunByOther,
    FindingsOpen,
    HardwareFirst,
    InProduction,
    InvalidField,
    LocationFirst,
    MayNotCreate,
    MissingField,
    PasswordInUse,
    StationExists,
    UnknownStation,
)
from app.domain.facts import FactKind
from app.domain.findings import unresolved
from app.domain.live import OfflineReason, StationPassword
from app.domain.model import DeployState, Evse, ParkingRestriction
from app.domain.people import Actor, Cpo, ReleaseOn, Role
from app.domain.profiles import is_of
from app.domain.station_rules import check_id
from app.domain.stations import ChargeStation, PatchChargeStation, PutChargeStation
from app.ports import Change, CorrectsIds, Delete, Ports, Put, WithdrawsStations


async def begin(ports: Ports, actor: Actor, doing: Doing, intent: Begin) -> None:
    """Begin a new one. Raises BegunByOther, InProduction, MayNotCreate, StationExists (at another CPO)."""
    if doing.commissioning_id is None:
        raise MissingField("commissioning_id")
    if await ports.store.get(Commissioning, doing.commissioning_id) is not None:
        raise InvalidField("commissioning_id", "an id that no commissioning has yet")
    check_id(intent.station_id)
    cpo = await read_cpo(ports, actor, intent.cpo_id)
    await _require_none_open(ports, actor, intent.station_id)
    station = await read_station(ports.platforms.of(cpo), actor, intent.station_id)
    await _require_may_begin(ports, actor, cpo, station, intent.station_id)
    now = ports.clock.now()
    before = Before(
        existed=station is not None,
        station=msgspec.Raw(msgspec.json.encode(station)),
        password=await password_of(ports, cpo.cpo_id, intent.station_id),
    )
    begun = rules.begin(
        id=doing.commissioning_id,
        cpo=cpo,
        charge_station_id=intent.station_id,
        kind=CommissioningKind.NEW,
        person_id=actor.person_id or "",
        before=before,
        now=now,
        label=intent.label,
        source=intent.source,
    )
    if (await read_standing(ports, cpo, intent.station_id)).online:
        begun = rules.seen_online(begun, now)
    data = {
        "source": intent.source,
        "label": intent.label,
        "existed": before.existed,
        "evse": intent.evse_sequence_number,
    }
    facts = (fact_of(ports, actor, doing, begun, FactKind.COMMISSIONING_BEGUN, **data),)
    operation = accepted(ports, actor, doing, begun.id, begun.charge_station_id)
    await ports.store.commit(Change(writes=(Put(begun),), facts=facts, operation=operation))


async def _require_none_open(ports: Ports, actor: Actor, charge_station_id: str) -> None:
    open_ones = await ports.store.find(
        Commissioning, charge_station_id=charge_station_id, state=CommissioningState.OPEN.value
    )
    for other, _ in open_ones:
        if not actor.covers(other.cpo_id):
            raise StationExists(charge_station_id)
        done, total = rules.progress(other)
        raise BegunByOther(
            "this station is being commissioned already",
            commissioning_id=other.id,
            begun_by=other.begun_by,
            begun_at=rules.iso(other.begun),
            done=done,
            total=total,
        )


async def _require_may_begin(
    ports: Ports, actor: Actor, cpo: Cpo, station: ChargeStation | None, charge_station_id: str
) -> None:
    if station is None:
        if cpo.platform == BUILTIN and await ports.store.station(charge_station_id) is not None:
            raise StationExists(charge_station_id)
        if not cpo.may_create_stations and actor.role is Role.INSTALLER:
            raise MayNotCreate(f"{cpo.name} does not let installers create stations; call support")
    elif station.deploy_state is not DeployState.STOCK and not await _was_taken_back(ports, station):
        detail = {"deploy_state": station.deploy_state.value, "location_id": station.location_id}
        raise InProduction("this station is in use already", **detail)


async def _was_taken_back(ports: Ports, station: ChargeStation) -> bool:
    """What a commissioning created and "not my station" took out of use, where a platform cannot withdraw it."""
    if station.deploy_state is not DeployState.DEPRECATED:
        return False
    found = await ports.store.find(
        Commissioning, charge_station_id=station.charge_station_id, order="-changed", limit=1
    )
    last = found[0][0] if found else None
    abandoned = last is not None and last.state is CommissioningState.ABANDONED
    return abandoned and last is not None and last.before is not None and not last.before.existed


async def continue_(ports: Ports, actor: Actor, doing: Doing, intent: Nothing) -> None:
    """Take over what somebody else began: one tap and a fact. Raises TrialRunning."""
    work = await work_on(ports, actor, doing, any_holder=True)
    taken = rules.take_over(work.current, work.person_id, ports.clock.now())
    await work.commit(taken, work.fact(FactKind.COMMISSIONING_CONTINUED, from_person=work.current.person_id))


async def abandon(ports: Ports, actor: Actor, doing: Doing, intent: Nothing) -> None:
    """Not my station: what this commissioning changed is as it was, and a station that it created is taken back."""
    work = await work_on(ports, actor, doing)
    gone = rules.abandon(work.current, work.person_id, ports.clock.now())
    done = await _done_kinds(work)
    labels = await labels_as_before(work, await labels_put_back(work))
    password = await _former_password(work, gone) if "set_password" in done or gone.adopted else ()
    facts = [work.fact(FactKind.COMMISSIONING_ABANDONED)]
    if gone.charge_station_id != work.current.charge_station_id:
        facts.append(fact_of(ports, actor, doing, gone, FactKind.COMMISSIONING_ABANDONED))
    change = work.change(gone, *facts, writes=(*password, *labels))
    station = await work.station()
    if station is None:
        await ports.store.commit(change)
    elif gone.before is not None and gone.before.existed:
        await _restore(work, station, done, change)
    else:
        await _take_back(work, change)
    if password:
        await ports.commands.disconnect(work.current.charge_station_id, OfflineReason.ABANDONED)


async def _done_kinds(work: Work) -> set[str]:
    """What was done in this commissioning, by kind of operation."""
    found = await work.ports.store.find(Operation, commissioning_id=work.current.id)
    return {operation.kind for operation, _ in found if operation.state == "accepted"}


async def _former_password(work: Work, gone: Commissioning) -> tuple[Put | Delete, ...]:
    """Puts the digest back that was there at the begin: the station may be talking with that password already."""
    former, now_under = gone.charge_station_id, work.current.charge_station_id
    stored = await work.ports.store.get(StationPassword, former)
    adopted = () if former == now_under else await forgotten(work.ports, work.cpo.cpo_id, now_under)
    if stored is not None and not is_of(stored[0], work.cpo.cpo_id):
        return adopted
    if gone.before is not None and gone.before.password is not None:
        return (*adopted, Put(gone.before.password, stored[1] if stored else 0))
    return (*adopted, Delete(StationPassword, former)) if stored else adopted


async def _restore(work: Work, station: ChargeStation, done: set[str], change: Change) -> None:
    """Only what a commissioning writes goes back; what others changed of the station meanwhile stays theirs."""
    assert work.current.before is not None
    before = msgspec.json.decode(bytes(work.current.before.station), type=ChargeStation)
    put = msgspec.json.decode(msgspec.json.encode(await _with_etag(work, station)), type=PutChargeStation)
    if "choose_location" in done:
        put.location_id = before.location_id
        if before.deploy_state is DeployState.DEPRECATED:
            put.deploy_state = DeployState.DEPRECATED
    if done & {"apply_template", "describe_evse", "swap_sockets"}:
        put.evses = before.evses
    elif "choose_location" in done:
        put.evses = _without_given(station.evses, before.evses)
    adopted, platform = work.current.adopted, work.platform
    with decided_again():
        if adopted is not None and isinstance(platform, CorrectsIds):
            former_id = adopted.station_id
            await platform.take_back_id(work.actor, station.charge_station_id, former_id, put, change)
        else:
            await platform.replace_station(work.actor, station.charge_station_id, put, change)


def _without_given(evses: list[Evse], before: list[Evse]) -> list[Evse]:
    """CUSTOMERS that a RESTRICTED location gave an EVSE goes with that location."""
    customers = ParkingRestriction.CUSTOMERS
    had = {evse.evse_sequence_number for evse in before if customers in (evse.parking_restrictions or [])}

    def left(evse: Evse) -> Evse:
        kept = [each for each in evse.parking_restrictions or [] if each is not customers]
        return msgspec.structs.replace(evse, parking_restrictions=kept)

    return [evse if evse.evse_sequence_number in had else left(evse) for evse in evses]


async def _with_etag(work: Work, station: ChargeStation) -> ChargeStation:
    """A station that a platform saved before it had etags gets one when it is saved again (platform-api 8.4)."""
    if station.etag:
        return station
    key = station.charge_station_id
    same = PatchChargeStation(charge_station_id=key, deploy_state=station.deploy_state)
    return msgspec.json.decode(await work.platform.patch_station(work.actor, key, same), type=ChargeStation)


async def _take_back(work: Work, change: Change) -> None:
    station_id, platform = work.current.charge_station_id, work.platform
    if isinstance(platform, WithdrawsStations):
        await platform.withdraw_station(work.actor, station_id, change)
        await work.ports.commands.disconnect(station_id, OfflineReason.ABANDONED)
    else:
        patch = PatchChargeStation(charge_station_id=station_id, deploy_state=DeployState.DEPRECATED)
        await platform.patch_station(work.actor, station_id, patch, change)


# --- Password, checks, parking ----------------------------------------------------------------------------------------


async def set_password(ports: Ports, actor: Actor, doing: Doing, intent: SetPassword) -> None:
    """Store the digest of the OCPP password that the phone made. Raises PasswordInUse once a station used
    one, PlatformSetsPassword on a vendor's platform, StationExists where another CPO has a station of this id by now.
    """
    work = await work_on(ports, actor, doing)
    require_own(work.cpo)
    station_id = work.current.charge_station_id
    row = await ports.store.station(station_id)
    if row is not None and row.cpo_id != work.cpo.cpo_id:
        raise StationExists(station_id)
    record = password_record(ports, actor, work.cpo.cpo_id, station_id, intent.password)
    stored = await ports.store.get(StationPassword, station_id)
    if stored is not None and is_of(stored[0], work.cpo.cpo_id) and stored[0].used is not None:
        raise PasswordInUse("the station is online with its password; support can set a new one")
    touched = msgspec.structs.replace(work.current, changed=ports.clock.now())
    writes = (Put(record, stored[1] if stored else 0),)
    await ports.store.commit(work.change(touched, work.fact(FactKind.PASSWORD_SET), writes=writes))


async def answer_check(ports: Ports, actor: Actor, doing: Doing, intent: AnswerCheck) -> None:
    work = await work_on(ports, actor, doing)
    answered = rules.answer(work.current, intent.check, intent.value, work.person_id, ports.clock.now())
    state = rules.find_check(answered, intent.check).state.value
    await work.commit(answered, work.fact(FactKind.CHECK_ANSWERED, check=intent.check, state=state))


async def waive_check(ports: Ports, actor: Actor, doing: Doing, intent: WaiveCheck) -> None:
    work = await work_on(ports, actor, doing)
    waived = rules.waive(work.current, intent.check, intent.reason, work.person_id, ports.clock.now())
    await work.commit(waived, work.fact(FactKind.CHECK_WAIVED, check=intent.check, reason=intent.reason))


async def reopen_check(ports: Ports, actor: Actor, doing: Doing, intent: ReopenCheck) -> None:
    work = await work_on(ports, actor, doing)
    opened = rules.reopen(work.current, intent.check, ports.clock.now())
    await work.commit(opened, work.fact(FactKind.CHECK_REOPENED, check=intent.check))


async def park(ports: Ports, actor: Actor, doing: Doing, intent: Park) -> None:
    work = await work_on(ports, actor, doing)
    now = ports.clock.now()
    parked = Parked(reason=intent.reason, note=intent.note, until=intent.until, by=work.person_id, at=now)
    fact = work.fact(FactKind.COMMISSIONING_PARKED, reason=intent.reason.value, note=intent.note)
    await work.commit(rules.park(work.current, parked, now), fact)


async def resume(ports: Ports, actor: Actor, doing: Doing, intent: Nothing) -> None:
    work = await work_on(ports, actor, doing)
    await work.commit(rules.resume(work.current, ports.clock.now()), work.fact(FactKind.COMMISSIONING_RESUMED))


# --- Hand-over and release --------------------------------------------------------------------------------------------


async def hand_over(ports: Ports, actor: Actor, doing: Doing, intent: HandOver) -> None:
    """Raises ChecksOpen, FindingsOpen. The CPO's setting says whether this releases the station too."""
    work = await work_on(ports, actor, doing)
    now = ports.clock.now()
    done = rules.hand_over(work.current, work.person_id, intent.note, now)
    station = await work.station()
    if station is None:
        raise _not_there_yet(work.current)
    fact = work.fact(FactKind.HANDED_OVER, note=intent.note, findings=await _left_open(work, station))
    if work.cpo.release_on is not ReleaseOn.HAND_OVER:
        await work.commit(done, fact)
        return
    released = rules.release(done, work.person_id, now)
    change = work.change(released, fact, work.fact(FactKind.STATION_RELEASED))
    await work.platform.patch_station(actor, station.charge_station_id, _in_production(station), change)


async def _left_open(work: Work, station: ChargeStation) -> list[str]:
    """The severe differences that go along with the hand-over. Raises FindingsOpen where the CPO does not want that."""
    found = await read_findings(work.ports, work.cpo, work.current, station)
    kinds = [finding.kind.value for finding in unresolved(found, work.current.accepted)]
    if kinds and work.cpo.findings_block:
        raise FindingsOpen("the station is not what was chosen: " + ", ".join(kinds), findings=kinds)
    return kinds


def _not_there_yet(commissioning: Commissioning) -> LocationFirst | HardwareFirst:
    """Without a location and a model there is no station, whatever was waived."""
    if commissioning.location_id is None:
        return LocationFirst("choose a location first: there is no station yet")
    return HardwareFirst("choose the station model first: there is no station yet")


def _in_production(station: ChargeStation) -> PatchChargeStation:
    return PatchChargeStation(charge_station_id=station.charge_station_id, deploy_state=DeployState.PRODUCTION)


async def release(ports: Ports, actor: Actor, commissioning_id: str) -> None:
    """Support puts a handed-over station on drivers' maps. Raises ChecksOpen before the hand-over."""
    current, rev = await read_commissioning(ports, actor, commissioning_id)
    cpo = await read_cpo(ports, actor, current.cpo_id)
    released = rules.release(current, actor.person_id, ports.clock.now())
    fact = fact_of(ports, actor, None, current, FactKind.STATION_RELEASED)
    platform = ports.platforms.of(cpo)
    station = await read_station(platform, actor, current.charge_station_id)
    if station is None:
        raise UnknownStation(current.charge_station_id)
    change = Change(writes=(Put(released, rev),), facts=(fact,))
    await platform.patch_station(actor, station.charge_station_id, _in_production(station), change)
