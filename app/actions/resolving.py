"""What a person does about a difference: the serial of the plate, a reason, or two sockets in their right places.

Each function commits the operation's answer with its effect; see `app.actions.commissionings`. Another station model
is `apply_template`: what follows from the old one is then not found any more.
"""

from msgspec import UNSET
from msgspec.structs import replace

from app.actions.findings import read_findings
from app.actions.intents import AcceptFinding, Doing, Nothing, SetSerial, SwapSockets
from app.actions.work import Work, decided_again, work_on
from app.domain import commissioning as rules
from app.domain.errors import ChangedMeanwhile, HardwareFirst, InvalidField, MissingField
from app.domain.evses import swapped_texts
from app.domain.facts import FactKind
from app.domain.findings import Accepted, FindingKind, Swap, Way
from app.domain.people import Actor
from app.domain.scan import Label
from app.domain.stations import PatchChargeStation
from app.ports import Ports, Put

SERIAL_LENGTH = 100


async def set_serial(ports: Ports, actor: Actor, doing: Doing, intent: SetSerial) -> None:
    """What somebody read from the type plate. Raises InvalidField."""
    work = await work_on(ports, actor, doing)
    serial = intent.serial.strip()
    if len(serial) > SERIAL_LENGTH or not serial.isprintable():
        raise InvalidField("serial", f"up to {SERIAL_LENGTH} printable characters")
    typed = replace(work.current, new_serial=serial or None, changed=ports.clock.now())
    await work.commit(typed, work.fact(FactKind.SERIAL_SET, serial=serial or None, source="plate"))


async def take_serial(ports: Ports, actor: Actor, doing: Doing, intent: Nothing) -> None:
    """The station is right, and the plate was misread. Raises InvalidField where it has told no serial."""
    work = await work_on(ports, actor, doing)
    found = await read_findings(ports, work.cpo, work.current, await work.station())
    serial = next((each for each in found if each.kind is FindingKind.SERIAL), None)
    if serial is None or serial.found is None:
        raise InvalidField("serial", "a station that told another serial than the one on its plate")
    told = serial.found.split(" / ")[0]
    taken = replace(work.current, new_serial=told, changed=ports.clock.now())
    await work.commit(taken, work.fact(FactKind.SERIAL_SET, serial=told, source="station", instead_of=serial.expected))


async def accept_finding(ports: Ports, actor: Actor, doing: Doing, intent: AcceptFinding) -> None:
    """It is right as it is, for this reason. Raises MissingField, and ChangedMeanwhile when something else is found."""
    work = await work_on(ports, actor, doing)
    if not (reason := intent.reason.strip()):
        raise MissingField("reason")
    found = await read_findings(ports, work.cpo, work.current, await work.station())
    finding = next((each for each in found if each.id == intent.finding), None)
    if finding is None or Way.ACCEPT not in finding.ways:
        raise InvalidField("finding", "a difference that is found now")
    if finding.kind is not FindingKind.CLOCK and finding.found != intent.found:
        detail = {"field": finding.id, "yours": intent.found, "theirs": finding.found}
        raise ChangedMeanwhile("the station says something else by now", **detail)
    now = ports.clock.now()
    line = Accepted(finding=finding.id, found=finding.found, reason=reason, by=work.person_id, at=now)
    kept = [each for each in work.current.accepted if each.finding != finding.id]
    accepted = replace(work.current, accepted=[*kept, line], changed=now)
    data = {"finding": finding.kind.value, "expected": finding.expected, "found": finding.found, "reason": reason}
    await work.commit(accepted, work.fact(FactKind.FINDING_ACCEPTED, **data))


async def swap_sockets(ports: Ports, actor: Actor, doing: Doing, intent: SwapSockets) -> None:
    """Two EVSEs change places: what drivers read about them, and the id and label stuck on them; the wiring stays.

    The same again takes it back. Raises HardwareFirst, InvalidField.
    """
    work = await work_on(ports, actor, doing)
    station = await work.station()
    if station is None or not station.evses:
        raise HardwareFirst("choose the station model first: it makes the sockets")
    first, second = sorted(intent.evses)
    known = {evse.evse_sequence_number: evse for evse in station.evses}
    if first == second or not {first, second} <= known.keys():
        raise InvalidField("evses", f"two of {sorted(n for n in known if n)}")
    now = ports.clock.now()
    patches = swapped_texts(known[first], known[second])
    swapped = rules.swap(work.current, Swap(evses=(first, second), by=work.person_id, at=now), now)
    fact = work.fact(FactKind.SOCKETS_SWAPPED, evses=[first, second])
    seen = station.etag or UNSET
    patch = PatchChargeStation(charge_station_id=station.charge_station_id, evses=patches, etag=seen)
    with decided_again():
        change = work.change(swapped, fact, writes=await moved_labels(ports, station.charge_station_id, first, second))
        await work.platform.patch_station(actor, station.charge_station_id, patch, change)


async def labels_as_before(work: Work, moved: list[Put]) -> list[Put]:
    """The writes that undo every swap on the station's labels, on top of those that were moved already."""
    before = {number: number for swap in work.current.swaps for number in swap.evses}
    for swap in work.current.swaps:
        first, second = swap.evses
        before[first], before[second] = before[second], before[first]
    puts = {put.record.code: put for put in moved}
    for label, rev in await work.ports.store.find(Label, charge_station_id=work.current.charge_station_id):
        number = before.get(label.evse_sequence_number or 0, label.evse_sequence_number)
        if number != label.evse_sequence_number:
            put = puts.get(label.code, Put(label, rev))
            puts[label.code] = Put(replace(put.record, evse_sequence_number=number), put.rev)
    return list(puts.values())


async def moved_labels(ports: Ports, charge_station_id: str, first: int, second: int) -> tuple[Put, ...]:
    """The labels of these two EVSEs, each pointing to the other one: they are stuck where they are."""
    other = {first: second, second: first}
    found = await ports.store.find(Label, charge_station_id=charge_station_id)
    moved = [(label, rev, other.get(label.evse_sequence_number or 0)) for label, rev in found]
    return tuple(Put(replace(label, evse_sequence_number=number), rev) for label, rev, number in moved if number)
