"""What a model should say of itself as lines that people write: at the desk, and in a file for the command line.

    vendors: Alfen BV, Alfen
    models: NG910-60023
    MaxCurrent = 32 # limit
    MeterValueSampleInterval = 10..60 -> 30 # interval
    LocalAuthListEnabled = true # look
    SecretOfTheMeter = 1234 # secret

A key with its value, or its bounds and after an arrow what to write; after the hash what it is about, `look` for one
that no installer writes, `secret` for one that nobody reads. A secret is told as "...", which leaves it as it is.
"""

import math
from collections.abc import Iterable, Iterator, Mapping

from app.domain.errors import InvalidField
from app.domain.expectations import About, Expectation, ExpectedKey, expectation_key

HIDDEN = "..."
MOST_KEYS = 100
WORDS = {"limit": About.CURRENT_LIMIT, "interval": About.INTERVAL}
SAID = [*WORDS, "look", "secret"]
EXAMPLE = "MaxCurrent = 32 # limit"
LONGEST_KEY = 50
LONGEST_VALUE = 500


def read_expectation(template_id: str, cpo_id: str, text: str, before: Expectation | None = None) -> Expectation:
    """Raises InvalidField naming the line."""
    read = Expectation(id=expectation_key(cpo_id, template_id), template_id=template_id, cpo_id=cpo_id)
    secrets = {key.key: key for key in before.keys if key.secret} if before else {}
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, rest = line.partition(":")
        if not line.strip():
            continue
        if colon and name.strip() in ("vendors", "models"):
            setattr(read, name.strip(), [part.strip() for part in rest.split(",") if part.strip()])
        else:
            read.keys.append(_read(line, number, secrets))
    if len(read.keys) > MOST_KEYS or len({key.key.casefold() for key in read.keys}) != len(read.keys):
        raise InvalidField("keys", f"each key once, and at most {MOST_KEYS} of them")
    return read


def _read(line: str, number: int, secrets: Mapping[str, ExpectedKey]) -> ExpectedKey:
    told, _, words = line.partition("#")
    key, equals, rest = (part.strip() for part in told.partition("="))
    said = set(words.split())
    wrong = InvalidField(f"line {number}", f"a key and its value, like {EXAMPLE}; after # only {' '.join(SAID)}")
    if not equals or not 0 < len(key) <= LONGEST_KEY or not rest or said - {*SAID}:
        raise wrong
    if "secret" in said and rest == HIDDEN:
        if key not in secrets:
            raise wrong
        return secrets[key]
    about = next((WORDS[word] for word in WORDS if word in said), About.SETTING)
    low, high, value = _wish(rest, wrong)
    secret = "secret" in said
    return ExpectedKey(
        key=key,
        value=value,
        minimum=None if secret else low,
        maximum=None if secret else high,
        about=about,
        may_fix="look" not in said,
        secret=secret,
    )


def _wish(text: str, wrong: InvalidField) -> tuple[float | None, float | None, str | None]:
    """Bounds, and what to write; without bounds the value alone."""
    wish, arrow, value = (part.strip() for part in text.partition("->"))
    if ".." not in wish or (not arrow and _bounds(wish) is None):
        if arrow or len(wish) > LONGEST_VALUE:
            raise wrong
        return None, None, wish
    bounds = _bounds(wish)
    if bounds is None:
        raise wrong
    return *bounds, value or None


def _bounds(wish: str) -> tuple[float | None, float | None] | None:
    low, _, high = wish.partition("..")
    try:
        bounds = tuple(float(part) if part.strip() else None for part in (low, high))
    except ValueError:
        return None
    if bounds == (None, None) or any(each is not None and not math.isfinite(each) for each in bounds):
        return None
    return bounds[0], bounds[1]


def written(expectation: Expectation) -> str:
    """As it is read again."""
    return "".join(f"{line}\n" for line in _lines(expectation))


def _lines(expectation: Expectation) -> Iterator[str]:
    for name, values in (("vendors", expectation.vendors), ("models", expectation.models)):
        if values:
            yield f"{name}: {', '.join(values)}"
    for key in expectation.keys:
        words = " ".join(_words(key))
        yield f"{key.key} = {_value(key)}" + (f" # {words}" if words else "")


def _words(key: ExpectedKey) -> Iterable[str]:
    yield from (word for word, about in WORDS.items() if about is key.about)
    if not key.may_fix:
        yield "look"
    if key.secret:
        yield "secret"


def _value(key: ExpectedKey) -> str:
    if key.secret:
        return HIDDEN
    if key.minimum is None and key.maximum is None:
        return key.value or ""
    low, high = (("" if bound is None else f"{bound:g}") for bound in (key.minimum, key.maximum))
    return f"{low}..{high}" + (f" -> {key.value}" if key.value is not None else "")
