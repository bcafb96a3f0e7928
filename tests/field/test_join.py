"""Joining by link or code: single use, a quarter of an hour, five tries."""

import httpx
import pytest
from msgspec.structs import replace

from app.actions.people import invite, join
from app.domain.errors import MissingField, NotAllowed, UnknownCpo
from app.domain.people import SYSTEM, Actor, Device, Invite, Person, Role
from app.ports import Change, Ports, Put
from tests.conftest import ABC, XYZ
from tests.fakes import FakeClock
from tests.field.conftest import Phones


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


async def test_a_link_lets_a_person_in_once(phones: Phones, ports: Ports, sue: Actor) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC], name="Dirk")
    assert made.link.startswith("http://localhost:8000/#/join/")
    nobody = phones.nobody()
    shown = await nobody.get("/invite", token=token_of(made.link))
    assert shown.json()["known"] is False
    assert (shown.json()["name"], shown.json()["cpos"], shown.json()["role"]) == ("Dirk", [ABC], "installer")
    joined = await nobody.post("/join", {"token": token_of(made.link), "phone": "+31 6 1234", "language": "nl"})
    assert joined.status_code == 200
    me = joined.json()
    assert (me["person"]["name"], me["person"]["phone"], me["person"]["language"]) == ("Dirk", "+31 6 1234", "nl")
    assert [cpo["cpo_id"] for cpo in me["cpos"]] == [ABC]
    cookie = joined.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    again = await nobody.post("/join", {"token": token_of(made.link), "name": "Eve"})
    assert (again.status_code, again.json()["code"]) == (422, "invalid_code")


async def test_the_cookie_is_the_session_and_leaving_ends_it(phones: Phones, ports: Ports, sue: Actor) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    client = phones.client
    headers = {"X-Stationlink": "phone"}
    await client.post("/field/join", json={"code": made.code, "name": "Dirk"}, headers=headers)
    assert (await client.get("/field/me")).json()["person"]["name"] == "Dirk"
    cookie = client.cookies["stationlink_device"]
    await client.post("/field/leave", json={}, headers=headers)
    client.cookies.clear()
    client.cookies.set("stationlink_device", cookie)
    assert (await client.get("/field/me")).status_code == 401, "the old cookie is dead on the server too"


async def test_a_code_works_with_blanks_and_dies_with_its_quarter_of_an_hour(
    phones: Phones, ports: Ports, sue: Actor, clock: FakeClock
) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    late = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    spaced = f"{made.code[:3]} {made.code[3:]}"
    clock.forward(minutes=14)
    assert (await phones.nobody().post("/join", {"code": spaced, "name": "Dirk"})).status_code == 200
    clock.forward(minutes=2)
    refused = await phones.nobody().post("/join", {"code": late.code, "name": "Eve"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_code")


async def test_five_wrong_codes_close_the_door_for_a_while(
    phones: Phones, ports: Ports, sue: Actor, clock: FakeClock
) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    wrong = "000000" if made.code != "000000" else "000001"
    for _ in range(5):
        assert (await phones.nobody().post("/join", {"code": wrong, "name": "Eve"})).status_code == 422
    blocked = await phones.nobody().post("/join", {"code": made.code, "name": "Eve"})
    assert (blocked.status_code, blocked.json()["code"]) == (429, "too_many_tries")
    assert 0 < blocked.json()["detail"]["retry_after"] <= 901
    clock.forward(minutes=16)
    fresh = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    assert (await phones.nobody().post("/join", {"code": fresh.code, "name": "Dirk"})).status_code == 200


async def test_a_person_needs_a_name_and_the_invite_survives_the_question(
    phones: Phones, ports: Ports, sue: Actor
) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    asked = await phones.nobody().post("/join", {"code": made.code, "name": " "})
    assert (asked.status_code, asked.json()["detail"]["field"]) == (422, "name")
    assert (await phones.nobody().post("/join", {"code": made.code, "name": "Dirk"})).status_code == 200


async def test_whom_the_inviter_means_by_number_comes_back_as_the_same_person(
    phones: Phones, ports: Ports, sue: Actor
) -> None:
    first = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    one = await phones.nobody().post("/join", {"code": first.code, "name": "Dirk", "phone": "0612"})
    second = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC], phone="0612")
    shown = await phones.nobody().get("/invite", token=token_of(second.link))
    assert (shown.json()["known"], shown.json()["name"]) == (True, "Dirk"), (
        "the form does not ask for a name that it would not take"
    )
    two = await phones.nobody().post("/join", {"code": second.code, "name": "Somebody else"})
    assert one.json()["person"]["id"] == two.json()["person"]["id"]
    assert two.json()["person"]["name"] == "Dirk", "the one who joins cannot rename a colleague"


async def test_typing_somebodys_number_makes_nobody_that_person(phones: Phones, ports: Ports, sue: Actor) -> None:
    victim = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    known = await phones.nobody().post("/join", {"code": victim.code, "name": "Dirk", "phone": "0612"})
    mine = await invite(ports, SYSTEM, role=Role.INSTALLER, cpo_ids=[XYZ])
    joined = await phones.nobody().post("/join", {"code": mine.code, "name": "Mallory", "phone": "0612"})
    assert joined.json()["person"]["id"] != known.json()["person"]["id"]
    assert [cpo["cpo_id"] for cpo in joined.json()["cpos"]] == [XYZ]


