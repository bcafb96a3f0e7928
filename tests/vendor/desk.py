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


@dataclass
class Commands:
    """RESET: accepted at once, its result pending for some reads; meanwhile the station is away for some looks."""

    result_told: str = "ACCEPTED"
    resets: list[str] = field(default_factory=list)
    _pending: dict[str, int] = field(default_factory=dict)
    _away: dict[str, int] = field(default_factory=dict)

    def reset(
        self, stations: dict[str, Document], body: Document, show: Callable[[Document, str], None]
    ) -> tuple[Any, int, str]:
        for station_id, station in stations.items():
            uids = [each["uid"] for each in station["evses"]]
            if body.get("charge_station_id") == station_id or body.get("evse_uid") in uids:
                return self._accept(station, show), 1000, "Success"
        return {"result": "REJECTED"}, 2000, "Can't find chargeStation"

    def _accept(self, station: Document, show: Callable[[Document, str], None]) -> Document:
        told, station_id = f"{uuid.uuid4().int % 10**18:018d}-{uuid.uuid4().hex[:5]}", station["charge_station_id"]
        self.resets.append(station_id)
        self._pending[told], self._away[station_id] = PENDING_READS, OFFLINE_READS
        station["connectivity_status"] = "Offline"
        show(station, "UNKNOWN")
        return {"result": "ACCEPTED", "charge_station_notification_id": told}

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
        return {"result": result, "charge_station_notification_id": told}, 1000, "Success"
