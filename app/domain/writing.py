"""What all writes on documents share: which fields a draft sets, how values are normalised, and the etag.

A draft marks what was left out with UNSET. A full write (POST, PUT) clears what it leaves out; a partial one (PATCH)
keeps it. Null clears an optional field and is an error for a required one (platform-api 8.2, 8.3).
"""

import re
from collections.abc import Collection
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from msgspec import NODEFAULT, UNSET, Struct
from msgspec.structs import FieldInfo, fields

from app.domain.errors import EtagMismatch, InvalidField, MissingField
from app.domain.model import AuthRule, DisplayText, StatusSchedule, utc

NOT_PROVIDED = "Not Provided"
TEXT_LENGTH = 512


class Stamp(Struct, frozen=True, kw_only=True):
    """What a write leaves on the object: its new etag, when (UTC, whole seconds) and by whom."""

    etag: str
    at: datetime
    by: str = NOT_PROVIDED


def draft_values(
    draft: Struct, target: type[Struct], required: Collection[str], *, partial: bool = False
) -> dict[str, Any]:
    """The fields of `target` that this draft writes, normalised; those cleared have the target's default.

    Raises MissingField for a required field that is null, blank or (in a full write) left out, InvalidField for a
    value that cannot be kept.
    """
    values: dict[str, Any] = {}
    for name, info in _common_fields(type(draft), target).items():
        value = getattr(draft, name)
        if value is UNSET and partial:
            continue
        if value is UNSET or value is None or is_blank(value):
            if name in required:
                raise MissingField(name)
            values[name] = default_of(info)
        else:
            values[name] = normal(name, value)
    return values


@cache
def _common_fields(draft: type[Struct], target: type[Struct]) -> dict[str, FieldInfo]:
    return {info.name: info for info in fields(target) if info.name in draft.__struct_fields__}


def default_of(info: FieldInfo) -> Any:
    """What a cleared field holds: [] for a list, null where the Struct says nothing else."""
    if info.default_factory is not NODEFAULT:
        return info.default_factory()
    return None if info.default is NODEFAULT else info.default


def is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def normal(field: str, value: Any) -> Any:
    """The value as it is stored: times in UTC, texts checked; anything else as it came."""
    if isinstance(value, list):
        return [normal(field, item) for item in value]
    if isinstance(value, datetime):
        return moment(field, value)
    if isinstance(value, DisplayText):
        return display_text(field, value)
    if isinstance(value, StatusSchedule):
        return _schedule(field, value)
    if isinstance(value, AuthRule):
        _require_plain(f"{field}.value", value.value)
        if is_blank(value.value):
            raise MissingField(f"{field}.value")
    if isinstance(value, str):
        _require_plain(field, value)
    return value


def moment(field: str, value: datetime) -> datetime:
    try:
        return utc(value)
    except OverflowError as error:
        raise InvalidField(field, "a time between the years 1 and 9999") from error


def display_text(field: str, text: DisplayText) -> DisplayText:
    """OCPI 2.1.1 16.3: a two-letter language (kept in lower case) and 1 to 512 characters."""
    language = text.language.lower()
    if not (len(language) == 2 and language.isascii() and language.isalpha()):
        raise InvalidField(f"{field}.language", "two letters (ISO 639-1)")
    if is_blank(text.text):
        raise MissingField(f"{field}.text")
    if len(text.text) > TEXT_LENGTH:
        raise InvalidField(f"{field}.text", f"at most {TEXT_LENGTH} characters")
    _require_plain(f"{field}.text", text.text)
    return DisplayText(language=language, text=text.text)


def _schedule(field: str, schedule: StatusSchedule) -> StatusSchedule:
    begin = moment(f"{field}.period_begin", schedule.period_begin)
    end = None if schedule.period_end is None else moment(f"{field}.period_end", schedule.period_end)
    if end is not None and end <= begin:
        raise InvalidField(f"{field}.period_end", "a time later than period_begin")
    return StatusSchedule(
        period_begin=begin, period_end=end, status=schedule.status, status_message=schedule.status_message
    )


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _require_plain(field: str, text: str) -> None:
    if CONTROL.search(text):
        raise InvalidField(field, "text without control characters")


def require_etag(noun: str, sent: Any, stored: str | None, wire: bytes, *, optional: bool = False) -> None:
    """The writer must have seen what is stored now (`wire`). Raises MissingField or EtagMismatch.

    `optional` lets a PATCH through that names no etag; one that names it means it.
    """
    if sent is UNSET or sent is None or is_blank(sent):
        if optional:
            return
        raise MissingField("etag")
    if stored is None or str(sent).lower() != stored.lower():
        raise EtagMismatch(noun, wire)


@lru_cache(maxsize=8192)
def iso(when: datetime) -> bytes:
    """The wire's way of writing a time: 2026-03-02T08:00:11Z."""
    return utc(when).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
