"""/api/1.0/ChargeStations: list, one, create, replace, patch."""

from typing import Any

import pytest

from app.ports import Ports
from tests.api.conftest import (
    LOCATIONS,
    STATIONS,
    TEMPLATES,
    Api,
    connector,
    location_body,
    one,
    station_body,
    station_reports,
    template_body,
)
from tests.api.fields import CONNECTOR_KEYS, EVSE_KEYS, STATION_KEYS
from tests.conftest import XYZ
from tests.fakes import FakeClock

EMPTY_LISTS = {"default_charge_station_directions", "status_schedule", "auth_rules"}
IDS = ["UTR DEPOT 17", "a|b", "row/17", "100%", "50%2F50", "Straße-站-é", "utr-017", "what?#&=+;,", "..."]


def without_evses(*args: Any, **more: Any) -> dict[str, Any]:
    """A body that PUT and PATCH take alike."""
    return {key: value for key, value in station_body(*args, **more).items() if key != "evses"}


# --- Create ----------------------------------------------------------------------------------------------------------


async def test_a_minimal_create_answers_200_with_every_field(api: Api, location: dict[str, Any]) -> None:
    made = await api.ok("POST", STATIONS, station_body(location["id"]))
    assert set(made) == STATION_KEYS
    assert (made["status"], made["connectivity_status"], made["deploy_state"]) == ("UNKNOWN", "Offline", "Stock")
    assert (made["charger_type"], made["charging_speed"]) == ("Public", "Slow")
    assert made["created"] == made["modified"] == "2026-03-02T08:00:00Z"
    assert made["etag"]
    assert {key for key, value in made.items() if value == []} == EMPTY_LISTS
    [evse] = made["evses"]
    assert set(evse) == EVSE_KEYS
    assert (evse["uid"], evse["status"], evse["last_updated"]) == (
        "NL-ABC-EUTR-017-1",
        "UNKNOWN",
        "2026-03-02T08:00:00Z",
    )
    for key in ("status_schedule", "capabilities", "directions", "parking_restrictions", "images"):
        assert evse[key] == []
    assert set(evse["connectors"][0]) == CONNECTOR_KEYS
    assert await api.ok("GET", one(STATIONS, "UTR-017")) == made


@pytest.mark.parametrize(
    "field", ["charge_station_id", "location_id", "deploy_state", "default_charge_station_tariff_id", "evses"]
)
@pytest.mark.parametrize("how", ["left out", "null"])
async def test_a_missing_required_field_is_2000_naming_it(
    api: Api, location: dict[str, Any], field: str, how: str
) -> None:
    body = station_body(location["id"])
    body[field] = None
    if how == "left out":
        del body[field]
    answer = await api.send("POST", STATIONS, body)
    assert answer.status_code == 200
    assert answer.json()["status_code"] == 2000
    assert answer.json()["status_message"] == f"{field} not provided, and is a required field"
    assert answer.json()["data"] is None
    assert await api.ok("GET", STATIONS) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"deploy_state": "Store"}, "deploy_state"),
        ({"name": 17}, "name"),
        ({"charge_station_id": 17}, "charge_station_id"),
        ({"charge_station_id": " UTR"}, "charge_station_id"),
        ({"charge_station_id": "UTR\n17"}, "charge_station_id"),
        ({"charge_station_id": "Batch"}, "charge_station_id"),
        ({"charge_station_id": "ChargeStationTemplate"}, "charge_station_id"),
        ({"evses": [{"connectors": [connector(voltage=10**20)]}]}, "voltage"),
        ({"evses": [{"connectors": [connector(standard="PLUG")]}]}, "standard"),
        ({"evses": [{"connectors": [connector(), "no object"]}]}, "evses[0].connectors[1]"),
        ({"evses": [{"connectors": []}]}, "connectors"),
        ({"evses": [{"parking_restrictions": ["TREES"]}]}, "parking_restrictions"),
        ({"auth_rules": [{"type": "ClosedGroups"}]}, "auth_rules[0].value"),
    ],
)
async def test_an_invalid_field_is_2000_naming_it(
    api: Api, location: dict[str, Any], wrong: dict[str, Any], named: str
) -> None:
    http, status, message = await api.refused("POST", STATIONS, station_body(location["id"], **wrong))
    assert (http, status) == (200, 2000) and named in message
    assert await api.ok("GET", STATIONS) == []


async def test_an_unknown_location_in_the_body_is_2003_with_http_200(api: Api) -> None:
    http, status, message = await api.refused("POST", STATIONS, station_body("no-such-place"))
    assert (http, status) == (200, 2003) and "no-such-place" in message


