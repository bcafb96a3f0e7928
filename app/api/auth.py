"""Who calls the platform API: `Authorization: Token <key>` to an Actor with the subscription's CPOs.

The key is looked up by its keyed digest. A missing, unknown, revoked or expired key raises NotSignedIn; a used-up rate
TooManyRequests; a module or permission that the subscription does not have NotAllowed (platform-api 2).
"""

from datetime import datetime, timedelta

from litestar.di import Provide

from app.actions.uses import Uses
from app.api.envelope import AnyRequest, Envelope
from app.api.given import Call
from app.domain.errors import NotAllowed, NotSignedIn
from app.domain.people import Actor, Subscription, keyed_digest
from app.domain.subscriptions import PERMISSIONS, check_open
from app.ports import Ports
from app.web.limits import Buckets

READ, WRITE = "r", "w"


OLDEST = timedelta(seconds=1)


class Keys:
    """Lets keys in. What a digest opens is read once for each state of the store, so a revocation by whatever process
    counts from the next request on; where a store hears of other processes late or not at all, a second later.
    """

    def __init__(self, ports: Ports, uses: Uses, per_minute: int) -> None:
        self._ports = ports
        self._uses = uses
        self._per_minute = per_minute
        self._buckets = Buckets(ports.clock)
        self._known: dict[str, Subscription] = {}
        self._version = -1
        self._read_at = ports.clock.now()

    async def subscription_of(self, authorization: str) -> Subscription:
        """The open subscription behind an Authorization header; counts and notes the request."""
        scheme, _, key = authorization.strip().partition(" ")
        if scheme.lower() != "token" or not key.strip():
            raise NotSignedIn("the header 'Authorization: Token <key>' is required")
        digest, now = keyed_digest(self._ports.digest_key, key.strip()), self._ports.clock.now()
        subscription = await self._behind(digest, now)
        check_open(subscription, digest, now)
        limit = subscription.per_minute
        self._buckets.take(subscription.id, self._per_minute if limit is None else limit)
        self._uses.note(subscription.id)
        return subscription

    async def _behind(self, digest: str, now: datetime) -> Subscription:
        version = self._ports.store.version()
        if version != self._version or not timedelta(0) <= now - self._read_at < OLDEST:
            self._known, self._version, self._read_at = {}, version, now
        known = self._known
        if (subscription := known.get(digest)) is None:
            subscription = known[digest] = await self._read(digest)
        return subscription

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


def may(keys: Keys, ports: Ports, envelope: Envelope, module: str, permission: str) -> Provide:
    """The dependency that lets a caller with this permission on this module in."""

    async def call(request: AnyRequest) -> Call:
        subscription = await keys.subscription_of(request.headers.get("authorization", ""))
        permitted(subscription, module, permission)
        cpo_ids = scope_of(subscription, request.headers.get("cpsoids", ""))
        actor = Actor(subscription_id=subscription.id, name=subscription.name, cpo_ids=cpo_ids)
        return Call(actor, ports.platforms.builtin, envelope)

    return Provide(call)
