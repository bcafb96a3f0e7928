"""/api/2.0/Locations: list, one, create, replace, patch, and the EVSEs of their stations."""

from typing import Any

import pytest

from app.domain.facts import FactKind
from app.domain.people import Cpo
from app.ports import Change, Ports, Put
from tests.api.conftest import LOCATIONS, STATIONS, Api, connector, location_body, one, station_body, station_reports
from tests.api.fields import EVSE_KEYS, LOCATION_KEYS
from tests.conftest import ABC, XYZ
from tests.fakes import FakeClock

EMPTY_LISTS = {"directions", "facilities", "auth_rules", "custom_groups", "customised_fields", "evses"}
GUID = "5B8A1D6E-2f60-4f0c-9a57-0c7d1b5e9f21"


def at(latitude: str, longitude: str, **more: Any) -> dict[str, Any]:
    return location_body(coordinates={"latitude": latitude, "longitude": longitude}, **more)


# --- Create ----------------------------------------------------------------------------------------------------------


async def test_a_minimal_create_answers_200_with_every_field(api: Api) -> None:
    made = await api.ok("POST", LOCATIONS, location_body())
    assert set(made) == LOCATION_KEYS
    assert made["id"] and made["etag"]
    assert (made["publish"], made["access_type"], made["type"]) == (False, "PRIVATE", "UNKNOWN")
    assert made["created"] == made["modified"] == made["last_updated"] == "2026-03-02T08:00:00Z"
    assert made["operator"] == {"name": "ABC Charging", "website": None, "logo": None, "phone_number": None}
    assert made["opening_times"] == {
        "regular_hours": [],
        "twentyfourseven": True,
        "exceptional_openings": [],
        "exceptional_closings": [],
    }
    assert {key for key, value in made.items() if value == []} == EMPTY_LISTS
    assert await api.ok("GET", one(LOCATIONS, made["id"])) == made


async def test_a_cpo_whose_stations_are_on_another_platform_gets_no_location_here(api: Api, ports: Ports) -> None:
    """Nobody would ever see it: its installers work on that platform."""
    (cpo, rev) = (await ports.store.find(Cpo, cpo_id=ABC))[0]
    cpo.platform = "acceptance"
    await ports.store.commit(Change(writes=(Put(cpo, rev),)))
    http, status, message = await api.refused("POST", LOCATIONS, location_body())
    assert (http, status) == (200, 2000) and message.startswith("cpo_id") and ABC in message
    assert await api.ok("GET", LOCATIONS) == []


async def test_the_senders_id_is_kept_and_found_in_any_case(api: Api) -> None:
    made = await api.ok("POST", LOCATIONS, location_body(id=GUID))
    assert made["id"] == GUID
    for spelling in (GUID, GUID.lower(), GUID.upper()):
        assert await api.ok("GET", one(LOCATIONS, spelling)) == made
    http, status, message = await api.refused("POST", LOCATIONS, location_body(id=GUID.lower()))
    assert (http, status) == (200, 2000) and GUID.lower() in message.lower()


