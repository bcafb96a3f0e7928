"""Whose devices support may sign out: a person is out of reach as soon as they work for somebody else too."""

import pytest

from app.actions.devices import list_people, restore_device, revoke_device
from app.domain.errors import UnknownPerson
from app.domain.people import SYSTEM, Actor, Device, Role
from app.ports import Change, Ports, Put
from tests.conftest import ABC, XYZ, person

CASES = [
    (Role.INSTALLER, [ABC], True),
    (Role.SUPPORT, [ABC], True),
    (Role.INSTALLER, [ABC, XYZ], False),
    (Role.INSTALLER, [XYZ], False),
    (Role.ADMIN, [ABC], False),
    (Role.ADMIN, [], False),
]


async def with_phone(ports: Ports, role: Role, cpo_ids: list[str]) -> str:
    now = ports.clock.now()
    someone = person("pia", role, *cpo_ids, now=now)
    phone = Device(digest="d", id="pia-phone", person_id="pia", name="phone", created=now, seen=now)
    await ports.store.commit(Change(writes=(Put(someone), Put(phone))))
    return phone.id


@pytest.mark.parametrize(("role", "cpo_ids", "reachable"), CASES)
async def test_support_signs_out_whom_it_alone_looks_after(
    ports: Ports, sue: Actor, role: Role, cpo_ids: list[str], reachable: bool
) -> None:
    phone = await with_phone(ports, role, cpo_ids)
    if reachable:
        assert (await revoke_device(ports, sue, phone)).revoked_at is not None
        assert (await restore_device(ports, sue, phone)).revoked_at is None
        return
    for act in (revoke_device, restore_device):
        with pytest.raises(UnknownPerson):
            await act(ports, sue, phone)


@pytest.mark.parametrize(("role", "cpo_ids", "reachable"), [*CASES[:4], (Role.ADMIN, [ABC], True), CASES[5]])
async def test_an_admin_of_one_cpo_reaches_its_admins_too(
    ports: Ports, role: Role, cpo_ids: list[str], reachable: bool
) -> None:
    admin = Actor(role=Role.ADMIN, cpo_ids=frozenset({ABC}))
    phone = await with_phone(ports, role, cpo_ids)
    if reachable:
        await revoke_device(ports, admin, phone)
        return
    with pytest.raises(UnknownPerson):
        await restore_device(ports, admin, phone)


async def test_somebody_who_also_works_elsewhere_is_seen_all_the_same(ports: Ports, sue: Actor) -> None:
    await with_phone(ports, Role.INSTALLER, [ABC, XYZ])
    assert "pia" in {someone.id for someone in await list_people(ports, sue)}
    assert await revoke_device(ports, SYSTEM, "pia-phone")