async def test_an_inviter_cannot_reach_a_person_beyond_their_own_scope(
    phones: Phones, ports: Ports, sue: Actor
) -> None:
    abroad = await invite(ports, SYSTEM, role=Role.SUPPORT, cpo_ids=[XYZ])
    theirs = await join(ports, code=abroad.code, name="Xander", phone="0699")
    own = await invite(ports, sue, role=Role.SUPPORT, cpo_ids=[ABC], phone="0699")
    made = await join(ports, code=own.code, name="Sue again")
    assert made.person.id != theirs.person.id
    assert made.person.cpo_ids == [ABC]


async def test_the_admin_of_everything_cannot_be_narrowed_by_an_invite(ports: Ports) -> None:
    first = await invite(ports, SYSTEM, role=Role.ADMIN, cpo_ids=[], phone="0600")
    boss = await join(ports, code=first.code, name="Boss")
    found = await ports.store.get(Person, boss.person.id)
    assert found is not None
    await ports.store.commit(Change(writes=(Put(replace(found[0], phone="0600"), found[1]),)))
    narrow = await invite(ports, SYSTEM, role=Role.ADMIN, cpo_ids=[ABC], phone="0600")
    other = await join(ports, code=narrow.code, name="Half a boss")
    assert other.person.id != boss.person.id
    again = await ports.store.get(Person, boss.person.id)
    assert again is not None and again[0].cpo_ids == []


async def test_no_secret_is_stored(phones: Phones, ports: Ports, sue: Actor) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    await phones.nobody().post("/join", {"code": made.code, "name": "Dirk"})
    cookie = phones.client.cookies["stationlink_device"]
    records = [
        *await ports.store.find(Invite),
        *await ports.store.find(Device),
        *await ports.store.find(Person),
    ]
    facts = await ports.store.facts()
    for secret in (made.code, token_of(made.link), cookie):
        assert secret not in repr(records) and secret not in repr(facts)


async def test_invites_stay_inside_the_scope_and_role_of_their_maker(ports: Ports, sue: Actor) -> None:
    with pytest.raises(UnknownCpo):
        await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[XYZ])
    with pytest.raises(NotAllowed):
        await invite(ports, sue, role=Role.ADMIN, cpo_ids=[ABC])
    with pytest.raises(MissingField):
        await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[])


async def test_an_unknown_link_says_so(phones: Phones) -> None:
    answer = await phones.nobody().get("/invite", token="NOSUCHTOKEN")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_invite")


async def test_writes_need_the_phones_own_header(phones: Phones, ports: Ports) -> None:
    anna = await phones.of("anna")
    del anna.headers["X-Stationlink"]
    answer = await anna.post("/sync", {"operations": []})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_nobody_gets_in_without_signing_in(phones: Phones) -> None:
    for path in ("/me", "/home", "/commissionings/c-1", "/locations?cpo=x", "/templates?cpo=x", "/lookup?text=x"):
        answer = await phones.nobody().get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path
    assert (await phones.nobody().post("/sync", {"operations": []})).status_code == 401


async def test_a_device_unused_for_a_month_is_signed_out(phones: Phones, clock: FakeClock) -> None:
    phone = await phones.of("anna")
    clock.forward(days=31)
    assert (await phone.get("/me")).status_code == 401


async def test_wrong_codes_of_a_stranger_close_no_link(phones: Phones, ports: Ports, sue: Actor) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    wrong = "000000" if made.code != "000000" else "000001"
    for _ in range(6):
        last = await phones.nobody().post("/join", {"code": wrong, "name": "Eve"})
    assert last.status_code == 429
    assert (await phones.nobody().get("/invite", token=token_of(made.link))).status_code == 200
    joined = await phones.nobody().post("/join", {"token": token_of(made.link), "name": "Dirk"})
    assert (joined.status_code, joined.json()["person"]["name"]) == (200, "Dirk")


async def test_unknown_links_use_up_no_tries_of_a_code(phones: Phones, ports: Ports, sue: Actor) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    for _ in range(6):
        assert (await phones.nobody().get("/invite", token="NOSUCHTOKEN")).status_code == 404
        assert (await phones.nobody().post("/join", {"token": "NOSUCHTOKEN", "name": "Eve"})).status_code == 404
    assert (await phones.nobody().post("/join", {"code": made.code, "name": "Dirk"})).status_code == 200


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_the_cookie_is_secure_when_the_request_was(
    phones: Phones, ports: Ports, sue: Actor, scheme: str, secure: bool
) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC])
    phones.client.base_url = httpx.URL(f"{scheme}://testserver.local")
    joined = await phones.nobody().post("/join", {"token": token_of(made.link), "name": "Dirk"})
    assert ("; secure" in joined.headers["set-cookie"].lower()) is secure
