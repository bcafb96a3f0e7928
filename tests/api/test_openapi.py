"""The OpenAPI document is true: what the API takes and answers, over real HTTP calls, is what the document says."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.api import examples
from app.api.openapi import part
from app.api.routes import router
from app.bus import Bus
from app.domain.errors import StoreUnavailable
from app.domain.live import Transaction
from app.domain.model import HardwareTemplate
from app.domain.people import Subscription
from app.domain.remotecommands import BODIES, RemoteCommand
from app.ports import Change, Delete, Ports, Put
from app.settings import Settings
from app.web.openapi import document
from tests.api.conftest import (
    BODY_LIMIT,
    COMMANDS,
    CUSTOMERS,
    LOCATIONS,
    STATIONS,
    TEMPLATES,
    Api,
    one,
    station_reports,
)
from tests.conftest import XYZ, OnePlatform
from tests.fakes import FakeClock
from tests.schemas import Schemas, served

DOCUMENT = document("0", [part()])
SCHEMAS = Schemas(DOCUMENT)
STATION, LOCATION = f"{STATIONS}/{examples.STATION_ID}", f"{LOCATIONS}/{examples.LOCATION_ID}"
CUSTOMER = one(CUSTOMERS, examples.CPO_ID, examples.CUSTOMER_ID)
TAKEN = examples.TAKEN
CALLS: tuple[tuple[str, str, str | None], ...] = (
    ("POST", LOCATIONS, "PostLocation"),
    ("POST", STATIONS, "PostChargeStation"),
    ("POST", TEMPLATES, "HardwareTemplateInput"),
    ("PUT", TEMPLATES, "HardwareTemplateInput"),
    ("GET", STATIONS, None),
    ("GET", STATION, None),
    ("PUT", STATION, "PutChargeStation"),
    ("PATCH", STATION, "PatchChargeStation"),
    ("POST", f"{STATIONS}/batch", "ChargeStationBatch"),
    ("GET", TEMPLATES, None),
    ("GET", LOCATIONS, None),
    ("GET", LOCATION, None),
    ("PUT", LOCATION, "PutLocation"),
    ("PATCH", LOCATION, "PatchLocation"),
    ("POST", f"{LOCATIONS}/batch", "LocationBatch"),
    ("POST", CUSTOMERS, "PostCpoCustomer"),
    ("GET", CUSTOMERS, None),
    ("GET", CUSTOMER, None),
    ("PUT", CUSTOMER, "PutCpoCustomer"),
)
"""Each operation once, with the document's own example, in an order that works."""

RESULT = f"{COMMANDS}/{examples.STATION_ID}/none"
COMMANDED: tuple[tuple[str, str, Any], ...] = (
    *(("POST", f"{COMMANDS}/{command}", TAKEN[body.__name__]) for command, body in BODIES.items()),
    *(("POST", f"{COMMANDS}/{command}", None) for command in RemoteCommand if command not in BODIES),
    ("GET", RESULT, None),
)
"""The same of the commands, which need a station that is online and free, or in use for what ends that."""


class Checked:
    """Calls the API and holds each answer against the document; `seen` collects operation and status."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.seen: set[tuple[str, int]] = set()

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        answer = await self._api.send(method, path, body, **more)
        self.seen.add(SCHEMAS.check(answer))
        if body is not None and answer.json()["status_code"] == 1000:
            SCHEMAS.check_body(method, path, body)
        return answer


@pytest.fixture
def checked(api: Api) -> Checked:
    return Checked(api)


def bodies(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema with its example."""
    if isinstance(node, dict):
        if "example" in node and "schema" in node:
            yield node
        for each in node.values():
            yield from bodies(each)


def test_every_route_is_in_the_document_with_all_its_methods(ports: Ports) -> None:
    app = Litestar([router(ports, Bus(ports.store), Settings())], openapi_config=None)
    assert SCHEMAS.routes() == served(app)


