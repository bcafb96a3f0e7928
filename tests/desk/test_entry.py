"""Coming in: an invitation works once and by its button only; and the page behind a label's code."""

from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from app.actions.labels import make_label
from app.actions.people import Invited, invite, join
from app.bus import Bus
from app.desk.routes import router
from app.domain.people import SYSTEM, Device, Role
from app.ports import Ports
from app.settings import Settings
from tests.conftest import ABC
from tests.desk.conftest import Desk, Page
from tests.fakes import FakeClock


async def invited(ports: Ports, role: Role = Role.SUPPORT, name: str | None = "Sam") -> Invited:
    return await invite(ports, SYSTEM, role=role, cpo_ids=[ABC], name=name)


def path_of(made: Invited) -> str:
    return made.link.removeprefix("http://localhost:8000")


async def test_looking_at_an_invitation_does_not_use_it_up(ports: Ports, guest: Desk) -> None:
    made = await invited(ports)
    for _ in range(3):
        page = await guest.page(path_of(made))
        assert "support" in page.one("join-form").text and ABC in page.one("join-form").text
        assert [field.attributes["value"] for field in page.tags("input") if field.attributes["name"] == "name"] == [
            "Sam"
        ]
    assert await ports.store.find(Device) == []


async def test_the_button_signs_in_once(ports: Ports, guest: Desk) -> None:
    made = await invited(ports)
    answer = await guest.post(path_of(made), {"name": "Sam Smit"}, **{"User-Agent": "Mozilla (Windows) Firefox/1"})
    assert answer.status_code == 303 and answer.headers["location"] == "/desk"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie.replace("Lax", "lax")
    again = await guest.post(path_of(made), {"name": "Mallory"})
    assert again.status_code == 410 and "set-cookie" not in again.headers
    assert (await guest.get(path_of(made))).status_code == 410
    guest.headers["Cookie"] = cookie.split(";")[0]
    people = await guest.page("/desk/people")
    assert "Sam Smit" in people.tags("main")[0].text and "Firefox, Windows" in people.tags("main")[0].text
    assert "Mallory" not in people.tags("main")[0].text


@pytest.mark.parametrize("public", ["http://charge.example", "https://charge.example"])
@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_the_cookie_is_secure_when_the_request_was_whatever_the_public_url(
    ports: Ports, bus: Bus, settings: Settings, public: str, scheme: str, secure: bool
) -> None:
    made = await invited(ports)
    app = Litestar([router(replace(ports, public_url=public), bus, settings)])
    async with AsyncClient(transport=ASGITransport(app=app), base_url=f"{scheme}://testserver.local") as client:
        headers = {"Origin": f"{scheme}://testserver.local"}
        answer = await client.post(path_of(made), data={"name": "Sam"}, headers=headers)
    assert answer.status_code == 303
    assert ("; secure" in answer.headers["set-cookie"].lower()) is secure


async def test_a_nameless_joiner_keeps_the_form_and_the_invitation(ports: Ports, guest: Desk) -> None:
    made = await invited(ports, name=None)
    answer = await guest.post(path_of(made), {"name": "  "})
    assert answer.status_code == 422
    assert Page(answer.text).one("error-name").text == "Fill this in"
    assert (await guest.post(path_of(made), {"name": "Sam"})).status_code == 303


async def test_whom_the_inviter_means_is_not_asked_for_a_name(ports: Ports, guest: Desk) -> None:
    first = await join(ports, code=(await invited(ports)).code, name="Sam Smit", phone="0612")
    again = await invite(ports, SYSTEM, role=Role.SUPPORT, cpo_ids=[ABC], phone="0612")
    page = await guest.page(path_of(again))
    assert "Sam Smit" in page.one("join-known").text
    assert [field for field in page.tags("input") if field.attributes["name"] == "name"] == []
    assert (await guest.post(path_of(again), {})).status_code == 303
    assert {device.person_id for device, _ in await ports.store.find(Device)} == {first.person.id}


