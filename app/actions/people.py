"""Letting people in: invitations, joining with a link or a code, and signing a device out."""

from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from app.domain.errors import InvalidCode, MissingField, NotAllowed, UnknownCpo, UnknownInvite
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor, Cpo, Device, Invite, Person, Role, keyed_digest
from app.ports import Change, Ports, Put

DIGITS = "0123456789"
TOKEN_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Invited(Struct, frozen=True, kw_only=True):
    """Shown once: neither the link's token nor the code can be read back from the store."""

    link: str
    code: str
    invite: Invite


class Joined(Struct, frozen=True, kw_only=True):
    """`cookie` is the device's secret; the store has its digest only."""

    person: Person
    device: Device
    cookie: str


async def invite(
    ports: Ports,
    actor: Actor,
    *,
    role: Role,
    cpo_ids: list[str],
    name: str | None = None,
    phone: str | None = None,
    minutes: int = 15,
) -> Invited:
    """A single-use link and 6-digit code. Raises UnknownCpo outside the actor's scope, NotAllowed above their role."""
    await _require_cpos(ports, actor, cpo_ids, role)
    if actor.role is Role.SUPPORT and role is Role.ADMIN:
        raise NotAllowed("only an admin invites admins")
    meant = await _meant(ports, actor, role, cpo_ids, phone)
    token, code = ports.ids.text(TOKEN_ALPHABET, 26), await _free_code(ports)
    now = ports.clock.now()
    made = Invite(
        id=ports.ids.uuid(),
        role=role,
        cpo_ids=cpo_ids,
        name=meant.name if meant else name,
        phone=phone,
        person_id=meant.id if meant else None,
        link_digest=keyed_digest(ports.digest_key, f"link:{token}"),
        code_digest=keyed_digest(ports.digest_key, f"code:{code}"),
        created=now,
        created_by=actor.person_id,
        expires=now + timedelta(minutes=minutes),
    )
    await ports.store.commit(Change(writes=(Put(made),), facts=(_invited(actor, made),)))
    path = "#/join/" if role is Role.INSTALLER else "desk/join/"
    return Invited(link=f"{ports.public_url}/{path}{token}", code=code, invite=made)


def _invited(actor: Actor, made: Invite) -> Fact:
    return Fact(
        kind=FactKind.PERSON_INVITED,
        at=made.created,
        person_id=actor.person_id,
        device_id=actor.device_id,
        cpo_id=made.cpo_ids[0] if made.cpo_ids else None,
        data={"role": made.role.value, "invite": made.id},
    )


async def _require_cpos(ports: Ports, actor: Actor, cpo_ids: list[str], role: Role) -> None:
    if not cpo_ids and not (role is Role.ADMIN and actor.cpo_ids is None):
        raise MissingField("cpo")
    for cpo_id in cpo_ids:
        if not actor.covers(cpo_id) or await ports.store.get(Cpo, cpo_id) is None:
            raise UnknownCpo(cpo_id)


async def _meant(ports: Ports, actor: Actor, role: Role, cpo_ids: list[str], phone: str | None) -> Person | None:
    """The one person of this role and phone number whom the inviter may speak for, wherever that person works.

    The inviter says who is meant, never the one who joins: a number that anybody may type is no proof of anything.
    """
    found = await ports.store.find(Person, phone=phone, role=role) if phone else []
    of_all = role is Role.ADMIN and not cpo_ids
    known = [person for person, _ in found if not person.disabled and (not person.cpo_ids) == of_all]
    if len(known) != 1 or not all(actor.covers(cpo_id) for cpo_id in known[0].cpo_ids):
        return None
    return known[0]


async def _free_code(ports: Ports) -> str:
    """A code that no usable invite has: with six digits two open invites could collide."""
    while True:
        code = ports.ids.text(DIGITS, 6)
        digest = keyed_digest(ports.digest_key, f"code:{code}")
        taken = await ports.store.find(Invite, code_digest=digest, used_at=None)
        if all(invite.expires <= ports.clock.now() for invite, _ in taken):
            return code


async def find_invite(ports: Ports, *, token: str | None = None, code: str | None = None) -> tuple[Invite, int]:
    """The usable invite behind a link or a code. Raises UnknownInvite for a link that never was, else InvalidCode."""
    if token is not None:
        digest = keyed_digest(ports.digest_key, f"link:{token.strip().upper()}")
        found = await ports.store.find(Invite, link_digest=digest)
        if not found:
            raise UnknownInvite("this link is not known")
    else:
        digits = "".join(c for c in code or "" if c.isdigit())
        digest = keyed_digest(ports.digest_key, f"code:{digits}")
        found = await ports.store.find(Invite, code_digest=digest, used_at=None)
    now = ports.clock.now()
    for record, rev in found:
        if record.used_at is None and record.expires > now:
            return record, rev
    raise InvalidCode("this link or code is wrong, was used already, or is too old; ask for a new one")


async def join(
    ports: Ports,
    *,
    token: str | None = None,
    code: str | None = None,
    name: str | None = None,
    phone: str | None = None,
    language: str = "en",
    device_name: str = "browser",
) -> Joined:
    """Use an invite up: a person, a device and its cookie. Whom the inviter meant keeps name and number."""
    record, rev = await find_invite(ports, token=token, code=code)
    person_name = (name or record.name or "").strip()
    if not person_name:
        raise MissingField("name")
    now = ports.clock.now()
    number = (phone or record.phone or "").strip() or None
    person, person_rev = await _known(ports, record) or (_new_person(ports, record, person_name, number), 0)
    person = replace(person, language=language[:2].lower())
    cookie = ports.ids.text(TOKEN_ALPHABET, 40)
    device = Device(
        digest=keyed_digest(ports.digest_key, f"device:{cookie}"),
        id=ports.ids.uuid(),
        person_id=person.id,
        name=device_name[:80],
        created=now,
        seen=now,
    )
    fact = Fact(
        kind=FactKind.PERSON_JOINED,
        at=now,
        person_id=person.id,
        device_id=device.id,
        cpo_id=record.cpo_ids[0] if record.cpo_ids else None,
        data={"role": record.role.value},
    )
    used = replace(record, used_at=now, used_by=person.id)
    writes = (Put(used, rev), Put(person, person_rev), Put(device))
    await ports.store.commit(Change(writes=writes, facts=(fact,)))
    return Joined(person=person, device=device, cookie=cookie)


async def _known(ports: Ports, record: Invite) -> tuple[Person, int] | None:
    """Whom the inviter meant, with this invite's CPOs added to theirs."""
    found = await ports.store.get(Person, record.person_id) if record.person_id else None
    if found is None or found[0].disabled:
        return None
    person, rev = found
    return replace(person, cpo_ids=sorted({*person.cpo_ids, *record.cpo_ids})), rev


def _new_person(ports: Ports, record: Invite, name: str, phone: str | None) -> Person:
    return Person(
        id=ports.ids.uuid(),
        name=name,
        phone=phone,
        role=record.role,
        cpo_ids=list(record.cpo_ids),
        created=ports.clock.now(),
    )


async def sign_out(ports: Ports, cookie: str) -> None:
    """Revoke the device behind this cookie; nothing happens when there is none."""
    found = await ports.store.get(Device, keyed_digest(ports.digest_key, f"device:{cookie}"))
    if found is None:
        return
    device, rev = found
    now = ports.clock.now()
    fact = Fact(kind=FactKind.DEVICE_REVOKED, at=now, person_id=device.person_id, device_id=device.id)
    await ports.store.commit(Change(writes=(Put(replace(device, revoked_at=now), rev),), facts=(fact,)))