async def test_an_id_that_exists_is_2000_and_changes_nothing(api: Api, station: dict[str, Any]) -> None:
    again = station_body(station["location_id"], name="an impostor")
    http, status, message = await api.refused("POST", STATIONS, again)
    assert (http, status) == (200, 2000) and "UTR-017" in message
    assert await api.ok("GET", one(STATIONS, "UTR-017")) == station


async def test_unknown_and_read_only_keys_are_ignored(api: Api, location: dict[str, Any]) -> None:
    extra = {
        "country": "NLD",
        "directions": [{"language": "en", "text": "left"}],
        "status": 5,
        "etag": "mine",
        "created": "long ago",
        "firmware_version": {"a": 1},
        "connectivity_status": "Online",
        "evses": [{"status": None, "last_updated": 7, "colour": "red", "connectors": [connector(last_updated="?")]}],
    }
    made = await api.ok("POST", STATIONS, station_body(location["id"], **extra))
    assert set(made) == STATION_KEYS
    assert (made["status"], made["firmware_version"], made["connectivity_status"]) == ("UNKNOWN", None, "Offline")
    assert made["etag"] != "mine" and made["created"] == "2026-03-02T08:00:00Z"
    assert set(made["evses"][0]) == EVSE_KEYS


# --- Ids and paths ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("station_id", IDS)
async def test_an_id_is_kept_as_written_and_found_again(api: Api, location: dict[str, Any], station_id: str) -> None:
    made = await api.ok("POST", STATIONS, station_body(location["id"], station_id))
    path = one(STATIONS, station_id)
    assert made["charge_station_id"] == station_id
    assert (await api.ok("GET", path))["charge_station_id"] == station_id
    patched = await api.ok("PATCH", path, {"charge_station_id": station_id, "name": "found"})
    body = station_body(location["id"], station_id, etag=patched["etag"], name="and replaced")
    assert (await api.ok("PUT", path, body))["name"] == "and replaced"
    assert [each["charge_station_id"] for each in await api.ok("GET", STATIONS)] == [station_id]


async def test_a_slash_in_an_id_may_stand_in_the_path_as_it_is(api: Api, location: dict[str, Any]) -> None:
    await api.ok("POST", STATIONS, station_body(location["id"], "depot/row/17"))
    for path in ("depot/row/17", "depot%2Frow/17", "depot/row/17/"):
        assert (await api.ok("GET", f"{STATIONS}/{path}"))["charge_station_id"] == "depot/row/17"
    assert (await api.refused("GET", f"{STATIONS}/depot"))[0] == 404


async def test_ids_that_differ_in_case_alone_are_different_stations(api: Api, station: dict[str, Any]) -> None:
    assert (await api.refused("GET", f"{STATIONS}/utr-017"))[0] == 404
    await api.ok("POST", STATIONS, station_body(station["location_id"], "utr-017"))
    assert await api.ok("GET", f"{STATIONS}/UTR-017") == station


@pytest.mark.parametrize(
    "collection", ["/API/1.0/CHARGESTATIONS", "/api/1.0/chargestations", "/Api/1.0/chargeStations"]
)
async def test_literal_segments_come_in_any_case(api: Api, station: dict[str, Any], collection: str) -> None:
    assert await api.ok("GET", f"{collection}/UTR-017") == station
    assert await api.ok("GET", collection + "/") == [station]


@pytest.mark.parametrize("word", ["batch", "BATCH"])
async def test_a_reserved_word_is_no_station(api: Api, word: str) -> None:
    assert (await api.refused("GET", f"{STATIONS}/{word}"))[0] == 405


# --- Replace ---------------------------------------------------------------------------------------------------------


async def test_get_edit_put_keeps_all_and_changes_what_was_edited(
    api: Api, station: dict[str, Any], clock: FakeClock
) -> None:
    clock.forward(minutes=5)
    edited = await api.ok("GET", one(STATIONS, "UTR-017"))
    edited["remarks"] = "Gate code with operations"
    edited["evses"][0]["directions"] = [{"language": "nl", "text": "Tweede rij"}]
    edited["evses"][0]["parking_restrictions"] = ["ev_only", "Customers"]
    put = await api.ok("PUT", one(STATIONS, "UTR-017"), edited)
    assert put["evses"][0]["parking_restrictions"] == ["EV_ONLY", "CUSTOMERS"]
    assert put["evses"][0]["directions"] == [{"language": "nl", "text": "Tweede rij"}]
    assert put["modified"] == put["evses"][0]["last_updated"] == "2026-03-02T08:05:00Z"
    assert put["etag"] != station["etag"] and put["created"] == station["created"]
    changed = {"remarks", "etag", "modified", "evses"}
    assert {key for key in put if put[key] != station[key]} == changed
    assert await api.ok("GET", one(STATIONS, "UTR-017")) == put


