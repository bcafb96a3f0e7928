"""The rules for stations: create, replace, patch, template; what is derived; how the stored parts become one."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from app.domain import station_rules as rules
from app.domain.errors import EtagMismatch, InvalidField, MissingField, OtherCpo
from app.domain.evses import CONNECTOR_PAIRS
from app.domain.model import (
    AuthRule,
    AuthRuleType,
    ChargerType,
    ChargingSpeed,
    Connector,
    ConnectorFormat,
    ConnectorPatch,
    DisplayText,
    Evse,
    EvsePatch,
    EvseStatus,
    GeoLocation,
    Image,
    ParkingRestriction,
    PowerType,
    StatusSchedule,
)
from app.domain.people import ReleaseOn
from app.domain.station_rules import Place, Station
from app.domain.stations import (
    PatchChargeStation,
    PutChargeStation,
)
from tests.domain.documents import (
    CPO,
    FIRST,
    LATER,
    NOW,
    PLACE,
    REQUIRED,
    SECOND,
    connector,
    dc,
    post,
    put,
    station,
    template,
)

WIRE = b'{"stored":true}'
DUTCH = DisplayText("nl", "Tweede rij")


def replace(current: Station, change: PutChargeStation, place: Place = PLACE, **more: Any) -> Station:
    return rules.replace(current, change, place, more.get("template"), SECOND, cpo_id=CPO.cpo_id, wire=WIRE)


def patch(current: Station, place: Place = PLACE, **fields: Any) -> Station:
    change = PatchChargeStation(**{"charge_station_id": "UTR-017", **fields})
    return rules.patch(current, change, place, SECOND, cpo_id=CPO.cpo_id, wire=WIRE)


def patch_evse(current: Station, **fields: Any) -> Evse:
    return patch(current, evses=[EvsePatch(**{"evse_sequence_number": 1, **fields})]).evses[0]


# --- Create ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("value", [UNSET, None, "", "  "])
def test_a_create_without_a_required_field_names_it(field: str, value: Any) -> None:
    with pytest.raises(MissingField) as refused:
        rules.create(post(**{field: value}), PLACE, None, FIRST)
    assert refused.value.detail == {"field": field}
    assert refused.value.message == f"{field} not provided, and is a required field"


@pytest.mark.parametrize("evses", [UNSET, None, []])
def test_a_create_needs_evses_or_a_template(evses: Any) -> None:
    with pytest.raises(MissingField, match="evses"):
        rules.create(post(evses=evses), PLACE, None, FIRST)


@pytest.mark.parametrize("sent, kept", [(UNSET, ChargerType.BUSINESS), (ChargerType.HOME, ChargerType.HOME)])
def test_the_charger_type_falls_back_to_the_cpos(sent: Any, kept: ChargerType) -> None:
    assert station(charger_type=sent).master.charger_type is kept
    assert replace(station(), put(charger_type=sent)).master.charger_type is kept


def test_a_created_station_tells_who_made_it_when_and_its_etag() -> None:
    master = station().master
    assert (master.etag, master.created_by, master.modified_by) == ("etag-1", "Anna", "Anna")
    assert (master.created, master.modified) == (NOW, NOW)


def test_evse_ids_are_made_from_the_cpo_the_station_and_the_number() -> None:
    made = station(charge_station_id="RDAM|1/2").evses
    assert [(evse.uid, evse.evse_id) for evse in made] == [
        ("NL-ABC-ERDAM|1/2-1", "NL-ABC-ERDAM|1/2-1"),
        ("NL-ABC-ERDAM|1/2-2", "NL-ABC-ERDAM|1/2-2"),
    ]


def test_an_evses_own_ids_and_number_are_kept() -> None:
    own = Evse(uid="U", evse_id="NL*ABC*E7", evse_sequence_number=7, connectors=[connector(id="9")])
    made = station(evses=[own]).evses[0]
    assert (made.uid, made.evse_id, made.evse_sequence_number) == ("U", "NL*ABC*E7", 7)
    assert [c.id for c in made.connectors or []] == ["9"]


def test_connectors_are_numbered_across_the_station_around_the_given_ones() -> None:
    evses = [Evse(connectors=[connector(), connector(id="1")]), Evse(connectors=[connector()])]
    assert [c.id for evse in station(evses=evses).evses for c in evse.connectors or []] == ["2", "1", "3"]


def test_what_only_the_platform_writes_is_ignored_in_a_write() -> None:
    sent = Evse(
        connectors=[connector(last_updated=datetime(1999, 1, 1, tzinfo=UTC))],
        status=EvseStatus.CHARGING,
        last_updated=datetime(1999, 1, 1, tzinfo=UTC),
    )
    made = station(evses=[sent]).evses[0]
    assert (made.status, made.last_updated) == (EvseStatus.UNKNOWN, None)
    assert (made.connectors or [])[0].last_updated == NOW


def test_null_arrays_are_empty() -> None:
    made = station(auth_rules=None, status_schedule=None, default_charge_station_directions=None)
    assert (made.master.auth_rules, made.master.status_schedule) == ([], [])
    assert made.master.default_charge_station_directions == []
    evse = made.evses[0]
    for name in ("status_schedule", "capabilities", "directions", "parking_restrictions", "images"):
        assert getattr(evse, name) == []


def test_times_are_kept_in_whole_seconds_of_utc() -> None:
    amsterdam = timezone(timedelta(hours=1))
    schedule = StatusSchedule(period_begin=datetime(2026, 3, 2, 9, 30, 15, 999, tzinfo=amsterdam))
    made = station(installation_date=datetime(2026, 1, 27, 12, 0), status_schedule=[schedule]).master
    assert made.installation_date == datetime(2026, 1, 27, 12, 0, tzinfo=UTC)
    assert made.status_schedule[0].period_begin == datetime(2026, 3, 2, 8, 30, 15, tzinfo=UTC)


def test_a_time_that_has_no_utc_is_refused() -> None:
    with pytest.raises(InvalidField, match="installation_date"):
        station(installation_date=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))))


def test_a_schedule_ends_after_it_begins() -> None:
    with pytest.raises(InvalidField, match="period_end"):
        station(status_schedule=[StatusSchedule(period_begin=LATER, period_end=NOW)])


# --- Ids -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "charge_station_id", ["UTR-017", "UTR 017", "RDAM|123", "a/b", "ümlaut", "50%", "x" * 255, "Batch 1", "...", "a.b"]
)
def test_an_id_of_printable_characters_is_kept_as_written(charge_station_id: str) -> None:
    assert station(charge_station_id=charge_station_id).master.charge_station_id == charge_station_id


@pytest.mark.parametrize(
    "charge_station_id",
    [
        " UTR",
        "UTR ",
        "\u00a0UTR",
        "UT\nR",
        "UT\x00R",
        "UT\x7fR",
        "x" * 256,
        "batch",
        "BATCH",
        "chargestationtemplate",
        "ChargestationTemplate",
        ".",
        "..",
        "a/../b",
        "./a",
        "/a",
        "a/",
        "a//b",
    ],
)
def test_an_id_that_no_path_can_name_is_refused(charge_station_id: str) -> None:
    with pytest.raises(InvalidField) as refused:
        station(charge_station_id=charge_station_id)
    assert refused.value.detail["field"] == "charge_station_id"


@given(st.text(min_size=1, max_size=300))
def test_an_id_is_kept_to_the_letter_or_refused(text: str) -> None:
    try:
        assert rules.check_id(text) == text
    except (MissingField, InvalidField):
        return
    assert text == text.strip() and text.isprintable() and len(text) <= 255


# --- What EVSEs must have --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["standard", "format", "power_type", "voltage", "amperage"])
def test_a_connector_needs_its_five_facts(field: str) -> None:
    with pytest.raises(MissingField, match=rf"evses\.connectors\.{field} "):
        station(evses=[Evse(connectors=[connector(**{field: None})])])


@pytest.mark.parametrize("connectors", [None, []])
def test_an_evse_needs_a_connector(connectors: Any) -> None:
    with pytest.raises(MissingField, match=r"evses\.connectors "):
        station(evses=[Evse(connectors=connectors)])


def test_exactly_the_sixteen_pairs_of_standard_and_format_are_accepted() -> None:
    standards = [
        *("IEC_62196_T1", "IEC_62196_T2", "IEC_62196_T1_COMBO", "IEC_62196_T2_COMBO", "CHADEMO", "TESLA_S", "nonsense"),
        *(f"DOMESTIC_{letter}" for letter in "ABCDEFGHIJKL"),
    ]
    accepted = set()
    for standard in standards:
        for form in ConnectorFormat:
            try:
                station(evses=[Evse(connectors=[connector(standard=standard, format=form)])])
                accepted.add((standard, form.value))
            except InvalidField as refused:
                assert refused.detail["field"] == "evses.connectors.standard"
    assert accepted == {(standard, form.value) for standard, form in CONNECTOR_PAIRS}
    assert len(accepted) == 16
    assert {("IEC_62196_T2", "CABLE"), ("IEC_62196_T1", "CABLE"), ("DOMESTIC_F", "SOCKET")} <= accepted


@pytest.mark.parametrize(
    "field, value",
    [("voltage", 0), ("voltage", -1), ("amperage", 0), ("amperage", 2**31), ("max_electric_power", -1)],
)
def test_electric_numbers_are_within_reason(field: str, value: int) -> None:
    with pytest.raises(InvalidField, match=rf"evses\.connectors\.{field}"):
        station(evses=[Evse(connectors=[connector(**{field: value})])])


@pytest.mark.parametrize(
    "evses, field",
    [
        (
            [
                Evse(evse_sequence_number=1, connectors=[connector()]),
                Evse(evse_sequence_number=1, connectors=[connector()]),
            ],
            "evses.evse_sequence_number",
        ),
        ([Evse(uid="U", connectors=[connector()]), Evse(uid="U", connectors=[connector()])], "evses.uid"),
        ([Evse(connectors=[connector(id="1")]), Evse(connectors=[connector(id="1")])], "evses.connectors.id"),
        ([Evse(evse_sequence_number=-1, connectors=[connector()])], "evses.evse_sequence_number"),
        ([Evse(capabilities=["FLYING"], connectors=[connector()])], "evses.capabilities"),
        ([Evse(coordinates=GeoLocation("91", "0"), connectors=[connector()])], "evses.coordinates.latitude"),
        ([Evse(directions=[DisplayText("nld", "x")], connectors=[connector()])], "evses.directions.language"),
    ],
)
def test_evses_that_contradict_themselves_are_refused(evses: list[Evse], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        station(evses=evses)
    assert refused.value.detail["field"] == field


@pytest.mark.parametrize(
    "text, error",
    [
        (DisplayText("n", "x"), InvalidField),
        (DisplayText("n1", "x"), InvalidField),
        (DisplayText("nl", "x" * 513), InvalidField),
        (DisplayText("nl", "bell\x07"), InvalidField),
        (DisplayText("nl", " "), MissingField),
    ],
)
def test_a_text_has_a_language_of_two_letters_and_up_to_512_characters(text: DisplayText, error: type) -> None:
    with pytest.raises(error):
        station(default_charge_station_directions=[text])
    with pytest.raises(error):
        patch_evse(station(), directions=[text])


def test_a_text_of_512_characters_and_several_lines_is_kept() -> None:
    text = DisplayText("NL", "a\n" * 256)
    assert patch_evse(station(), directions=[text]).directions == [DisplayText("nl", "a\n" * 256)]


def test_an_auth_rule_needs_a_value() -> None:
    with pytest.raises(MissingField, match=r"auth_rules\.value"):
        station(auth_rules=[AuthRule(AuthRuleType.HOME_TOKEN, "")])


# --- Templates -------------------------------------------------------------------------------------------------------


def test_a_station_from_a_template_has_its_evses_with_made_ids() -> None:
    wanted = post(evses=UNSET, charge_station_template_id="twin")
    assert rules.template_of(wanted) == "twin"
    made = rules.create(wanted, PLACE, template(), FIRST)
    assert [(evse.uid, evse.evse_sequence_number) for evse in made.evses] == [
        ("NL-ABC-EUTR-017-1", 1),
        ("NL-ABC-EUTR-017-2", 2),
    ]
    assert made.evses[0].connectors == [
        connector(id="1", max_electric_power=22_000, tariff_id="T-AC", last_updated=NOW)
    ]
    assert made.evses[0].capabilities == ["RFID_READER"]


def test_evses_win_over_a_template_in_the_same_write() -> None:
    assert rules.template_of(post(charge_station_template_id="twin")) is None
    assert rules.template_of(post(evses=[], charge_station_template_id="twin")) == "twin"


@pytest.mark.parametrize(
    "own, made", [([5, 3], ["5", "3"]), ([1, 1], ["1", "2"]), ([None, 7], ["1", "2"]), ([0, 1], ["1", "2"])]
)
def test_connector_ids_are_the_templates_own_if_they_are_unique_in_the_station(
    own: list[int | None], made: list[str]
) -> None:
    station = rules.create(post(evses=UNSET), PLACE, template(2, own), FIRST)
    assert [c.id for evse in station.evses for c in evse.connectors or []] == made


def test_a_new_template_keeps_what_people_wrote_where_the_number_survives() -> None:
    described = {
        "directions": [DUTCH],
        "parking_restrictions": [ParkingRestriction.EV_ONLY],
        "floor_level": "-1",
        "physical_reference": "17A",
        "coordinates": GeoLocation("52.09", "5.12"),
        "images": [Image(url="https://abc.example/17.jpg")],
    }
    before = patch(station(), evses=[EvsePatch(evse_sequence_number=n, **described) for n in (1, 2)])
    after = rules.apply_template(before, template(1), PLACE, SECOND)
    assert len(after.evses) == 1
    assert {name: getattr(after.evses[0], name) for name in described} == described
    assert after.lost_texts == [2]
    assert after.master.etag == "etag-2"


def test_a_new_template_keeps_the_ids_that_are_printed_on_the_evses() -> None:
    before = station(evses=[Evse(uid="U", evse_id="NL*ABC*E7", connectors=[connector()])])
    after = rules.apply_template(before, template(2), PLACE, SECOND)
    assert [(evse.uid, evse.evse_id) for evse in after.evses] == [
        ("U", "NL*ABC*E7"),
        ("NL-ABC-EUTR-017-2", "NL-ABC-EUTR-017-2"),
    ]


def test_an_evse_without_texts_is_no_loss() -> None:
    assert rules.apply_template(station(), template(1), PLACE, SECOND).lost_texts == []


# --- Replace ---------------------------------------------------------------------------------------------------------


def test_a_put_clears_the_optional_fields_it_leaves_out() -> None:
    full = station(name="Depot 17", remarks="x", tap_to_stop=True, auth_rules=[AuthRule(AuthRuleType.HOME_TOKEN, "A")])
    after = replace(full, put(name="Depot 18")).master
    assert (after.name, after.remarks, after.tap_to_stop, after.auth_rules) == ("Depot 18", None, None, [])


@pytest.mark.parametrize("evses", [UNSET, None])
def test_a_put_without_evses_and_template_keeps_the_evses(evses: Any) -> None:
    before = station()
    after = replace(before, put(evses=evses))
    assert after.evses == before.evses


def test_a_put_with_no_evses_at_all_is_refused() -> None:
    with pytest.raises(InvalidField, match="evses"):
        replace(station(), put(evses=[]))


def test_a_put_with_evses_replaces_the_set_and_what_an_evse_says() -> None:
    before = patch(station(), evses=[EvsePatch(evse_sequence_number=2, floor_level="-1", directions=[DUTCH])])
    kept = msgspec.structs.replace(before.evses[1], directions=None)
    after = replace(before, put(evses=[kept], etag="etag-2"))
    assert [(evse.evse_sequence_number, evse.floor_level, evse.directions) for evse in after.evses] == [(2, "-1", [])]


def test_a_put_evse_without_uid_keeps_the_uid_of_its_number() -> None:
    before = station(evses=[Evse(uid="U", evse_id="E", evse_sequence_number=3, connectors=[connector()])])
    after = replace(before, put(evses=[Evse(evse_sequence_number=3, connectors=[connector()])]))
    assert (after.evses[0].uid, after.evses[0].evse_id) == ("U", "E")


def test_a_put_evse_without_number_keeps_the_number_of_its_uid() -> None:
    before = station()
    second = Evse(uid="NL-ABC-EUTR-017-2", connectors=[connector()])
    assert replace(before, put(evses=[second])).evses[0].evse_sequence_number == 2


def test_a_put_with_a_template_rebuilds_the_evses_and_tells_what_is_lost() -> None:
    before = patch(station(), evses=[EvsePatch(evse_sequence_number=2, directions=[DUTCH])])
    after = replace(before, put(charge_station_template_id="twin", etag="etag-2"), template=template(1))
    assert (len(after.evses), after.lost_texts) == (1, [2])


@pytest.mark.parametrize("etag", [UNSET, None, ""])
def test_a_put_needs_an_etag(etag: Any) -> None:
    with pytest.raises(MissingField, match="etag"):
        replace(station(), put(etag=etag))


def test_a_stale_etag_is_answered_with_what_is_stored() -> None:
    for write in (lambda: replace(station(), put(etag="etag-0")), lambda: patch(station(), etag="etag-0")):
        with pytest.raises(EtagMismatch, match="charge station") as stale:
            write()
        assert stale.value.current == WIRE


def test_an_etag_is_compared_in_any_case_and_none_matches_a_station_without() -> None:
    assert replace(station(), put(etag="ETAG-1")).master.etag == "etag-2"
    legacy = station()
    legacy.master.etag = None
    with pytest.raises(EtagMismatch):
        replace(legacy, put())
    assert patch(legacy).master.etag == "etag-2"


@pytest.mark.parametrize(
    "sent, error", [("utr-017", InvalidField), ("UTR-018", InvalidField), (UNSET, MissingField), (None, MissingField)]
)
def test_the_body_repeats_the_id_of_the_path(sent: Any, error: type) -> None:
    with pytest.raises(error, match="charge_station_id"):
        replace(station(), put(charge_station_id=sent))
    with pytest.raises(error, match="charge_station_id"):
        patch(station(), charge_station_id=sent)


def test_every_write_gives_a_new_etag_and_tells_who_and_when() -> None:
    for after in (
        replace(station(), put()),
        patch(station()),
        rules.apply_template(station(), template(), PLACE, SECOND),
    ):
        master = after.master
        assert (master.etag, master.modified, master.modified_by) == ("etag-2", LATER, "Ben")
        assert (master.created, master.created_by) == (NOW, "Anna")


def test_a_station_does_not_move_to_another_cpo() -> None:
    other = msgspec.structs.replace(CPO, cpo_id="XYZ", release_on=ReleaseOn.SUPPORT)
    there = Place(location_id="yard-9", cpo=other)
    with pytest.raises(OtherCpo):
        replace(station(), put(location_id="yard-9"), there)
    with pytest.raises(OtherCpo):
        patch(station(), there, location_id="yard-9")


def test_a_station_moves_within_its_cpo_and_takes_the_locations_own_spelling() -> None:
    there = Place(location_id="YARD-2", cpo=CPO)
    assert replace(station(), put(location_id="yard-2"), there).master.location_id == "YARD-2"
    assert patch(station(), there, location_id="yard-2").master.location_id == "YARD-2"


# --- Patch -----------------------------------------------------------------------------------------------------------


def test_a_patch_changes_only_what_is_there() -> None:
    before = station(name="Depot 17", remarks="x")
    after = patch(before, remarks="y")
    expected = msgspec.structs.replace(before.master, remarks="y", etag="etag-2", modified=LATER, modified_by="Ben")
    assert after == Station(master=expected, evses=before.evses)


@pytest.mark.parametrize("field", [*REQUIRED, "charger_type"])
def test_null_for_a_required_field_is_refused(field: str) -> None:
    with pytest.raises(MissingField, match=field):
        patch(station(), **{field: None})


def test_null_clears_an_optional_field_and_empties_an_array() -> None:
    full = station(name="Depot", auth_rules=[AuthRule(AuthRuleType.HOME_TOKEN, "A")])
    after = patch(full, name=None, auth_rules=None).master
    assert (after.name, after.auth_rules) == (None, [])


def test_an_evse_is_found_by_uid_before_its_number() -> None:
    patched = patch(station(), evses=[EvsePatch(uid="NL-ABC-EUTR-017-2", floor_level="1")])
    assert [evse.floor_level for evse in patched.evses] == [None, "1"]
    by_number = patch(station(), evses=[EvsePatch(evse_sequence_number=2, floor_level="1")])
    assert by_number.evses == patched.evses


@pytest.mark.parametrize(
    "element, error",
    [
        (EvsePatch(uid="nobody", evse_sequence_number=1), InvalidField),
        (EvsePatch(evse_sequence_number=3), InvalidField),
        (EvsePatch(floor_level="1"), MissingField),
        (EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="9")]), InvalidField),
        (EvsePatch(evse_sequence_number=1, connectors=None), InvalidField),
        (EvsePatch(uid="NL-ABC-EUTR-017-1", evse_sequence_number=None), MissingField),
        (EvsePatch(uid="NL-ABC-EUTR-017-1", evse_sequence_number=2), InvalidField),
        (EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", voltage=None)]), MissingField),
        (
            EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", format=ConnectorFormat.CABLE)]),
            None,
        ),
        (EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", standard="CHADEMO")]), InvalidField),
    ],
)
def test_a_patch_neither_adds_nor_breaks_an_evse(element: EvsePatch, error: type | None) -> None:
    if error is None:
        assert patch(station(), evses=[element]).evses
        return
    with pytest.raises(error, match="evses"):
        patch(station(), evses=[element])


def test_the_rest_of_an_evse_stays_and_null_empties_its_arrays() -> None:
    full = patch(
        station(),
        evses=[EvsePatch(evse_sequence_number=1, floor_level="1", directions=[DUTCH], capabilities=["RFID_READER"])],
    )
    after = patch_evse(full, directions=None, physical_reference="17A")
    assert (after.directions, after.physical_reference, after.floor_level) == ([], "17A", "1")
    assert after.capabilities == ["RFID_READER"]


def test_a_connector_is_merged_by_id_and_only_it_is_newer() -> None:
    after = patch(
        station(), evses=[EvsePatch(evse_sequence_number=2, connectors=[ConnectorPatch(id="2", amperage=16)])]
    )
    first, second = ((evse.connectors or [])[0] for evse in after.evses)
    assert (first.last_updated, first.amperage) == (NOW, 32)
    assert (second.last_updated, second.amperage, second.voltage) == (LATER, 16, 230)


@pytest.mark.parametrize("evses", [None, []])
def test_a_patch_without_elements_leaves_the_evses(evses: Any) -> None:
    assert patch(station(), evses=evses).evses == station().evses


# --- Derived ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "connectors, speed",
    [
        ([connector()], ChargingSpeed.SLOW),
        ([connector(power_type=PowerType.AC_1_PHASE), connector()], ChargingSpeed.SLOW),
        ([dc(24_000)], ChargingSpeed.FAST),
        ([dc(50_000)], ChargingSpeed.FAST),
        ([dc(100_000)], ChargingSpeed.FAST),
        ([dc(100_001)], ChargingSpeed.RAPID),
        ([dc(None, voltage=400, amperage=300)], ChargingSpeed.RAPID),
        ([dc(None, voltage=400, amperage=100)], ChargingSpeed.FAST),
        ([connector(), dc()], ChargingSpeed.MIX_AC_DC),
        ([dc(50_000), dc(150_000)], ChargingSpeed.MIX_DC),
        ([dc(50_000), dc(150_000), connector()], ChargingSpeed.MIX_AC_DC),
    ],
)
def test_charging_speed_follows_from_the_connectors(connectors: list[Connector], speed: ChargingSpeed) -> None:
    assert station(evses=[Evse(connectors=[c]) for c in connectors]).master.charging_speed is speed


def tariffs(current: Station) -> list[str | None]:
    return [c.tariff_id for evse in current.evses for c in evse.connectors or []]


def test_a_connector_shows_the_tariff_that_counts() -> None:
    evses = [Evse(connectors=[connector()]), Evse(connectors=[connector(tariff_id="T-OWN")])]
    made = station(evses=evses, default_charge_station_reimbursement_tariff_id="R")
    assert tariffs(made) == ["T-AC", "T-OWN"]
    assert [c.reimbursement_tariff_id for evse in made.evses for c in evse.connectors or []] == ["R", "R"]


def test_a_new_default_tariff_reaches_the_connectors_that_follow_it() -> None:
    before = station(evses=[Evse(connectors=[connector()]), Evse(connectors=[connector(tariff_id="T-OWN")])])
    assert tariffs(patch(before, default_charge_station_tariff_id="T-2")) == ["T-2", "T-OWN"]
    sent_back = put(default_charge_station_tariff_id="T-2", evses=before.evses)
    assert tariffs(replace(before, sent_back)) == ["T-2", "T-OWN"]


def test_a_connector_goes_back_to_the_default_by_null() -> None:
    before = station(evses=[Evse(connectors=[connector(tariff_id="T-OWN")])])
    after = patch(
        before, evses=[EvsePatch(evse_sequence_number=1, connectors=[ConnectorPatch(id="1", tariff_id=None)])]
    )
    assert tariffs(after) == ["T-AC"]


def test_a_write_tells_which_fields_it_changed() -> None:
    before = station()
    evse = EvsePatch(evse_sequence_number=1, directions=[DUTCH])
    assert rules.changed_fields(before, patch(before, name="x", evses=[evse])) == ["name", "evses.directions"]
    assert rules.changed_fields(before, replace(before, put(evses=before.evses[:1]))) == ["evses"]
    assert rules.changed_fields(before, patch(before)) == []
