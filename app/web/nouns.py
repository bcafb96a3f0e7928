"""The nouns of the platform API in the OpenAPI document: as they are sent, and as they may be written."""

from collections.abc import Sequence

from msgspec import Struct

from app.domain import customers, location_rules, station_rules
from app.domain.customers import CpoCustomer, PostCpoCustomer, PutCpoCustomer
from app.domain.evses import NEEDED
from app.domain.locations import Location, LocationMaster, PatchLocation, PostLocation, PutLocation
from app.domain.model import HardwareTemplate
from app.domain.stations import ChargeStation, PatchChargeStation, PostChargeStation, PutChargeStation
from app.web.bodies import READ_ONLY
from app.web.openapi import Schema, mark_read_only, require, sent, taken

NOUNS: tuple[type[Struct], ...] = (ChargeStation, Location, HardwareTemplate, CpoCustomer)
WRITES: tuple[type[Struct], ...] = (
    PostChargeStation,
    PutChargeStation,
    PatchChargeStation,
    PostLocation,
    PutLocation,
    PatchLocation,
    HardwareTemplate,
    PostCpoCustomer,
    PutCpoCustomer,
)


def components(shown: Sequence[type] = (), read: Sequence[type] = ()) -> dict[str, Schema]:
    """The components of the nouns and of what else an edge shows and reads."""
    sends = sent([*NOUNS, *shown])
    takes = taken([*WRITES, *read], beside=sends)
    _require(takes)
    _mark(sends, takes)
    return {**sends, **takes}


def _require(read: dict[str, Schema]) -> None:
    """What the rules ask of a write (platform-api 8.1 to 8.3)."""
    needed = station_rules.REQUIRED - {"charger_type"}
    require(read["PostChargeStation"], needed)
    require(read["PutChargeStation"], needed | {"etag"})
    require(read["PatchChargeStation"], {"charge_station_id"})
    require(read["PostLocation"], location_rules.REQUIRED)
    require(read["PutLocation"], location_rules.REQUIRED | {"id", "etag"})
    require(read["PatchLocation"], {"id"})
    require(read["PostCpoCustomer"], customers.REQUIRED)
    require(read["PutCpoCustomer"], {"name"})
    require(read["OperatorDetailsInput"], {"name"})
    require(read["CustomerProperty"], {"name"})
    require(read["HardwareTemplateInput"], {"name", "evse_templates"})
    require(read["EvseTemplateInput"], {"connector_templates"})
    require(read["ConnectorTemplateInput"], NEEDED)
    require(read["EvseInput"], {"connectors"})
    require(read["ConnectorInput"], NEEDED)


def _mark(shown: dict[str, Schema], read: dict[str, Schema]) -> None:
    writable = set(PutChargeStation.__struct_fields__)
    mark_read_only(shown["ChargeStation"], set(ChargeStation.__struct_fields__) - writable)
    mark_read_only(shown["Location"], set(Location.__struct_fields__) - set(PutLocation.__struct_fields__))
    for name in ("Evse", "Connector"):
        for where, each in ((shown, name), (read, f"{name}Input")):
            mark_read_only(where[each], READ_ONLY.intersection(where[each]["properties"]))
    shown["Location"]["required"] = [*LocationMaster.__struct_fields__, "last_updated"]
