"""What the router gives to each handler, under the names `reader`, `writer`, `platform` and `envelope`."""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from app.api.envelope import AnyRequest, Envelope
from app.domain.people import Actor
from app.ports import Platform

Caller = NamedDependency[SkipValidation[Actor]]
Served = NamedDependency[SkipValidation[Platform]]
Answers = NamedDependency[SkipValidation[Envelope]]

__all__ = ["Answers", "AnyRequest", "Caller", "Served"]
