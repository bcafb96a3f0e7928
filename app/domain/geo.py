"""Distances on the ground."""

import math

EARTH_RADIUS_M = 6_371_008.8


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance in metres between two WGS84 points in decimal degrees (haversine)."""
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_lat = (other_phi - phi) / 2
    half_lon = math.radians(other_longitude - longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))
