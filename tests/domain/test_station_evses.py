"""EVSEs of a station: what each must have, and those that a template makes."""

from typing import Any

import pytest
from msgspec import UNSET

from app.domain import station_rules as rules
from app.domain.errors import InvalidField, MissingField
from app.domain.evses import CONNECTOR_PAIRS
from app.domain.model import (
    AuthRule,
    AuthRuleType,
    ConnectorFormat,
    DisplayText,
    Evse,
    EvsePatch,
    GeoLocation,
    Image,
    ParkingRestriction,
)
from tests.domain.documents import (
    DUTCH,
    FIRST,
    NOW,
    PLACE,
    SECOND,
    connector,
    patch,
    patch_evse,
    post,
    station,
    template,
)

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
