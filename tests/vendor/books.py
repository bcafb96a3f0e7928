"""What the vendor's platform keeps, and its rules for a write: an independent reading of platform-api 4 to 8."""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]

STATION_FIELDS = [
    "name",
    "installation_date",
    "default_charge_station_reimbursement_tariff_id",
    "default_charge_station_directions",
    "default_charge_station_floor_level",
    "maintenance_info",
    "remarks",
    "contactless_type",
    "contactless_terminal_serial_number",
    "contactless_terminal_auth_amount",
    "tap_to_stop",
    "stop_on_parking",
    "status_schedule",
    "auth_rules",
    "dynamic_time_based_tariffs",
    "time_of_use_tariffs",
    "exclude_vat",
    "site_asset_number",
]
STATION_REQUIRED = [
    "charge_station_id",
    "location_id",
    "deploy_state",
    "default_charge_station_tariff_id",
    "charger_type",
]
STATION_READ_ONLY = [
    "grid_connection_id",
    "driver_id",
    "customer_id",
    "created_by",
    "modified_by",
    "created",
    "modified",
    "status",
    "charging_speed",
    "connectivity_status",
    "protocol_version",
    "endpoint",
    "firmware_version",
    "remote_manageable",
    "heartbeat_interval",
]
EVSE_FIELDS = [
    "uid",
    "evse_id",
    "evse_sequence_number",
    "status_schedule",
    "capabilities",
    "floor_level",
    "coordinates",
    "physical_reference",
    "directions",
    "parking_restrictions",
    "images",
    "bay_marking",
]
CONNECTOR_FIELDS = [
    "id",
    "standard",
    "format",
    "power_type",
    "voltage",
    "amperage",
    "max_electric_power",
    "tariff_id",
    "reimbursement_tariff_id",
    "terms_and_conditions",
    "cable_colour",
]
LOCATION_FIELDS = [
    "cpo_customer_external_id",
    "type",
    "publish",
    "access_type",
    "address_line_2",
    "coordinates",
    "directions",
    "facilities",
    "auth_rules",
    "opening_times",
    "energy_mix",
    "payment_provider",
    "wallet_id",
    "custom_groups",
    "maintenance_info",
    "remarks",
    "customised_fields",
    "gate_system",
]
LOCATION_REQUIRED = ["cpo_id", "name", "address", "city", "postal_code", "country"]
LOCATION_READ_ONLY = [
    "evses",
    "operator",
    "suboperator",
    "owner",
    "time_zone",
    "charging_when_closed",
    "created_by",
    "modified_by",
    "created",
    "modified",
    "last_updated",
]
"""site_asset_number, bay_marking, cable_colour and gate_system are the vendor's own: no published schema has them."""


class Refusal(Exception):
    """A 2xxx: its code, its words and the object that its answer carries."""

    def __init__(self, message: str, code: int = 2000, data: Any = None) -> None:
        super().__init__(message)
        self.message, self.code, self.data = message, code, data


class Missing(Exception):
    """The object of the path is not there for this token."""


