"""Who calls the platform API: `Authorization: Token <key>` to an Actor with the subscription's CPOs.

The key is looked up by its keyed digest. A missing, unknown or revoked key raises NotSignedIn; a module or permission
that the subscription does not have raises NotAllowed (platform-api 2).
"""

from litestar.di import Provide

from app.api.envelope import AnyRequest, Envelope
from app.api.given import Call
from app.domain.errors import NotAllowed, NotSignedIn
from app.domain.people import Actor, Subscription, keyed_digest
from app.ports import Ports

READ, WRITE = "r", "w"
PERMISSIONS = {READ: "read", WRITE: "write"}


async def subscription_of(ports: Ports, authorization: str) -> Subscription:
    """The live subscription behind an Authorization header."""
    scheme, _, key = authorization.strip().partition(" ")
    if scheme.lower() != "token" or not key.strip():
        raise NotSignedIn("the header 'Authorization: Token <key>' is required")
    found = await ports.store.get(Subscription, keyed_digest(ports.digest_key, key.strip()))
    if found is None or found[0].revoked_at is not None:
        raise NotSignedIn("this key is not known")
    return found[0]


def permitted(subscription: Subscription, module: str, permission: str) -> None:
    if permission not in subscription.modules.get(module, ""):
        raise NotAllowed(f"this key may not {PERMISSIONS[permission]} the module {module}")


def scope_of(subscription: Subscription, cpso_ids: str) -> frozenset[str]:
    """The subscription's CPOs, narrowed to those that the `cpsoIds` header names; it never widens (2.5)."""
    own = frozenset(subscription.cpo_ids)
    named = {name.strip() for name in cpso_ids.split(",") if name.strip()}
    return own & named if named else own


def may(ports: Ports, envelope: Envelope, module: str, permission: str) -> Provide:
    """The dependency that lets a caller with this permission on this module in."""

    async def call(request: AnyRequest) -> Call:
        subscription = await subscription_of(ports, request.headers.get("authorization", ""))
        permitted(subscription, module, permission)
        cpo_ids = scope_of(subscription, request.headers.get("cpsoids", ""))
        actor = Actor(subscription_id=subscription.id, name=subscription.name, cpo_ids=cpo_ids)
        return Call(actor, ports.platforms.builtin, envelope)

    return Provide(call)
