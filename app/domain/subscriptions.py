"""What a subscription opens, until when, and how its key is replaced: rules, without the keys themselves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from app.domain.errors import InvalidField, KeyExpired, MissingField, NotSignedIn, UnknownSubscription
from app.domain.people import Subscription

MODULES = ("chargestations", "locations", "remotecommands")
PERMISSIONS = {"r": "read", "w": "write", "d": "delete"}
"""Delete is kept for modules that have it; those of today delete nothing (platform-api 2.3)."""

GRACE = timedelta(hours=24)
MAX_GRACE = timedelta(days=30)
MAX_PER_MINUTE = 1_000_000
MAX_NAME = 100


def check_open(subscription: Subscription, digest: str, now: datetime) -> None:
    """Raises NotSignedIn or KeyExpired unless the key of this digest opens the subscription now."""
    if subscription.revoked_at is not None:
        raise NotSignedIn("this key is not known")
    if subscription.expires is not None and now.date() > subscription.expires:
        raise KeyExpired(f"this key expired: its last day was {subscription.expires}; ask for a new one")
    if digest == subscription.key_digest:
        return
    until = subscription.previous_until
    if digest != subscription.previous_digest or until is None or now >= until:
        raise KeyExpired("this key was replaced by a new one, and its time beside that is over: use the new one")


def require_alive(subscription: Subscription) -> None:
    """Raises UnknownSubscription for one that was revoked: nothing brings it back."""
    if subscription.revoked_at is not None:
        raise UnknownSubscription(f"subscription {subscription.id} is revoked: make a new one")


def rotated(subscription: Subscription, digest: str, now: datetime, grace: timedelta) -> Subscription:
    """With a new key, and the one of now beside it for the grace; one that was replaced earlier ends at once.

    Raises InvalidField for a grace that is negative or longer than 30 days.
    """
    require_alive(subscription)
    if not timedelta(0) <= grace <= MAX_GRACE:
        raise InvalidField("grace", "0 hours to 30 days")
    return replace(subscription, key_digest=digest, previous_digest=subscription.key_digest, previous_until=now + grace)


def modules_of(given: Mapping[str, str]) -> dict[str, str]:
    """Permissions by module, each once and in one order. Raises MissingField, InvalidField."""
    if not given:
        raise MissingField("module")
    for module, letters in given.items():
        if module not in MODULES:
            raise InvalidField("module", "one of " + ", ".join(MODULES))
        if not letters or not set(letters) <= set(PERMISSIONS):
            raise InvalidField("module", "letters of rwd (read, write, delete) after the colon, such as rw")
    return {module: "".join(each for each in PERMISSIONS if each in letters) for module, letters in given.items()}


def last_day_of(given: date | None, now: datetime) -> date | None:
    """The last day (UTC) on which it opens anything. Raises InvalidField for one that is over."""
    if given is not None and given < now.date():
        raise InvalidField("expires", "a day from today on, such as 2027-01-31")
    return given


def rate_of(given: int | None) -> int | None:
    """Requests a minute; 0 is no limit, None the house's setting. Raises InvalidField."""
    if given is not None and not 0 <= given <= MAX_PER_MINUTE:
        raise InvalidField("per_minute", f"0 (no limit) to {MAX_PER_MINUTE} requests a minute")
    return given


def name_of(given: str) -> str:
    """Raises InvalidField for more than 100 characters."""
    if len(given.strip()) > MAX_NAME:
        raise InvalidField("name", f"at most {MAX_NAME} characters")
    return given.strip() or "unnamed"
