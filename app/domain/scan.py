"""What a scanned or typed text may mean: label codes, station ids, EVSE ids, makers' codes."""

from datetime import datetime

from msgspec import Struct


class Label(Struct, kw_only=True):
    """A printed code that points to a station (known or not yet) and perhaps one EVSE of it."""

    code: str
    cpo_id: str
    charge_station_id: str
    evse_sequence_number: int | None = None
    created: datetime
    created_by: str | None = None
    revoked_at: datetime | None = None
