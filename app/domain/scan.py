"""What a scanned or typed text may mean: label codes, station ids, EVSE ids, makers' codes.

A code is input, not authority: it yields candidates that are looked up, in order, and is never followed. Secrets in it
(PIN, Wi-Fi key, password) are dropped here and do not come out again.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from app.domain.errors import UnreadableCode
from app.domain.labels import URL_PATH, label_code, label_url, looks_like_code, parse_label

__all__ = [
    "Label",
    "Reading",
    "ReadingKind",
    "label_code",
    "label_url",
    "nearest",
    "parse_label",
    "readings",
    "redacted",
]


class Label(Struct, kw_only=True):
    """A printed code that points to a station (known or not yet) and perhaps one EVSE of it."""

    code: str
    cpo_id: str
    charge_station_id: str
    evse_sequence_number: int | None = None
    created: datetime
    created_by: str | None = None
    revoked_at: datetime | None = None


class ReadingKind(StrEnum):
    LABEL = "label"
    EVSE = "evse"
    STATION = "station"


class Reading(Struct, frozen=True, kw_only=True):
    """One thing that a text may mean. `text` is a label code, or the id to look a station up by.

    `damaged`: a label code whose check character does not fit. `evse_sequence_number` comes from an EVSE id, whose own
    spelling (upper case, `*`) is `evse_id`.
    """

    kind: ReadingKind
    text: str
    evse_sequence_number: int | None = None
    evse_id: str | None = None
    damaged: bool = False


LONGEST = 2_000
MOST_READINGS = 20
LONGEST_ID = 255
SECRET_KEY = re.compile(
    r"(^|[-_. ])(pin|puk)(code|$|[-_. ])|[a-z](Pin|Puk|Key)$|pass(word|wd|code|phrase)|^pass$|pwd|psk|secret|token"
    r"|credential|signature|wifi|wlan|sec(urity)?[-_ ]?code|(^|[-_ ])key$|^(p|pw|sig|k)$",
    re.IGNORECASE,
)
ID_KEY = re.compile(
    r"^(id|cp|cs|sn|s/n|serial.*|.*evse.*|.*station.*|.*charge?r?_?(point|box|pole).*|.*cpid.*|.*cbid.*|.*identity.*"
    r"|name|device.*|pole.*|unit.*)$",
    re.IGNORECASE,
)
PAIR = re.compile(r"^\s*([\w /.-]{1,40}?)\s*[=:]\s*(.*?)\s*$")
PIN_PAIR = re.compile(r"^\s*([A-Za-z0-9][\w.*/-]{3,})\s*[,;\t]\s*([A-Za-z0-9-]{4,16})\s*$")
EVSE_DASHED = re.compile(r"([A-Z]{2})-([A-Z0-9]{3})-E(.+)-(\d{1,4})")
EVSE_STARRED = re.compile(r"([A-Z]{2})\*?([A-Z0-9]{3})\*?E([A-Z0-9*]{1,40})")
SECRET = re.compile(
    r"(\b(?:P|\w*PIN|PUK|PIN ?CODE|PASS\w*|PWD|PSK|\w*KEY|\w*TOKEN|\w*SECRET|SECURITY[ _-]?CODE)\b\"?\s*[:=# ]\s*)"
    r"(?:\"(?:\\.|[^\"\\])*\"|(?:\\.|[^;&\s\",}\\])+)",
    re.IGNORECASE,
)
WIFI_SECRET = re.compile(r"((?:^WIFI:|;)P:)(?:\\.|[^;\\])*", re.IGNORECASE)
LAST_NUMBER = re.compile(r"(.+)\*(\d{1,4})")


def readings(text: str) -> list[Reading]:
    """What this text may mean, likeliest first, each once; empty when nothing in it could be an id.

    Raises UnreadableCode (reason empty) for no text at all.
    """
    text = text[:LONGEST].strip().strip("\ufeff\x00").strip()
    if not text:
        raise UnreadableCode("nothing was read", reason="empty")
    found: list[Reading] = []
    for candidate in _candidates(text):
        for reading in _readings_of(candidate):
            if reading not in found:
                found.append(reading)
    return found[:MOST_READINGS]


def _readings_of(candidate: str) -> Iterator[Reading]:
    candidate = candidate.strip()
    if not candidate or len(candidate) > LONGEST_ID or not candidate.isprintable():
        return
    if looks_like_code(candidate):
        try:
            yield Reading(kind=ReadingKind.LABEL, text=parse_label(candidate))
        except UnreadableCode:
            yield Reading(kind=ReadingKind.LABEL, text=candidate, damaged=True)
    yield from _evse_readings(candidate)
    yield Reading(kind=ReadingKind.STATION, text=candidate)


def _evse_readings(candidate: str) -> Iterator[Reading]:
    """An EVSE id names its station: `NL-ABC-EUTR-017-1` is the first EVSE of UTR-017 (platform-api 5.7)."""
    upper = candidate.upper()
    if dashed := EVSE_DASHED.fullmatch(upper):
        station = candidate[dashed.start(3) : dashed.end(3)]
        number = int(dashed[4])
        yield Reading(kind=ReadingKind.EVSE, text=station, evse_sequence_number=number, evse_id=upper)
    elif starred := EVSE_STARRED.fullmatch(upper):
        evse_id = f"{starred[1]}*{starred[2]}*E{starred[3]}"
        if numbered := LAST_NUMBER.fullmatch(starred[3]):
            for name in _spellings(numbered[1]):
                number = int(numbered[2])
                yield Reading(kind=ReadingKind.EVSE, text=name, evse_sequence_number=number, evse_id=evse_id)
        for name in _spellings(starred[3]):
            yield Reading(kind=ReadingKind.EVSE, text=name, evse_id=evse_id)


def _spellings(name: str) -> list[str]:
    """`*` is only a separator to read by: the id behind it may have a hyphen there, or nothing."""
    return list(dict.fromkeys((name, name.replace("*", "-"), name.replace("*", ""))))


# --- From text to candidates -----------------------------------------------------------------------------------------


def _candidates(text: str) -> Iterator[str]:
    """The first form that fits says what is in a text; only what is in no known form is taken whole."""
    for parser in PARSERS:
        found = parser(text)
        if found is not None:
            yield from found
            return
    yield text


def _own_url(text: str) -> list[str] | None:
    match = URL_PATH.search(text) if "/" in text else None
    return [unquote(match[1])] if match and looks_like_code(unquote(match[1])) else None


def _wifi(text: str) -> list[str] | None:
    """`WIFI:S:name;T:WPA;P:secret;;`: the name and its tail, which is a serial on some stations; never the secret."""
    if not text.upper().startswith("WIFI:"):
        return None
    fields = re.split(r"(?<!\\);", text[5:])
    names = [re.sub(r"\\(.)", r"\1", f[2:]) for f in fields if f[:2].upper() == "S:"]
    tails = [re.split(r"[-_ ]", name)[-1] for name in names]
    return names + tails


def _url(text: str) -> list[str] | None:
    if not re.match(r"[a-z][a-z0-9+.-]*://\S+$", text, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return []
    values = _public_values(parse_qsl(parts.query))
    path = [*parts.path.split("/"), *parts.fragment.split("/")]
    return values + [unquote(part) for part in reversed(path) if part][:2]


def _json(text: str) -> list[str] | None:
    if text[0] not in "{[":
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _public_values(_leaves("", document, 4))


def _leaves(key: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth and not SECRET_KEY.search(key):
        for name, item in value.items():
            yield from _leaves(str(name), item, depth - 1)
    elif isinstance(value, list) and depth and not SECRET_KEY.search(key):
        for item in value:
            yield from _leaves(key, item, depth - 1)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield key, str(value)


def _pairs(text: str) -> list[str] | None:
    """`SN=EH12;PIN=1234`, or the same on lines, or with `:`; one pair alone counts only under a known key."""
    parts = [part for part in re.split(r"[;\n\r&]|,(?=[^,]*[=:])", text) if part.strip()]
    matches = [PAIR.match(part) for part in parts]
    pairs = [(match[1], match[2]) for match in matches if match]
    if not pairs or (len(parts) == 1 and not (ID_KEY.match(pairs[0][0]) or SECRET_KEY.search(pairs[0][0]))):
        return None
    inner = [value for pair in pairs for value in _inline_pin(*pair)]
    bare = [part for part, match in zip(parts, matches, strict=True) if not match]
    return _public_values(inner) + [part.strip() for part in bare]


def _inline_pin(key: str, value: str) -> Iterator[tuple[str, str]]:
    """`S/N: EH123 PIN: 4711` on one line: what follows the word is the secret's."""
    head, *rest = re.split(r"\s+(?=(?:pin|puk|password|pwd|pass|key|security code)\b\s*[:=#]?)", value, flags=re.I)
    yield key, head
    for _ in rest:
        yield "pin", ""


