"""How the vendor shows what it keeps: the habits of its published examples (platform-api 0.2, 1.2, 1.3, 12.2)."""

from dataclasses import dataclass
from typing import Any

from tests.vendor.books import Document, stamp


@dataclass
class Quirks:
    """All on: a client that works with these works with a plain platform, too."""

    quoted: bool = True
    windows_zones: bool = True
    mixed_case: bool = True
    paging_headers: bool = False


PLAIN = Quirks(quoted=False, windows_zones=False, mixed_case=False, paging_headers=True)


def shown_station(stored: Document, quirks: Quirks, ocpp_url: str) -> Document:
    """With the values that only the platform knows; the template is told to nobody."""
    only_read = {
        "grid_connection_id": "EAN871685900012345678",
        "driver_id": None,
        "customer_id": None,
        "created_by": "Not Provided",
        "modified_by": "Not Provided",
        "charging_speed": "Slow",
        "heartbeat_interval": 120,
        "charge_point_model": "Twin 4",
        "remote_manageable": True,
        "protocol_version": "Ocpp16",
        "endpoint": ocpp_url,
    }
    evses = [_shown_evse(each, quirks) for each in stored["evses"]]
    return only_read | stored | {"evses": evses, "created": stored["created"].removesuffix("Z") + ".58"}


def _shown_evse(stored: Document, quirks: Quirks) -> Document:
    restrictions = stored.get("parking_restrictions") or []
    if quirks.mixed_case:
        restrictions = [each.title() if each == "CUSTOMERS" else each for each in restrictions]
    return stored | {"parking_restrictions": restrictions, "images": None}


def shown_location(stored: Document, stations: list[Document], quirks: Quirks, *, bare: bool = False) -> Document:
    """With the EVSEs of its stations, unless they are not wanted."""
    zone = "W. Europe Standard Time" if quirks.windows_zones else "Europe/Amsterdam"
    only_read = {"operator": {"name": "The operator"}, "owner": None, "time_zone": zone, "charging_when_closed": None}
    evses = [_shown_evse(evse, quirks) for station in stations for evse in station["evses"]]
    return only_read | stored | {"evses": [] if bare else evses, "last_updated": stored["modified"]}


def envelope(data: Any, code: int, message: str, quirks: Quirks) -> Document:
    wrapped = {"data": data, "status_code": code, "status_message": message, "timestamp": stamp()}
    return quoted(wrapped) if quirks.quoted else wrapped


def quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: quoted(each) for name, each in value.items()}
    if isinstance(value, list):
        return [quoted(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
