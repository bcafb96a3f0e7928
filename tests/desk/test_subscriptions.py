"""API keys at the desk: made, changed, replaced and revoked by admins, for their own CPOs only."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from httpx import AsyncClient
from msgspec.structs import replace

from app.actions.subscriptions import create_subscription
from app.domain.people import SYSTEM, Cpo, Role, Subscription, SubscriptionUse, keyed_digest
from app.ports import Change, Ports, Put
from tests.conftest import ABC, XYZ, person
from tests.desk.conftest import Desk, Page, sign_in
from tests.desk.test_pages import assert_strict
from tests.fakes import FakeClock

FORM: dict[str, Any] = {
    "name": "CRM",
    "cpos": [ABC, XYZ],
    "chargestations": ["r", "w"],
    "locations": "r",
    "expires": "2026-03-02",
    "per_minute": "60",
}


async def only(ports: Ports) -> Subscription:
    ((record, _),) = await ports.store.find(Subscription)
    return record


async def key_of(answer: httpx.Response) -> str:
    assert answer.status_code in (200, 201), answer.text
    return Page(answer.text).one("subscription-key").text


@pytest.fixture
async def amy_desk(ports: Ports, client: AsyncClient) -> Desk:
    """An admin of one CPO."""
    await ports.store.commit(Change(writes=(Put(person("amy", Role.ADMIN, ABC, now=ports.clock.now())),)))
    return await sign_in(ports, client, "amy")


async def test_a_key_is_shown_once_and_revoked(ports: Ports, ada_desk: Desk) -> None:
    key = await key_of(await ada_desk.post("/desk/subscriptions", FORM))
    record = await only(ports)
    assert (record.name, record.cpo_ids, record.per_minute) == ("CRM", [ABC, XYZ], 60)
    assert record.modules == {"chargestations": "rw", "locations": "r"} and str(record.expires) == "2026-03-02"
    assert record.key_digest == keyed_digest(ports.digest_key, key) and key not in str(record)
    assert key not in (await ada_desk.get("/desk/subscriptions")).text
    assert key not in (await ada_desk.get("/desk/subscription", id=record.id)).text
    assert (await ada_desk.post("/desk/subscriptions/revoke", {"id": record.id})).status_code == 303
    assert (await only(ports)).revoked_at is not None
    page = await ada_desk.page("/desk/subscription", id=record.id)
    assert "Revoked" in page.one("subscription-state").text
    assert page.all("subscription-rotate") == page.all("subscription-save") == []


async def test_a_key_says_which_cpos_live_elsewhere(ports: Ports, ada_desk: Desk) -> None:
    made = await ada_desk.post("/desk/subscriptions", FORM)
    assert Page(made.text).all("key-elsewhere") == []
    found = await ports.store.get(Cpo, XYZ)
    assert found is not None
    await ports.store.commit(Change(writes=(Put(replace(found[0], platform="acceptance"), found[1]),)))
    said = Page((await ada_desk.post("/desk/subscriptions", FORM)).text).one("key-elsewhere").text
    assert XYZ in said and ABC not in said


async def test_the_list_says_state_last_day_rate_and_last_use(ports: Ports, ada_desk: Desk, clock: FakeClock) -> None:
    await ada_desk.post("/desk/subscriptions", FORM)
    row = (await ada_desk.page("/desk/subscriptions")).one("subscription-row")
    assert all(said in row.text for said in ("CRM", "chargestations:rw", "2 Mar 2026", "60", "never", "Valid"))
    use = SubscriptionUse(id=(await only(ports)).id, used=clock.now())
    await ports.store.commit(Change(writes=(Put(use),)))
    clock.forward(days=1)
    page = await ada_desk.page("/desk/subscriptions")
    assert page.one("subscription-row").attributes["data-state"] == "expired"
    assert "ago" in page.one("subscription-used").text


async def test_what_a_key_may_is_changed_with_the_key_as_it_was(ports: Ports, ada_desk: Desk) -> None:
    await ada_desk.post("/desk/subscriptions", FORM)
    made = await only(ports)
    page = await ada_desk.page("/desk/subscription", id=made.id)
    shown = {each.attributes["name"]: each.attributes for each in page.tags("input") if "name" in each.attributes}
    assert (shown["name"]["value"], shown["expires"]["value"], shown["per_minute"]["value"]) == (
        "CRM",
        "2026-03-02",
        "60",
    )
    ticked = [each.attributes for each in page.tags("input") if "checked" in each.attributes]
    assert [(each["name"], each["value"]) for each in ticked] == [
        ("cpos", ABC),
        ("cpos", XYZ),
        ("chargestations", "r"),
        ("chargestations", "w"),
        ("locations", "r"),
    ]
    form = {"name": "Portal", "cpos": XYZ, "locations": ["w", "d"], "expires": "", "per_minute": "0"}
    assert (await ada_desk.post(f"/desk/subscription?id={made.id}", form)).status_code == 303
    changed = await only(ports)
    assert (changed.name, changed.cpo_ids, changed.modules) == ("Portal", [XYZ], {"locations": "wd"})
    assert (changed.expires, changed.per_minute, changed.key_digest) == (None, 0, made.key_digest)


@pytest.mark.parametrize(("hours", "said"), [("24", "stays good until"), ("0", "nothing any more")])
async def test_a_new_key_is_shown_once_and_says_what_becomes_of_the_old_one(
    ports: Ports, ada_desk: Desk, hours: str, said: str
) -> None:
    old = await key_of(await ada_desk.post("/desk/subscriptions", FORM))
    made = await only(ports)
    answer = await ada_desk.post(f"/desk/subscription/rotate?id={made.id}", {"grace": hours})
    new = await key_of(answer)
    assert new != old and said in Page(answer.text).one("old-key").text
    record = await only(ports)
    assert record.key_digest == keyed_digest(ports.digest_key, new)
    assert record.previous_until == ports.clock.now() + timedelta(hours=int(hours))
    assert ("The old key" in (await ada_desk.get("/desk/subscriptions")).text) == (hours == "24")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"cpos": []}, "cpos"),
        ({"chargestations": [], "locations": []}, "modules"),
        ({"chargestations": ["x"]}, "modules"),
        ({"expires": "tomorrow"}, "expires"),
        ({"expires": "2026-03-01"}, "expires"),
        ({"per_minute": "-1"}, "per_minute"),
        ({"per_minute": "2000000"}, "per_minute"),
    ],
)
async def test_a_refused_form_keeps_what_was_typed(
    ports: Ports, ada_desk: Desk, wrong: dict[str, Any], field: str
) -> None:
    refused = await ada_desk.post("/desk/subscriptions", {**FORM, **wrong})
    page = Page(refused.text)
    assert refused.status_code == 422 and page.one(f"error-{field}").text
    typed = {each.attributes.get("name"): each.attributes.get("value") for each in page.tags("input")}
    assert typed["name"] == {**FORM, **wrong}["name"] and typed["expires"] == {**FORM, **wrong}["expires"]
    assert await ports.store.find(Subscription) == []
    await ada_desk.post("/desk/subscriptions", FORM)
    made = await only(ports)
    again = await ada_desk.post(f"/desk/subscription?id={made.id}", {**FORM, **wrong})
    assert again.status_code == 422 and Page(again.text).one(f"error-{field}").text
    assert await only(ports) == made


async def test_an_admin_of_one_cpo_sees_and_makes_only_keys_of_it(ports: Ports, amy_desk: Desk) -> None:
    foreign = (await create_subscription(ports, SYSTEM, cpo_ids=[XYZ], modules={"locations": "r"})).subscription
    assert (await amy_desk.page("/desk/subscriptions")).all("subscription-row") == []
    for path in ("/desk/subscription", "/desk/subscription/rotate"):
        answer = await amy_desk.post(f"{path}?id={foreign.id}", {**FORM, "grace": "0"})
        assert answer.status_code == 404
    assert (await amy_desk.post("/desk/subscriptions/revoke", {"id": foreign.id})).status_code == 404
    assert await only(ports) == foreign
    assert (await amy_desk.post("/desk/subscriptions", FORM)).status_code == 422
    await key_of(await amy_desk.post("/desk/subscriptions", {**FORM, "cpos": ABC}))
    assert len((await amy_desk.page("/desk/subscriptions")).all("subscription-row")) == 1


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_its_pages_have_nothing_inline(ports: Ports, client: AsyncClient, language: str) -> None:
    desk = await sign_in(ports, client, "ada", language)
    hostile = "<script>alert(1)</script>{name}"
    made = await desk.post("/desk/subscriptions", {**FORM, "name": hostile})
    id = (await only(ports)).id
    rotated = await desk.post(f"/desk/subscription/rotate?id={id}", {"grace": "24"})
    pages = [await desk.get("/desk/subscriptions"), await desk.get("/desk/subscription", id=id)]
    for answer in (made, rotated, *pages):
        assert_strict(answer.text)
        assert answer.headers["cache-control"] == "no-store" and "<script>alert" not in answer.text


async def test_support_has_no_part_in_it(ports: Ports, sue_desk: Desk) -> None:
    made = (await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules={"locations": "r"})).subscription
    for path in ("/desk/subscriptions", f"/desk/subscription?id={made.id}", f"/desk/subscription/rotate?id={made.id}"):
        assert (await sue_desk.post(path, {**FORM, "grace": "0"})).status_code == 403
    assert (await sue_desk.post("/desk/subscriptions/revoke", {"id": made.id})).status_code == 403
    assert await only(ports) == made
