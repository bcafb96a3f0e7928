"""OCPP security profiles 0 to 2: what a station must show to be let in (OCPP 1.6 security white paper 2; 2.0.1 A)."""

from datetime import datetime
from enum import IntEnum

from msgspec.structs import replace

from app.domain.live import AuthOutcome, KnockReason, StationPassword

MOST_OFFERED = 8
"""Passwords that a station was given over OCPP and has not used; the oldest goes."""


class Profile(IntEnum):
    """What is asked of a station. One that does more than is asked is let in, too."""

    OPEN = 0
    PASSWORD = 1
    TLS = 2


REFUSED_FOR = {
    AuthOutcome.NONE: KnockReason.NO_PASSWORD,
    AuthOutcome.OFFERED: KnockReason.WRONG_PASSWORD,
    AuthOutcome.WRONG: KnockReason.WRONG_PASSWORD,
    AuthOutcome.HEX: KnockReason.HEX_PASSWORD,
    AuthOutcome.RIGHT: KnockReason.ACCEPTED,
}


def verdict(profile: Profile, auth: AuthOutcome, *, tls: bool) -> KnockReason:
    """Without TLS where it is asked for, nothing is said of the password: it has gone over the wire in the clear."""
    if profile is Profile.OPEN:
        return KnockReason.ACCEPTED
    if profile is Profile.TLS and not tls:
        return KnockReason.NO_TLS
    return REFUSED_FOR[auth]


# --- a password that changes over OCPP -------------------------------------------------------------------------------


def is_of(kept: StationPassword, cpo_id: str) -> bool:
    """An id may be set up at one CPO and become a station of another: the first one's password is nothing there."""
    return kept.cpo_id in (None, cpo_id)


def opening(kept: StationPassword) -> list[str]:
    """The digests that open the door."""
    return [kept.digest, *kept.earlier, *([] if kept.next_digest is None else [kept.next_digest])]


def offered(kept: StationPassword, digest: str, now: datetime) -> StationPassword:
    """With one more for the station to take; those of before stay good, for it may have taken one of them."""
    earlier = opening(kept)[1:][1 - MOST_OFFERED :]
    return replace(kept, next_digest=digest, next_set_at=now, earlier=earlier)


def withdrawn(kept: StationPassword, digest: str, before: StationPassword) -> StationPassword:
    """Without one that was never sent, as `before` it was offered."""
    if digest != kept.next_digest:
        return replace(kept, earlier=[each for each in kept.earlier if each != digest])
    last = kept.earlier[-1] if kept.earlier else None
    set_at = None if last is None else before.next_set_at
    return replace(kept, next_digest=last, next_set_at=set_at, earlier=kept.earlier[:-1])


def used(kept: StationPassword, digest: str, now: datetime) -> StationPassword:
    """After a socket opened with this one of them: the end of those before it. A later one may be on its way still."""
    if digest == kept.digest:
        return replace(kept, used=now)
    if digest == kept.next_digest:
        set_at = kept.next_set_at or now
        return replace(kept, digest=digest, set_at=set_at, used=now, next_digest=None, next_set_at=None, earlier=[])
    later = kept.earlier[kept.earlier.index(digest) + 1 :]
    return replace(kept, digest=digest, set_at=now, used=now, earlier=later)
