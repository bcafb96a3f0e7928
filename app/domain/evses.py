"""EVSEs and connectors: how they get their ids, what they must have, how they merge, and what follows from them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import fields, replace

from app.domain.errors import InvalidField, MissingField
from app.domain.model import (
    ChargingSpeed,
    Connector,
    ConnectorFormat,
    ConnectorPatch,
    ConnectorTemplate,
    Evse,
    EvsePatch,
    EvseStatus,
    GeoLocation,
    HardwareTemplate,
    PowerType,
)
from app.domain.places import coordinates
from app.domain.writing import is_blank, normal

CONNECTOR_PAIRS = frozenset(
    {
        ("IEC_62196_T1_COMBO", ConnectorFormat.CABLE),
        ("IEC_62196_T2_COMBO", ConnectorFormat.CABLE),
        ("IEC_62196_T1_COMBO", ConnectorFormat.SOCKET),
        ("IEC_62196_T2_COMBO", ConnectorFormat.SOCKET),
        ("IEC_62196_T2", ConnectorFormat.SOCKET),
        ("IEC_62196_T2", ConnectorFormat.CABLE),
        ("IEC_62196_T1", ConnectorFormat.CABLE),
        ("CHADEMO", ConnectorFormat.CABLE),
    }
    | {(f"DOMESTIC_{letter}", ConnectorFormat.SOCKET) for letter in "EFGHIJKL"}
)
"""The 16 combinations that may be written (platform-api 5.6)."""

CAPABILITIES = frozenset(
    {
        "CHARGING_PROFILE_CAPABLE",
        "CREDIT_CARD_PAYABLE",
        "REMOTE_START_STOP_CAPABLE",
        "RESERVABLE",
        "RFID_READER",
        "UNLOCK_CAPABLE",
    }
)
"""OCPI 2.1.1 8.4.3."""

DESCRIBED = (
    "directions",
    "parking_restrictions",
    "floor_level",
    "physical_reference",
    "coordinates",
    "images",
)
"""What a person writes about an EVSE and no template knows: it outlives a new template."""

NEEDED = ("standard", "format", "power_type", "voltage", "amperage")
LISTS = ("status_schedule", "capabilities", "directions", "parking_restrictions", "images")
RAPID_ABOVE_W = 100_000
INT32 = 2**31 - 1


class Owner(Struct, frozen=True, kw_only=True):
    """Whose EVSEs these are: their ids are made from it (platform-api 5.7)."""

    country_code: str
    party_id: str
    charge_station_id: str

    def uid(self, number: int) -> str:
        return f"{self.country_code}-{self.party_id}-E{self.charge_station_id}-{number}"


class Tariffs(Struct, frozen=True):
    """A station's defaults. A connector without a tariff of its own shows these."""

    tariff_id: str | None = None
    reimbursement_tariff_id: str | None = None


# --- Written by hand -------------------------------------------------------------------------------------------------


def written(evses: Sequence[Evse], existing: Sequence[Evse], owner: Owner) -> list[Evse]:
    """The EVSEs of a POST or PUT: read-only fields dropped, ids and numbers filled in, and all of it checked.

    An EVSE that names no uid keeps the one its sequence number has had.
    """
    if not evses:
        raise InvalidField("evses", "at least one EVSE")
    by_uid = {evse.uid: evse for evse in existing}
    by_number = {evse.evse_sequence_number: evse for evse in existing}
    identified = []
    for position, evse in enumerate(evses, start=1):
        known = by_uid.get(evse.uid) if evse.uid else by_number.get(evse.evse_sequence_number or position)
        number = evse.evse_sequence_number or (known.evse_sequence_number if known else None) or position
        uid = evse.uid or (known.uid if known else None) or owner.uid(number)
        evse_id = evse.evse_id or (known.evse_id if known else None) or uid
        identified.append(replace(_plain(evse), uid=uid, evse_id=evse_id, evse_sequence_number=number))
    result = _numbered(identified)
    require_valid(result)
    return result


