"""How a location may be created, replaced and patched, and the wire JSON that its stations' EVSEs complete."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import UNSET, to_builtins
from msgspec.structs import replace as with_fields

from app.domain.errors import InvalidField, MissingField, OtherCpo
from app.domain.locations import LocationDraft, LocationMaster, PatchLocation, PostLocation, PutLocation
from app.domain.model import (
    AccessType,
    BusinessDetails,
    EnergyMix,
    ExceptionalPeriod,
    Hours,
    LocationType,
    RegularHours,
)
from app.domain.people import Cpo
from app.domain.places import coordinates
from app.domain.stations import StationParts, join_evses
from app.domain.writing import Stamp, draft_values, is_blank, iso, moment, normal, require_etag

NOUN = "location"
REQUIRED = frozenset({"cpo_id", "name", "address", "city", "postal_code", "country"})
ID_LENGTH = 255
CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
ALPHA_3 = re.compile(r"[A-Za-z]{3}")


def check_draft(draft: LocationDraft) -> str:
    """What can be said before anything is looked up; returns the CPO's id. Raises MissingField, InvalidField."""
    return str(draft_values(draft, LocationMaster, REQUIRED)["cpo_id"])


def check_id(location_id: str) -> str:
    """An id that can stand in a path. Raises InvalidField; OCPI's 39 characters are a soft limit (`lengths`)."""
    fits = location_id.isprintable() and location_id == location_id.strip() and len(location_id) <= ID_LENGTH
    if not fits or "/" in location_id or location_id.lower() in ("batch", ".", ".."):
        raise InvalidField("id", f"a GUID, or up to {ID_LENGTH} printable characters without a slash")
    return location_id


def create(post: PostLocation, cpo: Cpo, new_id: str, stamp: Stamp) -> LocationMaster:
    """A new location, unpublished unless it says otherwise. The sender's `id` is kept; else it is `new_id`."""
    check_draft(post)
    location_id = check_id(post.id) if post.id is not UNSET and post.id else new_id
    values = {**_values(post), "id": location_id}
    operator = cpo.operator or BusinessDetails(name=cpo.name)
    made = LocationMaster(**values, created=stamp.at, created_by=stamp.by, operator=operator, time_zone=cpo.time_zone)
    return _finished(made, stamp)


def replace(current: LocationMaster, put: PutLocation, stamp: Stamp, wire: bytes) -> LocationMaster:
    """PUT: what is left out is cleared. Raises MissingField, InvalidField, EtagMismatch with `wire`, OtherCpo."""
    require_etag(NOUN, put.etag, current.etag, wire)
    check_draft(put)
    _require_same(put, current)
    values = {**_values(put, energy_mix=current.energy_mix), "id": current.id}
    return _finished(with_fields(current, **values), stamp)


def patch(current: LocationMaster, change: PatchLocation, stamp: Stamp, wire: bytes) -> LocationMaster:
    """PATCH: only what is there changes. Errors as for `replace`; the etag is checked when it is sent."""
    require_etag(NOUN, change.etag, current.etag, wire, optional=True)
    _require_same(change, current)
    values = {**_values(change, partial=True, energy_mix=current.energy_mix), "id": current.id}
    return _finished(with_fields(current, **values), stamp)


def _require_same(draft: LocationDraft, current: LocationMaster) -> None:
    if draft.id is UNSET or draft.id is None or is_blank(draft.id):
        raise MissingField("id")
    if draft.id.lower() != current.id.lower():
        raise InvalidField("id", "the id in the path")
    if draft.cpo_id is not UNSET and draft.cpo_id and draft.cpo_id != current.cpo_id:
        raise OtherCpo("a location stays with its CPO", cpo_id=current.cpo_id)


def _values(draft: LocationDraft, *, partial: bool = False, energy_mix: EnergyMix | None = None) -> dict[str, Any]:
    values = draft_values(draft, LocationMaster, REQUIRED, partial=partial)
    if "country" in values:
        values["country"] = _country(values["country"])
    if values.get("coordinates") is not None:
        values["coordinates"] = coordinates("coordinates", values["coordinates"])
    if values.get("energy_mix") is not None:
        values["energy_mix"] = _energy_mix(values["energy_mix"], energy_mix)
    return values


def _country(country: str) -> str:
    if not ALPHA_3.fullmatch(country):
        raise InvalidField("country", "three letters (ISO 3166-1 alpha-3), like NLD")
    return country.upper()


