"""The platform of a CPO at the desk: chosen by a form that tries the token, and named on every page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from msgspec import Raw
from msgspec.structs import replace as changed

from app.api.fold import fold_paths
from app.api.routes import router as api_router
from app.bus import Bus
from app.desk.routes import router
from app.desk.words_en import ENGLISH
from app.domain.commissioning import Commissioning
from app.domain.copies import StationCopy, copy_key, home_of
from app.domain.people import Cpo, Subscription, keyed_digest
from app.platforms.remote.choice import PlatformChoice
from app.ports import Change, Ports, Put
from app.settings import Settings
from app.store.vault import Vault
from tests.conftest import ABC, XYZ, make_cpo
from tests.contract.platform_fixtures import serving
from tests.desk.conftest import Desk, Page, Work, sign_in

NEW = "New Power"
GOOD = "good-key-0123456789"
FORM = "/desk/cpo/platform?id=New%20Power"


async def put(ports: Ports, record: Cpo) -> None:
    found = await ports.store.get(Cpo, record.cpo_id)
    await ports.store.commit(Change(writes=(Put(record, found[1] if found else 0),)))


async def read(ports: Ports, name: str) -> Cpo:
    found = await ports.store.get(Cpo, name)
    assert found is not None
    return found[0]


@asynccontextmanager
async def running(ports: Ports) -> AsyncIterator[str]:
    """A platform of the same API, where NEW's key is GOOD; afterwards it does not answer."""
    rights = {"chargestations": "rw", "locations": "rw"}
    digest, now = keyed_digest(ports.digest_key, GOOD), ports.clock.now()
    key = Subscription(key_digest=digest, id="k", name="k", cpo_ids=[NEW], modules=rights, created=now)
    await ports.store.commit(Change(writes=(Put(key),)))
    app = Litestar([api_router(ports, Bus(ports.store), Settings())], openapi_config=None)
    async with serving(fold_paths(app)) as url:
        yield url


@pytest.fixture
async def vendor(ports: Ports) -> AsyncIterator[str]:
    async with running(ports) as url:
        yield url


@pytest.fixture
async def house(ports: Ports) -> AsyncIterator[Ports]:
    """A house that may choose platforms, with a CPO that has nothing anywhere."""
    await put(ports, make_cpo(NEW, "NEW", ports.clock.now()))
    vault = Vault(ports.digest_key)
    choice = PlatformChoice(ports.platforms.builtin, ports.store, ports.clock, ports.ids, vault, ports.endpoints, 5.0)
    yield replace(ports, platforms=choice)
    await choice.close()


@pytest.fixture
def settings() -> Settings:
    """Of a demo, where the desk may choose a platform on this machine."""
    return Settings(demo=True)


@pytest.fixture
async def browser(house: Ports, bus: Bus, settings: Settings) -> AsyncIterator[AsyncClient]:
    app = Litestar(route_handlers=[router(house, bus, settings)])
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://testserver.local") as opened:
        yield opened


@pytest.fixture
async def ada(house: Ports, browser: AsyncClient) -> Desk:
    return await sign_in(house, browser, "ada")


async def test_a_token_is_tried_and_kept_and_never_shown_again(house: Ports, ada: Desk, vendor: str) -> None:
    form = {
        "platform": "address",
        "address": vendor,
        "platform_ocpp_url": "wss://ocpp.example.com",
        "token_other": GOOD,
    }
    answer = await ada.post(FORM, form)
    assert answer.status_code == 303 and answer.headers["location"] == FORM
    kept = await read(house, NEW)
    assert (kept.platform, kept.platform_ocpp_url, set(kept.sealed_tokens)) == (
        vendor,
        "wss://ocpp.example.com",
        {"other"},
    )
    text = (await ada.get(FORM)).text
    assert GOOD not in text and kept.sealed_tokens["other"] not in text
    states = {e.attributes["data-environment"]: e.text for e in Page(text).all("token-state")}
    assert "Set" in states["other"] and "stations, locations, station models" in states["other"].replace("  ", " ")
    assert "No token" in states["acceptance"] and "No token" in states["production"]