def _plain(evse: Evse) -> Evse:
    """Without the fields that only the live state sets, null lists as [], texts and times normalised."""
    values: dict[str, Any] = {
        info.name: normal(f"evses.{info.name}", getattr(evse, info.name)) for info in fields(Evse)
    }
    for name in LISTS:
        values[name] = values[name] or []
    for name in ("floor_level", "physical_reference", "uid", "evse_id"):
        values[name] = None if is_blank(values[name]) else values[name]
    connectors = [replace(connector, last_updated=None) for connector in evse.connectors or []]
    return Evse(**{**values, "connectors": connectors, "status": EvseStatus.UNKNOWN, "last_updated": None})


def _numbered(evses: Iterable[Evse]) -> list[Evse]:
    """Connectors without an id get the next free number of the station: it is their OCPP connectorId."""
    evses = list(evses)
    taken = {connector.id for evse in evses for connector in evse.connectors or []}
    free = (str(n) for n in range(1, INT32) if str(n) not in taken)
    return [
        replace(evse, connectors=[c if c.id else replace(c, id=next(free)) for c in evse.connectors or []])
        for evse in evses
    ]


def handed_on(evses: Sequence[Evse], before: Owner, after: Owner) -> list[Evse]:
    """The EVSEs of a station that has another id now: ids made from the old one are made from the new one."""

    def follows(text: str | None, number: int | None) -> str | None:
        return after.uid(number) if number is not None and text == before.uid(number) else text

    return [
        replace(
            evse,
            uid=follows(evse.uid, evse.evse_sequence_number),
            evse_id=follows(evse.evse_id, evse.evse_sequence_number),
        )
        for evse in evses
    ]


# --- Merged ----------------------------------------------------------------------------------------------------------


def merged(existing: Sequence[Evse], patches: Iterable[EvsePatch]) -> list[Evse]:
    """PATCH: each element found by uid, else by sequence number; only what it says changes (platform-api 8.5).

    Raises InvalidField for an element that matches no EVSE or connector: PATCH never adds or removes.
    """
    result = list(existing)
    for patch in patches:
        index = _index_of(result, patch)
        result[index] = _merge_evse(result[index], patch)
    require_valid(result)
    return result


def _index_of(evses: Sequence[Evse], patch: EvsePatch) -> int:
    name = "uid" if patch.uid else "evse_sequence_number"
    wanted = getattr(patch, name)
    if wanted is UNSET or wanted is None:
        raise MissingField("evses.uid")
    for index, evse in enumerate(evses):
        if getattr(evse, name) == wanted:
            return index
    raise InvalidField(f"evses.{name} {wanted}", "an EVSE of this station")


def _merge_evse(evse: Evse, patch: EvsePatch) -> Evse:
    values = {
        name: normal(f"evses.{name}", value)
        for name in EvsePatch.__struct_fields__
        if name not in ("uid", "connectors") and (value := getattr(patch, name)) is not UNSET
    }
    if values.get("evse_sequence_number", 1) is None:
        raise MissingField("evses.evse_sequence_number")
    for name in LISTS:
        if name in values:
            values[name] = values[name] or []
    for name in ("floor_level", "physical_reference", "evse_id"):
        if is_blank(values.get(name)):
            values[name] = None
    if patch.connectors is None:
        raise InvalidField("evses.connectors", "at least one connector")
    if patch.connectors is not UNSET:
        values["connectors"] = _merge_connectors(evse.connectors or [], patch.connectors)
    return replace(evse, **values)


def _merge_connectors(connectors: list[Connector], patches: Iterable[ConnectorPatch]) -> list[Connector]:
    result = {connector.id: connector for connector in connectors}
    for patch in patches:
        if patch.id not in result:
            raise InvalidField(f"evses.connectors.id {patch.id}", "a connector of this EVSE")
        values = {
            name: value
            for name in ConnectorPatch.__struct_fields__
            if name != "id" and (value := getattr(patch, name)) is not UNSET
        }
        result[patch.id] = replace(result[patch.id], **values)
    return list(result.values())


