"""What a station of some model should say of itself: its maker, its model, and how it is configured."""

import math
from collections.abc import Collection, Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from app.domain.commands import ConfigurationKey


class About(StrEnum):
    """What a key of a configuration is about."""

    INTERVAL = "interval"
    CURRENT_LIMIT = "current_limit"
    SETTING = "setting"


class ExpectedKey(Struct, kw_only=True, frozen=True):
    """One key with the value it should have, or its bounds, within which `value` is what to write.

    `may_fix`: an installer may have it written.

    A `secret` one is only ever written, and its value is in no evidence.
    """

    key: str
    value: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    about: About = About.SETTING
    may_fix: bool = True
    secret: bool = False


class Expectation(Struct, kw_only=True):
    """What one CPO says of the stations behind a hardware template, which it may share with others; empty is nothing.

    `vendors` and `models` are what BootNotification may say, compared without case and spaces.
    """

    id: str
    template_id: str
    cpo_id: str
    vendors: list[str] = []
    models: list[str] = []
    keys: list[ExpectedKey] = []


def expectation_key(cpo_id: str, template_id: str) -> str:
    return f"{cpo_id}|{template_id}"


class LineState(StrEnum):
    """How one key of a configuration stands. MISSING is one that the station does not know, HIDDEN one that it does not
    tell; the last three are of keys that somebody tried to mend."""

    OK = "ok"
    WRONG = "wrong"
    MISSING = "missing"
    HIDDEN = "hidden"
    FIXED = "fixed"
    REFUSED = "refused"
    NOT_FIXED = "not_fixed"


GOOD = frozenset({LineState.OK, LineState.HIDDEN, LineState.FIXED})


class Line(Struct, kw_only=True):
    """One key as it was found, beside what it should be; both as people may read them."""

    key: str
    about: About
    expected: str
    value: str | None
    state: LineState
    may_fix: bool


DEFAULT_KEYS = [
    ExpectedKey(key="HeartbeatInterval", value="300", minimum=1, maximum=3600, about=About.INTERVAL),
    ExpectedKey(key="MeterValueSampleInterval", value="60", minimum=1, maximum=900, about=About.INTERVAL),
    ExpectedKey(key="ConnectionTimeOut", value="60", minimum=15, maximum=600, about=About.INTERVAL),
]
"""For a model that nobody has said anything of: the intervals that every station has to know, by the names of OCPP 1.6,
which are translated to those of 2.0.1."""


def judged(keys: Iterable[ExpectedKey], told: Iterable[ConfigurationKey]) -> list[Line]:
    """Each expected key beside what the station told of it; keys compare in any case (OCPP 1.6 CiString)."""
    known = {line.key.casefold(): line for line in told}
    return [_judged(key, known.get(key.key.casefold())) for key in keys]


def _judged(wanted: ExpectedKey, found: ConfigurationKey | None) -> Line:
    if wanted.secret or (found is not None and found.value is None):
        state = LineState.HIDDEN
    elif found is None or found.value is None:
        state = LineState.MISSING
    else:
        state = LineState.OK if fits(wanted, found.value) else LineState.WRONG
    writable = found is None or not found.readonly
    return Line(
        key=wanted.key,
        about=wanted.about,
        expected=wish(wanted),
        value=None if found is None or wanted.secret else found.value,
        state=state,
        may_fix=wanted.may_fix and target(wanted) is not None and writable and state is not LineState.MISSING,
    )


def fits(wanted: ExpectedKey, value: str) -> bool:
    """Within its bounds where it has any, else the value itself, in any case and however the number is written."""
    number = _number(value)
    if wanted.minimum is not None or wanted.maximum is not None:
        low, high = wanted.minimum, wanted.maximum
        return number is not None and (low is None or number >= low) and (high is None or number <= high)
    if wanted.value is None:
        return True
    same = value.strip().casefold() == wanted.value.strip().casefold()
    return same or (number is not None and number == _number(wanted.value))


def wish(wanted: ExpectedKey) -> str:
    """What it should be, for people."""
    if wanted.secret:
        return HIDDEN_WISH
    if wanted.minimum is None and wanted.maximum is None:
        return wanted.value or ""
    low, high = (("" if bound is None else f"{bound:g}") for bound in (wanted.minimum, wanted.maximum))
    return f"{low}–{high}"


HIDDEN_WISH = "..."


def target(wanted: ExpectedKey) -> str | None:
    """What to write to mend it: its value, else the bound that there is."""
    if wanted.value is not None:
        return wanted.value
    bound = wanted.minimum if wanted.minimum is not None else wanted.maximum
    return None if bound is None else f"{bound:g}"


def to_write(keys: Iterable[ExpectedKey], lines: Iterable[Line]) -> list[ExpectedKey]:
    """What "fix all" writes: every wrong key that may be written, and the secrets, which nobody can read to compare."""
    by_key = {key.key: key for key in keys}
    wrong = (line for line in lines if line.may_fix)
    return [by_key[line.key] for line in wrong if line.state is LineState.WRONG or by_key[line.key].secret]


def mended(lines: Iterable[Line], written: Collection[str], refused: Collection[str]) -> list[Line]:
    """The lines as they were read back, with what became of those that were written."""
    return [replace(line, state=_mended(line, written, refused)) for line in lines]


def _mended(after: Line, written: Collection[str], refused: Collection[str]) -> LineState:
    if after.key in refused:
        return LineState.REFUSED
    if after.key not in written:
        return after.state
    return LineState.FIXED if after.state in GOOD else LineState.NOT_FIXED


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