def new_etag() -> str:
    return str(uuid.uuid4())


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Books:
    """Everything of every CPO; who calls holds the vendor's lock."""

    honours_ids: bool = True
    evses_in_patch: str = "refused"
    locations: list[Document] = field(default_factory=list)
    stations: dict[str, Document] = field(default_factory=dict)
    templates: list[Document] = field(default_factory=list)
    read_only_sent: Counter[str] = field(default_factory=Counter)

    # --- Locations ---

    def location(self, location_id: str) -> Document:
        for each in self.locations:
            if each["id"].lower() == location_id.lower():
                return each
        raise Missing

    def create_location(self, body: Document) -> Document:
        """A second one at the same address is made without a word, and an id that is taken is replaced."""
        self._count_read_only(body, LOCATION_READ_ONLY)
        _require(body, LOCATION_REQUIRED)
        wanted = body.get("id") if self.honours_ids else None
        taken = any(each["id"].lower() == str(wanted).lower() for each in self.locations)
        made = {"id": str(uuid.uuid4()) if taken or not wanted else wanted, "created": stamp()}
        made |= {name: body.get(name) for name in [*LOCATION_REQUIRED, *LOCATION_FIELDS]}
        made["publish"] = bool(made["publish"])
        made["gate_system"] = made["gate_system"] or f"gate of {body['name']}"
        self.locations.append(made)
        return saved(made)

    def put_location(self, location_id: str, body: Document) -> Document:
        stored = self.location(location_id)
        self._count_read_only(body, LOCATION_READ_ONLY)
        _require_etag(stored, body, "location")
        _require(body, LOCATION_REQUIRED, stored)
        stored.update({name: body.get(name) for name in [*LOCATION_REQUIRED, *LOCATION_FIELDS]})
        return saved(stored)

    def patch_location(self, location_id: str, body: Document) -> Document:
        stored = self.location(location_id)
        self._count_read_only(body, LOCATION_READ_ONLY)
        _require_patch(stored, body, "id", "location")
        stored.update({name: body[name] for name in [*LOCATION_REQUIRED, *LOCATION_FIELDS] if name in body})
        return saved(stored)

    # --- Stations ---

    def station(self, station_id: str) -> Document:
        if station_id not in self.stations:
            raise Missing
        return self.stations[station_id]

    def create_station(self, body: Document) -> Document:
        self._count_read_only(body, STATION_READ_ONLY)
        _require(body, STATION_REQUIRED, [body])
        if body["charge_station_id"] in self.stations:
            raise Refusal("Charge station already exists", data=[body])
        home = self._home(body["location_id"], [body])
        if not body.get("evses") and not body.get("charge_station_template_id"):
            raise Refusal("evses not provided, and is a required field", data=[body])
        made = {name: body.get(name) for name in [*STATION_REQUIRED, *STATION_FIELDS]}
        made |= {"created": stamp(), "evses": self._evses(body, home["cpo_id"])}
        made["site_asset_number"] = made["site_asset_number"] or f"asset {body['charge_station_id']}"
        made |= {"connectivity_status": "Offline", "status": "UNKNOWN"}
        self.stations[body["charge_station_id"]] = made
        return saved(made)

    def put_station(self, station_id: str, body: Document) -> Document:
        """What is left out is cleared; a template rebuilds the EVSEs, with none of their texts."""
        stored = self.station(station_id)
        self._count_read_only(body, STATION_READ_ONLY)
        _require_etag(stored, body, "charge station")
        _require(body, STATION_REQUIRED, [stored])
        home = self._new_home(stored, body["location_id"])
        evses = self._evses(body, home["cpo_id"]) or stored["evses"]
        stored.update({name: body.get(name) for name in [*STATION_REQUIRED, *STATION_FIELDS]})
        _keep_live(stored["evses"], evses)
        stored["evses"] = evses
        return saved(stored)

    def patch_station(self, station_id: str, body: Document) -> Document:
        stored = self.station(station_id)
        self._count_read_only(body, STATION_READ_ONLY)
        if "evses" in body and self.evses_in_patch == "refused":
            raise Refusal("evses cannot be patched", data=[stored])
        _require_patch(stored, body, "charge_station_id", "charge station")
        if "location_id" in body:
            self._new_home(stored, body["location_id"])
        stored.update({name: body[name] for name in [*STATION_REQUIRED, *STATION_FIELDS] if name in body})
        return saved(stored)

    def _home(self, location_id: str, data: Any) -> Document:
        try:
            return self.location(location_id)
        except Missing:
            raise Refusal("Location not found", 2003, data) from None

    def _new_home(self, stored: Document, location_id: str) -> Document:
        home = self._home(location_id, [stored])
        if home["cpo_id"] != self.location(stored["location_id"])["cpo_id"]:
            raise Refusal("The location belongs to another CPO", data=[stored])
        return home

    def _evses(self, body: Document, cpo_id: str) -> list[Document]:
        if body.get("evses"):
            return [_by_hand(each, n, body["charge_station_id"], cpo_id) for n, each in enumerate(body["evses"], 1)]
        wanted = body.get("charge_station_template_id")
        if not wanted:
            return []
        for template in self.templates:
            if template["template_id"] == wanted:
                return [_built(each, body["charge_station_id"], cpo_id) for each in template["evse_templates"]]
        raise Refusal("Template not found", data=[body])

    def _count_read_only(self, body: Document, names: list[str]) -> None:
        """They are ignored, and a client that sends them is seen."""
        self.read_only_sent.update(name for name in names if name in body)

    # --- Templates ---

    def save_template(self, body: Document) -> Document:
        made = body | {"template_id": body.get("template_id") or f"{body['name']}_{uuid.uuid4().hex[:4]}"}
        self.templates = [each for each in self.templates if each["template_id"] != made["template_id"]] + [made]
        return made


