"""The wire to a platform: what is repeated and what never, pauses, and answers in every form that was seen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import msgspec
import pytest

from app.domain.errors import PlatformBusy, PlatformKeyRefused, PlatformUnavailable
from app.domain.locations import Location
from app.domain.model import HardwareTemplate, ParkingRestriction
from app.domain.stations import ChargeStation
from app.platforms.remote.cleaning import readable, writable
from app.platforms.remote.wire import OutcomeUnknown, Timing, Unsent, Wire

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FINE = httpx.Response(200, json={"status_code": 1000, "data": []})

Step = httpx.Response | Exception


@dataclass
class Script:
    """Answers in order; time passes only when somebody sleeps."""

    steps: list[Step]
    slept: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.method)
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def wire(self) -> Wire:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.respond), base_url="http://vendor")
        elapsed: Callable[[], float] = lambda: sum(self.slept)  # noqa: E731
        return Wire(client, Timing(self.sleep, elapsed, lambda: NOW + timedelta(seconds=elapsed()), lambda: 0.5))


def enveloped(data: Any, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"status_code": 1000, "data": data, **more})


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
async def test_what_was_certainly_not_sent_is_sent_again(method: str, error: Exception) -> None:
    script = Script([error, error, FINE])
    assert (await script.wire().call(method, "/x")).accepted
    assert script.slept == [0.25, 0.5]


UNKNOWN: list[Step] = [
    httpx.ReadTimeout("x"),
    httpx.RemoteProtocolError("x"),
    httpx.Response(503),
    httpx.Response(200, text="<html>"),
    httpx.Response(200, json={"status_code": 3000}),
]


@pytest.mark.parametrize("step", UNKNOWN)
async def test_a_read_without_an_answer_is_repeated_and_a_write_is_not(step: Step) -> None:
    script = Script([step, FINE])
    assert (await script.wire().call("GET", "/x")).accepted
    for method in ("POST", "PUT", "PATCH"):
        script = Script([step, FINE])
        with pytest.raises(OutcomeUnknown):
            await script.wire().call(method, "/x")
        assert script.asked == [method]


async def test_nothing_is_repeated_for_ever() -> None:
    script = Script([httpx.ConnectError("x")] * 10)
    with pytest.raises(Unsent):
        await script.wire().call("GET", "/x")
    assert len(script.asked) == 4


@pytest.mark.parametrize("status", [401, 403, 302, 413])
async def test_a_refusal_that_is_none_of_the_api_is_final(status: int) -> None:
    script = Script([httpx.Response(status), FINE])
    with pytest.raises(PlatformUnavailable) as error:
        await script.wire().call("POST", "/x")
    assert script.asked == ["POST"]
    assert not isinstance(error.value, OutcomeUnknown)
    assert isinstance(error.value, PlatformKeyRefused) == (status in (401, 403))


@pytest.mark.parametrize("after", ["2", format_datetime(NOW + timedelta(seconds=2), usegmt=True)])
async def test_a_short_pause_is_waited_out_for_writes_too(after: str) -> None:
    slow = httpx.Response(429, headers={"Retry-After": after})
    script = Script([slow, FINE])
    assert (await script.wire().call("POST", "/x")).accepted
    assert sum(script.slept) >= 2 and script.asked == ["POST", "POST"]


async def test_a_long_pause_is_told_and_holds_for_every_call_until_it_is_over() -> None:
    script = Script([httpx.Response(429, headers={"Retry-After": "120"}), FINE])
    wire = script.wire()
    with pytest.raises(PlatformBusy) as first:
        await wire.call("POST", "/x")
    assert first.value.detail == {"retry_after": 120}
    script.slept.append(50.0)
    with pytest.raises(PlatformBusy) as second:
        await wire.call("GET", "/y")
    assert (second.value.detail, script.asked) == ({"retry_after": 70}, ["POST"])
    script.slept.append(70.0)
    assert (await wire.call("GET", "/y")).accepted


@pytest.mark.parametrize("after", [None, "soon", "-5", "999999999"])
async def test_a_pause_of_no_known_length_has_one_all_the_same(after: str | None) -> None:
    limited = {"status_code": 2000, "status_message": "Rate limit exceeded"}
    script = Script([httpx.Response(200, json=limited, headers={"Retry-After": after} if after else {})])
    with pytest.raises(PlatformBusy) as error:
        await script.wire().call("POST", "/x")
    assert 30 <= error.value.detail["retry_after"] <= 3600


@pytest.mark.parametrize(
    ("response", "rows"),
    [
        (enveloped([{"a": 1}, {"a": 2}]), [{"a": 1}, {"a": 2}]),
        (enveloped({"a": 1}), [{"a": 1}]),
        (httpx.Response(200, json={"status_code": "1000", "status_message": "Succes"}), []),
        (httpx.Response(200, json={"status_code": 1000, "data": None}), []),
        (httpx.Response(200, json=[{"a": 1}]), [{"a": 1}]),
        (httpx.Response(200, json={"data": {"a": 1}}), [{"a": 1}]),
    ],
)
async def test_an_envelope_is_read_in_every_form(response: httpx.Response, rows: list[Any]) -> None:
    answer = await Script([response]).wire().call("GET", "/x")
    assert answer.accepted
    assert [msgspec.json.decode(row) for row in answer.rows()] == rows


QUOTED = {
    "charge_station_id": "UTR-1",
    "location_id": "L",
    "deploy_state": "Stock",
    "default_charge_station_tariff_id": "T",
    "charger_type": "public",
    "created": "2020-03-27T15:09:15.58",
    "tap_to_stop": "true",
    "default_charge_station_directions": None,
    "extra": {"kept": "1"},
    "evses": [
        {
            "uid": "U1",
            "evse_sequence_number": "1",
            "status": "BRAND_NEW",
            "parking_restrictions": ["Customers", "HOVERCRAFT"],
            "connectors": [{"id": 1, "voltage": "230", "max_electric_power": "11000", "extra": "2"}],
        }
    ],
}


def test_a_quoted_station_is_read_as_ours_and_keeps_what_we_do_not_know() -> None:
    row = readable(msgspec.json.encode(QUOTED), ChargeStation)
    station = msgspec.json.decode(row, type=ChargeStation)
    evse = station.evses[0]
    assert evse.connectors is not None
    assert (evse.evse_sequence_number, evse.connectors[0].voltage, evse.connectors[0].id) == (1, 230, "1")
    assert evse.parking_restrictions == [ParkingRestriction.CUSTOMERS]
    assert station.tap_to_stop is True
    assert msgspec.json.decode(row)["extra"] == {"kept": "1"}


def test_what_is_written_back_is_in_the_schema_and_loses_nothing() -> None:
    document = writable(QUOTED, ChargeStation)
    evse = document["evses"][0]
    assert evse["parking_restrictions"] == ["CUSTOMERS", "HOVERCRAFT"]
    assert evse["connectors"][0] == {"id": "1", "voltage": 230, "max_electric_power": 11000, "extra": "2"}
    assert document["extra"] == {"kept": "1"} and document["default_charge_station_directions"] is None


def test_a_row_that_is_fine_is_passed_on_byte_by_byte() -> None:
    row = b'{ "template_id": "t", "name": null, "new": 1 }'
    assert readable(row, HardwareTemplate) is row


def test_a_location_in_windows_time_with_numbers_for_coordinates_is_read() -> None:
    body = {"id": "L", "cpo_id": "C", "name": "n", "address": "a", "city": "c", "postal_code": 1234, "country": "NLD",
            "created": "2020-05-26T13:57:11.683Z", "coordinates": {"latitude": 52.09, "longitude": 5.12},
            "facilities": None, "time_zone": "W. Europe Standard Time"}  # fmt: skip
    location = msgspec.json.decode(readable(msgspec.json.encode(body), Location), type=Location)
    assert location.coordinates is not None
    assert (location.postal_code, location.coordinates.latitude, location.facilities) == ("1234", "52.09", [])


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2022-08-19T08:00:00.655", datetime(2022, 8, 19, 8, 0, 0, 655000)),
        ("2026-07-15T08:00:00.1234567+00:00", datetime(2026, 7, 15, 8, 0, 0, 123457, tzinfo=UTC)),
        ("2021-01-27T00:00:00", datetime(2021, 1, 27)),
        ("2021-01-27", None),
        ("27-1-2021", None),
    ],
)
def test_a_date_is_read_in_every_published_form_and_another_one_is_left_out(sent: str, read: datetime | None) -> None:
    """What is left out of our reading goes back as it came."""
    body = QUOTED | {"installation_date": sent}
    row = readable(msgspec.json.encode(body), ChargeStation)
    assert msgspec.json.decode(row, type=ChargeStation).installation_date == read
    assert writable(body, ChargeStation)["installation_date"] == sent