@pytest.mark.parametrize("field", ["cpo_id", "name", "address", "city", "postal_code", "country"])
@pytest.mark.parametrize("how", ["left out", "null", "blank"])
async def test_a_missing_required_field_is_2000_naming_it(api: Api, field: str, how: str) -> None:
    body = location_body(**{field: {"null": None, "blank": " "}.get(how)})
    if how == "left out":
        del body[field]
    http, status, message = await api.refused("POST", LOCATIONS, body)
    assert (http, status, message) == (200, 2000, f"{field} not provided, and is a required field")
    assert await api.ok("GET", LOCATIONS) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"type": "MOON"}, "type"),
        ({"publish": "yes"}, "publish"),
        ({"coordinates": {"latitude": True, "longitude": "5.1"}}, "coordinates.latitude"),
        ({"coordinates": {"latitude": 90.1, "longitude": 5.1}}, "coordinates.latitude"),
        ({"coordinates": {"latitude": 1e300, "longitude": 5.1}}, "coordinates.latitude"),
        ({"coordinates": {"latitude": "north", "longitude": "5.1"}}, "coordinates"),
        ({"country": "Netherlands"}, "country"),
        ({"opening_times": {"regular_hours": [{"weekday": 1}]}}, "opening_times.regular_hours[0].period_begin"),
        ({"energy_mix": "c0de0000-0000-4000-8000-000000000001"}, "energy_mix"),
        ({"cpo_id": "abc charging"}, "abc charging"),
    ],
)
async def test_an_invalid_field_is_2000_naming_it(api: Api, wrong: dict[str, Any], named: str) -> None:
    http, status, message = await api.refused("POST", LOCATIONS, location_body(**wrong))
    assert (http, status) == (200, 2000) and named in message
    assert await api.ok("GET", LOCATIONS) == []


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ((52.09074, 5.12142), ("52.09074", "5.12142")),
        ((52, -5), ("52", "-5")),
        ((50.0, 0.0), ("50", "0")),
        ((0.0000001, -0.0000001), ("0.0000001", "-0.0000001")),
        ((52.1, "5.121420"), ("52.1", "5.121420")),
        ((5.1214200000000005, 5.1214200000000005), ("5.12142", "5.12142")),
    ],
)
async def test_coordinates_may_come_as_numbers_and_are_strings_from_then_on(
    api: Api, sent: tuple[Any, Any], written: tuple[str, str]
) -> None:
    given = dict(zip(("latitude", "longitude"), sent, strict=True))
    shown = dict(zip(("latitude", "longitude"), written, strict=True))
    made = await api.ok("POST", LOCATIONS, location_body(coordinates=given))
    assert made["coordinates"] == shown
    evses = [{"coordinates": given, "connectors": [connector()]}]
    station = await api.ok("POST", STATIONS, station_body(made["id"], evses=evses))
    assert station["evses"][0]["coordinates"] == shown
    patch = {"charge_station_id": "UTR-017", "evses": [{"evse_sequence_number": 1, "coordinates": given}]}
    assert (await api.ok("PATCH", one(STATIONS, "UTR-017"), patch))["evses"][0]["coordinates"] == shown
    near = f"{LOCATIONS}?latitude={sent[0]}&longitude={sent[1]}"
    assert [place["id"] for place in await api.ok("GET", near)] == [made["id"]]


async def test_an_unknown_id_is_404_and_2003(api: Api) -> None:
    for method in ("GET", "PUT", "PATCH"):
        http, status, message = await api.refused(method, one(LOCATIONS, "no/such place"), location_body())
        assert (http, status) == (404, 2003) and "no/such place" in message


# --- Replace and patch -----------------------------------------------------------------------------------------------


async def test_get_edit_put_keeps_all_and_changes_what_was_edited(
    api: Api, station: dict[str, Any], clock: FakeClock
) -> None:
    clock.forward(minutes=5)
    path = one(LOCATIONS, station["location_id"])
    before = await api.ok("GET", path)
    put = await api.ok("PUT", path, {**before, "remarks": "Ring twice", "unheard_of": 1, "evses": "nonsense"})
    assert {key for key in put if put[key] != before[key]} == {"remarks", "etag", "modified", "last_updated"}
    assert await api.ok("GET", path) == put


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_stale_etag_is_2000_and_shows_the_stored_location(
    api: Api, location: dict[str, Any], method: str
) -> None:
    path = one(LOCATIONS, location["id"])
    newer = await api.ok("PATCH", path, {"id": location["id"], "name": "newer"})
    answer = await api.send(method, path, {**location, "name": "stale"})
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2000)
    assert "etag" in answer.json()["status_message"]
    assert answer.json()["data"] == newer
    assert await api.ok("GET", path) == newer


