"""The vendor's filters, its pages and its remote commands."""

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.vendor.books import Document

MOST = 1000
METRES_PER_DEGREE = 111_195
PENDING_READS = 2
OFFLINE_READS = 2


def within(stored: Document, query: dict[str, str], cpo_id: str) -> bool:
    """By CPO, case-sensitive; by the time of the last change; by the parts of an address."""
    if query.get("cpoId", cpo_id) != cpo_id:
        return False
    changed = datetime.fromisoformat(stored["modified"])
    if "date_from" in query and changed < datetime.fromisoformat(query["date_from"]):
        return False
    if "date_to" in query and changed >= datetime.fromisoformat(query["date_to"]):
        return False
    return _addressed(stored, query)


def _addressed(stored: Document, query: dict[str, str]) -> bool:
    street, _, number = (stored.get("address") or "").rpartition(" ")
    there = stored | {"street": street, "housenumber": number}
    parts = {
        "street": "street",
        "housenumber": "housenumber",
        "city": "city",
        "postcode": "postal_code",
        "country": "country",
    }
    return all(
        query[name].lower() == str(there.get(field)).lower()
        for name, field in parts.items()
        if name in query and "address" in stored
    )


def nearby(stored: Document, query: dict[str, str]) -> bool:
    if "latitude" not in query:
        return True
    point = stored.get("coordinates")
    if not point:
        return False
    north, east = float(query["latitude"]), float(query["longitude"])
    up = float(point["latitude"]) - north
    along = (float(point["longitude"]) - east) * math.cos(math.radians(north))
    return math.hypot(up, along) * METRES_PER_DEGREE <= min(max(int(query.get("distanceinmeters", 100)), 100), 1000)


def paged(rows: list[Document], query: dict[str, str]) -> tuple[list[Document], dict[str, str]]:
    offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", 100)), MOST)
    return rows[offset : offset + limit], {"X-Total-Count": str(len(rows)), "X-Limit": str(limit)}


NEEDED: dict[str, tuple[str, ...]] = {
    "START_SESSION": ("token", "location_id", "evse_uid", "chargestation_id"),
    "STOP_SESSION": ("session_id",),
    "UNLOCK_CONNECTOR": ("location_id", "evse_uid", "connector_id"),
    "RESET": ("type",),
    "GET_CONFIGURATION": ("charge_station_id", "keys"),
    "CHANGE_CONFIGURATION": ("charge_station_id", "key", "value"),
}


@dataclass
class Commands:
    """Accepted at once, the result pending for some reads; a station that restarts is away for some looks.

    `sent` has every command that was accepted, with its body; `keys` are what a station's configuration holds.
    """

    result_told: str = "ACCEPTED"
    resets: list[str] = field(default_factory=list)
    sent: list[tuple[str, Document]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=lambda: {"HeartbeatInterval": "300"})
    sessions: set[str] = field(default_factory=set)
    _told: dict[str, Document] = field(default_factory=dict)
    _pending: dict[str, int] = field(default_factory=dict)
    _away: dict[str, int] = field(default_factory=dict)

    def take(
        self, word: str, stations: dict[str, Document], body: Document, show: Callable[[Document, str], None]
    ) -> tuple[Any, int, str]:
        if word not in NEEDED:
            return {"result": "NOT_SUPPORTED"}, 2000, "Not supported"
        missing = next((name for name in NEEDED[word] if name not in body), None)
        if missing is not None:
            return {"result": "REJECTED"}, 2000, f"{missing} not provided, and is a required field"
        if word == "STOP_SESSION":
            known = body["session_id"] in self.sessions
            return self._accept(word, body) if known else ({"result": "UNKNOWN_SESSION"}, 2000, "Unknown session")
        station = next((each for each in stations.values() if _meant(each, body)), None)
        if station is None:
            return {"result": "REJECTED"}, 2000, "Can't find chargeStation"
        if word == "RESET":
            self._away_with(station, show)
        return self._accept(word, body)

    def _away_with(self, station: Document, show: Callable[[Document, str], None]) -> None:
        station_id = station["charge_station_id"]
        self.resets.append(station_id)
        self._away[station_id] = OFFLINE_READS
        station["connectivity_status"] = "Offline"
        show(station, "UNKNOWN")

    def _accept(self, word: str, body: Document) -> tuple[Any, int, str]:
        told = f"{uuid.uuid4().int % 10**18:018d}-{uuid.uuid4().hex[:5]}"
        self._pending[told], self._told[told] = PENDING_READS, self._found(word, body)
        self.sent.append((word, body))
        return {"result": "ACCEPTED", "charge_station_notification_id": told}, 1000, "Success"

    def _found(self, word: str, body: Document) -> Document:
        if word == "CHANGE_CONFIGURATION":
            self.keys[body["key"]] = body["value"]
        if word != "GET_CONFIGURATION":
            return {}
        asked = body["keys"] or list(self.keys)
        lines = [{"key": key, "value": self.keys[key], "readonly": False} for key in asked if key in self.keys]
        return {"configuration": lines, "unknown_keys": [key for key in asked if key not in self.keys]}

    def looked_at(self, station: Document, show: Callable[[Document, str], None]) -> None:
        """A station that restarts is back after some looks at it."""
        station_id = station["charge_station_id"]
        if station_id not in self._away:
            return
        self._away[station_id] -= 1
        if self._away[station_id] < 0:
            del self._away[station_id]
            station["connectivity_status"] = "Online"
            show(station, "AVAILABLE")

    def result(self, told: str) -> tuple[Any, int, str]:
        if told not in self._pending:
            return None, 2000, "Can't find the command"
        self._pending[told] -= 1
        result = "PENDING" if self._pending[told] >= 0 else self.result_told
        done = self._told[told] if result == "ACCEPTED" else {}
        return {"result": result, "charge_station_notification_id": told} | done, 1000, "Success"


def _meant(station: Document, body: Document) -> bool:
    named = body.get("charge_station_id") or body.get("chargestation_id")
    return named == station["charge_station_id"] or body.get("evse_uid") in [each["uid"] for each in station["evses"]]
