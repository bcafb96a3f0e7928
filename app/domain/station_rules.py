"""How a station may be created, replaced, patched and given a template: pure, current and intent in, station out."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import astuple
from msgspec.structs import replace as with_fields

from app.domain import evses as parts
from app.domain.errors import InvalidField, MissingField, OtherCpo
from app.domain.evses import Owner, Tariffs
from app.domain.model import Evse, HardwareTemplate, ParkingRestriction
from app.domain.people import Cpo
from app.domain.stations import (
    PatchChargeStation,
    PostChargeStation,
    PutChargeStation,
    StationDraft,
    StationMaster,
)
from app.domain.writing import Stamp, draft_values, is_blank, require_etag

NOUN = "charge station"
REQUIRED = frozenset(
    {"charge_station_id", "location_id", "deploy_state", "default_charge_station_tariff_id", "charger_type"}
)
RESERVED_IDS = frozenset({"batch", "chargestationtemplate"})
ID_LENGTH = 255


class Station(Struct, frozen=True, kw_only=True):
    """A station as a rule leaves it. `lost_texts` are the sequence numbers whose descriptions a template took away."""

    master: StationMaster
    evses: list[Evse]
    lost_texts: list[int] = []


class Place(Struct, frozen=True, kw_only=True):
    """Where a station is to stand: the location's own spelling of its id, its CPO, and whether it is RESTRICTED."""

    location_id: str
    cpo: Cpo
    restricted: bool = False


def check_id(charge_station_id: str) -> str:
    """Any printable text, inner spaces, `|` and `/` too, kept as written. Raises MissingField or InvalidField.

    Refused is what no path can name: blanks at the ends, `.` and `..` and empty path segments, our own literals.
    """
    field = "charge_station_id"
    if is_blank(charge_station_id):
        raise MissingField(field)
    if not charge_station_id.isprintable() or charge_station_id != charge_station_id.strip():
        raise InvalidField(field, "printable characters without blanks at the ends")
    if len(charge_station_id) > ID_LENGTH:
        raise InvalidField(field, f"at most {ID_LENGTH} characters")
    if charge_station_id.lower() in RESERVED_IDS:
        raise InvalidField(field, f"another id: {charge_station_id} is a word of the API")
    if not {"", ".", ".."}.isdisjoint(charge_station_id.split("/")):
        raise InvalidField(field, "no empty, . or .. part between slashes")
    return charge_station_id


def check_draft(draft: PostChargeStation) -> str:
    """What can be said before anything is looked up; returns the location id. Raises MissingField, InvalidField."""
    values = draft_values(draft, StationMaster, REQUIRED - {"charger_type"})
    check_id(values["charge_station_id"])
    return str(values["location_id"])


def template_of(draft: PostChargeStation) -> str | None:
    """The template that this write asks for; EVSEs in the same write win over it (platform-api 8.5.4)."""
    wanted = draft.charge_station_template_id
    return None if wanted is UNSET or draft.evses or is_blank(wanted) else wanted


def create(post: PostChargeStation, place: Place, template: HardwareTemplate | None, stamp: Stamp) -> Station:
    """A new station. `template` is the one that `template_of` names.

    Raises MissingField (platform-api 8.1; `charger_type` falls back to the CPO's), InvalidField.
    """
    check_draft(post)
    values = _full_values(post, place)
    master = StationMaster(**values, created=stamp.at, created_by=stamp.by)
    evses, _ = _full_evses(post, [], template, _owner(place, master))
    if not evses:
        raise MissingField("evses")
    return _finished(master, _arrived(evses, [], place), [], Tariffs(), stamp)


def replace(
    current: Station,
    put: PutChargeStation,
    place: Place,
    template: HardwareTemplate | None,
    stamp: Stamp,
    *,
    cpo_id: str,
    wire: bytes,
) -> Station:
    """PUT: what is left out is cleared, EVSEs left out stay (platform-api 8.2, 8.5.3).

    `cpo_id` is the station's CPO, `wire` its current wire JSON. Raises MissingField, InvalidField, EtagMismatch with
    `wire`, OtherCpo.
    """
    require_etag(NOUN, put.etag, current.master.etag, wire)
    check_draft(put)
    require_same_id(put, current.master.charge_station_id)
    _require_same_cpo(place, cpo_id)
    master = with_fields(current.master, **_full_values(put, place))
    evses, lost = _full_evses(put, current.evses, template, _owner(place, master))
    evses = _arrived(evses or current.evses, _there(current, place), place)
    finished = _finished(master, evses, current.evses, _tariffs(current.master), stamp)
    return with_fields(finished, lost_texts=lost)


def patch(
    current: Station, change: PatchChargeStation, place: Place | None, stamp: Stamp, *, cpo_id: str, wire: bytes
) -> Station:
    """PATCH: only what is there changes; EVSEs are merged (platform-api 8.3, 8.5). Errors as for `replace`.

    `place` is where it moves to, None for a station that stays.
    """
    require_etag(NOUN, change.etag, current.master.etag, wire, optional=True)
    require_same_id(change, current.master.charge_station_id)
    if place is not None:
        _require_same_cpo(place, cpo_id)
    values = draft_values(change, StationMaster, REQUIRED, partial=True)
    patches = change.evses if change.evses is not UNSET and change.evses else []
    evses = parts.merged(current.evses, patches)
    if place is not None:
        values["location_id"] = place.location_id
        evses = _arrived(evses, _there(current, place), place)
    master = with_fields(current.master, **values)
    return _finished(master, evses, current.evses, _tariffs(current.master), stamp)