def _serial_and_pin(text: str) -> list[str] | None:
    """`EH123456,4711`: a serial and a short code without names; the code is the secret."""
    spaced = re.match(r"^\s*(\S+)\s+(?:pin|puk|password|pass|pwd|key|code)\b.*$", text, re.IGNORECASE)
    match = spaced or PIN_PAIR.match(text)
    return [match[1]] if match else None


def _lines(text: str) -> list[str] | None:
    parts = [part.strip() for part in re.split(r"[\n\r\t;]+", text) if part.strip()]
    return parts if len(parts) > 1 else None


PARSERS: tuple[Callable[[str], list[str] | None], ...] = (
    _own_url,
    _wifi,
    _url,
    _json,
    _pairs,
    _serial_and_pin,
    _lines,
)


def _public_values(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Values that are no secrets, those under a name that promises an id first."""
    public = [(key, value) for key, value in pairs if value and not SECRET_KEY.search(key.strip())]
    return sorted((value for _, value in public), key=_promise(public))


def _promise(pairs: list[tuple[str, str]]) -> Callable[[str], bool]:
    promised = {value for key, value in pairs if ID_KEY.match(key.strip())}
    return lambda value: value not in promised


def redacted(text: str) -> str:
    """The text for people who help: what could be a secret in it is masked, its shape can still be seen."""
    pattern = WIFI_SECRET if _wifi(text) is not None else SECRET
    masked = pattern.sub(r"\1***", text)
    if (match := PIN_PAIR.match(masked)) and "=" not in masked:
        masked = masked[: match.start(2)] + "***" + masked[match.end(2) :]
    return masked[:LONGEST]


# --- Near misses -----------------------------------------------------------------------------------------------------


SEPARATORS = re.compile(r"[\s\-_.|/*]+")


def nearest(text: str, ids: Iterable[str], limit: int = 3) -> list[str]:
    """Known ids that a person may have meant: other case, spaces, O for 0, a wrong or missing character."""
    return [known for _, known in nearest_first(text, ids)][:limit]


def nearest_first(text: str, ids: Iterable[str]) -> list[tuple[int, str]]:
    """The same with how many edits lie between, fewest first."""
    wanted = comparable(text)
    if not wanted:
        return []
    bound = max(1, min(3, len(wanted) // 4 + 1))
    scored = ((_distance(wanted, comparable(known), bound), known) for known in ids)
    return sorted(item for item in scored if item[0] <= bound)


def comparable(text: str) -> str:
    plain = SEPARATORS.sub("", text).upper()
    return plain.translate(str.maketrans("OIL", "011"))


def _distance(one: str, other: str, bound: int) -> int:
    """Edits from one to the other (a swap of neighbours is one), or more than `bound` as soon as that is sure."""
    if abs(len(one) - len(other)) > bound:
        return bound + 1
    one, other = differing(one, other)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        next_row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(row[j] + 1, next_row[-1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            next_row.append(cost)
        if min(next_row) > bound:
            return bound + 1
        before, row = row, next_row
    return row[-1]


def differing(one: str, other: str) -> tuple[str, str]:
    """Both without their common beginning and end: the ids of one owner differ in little."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    end = 0
    while end < min(len(one), len(other)) and one[-1 - end] == other[-1 - end]:
        end += 1
    return (one[: len(one) - end], other[: len(other) - end]) if end else (one, other)
