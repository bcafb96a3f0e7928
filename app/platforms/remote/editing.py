"""Edits on somebody else's documents: the JSON as it was received, with only our fields changed.

Keys that we do not know go back untouched; keys that only the platform writes, and the template id, are left out
(platform-api 4, 5.1, 8.5).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, to_builtins

from app.domain.errors import InvalidField
from app.domain.evses import DESCRIBED, LISTS
from app.domain.live import Shown
from app.domain.locations import Location, LocationDraft, PutLocation
from app.domain.model import Connector, Evse
from app.domain.stations import ChargeStation, PatchChargeStation, PutChargeStation, StationDraft
from app.platforms.remote.cleaning import told

Document = dict[str, Any]

STATION_WRITABLE = frozenset(StationDraft.__struct_fields__)
LOCATION_WRITABLE = frozenset(LocationDraft.__struct_fields__)
STATION_READ_ONLY = (
    frozenset(ChargeStation.__struct_fields__) - STATION_WRITABLE - {"evses", "etag"}
    | frozenset(Shown.__struct_fields__)
    | {"charge_station_template_id"}
)
LOCATION_READ_ONLY = frozenset(Location.__struct_fields__) - LOCATION_WRITABLE - {"etag"}
EVSE_READ_ONLY = frozenset({"status", "last_updated"})


def replaced_station(received: Document, put: PutChargeStation) -> Document:
    """The PUT body that says what `put` says: known fields that it leaves out are cleared.

    EVSEs win over a template; without either the ones received are sent back.
    """
    document = _replaced(received, put, ChargeStation, STATION_WRITABLE, STATION_READ_ONLY)
    evses = [writable_evse(evse) for evse in received.get("evses") or []]
    if put.evses:
        document["evses"] = [_over(_same(evses, evse), writable_evse(evse)) for evse in to_builtins(put.evses)]
    elif put.charge_station_template_id:
        document.pop("evses", None)
        document["charge_station_template_id"] = put.charge_station_template_id
    else:
        document["evses"] = evses
    return document


def patched_station(received: Document, patch: PatchChargeStation) -> Document:
    """The PUT body that a PATCH with EVSEs amounts to. Raises InvalidField for an element that matches nothing."""
    document = {key: value for key, value in received.items() if key not in STATION_READ_ONLY}
    sent = to_builtins(patch)
    evses = [writable_evse(evse) for evse in received.get("evses") or []]
    for change in sent.pop("evses", None) or []:
        _merge_evse(evses, change)
    return {**document, **{key: value for key, value in sent.items() if key != "etag"}, "evses": evses}


def with_template(received: Document, template_id: str) -> Document:
    """The PUT body that lets the platform rebuild the EVSEs."""
    document = {key: value for key, value in received.items() if key not in STATION_READ_ONLY | {"evses"}}
    return {**document, "charge_station_template_id": template_id}


def with_descriptions(received: Document, before: Document) -> Document | None:
    """The PUT body that gives rebuilt EVSEs back what was written about them; None if nothing is lost."""
    document = {key: value for key, value in received.items() if key not in STATION_READ_ONLY}
    evses = [writable_evse(evse) for evse in received.get("evses") or []]
    known = {evse.get("evse_sequence_number"): evse for evse in before.get("evses") or []}
    lost = False
    for evse in evses:
        old = known.get(evse.get("evse_sequence_number"), {})
        for name in DESCRIBED:
            if old.get(name) and not evse.get(name):
                evse[name] = old[name]
                lost = True
    return {**document, "evses": evses} if lost else None


def replaced_location(received: Document, put: PutLocation) -> Document:
    return _replaced(received, put, Location, LOCATION_WRITABLE, LOCATION_READ_ONLY)


def lost_descriptions(before: Document, after: Document) -> list[int]:
    """The sequence numbers of which something is gone that people wrote about them."""
    kept = {evse.get("evse_sequence_number"): evse for evse in after.get("evses") or []}
    return sorted(
        evse["evse_sequence_number"]
        for evse in before.get("evses") or []
        if any(evse.get(name) and not kept.get(evse["evse_sequence_number"], {}).get(name) for name in DESCRIBED)
    )


def _replaced(
    received: Document, put: Struct, noun: type, writable: frozenset[str], read_only: frozenset[str]
) -> Document:
    document = {key: value for key, value in received.items() if key not in writable | read_only}
    sent = {key: value for key, value in to_builtins(put).items() if key in writable or key == "etag"}
    return {**document, **_as_received(received, sent, noun)}


def _as_received(received: Document, sent: Document, noun: type) -> Document:
    """What is sent, and as it was received where it is what we told of it.

    So null stays null, absent absent, and what we have no word for is not lost with what it stands in.
    """
    seen = told(received, noun)
    said = {key: _said(key, value, received, seen) for key, value in sent.items()}
    return {key: value for key, value in said.items() if key in received or value is not None}


def _said(key: str, wanted: Any, received: Document, seen: Document) -> Any:
    """A restriction that nobody was shown stays beside those that a person chose."""
    if same(wanted, seen.get(key)):
        return received.get(key)
    if key != "parking_restrictions":
        return wanted
    unseen = [each for each in received.get(key) or [] if each not in (seen.get(key) or [])]
    return [*(wanted or []), *unseen]


def same(one: Any, other: Any) -> bool:
    """Null, empty and absent mean the same, and plain words do in any order."""
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        plain = {name: _plain(each) for name, each in value.items()}
        return {name: each for name, each in plain.items() if each is not None} or None
    if isinstance(value, list):
        words = all(isinstance(each, str) for each in value)
        return (sorted(value) if words else [_plain(each) for each in value]) or None
    return None if value == "" else value


def writable_evse(evse: Document) -> Document:
    """An EVSE without what only the platform writes, its connectors too."""
    kept = {key: value for key, value in evse.items() if key not in EVSE_READ_ONLY}
    kept["connectors"] = [
        {key: value for key, value in connector.items() if key not in EVSE_READ_ONLY}
        for connector in evse.get("connectors") or []
    ]
    return kept


def _over(received: Document | None, sent: Document) -> Document:
    """What is sent, with the keys of what was received that we do not know."""
    known = {key: value for key, value in sent.items() if value is not None or key not in ("uid", "evse_id")}
    there = received or {}
    merged = {**there, **_as_received(there, known, Evse)}
    connectors = {connector.get("id"): connector for connector in there.get("connectors") or []}
    before = [connectors.get(each.get("id"), {}) for each in sent.get("connectors") or []]
    pairs = zip(before, sent.get("connectors") or [], strict=True)
    merged["connectors"] = [{**old, **_as_received(old, each, Connector)} for old, each in pairs]
    return merged


def _same(evses: Iterable[Document], wanted: Document) -> Document | None:
    name = "uid" if wanted.get("uid") else "evse_sequence_number"
    return next((evse for evse in evses if evse.get(name) == wanted.get(name)), None)


def _merge_evse(evses: Sequence[Document], change: Document) -> None:
    evse = _same(evses, change)
    if evse is None:
        name = "uid" if change.get("uid") else "evse_sequence_number"
        raise InvalidField(f"evses.{name} {change.get(name)}", "an EVSE of this station")
    connectors = {connector.get("id"): connector for connector in evse["connectors"]}
    for part in change.pop("connectors", None) or []:
        if part["id"] not in connectors:
            raise InvalidField(f"evses.connectors.id {part['id']}", "a connector of this EVSE")
        connectors[part["id"]].update(part)
    seen = told(evse, Evse)
    evse.update(
        {key: _said(key, [] if value is None and key in LISTS else value, evse, seen) for key, value in change.items()}
    )