def _require(body: Document, names: list[str], data: Any = None) -> None:
    for name in names:
        if body.get(name) in (None, ""):
            raise Refusal(f"{name} not provided, and is a required field", data=data)


def _require_etag(stored: Document, body: Document, noun: str) -> None:
    data = stored if noun == "location" else [stored]
    if not body.get("etag"):
        raise Refusal("etag not provided, and is a required field", data=data)
    if body["etag"] != stored["etag"]:
        raise Refusal(f"The {noun} was changed by somebody else", data=data)


def _require_patch(stored: Document, body: Document, key: str, noun: str) -> None:
    if str(body.get(key, "")).lower() != str(stored[key]).lower():
        raise Refusal(f"{key} not provided, and is a required field")
    if body.get("etag"):
        _require_etag(stored, body, noun)


def saved(stored: Document) -> Document:
    """Every write ends here, the portal's too: a new etag."""
    stored |= {"etag": new_etag(), "modified": stamp()}
    return stored


def _evse(body: Document) -> Document:
    made = {name: body.get(name) for name in EVSE_FIELDS}
    made["connectors"] = [{name: each.get(name) for name in CONNECTOR_FIELDS} for each in body["connectors"]]
    for part in (made, *made["connectors"]):
        _require_numbers(part)
    return made | {"status": "UNKNOWN", "last_updated": stamp()}


def _by_hand(body: Document, place: int, station_id: str, cpo_id: str) -> Document:
    """What a person left out of a socket is made: its number, its ids and those of its plugs."""
    number = body.get("evse_sequence_number") or place
    uid = body.get("uid") or f"NL-{cpo_id[:3].upper()}-E{station_id}-{number}"
    made = body | {"evse_sequence_number": number, "uid": uid, "evse_id": body.get("evse_id") or uid}
    return _evse(made | {"connectors": [each | {"id": each.get("id") or str(number)} for each in body["connectors"]]})


def _require_numbers(part: Document) -> None:
    """Quoted numbers are for reading; a write has the types of the schema."""
    for name in ("evse_sequence_number", "voltage", "amperage", "max_electric_power"):
        if part.get(name) is not None and not isinstance(part[name], int):
            raise Refusal(f"{name} is not valid: expected an integer")


def _built(template: Document, station_id: str, cpo_id: str) -> Document:
    number = template["evse_sequence_number"]
    uid = f"NL-{cpo_id[:3].upper()}-E{station_id}-{number}"
    plain = {name: template.get(name) for name in EVSE_FIELDS} | {"uid": uid, "evse_id": uid}
    connectors = [_plugged(each) for each in template["connector_templates"]]
    made = _evse(plain | {"connectors": connectors, "directions": [], "parking_restrictions": []})
    return made | {"bay_marking": f"bay {number}"}


def _plugged(template: Document) -> Document:
    return template | {"id": str(template["id"]), "cable_colour": "black"}


def _keep_live(before: list[Document], after: list[Document]) -> None:
    live = {each["uid"]: each["status"] for each in before}
    for each in after:
        each["status"] = live.get(each["uid"], "UNKNOWN")
