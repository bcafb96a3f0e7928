"""Every form of a date that platform-api 1.3 names is taken, in queries and bodies, and answered in one form."""

from typing import Any

import pytest

from tests.api.conftest import LOCATIONS, STATIONS, Api, connector, location_body, one, station_body
from tests.fakes import FakeClock

FORMS = {
    "Z": "2026-03-02T08:00:00Z",
    "no zone is UTC": "2026-03-02T08:00:00",
    "short fraction, no zone": "2026-03-02T08:00:00.58",
    "milliseconds, no zone": "2026-03-02T08:00:00.655",
    "milliseconds and Z": "2026-03-02T08:00:00.683Z",
    "seven digits and an offset of nothing": "2026-03-02T08:00:00.1234567+00:00",
    "offset to the east": "2026-03-02T09:30:00+01:30",
    "offset to the west": "2026-03-02T03:00:00-05:00",
    "offset without a colon": "2026-03-02T09:00:00+0100",
    "fraction and offset": "2026-03-02T09:00:00.123456789+01:00",
    "a space for the T": "2026-03-02 08:00:00Z",
    "small letters": "2026-03-02t08:00:00z",
}
WRITTEN = "2026-03-02T08:00:00Z"
LATER = "2026-03-02T08:00:01Z"
WRONG = [
    "2026-03-02",
    "2026-03-02T08:00",
    "2026-03-02T08:00Z",
    "2026-03-02T08:00:00+01",
    "2026-02-30T08:00:00Z",
    "2026-03-02T24:00:00Z",
    "20260302T080000Z",
    "02-03-2026 08:00:00",
    "1772438400",
    "2026",
    "yesterday",
]
"""Not named there, or no moment at all."""
EXPECTED = "is not valid: expected a date-time such as 2026-03-02T08:00:00Z"


@pytest.mark.parametrize("sent", FORMS.values(), ids=FORMS)
async def test_a_station_is_written_with_every_form(api: Api, location: dict[str, Any], sent: str) -> None:
    schedule = [{"period_begin": sent, "period_end": "2026-03-03T00:00:00", "status": "PLANNED"}]
    evses = [{"connectors": [connector()], "status_schedule": schedule}]
    body = station_body(location["id"], installation_date=sent, status_schedule=schedule, evses=evses)
    made = await api.ok("POST", STATIONS, body)
    assert made["installation_date"] == WRITTEN
    for found in (made["status_schedule"], made["evses"][0]["status_schedule"]):
        assert [(period["period_begin"], period["period_end"]) for period in found] == [
            (WRITTEN, "2026-03-03T00:00:00Z")
        ]
    again = await api.ok("PUT", one(STATIONS, "UTR-017"), {**made, "installation_date": sent})
    assert again["installation_date"] == WRITTEN


@pytest.mark.parametrize("sent", FORMS.values(), ids=FORMS)
async def test_a_location_is_written_with_every_form(api: Api, sent: str) -> None:
    period = [{"period_begin": sent, "period_end": "2026-03-03T00:00:00"}]
    hours = {"exceptional_openings": period, "exceptional_closings": period}
    made = (await api.ok("POST", LOCATIONS, location_body(opening_times=hours)))["opening_times"]
    written = [{"period_begin": WRITTEN, "period_end": "2026-03-03T00:00:00Z"}]
    assert (made["exceptional_openings"], made["exceptional_closings"]) == (written, written)


@pytest.mark.parametrize("collection", [STATIONS, LOCATIONS])
@pytest.mark.parametrize("sent", FORMS.values(), ids=FORMS)
async def test_a_list_is_asked_for_with_every_form(
    api: Api, station: dict[str, Any], collection: str, sent: str
) -> None:
    """The station and its location were written at that very second: from is inclusive, to is exclusive."""

    async def found(**query: str) -> int:
        return len((await api.send("GET", collection, params=query)).json()["data"])

    assert (await found(date_from=sent), await found(date_from=LATER)) == (1, 0)
    assert (await found(date_to=sent), await found(date_to=LATER)) == (0, 1)


@pytest.mark.parametrize("sent", WRONG)
async def test_any_other_form_is_refused_in_words(api: Api, location: dict[str, Any], sent: str) -> None:
    body = station_body(location["id"], installation_date=sent)
    assert await api.refused("POST", STATIONS, body) == (200, 2000, f"installation_date {EXPECTED}")
    for name in ("date_from", "date_to"):
        asked = await api.refused("GET", STATIONS, params={name: sent})
        assert asked == (400, 2001, f"{name} {EXPECTED}")


@pytest.mark.parametrize("sent", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
async def test_a_moment_beyond_the_calendar_is_refused_in_words(api: Api, location: dict[str, Any], sent: str) -> None:
    """The least and the latest date of many systems, with the zone they were made in."""
    body = station_body(location["id"], installation_date=sent)
    beyond = "is not valid: expected a time between the years 1 and 9999"
    assert await api.refused("POST", STATIONS, body) == (200, 2000, f"installation_date {beyond}")
    for collection in (STATIONS, LOCATIONS):
        for name in ("date_from", "date_to"):
            asked = await api.refused("GET", collection, params={name: sent})
            assert asked == (400, 2001, f"{name} {beyond}")


async def test_the_first_date_of_all_asks_for_everything_and_the_last_too(api: Api, station: dict[str, Any]) -> None:
    for collection in (STATIONS, LOCATIONS):
        for query in ({"date_from": "0001-01-01T00:00:00"}, {"date_to": "9999-12-31T23:59:59"}):
            assert len((await api.send("GET", collection, params=query)).json()["data"]) == 1


async def test_what_was_sent_in_another_form_and_is_read_only_does_not_count(
    api: Api, station: dict[str, Any], clock: FakeClock
) -> None:
    """A body from elsewhere may hold them in any shape: they are the server's."""
    clock.forward(minutes=1)
    sent = {**station, "created": "2020-03-27T15:09:15.58", "modified": "yesterday"}
    put = await api.ok("PUT", one(STATIONS, "UTR-017"), sent)
    assert (put["created"], put["modified"]) == (WRITTEN, "2026-03-02T08:01:00Z")
