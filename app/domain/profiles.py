"""OCPP security profiles 0 to 2: what a station must show to be let in (OCPP 1.6 security white paper 2; 2.0.1 A)."""

from enum import IntEnum

from app.domain.live import AuthOutcome, KnockReason


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