async def test_what_a_put_leaves_out_is_cleared_but_the_evses_stay(api: Api, station: dict[str, Any]) -> None:
    await api.ok("PATCH", one(STATIONS, "UTR-017"), {"charge_station_id": "UTR-017", "remarks": "old"})
    body = without_evses(station["location_id"], etag=(await api.ok("GET", one(STATIONS, "UTR-017")))["etag"])
    put = await api.ok("PUT", one(STATIONS, "UTR-017"), body)
    assert put["remarks"] is None
    assert [evse["uid"] for evse in put["evses"]] == ["NL-ABC-EUTR-017-1"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_stale_etag_is_2000_and_shows_the_stored_station_in_an_array(
    api: Api, station: dict[str, Any], method: str
) -> None:
    path = one(STATIONS, "UTR-017")
    newer = await api.ok("PATCH", path, {"charge_station_id": "UTR-017", "name": "newer"})
    answer = await api.send(method, path, without_evses(station["location_id"], etag=station["etag"], name="stale"))
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2000)
    assert "etag" in answer.json()["status_message"]
    assert answer.json()["data"] == [newer]
    assert await api.ok("GET", path) == newer


async def test_put_without_an_etag_names_it(api: Api, station: dict[str, Any]) -> None:
    answer = await api.send("PUT", one(STATIONS, "UTR-017"), station_body(station["location_id"]))
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2000)
    assert answer.json()["status_message"] == "etag not provided, and is a required field"
    assert answer.json()["data"] == [station]


async def test_put_on_an_unknown_id_creates_nothing(api: Api, location: dict[str, Any]) -> None:
    body = station_body(location["id"], "new", etag="00000000-0000-4000-8000-000000000001")
    assert (await api.refused("PUT", one(STATIONS, "new"), body))[:2] == (404, 2000)
    assert await api.ok("GET", STATIONS) == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_the_body_must_repeat_the_id_of_the_path(api: Api, station: dict[str, Any], method: str) -> None:
    path, body = one(STATIONS, "UTR-017"), without_evses(station["location_id"], "UTR-018", etag=station["etag"])
    http, status, message = await api.refused(method, path, body)
    assert (http, status) == (200, 2000) and "charge_station_id" in message
    del body["charge_station_id"]
    http, status, message = await api.refused(method, path, body)
    assert (http, status) == (200, 2000) and "charge_station_id" in message


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_move_to_an_unknown_or_foreign_location_is_refused(
    api: Api, station: dict[str, Any], method: str
) -> None:
    elsewhere = await api.ok("POST", LOCATIONS, location_body(cpo_id=XYZ), who="both CPOs")
    path, etag = one(STATIONS, "UTR-017"), station["etag"]
    for target in ("no-such-place", elsewhere["id"]):
        answer = await api.send(method, path, without_evses(target, etag=etag))
        assert (answer.status_code, answer.json()["status_code"]) == (200, 2003)
        assert answer.json()["data"] == [station]
    other_cpo = await api.refused(method, path, without_evses(elsewhere["id"], etag=etag), who="both CPOs")
    assert other_cpo[:2] == (200, 2000)


async def test_put_with_an_unknown_template_is_2000_with_http_200(api: Api, station: dict[str, Any]) -> None:
    body = without_evses(station["location_id"], etag=station["etag"], charge_station_template_id="no-such")
    http, status, message = await api.refused("PUT", one(STATIONS, "UTR-017"), body)
    assert (http, status) == (200, 2000) and "no-such" in message


async def test_put_with_a_template_rebuilds_the_evses(api: Api, station: dict[str, Any]) -> None:
    template = await api.ok("POST", TEMPLATES, template_body())
    body = without_evses(
        station["location_id"], etag=station["etag"], charge_station_template_id=template["template_id"]
    )
    assert len((await api.ok("PUT", one(STATIONS, "UTR-017"), body))["evses"]) == 2


# --- Patch -----------------------------------------------------------------------------------------------------------


async def test_patch_changes_what_it_names_and_null_clears(api: Api, station: dict[str, Any]) -> None:
    path = one(STATIONS, "UTR-017")
    set_to = {"charge_station_id": "UTR-017", "name": "Row 17", "stop_on_parking": False}
    patched = await api.ok("PATCH", path, set_to)
    assert {key for key in patched if patched[key] != station[key]} == {"name", "stop_on_parking", "etag"}
    cleared = await api.ok("PATCH", path, {"charge_station_id": "UTR-017", "name": None, "etag": patched["etag"]})
    assert (cleared["name"], cleared["stop_on_parking"]) == (None, False)