def test_the_document_is_sound_and_every_example_fits_its_schema() -> None:
    SCHEMAS.check_document()
    found = list(bodies(DOCUMENT["paths"]))
    assert len(found) > 2 * len(SCHEMAS.declared()) // 3
    for each in found:
        SCHEMAS.fits(each["example"], each["schema"])


def test_query_parameters_have_the_names_of_the_contract() -> None:
    def names(path: str) -> set[str]:
        return {each["name"] for each in DOCUMENT["paths"][path]["get"]["parameters"] if each["in"] == "query"}

    assert {"cpoId", "exclude_evses", "exclude_evses_modified"} <= names(LOCATIONS)
    assert names(f"{LOCATIONS}/{{location_id}}") == {"excludeEvses"}
    assert names(CUSTOMERS) == {"cpo_id", "offset", "limit", "cursor"}
    assert {"cpoId", "location_id", "exclude_evses_modified"} <= names(STATIONS)


@pytest.mark.parametrize(
    ("method", "path", "name", "said"),
    [
        ("get", STATIONS, "date_from", {"format": "date-time"}),
        ("get", LOCATIONS, "date_to", {"format": "date-time"}),
        ("get", LOCATIONS, "cursor", {"pattern": "^[A-Za-z0-9_-]+$"}),
        ("post", f"{STATIONS}/batch", "Idempotency-Key", {"minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}),
    ],
)
def test_a_parameter_that_is_not_any_text_says_so(method: str, path: str, name: str, said: dict[str, Any]) -> None:
    (found,) = [each for each in DOCUMENT["paths"][path][method]["parameters"] if each["name"] == name]
    assert found["schema"] == {"type": "string", **said}


def test_a_list_that_may_not_be_empty_says_so() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["HardwareTemplateInput"]["properties"]["evse_templates"]["minItems"] == 1
    assert schemas["EvseInput"]["properties"]["connectors"]["minItems"] == 1


async def test_every_example_is_a_request_that_works(checked: Checked) -> None:
    etags: dict[str, str] = {}
    for method, path, taken in CALLS:
        body = TAKEN[taken] if taken else None
        if method == "PUT" and path in etags:
            body = {**body, "etag": etags[path]}
        answer = (await checked.call(method, path, body)).json()
        assert answer["status_code"] == 1000, answer
        if method == "POST" and path in (STATIONS, LOCATIONS):
            etags[STATION if path == STATIONS else LOCATION] = answer["data"]["etag"]


async def test_every_example_of_a_command_is_one_that_works(checked: Checked, ports: Ports, clock: FakeClock) -> None:
    await succeed(checked)
    await command(checked, ports, clock)


async def test_every_declared_status_is_one_that_happens(
    checked: Checked, ports: Ports, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await succeed(checked)
    await command(checked, ports, clock)
    await ask_wrongly(checked, ports)
    await be_nobody(checked, ports)
    await fail_within(checked, ports, monkeypatch)
    assert SCHEMAS.declared() - checked.seen == set()


async def succeed(checked: Checked) -> None:
    """The whole row, where PUT has an etag that nobody knows: refused with the stored object, which is HTTP 200 too."""
    for method, path, taken in CALLS:
        await checked.call(method, path, TAKEN[taken] if taken else None)
    await checked.call("GET", f"{LOCATIONS}?excludeEvses=true&limit=1")
    await checked.call("POST", STATIONS, TAKEN["PostChargeStation"] | {"charge_station_id": "B", "location_id": "no"})
    mixed = [{"op": "update", **TAKEN["PutChargeStation"]}, "nothing", {}]
    await checked.call("POST", f"{STATIONS}/batch", content=json.dumps(mixed))


async def command(checked: Checked, ports: Ports, clock: FakeClock) -> None:
    """Each with its example, one after the other, and each to its result."""
    await station_reports(ports, examples.STATION_ID, "Available")
    session = Transaction(
        id=examples.SESSION,
        charge_station_id=examples.STATION_ID,
        connector_id="1",
        id_tag="CARD",
        started=clock.now(),
        meter_start=0,
    )
    for method, path, body in COMMANDED:
        ends = path.endswith("STOP_SESSION")
        await ports.store.commit(Change(writes=(Put(session),) if ends else ()))
        answer = (await checked.call(method, path, body)).json()
        await ports.store.commit(Change(writes=(Delete(Transaction, "1"),) if ends else ()))
        assert (answer["status_code"] == 1000) is (body is not None), answer
        if body is not None:
            await until_there(checked, answer["data"]["charge_station_notification_id"])
        clock.forward(minutes=1)


async def until_there(checked: Checked, made: str) -> None:
    async with asyncio.timeout(5):
        while (await checked.call("GET", f"{COMMANDS}/{examples.STATION_ID}/{made}")).json()["data"][
            "result"
        ] == "PENDING":
            await asyncio.sleep(0)


async def ask_wrongly(checked: Checked, ports: Ports) -> None:
    foreign = HardwareTemplate(template_id="foreign", name="Foreign", tenant_id=XYZ, evse_templates=[])
    await ports.store.commit(Change(writes=(Put(foreign),)))
    for method, path, taken in CALLS:
        if method == "GET":
            await checked.call("GET", f"{path}?limit=none&excludeEvses=perhaps")
        if path in (STATION, LOCATION, CUSTOMER):
            await checked.call(method, f"{path}X", TAKEN[taken] if taken else None)
        if path == TEMPLATES and taken:
            await checked.call(method, path, {**TAKEN[taken], "template_id": "foreign"})
        if taken:
            await checked.call(method, path, content=b"[{")
            await checked.call(method, path, content=b" " * 17 * BODY_LIMIT)
    for method, path, body in COMMANDED:
        if body:
            await checked.call(method, path, content=b"[{")
            await checked.call(method, path, content=b" " * 17 * BODY_LIMIT)


async def be_nobody(checked: Checked, ports: Ports) -> None:
    limited = await ports.store.find(Subscription, id="sub-read-only")
    calls = [(method, path, TAKEN[taken] if taken else None) for method, path, taken in CALLS]
    for method, path, body in (*calls, *COMMANDED):
        await checked.call(method, path, body, who="nobody")
        await checked.call(method, path, body, who="no module")
    (record, rev) = limited[0]
    record.per_minute = 1
    await ports.store.commit(Change(writes=(Put(record, rev),)))
    for method, path, body in (*calls, *COMMANDED):
        for _ in range(2):
            await checked.call(method, path, body, who="read-only")


class Failing:
    """A platform of which every question fails in the same way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Any:
        async def fail(*_: Any, **__: Any) -> Any:
            raise self._error

        return fail


async def fail_within(checked: Checked, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the platform, then what a repeatable batch writes down."""
    chosen = ports.platforms
    assert isinstance(chosen, OnePlatform)
    for error in (StoreUnavailable("the disk is full"), RuntimeError("a secret of the house")):
        chosen.builtin = Failing(error)  # type: ignore[assignment]
        for method, path, taken in CALLS:
            answer = await checked.call(method, path, TAKEN[taken] if taken else None)
            assert "secret" not in answer.text

    for error in (StoreUnavailable("the disk is full"), RuntimeError("a secret of the house")):
        monkeypatch.setattr(ports.store, "find", Failing(error).find)
        for method, path, body in COMMANDED:
            ports.clock.forward(seconds=2)  # type: ignore[attr-defined]
            assert "secret" not in (await checked.call(method, path, body)).text
    monkeypatch.undo()

    async def full(_: Change) -> int:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(ports.store, "commit", full)
    for path in (f"{STATIONS}/batch", f"{LOCATIONS}/batch"):
        await checked.call("POST", path, [], headers={"Idempotency-Key": "one"})