def apply_template(current: Station, template: HardwareTemplate, place: Place, stamp: Stamp) -> Station:
    """Rebuild the EVSEs from a template where they stand; descriptions stay where the sequence number survives."""
    evses, lost = parts.from_template(template, current.evses, _owner(place, current.master))
    evses = _arrived(evses, current.evses, place)
    finished = _finished(current.master, evses, current.evses, _tariffs(current.master), stamp)
    return with_fields(finished, lost_texts=lost)


def renamed(current: Station, charge_station_id: str, cpo: Cpo, stamp: Stamp) -> Station:
    """The same station under the id that it calls itself; EVSE ids that were made from the old one follow it.

    Raises MissingField, InvalidField.
    """
    master = with_fields(current.master, charge_station_id=check_id(charge_station_id))
    place = Place(location_id=master.location_id, cpo=cpo)
    evses = parts.handed_on(current.evses, _owner(place, current.master), _owner(place, master))
    return _finished(master, evses, current.evses, _tariffs(current.master), stamp)


def for_customers(current: Station, stamp: Stamp) -> Station | None:
    """With the parking restriction CUSTOMERS on every EVSE; None where it is there already."""
    evses = [_restricted(evse) for evse in current.evses]
    if evses == current.evses:
        return None
    return _finished(current.master, evses, current.evses, _tariffs(current.master), stamp)


def _arrived(evses: list[Evse], there: Sequence[Evse], place: Place) -> list[Evse]:
    """An EVSE that is new at a RESTRICTED location is its customers' (platform-api 7.3). What people write about one
    that was `there` before is theirs, without CUSTOMERS too.
    """
    known = {evse.uid for evse in there}
    return [_restricted(evse) if place.restricted and evse.uid not in known else evse for evse in evses]


def _there(current: Station, place: Place) -> list[Evse]:
    """The EVSEs that stand at this place already: none of a station that moves to it."""
    return current.evses if place.location_id == current.master.location_id else []


def _restricted(evse: Evse) -> Evse:
    known = evse.parking_restrictions or []
    customers = ParkingRestriction.CUSTOMERS
    return evse if customers in known else with_fields(evse, parking_restrictions=[*known, customers])


def texts_lost(before: Sequence[Evse], template: HardwareTemplate) -> list[int]:
    """The sequence numbers of described EVSEs that are no more after this template."""
    kept = {part.evse_sequence_number for part in template.evse_templates or []}
    numbers = (evse.evse_sequence_number for evse in before if parts.is_described(evse))
    return sorted(number for number in numbers if number is not None and number not in kept)


def require_same_id(draft: StationDraft, charge_station_id: str) -> None:
    """The body repeats the id of the path, exactly."""
    sent = draft.charge_station_id
    if sent is UNSET or sent is None or is_blank(sent):
        raise MissingField("charge_station_id")
    if sent != charge_station_id:
        raise InvalidField("charge_station_id", "the id in the path")


def _require_same_cpo(place: Place, cpo_id: str) -> None:
    if place.cpo.cpo_id != cpo_id:
        raise OtherCpo("a charge station cannot move to a location of another CPO", cpo_id=cpo_id)


def _full_values(draft: PostChargeStation, place: Place) -> dict[str, Any]:
    values = draft_values(draft, StationMaster, REQUIRED - {"charger_type"})
    values["charger_type"] = values["charger_type"] or place.cpo.charger_type
    return {**values, "location_id": place.location_id}


def _full_evses(
    draft: PostChargeStation, existing: Sequence[Evse], template: HardwareTemplate | None, owner: Owner
) -> tuple[list[Evse], list[int]]:
    if draft.evses:
        return parts.written(draft.evses, existing, owner), []
    if template is not None:
        return parts.from_template(template, existing, owner)
    if draft.evses == [] and existing:
        raise InvalidField("evses", "at least one EVSE")
    return [], []


def _finished(
    master: StationMaster, evses: Sequence[Evse], existing: Sequence[Evse], before: Tariffs, stamp: Stamp
) -> Station:
    settled = parts.settled(evses, existing, _tariffs(master), before, stamp.at)
    written = with_fields(
        master,
        etag=stamp.etag,
        modified=stamp.at,
        modified_by=stamp.by,
        charging_speed=parts.charging_speed(settled),
    )
    return Station(master=written, evses=settled)


def _tariffs(master: StationMaster) -> Tariffs:
    return Tariffs(master.default_charge_station_tariff_id, master.default_charge_station_reimbursement_tariff_id)


def _owner(place: Place, master: StationMaster) -> Owner:
    return Owner(
        country_code=place.cpo.country_code,
        party_id=place.cpo.party_id,
        charge_station_id=master.charge_station_id,
    )


BOOKKEEPING = frozenset({"etag", "modified", "modified_by", "created", "created_by", "charging_speed"})


def changed_fields(before: Station, after: Station) -> list[str]:
    """The wire names that a write changed, for its fact; `evses.<field>` inside EVSEs."""
    names = [name for name in _differing(before.master, after.master) if name not in BOOKKEEPING]
    return names + _changed_evse_fields(before.evses, after.evses)


def _changed_evse_fields(before: Sequence[Evse], after: Sequence[Evse]) -> list[str]:
    if [evse.uid for evse in before] != [evse.uid for evse in after]:
        return ["evses"]
    changed = {name for old, new in zip(before, after, strict=True) if old != new for name in _differing(old, new)}
    return [f"evses.{name}" for name in Evse.__struct_fields__ if name in changed]


def _differing(old: Struct, new: Struct) -> list[str]:
    values = zip(new.__struct_fields__, astuple(old), astuple(new), strict=True)
    return [name for name, before, after in values if before != after]
