"""What each handler is given, as one dependency `caller`: who calls, the platform, and the envelope.

One, because each further dependency of a handler costs a task in Litestar: together a third of a small answer's time.
"""

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from app.api.envelope import AnyRequest, Envelope
from app.domain.people import Actor
from app.ports import Platform


class Call(Struct, frozen=True):
    """A request that was let in."""

    actor: Actor
    platform: Platform
    envelope: Envelope


Reader = NamedDependency[SkipValidation[Call]]
Writer = NamedDependency[SkipValidation[Call]]

__all__ = ["AnyRequest", "Call", "Reader", "Writer"]