async def test_put_without_an_etag_names_it(api: Api, location: dict[str, Any]) -> None:
    answer = await api.send("PUT", one(LOCATIONS, location["id"]), location_body(id=location["id"]))
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2000)
    assert answer.json()["status_message"] == "etag not provided, and is a required field"
    assert answer.json()["data"] == location


async def test_what_is_longer_than_ocpi_has_it_is_kept_whole_and_told(api: Api) -> None:
    long_id, long_name = "x" * 40, "Depot " * 50 + "!"
    answer = await api.send("POST", LOCATIONS, location_body(id=long_id, name=long_name))
    assert answer.json()["status_code"] == 1000
    assert answer.json()["status_message"] == "Success; longer than OCPI 2.1.1 has it: id (39), name (255)"
    path = one(LOCATIONS, long_id)
    stored = await api.ok("GET", path)
    assert (stored["id"], stored["name"]) == (long_id, long_name)
    answer = await api.send("PATCH", path, {"id": long_id, "postal_code": "3542AD-0001"})
    assert answer.json()["status_message"] == "Success; longer than OCPI 2.1.1 has it: id (39), postal_code (10)"
    answer = await api.send("PUT", path, location_body(id=long_id, etag=answer.json()["data"]["etag"]))
    assert answer.json()["status_message"] == "Success; longer than OCPI 2.1.1 has it: id (39)"


MIX = {
    "is_green_energy": None,
    "energy_sources": [],
    "environ_impact": [],
    "supplier_name": None,
    "energy_product_name": None,
}


async def test_an_energy_mix_is_written_by_the_id_of_its_profile_alone(api: Api, location: dict[str, Any]) -> None:
    """The id is opaque (platform-api 12.1): nothing lists the profiles, so what they say is not made up here."""
    path = one(LOCATIONS, location["id"])
    assert location["energy_mix"] is None
    sent = {"energy_mix_profile_id": "P-1", "is_green_energy": "so they say", "energy_sources": [{"source": "PEAT"}]}
    after = await api.ok("PATCH", path, {"id": location["id"], "energy_mix": sent})
    assert after["energy_mix"] == {"energy_mix_profile_id": "P-1", **MIX}
    assert (await api.ok("PUT", path, after))["energy_mix"] == after["energy_mix"], "GET, edit, PUT"
    other = await api.ok("PATCH", path, {"id": location["id"], "energy_mix": {"energy_mix_profile_id": "P-2"}})
    assert other["energy_mix"] == {"energy_mix_profile_id": "P-2", **MIX}
    without = {key: value for key, value in other.items() if key != "energy_mix"}
    assert (await api.ok("PUT", path, without))["energy_mix"] is None


async def test_what_a_put_leaves_out_is_cleared(api: Api, location: dict[str, Any]) -> None:
    path = one(LOCATIONS, location["id"])
    patched = await api.ok("PATCH", path, {"id": location["id"], "remarks": "old", "facilities": ["CAFE"]})
    assert (patched["remarks"], patched["facilities"]) == ("old", ["CAFE"])
    put = await api.ok("PUT", path, location_body(id=location["id"], etag=patched["etag"]))
    assert (put["remarks"], put["facilities"]) == (None, [])


async def test_patch_must_repeat_the_id_and_null_clears(api: Api, location: dict[str, Any]) -> None:
    path = one(LOCATIONS, location["id"])
    http, status, message = await api.refused("PATCH", path, {"remarks": "x"})
    assert (http, status) == (200, 2000) and message.startswith("id ")
    await api.ok("PATCH", path, {"id": location["id"], "remarks": "x"})
    assert (await api.ok("PATCH", path, {"id": location["id"].upper(), "remarks": None}))["remarks"] is None
    http, status, message = await api.refused("PATCH", path, {"id": location["id"], "city": None})
    assert (http, status) == (200, 2000) and "city" in message


# --- EVSEs -----------------------------------------------------------------------------------------------------------


