"""The phone where it is hard: no camera, no secure page, no signal, no answer, no session."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.journeys.conftest import DESK, PHONE, QUIET, phone_context
from tests.journeys.steps import WAIT, Desk, Phone
from tests.live import LiveServer

DRAFT_KEPT = """() => new Promise((done) => {
  const look = () => {
    const opening = indexedDB.open("stationlink");
    opening.onsuccess = () => {
      const base = opening.result;
      const counting = base.transaction("drafts").objectStore("drafts").count();
      counting.onsuccess = () => { base.close(); counting.result ? done(true) : setTimeout(look, 20); };
    };
  };
  look();
})"""
"""Resolves when the app has put a draft into the phone's own database."""


def operations(server: LiveServer, phone: Phone, commissioning: str) -> list[str]:
    """The facts of a commissioning by kind, as the server has them: read beside the page."""
    view = phone.page.context.request.get(f"{server.url}/field/commissionings/{commissioning}").json()
    return [check["key"] for check in view["checks"] if check["state"] == "waived"]


def begin_by_typing(phone: Phone, station_id: str) -> str:
    """Begin without a camera; returns the commissioning's id."""
    phone.tap("home-scan")
    phone.tap("scan-typed")
    phone.fill("scan-typed-input", station_id)
    phone.tap("scan-typed-submit")
    phone.tap("lookup-use")
    phone.check("location", "open")
    return phone.page.url.rsplit("/", 1)[1]


def waive(phone: Phone, commissioning: str, check: str) -> None:
    phone.page.goto(phone.page.url.split("#")[0] + f"#/c/{commissioning}/waive/{check}")
    phone.fill("waive-reason", "not on this visit")
    phone.tap("waive-submit")


def all_sent(phone: Phone) -> None:
    expect(phone.page.locator('[data-test="strip"]')).to_have_attribute("data-tone", "good", timeout=WAIT)


@pytest.fixture
def phone(filled: LiveServer, launch: Callable[..., Browser]) -> Phone:
    """A signed-in phone with a camera that shows no code."""
    opened = Phone(phone_context(launch()), "phone")
    opened.join(filled)
    return opened


def test_a_denied_camera_says_so_and_typing_goes_on(filled: LiveServer, launch: Callable[..., Browser]) -> None:
    denied = Phone(phone_context(launch(ask=True), permissions=[]), "camera-denied")
    denied.join(filled)
    denied.tap("home-scan")
    expect(denied.page.locator('[data-test="scan-camera"]')).to_have_attribute("data-state", "denied", timeout=WAIT)
    denied.sees("scan-why")
    denied.shots("scan")
    begin_typed(denied)


def test_a_phone_without_camera_says_so_and_typing_goes_on(filled: LiveServer, launch: Callable[..., Browser]) -> None:
    blind = Phone(phone_context(launch(camera=False)), "camera-none")
    blind.join(filled)
    blind.tap("home-scan")
    expect(blind.page.locator('[data-test="scan-camera"]')).to_have_attribute("data-state", "none", timeout=WAIT)
    blind.shots("scan")
    begin_typed(blind)


def begin_typed(phone: Phone) -> None:
    phone.tap("scan-typed")
    phone.shots("typed")
    phone.fill("scan-typed-input", "UTR-DEPOT-099")
    phone.tap("scan-typed-submit")
    phone.tap("lookup-use")
    phone.check("location", "open")


def test_on_plain_http_over_a_lan_it_works_by_photo_and_typed_id(
    filled: LiveServer, launch: Callable[..., Browser], tmp_path: Path
) -> None:
    """A page on `http://` and a name that is not this machine's own is no secure context: no camera, no worker."""
    desk = Desk(launch().new_context(viewport=DESK), filled)
    desk.sign_in()
    _, picture = desk.label_of("UTR-DEPOT-101")
    (tmp_path / "label.png").write_bytes(picture)
    browser = launch(more=("--host-resolver-rules=MAP depot.test 127.0.0.1",))
    phone = Phone(phone_context(browser, permissions=[]), "plain-http")
    token = filled.invitation("installer", "ABC Charging", "--name", "Anna")["link"].rsplit("/", 1)[1]
    phone.page.goto(f"http://depot.test:{filled.port}/#/join/{token}")
    phone.tap("join-submit")
    phone.tap("home-scan")
    expect(phone.page.locator('[data-test="scan-camera"]')).to_have_attribute("data-state", "insecure", timeout=WAIT)
    phone.shots("scan")
    phone.page.locator('[data-test="scan-photo-input"]').set_input_files(tmp_path / "label.png")
    phone.tap("lookup-use")
    phone.check("location", "open")
    all_sent(phone)


def test_changes_made_without_signal_are_kept_sent_later_and_done_once(phone: Phone, filled: LiveServer) -> None:
    commissioning = begin_by_typing(phone, "UTR-DEPOT-102")
    all_sent(phone)
    phone.page.context.set_offline(True)
    waive(phone, commissioning, "online")
    phone.check("online", "waived")
    waive(phone, commissioning, "tests")
    expect(phone.page.locator('[data-test="strip"]')).to_have_attribute("data-tone", "wait", timeout=WAIT)
    phone.shots("no-signal")
    phone.page.reload()
    phone.check("tests", "waived")
    assert operations(filled, phone, commissioning) == []
    phone.page.context.set_offline(False)
    all_sent(phone)
    assert operations(filled, phone, commissioning) == ["online", "tests"]


