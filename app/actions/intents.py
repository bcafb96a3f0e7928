"""What a person can want of a commissioning: the bodies of the phone's operations, one Struct for each kind.

UNSET is "not said"; ids (of operation, commissioning, location) are made by the caller, so that all is repeatable.
"""

from datetime import date, datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from app.domain.commissioning import ParkReason
from app.domain.locations import PostLocation
from app.domain.model import DisplayText, ParkingRestriction


class Doing(Struct, frozen=True, kw_only=True):
    """The envelope of an intent: which operation of which person on which commissioning, made when."""

    id: str
    kind: str
    commissioning_id: str | None
    made_at: datetime
    body_hash: str


class Begin(Struct, kw_only=True):
    station_id: str
    cpo_id: str
    label: str | None = None
    source: str = "typed"
    evse_sequence_number: int | None = None


class Nothing(Struct):
    """Intents that say all by their kind: continue, resume, abandon."""


class CreateLocation(Struct, kw_only=True):
    location: PostLocation


class ChooseLocation(Struct, kw_only=True):
    """`base` is the location the person saw before; UNSET means they did not look."""

    location_id: str
    base: str | None | UnsetType = UNSET


class ApplyTemplate(Struct, kw_only=True):
    template_id: str


class Texts(Struct, kw_only=True):
    """The fields of an EVSE that a person on the spot writes."""

    directions: list[DisplayText] | None | UnsetType = UNSET
    parking_restrictions: list[ParkingRestriction] | None | UnsetType = UNSET
    floor_level: str | None | UnsetType = UNSET
    physical_reference: str | None | UnsetType = UNSET


class DescribeEvse(Texts, kw_only=True):
    """`base` holds, by sequence number, what the person saw: another value in the store is somebody else's work."""

    evse_sequence_numbers: list[int]
    none_checked: bool | UnsetType = UNSET
    base: dict[str, Texts] | None = None


class SetPassword(Struct, kw_only=True):
    """Made on the phone, so that the server never has to send a secret back."""

    password: str


class Adopt(Struct, kw_only=True):
    """This is my station: the one that knocked so, whatever id was typed."""

    knock_id: str


class AnswerCheck(Struct, kw_only=True):
    check: str
    value: Any


class WaiveCheck(Struct, kw_only=True):
    check: str
    reason: str


class ReopenCheck(Struct, kw_only=True):
    check: str


class Park(Struct, kw_only=True):
    reason: ParkReason
    note: str | None = None
    until: date | None = None


class SetSerial(Struct, kw_only=True):
    """The serial as it stands on the type plate; empty takes it back."""

    serial: str


class AcceptFinding(Struct, kw_only=True):
    """`found` is what the person saw: another value by now is another finding."""

    finding: str
    found: str | None
    reason: str


class SwapSockets(Struct, kw_only=True):
    """The sequence numbers of two EVSEs whose places were mixed up."""

    evses: tuple[int, int]


class HandOver(Struct, kw_only=True):
    note: str | None = None