# --- From a template -------------------------------------------------------------------------------------------------


def from_template(template: HardwareTemplate, existing: Sequence[Evse], owner: Owner) -> tuple[list[Evse], list[int]]:
    """The template copied (platform-api 6.3), and the sequence numbers whose descriptions had to go.

    Where a sequence number survives, the EVSE keeps its ids (they are printed on it) and what people wrote about it.
    """
    before = {evse.evse_sequence_number: evse for evse in existing}
    numbers = connector_numbers(template)
    built = []
    for item in template.evse_templates or []:
        number = item.evse_sequence_number
        old = before.pop(number, None)
        kept = {name: getattr(old, name) for name in DESCRIBED} if old else {}
        connectors = [_copied(connector, next(numbers)) for connector in item.connector_templates or []]
        uid = (old.uid if old else None) or owner.uid(number)
        built.append(
            _plain(
                Evse(
                    uid=uid,
                    evse_id=(old.evse_id if old else None) or uid,
                    evse_sequence_number=number,
                    capabilities=item.capabilities,
                    connectors=connectors,
                    **kept,
                )
            )
        )
    require_valid(built)
    lost = sorted(number for number, evse in before.items() if number is not None and is_described(evse))
    return built, lost


def connector_numbers(template: HardwareTemplate) -> Iterator[int]:
    """The connector ids in order: the template's own where they are unique in the station, else 1, 2, 3..."""
    ids = [c.id for item in template.evse_templates or [] for c in item.connector_templates or []]
    own = [i for i in ids if i is not None and i > 0]
    usable = len(own) == len(ids) == len(set(own))
    return iter(own if usable else range(1, len(ids) + 1))


def _copied(template: ConnectorTemplate, number: int) -> Connector:
    return Connector(
        id=str(number),
        standard=template.standard,
        format=template.format,
        power_type=template.power_type,
        voltage=template.voltage,
        amperage=template.amperage,
        max_electric_power=template.max_electric_power,
    )


ON_THE_SPOT = ("evse_id", "floor_level", "physical_reference", "directions", "parking_restrictions", "coordinates")
"""What belongs to a place and not to what is wired to it: where two sockets were mixed up, this changes places.

The EVSE id is among it: it is what stands on the label that is stuck beside the socket.
"""


def swapped_texts(first: Evse, second: Evse) -> list[EvsePatch]:
    """What makes each of two EVSEs stand where the other one stood; their connectors stay as they are wired."""
    return [
        EvsePatch(
            evse_sequence_number=evse.evse_sequence_number,
            images=other.images or [],
            **{name: _sent(name, getattr(other, name)) for name in ON_THE_SPOT},
        )
        for evse, other in ((first, second), (second, first))
    ]


def _sent(name: str, value: Any) -> Any:
    return (value or []) if name in LISTS else value


def is_described(evse: Evse) -> bool:
    return any(getattr(evse, name) for name in DESCRIBED)


# --- What must hold --------------------------------------------------------------------------------------------------


def require_valid(evses: Sequence[Evse]) -> None:
    """Raises MissingField or InvalidField with the wire name (platform-api 5.1, 5.2, 5.6)."""
    _require_unique("evses.evse_sequence_number", [evse.evse_sequence_number for evse in evses])
    _require_unique("evses.uid", [evse.uid for evse in evses])
    _require_unique("evses.connectors.id", [c.id for evse in evses for c in evse.connectors or []])
    for evse in evses:
        number = evse.evse_sequence_number
        if number is None or not 1 <= number <= INT32:
            raise InvalidField("evses.evse_sequence_number", "a number from 1")
        if not evse.connectors:
            raise MissingField("evses.connectors")
        require_capabilities("evses.capabilities", evse.capabilities)
        if evse.coordinates is not None:
            require_coordinates(evse.coordinates)
        for connector in evse.connectors:
            require_connector(connector, "evses.connectors")


