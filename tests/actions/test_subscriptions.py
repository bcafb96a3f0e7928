import pytest

from app.actions.subscriptions import create_subscription, list_subscriptions, revoke_subscription
from app.domain.errors import InvalidField, MissingField, NotAllowed, UnknownCpo, UnknownSubscription
from app.domain.facts import FactKind
from app.domain.people import SYSTEM, Actor, Subscription, keyed_digest
from app.ports import Ports
from tests.conftest import ABC

BOTH = {"chargestations": "rw", "locations": "r"}


async def test_a_key_is_told_once_and_only_its_digest_is_kept(ports: Ports) -> None:
    key = await create_subscription(ports, SYSTEM, cpo_ids=[ABC, ABC], modules=BOTH, name="CRM")
    found = await ports.store.get(Subscription, keyed_digest(ports.digest_key, key))
    assert found is not None and len(key) == 40
    assert (found[0].cpo_ids, found[0].modules, found[0].name) == ([ABC], BOTH, "CRM")
    facts = await ports.store.facts(limit=1000)
    assert key not in repr((found, facts))
    assert facts[-1].kind is FactKind.SUBSCRIPTION_CREATED


@pytest.mark.parametrize(
    ("cpo_ids", "modules", "error"),
    [
        ([], BOTH, MissingField),
        (["Nobody"], BOTH, UnknownCpo),
        ([ABC], {}, MissingField),
        ([ABC], {"tokens": "rw"}, InvalidField),
        ([ABC], {"locations": "rwx"}, InvalidField),
    ],
)
async def test_a_subscription_names_known_cpos_and_modules(
    ports: Ports, cpo_ids: list[str], modules: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await create_subscription(ports, SYSTEM, cpo_ids=cpo_ids, modules=modules)
    assert await list_subscriptions(ports, SYSTEM) == []


async def test_a_revoked_subscription_stays_on_the_list_with_its_time(ports: Ports) -> None:
    await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=BOTH)
    made = (await list_subscriptions(ports, SYSTEM))[0]
    revoked = await revoke_subscription(ports, SYSTEM, made.id)
    assert revoked.revoked_at == ports.clock.now()
    assert await revoke_subscription(ports, SYSTEM, made.id) == revoked
    assert await list_subscriptions(ports, SYSTEM) == [revoked]
    kinds = [fact.kind for fact in await ports.store.facts(limit=1000)]
    assert kinds.count(FactKind.SUBSCRIPTION_REVOKED) == 1


async def test_an_unknown_one_cannot_be_revoked_and_support_makes_none(ports: Ports, sue: Actor) -> None:
    with pytest.raises(UnknownSubscription):
        await revoke_subscription(ports, SYSTEM, "no-such-id")
    with pytest.raises(NotAllowed):
        await create_subscription(ports, sue, cpo_ids=[ABC], modules=BOTH)
