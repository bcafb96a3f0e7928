"""One step of a Change: a statement, and what it must find. Both databases run them."""

from enum import Enum
from typing import Any

from msgspec import Struct


class Check(Enum):
    """What a step must find, else the change rests on something that is no more."""

    NOTHING = "nothing"
    ONE_ROW = "one_row"
    TRUE = "true"
    NUMBER = "number"


class Step(Struct, frozen=True):
    """One statement. `what` names the thing in a RevConflict; `otherwise` is done before it comes to that."""

    sql: str
    values: dict[str, Any]
    check: Check
    what: str = ""
    otherwise: tuple["Step", ...] = ()