def require_coordinates(place: GeoLocation) -> None:
    coordinates("evses.coordinates", place)


def _require_unique(field: str, values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        raise InvalidField(field, "a different value for each of the station")


def require_capabilities(field: str, capabilities: Sequence[str] | None) -> None:
    if not CAPABILITIES.issuperset(capabilities or ()):
        raise InvalidField(field, "one of " + ", ".join(sorted(CAPABILITIES)))


def require_connector(connector: Connector | ConnectorTemplate, field: str) -> None:
    for name in NEEDED:
        value = getattr(connector, name)
        if value is None or is_blank(value):
            raise MissingField(f"{field}.{name}")
    if (connector.standard, connector.format) not in CONNECTOR_PAIRS:
        raise InvalidField(f"{field}.standard", "a standard and format that exist together (Mennekes, CCS, ...)")
    for name, lowest in (("voltage", 1), ("amperage", 1), ("max_electric_power", 0)):
        value = getattr(connector, name)
        if value is not None and not lowest <= value <= INT32:
            raise InvalidField(f"{field}.{name}", f"a number from {lowest}")


# --- What follows ----------------------------------------------------------------------------------------------------


def settled(
    evses: Sequence[Evse], existing: Sequence[Evse], tariffs: Tariffs, before: Tariffs, now: datetime
) -> list[Evse]:
    """The EVSEs with the tariff that counts on each connector, and `last_updated` on those that changed.

    A connector without a tariff, or with what was the station's default, follows the default: a reader that sends back
    what it got has not given the connector a tariff of its own (platform-api 12.1).
    """
    known = {c.id: c for evse in existing for c in evse.connectors or []}
    return [
        replace(
            evse,
            connectors=[
                _stamped(_with_tariffs(c, tariffs, before), known.get(c.id), now) for c in evse.connectors or []
            ],
        )
        for evse in evses
    ]


def _with_tariffs(connector: Connector, tariffs: Tariffs, before: Tariffs) -> Connector:
    values = {
        name: getattr(tariffs, name)
        for name in Tariffs.__struct_fields__
        if is_blank(own := getattr(connector, name)) or own is None or own == getattr(before, name)
    }
    return replace(connector, **values)


def _stamped(connector: Connector, known: Connector | None, now: datetime) -> Connector:
    if known is not None and replace(known, last_updated=None) == replace(connector, last_updated=None):
        return known
    return replace(connector, last_updated=now)


def charging_speed(evses: Iterable[Evse]) -> ChargingSpeed | None:
    """Slow for AC, Fast for DC up to 100 kW, Rapid above, Mix_* when they differ (platform-api 4.1)."""
    classes = {_speed(connector) for evse in evses for connector in evse.connectors or []}
    if len(classes) <= 1:
        return classes.pop() if classes else None
    return ChargingSpeed.MIX_AC_DC if ChargingSpeed.SLOW in classes else ChargingSpeed.MIX_DC


def _speed(connector: Connector) -> ChargingSpeed:
    if connector.power_type is not PowerType.DC:
        return ChargingSpeed.SLOW
    power = connector.max_electric_power or (connector.voltage or 0) * (connector.amperage or 0)
    return ChargingSpeed.RAPID if power > RAPID_ABOVE_W else ChargingSpeed.FAST


# --- Stored ----------------------------------------------------------------------------------------------------------

_decoder = msgspec.json.Decoder(Evse)


def encode_lines(evses: Iterable[Evse]) -> bytes:
    """One EVSE a line as it is stored: without `status` and `last_updated`, which the live state adds on read."""
    return b"\n".join(_line(evse) for evse in evses)


def _line(evse: Evse) -> bytes:
    return msgspec.json.encode(replace(evse, status=UNSET, last_updated=UNSET))


def decode_lines(body: bytes) -> list[Evse]:
    return [_decoder.decode(line) for line in body.split(b"\n") if line]