async def test_what_stood_in_the_form_before_stays_when_only_a_token_is_set_anew(
    house: Ports, ada: Desk, vendor: str
) -> None:
    form = {
        "platform": "address",
        "address": vendor,
        "platform_ocpp_url": "wss://ocpp.example.com",
        "patches_evses": "1",
    }
    assert (await ada.post(FORM, {**form, "token_other": GOOD})).status_code == 303
    page = Page((await ada.get(FORM)).text)
    boxes = [e.attributes for e in page.tags("input")]
    again = {e["name"]: e.get("value", "") for e in boxes if e["type"] not in ("radio", "checkbox") or "checked" in e}
    assert (await ada.post(FORM, {**again, "token_other": GOOD})).status_code == 303
    kept = await read(house, NEW)
    assert (kept.platform, kept.platform_ocpp_url) == (vendor, "wss://ocpp.example.com") and kept.platform_patches_evses


async def test_a_refused_token_changes_nothing_and_is_said_beside_its_field(
    house: Ports, ada: Desk, vendor: str
) -> None:
    before = await read(house, NEW)
    answer = await ada.post(FORM, {"platform": "address", "address": vendor, "token_other": "wrong-key-00000"})
    assert answer.status_code == 422 and "wrong-key-00000" not in answer.text
    page = Page(answer.text)
    assert "does not accept this token" in page.one("error-token_other").text
    assert next(e for e in page.tags("input") if e.attributes.get("id") == "address").attributes["value"] == vendor
    assert await read(house, NEW) == before


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"platform": "address", "address": ""}, "address"),
        ({"platform": "address", "address": "http://far.example.com", "token_other": GOOD}, "address"),
        ({"platform": "acceptance", "token_acceptance": ""}, "token_acceptance"),
        ({"platform": "acceptance", "token_acceptance": "with space"}, "token_acceptance"),
        ({"platform": "nowhere"}, "form"),
    ],
)
async def test_what_is_missing_or_wrong_is_said_beside_its_field(ada: Desk, sent: dict[str, str], field: str) -> None:
    answer = await ada.post(FORM, {"address": "", "token_acceptance": "", "token_other": "", **sent})
    assert answer.status_code == 422
    assert Page(answer.text).one(f"error-{field}").text


async def test_the_desk_takes_no_http_to_this_machine_outside_the_demo(house: Ports, bus: Bus, vendor: str) -> None:
    app = Litestar(route_handlers=[router(house, bus, Settings())])
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://testserver.local") as opened:
        ada = await sign_in(house, opened, "ada")
        answer = await ada.post(FORM, {"platform": "address", "address": vendor, "token_other": GOOD})
    assert answer.status_code == 422 and Page(answer.text).one("error-address").text
    assert (await read(house, NEW)).platform == "builtin"


async def test_a_cpo_with_stations_keeps_its_platform_and_hears_why(ada: Desk, vendor: str, house: Ports) -> None:
    answer = await ada.post(
        f"/desk/cpo/platform?id={ABC}".replace(" ", "%20"),
        {"platform": "address", "address": vendor, "token_other": GOOD},
    )
    assert answer.status_code == 422
    assert "the platform stays" in answer.text and (await read(house, ABC)).platform == "builtin"


async def test_only_an_admin_chooses_a_platform(house: Ports, browser: AsyncClient) -> None:
    sue = await sign_in(house, browser, "sue")
    assert (await sue.get(FORM)).status_code in (403, 404)
    assert (await sue.post(FORM, {"platform": "acceptance", "token_acceptance": GOOD})).status_code in (403, 404)


@pytest.mark.parametrize("path", ["/desk", "/desk/board", "/desk/models", "/desk/people", "/desk/cpos", "/desk/labels"])
async def test_every_page_names_the_platform(ada_desk: Desk, path: str) -> None:
    world = (await ada_desk.page(path)).one("world")
    assert (world.text.strip(), world.attributes["data-environment"]) == ("Stationlink", "own")


async def test_acceptance_looks_different_and_says_so_in_words(house: Ports, ada: Desk) -> None:
    for name in (ABC, XYZ, NEW):
        await put(house, changed(await read(house, name), platform="acceptance"))
    page = await ada.page("/desk/cpos")
    world = page.one("world")
    assert "acceptance" in world.attributes["class"].split()
    assert "ACCEPTANCE" in world.text and "GreenFlux" in world.text
    assert all("GreenFlux" in cell.text for cell in page.all("cpo-platform"))


async def test_several_worlds_are_all_named_and_each_object_says_its_own(house: Ports, ada: Desk) -> None:
    await put(house, changed(await read(house, NEW), platform="acceptance"))
    page = await ada.page("/desk/board")
    assert page.one("world").attributes["data-environment"] == "mixed"
    assert "Stationlink" in page.one("world").text and "GreenFlux" in page.one("world").text
    narrowed = (await ada.page("/desk/board", cpo=NEW)).one("world")
    assert narrowed.attributes["data-environment"] == "acceptance"
    assert (await ada.page("/desk/board", cpo=ABC)).one("world").attributes["data-environment"] == "own"
    rows = {cell.attributes["data-environment"] for cell in (await ada.page("/desk/cpos")).all("cpo-platform")}
    assert rows == {"own", "acceptance"}