async def test_a_location_shows_the_evses_of_all_its_stations_stock_too(
    api: Api, station: dict[str, Any], ports: Ports
) -> None:
    await api.ok("POST", STATIONS, station_body(station["location_id"], "UTR-018", deploy_state="Production"))
    await station_reports(ports, "UTR-017", "Charging")
    found = await api.ok("GET", one(LOCATIONS, station["location_id"]))
    assert [(evse["uid"], evse["status"]) for evse in found["evses"]] == [
        ("NL-ABC-EUTR-017-1", "CHARGING"),
        ("NL-ABC-EUTR-018-1", "UNKNOWN"),
    ]
    assert all(set(evse) == EVSE_KEYS for evse in found["evses"])
    assert await api.ok("GET", LOCATIONS) == [found]


@pytest.mark.parametrize("name", ["excludeEvses", "exclude_evses"])
async def test_evses_can_be_left_out(api: Api, station: dict[str, Any], name: str) -> None:
    path = one(LOCATIONS, station["location_id"])
    assert (await api.ok("GET", f"{path}?{name}=true"))["evses"] == []
    assert len((await api.ok("GET", f"{path}?{name}=false"))["evses"]) == 1
    assert [place["evses"] for place in await api.ok("GET", f"{LOCATIONS}?{name}=true")] == [[]]


async def test_an_evse_change_updates_the_location_and_a_status_does_not(
    api: Api, station: dict[str, Any], ports: Ports, clock: FakeClock
) -> None:
    clock.forward(hours=1)
    await station_reports(ports, "UTR-017", "Available")
    since = f"{LOCATIONS}?date_from=2026-03-02T09:00:00Z"
    assert await api.ok("GET", since) == []
    wanted = [{"uid": "NL-ABC-EUTR-017-1", "floor_level": "-1"}]
    await api.ok("PATCH", one(STATIONS, "UTR-017"), {"charge_station_id": "UTR-017", "evses": wanted})
    [found] = await api.ok("GET", since)
    assert (found["last_updated"], found["modified"]) == ("2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z")
    assert await api.ok("GET", f"{since}&exclude_evses_modified=true") == []


# --- List ------------------------------------------------------------------------------------------------------------


async def test_a_location_that_becomes_restricted_is_for_customers(
    api: Api, station: dict[str, Any], ports: Ports
) -> None:
    """Once: who takes it off an EVSE again is not overruled by the next write to the location."""
    about = {"evse_sequence_number": 1, "parking_restrictions": ["EV_ONLY"]}
    body = {"charge_station_id": "UTR-017", "evses": [about]}
    before = await api.ok("PATCH", one(STATIONS, "UTR-017"), body)
    path = one(LOCATIONS, station["location_id"])
    restrict = {"id": station["location_id"], "publish": True, "access_type": "RESTRICTED"}
    answer = await api.ok("PATCH", path, restrict)
    assert answer["evses"][0]["parking_restrictions"] == ["EV_ONLY", "CUSTOMERS"]
    after = await api.ok("GET", one(STATIONS, "UTR-017"))
    assert after["evses"] == answer["evses"] and after["etag"] != before["etag"]
    [told] = [fact for fact in await ports.store.facts(kind=FactKind.STATION_CHANGED) if fact.data["subscription_id"]][
        1:
    ]
    assert told.data["fields"] == ["evses.parking_restrictions"]

    await api.ok("PATCH", one(STATIONS, "UTR-017"), body)
    answer = await api.ok("PATCH", path, {**restrict, "remarks": "gate"})
    assert answer["evses"][0]["parking_restrictions"] == ["EV_ONLY"]


async def test_a_location_that_is_private_restricts_nobody(api: Api, station: dict[str, Any]) -> None:
    flagged = {"id": station["location_id"], "publish": False, "access_type": "RESTRICTED"}
    answer = await api.ok("PATCH", one(LOCATIONS, station["location_id"]), flagged)
    assert (answer["access_type"], answer["evses"][0]["parking_restrictions"]) == ("PRIVATE", [])


