import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from app.actions.subscriptions import (
    Issued,
    change_subscription,
    create_subscription,
    list_subscriptions,
    read_subscription,
    revoke_subscription,
    rotate_subscription,
)
from app.domain.errors import InvalidField, MissingField, NotAllowed, RevConflict, UnknownCpo, UnknownSubscription
from app.domain.facts import FactKind
from app.domain.people import SYSTEM, Actor, Role, Subscription, keyed_digest
from app.ports import Ports
from tests.conftest import ABC, XYZ

BOTH = {"chargestations": "rw", "locations": "r"}
AMY = Actor(person_id="amy", role=Role.ADMIN, cpo_ids=frozenset({ABC}))
TODAY = date(2026, 3, 2)


async def made(ports: Ports, *cpo_ids: str, **more: Any) -> Subscription:
    return (await create_subscription(ports, SYSTEM, cpo_ids=list(cpo_ids) or [ABC], modules=BOTH, **more)).subscription


async def stored(ports: Ports, actor: Actor = SYSTEM) -> list[Subscription]:
    return [each.subscription for each in await list_subscriptions(ports, actor)]


async def test_a_key_is_told_once_and_only_its_digest_is_kept(ports: Ports) -> None:
    issued = await create_subscription(ports, SYSTEM, cpo_ids=[ABC, ABC], modules=BOTH, name="CRM")
    found = await ports.store.find(Subscription, key_digest=keyed_digest(ports.digest_key, issued.key))
    assert found == [(issued.subscription, 1)] and len(issued.key) == 40
    assert (found[0][0].cpo_ids, found[0][0].modules, found[0][0].name) == ([ABC], BOTH, "CRM")
    second = await rotate_subscription(ports, SYSTEM, issued.subscription.id)
    facts = await ports.store.facts(limit=1000)
    kept = repr((await ports.store.find(Subscription), facts))
    assert issued.key not in kept and second.key not in kept
    assert [fact.kind for fact in facts[-2:]] == [FactKind.SUBSCRIPTION_CREATED, FactKind.SUBSCRIPTION_ROTATED]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"cpo_ids": []}, MissingField),
        ({"cpo_ids": ["Nobody"]}, UnknownCpo),
        ({"modules": {}}, MissingField),
        ({"modules": {"tokens": "rw"}}, InvalidField),
        ({"modules": {"locations": "rwx"}}, InvalidField),
        ({"modules": {"locations": ""}}, InvalidField),
        ({"expires": TODAY - timedelta(days=1)}, InvalidField),
        ({"per_minute": -1}, InvalidField),
        ({"per_minute": 1_000_001}, InvalidField),
        ({"name": "x" * 101}, InvalidField),
    ],
)
async def test_what_a_subscription_cannot_be_is_refused_when_made_and_when_changed(
    ports: Ports, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await create_subscription(ports, SYSTEM, **{"cpo_ids": [ABC], "modules": BOTH, **given})
    assert await stored(ports) == []
    known = await made(ports)
    with pytest.raises(error):
        await change_subscription(ports, SYSTEM, known.id, **given)
    assert await stored(ports) == [known]


async def test_a_module_takes_any_of_the_three_letters_in_one_order(ports: Ports) -> None:
    issued = await create_subscription(
        ports, SYSTEM, cpo_ids=[ABC], modules={"chargestations": "dwrr", "locations": "d"}
    )
    assert issued.subscription.modules == {"chargestations": "rwd", "locations": "d"}


async def test_a_change_touches_what_is_named_and_says_so_once(ports: Ports) -> None:
    known = await made(ports, expires=TODAY, per_minute=60, name="CRM")
    await change_subscription(ports, SYSTEM, known.id, cpo_ids=[XYZ, ABC], name="Portal")
    await change_subscription(ports, SYSTEM, known.id, name="Portal")
    (changed,) = await stored(ports)
    assert (changed.name, changed.cpo_ids) == ("Portal", [XYZ, ABC])
    for name in ("key_digest", "modules", "expires", "per_minute", "created"):
        assert getattr(changed, name) == getattr(known, name), name
    kinds = [fact.kind for fact in await ports.store.facts(limit=1000)]
    assert kinds.count(FactKind.SUBSCRIPTION_CHANGED) == 1
    ports.clock.forward(days=9)  # type: ignore[attr-defined]
    renamed = await change_subscription(ports, SYSTEM, known.id, expires=TODAY, name="Old")
    assert (renamed.name, renamed.expires) == ("Old", TODAY)
    free = await change_subscription(ports, SYSTEM, known.id, expires=None, per_minute=None)
    assert (free.expires, free.per_minute) == (None, None)


@pytest.mark.parametrize("grace", [timedelta(seconds=-1), timedelta(days=30, seconds=1)])
async def test_the_old_key_stays_for_thirty_days_at_most(ports: Ports, grace: timedelta) -> None:
    known = await made(ports)
    with pytest.raises(InvalidField):
        await rotate_subscription(ports, SYSTEM, known.id, grace)
    assert await stored(ports) == [known]


async def test_of_two_replacements_at_once_one_wins_and_the_other_is_told(ports: Ports) -> None:
    known = await made(ports)
    both = await asyncio.gather(*(rotate_subscription(ports, SYSTEM, known.id) for _ in "ab"), return_exceptions=True)
    (won,) = (each for each in both if isinstance(each, Issued))
    assert any(isinstance(each, RevConflict) for each in both)
    assert await stored(ports) == [won.subscription]


async def test_a_revoked_subscription_stays_on_the_list_with_its_time_and_nothing_brings_it_back(ports: Ports) -> None:
    known = await made(ports)
    revoked = await revoke_subscription(ports, SYSTEM, known.id)
    assert revoked.revoked_at == ports.clock.now()
    assert await revoke_subscription(ports, SYSTEM, known.id) == revoked
    with pytest.raises(UnknownSubscription):
        await rotate_subscription(ports, SYSTEM, known.id)
    with pytest.raises(UnknownSubscription):
        await change_subscription(ports, SYSTEM, known.id, name="again")
    assert await stored(ports) == [revoked]
    kinds = [fact.kind for fact in await ports.store.facts(limit=1000)]
    assert kinds.count(FactKind.SUBSCRIPTION_REVOKED) == 1


async def test_an_unknown_one_cannot_be_revoked_and_support_makes_none(ports: Ports, sue: Actor) -> None:
    with pytest.raises(UnknownSubscription):
        await revoke_subscription(ports, SYSTEM, "no-such-id")
    with pytest.raises(NotAllowed):
        await create_subscription(ports, sue, cpo_ids=[ABC], modules=BOTH)
    with pytest.raises(NotAllowed):
        await list_subscriptions(ports, sue)


async def test_an_admin_of_some_cpos_manages_the_keys_of_these_alone(ports: Ports) -> None:
    mine = (await create_subscription(ports, AMY, cpo_ids=[ABC], modules=BOTH)).subscription
    foreign, shared = await made(ports, XYZ), await made(ports, ABC, XYZ)
    assert await stored(ports, AMY) == [mine]
    for other in (foreign, shared):
        for attempt in (revoke_subscription, rotate_subscription, read_subscription, change_subscription):
            with pytest.raises(UnknownSubscription):
                await attempt(ports, AMY, other.id)
    with pytest.raises(UnknownCpo):
        await create_subscription(ports, AMY, cpo_ids=[ABC, XYZ], modules=BOTH)
    with pytest.raises(UnknownCpo):
        await change_subscription(ports, AMY, mine.id, cpo_ids=[XYZ])
    assert len(await stored(ports)) == 3


async def test_a_key_of_the_api_makes_no_keys(ports: Ports) -> None:
    machine = Actor(subscription_id="s", cpo_ids=frozenset({ABC}))
    with pytest.raises(NotAllowed):
        await create_subscription(ports, machine, cpo_ids=[ABC], modules=BOTH)
