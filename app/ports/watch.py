"""Who looks at which stations just now: a vendor's platform is asked about those, and about no others."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Target = tuple[str, str]
"""A CPO and a station."""


class Lease(Protocol):
    """One screen that looks; it ends by itself with the stream that feeds it."""

    def want(self, targets: Iterable[Target]) -> None:
        """Look at these from now on, and no longer at those before."""
        ...


class Watch(Protocol):
    def lease(self, *, calm: bool = False, close: bool = False) -> AbstractContextManager[Lease]:
        """`calm` for an overview of many stations: looked at seldom, unless somebody else looks closer. `close` for a
        test, which must not miss that a station goes away and comes back."""
        ...

    def hurry(self, charge_station_id: str) -> None:
        """Somebody does something with this station: look at it as often as in the beginning."""
        ...

    async def run(self) -> None:
        """Do the looking, until it is cancelled; the lifespan owns this task."""
        ...


class Unwatched:
    """Where no platform but our own is looked at, which tells by itself."""

    @contextmanager
    def lease(self, *, calm: bool = False, close: bool = False) -> Iterator[Lease]:
        yield self

    def want(self, targets: Iterable[Target]) -> None:
        return None

    def hurry(self, charge_station_id: str) -> None:
        return None

    async def run(self) -> None:
        return None


UNWATCHED = Unwatched()
