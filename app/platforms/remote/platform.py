"""A vendor's platform (GreenFlux, or another Stationlink) behind the very same port: a client of the same API."""

from app.platforms.remote.locations import LocationWriting
from app.platforms.remote.stations import StationWriting


class RemotePlatform(StationWriting, LocationWriting):
    """See `ports.Platform`, for one CPO. It cannot withdraw stations."""
