"""Query parameters: names as mixed as the wire has them, wrong values named."""

from datetime import UTC, datetime

import pytest

from app.api.envelope import BadQuery
from app.api.parameters import LocationParameters, StationParameters, location_query, read, station_query

MINE = frozenset({"ABC Charging"})


def test_defaults_are_those_of_the_platform() -> None:
    query = station_query(read([], StationParameters), MINE)
    assert (query.offset, query.limit, query.exclude_evses_modified, query.cpo_ids) == (0, 100, False, MINE)


@pytest.mark.parametrize("name", ["exclude_evses_modified", "excludeEvsesModified", "EXCLUDE_EVSES_MODIFIED"])
@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_names_are_read_in_any_case_with_or_without_underscores(name: str, value: str) -> None:
    assert read([(name, value)], StationParameters).exclude_evses_modified is True


def test_a_larger_limit_is_capped() -> None:
    assert station_query(read([("limit", "2147483647")], StationParameters), MINE).limit == 1000
    assert location_query(read([("limit", "9" * 40)], LocationParameters), MINE).limit == 1000


def test_an_empty_value_counts_as_not_given_and_the_last_of_two_counts() -> None:
    asked = read([("cpoId", ""), ("limit", "5"), ("limit", "7"), ("unheard_of", "x")], StationParameters)
    assert (asked.cpo_id, asked.limit) == (None, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "-1"),
        ("limit", "0"),
        ("limit", "many"),
        ("limit", "1.5"),
        ("offset", "-1"),
        ("offset", "9" * 30),
        ("date_from", "yesterday"),
        ("date_to", "2026-13-01T00:00:00Z"),
        ("exclude_evses_modified", "maybe"),
        ("excludeEvses", "2"),
        ("latitude", "91"),
        ("longitude", "nan"),
        ("distanceinmeters", "99"),
        ("distanceinmeters", "1001"),
    ],
)
def test_a_wrong_value_names_its_parameter_as_it_was_sent(name: str, value: str) -> None:
    with pytest.raises(BadQuery, match=name):
        read([(name, value)], LocationParameters)


@pytest.mark.parametrize(
    ("sent", "missing"),
    [({"latitude": "52"}, "longitude"), ({"longitude": "5"}, "latitude"), ({"distanceinmeters": "500"}, "latitude")],
)
def test_half_a_place_names_the_other_half(sent: dict[str, str], missing: str) -> None:
    with pytest.raises(BadQuery, match=f"'{missing}' must be specified"):
        location_query(read(sent.items(), LocationParameters), MINE)


def test_a_place_without_a_distance_means_100_metres() -> None:
    query = location_query(read([("latitude", "52"), ("longitude", "5")], LocationParameters), MINE)
    assert (query.latitude, query.longitude, query.distance_m) == (52.0, 5.0, 100.0)


@pytest.mark.parametrize("name", ["street", "housenumber", "city", "postcode", "country"])
def test_an_address_filter_is_passed_on_and_never_ignored(name: str) -> None:
    query = location_query(read([(name.upper(), "Utrecht")], LocationParameters), MINE)
    assert getattr(query, name) == "Utrecht"


@pytest.mark.parametrize(
    "sent",
    [
        "2026-03-02T08:00:00Z",
        "2026-03-02T08:00:00",
        "2026-03-02T09:00:00+01:00",
        "2026-03-02T09:00:00 01:00",
        "2026-03-02T08:00:00.250Z",
        "2026-03-02T08:00:00.2500001+00:00",
    ],
)
def test_times_come_with_fraction_zone_or_neither(sent: str) -> None:
    query = station_query(read([("date_from", sent)], StationParameters), MINE)
    assert query.date_from == datetime(2026, 3, 2, 8, tzinfo=UTC)