def _energy_mix(sent: EnergyMix, known: EnergyMix | None) -> EnergyMix | None:
    """Writers name the profile alone (platform-api 7.5), by an id that means nothing to us (12.1); what was read from
    the same profile stays. Without an id there is no mix.
    """
    if sent.energy_mix_profile_id is None or is_blank(sent.energy_mix_profile_id):
        return None
    normal("energy_mix.energy_mix_profile_id", sent.energy_mix_profile_id)
    same = known is not None and known.energy_mix_profile_id == sent.energy_mix_profile_id
    return known if known is not None and same else EnergyMix(energy_mix_profile_id=sent.energy_mix_profile_id)


def _finished(location: LocationMaster, stamp: Stamp) -> LocationMaster:
    return with_fields(
        location,
        type=location.type or LocationType.UNKNOWN,
        publish=bool(location.publish),
        access_type=access_type(location),
        opening_times=opening_times(location.opening_times),
        etag=stamp.etag,
        modified=stamp.at,
        modified_by=stamp.by,
    )


def access_type(location: LocationMaster) -> AccessType:
    """PRIVATE while unpublished or limited to a list, else RESTRICTED if it was set so, else PUBLIC (7.3)."""
    if location.auth_rules or not location.publish:
        return AccessType.PRIVATE
    return AccessType.RESTRICTED if location.access_type is AccessType.RESTRICTED else AccessType.PUBLIC


def becomes_restricted(before: LocationMaster, after: LocationMaster) -> bool:
    """Once set so, and not with each later write: people may take CUSTOMERS off an EVSE again (7.3)."""
    return after.access_type is AccessType.RESTRICTED and before.access_type is not AccessType.RESTRICTED


# --- Opening times ---------------------------------------------------------------------------------------------------


def opening_times(hours: Hours | None) -> Hours:
    """Checked, with every list present and `twentyfourseven` as follows from them: no regular hours is 24/7 (7.4)."""
    hours = hours or Hours()
    regular = [_regular(period) for period in hours.regular_hours or []]
    return Hours(
        regular_hours=regular,
        twentyfourseven=not regular,
        exceptional_openings=_exceptional("exceptional_openings", hours.exceptional_openings),
        exceptional_closings=_exceptional("exceptional_closings", hours.exceptional_closings),
    )


def _regular(period: RegularHours) -> RegularHours:
    field = "opening_times.regular_hours"
    if not 1 <= period.weekday <= 7:
        raise InvalidField(f"{field}.weekday", "1 (Monday) to 7 (Sunday)")
    for name in ("period_begin", "period_end"):
        if not CLOCK_TIME.fullmatch(getattr(period, name)):
            raise InvalidField(f"{field}.{name}", "hh:mm from 00:00 to 23:59")
    if period.period_end <= period.period_begin:
        raise InvalidField(f"{field}.period_end", "a time later than period_begin")
    return period


def _exceptional(name: str, periods: Sequence[ExceptionalPeriod] | None) -> list[ExceptionalPeriod]:
    field = f"opening_times.{name}"
    result = []
    for period in periods or []:
        begin, end = moment(field, period.period_begin), moment(field, period.period_end)
        if end <= begin:
            raise InvalidField(f"{field}.period_end", "a time later than period_begin")
        result.append(ExceptionalPeriod(period_begin=begin, period_end=end))
    return result


# --- Read ------------------------------------------------------------------------------------------------------------


class LocationParts(Protocol):
    """A stored location with the rows of its stations, as a store has them."""

    @property
    def body(self) -> bytes: ...
    @property
    def modified(self) -> datetime: ...
    @property
    def evses_modified(self) -> datetime | None: ...
    @property
    def stations(self) -> Sequence[StationParts]: ...


def join(row: LocationParts) -> bytes:
    """The wire JSON of a location: its own document, the EVSEs of all its stations, and when either last changed."""
    evses = b",".join(line for station in row.stations for line in join_evses(station))
    last = max(row.modified, row.evses_modified or row.modified)
    return b"".join((row.body[:-1], b',"evses":[', evses, b'],"last_updated":"', iso(last), b'"}'))


BOOKKEEPING = frozenset({"etag", "modified", "modified_by", "created", "created_by"})


def changed_fields(before: LocationMaster, after: LocationMaster) -> list[str]:
    """The wire names that a write changed, for its fact."""
    old, new = to_builtins(before), to_builtins(after)
    return [name for name in new if name not in BOOKKEEPING and old.get(name) != new[name]]
