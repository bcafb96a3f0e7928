"""How long OCPI 2.1.1 has its texts: soft limits (platform-api 5.7, 12.1). What is longer is kept whole, and told.

Not among them: the uid of an EVSE, which the platform itself makes longer, and the texts of directions, which have a
hard limit in `app.domain.writing`.
"""

from collections.abc import Iterator

from msgspec import Struct

from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.domain.model import Connector, ConnectorPatch, Evse, EvsePatch, GeoLocation, Image
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation

LOCATION = {"id": 39, "name": 255, "address": 45, "city": 45, "postal_code": 10}
EVSE = {"evse_id": 48, "floor_level": 4, "physical_reference": 16}
CONNECTOR = {"id": 36, "tariff_id": 36, "terms_and_conditions": 255}
DEGREES = {"latitude": 10, "longitude": 11}

SOFT: dict[type[Struct], dict[str, int]] = {
    **dict.fromkeys((PostLocation, PutLocation, PatchLocation), LOCATION),
    **dict.fromkeys((Evse, EvsePatch), EVSE),
    **dict.fromkeys((Connector, ConnectorPatch), CONNECTOR),
    GeoLocation: DEGREES,
    Image: {"type": 4},
}
INSIDE: dict[type[Struct], tuple[str, ...]] = {
    **dict.fromkeys((PostChargeStation, PutChargeStation, PatchChargeStation), ("evses",)),
    **dict.fromkeys((PostLocation, PutLocation, PatchLocation), ("coordinates",)),
    **dict.fromkeys((Evse, EvsePatch), ("connectors", "coordinates", "images")),
}


def beyond(draft: Struct) -> list[str]:
    """The fields of a write that are longer, each once, with what OCPI has: `evses.floor_level (4)`."""
    return list(dict.fromkeys(_beyond(draft, "")))


def _beyond(part: Struct, path: str) -> Iterator[str]:
    for name, most in SOFT.get(type(part), {}).items():
        value = getattr(part, name)
        if isinstance(value, str) and len(value) > most:
            yield f"{path}{name} ({most})"
    for name in INSIDE.get(type(part), ()):
        value = getattr(part, name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Struct):
                yield from _beyond(inner, f"{path}{name}.")