async def test_patch_with_null_for_a_required_field_is_2000(api: Api, station: dict[str, Any]) -> None:
    body = {"charge_station_id": "UTR-017", "default_charge_station_tariff_id": None}
    http, status, message = await api.refused("PATCH", one(STATIONS, "UTR-017"), body)
    assert (http, status) == (200, 2000) and "default_charge_station_tariff_id" in message


async def test_patch_merges_an_evse_by_uid_and_its_connector_by_id(api: Api, station: dict[str, Any]) -> None:
    wanted = {
        "uid": station["evses"][0]["uid"],
        "directions": [{"language": "nl", "text": "Rechts van de wasstraat"}],
        "parking_restrictions": ["plugged"],
        "connectors": [{"id": "1", "tariff_id": "T-NIGHT"}],
    }
    body = {"charge_station_id": "UTR-017", "evses": [wanted]}
    [evse] = (await api.ok("PATCH", one(STATIONS, "UTR-017"), body))["evses"]
    assert evse["parking_restrictions"] == ["PLUGGED"]
    assert evse["directions"] == wanted["directions"]
    assert (evse["connectors"][0]["tariff_id"], evse["connectors"][0]["voltage"]) == ("T-NIGHT", 230)


async def test_patch_of_an_evse_that_is_not_there_is_2000(api: Api, station: dict[str, Any]) -> None:
    body = {"charge_station_id": "UTR-017", "evses": [{"uid": "NL-ABC-EUTR-017-9", "floor_level": "1"}]}
    http, status, message = await api.refused("PATCH", one(STATIONS, "UTR-017"), body)
    assert (http, status) == (200, 2000) and "evses" in message


# --- List ------------------------------------------------------------------------------------------------------------


async def test_three_pages_are_linked_and_hold_everything_once(api: Api, location: dict[str, Any]) -> None:
    for number in range(5):
        await api.ok("POST", STATIONS, station_body(location["id"], f"S-{number}"))
    found: list[str] = []
    url: str | None = f"{STATIONS}?limit=2&cpoId=ABC%20Charging"
    pages = 0
    while url:
        answer = await api.send("GET", url)
        assert (answer.headers["x-total-count"], answer.headers["x-limit"]) == ("5", "2")
        found += [each["charge_station_id"] for each in answer.json()["data"]]
        url = answer.links["next"]["url"] if "link" in answer.headers else None
        assert url is None or url.startswith("https://stationlink.example/api/1.0/ChargeStations?cpoId=ABC+Charging&")
        pages += 1
    assert (found, pages) == ([f"S-{number}" for number in range(5)], 3)


async def test_limit_defaults_to_100_and_is_capped_at_1000(api: Api) -> None:
    assert (await api.send("GET", STATIONS)).headers["x-limit"] == "100"
    assert (await api.send("GET", f"{STATIONS}?limit=5000")).headers["x-limit"] == "1000"


async def test_filters_by_location_and_cpo(api: Api, station: dict[str, Any]) -> None:
    other = await api.ok("POST", LOCATIONS, location_body(name="Elsewhere"))
    home = await api.ok("POST", LOCATIONS, location_body(cpo_id=XYZ), who="both CPOs")
    await api.ok("POST", STATIONS, station_body(other["id"], "S-2"))
    await api.ok("POST", STATIONS, station_body(home["id"], "S-3"), who="both CPOs")

    async def ids(query: str) -> list[str]:
        return [each["charge_station_id"] for each in await api.ok("GET", f"{STATIONS}?{query}", who="both CPOs")]

    assert await ids("") == ["UTR-017", "S-2", "S-3"]
    assert await ids(f"location_id={other['id'].upper()}") == ["S-2"]
    assert await ids("cpoId=XYZ%20Power") == ["S-3"]
    assert await ids("cpoId=xyz%20power") == []
    assert await ids("location_id=nowhere") == []


async def test_dates_bound_the_last_change_from_inclusive_to_exclusive(
    api: Api, station: dict[str, Any], clock: FakeClock
) -> None:
    clock.forward(hours=1)
    await api.ok("POST", STATIONS, station_body(station["location_id"], "S-2"))

    async def ids(query: str) -> list[str]:
        return [each["charge_station_id"] for each in await api.ok("GET", f"{STATIONS}?{query}")]

    assert await ids("date_from=2026-03-02T09:00:00Z") == ["S-2"]
    assert await ids("date_to=2026-03-02T09:00:00Z") == ["UTR-017"]
    assert await ids("date_from=2026-03-02T08:00:00Z&date_to=2026-03-02T09:00:01Z") == ["UTR-017", "S-2"]
    assert await ids("date_from=2026-03-02T09:00:01Z") == []