async def test_a_page_that_says_what_went_wrong_names_the_platform_too(house: Ports, ada: Desk) -> None:
    for name in (ABC, XYZ, NEW):
        await put(house, changed(await read(house, name), platform="acceptance"))
    for path in ("/desk/station?id=NOT-THERE", "/desk/cpo?id=Nobody"):
        answer = await ada.get(path)
        page = Page(answer.text)
        assert answer.status_code >= 400 and page.one("error")
        assert page.one("world").attributes["data-environment"] == "acceptance"


async def test_a_card_of_the_board_says_how_old_it_is_where_a_platform_was_read(
    house: Ports, ada: Desk, work: Work
) -> None:
    """Our own stations are live; of a platform's one it is told when it was read."""
    await work.begin("OURS-1")
    await put(house, changed(await read(house, NEW), platform="acceptance"))
    theirs = Commissioning(
        id="c-there", cpo_id=NEW, charge_station_id="THEIRS-1", begun=house.clock.now(), begun_by="anna",
        person_id="anna", changed=house.clock.now(),
    )  # fmt: skip
    home, then = home_of("acceptance", NEW), house.clock.now() - timedelta(minutes=7)
    station = {
        "charge_station_id": "THEIRS-1", "location_id": "L", "deploy_state": "Stock", "created": "2026-01-01T00:00:00Z",
        "default_charge_station_tariff_id": "T", "charger_type": "Public",
    }  # fmt: skip
    copy = StationCopy(
        id=copy_key(home, "THEIRS-1"), home=home, cpo_id=NEW, charge_station_id="THEIRS-1", location_key="l",
        deploy_state="Stock", search="theirs-1", body=Raw(msgspec.json.encode(station)), read_at=then,
    )  # fmt: skip
    await house.store.commit(Change(writes=(Put(theirs), Put(copy))))
    page = await ada.page("/desk/board")
    assert {page.one("card-c-1").attributes["data-station"], page.one("card-c-there").attributes["data-station"]} == {
        "OURS-1",
        "THEIRS-1",
    }
    age = page.one("read-at")
    assert age.text == "Read there 7 min ago"


async def test_a_platform_that_does_not_answer_hides_nothing_of_the_others(house: Ports, ada: Desk) -> None:
    async with running(house) as url:
        assert (await ada.post(FORM, {"platform": "address", "address": url, "token_other": GOOD})).status_code == 303
    page = await ada.page("/desk/models")
    assert page.all("model") and "does not answer" in page.one("platform-problem").text
    assert (await ada.page("/desk/stations")).one("world").attributes["data-environment"] == "mixed"
    assert (await ada.get("/desk/station?id=NOT-THERE")).status_code == 503
    assert (await ada.get("/desk/location?id=NOT-THERE")).status_code == 503


async def test_a_platform_without_a_key_hides_nothing_of_the_others(house: Ports, ada: Desk) -> None:
    await put(house, changed(await read(house, NEW), platform="acceptance"))
    assert (await ada.page("/desk/models")).all("model")
    assert (await ada.get("/desk/stations")).status_code == 200
    refused = await ada.get("/desk/stations", cpo=NEW)
    assert refused.status_code == 503 and "refuses this operator" in refused.text


async def test_of_a_station_on_a_platform_only_what_the_platform_tells_is_said(house: Ports, ada: Desk) -> None:
    theirs = Commissioning(
        id="c-there", cpo_id=NEW, charge_station_id="THEIRS-1", begun=house.clock.now(), begun_by="anna",
        person_id="anna", changed=house.clock.now(),
    )  # fmt: skip
    async with running(house) as url:
        assert (await ada.post(FORM, {"platform": "address", "address": url, "token_other": GOOD})).status_code == 303
        await house.store.commit(Change(writes=(Put(theirs),)))
        page = await ada.page("/desk/station?id=THEIRS-1")
    assert page.one("rung").attributes["data-rung"] == "unseen"
    assert page.one("next-step").text == ENGLISH.rung_next["unseen"]
    assert ENGLISH.axes["only_online"] in page.one("connectivity").text
    for ours in ("axis-socket", "axis-ear", "knocks", "rotate", "tuning", "profile"):
        assert not page.all(ours), ours
