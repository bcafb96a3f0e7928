"""Imported before all else of the command line: one friendly line instead of a traceback without our packages."""

import sys
from importlib.util import find_spec

NEEDED = ("msgspec", "uvloop", "litestar")
FAILED = 2


def missing() -> list[str]:
    return [name for name in NEEDED if find_spec(name) is None]


if missing():
    print(
        f"stationlink: this Python lacks {', '.join(missing())}; "
        "`make run` makes one that has all: .venv/bin/python -m app",
        file=sys.stderr,
    )
    raise SystemExit(FAILED)