async def test_a_write_from_an_older_reading_of_a_station_is_refused_after_the_restriction(
    api: Api, station: dict[str, Any]
) -> None:
    restrict = {"id": station["location_id"], "publish": True, "access_type": "RESTRICTED"}
    await api.ok("PATCH", one(LOCATIONS, station["location_id"]), restrict)
    assert "etag" in (await api.refused("PUT", one(STATIONS, "UTR-017"), station))[2]


async def test_three_pages_are_linked_and_hold_everything_once(api: Api) -> None:
    for number in range(5):
        await api.ok("POST", LOCATIONS, location_body(name=f"L-{number}"))
    found: list[str] = []
    url: str | None = f"{LOCATIONS}?offset=0&limit=2&exclude_evses=true"
    pages = 0
    while url:
        answer = await api.send("GET", url)
        assert (answer.headers["x-total-count"], answer.headers["x-limit"]) == ("5", "2")
        found += [place["name"] for place in answer.json()["data"]]
        url = answer.links["next"]["url"] if "link" in answer.headers else None
        assert url is None or "exclude_evses=true" in url
        pages += 1
    assert (found, pages) == ([f"L-{number}" for number in range(5)], 3)


async def test_near_a_place_nearest_first_within_the_distance(api: Api) -> None:
    for name, latitude in (("far", "52.0100"), ("near", "52.0005"), ("nearer", "52.0001"), ("next", "52.0040")):
        await api.ok("POST", LOCATIONS, at(latitude, "5.0000", name=name))
    await api.ok("POST", LOCATIONS, location_body(name="nowhere"))

    async def names(query: str) -> list[str]:
        return [place["name"] for place in await api.ok("GET", f"{LOCATIONS}?latitude=52&longitude=5{query}")]

    assert await names("") == ["nearer", "near"]
    assert await names("&distanceinmeters=500") == ["nearer", "near", "next"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("city=UTRECHT", ["yard", "canal"]),
        ("city=Utrech", []),
        ("country=nld", ["yard", "canal"]),
        ("country=BEL", ["quay"]),
        ("postcode=3542ad", ["yard"]),
        ("street=kanaalweg", ["canal"]),
        ("street=kanaal", []),
        ("housenumber=12", ["yard", "quay"]),
        ("street=Industrieweg&housenumber=12&city=Utrecht", ["yard"]),
        ("street=Industrieweg&housenumber=1", []),
        ("city=Utrecht&limit=1&offset=1", ["canal"]),
    ],
)
async def test_filters_by_the_parts_of_an_address(api: Api, query: str, found: list[str]) -> None:
    utrecht = {"city": "Utrecht", "country": "NLD"}
    for place in (
        utrecht | {"name": "yard", "address": "Industrieweg 12", "postal_code": "3542AD"},
        utrecht | {"name": "canal", "address": "Kanaalweg 58 bis", "postal_code": "3531 BB"},
        {"name": "quay", "address": "Kaai 12", "city": "Antwerpen", "country": "BEL", "postal_code": "2000"},
    ):
        await api.ok("POST", LOCATIONS, location_body(**place))
    assert [place["name"] for place in await api.ok("GET", f"{LOCATIONS}?{query}")] == found


async def test_filter_by_cpo(api: Api, location: dict[str, Any]) -> None:
    home = await api.ok("POST", LOCATIONS, location_body(cpo_id=XYZ), who="both CPOs")
    assert [place["id"] for place in await api.ok("GET", f"{LOCATIONS}?cpoId=XYZ%20Power", who="both CPOs")] == [
        home["id"]
    ]
    assert len(await api.ok("GET", LOCATIONS, who="both CPOs")) == 2


@pytest.mark.parametrize("collection", ["/API/2.0/LOCATIONS", "/api/2.0/locations/"])
async def test_literal_segments_come_in_any_case(api: Api, location: dict[str, Any], collection: str) -> None:
    assert await api.ok("GET", collection) == [location]
