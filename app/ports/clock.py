"""Time and chance, passed in so that both can be told what to be."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...


class Ids(Protocol):
    """All randomness: unpredictable, so that it may make secrets too."""

    def uuid(self) -> str: ...

    def text(self, alphabet: str, length: int) -> str: ...

    def number(self) -> int:
        """1 to 2^31-1, for OCPP transaction ids."""
        ...
