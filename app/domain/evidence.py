"""What may be kept of a message between us and a station: cards masked, secrets left out, long ones cut."""

from collections.abc import Collection
from typing import Any

import msgspec

from app.domain.commanding import is_secret

HIDDEN = "..."
LONGEST = 1000
CARDS = frozenset({"idtag", "parentidtag", "idtoken", "groupidtoken"})
VALUES = ("value", "attributeValue")


def masked(id_tag: str) -> str:
    """Enough of a card to recognise it by, not enough to copy it."""
    return "…" + id_tag[-4:] if len(id_tag) > 6 else "…"


def shown_frame(frame: str, secrets: Collection[str] = ()) -> str:
    """A frame as evidence: `secrets` are the names of further keys whose value nobody may read."""
    hidden = {name.casefold() for name in secrets}
    try:
        return msgspec.json.encode(_shown(msgspec.json.decode(frame), hidden)).decode()[:LONGEST]
    except (msgspec.DecodeError, RecursionError):
        return "(not readable)"


def _shown(said: Any, hidden: Collection[str]) -> Any:
    if isinstance(said, list):
        return [_shown(each, hidden) for each in said]
    if not isinstance(said, dict):
        return said
    kept = {key: _card(key, value, hidden) for key, value in said.items()}
    named = _name_of(said)
    if named is not None and (is_secret(named) or named.casefold() in hidden):
        kept |= {key: HIDDEN for key in VALUES if key in kept}
    return kept


def _card(key: str, value: Any, hidden: Collection[str]) -> Any:
    """A card is a text of OCPP 1.6, or inside an object of 2.0.1 the text under the same name."""
    if key.casefold() in CARDS and isinstance(value, str):
        return masked(value)
    return _shown(value, hidden)


def _name_of(said: dict[str, Any]) -> str | None:
    """The key whose value this object carries: `key` in OCPP 1.6, component and variable in 2.0.1."""
    if isinstance(key := said.get("key"), str):
        return key
    variable, component = said.get("variable"), said.get("component")
    if isinstance(variable, dict) and isinstance(name := variable.get("name"), str):
        part = component.get("name") if isinstance(component, dict) else None
        return f"{part}.{name}" if isinstance(part, str) else name
    return None
