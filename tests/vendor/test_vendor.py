"""The vendor's server itself: what the other tests rest on."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.live import location_body, station_body, template_body
from tests.vendor import Vendor
from tests.vendor.dress import PLAIN

STATIONS, LOCATIONS = "/api/1.0/ChargeStations", "/api/2.0/Locations"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor().serving() as running:
        running.give_key("key", "ABC Charging")
        yield running


@pytest.fixture
def client(vendor: Vendor) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=vendor.url, headers={"Authorization": "Token key"}, timeout=5) as opened:
        yield opened


def data(answer: httpx.Response) -> Any:
    assert answer.json()["status_code"] in (1000, "1000"), answer.text
    return answer.json()["data"]


def station(client: httpx.Client, station_id: str = "UTR-1") -> Any:
    place = data(client.post(LOCATIONS, json=location_body()))
    client.post(f"{STATIONS}/ChargestationTemplate", json=template_body())
    return data(client.post(STATIONS, json=station_body(station_id, place["id"], charger_type="Public")))


def test_it_talks_as_the_examples_do(client: httpx.Client) -> None:
    made = station(client)
    assert made["evses"][0]["connectors"][0]["voltage"] == "230"
    assert made["created"].endswith(".58") and "charge_station_template_id" not in made
    listed = client.get(STATIONS)
    assert "x-total-count" not in listed.headers and listed.json()["status_code"] == "1000"
    assert data(client.get(LOCATIONS))[0]["time_zone"] == "W. Europe Standard Time"


def test_a_put_clears_what_it_leaves_out_and_wants_the_etag(client: httpx.Client, vendor: Vendor) -> None:
    vendor.quirks = PLAIN
    made = station(client)
    path = f"{STATIONS}/UTR-1"
    assert made["site_asset_number"] == "asset UTR-1" and made["evses"][1]["bay_marking"] == "bay 2"
    bare = station_body("UTR-1", made["location_id"], charger_type="Public")
    refused = client.put(path, json=bare).json()
    assert (refused["status_code"], refused["data"][0]["etag"]) == (2000, made["etag"])
    put = data(client.put(path, json=bare | {"etag": made["etag"]}))
    assert put["site_asset_number"] is None and put["etag"] != made["etag"]
    stale = client.put(path, json=bare | {"etag": made["etag"]}).json()
    assert (stale["status_code"], stale["data"][0]["etag"]) == (2000, put["etag"])


def test_a_patch_with_evses_is_refused_or_ignored(client: httpx.Client, vendor: Vendor) -> None:
    made = station(client)
    body = {"charge_station_id": "UTR-1", "evses": [{"uid": made["evses"][0]["uid"], "floor_level": "-1"}]}
    assert client.patch(f"{STATIONS}/UTR-1", json=body).json()["status_code"] == "2000"
    vendor.books.evses_in_patch = "ignored"
    assert data(client.patch(f"{STATIONS}/UTR-1", json=body))["evses"][0]["floor_level"] is None


def test_a_blind_repeat_makes_a_second_location_and_no_second_station(client: httpx.Client, vendor: Vendor) -> None:
    made = station(client)
    again = client.post(STATIONS, json=station_body("UTR-1", made["location_id"], charger_type="Public")).json()
    assert (again["status_code"], type(again["data"])) == ("2000", list)
    body = location_body(id="22222222-0000-4000-8000-000000000001")
    first, second = data(client.post(LOCATIONS, json=body)), data(client.post(LOCATIONS, json=body))
    assert first["id"] == body["id"] != second["id"]
    vendor.books.honours_ids = False
    assert data(client.post(LOCATIONS, json=location_body(id="x" * 36)))["id"] != "x" * 36


@pytest.mark.parametrize(("kind", "done"), [("drop", True), ("fail_after", True), ("fail_before", False)])
def test_a_fault_is_met_once_before_or_after(client: httpx.Client, vendor: Vendor, kind: str, done: bool) -> None:
    fault = vendor.fault(kind)
    try:
        assert client.post(LOCATIONS, json=location_body()).status_code == 500
    except httpx.RemoteProtocolError:
        assert kind == "drop"
    assert (fault.met, len(vendor.books.locations)) == (1, int(done))
    data(client.post(LOCATIONS, json=location_body()))


def test_keys_expire_lack_modules_and_end_at_their_cpos(client: httpx.Client, vendor: Vendor) -> None:
    station(client)
    vendor.give_key("key", "Others")
    assert client.get(f"{STATIONS}/UTR-1").status_code == 404 and data(client.get(LOCATIONS)) == []
    vendor.give_key("key", "ABC Charging", modules=("locations",))
    assert (client.get(STATIONS).status_code, client.get(LOCATIONS).status_code) == (403, 200)
    vendor.expire("key")
    assert client.get(LOCATIONS).status_code == 401


def test_a_reset_is_accepted_pending_and_done_and_the_station_comes_back(client: httpx.Client, vendor: Vendor) -> None:
    station(client)
    vendor.station_online("UTR-1")
    told = data(client.post("/api/1.0/remotecommands/RESET", json={"charge_station_id": "UTR-1", "type": "Soft"}))
    path = f"/api/1.0/remotecommands/uid/{told['charge_station_notification_id']}"
    assert [data(client.get(path))["result"] for _ in range(3)] == ["PENDING", "PENDING", "ACCEPTED"]
    looks = [data(client.get(f"{STATIONS}/UTR-1"))["connectivity_status"] for _ in range(3)]
    assert looks == ["Offline", "Offline", "Online"]
