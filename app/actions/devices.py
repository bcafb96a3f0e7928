"""Devices of people: support signs a lost phone out, and back in when it turns up."""

from datetime import datetime

from msgspec.structs import replace

from app.domain.errors import UnknownPerson
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor, Device, Person, Role
from app.ports import Change, Ports, Put


def in_sight(actor: Actor, person: Person) -> bool:
    """Whether this person works for one of the actor's CPOs; an admin of everything is nobody's but their equals'."""
    return actor.cpo_ids is None or (bool(person.cpo_ids) and not actor.cpo_ids.isdisjoint(person.cpo_ids))


def in_scope(actor: Actor, person: Person) -> bool:
    """Whether the actor may act on this person's devices: no CPO is touched but the actor's, nor a higher role."""
    if person.role is Role.ADMIN and actor.role is not Role.ADMIN:
        return False
    return actor.cpo_ids is None or (bool(person.cpo_ids) and actor.cpo_ids.issuperset(person.cpo_ids))


async def list_people(ports: Ports, actor: Actor) -> list[Person]:
    """Everybody who works for a CPO of the actor, by name."""
    found = [person for person, _ in await ports.store.find(Person, limit=10_000) if in_sight(actor, person)]
    return sorted(found, key=lambda person: (person.name.casefold(), person.id))


async def revoke_device(ports: Ports, actor: Actor, device_id: str) -> Device:
    """Sign this device out from its next request on. Raises UnknownPerson for one outside the scope."""
    return await _set_revoked(ports, actor, device_id, ports.clock.now())


async def restore_device(ports: Ports, actor: Actor, device_id: str) -> Device:
    """Take a revocation back: the device is signed in as before. Raises UnknownPerson."""
    return await _set_revoked(ports, actor, device_id, None)


async def _set_revoked(ports: Ports, actor: Actor, device_id: str, revoked_at: datetime | None) -> Device:
    found = await ports.store.find(Device, id=device_id)
    person = await ports.store.get(Person, found[0][0].person_id) if found else None
    if person is None or not in_scope(actor, person[0]):
        raise UnknownPerson(f"device {device_id} is not known")
    device, rev = found[0]
    changed = replace(device, revoked_at=revoked_at)
    fact = Fact(
        kind=FactKind.DEVICE_REVOKED if revoked_at else FactKind.PERSON_CHANGED,
        at=ports.clock.now(),
        cpo_id=person[0].cpo_ids[0] if person[0].cpo_ids else None,
        person_id=actor.person_id,
        device_id=actor.device_id,
        data={"device": device.id, "of": device.person_id},
    )
    await ports.store.commit(Change(writes=(Put(changed, rev),), facts=(fact,)))
    return changed
