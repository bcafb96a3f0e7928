"""Every page of the desk: it renders, in both languages, within its reader's scope, and without inline script."""

import pytest

from app.actions.labels import make_label
from app.domain.people import SYSTEM, Actor
from app.ports import Ports
from tests.conftest import ABC, GARAGE, XYZ, YARD
from tests.desk.conftest import Desk, Page, Work, sign_in

PAGES = [
    "/desk",
    "/desk/board",
    "/desk/stations",
    "/desk/station?id=UTR-DEPOT-018",
    "/desk/station/live?id=UTR-DEPOT-018",
    "/desk/locations",
    f"/desk/location?id={YARD}",
    "/desk/models",
    "/desk/labels",
    "/desk/connections",
    "/desk/connections/list",
    "/desk/people",
    "/desk/people/invite",
    "/desk/cpos",
    "/desk/cpo",
    f"/desk/cpo?id={ABC}",
    "/desk/subscriptions",
]


@pytest.fixture
async def begun(work: Work) -> Work:
    await work.begin()
    await work.locate()
    await work.template()
    return work


def assert_strict(html: str) -> None:
    """What our CSP would refuse, and what a page needs to be read by everybody."""
    page = Page(html)
    for element in page.elements:
        assert "style" not in element.attributes, element.tag
        assert not [name for name in element.attributes if name.startswith("on")], element.attributes
        assert "javascript:" not in element.attributes.get("href", "")
    assert not page.tags("style")
    assert all(script.attributes.get("src") and not script.text.strip() for script in page.tags("script"))
    labelled = {label.attributes.get("for") for label in page.tags("label")}
    wrapped = "".join(label.text for label in page.tags("label"))
    assert wrapped or not labelled
    for control in page.tags("input") + page.tags("select") + page.tags("textarea"):
        kind = control.attributes.get("type")
        named = control.attributes.get("id") in labelled or "aria-label" in control.attributes
        assert named or kind in ("hidden", "radio", "checkbox") or control.attributes.get("name") in ("size", "skip")
    if html.startswith("<!doctype"):
        assert len(page.tags("h1")) == 1
        assert len(page.tags("main")) == 1
        assert page.tags("title")[0].text.strip() not in ("", "· Stationlink")
        assert page.tags("html")[0].attributes["lang"] in ("en", "nl")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_every_page_renders_without_anything_inline(
    ports: Ports, client: object, begun: Work, path: str, language: str
) -> None:
    desk = await sign_in(ports, client, "ada", language)  # type: ignore[arg-type]
    answer = await desk.get(path)
    assert answer.status_code == 200, answer.text[:300]
    assert_strict(answer.text)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_sees_a_page_without_signing_in(guest: Desk, begun: Work, path: str) -> None:
    answer = await guest.get(path)
    assert answer.status_code == 401
    assert Page(answer.text).one("signin")
    assert "Utrecht bus depot" not in answer.text


@pytest.mark.parametrize("path", PAGES)
async def test_an_installer_is_pointed_to_the_phone_app(ports: Ports, client: object, begun: Work, path: str) -> None:
    desk = await sign_in(ports, client, "anna")  # type: ignore[arg-type]
    answer = await desk.get(path)
    assert answer.status_code == 403
    assert Page(answer.text).one("installer")
    assert "Utrecht bus depot" not in answer.text


async def test_a_station_of_another_cpo_does_not_exist(
    ports: Ports, sue_desk: Desk, ada_desk: Desk, carl: Actor
) -> None:
    await Work(ports, carl, "c-x").begin("XYZ-1", XYZ)
    foreign = await sue_desk.get("/desk/station", id="XYZ-1")
    unknown = await sue_desk.get("/desk/station", id="NO-SUCH")
    assert foreign.status_code == unknown.status_code == 404
    assert Page(foreign.text).one("error").text == Page(unknown.text).one("error").text
    assert (await ada_desk.get("/desk/station", id="XYZ-1")).status_code == 200
    for path in ("/desk", "/desk/stations", "/desk/labels", "/desk/connections"):
        assert "XYZ-1" not in (await sue_desk.get(path)).text


@pytest.mark.parametrize(
    "path", ["/desk/station/password", "/desk/station/release", "/desk/station/virtual", "/desk/station/live"]
)
async def test_nothing_can_be_done_to_a_station_of_another_cpo(
    ports: Ports, sue_desk: Desk, carl: Actor, path: str
) -> None:
    await Work(ports, carl, "c-x").begin("XYZ-1", XYZ)
    before = await ports.store.last_fact()
    send = sue_desk.get if path.endswith("live") else sue_desk.post
    assert (await send(f"{path}?id=XYZ-1")).status_code == 404
    assert await ports.store.last_fact() == before


async def test_locations_cpos_labels_and_people_of_others_do_not_exist(
    ports: Ports, sue_desk: Desk, carl: Actor
) -> None:
    label = await make_label(ports, SYSTEM, charge_station_id="XYZ-9", cpo_id=XYZ)
    foreign = "11111111-0000-4000-8000-000000000003"
    for path in (
        f"/desk/location?id={foreign}",
        f"/desk/labels/print?code={label.code}",
        f"/desk/labels/svg?code={label.code}",
    ):
        assert (await sue_desk.get(path)).status_code == 404
    assert "Foreign yard" not in (await sue_desk.get("/desk/locations")).text
    people = (await sue_desk.get("/desk/people")).text
    assert "Anna" in people and "Carl" not in people and "Ada" not in people
    assert XYZ not in (await sue_desk.get("/desk/cpos")).text


