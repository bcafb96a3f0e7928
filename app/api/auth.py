"""Who calls the platform API: `Authorization: Token <key>` to an Actor with the subscription's CPOs.

The key is looked up by its keyed digest. A missing, unknown, revoked or expired key raises NotSignedIn; a used-up rate
TooManyRequests; a module or permission that the subscription does not have NotAllowed (platform-api 2).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from litestar.types import Scope
from msgspec import Struct

from app.actions.uses import Uses
from app.api.envelope import Envelope
from app.domain.errors import NotAllowed, NotSignedIn
from app.domain.people import Actor, Subscription, keyed_digest
from app.domain.subscriptions import PERMISSIONS, check_open
from app.ports import OwnPlatform, Ports
from app.web.limits import Buckets

READ, WRITE = "r", "w"
DOOR = "door"
"""Where a module's routes have its Door in their options: as a dependency of Litestar's it would cost several times
what it does."""

OLDEST = timedelta(seconds=1)
MOST_KNOWN = 1024


class Opened(Struct, frozen=True):
    """What one way of writing a key opens, and for which CPOs."""

    digest: str
    subscription: Subscription
    actor: Actor


class Call(Struct, frozen=True):
    """A request that was let in."""

    actor: Actor
    platform: OwnPlatform
    envelope: Envelope


Door: TypeAlias = Callable[[Scope, str], Awaitable[Call]]
"""Who may come in to do this, as a Call."""


class Keys:
    """Lets keys in. What a header opens is found once for each version of the store, so a revocation here counts from
    the next request on, and one by another process as soon as the store hears of it; a second later at the latest.
    """

    def __init__(self, ports: Ports, uses: Uses, per_minute: int) -> None:
        self._ports = ports
        self._uses = uses
        self._per_minute = per_minute
        self._buckets = Buckets(ports.clock)
        self._known: dict[tuple[bytes, bytes], Opened] = {}
        self._version = -1
        self._read_at = ports.clock.now()

    async def opened(self, authorization: bytes, cpso_ids: bytes = b"") -> Opened:
        """What the headers Authorization and cpsoIds open now; counts and notes the request."""
        now = self._ports.clock.now()
        opened = await self._behind(authorization, cpso_ids, now)
        subscription = opened.subscription
        check_open(subscription, opened.digest, now)
        limit = subscription.per_minute
        self._buckets.take(subscription.id, self._per_minute if limit is None else limit)
        self._uses.note(subscription.id, now)
        return opened

    async def _behind(self, authorization: bytes, cpso_ids: bytes, now: datetime) -> Opened:
        """By the header itself: for a second at most, and it is in memory for as long as its connection anyhow."""
        version = self._ports.store.version()
        known = self._known
        if version != self._version or not timedelta(0) <= now - self._read_at < OLDEST or len(known) > MOST_KNOWN:
            known, self._version, self._read_at = {}, version, now
            self._known = known
        if (opened := known.get((authorization, cpso_ids))) is None:
            opened = known[authorization, cpso_ids] = await self._find(authorization, cpso_ids)
        return opened

    async def _find(self, authorization: bytes, cpso_ids: bytes) -> Opened:
        scheme, _, key = authorization.decode("latin-1").strip().partition(" ")
        if scheme.lower() != "token" or not key.strip():
            raise NotSignedIn("the header 'Authorization: Token <key>' is required")
        digest = keyed_digest(self._ports.digest_key, key.strip())
        subscription = await self._read(digest)
        scope = scope_of(subscription, cpso_ids.decode("latin-1"))
        actor = Actor(subscription_id=subscription.id, name=subscription.name, cpo_ids=scope)
        return Opened(digest, subscription, actor)

    async def _read(self, digest: str) -> Subscription:
        store = self._ports.store
        for column in ("key_digest", "previous_digest"):
            if found := await store.find(Subscription, limit=1, **{column: digest}):
                return found[0][0]
        raise NotSignedIn("this key is not known")


def permitted(subscription: Subscription, module: str, permission: str) -> None:
    if permission not in subscription.modules.get(module, ""):
        raise NotAllowed(f"this key may not {PERMISSIONS[permission]} the module {module}")


def scope_of(subscription: Subscription, cpso_ids: str) -> frozenset[str]:
    """The subscription's CPOs, narrowed to those that the `cpsoIds` header names; it never widens (2.5)."""
    own = frozenset(subscription.cpo_ids)
    named = {name.strip() for name in cpso_ids.split(",") if name.strip()}
    return own & named if named else own


def door(keys: Keys, ports: Ports, envelope: Envelope, module: str) -> Door:
    """Into one module of a subscription."""

    async def let_in(scope: Scope, permission: str) -> Call:
        authorization = cpso_ids = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value
            elif name == b"cpsoids":
                cpso_ids = value
        opened = await keys.opened(authorization, cpso_ids)
        permitted(opened.subscription, module, permission)
        return Call(opened.actor, ports.platforms.builtin, envelope)

    return let_in


async def reader(scope: Scope) -> Call:
    """The call of a route that reads, if it may be made. To be asked first of all."""
    let_in: Door = scope["route_handler"].opt[DOOR]
    return await let_in(scope, READ)


async def writer(scope: Scope) -> Call:
    """The call of a route that writes, if it may be made. To be asked first of all."""
    let_in: Door = scope["route_handler"].opt[DOOR]
    return await let_in(scope, WRITE)
