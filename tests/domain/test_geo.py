"""Distances that can be checked on a map."""

import pytest

from app.domain.geo import distance_m


def test_utrecht_to_amsterdam_is_as_far_as_the_map_says() -> None:
    assert distance_m(52.0907, 5.1214, 52.3731, 4.8922) == pytest.approx(35_080, rel=0.01)


def test_a_point_is_nowhere_from_itself_and_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m(52, 5, 52, 5) == 0
    assert distance_m(0, 0, 1, 0) == pytest.approx(111_195, abs=10)
