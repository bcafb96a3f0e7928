"""The rules for locations: create, replace, patch, opening times, access; and the EVSEs joined on read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from app.domain import evses, location_rules
from app.domain.errors import EtagMismatch, InvalidField, MissingField, OtherCpo
from app.domain.live import Live, render
from app.domain.locations import (
    Location,
    LocationDraft,
    LocationMaster,
    PatchLocation,
    PostLocation,
    PutLocation,
)
from app.domain.model import (
    AccessType,
    AuthRule,
    AuthRuleType,
    BusinessDetails,
    EnergyMix,
    EnergySource,
    EnergySourceCategory,
    ExceptionalPeriod,
    GeoLocation,
    Hours,
    LocationType,
    RegularHours,
)
from tests.domain.documents import CPO, FIRST, LATER, NOW, SECOND, station

WIRE = b'{"stored":true}'
NEW_ID = "5b8a1d6e-2f60-4f0c-9a57-0c7d1b5e9f21"
REQUIRED = {
    "cpo_id": "ABC Charging",
    "name": "Utrecht bus depot",
    "address": "Industrieweg 12",
    "city": "Utrecht",
    "postal_code": "3542AD",
    "country": "NLD",
}
WRITABLE = {
    *("id", "cpo_id", "cpo_customer_external_id", "type", "publish", "access_type", "name", "address"),
    *("address_line_2", "city", "postal_code", "country", "coordinates", "directions", "facilities", "auth_rules"),
    *("opening_times", "energy_mix", "payment_provider", "wallet_id", "custom_groups", "maintenance_info", "remarks"),
    "customised_fields",
}
READ_ONLY = {
    *("evses", "operator", "suboperator", "owner", "time_zone", "charging_when_closed", "created_by", "modified_by"),
    *("created", "modified", "last_updated"),
}


def create(**more: Any) -> LocationMaster:
    return location_rules.create(PostLocation(**{**REQUIRED, **more}), CPO, NEW_ID, FIRST)


def replace(current: LocationMaster, **more: Any) -> LocationMaster:
    put = PutLocation(**{**REQUIRED, "id": current.id, "etag": "etag-1", **more})
    return location_rules.replace(current, put, SECOND, WIRE)


def patch(current: LocationMaster, **fields: Any) -> LocationMaster:
    return location_rules.patch(current, PatchLocation(**{"id": current.id, **fields}), SECOND, WIRE)


# --- Fields ----------------------------------------------------------------------------------------------------------


def test_a_location_has_every_field_that_is_returned_and_writes_the_writable_ones() -> None:
    assert set(Location.__struct_fields__) == WRITABLE | READ_ONLY | {"etag"}
    assert set(LocationDraft.__struct_fields__) == set(PostLocation.__struct_fields__) == WRITABLE
    assert set(PutLocation.__struct_fields__) == set(PatchLocation.__struct_fields__) == WRITABLE | {"etag"}


# --- Create ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("value", [UNSET, None, " "])
def test_a_location_without_a_required_field_is_refused_by_its_name(field: str, value: Any) -> None:
    for write in (create, lambda **more: replace(create(), **more)):
        with pytest.raises(MissingField) as refused:
            write(**{field: value})
        assert refused.value.detail == {"field": field}


def test_a_new_location_is_unpublished_and_says_whose_it_is() -> None:
    made = create()
    assert (made.id, made.publish, made.access_type, made.type) == (
        NEW_ID,
        False,
        AccessType.PRIVATE,
        LocationType.UNKNOWN,
    )
    assert (made.operator, made.time_zone) == (BusinessDetails(name="ABC Charging"), "Europe/Amsterdam")
    assert (made.etag, made.created, made.modified) == ("etag-1", NOW, NOW)
    assert (made.created_by, made.modified_by) == ("Anna", "Anna")


def test_the_operator_is_the_cpos_own() -> None:
    operator = BusinessDetails(name="ABC", phone_number="+31301234567")
    cpo = msgspec.structs.replace(CPO, operator=operator)
    assert location_rules.create(PostLocation(**REQUIRED), cpo, NEW_ID, FIRST).operator == operator


@pytest.mark.parametrize("sent, kept", [("A-1", "A-1"), (UNSET, NEW_ID), (None, NEW_ID), ("", NEW_ID)])
def test_an_id_made_by_the_sender_is_kept(sent: Any, kept: str) -> None:
    assert create(id=sent).id == kept


@pytest.mark.parametrize("location_id", ["a/b", " a", "a\n", "x" * 256, "batch", ".", ".."])
def test_an_id_that_no_path_can_name_is_refused(location_id: str) -> None:
    with pytest.raises(InvalidField, match="id"):
        create(id=location_id)


@pytest.mark.parametrize("country, kept", [("NLD", "NLD"), ("deu", "DEU")])
def test_a_country_has_three_letters(country: str, kept: str) -> None:
    assert create(country=country).country == kept


@pytest.mark.parametrize("country", ["NL", "Netherlands", "N1D", "ÉÉÉ"])
def test_another_country_is_refused(country: str) -> None:
    with pytest.raises(InvalidField, match="country"):
        create(country=country)


@pytest.mark.parametrize("place", [("52.090740", "5.121420"), ("-90", "-180.0000000"), ("0.0", "180")])
def test_coordinates_are_kept_as_written(place: tuple[str, str]) -> None:
    assert create(coordinates=GeoLocation(*place)).coordinates == GeoLocation(*place)


@pytest.mark.parametrize(
    "place, field",
    [
        (("90.1", "5"), "latitude"),
        (("-91", "5"), "latitude"),
        (("52", "180.5"), "longitude"),
        (("52,09", "5"), "latitude"),
        (("", "5"), "latitude"),
        (("nan", "5"), "latitude"),
        (("52", "1e2"), "longitude"),
        (("٥٢", "5"), "latitude"),
    ],
)
def test_what_is_no_place_on_earth_is_refused(place: tuple[str, str], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        create(coordinates=GeoLocation(*place))
    assert refused.value.detail["field"] == f"coordinates.{field}"


# --- Access and opening times ----------------------------------------------------------------------------------------

LISTED = [AuthRule(AuthRuleType.CUSTOMER_EXTERNAL_ID, "FLEET-0042")]


@pytest.mark.parametrize(
    "publish, sent, auth_rules, shown",
    [
        (True, None, [], AccessType.PUBLIC),
        (True, AccessType.RESTRICTED, [], AccessType.RESTRICTED),
        (True, AccessType.PRIVATE, [], AccessType.PUBLIC),
        (True, AccessType.PUBLIC, LISTED, AccessType.PRIVATE),
        (False, AccessType.PUBLIC, [], AccessType.PRIVATE),
        (None, AccessType.RESTRICTED, [], AccessType.PRIVATE),
    ],
)
def test_access_follows_from_publishing_and_the_list(
    publish: bool | None, sent: AccessType | None, auth_rules: list[AuthRule], shown: AccessType
) -> None:
    assert create(publish=publish, access_type=sent, auth_rules=auth_rules).access_type is shown


def test_access_changes_when_a_location_is_published_by_patch() -> None:
    assert patch(create(), publish=True).access_type is AccessType.PUBLIC


def test_no_regular_hours_is_always_open_whatever_is_said() -> None:
    for sent in (UNSET, None, Hours(), Hours(twentyfourseven=False)):
        assert create(opening_times=sent).opening_times == Hours(
            regular_hours=[], twentyfourseven=True, exceptional_openings=[], exceptional_closings=[]
        )


def test_regular_hours_are_not_always_open_and_a_day_may_have_several() -> None:
    hours = [RegularHours(7, "09:00", "12:00"), RegularHours(7, "13:00", "23:59")]
    kept = create(opening_times=Hours(regular_hours=hours, twentyfourseven=True)).opening_times
    assert kept is not None
    assert (kept.regular_hours, kept.twentyfourseven) == (hours, False)


@pytest.mark.parametrize(
    "period, field",
    [
        (RegularHours(0, "09:00", "12:00"), "weekday"),
        (RegularHours(8, "09:00", "12:00"), "weekday"),
        (RegularHours(1, "9:00", "12:00"), "period_begin"),
        (RegularHours(1, "09:00", "24:00"), "period_end"),
        (RegularHours(1, "09:60", "12:00"), "period_begin"),
        (RegularHours(1, "12:00", "09:00"), "period_end"),
        (RegularHours(1, "12:00", "12:00"), "period_end"),
    ],
)
def test_regular_hours_that_cannot_be_are_refused(period: RegularHours, field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        create(opening_times=Hours(regular_hours=[period]))
    assert refused.value.detail["field"] == f"opening_times.regular_hours.{field}"


@pytest.mark.parametrize("name", ["exceptional_openings", "exceptional_closings"])
def test_exceptional_periods_are_in_utc_and_end_after_they_begin(name: str) -> None:
    amsterdam = timezone(timedelta(hours=2))
    period = ExceptionalPeriod(datetime(2026, 8, 19, 8, 0, 0, 655000), datetime(2026, 8, 19, 20, 0, tzinfo=amsterdam))
    kept = create(opening_times=Hours(**{name: [period]})).opening_times
    assert getattr(kept, name) == [
        ExceptionalPeriod(datetime(2026, 8, 19, 8, tzinfo=UTC), datetime(2026, 8, 19, 18, tzinfo=UTC))
    ]
    with pytest.raises(InvalidField, match=name):
        create(opening_times=Hours(**{name: [ExceptionalPeriod(LATER, NOW)]}))


# --- Energy mix ------------------------------------------------------------------------------------------------------


def test_of_an_energy_mix_only_the_profile_is_written() -> None:
    sent = EnergyMix(energy_mix_profile_id="P", is_green_energy=True, supplier_name="Me")
    assert create(energy_mix=sent).energy_mix == EnergyMix(energy_mix_profile_id="P")


def test_what_was_read_of_the_same_profile_stays() -> None:
    known = EnergyMix(
        energy_mix_profile_id="P", is_green_energy=True, energy_sources=[EnergySource(EnergySourceCategory.WIND, 100)]
    )
    before = msgspec.structs.replace(create(), energy_mix=known)
    assert replace(before, energy_mix=EnergyMix(energy_mix_profile_id="P")).energy_mix == known
    assert replace(before, energy_mix=EnergyMix(energy_mix_profile_id="Q")).energy_mix == EnergyMix(
        energy_mix_profile_id="Q"
    )


@pytest.mark.parametrize("profile", [None, "", " "])
def test_without_a_profile_there_is_no_energy_mix(profile: str | None) -> None:
    assert create(energy_mix=EnergyMix(energy_mix_profile_id=profile)).energy_mix is None
    before = create(energy_mix=EnergyMix(energy_mix_profile_id="P"))
    assert patch(before, energy_mix=EnergyMix(energy_mix_profile_id=profile)).energy_mix is None
    assert patch(before, energy_mix=None).energy_mix is None
    assert replace(before).energy_mix is None
    assert patch(before, remarks="x").energy_mix == before.energy_mix


# --- Replace and patch -----------------------------------------------------------------------------------------------


def test_a_put_clears_what_it_leaves_out_and_keeps_what_it_may_not_write() -> None:
    before = create(remarks="x", publish=True, custom_groups=[], coordinates=GeoLocation("52.0", "5.0"))
    after = replace(before, name="Depot")
    assert (after.name, after.remarks, after.publish, after.coordinates) == ("Depot", None, False, None)
    assert (after.operator, after.time_zone, after.created_by) == (before.operator, before.time_zone, "Anna")
    assert (after.etag, after.modified, after.modified_by) == ("etag-2", LATER, "Ben")


def test_a_patch_changes_only_what_is_there() -> None:
    before = create(remarks="x", publish=True)
    after = patch(before, name="Depot")
    assert after == msgspec.structs.replace(before, name="Depot", etag="etag-2", modified=LATER, modified_by="Ben")


def test_null_clears_an_optional_field_and_is_refused_for_a_required_one() -> None:
    full = create(remarks="x", auth_rules=LISTED, type=LocationType.PARKING_LOT, publish=True)
    after = patch(full, remarks=None, auth_rules=None, type=None, publish=None)
    assert (after.remarks, after.auth_rules, after.type, after.publish) == (None, [], LocationType.UNKNOWN, False)
    for name in REQUIRED:
        with pytest.raises(MissingField, match=name):
            patch(full, **{name: None})


@pytest.mark.parametrize("etag", [UNSET, None])
def test_a_put_needs_an_etag_and_a_patch_does_not(etag: Any) -> None:
    with pytest.raises(MissingField, match="etag"):
        replace(create(), etag=etag)
    assert patch(create(), etag=etag).etag == "etag-2"


def test_a_stale_etag_is_answered_with_what_is_stored() -> None:
    for write in (replace, patch):
        with pytest.raises(EtagMismatch, match="location") as stale:
            write(create(), etag="etag-0")
        assert stale.value.current == WIRE


def test_the_body_repeats_the_id_in_any_case_and_the_stored_spelling_stays() -> None:
    before = create(id="Yard-1")
    assert replace(before, id="YARD-1").id == patch(before, id="yard-1").id == "Yard-1"
    for write in (replace, patch):
        with pytest.raises(InvalidField, match="id"):
            write(before, id="Yard-2")
        with pytest.raises(MissingField, match="id"):
            write(before, id=UNSET)


def test_a_location_stays_with_its_cpo() -> None:
    for write in (replace, patch):
        with pytest.raises(OtherCpo):
            write(create(), cpo_id="XYZ Power")
        with pytest.raises(OtherCpo):
            write(create(), cpo_id="abc charging")


def test_a_write_tells_which_fields_it_changed() -> None:
    before = create()
    assert location_rules.changed_fields(before, patch(before, name="x", publish=True)) == [
        "publish",
        "access_type",
        "name",
    ]


# --- Read ------------------------------------------------------------------------------------------------------------


@dataclass
class StationRow:
    charge_station_id: str
    deploy_state: str = "Stock"
    master: bytes = b"{}"
    evses: bytes = b""
    evses_modified: datetime = NOW
    online: bool = False
    changed: datetime = NOW
    shown: bytes = b"{}"
    shown_evses: bytes = b""

    def __post_init__(self) -> None:
        made = station(charge_station_id=self.charge_station_id)
        self.evses = evses.encode_lines(made.evses)
        live = Live(charge_station_id=self.charge_station_id)
        self.shown, self.shown_evses = render(live, made.evses, self.deploy_state)


@dataclass
class Row:
    body: bytes
    modified: datetime = NOW
    evses_modified: datetime | None = None
    stations: list[StationRow] = field(default_factory=list)


def test_a_joined_location_has_every_field_and_the_evses_of_all_its_stations() -> None:
    wire = location_rules.join(
        Row(msgspec.json.encode(create()), stations=[StationRow("A"), StationRow("B", online=True)])
    )
    assert set(msgspec.json.decode(wire)) == WRITABLE | READ_ONLY | {"etag"}
    read = msgspec.json.decode(wire, type=Location)
    assert [evse.uid for evse in read.evses] == ["NL-ABC-EA-1", "NL-ABC-EA-2", "NL-ABC-EB-1", "NL-ABC-EB-2"]


def test_a_location_without_stations_has_no_evses() -> None:
    assert msgspec.json.decode(location_rules.join(Row(msgspec.json.encode(create()))))["evses"] == []


@pytest.mark.parametrize("modified, evses_modified, last", [(NOW, None, NOW), (NOW, LATER, LATER), (LATER, NOW, LATER)])
def test_a_location_was_last_updated_by_itself_or_its_evses(
    modified: datetime, evses_modified: datetime | None, last: datetime
) -> None:
    row = Row(msgspec.json.encode(create()), modified, evses_modified)
    assert msgspec.json.decode(location_rules.join(row), type=Location).last_updated == last