async def test_old_and_invented_links_say_so(ports: Ports, clock: FakeClock, guest: Desk) -> None:
    made = await invited(ports)
    clock.forward(minutes=16)
    for path in (path_of(made), "/desk/join/NOSUCHTOKEN"):
        for answer in (await guest.get(path), await guest.post(path, {"name": "Sam"})):
            assert answer.status_code in (404, 410)
            assert Page(answer.text).one("spent")


async def test_an_installers_invitation_leads_to_the_phone_app(ports: Ports, guest: Desk) -> None:
    made = await invited(ports, Role.INSTALLER)
    token = made.link.rsplit("/", 1)[1]
    answer = await guest.get(f"/desk/join/{token}")
    assert f"/#/join/{token}" in answer.text and Page(answer.text).one("installer")


async def test_signing_out_ends_the_device(ports: Ports, sue_desk: Desk) -> None:
    answer = await sue_desk.post("/desk/leave")
    assert answer.status_code == 303
    assert (await sue_desk.get("/desk")).status_code == 401
    assert [device.revoked_at is not None for device, _ in await ports.store.find(Device, id="sue-desk")] == [True]


async def test_unknown_pages_of_the_desk_are_answered_in_words(sue_desk: Desk) -> None:
    answer = await sue_desk.get("/desk/station", id="nothing")
    assert answer.status_code == 404 and Page(answer.text).one("error").attributes["data-code"] == "unknown_station"


# --- The page behind a label ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["/S/{}", "/s/{}", "/S/{}/", "/S/{}?x=1"])
@pytest.mark.parametrize("case", [str.upper, str.lower, lambda code: code.replace("-", "")])
async def test_a_label_opens_in_any_case_and_says_the_station_only(
    ports: Ports, guest: Desk, shape: str, case: object
) -> None:
    label = await make_label(ports, SYSTEM, charge_station_id="UTR-DEPOT-018", evse_sequence_number=2, cpo_id=ABC)
    answer = await guest.get(shape.format(case(label.code)))  # type: ignore[operator]
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.one("landing-station").text == "UTR-DEPOT-018"
    assert page.one("landing-code").text == label.code
    assert page.one("landing-open").attributes["href"] == f"/#/scan/{label.code}"
    assert "Socket 2" in page.one("landing").text and "not for payment" in page.one("landing").text
    assert ABC not in answer.text


async def test_damaged_unknown_and_foreign_codes_are_explained(ports: Ports, guest: Desk) -> None:
    label = await make_label(ports, SYSTEM, charge_station_id="UTR-DEPOT-018", cpo_id=ABC)
    wrong = label.code[:-1] + ("2" if label.code[-1] != "2" else "3")
    assert Page((await guest.get(f"/S/{wrong}")).text).one("landing-damaged")
    assert Page((await guest.get("/S/<script>")).text).one("landing-damaged")
    unknown = await guest.get("/S/7KQ2-M4XA-9")
    assert unknown.status_code == 404
    names = [element.attributes.get("data-test") for element in Page(unknown.text).elements]
    assert {"landing-unknown", "landing-damaged"} & set(names)


async def test_guessing_codes_is_slowed_down_and_reading_labels_is_not(
    ports: Ports, clock: FakeClock, guest: Desk
) -> None:
    label = await make_label(ports, SYSTEM, charge_station_id="UTR-DEPOT-018", cpo_id=ABC)
    for _ in range(40):
        assert (await guest.get(f"/S/{label.code}")).status_code == 200
    statuses = [(await guest.get("/S/7KQ2-M4XA-0")).status_code for _ in range(31)]
    assert statuses[-1] == 429 and statuses[0] == 404
    clock.forward(seconds=timedelta(minutes=11).total_seconds())
    assert (await guest.get(f"/S/{label.code}")).status_code == 200
