"""Subscriptions: the keys with which other systems use the platform API."""

import msgspec

from app.actions.cpos import require_admin
from app.domain.errors import InvalidField, MissingField, UnknownCpo, UnknownSubscription
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor, Cpo, Subscription, keyed_digest
from app.ports import Change, Ports, Put

KEY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
KEY_LENGTH = 40
MODULES = ("chargestations", "locations")
PERMISSIONS = frozenset({"r", "w", "rw"})


async def create_subscription(
    ports: Ports, actor: Actor, *, cpo_ids: list[str], modules: dict[str, str], name: str = ""
) -> str:
    """A key for these CPOs and modules ('r', 'w' or 'rw' each), told this once: the store has its digest only.

    Raises UnknownCpo, InvalidField, MissingField.
    """
    require_admin(actor)
    if not cpo_ids:
        raise MissingField("cpo")
    for cpo_id in cpo_ids:
        if await ports.store.get(Cpo, cpo_id) is None:
            raise UnknownCpo(cpo_id)
    key = ports.ids.text(KEY_ALPHABET, KEY_LENGTH)
    subscription = Subscription(
        key_digest=keyed_digest(ports.digest_key, key),
        id=ports.ids.uuid(),
        name=name.strip() or "unnamed",
        cpo_ids=list(dict.fromkeys(cpo_ids)),
        modules=_modules(modules),
        created=ports.clock.now(),
    )
    await _commit(ports, actor, subscription, 0, "created")
    return key


def _modules(modules: dict[str, str]) -> dict[str, str]:
    if not modules:
        raise MissingField("module")
    for module, permission in modules.items():
        if module not in MODULES:
            raise InvalidField("module", "one of " + ", ".join(MODULES))
        if permission not in PERMISSIONS:
            raise InvalidField("module", "r, w or rw after the colon")
    return dict(modules)


async def revoke_subscription(ports: Ports, actor: Actor, subscription_id: str) -> Subscription:
    """The key opens nothing from its next request on. Raises UnknownSubscription."""
    require_admin(actor)
    found = await ports.store.find(Subscription, id=subscription_id)
    if not found:
        raise UnknownSubscription(f"subscription {subscription_id} is not known")
    subscription, rev = found[0]
    if subscription.revoked_at is not None:
        return subscription
    revoked = msgspec.structs.replace(subscription, revoked_at=ports.clock.now())
    await _commit(ports, actor, revoked, rev, "revoked")
    return revoked


async def list_subscriptions(ports: Ports, actor: Actor) -> list[Subscription]:
    """Every subscription, revoked ones too, oldest first."""
    require_admin(actor)
    found = await ports.store.find(Subscription, limit=10_000)
    return sorted((each for each, _ in found), key=lambda each: each.created)


async def _commit(ports: Ports, actor: Actor, subscription: Subscription, rev: int, what: str) -> None:
    fact = Fact(
        kind=FactKind.SUBSCRIPTION_CREATED if what == "created" else FactKind.SUBSCRIPTION_REVOKED,
        at=ports.clock.now(),
        cpo_id=subscription.cpo_ids[0],
        person_id=actor.person_id,
        device_id=actor.device_id,
        data={"subscription": subscription.id, "name": subscription.name},
    )
    await ports.store.commit(Change(writes=(Put(subscription, rev),), facts=(fact,)))
