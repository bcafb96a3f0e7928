"""A vendor's documents in the form of our Structs: quoted numbers, any case of an enum, null for an empty list.

Keys that we do not know stay as they are. For reading, what has no meaning for us (a value of an enum that is newer
than we are) is left out; for writing back it stays, since it is somebody's.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from app.domain.locations import Location
from app.domain.model import HardwareTemplate
from app.domain.stations import ChargeStation

NUMBERS: dict[type, Any] = {inspect.IntType: int, inspect.FloatType: float}
BOOLEANS = {"true": True, "false": False}


class Unreadable(ValueError):
    """A value that its field cannot take in any form that we know."""


def noun_at(path: str) -> type | None:
    """What the objects at this path of the API are."""
    folded = path.lower()
    if "/remotecommands" in folded:
        return None
    if "/chargestationtemplate" in folded:
        return HardwareTemplate
    return ChargeStation if "/chargestations" in folded else Location if "/locations" in folded else None


def readable(row: bytes, noun: type | None) -> bytes:
    """The row itself when it is fine as it is, which is the rule; else with its known fields put right."""
    if noun is None or _fits(row, noun):
        return row
    return msgspec.json.encode(_tidy(msgspec.json.decode(row), _shape(noun), lossy=True))


def writable(document: dict[str, Any], noun: type) -> dict[str, Any]:
    """The document as the API's schema has it, nothing left out."""
    tidied: dict[str, Any] = _tidy(document, _shape(noun), lossy=False)
    return tidied


def told(document: dict[str, Any], noun: type) -> dict[str, Any]:
    """What we tell of a document: known fields in our form. What cannot be read at all is told as it is."""
    try:
        known = _decoder(noun).decode(readable(msgspec.json.encode(document), noun))
    except msgspec.ValidationError:
        return document
    fields: dict[str, Any] = msgspec.to_builtins(known)
    return fields


def _fits(row: bytes, noun: type) -> bool:
    try:
        _decoder(noun).decode(row)
    except msgspec.ValidationError:
        return False
    return True


@cache
def _decoder(noun: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(noun)


@cache
def _shape(noun: type) -> inspect.Type:
    return inspect.type_info(noun)


def _tidy(value: Any, shape: inspect.Type, *, lossy: bool) -> Any:
    """Raises Unreadable in a lossy reading of a value that does not fit."""
    if isinstance(shape, inspect.UnionType):
        inner = [each for each in shape.types if not isinstance(each, inspect.NoneType)]
        return value if value is None or len(inner) != 1 else _tidy(value, inner[0], lossy=lossy)
    if isinstance(shape, inspect.StructType) and isinstance(value, dict):
        return dict(_fields(value, shape, lossy))
    if isinstance(shape, inspect.ListType) and isinstance(value, list):
        return list(_items(value, shape.item_type, lossy))
    return _scalar(value, shape, lossy)


def _fields(value: dict[str, Any], shape: inspect.StructType, lossy: bool) -> Iterator[tuple[str, Any]]:
    known = {field.encode_name: field for field in shape.fields}
    for name, each in value.items():
        if name not in known:
            yield name, each
            continue
        try:
            yield name, _tidy(each, known[name].type, lossy=lossy)
        except Unreadable:
            if known[name].required:
                yield name, each


def _items(values: list[Any], shape: inspect.Type, lossy: bool) -> Iterator[Any]:
    for each in values:
        try:
            yield _tidy(each, shape, lossy=lossy)
        except Unreadable:
            continue


def _scalar(value: Any, shape: inspect.Type, lossy: bool) -> Any:
    if isinstance(value, str) and type(shape) in NUMBERS:
        return _number(value, NUMBERS[type(shape)], lossy)
    if isinstance(shape, inspect.BoolType) and isinstance(value, str):
        return BOOLEANS.get(value.lower(), value)
    if isinstance(shape, inspect.EnumType) and isinstance(value, str):
        return _member(value, shape, lossy)
    if isinstance(shape, inspect.DateTimeType) and isinstance(value, str):
        return _moment(value, lossy)
    if isinstance(shape, inspect.StrType) and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if lossy and value is None:
        raise Unreadable
    return value


def _number(text: str, kind: Any, lossy: bool) -> Any:
    try:
        return kind(text)
    except ValueError:
        if lossy:
            raise Unreadable from None
        return text


def _moment(text: str, lossy: bool) -> str:
    """As it came: its forms need no mending (platform-api 1.3), and what is none of them is no moment for us."""
    try:
        msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        if lossy:
            raise Unreadable from None
    return text


def _member(text: str, shape: inspect.EnumType, lossy: bool) -> str:
    for member in shape.cls:
        if str(member.value).lower() == text.lower():
            return str(member.value)
    if lossy:
        raise Unreadable
    return text
