"""Request bodies: what is no JSON at all (Malformed) is told apart from JSON that does not fit (and which field)."""

import re
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import msgspec
from litestar import Request
from msgspec import inspect

from app.domain.errors import Invalid, InvalidField, Malformed, MissingField

T = TypeVar("T")

READ_ONLY = frozenset({"status", "last_updated"})
"""Of an EVSE and its connectors: ignored on writes whatever they hold, so that a GET-edit-PUT works."""

QUOTED = frozenset(
    {
        "publish",
        "tap_to_stop",
        "stop_on_parking",
        "dynamic_time_based_tariffs",
        "time_of_use_tariffs",
        "exclude_vat",
        "contactless_terminal_auth_amount",
        "evse_sequence_number",
        "voltage",
        "amperage",
        "max_electric_power",
        "weekday",
        "width",
        "height",
    }
)
"""Numbers and truths that may come as strings, "230" and "true"."""
DEGREES = frozenset({"latitude", "longitude"})
"""Strings on this wire, and as numbers in most other places."""
DECIMALS = 15
PLAIN = re.compile(r"true|false|-?(0|[1-9][0-9]{0,14})([.][0-9]{1,15})?", re.IGNORECASE | re.ASCII)

A_TIME = "a date-time such as 2026-03-02T08:00:00Z"
DESCRIBED = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
STEPS = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


async def read_body(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """The request's body as one `kind`; see `decode`."""
    return decode(await request.body(), kind)


def decode(body: bytes, kind: type[T]) -> T:
    """One `kind` from a JSON body. Raises Malformed, MissingField or InvalidField."""
    try:
        body.decode()
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        return _decode_slowly(body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error


def _decode_slowly(body: bytes, kind: type[T]) -> T:
    """A body whose first fault is a wrong value may be malformed further on, or wrong only where it is ignored."""
    try:
        return msgspec.convert(tolerated(msgspec.json.decode(body)), kind)
    except msgspec.ValidationError as error:
        raise explain(str(error), kind) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed(error) from error


def malformed(error: Exception) -> Malformed:
    """What is wrong with a body that is no JSON, by what reading it raised."""
    if isinstance(error, RecursionError):
        return Malformed("the body is nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return Malformed(f"the body is not UTF-8: {error.reason} at byte {error.start}")
    return Malformed(f"the body is not valid JSON: {error}")


def tolerated(document: Any) -> Any:
    """Without what writes ignore, quoted numbers and truths unquoted, and degrees that came as numbers quoted: how
    examples of this API are often copied.
    """
    if not isinstance(document, dict):
        return document
    read = {key: _as_typed(key, value) for key, value in document.items()}
    if isinstance(read.get("evses"), list):
        read["evses"] = [_writable(evse) for evse in read["evses"]]
    if isinstance(hours := read.get("opening_times"), dict):
        read["opening_times"] = {key: value for key, value in hours.items() if key != "twentyfourseven"}
    if isinstance(mix := read.get("energy_mix"), dict):
        read["energy_mix"] = {key: value for key, value in mix.items() if key == "energy_mix_profile_id"}
    return read


def _as_typed(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_typed(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_typed(key, inner) for inner in value]
    if key in DEGREES and isinstance(value, int | float) and not isinstance(value, bool):
        return _degrees(value)
    if key not in QUOTED or not isinstance(value, str) or not PLAIN.fullmatch(value):
        return value
    return msgspec.json.decode(value.lower())


def _degrees(value: float) -> str:
    """Plainly, without exponent. What is no degree stays what it is, for the rule to refuse."""
    if abs(value) > 180:
        return str(value)
    return format(round(Decimal(repr(value)), DECIMALS).normalize(), "f")


def _writable(part: Any) -> Any:
    """An EVSE, or one of its connectors, without what writes ignore."""
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if key not in READ_ONLY}
    if isinstance(kept.get("connectors"), list):
        kept["connectors"] = [_writable(connector) for connector in kept["connectors"]]
    return kept


def explain(message: str, kind: type) -> Invalid:
    """A msgspec validation message as our error: the field in the body's own words, and what was expected there."""
    match = DESCRIBED.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    field = "" if path.startswith("[") else path.removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", what):
        return MissingField(f"{field}.{missing[1]}" if field else missing[1])
    return InvalidField(field or "body", _expected(what, path, kind))


def _expected(what: str, path: str, kind: type) -> str:
    if got := re.fullmatch(r"Invalid enum value (.*)", what, re.DOTALL):
        return f"one of {', '.join(_members(path, kind))}, got {got[1]}"
    if "RFC3339" in what or "datetime" in what:
        return A_TIME
    if "out of range" in what:
        return "a smaller number"
    return what.removeprefix("Expected ").replace("`", "").replace(" | null", " or null")


def _members(path: str, kind: type) -> list[str]:
    """The values of the enum that stands at this path of the type."""
    node = inspect.type_info(kind)
    for name, _ in STEPS.findall(path):
        node = _step(_concrete(node), name)
    enum = _concrete(node)
    members: list[Enum] = list(enum.cls) if isinstance(enum, inspect.EnumType) else []
    return [str(member.value) for member in members]


def _concrete(node: inspect.Type) -> inspect.Type:
    """What a union holds beside null; one layer, which is all that our Structs have."""
    if isinstance(node, inspect.UnionType):
        return next((kind for kind in node.types if not isinstance(kind, inspect.NoneType)), node)
    return node


def _step(node: inspect.Type, name: str) -> inspect.Type:
    if isinstance(node, inspect.StructType) and name:
        return next((field.type for field in node.fields if field.encode_name == name), inspect.AnyType())
    if isinstance(node, inspect.ListType) and not name:
        return node.item_type
    return inspect.AnyType()
