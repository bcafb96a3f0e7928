"""The cookie of a signed-in device, and the Actor behind it."""

from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from msgspec.structs import replace

from app.domain.errors import NotAllowed, NotSignedIn, RevConflict
from app.domain.people import Actor, Device, Person, Role, actor_for, keyed_digest
from app.ports import Change, Ports, Put

COOKIE = "stationlink_device"
SEEN_EVERY = timedelta(hours=1)


async def actor_of(ports: Ports, cookie: str | None, *, days: int) -> Actor:
    """Who this cookie is. Raises NotSignedIn when it is nobody's, revoked, or unused for `days`."""
    found = await ports.store.get(Device, device_digest(ports, cookie)) if cookie else None
    if found is None:
        raise NotSignedIn("sign in first")
    device, rev = found
    person = await ports.store.get(Person, device.person_id)
    now = ports.clock.now()
    if device.revoked_at or now - device.seen > timedelta(days=days) or person is None or person[0].disabled:
        raise NotSignedIn("this device is signed out; ask for a new link or code")
    if now - device.seen > SEEN_EVERY:
        await _note_seen(ports, replace(device, seen=now), rev)
    return actor_for(person[0], device.id)


async def _note_seen(ports: Ports, device: Device, rev: int) -> None:
    try:
        await ports.store.commit(Change(writes=(Put(device, rev),)))
    except RevConflict:
        return  # a second request of the same device noted it first


def device_digest(ports: Ports, cookie: str) -> str:
    return keyed_digest(ports.digest_key, f"device:{cookie}")


def session_cookie(value: str, *, days: int, secure: bool) -> Cookie:
    """Lax, so that a scanned link opens signed in; an empty value signs the browser out."""
    age = days * 86400 if value else 0
    return Cookie(key=COOKIE, value=value, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)


def is_secure(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether this very request came over HTTPS; a trusted proxy says so for the browser behind it.

    Never by the public URL: a browser drops a Secure cookie that came over plain HTTP, and is signed out at once.
    """
    return connection.url.scheme == "https"


async def request_actor(
    connection: ASGIConnection[Any, Any, Any, Any], ports: Ports, *, days: int, roles: frozenset[Role]
) -> Actor:
    """The signed-in actor of this request, if the role may be here. Raises NotSignedIn or NotAllowed."""
    actor = await actor_of(ports, connection.cookies.get(COOKIE), days=days)
    if actor.role not in roles:
        raise NotAllowed("this page is not for your role")
    return actor
