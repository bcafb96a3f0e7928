"""GET, POST and PUT /api/2.0/CpoCustomers (platform-api 7.7)."""

import asyncio
import re
from typing import Any

import pytest

from app.domain.facts import FactKind
from app.domain.people import Cpo, Subscription
from app.ports import Change, Ports, Put
from tests.api.conftest import CUSTOMERS, Api, customer_body, one
from tests.conftest import ABC, XYZ, make_cpo

DETAILS = {
    "name": "Utrecht Buses",
    "website_url": "https://buses.example",
    "phone_number": "+31 30 1234567",
    "support_email": "charging@buses.example",
    "logo_url": "https://buses.example/logo.png",
    "logo_thumbnail_url": "https://buses.example/logo-s.png",
}
WHOLE = customer_body(
    vat_number="NL000000000B01",
    properties=[{"name": "cost_centre", "value": "4711"}, {"name": "note", "value": ""}],
    operator_details=DETAILS,
)
PATH = one(CUSTOMERS, ABC, "C-1")


async def test_a_customer_is_answered_whole_and_read_again(api: Api) -> None:
    assert await api.ok("POST", CUSTOMERS, WHOLE) == WHOLE
    assert await api.ok("GET", PATH) == WHOLE
    assert await api.ok("GET", CUSTOMERS) == [WHOLE]


async def test_the_least_has_every_key(api: Api) -> None:
    made = await api.ok("POST", CUSTOMERS, customer_body(unknown={"key": 1}))
    assert made == customer_body(vat_number=None, properties=[], operator_details=None)


async def test_one_that_exists_is_refused_and_stays_and_another_cpo_may_have_the_same_id(api: Api) -> None:
    await api.ok("POST", CUSTOMERS, WHOLE)
    http, status, message = await api.refused("POST", CUSTOMERS, customer_body(name="Other"))
    assert (http, status) == (200, 2000)
    assert message == f"external_id C-1 exists already at {ABC}"
    assert await api.ok("GET", PATH) == WHOLE
    await api.ok("POST", CUSTOMERS, customer_body(cpo_id=XYZ), who="other CPO")


async def test_of_two_that_come_together_one_is_made(api: Api) -> None:
    answers = await asyncio.gather(*(api.send("POST", CUSTOMERS, customer_body(name=name)) for name in "AB"))
    assert sorted(answer.json()["status_code"] for answer in answers) == [1000, 2000]
    assert len(await api.ok("GET", CUSTOMERS)) == 1


async def test_a_put_replaces_with_the_ids_of_the_path_and_clears_what_it_leaves_out(api: Api) -> None:
    await api.ok("POST", CUSTOMERS, WHOLE)
    changed = await api.ok("PUT", PATH, {"name": "Buses", "vat_number": "X"})
    assert changed == customer_body(name="Buses", vat_number="X", properties=[], operator_details=None)
    assert await api.ok("GET", PATH) == changed
    assert await api.ok("PUT", PATH, WHOLE) == WHOLE
    assert await api.ok("PUT", PATH, {**WHOLE, "cpo_id": None, "external_id": ""}) == WHOLE


@pytest.mark.parametrize(("field", "value"), [("cpo_id", XYZ), ("external_id", "C-2")])
async def test_a_put_of_another_id_than_the_paths_is_refused_with_the_stored_one(
    api: Api, field: str, value: str
) -> None:
    await api.ok("POST", CUSTOMERS, WHOLE)
    answer = await api.send("PUT", PATH, {**WHOLE, "name": "Other", field: value}, who="both CPOs")
    said = answer.json()
    assert (answer.status_code, said["status_code"], said["data"]) == (200, 2000, WHOLE)
    assert said["status_message"] == f"{field} is not valid: expected the {field} in the path, or none"


async def test_a_put_makes_none(api: Api) -> None:
    assert await api.refused("PUT", PATH, WHOLE) == (404, 2000, f"customer C-1 of {ABC} is not known")
    assert await api.ok("GET", CUSTOMERS) == []