async def test_an_evse_change_counts_unless_it_is_excluded(
    api: Api, station: dict[str, Any], ports: Ports, clock: FakeClock
) -> None:
    clock.forward(hours=1)
    await station_reports(ports, "UTR-017", "Available")
    since = f"{STATIONS}?date_from=2026-03-02T09:00:00Z"
    assert len(await api.ok("GET", since)) == 1
    assert await api.ok("GET", f"{since}&exclude_evses_modified=true") == []


# --- Live ------------------------------------------------------------------------------------------------------------


async def test_a_station_in_stock_shows_what_it_reports_and_keeps_its_etag(
    api: Api, station: dict[str, Any], ports: Ports, clock: FakeClock
) -> None:
    clock.forward(minutes=1)
    await station_reports(ports, "UTR-017", "Available")
    heard = await api.ok("GET", one(STATIONS, "UTR-017"))
    assert set(heard) == STATION_KEYS
    assert (heard["status"], heard["connectivity_status"], heard["deploy_state"]) == ("AVAILABLE", "Online", "Stock")
    assert (heard["evses"][0]["status"], heard["evses"][0]["last_updated"]) == ("AVAILABLE", "2026-03-02T08:01:00Z")
    assert (heard["charge_point_vendor"], heard["firmware_version"]) == ("ExampleVendor", "6.1.0")
    assert (heard["client_ip_address"], heard["protocol_version"]) == ("192.0.2.19", "Ocpp16")
    assert (heard["etag"], heard["modified"]) == (station["etag"], station["modified"])
    await api.ok("PUT", one(STATIONS, "UTR-017"), {**heard, "etag": station["etag"], "name": "won"})


async def test_deprecated_reads_removed(api: Api, station: dict[str, Any], ports: Ports) -> None:
    await station_reports(ports, "UTR-017", "Available")
    body = {"charge_station_id": "UTR-017", "deploy_state": "Deprecated"}
    assert (await api.ok("PATCH", one(STATIONS, "UTR-017"), body))["evses"][0]["status"] == "REMOVED"


async def test_the_link_goes_on_where_the_page_ended_while_stations_come_and_keeps_the_first_total(
    api: Api, location: dict[str, Any]
) -> None:
    for number in range(5):
        await api.ok("POST", STATIONS, station_body(location["id"], f"S-{number}"))
    answer = await api.send("GET", f"{STATIONS}?limit=2")
    await api.ok("POST", STATIONS, station_body(location["id"], "S-9"))
    found, totals = [], []
    while True:
        found += [each["charge_station_id"] for each in answer.json()["data"]]
        totals.append(answer.headers["x-total-count"])
        if "link" not in answer.headers:
            break
        answer = await api.send("GET", answer.links["next"]["url"])
    assert found == [f"S-{number}" for number in (0, 1, 2, 3, 4, 9)]
    assert totals == ["5", "5", "5"]


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WyJ4IiwxXQ"])
async def test_a_cursor_that_was_never_handed_out_is_named(api: Api, cursor: str) -> None:
    answer = await api.send("GET", f"{STATIONS}?cursor={cursor}")
    assert (answer.status_code, answer.json()["status_code"]) == (400, 2001)
    assert "cursor" in answer.json()["status_message"]


async def test_a_text_of_an_evse_that_is_longer_than_ocpi_has_it_is_kept_whole_and_told(
    api: Api, location: dict[str, Any]
) -> None:
    evse = {"floor_level": "basement", "physical_reference": "17A", "connectors": [connector(tariff_id="T" * 37)]}
    answer = await api.send("POST", STATIONS, station_body(location["id"], evses=[evse, {"connectors": [connector()]}]))
    told = "Success; longer than OCPI 2.1.1 has it: evses.floor_level (4), evses.connectors.tariff_id (36)"
    assert (answer.json()["status_code"], answer.json()["status_message"]) == (1000, told)
    station = await api.ok("GET", one(STATIONS, "UTR-017"))
    assert station["evses"][0]["floor_level"] == "basement"
    again = await api.send("PUT", one(STATIONS, "UTR-017"), station)
    assert again.json()["status_message"] == told
    patch = {"charge_station_id": "UTR-017", "evses": [{"evse_sequence_number": 2, "floor_level": "-1"}]}
    assert (await api.send("PATCH", one(STATIONS, "UTR-017"), patch)).json()["status_message"] == "Success"
