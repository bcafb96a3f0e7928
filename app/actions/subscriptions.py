"""Subscriptions: the keys with which other systems use the platform API.

An admin manages those whose CPOs are all theirs; for anybody else the others do not exist.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
from msgspec import UNSET, Struct, UnsetType

from app.domain.environments import BUILTIN
from app.domain.errors import MissingField, NotAllowed, UnknownCpo, UnknownSubscription
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor, Cpo, Role, Subscription, SubscriptionUse, keyed_digest
from app.domain.subscriptions import GRACE, last_day_of, modules_of, name_of, rate_of, require_alive, rotated
from app.ports import Change, Ports, Put

KEY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
KEY_LENGTH = 40


class Issued(Struct, frozen=True, kw_only=True):
    """A key, told this once: the store has its digest only."""

    key: str
    subscription: Subscription


class Listed(Struct, frozen=True, kw_only=True):
    """A subscription and when it was used last, to the minute."""

    subscription: Subscription
    used: datetime | None


async def create_subscription(
    ports: Ports,
    actor: Actor,
    *,
    cpo_ids: list[str],
    modules: Mapping[str, str],
    name: str = "",
    expires: date | None = None,
    per_minute: int | None = None,
) -> Issued:
    """A key for these CPOs and modules (letters of rwd each). Raises UnknownCpo, InvalidField, MissingField."""
    _require_admin(actor)
    key, now = ports.ids.text(KEY_ALPHABET, KEY_LENGTH), ports.clock.now()
    subscription = Subscription(
        id=ports.ids.uuid(),
        key_digest=keyed_digest(ports.digest_key, key),
        name=name_of(name),
        cpo_ids=await _cpo_ids(ports, actor, cpo_ids),
        modules=modules_of(modules),
        expires=last_day_of(expires, now),
        per_minute=rate_of(per_minute),
        created=now,
    )
    await _commit(ports, actor, subscription, 0, FactKind.SUBSCRIPTION_CREATED)
    return Issued(key=key, subscription=subscription)


def _require_admin(actor: Actor) -> None:
    if actor.role not in (None, Role.ADMIN) or actor.subscription_id is not None:
        raise NotAllowed("only an admin may do this")


async def _cpo_ids(ports: Ports, actor: Actor, given: list[str]) -> list[str]:
    """Each once, in their order."""
    if not given:
        raise MissingField("cpo")
    for cpo_id in given:
        if not actor.covers(cpo_id) or await ports.store.get(Cpo, cpo_id) is None:
            raise UnknownCpo(cpo_id)
    return list(dict.fromkeys(given))


async def change_subscription(
    ports: Ports,
    actor: Actor,
    subscription_id: str,
    *,
    name: str | UnsetType = UNSET,
    cpo_ids: list[str] | UnsetType = UNSET,
    modules: Mapping[str, str] | UnsetType = UNSET,
    expires: date | None | UnsetType = UNSET,
    per_minute: int | None | UnsetType = UNSET,
) -> Subscription:
    """Change what is given, with the key as it is, from its next request on. Raises as `create_subscription`, and
    UnknownSubscription, also for one that was revoked."""
    subscription, rev = await _found(ports, actor, subscription_id)
    require_alive(subscription)
    known = subscription.expires
    changed = msgspec.structs.replace(
        subscription,
        name=subscription.name if name is UNSET else name_of(name),
        cpo_ids=subscription.cpo_ids if cpo_ids is UNSET else await _cpo_ids(ports, actor, cpo_ids),
        modules=subscription.modules if modules is UNSET else modules_of(modules),
        expires=known if expires is UNSET or expires == known else last_day_of(expires, ports.clock.now()),
        per_minute=subscription.per_minute if per_minute is UNSET else rate_of(per_minute),
    )
    if changed != subscription:
        await _commit(ports, actor, changed, rev, FactKind.SUBSCRIPTION_CHANGED)
    return changed


async def rotate_subscription(ports: Ports, actor: Actor, subscription_id: str, grace: timedelta = GRACE) -> Issued:
    """A new key; the old one is good for the grace beside it. Raises UnknownSubscription, InvalidField."""
    subscription, rev = await _found(ports, actor, subscription_id)
    key = ports.ids.text(KEY_ALPHABET, KEY_LENGTH)
    changed = rotated(subscription, keyed_digest(ports.digest_key, key), ports.clock.now(), grace)
    await _commit(ports, actor, changed, rev, FactKind.SUBSCRIPTION_ROTATED)
    return Issued(key=key, subscription=changed)


async def revoke_subscription(ports: Ports, actor: Actor, subscription_id: str) -> Subscription:
    """Its keys open nothing from their next request on. Raises UnknownSubscription."""
    subscription, rev = await _found(ports, actor, subscription_id)
    if subscription.revoked_at is not None:
        return subscription
    revoked = msgspec.structs.replace(subscription, revoked_at=ports.clock.now())
    await _commit(ports, actor, revoked, rev, FactKind.SUBSCRIPTION_REVOKED)
    return revoked


async def read_subscription(ports: Ports, actor: Actor, subscription_id: str) -> Listed:
    """Raises UnknownSubscription."""
    subscription, _ = await _found(ports, actor, subscription_id)
    use = await ports.store.get(SubscriptionUse, subscription_id)
    return Listed(subscription=subscription, used=use[0].used if use else None)


async def list_subscriptions(ports: Ports, actor: Actor) -> list[Listed]:
    """Those that the actor manages, revoked ones too, oldest first."""
    _require_admin(actor)
    found = [each for each, _ in await ports.store.find(Subscription, limit=10_000) if _manages(actor, each)]
    uses = {use.id: use.used for use, _ in await ports.store.find(SubscriptionUse, limit=10_000)}
    by_age = sorted(found, key=lambda each: each.created)
    return [Listed(subscription=each, used=uses.get(each.id)) for each in by_age]


async def elsewhere(ports: Ports, subscription: Subscription) -> list[str]:
    """Its CPOs that live on another platform, of which a key of ours opens nothing."""
    found = [await ports.store.get(Cpo, cpo_id) for cpo_id in subscription.cpo_ids]
    return [each[0].cpo_id for each in found if each and each[0].platform != BUILTIN]


def _manages(actor: Actor, subscription: Subscription) -> bool:
    return all(actor.covers(cpo_id) for cpo_id in subscription.cpo_ids)


async def _found(ports: Ports, actor: Actor, subscription_id: str) -> tuple[Subscription, int]:
    _require_admin(actor)
    found = await ports.store.get(Subscription, subscription_id)
    if found is None or not _manages(actor, found[0]):
        raise UnknownSubscription(f"subscription {subscription_id} is not known")
    return found


async def _commit(ports: Ports, actor: Actor, subscription: Subscription, rev: int, kind: FactKind) -> None:
    fact = Fact(
        kind=kind,
        at=ports.clock.now(),
        cpo_id=subscription.cpo_ids[0],
        person_id=actor.person_id,
        device_id=actor.device_id,
        data={"subscription": subscription.id, "name": subscription.name},
    )
    await ports.store.commit(Change(writes=(Put(subscription, rev),), facts=(fact,)))