def test_a_reply_lost_in_the_middle_of_a_sync_costs_nothing(phone: Phone, filled: LiveServer) -> None:
    commissioning = begin_by_typing(phone, "UTR-DEPOT-103")
    all_sent(phone)
    sent: list[str] = []

    def lose_the_first_reply(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.page.route("**/field/sync", lose_the_first_reply)
    with phone.page.expect_response("**/field/sync"):
        waive(phone, commissioning, "tests")
    all_sent(phone)
    first, again = (json.loads(body)["operations"][0] for body in sent[:2])
    assert first == again, "the same operation under the same id"
    assert operations(filled, phone, commissioning) == ["tests"]


def test_an_expired_session_keeps_the_queue_and_says_what_to_do(phone: Phone, filled: LiveServer) -> None:
    commissioning = begin_by_typing(phone, "UTR-DEPOT-104")
    all_sent(phone)
    phone.page.context.clear_cookies()
    waive(phone, commissioning, "tests")
    expect(phone.page.locator('[data-test="strip"]')).to_have_attribute("data-tone", "bad", timeout=WAIT)
    phone.shots("signed-out")
    code = filled.invitation("installer", "ABC Charging", "--phone", "+31612345678")["code"]
    phone.page.goto(phone.page.url.split("#")[0] + "#/join")
    phone.fill("join-code", code)
    phone.fill("join-name", "Anna")
    phone.fill("join-phone", "+31612345678")
    phone.tap("join-submit")
    all_sent(phone)
    assert operations(filled, phone, commissioning) == ["tests"]


def test_a_draft_survives_a_reload(phone: Phone, filled: LiveServer) -> None:
    commissioning = begin_by_typing(phone, "UTR-DEPOT-105")
    phone.tap("check-location")
    phone.page.locator('[data-test="location-item"]', has_text="Utrecht bus depot").click()
    phone.tap("location-use")
    phone.tap("check-hardware")
    phone.tap("template-item")
    phone.tap("template-use")
    phone.check("hardware", "done")
    phone.tap("check-texts")
    phone.fill("evse-directions", "Half a sentence")
    phone.page.evaluate(DRAFT_KEPT)
    phone.page.reload()
    expect(phone.page.locator('[data-test="evse-directions"]')).to_have_value("Half a sentence", timeout=WAIT)
    assert commissioning in phone.page.url


def test_it_can_be_installed(filled: LiveServer, playwright: Playwright, chromium_path: str, tmp_path: Path) -> None:
    """A private window can never install: so this browser has a profile."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile", executable_path=chromium_path, args=QUIET, viewport=PHONE
    )
    try:
        phone = Phone(context, "installed")
        phone.page.goto(filled.url)
        phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        cdp = context.new_cdp_session(phone.page)
        assert cdp.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        assert cdp.send("Page.getAppManifest")["errors"] == []
    finally:
        context.close()


def test_its_worker_minds_its_own_business(phone: Phone) -> None:
    phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    phone.page.context.set_offline(True)
    phone.page.reload()
    phone.sees("home-scan")
    for foreign in ("/desk", "/S/7KQ2-M4XA-9", "/api/1.0/ChargeStations", "/field/me", "/health/live"):
        answered = phone.page.evaluate("path => fetch(path).then(() => true, () => false)", foreign)
        assert answered is False, f"the worker answered for {foreign}"


def test_everything_is_there_in_dutch(phone: Phone) -> None:
    phone.tap("home-settings")
    phone.tap("settings-language-nl")
    phone.page.goto(phone.page.url.split("#")[0] + "#/")
    expect(phone.page.locator('[data-test="home-scan"]')).to_contain_text("scan", ignore_case=True)
    assert phone.page.locator("html").get_attribute("lang") == "nl"
    phone.shots("home-dutch")


def test_the_scan_address_in_a_plain_browser_explains_itself(
    filled: LiveServer, launch: Callable[..., Browser]
) -> None:
    desk = Desk(launch().new_context(viewport=DESK), filled)
    desk.sign_in()
    code, _ = desk.label_of("UTR-DEPOT-106")
    stranger = Phone(phone_context(launch()), "landing")
    stranger.page.goto(f"{filled.url}/s/{code.lower()}")
    assert stranger.text("landing-station") == "UTR-DEPOT-106"
    stranger.shots("landing")
    stranger.page.goto(f"{filled.url}/S/2222-2222-Z")
    assert stranger.page.locator('[data-test="landing-unknown"], [data-test="landing-damaged"]').count() == 1
    stranger.shots("landing-unknown")
    assert [e for e in stranger.errors if "404" not in e] == []


def test_the_desk_says_when_it_is_not_live_and_recovers(filled: LiveServer, launch: Callable[..., Browser]) -> None:
    desk = Desk(launch().new_context(viewport=DESK), filled)
    desk.sign_in()
    state = desk.page.locator('[data-test="live-state"]')
    filled.stop()
    expect(state).not_to_have_attribute("data-state", "live", timeout=WAIT)
    filled.start()
    expect(state).to_have_attribute("data-state", "live", timeout=40_000)
