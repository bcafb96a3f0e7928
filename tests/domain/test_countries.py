from zoneinfo import available_timezones

import pytest

from app.domain.countries import ALPHA3, ZONES, alpha3, driver_language, time_zone
from app.domain.errors import InvalidField
from app.domain.languages import ISO_639_1


def test_every_country_has_a_time_zone_and_a_language_that_exist() -> None:
    assert ZONES.keys() == ALPHA3.keys()
    assert set(ZONES.values()) <= available_timezones()
    assert {driver_language(country) for country in ALPHA3} <= ISO_639_1
    assert len(ISO_639_1) == 183


def test_a_country_is_read_in_any_case() -> None:
    assert (alpha3(" nl "), time_zone(" gb ")) == ("NLD", "Europe/London")
    with pytest.raises(InvalidField, match="country"):
        time_zone("XX")
