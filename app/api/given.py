"""What the router gives to each handler, under the names `reader`, `writer`, `platform` and `envelope`."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from app.api.envelope import Envelope
from app.domain.people import Actor
from app.ports import Platform

AnyRequest = Request[Any, Any, Any]
Caller = NamedDependency[SkipValidation[Actor]]
Served = NamedDependency[SkipValidation[Platform]]
Answers = NamedDependency[SkipValidation[Envelope]]
