"""Whether an edit is there: what was sent, compared with what was before it and what is there now."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from app.domain.model import EvseTemplate, HardwareTemplate
from app.platforms.remote.editing import Document, same

APART = frozenset({"etag", "id", "charge_station_id", "charge_station_template_id"})
PARTS = {"evses": ("uid", "evse_sequence_number"), "connectors": ("id",)}
MADE_WITH = ("default_charge_station_tariff_id", "charger_type", "deploy_state")
HARDWARE = ("id", "standard", "format", "power_type")


class Outcome(Enum):
    DONE = "done"
    UNTOUCHED = "untouched"
    OTHER = "other"


class Leaf(NamedTuple):
    """One value that the edit changes."""

    wanted: Any
    was: Any
    now: Any


def outcome(before: Document, sent: Document, now: Document) -> Outcome:
    """Only what the edit changes counts: the rest of the object is others' business."""
    leaves = list(_leaves(before, sent, now))
    if all(same(leaf.wanted, leaf.now) for leaf in leaves):
        return Outcome.DONE
    return Outcome.UNTOUCHED if all(same(leaf.was, leaf.now) for leaf in leaves) else Outcome.OTHER


def created_by(sent: Document, now: Document) -> bool:
    """Whether the station that is there is the one that we meant to make; what the platform adds does not matter."""
    at_home = str(sent.get("location_id") or "").lower() == str(now.get("location_id") or "").lower()
    return at_home and all(same(sent.get(name), now.get(name)) for name in MADE_WITH)


def _leaves(before: Document, sent: Document, now: Document) -> Iterator[Leaf]:
    for name, wanted in sent.items():
        was, there = before.get(name), now.get(name)
        if name in APART:
            continue
        if name in PARTS and isinstance(wanted, list):
            yield from _parts(was or [], wanted, there or [], PARTS[name])
        elif not same(wanted, was):
            yield Leaf(wanted, was, there)


def _parts(before: list[Document], sent: list[Document], now: list[Document], keys: tuple[str, ...]) -> Iterator[Leaf]:
    for part in sent:
        was, there = _match(before, part, keys), _match(now, part, keys)
        if was is None or there is None:
            yield Leaf(part, was, there)
        else:
            yield from _leaves(was, part, there)


def _match(parts: list[Document], wanted: Document, keys: tuple[str, ...]) -> Document | None:
    for key in keys:
        if wanted.get(key) is not None:
            return next((part for part in parts if str(part.get(key)) == str(wanted[key])), None)
    return None


# --- Templates -------------------------------------------------------------------------------------------------------


def built_from(template: HardwareTemplate, station: Document) -> bool:
    """Whether a station's EVSEs are those of the template."""
    wanted = [_wanted(part) for part in template.evse_templates or []]
    there = [_hardware(evse) for evse in station.get("evses") or []]
    return sorted(wanted) == sorted(there)


def _wanted(part: EvseTemplate) -> tuple[str, list[tuple[str, ...]]]:
    connectors = [tuple(str(getattr(each, name)) for name in HARDWARE) for each in part.connector_templates or []]
    return str(part.evse_sequence_number), sorted(connectors)


def _hardware(evse: Document) -> tuple[str, list[tuple[str, ...]]]:
    connectors = [tuple(str(each.get(name)) for name in HARDWARE) for each in evse.get("connectors") or []]
    return str(evse.get("evse_sequence_number")), sorted(connectors)