async def test_support_does_not_get_what_is_the_admins(sue_desk: Desk) -> None:
    for path in ("/desk/cpo", f"/desk/cpo?id={ABC}", "/desk/subscriptions", "/desk/subscription?id=x"):
        assert (await sue_desk.get(path)).status_code == 403
    assert (await sue_desk.post(f"/desk/cpo?id={ABC}", {"name": "Mine"})).status_code == 403
    assert "nav-subscriptions" not in (await sue_desk.get("/desk")).text


async def test_hostile_names_stay_text(ports: Ports, sue_desk: Desk, work: Work) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    await work.begin(hostile)
    await make_label(ports, SYSTEM, charge_station_id=hostile, cpo_id=ABC)
    codes = Page((await sue_desk.get("/desk/labels")).text).all("label-code")
    paths = ["/desk", f"/desk/labels/print?code={codes[0].text}", f"/S/{codes[0].text}"]
    for answer in [await sue_desk.get(path) for path in paths] + [await sue_desk.get("/desk/station", id=hostile)]:
        assert answer.status_code == 200
        assert_strict(answer.text)
        assert not [img for img in Page(answer.text).tags("img") if img.attributes.get("src") == "x"]
        assert hostile in "".join(element.text for element in Page(answer.text).tags("main"))


async def test_ids_with_slashes_bars_and_spaces_have_their_page(sue_desk: Desk, work: Work) -> None:
    await work.begin("RDAM|123/a b?c#d&e")
    board = await sue_desk.page("/desk")
    href = next(a.attributes["href"] for a in board.tags("a") if "RDAM" in a.attributes["href"])
    page = await sue_desk.page(href)
    assert page.one("station-id").text == "RDAM|123/a b?c#d&e"


async def test_lists_search_filter_and_turn_pages(ports: Ports, sue_desk: Desk, begun: Work, anna: Actor) -> None:
    for number in range(1, 53):
        other = Work(ports, anna, f"c-{number}x")
        await other.begin(f"GAR-{number:03d}")
        await other.locate(GARAGE)
        await other.template()
    first = await sue_desk.page("/desk/stations")
    assert len(first.all("station-row")) == 50
    assert first.one("paging").text == "1 to 50 of 53"
    onward = next(a.attributes["href"] for a in first.tags("a") if a.attributes.get("rel") == "next")
    assert len((await sue_desk.page(onward)).all("station-row")) == 3
    found = (await sue_desk.page("/desk/stations", q="utr-")).all("station-row")
    assert [row.attributes["data-station"] for row in found] == ["UTR-DEPOT-018"]
    assert not (await sue_desk.page("/desk/stations", state="Production")).all("station-row")
    here = await sue_desk.page(f"/desk/location?id={YARD}")
    assert [row.attributes["data-station"] for row in here.all("station-row")] == ["UTR-DEPOT-018"]
    assert len((await sue_desk.page("/desk/locations", q="noord")).all("location-row")) == 1


async def test_nonsense_in_a_query_is_the_first_page(sue_desk: Desk, begun: Work) -> None:
    for query in ("offset=-1", "offset=x", "offset=99999999999999999999", "state=Nowhere", "cpo=none", "location=none"):
        assert (await sue_desk.get(f"/desk/stations?{query}")).status_code == 200


async def test_empty_pages_say_what_to_do(sue_desk: Desk) -> None:
    board = await sue_desk.page("/desk")
    assert board.one("board-empty")
    assert "/desk/people/invite" in [a.attributes["href"] for a in board.tags("a")]
    assert (await sue_desk.page("/desk/connections")).one("connections-empty")


async def test_language_and_theme_are_kept_and_lead_back(sue_desk: Desk) -> None:
    answer = await sue_desk.post("/desk/look", {"language": "nl", "back": "/desk/people?x=1"})
    assert answer.headers["location"] == "/desk/people?x=1"
    assert "stationlink_language=nl" in answer.headers["set-cookie"]
    sue_desk.headers["Cookie"] += "; stationlink_language=nl; stationlink_theme=dark"
    page = await sue_desk.page("/desk")
    assert page.tags("html")[0].attributes == {"lang": "nl", "data-theme": "dark"}
    for hostile in ("//evil.example/desk", "https://evil.example/desk", "/\\evil.example", "javascript:alert(1)"):
        answer = await sue_desk.post("/desk/look", {"theme": "dark", "back": hostile})
        assert answer.headers["location"] == "/desk"


async def test_a_form_from_another_site_is_refused(sue_desk: Desk) -> None:
    form = {"role": "support", "cpos": ABC}
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = await sue_desk.post("/desk/people/invite", form, **headers)
        assert answer.status_code == 403
    assert (await sue_desk.post("/desk/people/invite", form, **{"Sec-Fetch-Site": "same-origin"})).status_code == 200
