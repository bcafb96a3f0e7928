"""What a vendor's platform told of its stations and locations, kept for search, lookup and whoever watches.

A copy is as old as its `read_at`. `home` is a CPO on one platform: whoever moves it elsewhere begins with nothing.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

STATIONS = "stations"
LOCATIONS = "locations"


class StationCopy(Struct, kw_only=True):
    """A station's wire JSON in our form. `online_since` and `offline_since` are when we saw it come and go.

    `elsewhere` is when it was seen online on the CPO's other environment, None while it is not.
    """

    id: str
    home: str
    cpo_id: str
    charge_station_id: str
    location_key: str
    deploy_state: str | None
    search: str
    body: msgspec.Raw
    read_at: datetime
    online: bool = False
    online_since: datetime | None = None
    offline_since: datetime | None = None
    elsewhere: datetime | None = None


class LocationCopy(Struct, kw_only=True):
    """A location's wire JSON; `spot` is its id, latitude and longitude in one text, None without coordinates."""

    id: str
    home: str
    cpo_id: str
    spot: str | None
    search: str
    body: msgspec.Raw
    read_at: datetime


class ListReading(Struct, kw_only=True):
    """How far one list of a home has been read: `after` is the link or offset to go on from while `begun` is set.

    `complete` is when the last reading that ended began: the next asks for what has changed since. `problem` is the
    code of why nothing could be read, None when the last try went well.
    """

    id: str
    home: str
    what: str
    begun: datetime | None = None
    since: datetime | None = None
    after: str = ""
    complete: datetime | None = None
    problem: str | None = None
    tried: datetime | None = None


def home_of(platform: str, cpo_id: str) -> str:
    return f"{platform}|{cpo_id}"


def copy_key(home: str, key: str) -> str:
    """Of a station by its id as written, of a location by its id in lower case, of a list by its name."""
    return f"{home}|{key}"


def searched(*texts: str | None) -> str:
    """What a text search looks in, and in the same form what it looks for."""
    return "\n".join(text.casefold() for text in texts if text)