@pytest.mark.parametrize("path", [f"{CUSTOMERS}/ABC%20Charging", f"{CUSTOMERS}/nobody/C-1"])
async def test_half_a_path_and_an_unknown_cpo_are_404(api: Api, path: str) -> None:
    await api.ok("POST", CUSTOMERS, WHOLE)
    assert (await api.refused("GET", path))[:2] == (404, 2000)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": None}, "name not provided, and is a required field"),
        ({"name": " "}, "name not provided, and is a required field"),
        ({"cpo_id": None}, "cpo_id not provided, and is a required field"),
        ({"external_id": ""}, "external_id not provided, and is a required field"),
        ({"operator_details": {}}, "operator_details.name not provided, and is a required field"),
        ({"operator_details": {"name": " "}}, "operator_details.name not provided, and is a required field"),
        ({"properties": [{"name": "a"}]}, "properties[0].value not provided, and is a required field"),
        ({"properties": [{"name": "", "value": "a"}]}, "properties.name not provided, and is a required field"),
        ({"vat_number": 1}, "vat_number is not valid: expected str or null, got int"),
        ({"vat_number": "a\x00"}, "vat_number is not valid: expected text without control characters"),
        ({"properties": [{"name": "a", "value": "\x00"}]}, "properties.value is not valid"),
        ({"external_id": "x" * 256}, "external_id is not valid: expected up to 255 printable characters"),
        ({"external_id": " C"}, "external_id is not valid"),
        ({"external_id": "a/../b"}, "external_id is not valid: expected no empty, . or .. part between slashes"),
        ({"cpo_id": "Nobody"}, "CPO Nobody is not known"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_written(api: Api, wrong: dict[str, Any], message: str) -> None:
    http, status, said = await api.refused("POST", CUSTOMERS, {**WHOLE, **wrong})
    assert (http, status) == (200, 2000) and said.startswith(message)
    assert await api.ok("GET", CUSTOMERS) == []


@pytest.mark.parametrize("external_id", ["a b", "a/b", "a%2Fb", "50%", "é-站", "x" * 255, "a|b", "c-1"])
async def test_an_id_is_kept_as_it_is_written(api: Api, external_id: str) -> None:
    await api.ok("POST", CUSTOMERS, customer_body("C-1"))
    made = await api.ok("POST", CUSTOMERS, customer_body(external_id))
    path = one(CUSTOMERS.replace("CpoCustomers", "cpocustomers"), ABC, external_id)
    assert await api.ok("GET", path) == made
    assert (await api.ok("PUT", path, {"name": "Changed"}))["external_id"] == external_id
    assert [each["name"] for each in await api.ok("GET", CUSTOMERS)] == ["Utrecht Buses", "Changed"]


async def test_cpo_and_customer_are_never_mixed_up_whatever_stands_in_their_ids(api: Api, ports: Ports) -> None:
    """`A/B` with `C` is not `A` with `B/C`."""
    ((key, rev),) = await ports.store.find(Subscription, id="sub-right")
    key.cpo_ids = ["A", "A/B"]
    cpos = [Put(make_cpo(name, f"AB{number}", ports.clock.now())) for number, name in enumerate(key.cpo_ids)]
    await ports.store.commit(Change(writes=(Put(key, rev), *cpos)))
    pairs = [("A", "B/C"), ("A/B", "C")]
    for cpo_id, external_id in pairs:
        await api.ok("POST", CUSTOMERS, customer_body(external_id, cpo_id=cpo_id, name=f"of {cpo_id}"))
    for pair in pairs:
        assert (await api.ok("GET", one(CUSTOMERS, *pair)))["name"] == f"of {pair[0]}"


async def test_pages_come_in_the_order_of_arrival_and_follow_their_link(api: Api) -> None:
    for number in (3, 1, 2, 5, 4):
        await api.ok("POST", CUSTOMERS, customer_body(f"C-{number}"))
    await api.ok("POST", CUSTOMERS, customer_body("C-9", cpo_id=XYZ), who="other CPO")
    await api.ok("PUT", one(CUSTOMERS, ABC, "C-3"), {"name": "Changed"})
    path, seen = f"{CUSTOMERS}?limit=2&cpo_id=ABC%20Charging", []
    while path:
        answer = await api.send("GET", path, who="both CPOs")
        assert (answer.headers["x-total-count"], answer.headers["x-limit"]) == ("5", "2")
        seen.append([each["external_id"] for each in answer.json()["data"]])
        link = re.fullmatch(r"<(.*)>; rel=\"next\"", answer.headers.get("link", ""))
        path = link[1] if link else ""
        assert not path or "cpo_id=ABC+Charging" in path
    assert seen == [["C-3", "C-1"], ["C-2", "C-5"], ["C-4"]]


async def test_offset_limit_and_a_wrong_parameter(api: Api) -> None:
    for number in range(3):
        await api.ok("POST", CUSTOMERS, customer_body(f"C-{number}"))
    assert [each["external_id"] for each in await api.ok("GET", f"{CUSTOMERS}?offset=2")] == ["C-2"]
    assert await api.ok("GET", f"{CUSTOMERS}?offset=9") == []
    for given, used in ((None, "1000"), (5000, "1000"), (1, "1")):
        answer = await api.send("GET", CUSTOMERS if given is None else f"{CUSTOMERS}?limit={given}")
        assert answer.headers["x-limit"] == used
    for wrong in ("limit=0", "limit=x", "offset=-1", "cursor=!", "cursor=WyJub25lIiwxXQ"):
        assert (await api.refused("GET", f"{CUSTOMERS}?{wrong}"))[:2] == (400, 2001), wrong


async def test_each_change_is_a_fact_of_its_cpo(api: Api, ports: Ports) -> None:
    await api.ok("POST", CUSTOMERS, WHOLE)
    await api.ok("PUT", PATH, {**WHOLE, "name": "Buses", "vat_number": None})
    await api.refused("POST", CUSTOMERS, WHOLE)
    created, changed = await ports.store.facts()
    assert (created.kind, changed.kind) == (FactKind.CUSTOMER_CREATED, FactKind.CUSTOMER_CHANGED)
    assert created.cpo_id == changed.cpo_id == ABC
    assert created.data == {"name": "Utrecht Buses", "external_id": "C-1", "subscription_id": "sub-right"}
    assert (changed.data["fields"], changed.data["name"]) == (["name", "vat_number"], "Buses")


async def test_of_a_cpo_whose_platform_is_elsewhere_none_is_made(api: Api, ports: Ports) -> None:
    ((cpo, rev),) = await ports.store.find(Cpo, cpo_id=ABC)
    cpo.platform = "acceptance"
    await ports.store.commit(Change(writes=(Put(cpo, rev),)))
    http, status, message = await api.refused("POST", CUSTOMERS, WHOLE)
    assert (http, status) == (200, 2000) and "elsewhere" in message
