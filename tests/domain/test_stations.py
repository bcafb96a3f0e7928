"""The rules for stations: create, replace, patch, template; what is derived; how the stored parts become one."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from app.domain import station_rules as rules
from app.domain.errors import InvalidField, MissingField
from app.domain.model import (
    ChargerType,
    ChargingSpeed,
    Connector,
    ConnectorPatch,
    Evse,
    EvsePatch,
    EvseStatus,
    PowerType,
    StatusSchedule,
)
from app.domain.station_rules import Station
from tests.domain.documents import (
    DUTCH,
    FIRST,
    LATER,
    NOW,
    PLACE,
    REQUIRED,
    connector,
    dc,
    patch,
    post,
    put,
    replace,
    station,
)

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
