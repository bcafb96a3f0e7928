"""What is looked at in a received station or location before its bytes are passed on, and searches over it."""

from typing import Any

import msgspec
from msgspec import Struct

from app.domain.geo import distance_m
from app.domain.model import GeoLocation
from app.domain.places import point, same_text, stands_at
from app.platforms.remote.editing import Document
from app.ports import LocationQuery


class StationHead(Struct):
    charge_station_id: str
    location_id: str
    deploy_state: str | None = None
    name: str | None = None
    etag: str | None = None


class LocationHead(Struct):
    id: str
    cpo_id: str | None = None
    name: str | None = None
    address: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None
    coordinates: GeoLocation | None = None
    etag: str | None = None


def document(row: bytes) -> Document:
    return msgspec.json.decode(row, type=dict[str, Any])


def station_head(row: bytes) -> StationHead:
    return msgspec.json.decode(row, type=StationHead)


def location_head(row: bytes) -> LocationHead:
    return msgspec.json.decode(row, type=LocationHead)


def _says(text: str | None, *fields: str | None) -> bool:
    wanted = (text or "").casefold()
    return any(wanted in field.casefold() for field in fields if field is not None)


def nearest_first(rows: list[bytes], query: LocationQuery) -> list[bytes]:
    """Those that match, nearest first where a place is given; a location without coordinates is last."""
    found: list[tuple[bool, float, int, bytes]] = []
    for row in rows:
        head = location_head(row)
        metres = _metres(head, query)
        near = query.distance_m is None or (metres is not None and metres <= query.distance_m)
        said = _says(query.text, head.name, head.address, head.city, head.postal_code)
        if near and said and _stands_where(head, query):
            found.append((metres is None, metres or 0.0, len(found), row))
    return [row for *_, row in sorted(found)]


def _stands_where(head: LocationHead, query: LocationQuery) -> bool:
    parts = ((head.city, query.city), (head.postal_code, query.postcode), (head.country, query.country))
    if any(wanted is not None and not same_text(text, wanted) for text, wanted in parts):
        return False
    return stands_at(head.address, query.street, query.housenumber)


def _metres(head: LocationHead, query: LocationQuery) -> float | None:
    there = point(head.coordinates)
    if there is None or query.latitude is None or query.longitude is None:
        return None
    return distance_m(query.latitude, query.longitude, *there)


def changed_keys(before: Document, after: Document) -> list[str]:
    """The wire names whose values differ, bookkeeping apart."""
    apart = {"etag", "modified", "modified_by", "last_updated", "status", "charging_speed"}
    return [name for name in after if name not in apart and before.get(name) != after[name]]
