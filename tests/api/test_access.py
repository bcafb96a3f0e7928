"""Who may what: every endpoint with every kind of key, and other tenants' objects, which do not exist."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from app.api.examples import TAKEN
from app.domain.commanding import CommandRequest, RequestState
from app.domain.commands import CommandOutcome, CommandState, Reset
from app.domain.live import Transaction
from app.domain.people import Subscription
from app.ports import Change, Delete, Ports, Put
from tests.api.conftest import (
    COMMANDS,
    CUSTOMERS,
    LOCATIONS,
    STATIONS,
    TEMPLATES,
    Api,
    customer_body,
    key_of,
    location_body,
    one,
    station_body,
    station_reports,
    template_body,
)
from tests.conftest import ABC, XYZ
from tests.fakes import FakeClock

READS = [
    "list stations",
    "read station",
    "list locations",
    "read location",
    "list templates",
    "list customers",
    "read customer",
    "read result",
]
SENT = ["start session", "stop session", "unlock connector", "reset", "get configuration", "change configuration"]
WRITES = [
    "create station",
    "replace station",
    "patch station",
    "create location",
    "replace location",
    "patch location",
    "create template",
    "put template",
    "create customer",
    "replace customer",
    "batch of stations",
    "batch of locations",
    *SENT,
]
ENDPOINTS = [*READS, *WRITES]


RESULT = CommandRequest(
    id="cmd-1",
    cpo_id=ABC,
    charge_station_id="UTR-017",
    command=Reset(),
    state=RequestState.DONE,
    asked=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    deadline=datetime(2026, 3, 2, 8, 1, tzinfo=UTC),
    outcome=CommandOutcome(state=CommandState.ACCEPTED),
    wire="RESET",
    request=msgspec.Raw(b"{}"),
)


@pytest.fixture
async def station(api: Api, ports: Ports, clock: FakeClock, station: dict[str, Any]) -> dict[str, Any]:
    """It is online, somebody charges at it under number 1, and a command was done."""
    await station_reports(ports, station["charge_station_id"], "Available")
    running = Transaction(
        id=1, charge_station_id="UTR-017", connector_id="1", id_tag="CARD", started=clock.now(), meter_start=0
    )
    await ports.store.commit(Change(writes=(Put(running), Put(RESULT))))
    await api.ok("POST", CUSTOMERS, customer_body())
    clock.forward(minutes=2)
    read: dict[str, Any] = await api.ok("GET", one(STATIONS, station["charge_station_id"]))
    return read


def module_of(path: str) -> str:
    """Customers are siblings of locations."""
    return "locations" if path.startswith(CUSTOMERS) else path.split("/")[3].lower()


def request_for(endpoint: str, station: dict[str, Any]) -> tuple[str, str, Any]:
    """A request that the right key gets 1000 for."""
    station_id, location_id = station["charge_station_id"], station["location_id"]
    its_station, its_location = one(STATIONS, station_id), one(LOCATIONS, location_id)
    place = location_body(id=location_id, etag="00000000-0000-4000-8000-000000000001")
    uid = station["evses"][0]["uid"]
    here = {"location_id": location_id, "evse_uid": uid}
    requests: dict[str, tuple[str, str, Any]] = {
        "list stations": ("GET", STATIONS, None),
        "read station": ("GET", its_station, None),
        "list locations": ("GET", LOCATIONS, None),
        "read location": ("GET", its_location, None),
        "list templates": ("GET", TEMPLATES, None),
        "create station": ("POST", STATIONS, station_body(location_id, "UTR-018")),
        "replace station": ("PUT", its_station, station_body(location_id, station_id, etag=station["etag"])),
        "patch station": ("PATCH", its_station, {"charge_station_id": station_id, "name": "Row 17"}),
        "create location": ("POST", LOCATIONS, location_body()),
        "replace location": ("PUT", its_location, place),
        "patch location": ("PATCH", its_location, {"id": location_id, "name": "Depot"}),
        "create template": ("POST", TEMPLATES, template_body()),
        "put template": ("PUT", TEMPLATES, template_body(template_id="twin")),
        "list customers": ("GET", CUSTOMERS, None),
        "read customer": ("GET", one(CUSTOMERS, ABC, "C-1"), None),
        "create customer": ("POST", CUSTOMERS, customer_body("C-2")),
        "replace customer": ("PUT", one(CUSTOMERS, ABC, "C-1"), {"name": "Buses"}),
        "batch of stations": ("POST", f"{STATIONS}/batch", []),
        "batch of locations": ("POST", f"{LOCATIONS}/batch", []),
        "read result": ("GET", f"{COMMANDS}/{uid}/cmd-1", None),
        "start session": ("POST", f"{COMMANDS}/START_SESSION", {**TAKEN["StartSession"], **here}),
        "stop session": ("POST", f"{COMMANDS}/STOP_SESSION", TAKEN["StopSession"]),
        "unlock connector": ("POST", f"{COMMANDS}/UNLOCK_CONNECTOR", {**TAKEN["UnlockConnector"], **here}),
        "reset": ("POST", f"{COMMANDS}/RESET", TAKEN["ResetStation"]),
        "get configuration": ("POST", f"{COMMANDS}/GET_CONFIGURATION", TAKEN["ReadConfiguration"]),
        "change configuration": ("POST", f"{COMMANDS}/CHANGE_CONFIGURATION", TAKEN["WriteConfiguration"]),
    }
    return requests[endpoint]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_the_right_key_may(api: Api, ports: Ports, station: dict[str, Any], endpoint: str) -> None:
    if endpoint in SENT and endpoint != "stop session":
        await ports.store.commit(Change(writes=(Delete(Transaction, "1"),)))
    method, path, body = request_for(endpoint, station)
    if endpoint == "replace location":
        body["etag"] = (await api.ok("GET", path))["etag"]
    await api.ok(method, path, body)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "header",
    ["", "Token", "Token ", "Token nobody's", f"Token {key_of('revoked')}", f"Token {key_of('expired')}", "Basic a:b"],
)
async def test_no_key_and_a_wrong_key_get_401(api: Api, station: dict[str, Any], endpoint: str, header: str) -> None:
    method, path, body = request_for(endpoint, station)
    answer = await api.client.request(method, path, json=body, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["status_code"]) == (401, 2000)
    assert answer.headers["www-authenticate"] == "Token"
    assert key_of("revoked") not in answer.text


@pytest.mark.parametrize("endpoint", WRITES)
async def test_reading_alone_does_not_write(api: Api, station: dict[str, Any], endpoint: str) -> None:
    method, path, body = request_for(endpoint, station)
    assert (await api.refused(method, path, body, who="read-only"))[:2] == (403, 2000)
    assert await api.ok("GET", one(STATIONS, station["charge_station_id"])) == station


@pytest.mark.parametrize("endpoint", READS)
async def test_reading_alone_reads_and_writing_alone_does_not(api: Api, station: dict[str, Any], endpoint: str) -> None:
    method, path, body = request_for(endpoint, station)
    await api.ok(method, path, body, who="read-only")
    assert (await api.refused(method, path, body, who="write-only"))[:2] == (403, 2000)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_without_the_module_everything_is_403(api: Api, station: dict[str, Any], endpoint: str) -> None:
    method, path, body = request_for(endpoint, station)
    http, status, message = await api.refused(method, path, body, who="no module")
    assert (http, status) == (403, 2000)
    assert module_of(path) in message


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_one_module_says_nothing_about_the_other(api: Api, station: dict[str, Any], endpoint: str) -> None:
    method, path, body = request_for(endpoint, station)
    answer = await api.send(method, path, body, who="stations only")
    assert answer.status_code == (200 if module_of(path) == "chargestations" else 403)


@pytest.mark.parametrize("endpoint", [name for name in ENDPOINTS if name.split()[0] in ("read", "replace", "patch")])
async def test_another_tenants_object_is_not_found_with_any_method(
    api: Api, station: dict[str, Any], endpoint: str
) -> None:
    method, path, body = request_for(endpoint, station)
    foreign = await api.refused(method, path, body, who="other CPO")
    unknown = await api.refused(method, path + "-unknown", body, who="other CPO")
    assert foreign[:2] == unknown[:2] == (404, 2003 if path.startswith(LOCATIONS) else 2000)
    assert unknown[2].replace("-unknown", "") == foreign[2]


@pytest.mark.parametrize(
    "endpoint", ["replace station", "patch station", "replace location", "patch location", "replace customer"]
)
@pytest.mark.parametrize("content", [b"{}", b"[]", b"{ broken"])
async def test_an_unknown_id_is_not_found_whatever_the_body(
    api: Api, station: dict[str, Any], endpoint: str, content: bytes
) -> None:
    method, path, _ = request_for(endpoint, station)
    assert (await api.refused(method, path, who="other CPO", content=content))[0] == 404


async def test_lists_show_what_is_in_scope_and_a_filter_never_widens_it(api: Api, station: dict[str, Any]) -> None:
    await api.ok("POST", TEMPLATES, template_body(tenant_id=ABC))
    for path in (STATIONS, LOCATIONS):
        assert len(await api.ok("GET", path)) == 1
        assert await api.ok("GET", path, who="other CPO") == []
        assert await api.ok("GET", f"{path}?cpoId=ABC%20Charging", who="other CPO") == []
    assert await api.ok("GET", TEMPLATES, who="other CPO") == []
    assert len(await api.ok("GET", CUSTOMERS)) == 1
    assert await api.ok("GET", CUSTOMERS, who="other CPO") == []
    assert await api.ok("GET", f"{CUSTOMERS}?cpo_id=ABC%20Charging", who="other CPO") == []


async def test_nothing_can_be_written_into_another_tenant(api: Api, location: dict[str, Any]) -> None:
    http, status, message = await api.refused("POST", STATIONS, station_body(location["id"]), who="other CPO")
    assert (http, status) == (200, 2003) and location["id"] in message
    http, status, message = await api.refused("POST", LOCATIONS, location_body(), who="other CPO")
    assert (http, status) == (200, 2000) and ABC in message
    http, status, message = await api.refused("POST", CUSTOMERS, customer_body(), who="other CPO")
    assert (http, status) == (200, 2000) and ABC in message
    http, status, _ = await api.refused("POST", TEMPLATES, template_body(tenant_id=ABC), who="other CPO")
    assert (http, status) == (200, 2000)
    assert await api.ok("GET", STATIONS) == []


async def test_the_cpso_header_narrows_and_never_widens(api: Api, station: dict[str, Any]) -> None:
    path = one(STATIONS, station["charge_station_id"])
    await api.ok("GET", path, who="both CPOs", headers={"cpsoIds": f"{XYZ}, {ABC}"})
    assert await api.ok("GET", STATIONS, who="both CPOs", headers={"cpsoIds": XYZ}) == []
    assert (await api.refused("GET", path, who="both CPOs", headers={"cpsoIds": XYZ}))[0] == 404
    assert (await api.refused("GET", path, who="other CPO", headers={"cpsoIds": ABC}))[0] == 404
    assert len(await api.ok("GET", STATIONS, headers={"cpsoIds": ""})) == 1
    assert await api.ok("GET", CUSTOMERS, who="both CPOs", headers={"cpsoIds": XYZ}) == []
    narrowed = await api.refused(
        "PUT", one(CUSTOMERS, ABC, "C-1"), {"name": "X"}, who="both CPOs", headers={"cpsoIds": XYZ}
    )
    assert narrowed[:2] == (404, 2000)


async def test_a_key_that_is_revoked_stops_working_with_the_next_request(api: Api, ports: Ports) -> None:
    await api.ok("GET", STATIONS)
    found = await ports.store.get(Subscription, "sub-right")
    assert found is not None
    record, rev = found
    record.revoked_at = ports.clock.now()
    await ports.store.commit(Change(writes=(Put(record, rev),)))
    assert (await api.refused("GET", STATIONS))[0] == 401


async def test_the_scheme_comes_in_any_case(api: Api) -> None:
    answer = await api.client.get(STATIONS, headers={"Authorization": f"token {key_of('right')}"})
    assert answer.status_code == 200


async def test_writes_carry_the_subscriptions_name(api: Api, station: dict[str, Any]) -> None:
    assert (station["created_by"], station["modified_by"]) == ("CRM right", "CRM right")
