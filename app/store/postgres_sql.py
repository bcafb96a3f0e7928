"""SQLite's statements as PostgreSQL runs them: numbered parameters, arrays, and no hints to a planner that needs none.

The rest that differs stands behind functions of one name (`schema/001_first.postgres.sql`).
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

AMONG = re.compile(r"IN \(SELECT value FROM json_each\(:(\w+)\)\)")
HINT = re.compile(r"\bNOT INDEXED\b|\bINDEXED BY \w+")
PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Statement(Struct, frozen=True):
    """SQL with `$1` and on; `names` are the parameters in that order, `arrays` those that came as JSON."""

    sql: str
    names: tuple[str, ...]
    arrays: frozenset[str]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        return [self._argument(name, values[name]) for name in self.names]

    def _argument(self, name: str, value: Any) -> Any:
        if name in self.arrays:
            return msgspec.json.decode(value)
        return value.replace("\0", "\ufffd") if isinstance(value, str) else value


@cache
def statement(sql: str) -> Statement:
    """There are as many as there are shapes of a query: names come from the code, never from input."""
    arrays = frozenset(AMONG.findall(sql))
    plain = (
        HINT.sub("", AMONG.sub(r"= ANY(:\1)", sql))
        .replace("CROSS JOIN", "JOIN")
        .replace("random()", "nextval('marks')")
    )
    names = tuple(dict.fromkeys(PARAMETER.findall(plain)))
    numbers = {name: f"${number}" for number, name in enumerate(names, start=1)}
    return Statement(PARAMETER.sub(lambda found: numbers[found[1]], plain), names, arrays)
