"""The installer's journey on the platform that the CPO has already, with a vendor's habits, faults and colleagues."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import phone_context
from tests.journeys.steps import WAIT, Phone
from tests.journeys.test_main_job import DUTCH, Site
from tests.journeys.test_phone import all_sent, begin_by_typing
from tests.live import LiveServer
from tests.vendor import Vendor
from tests.vendor.house import ABC, KEY, furnish, make_cpo_on, settle_on, stock

OCPP = "ws://ocpp.acceptance.test/ocpp"
LONG = 60_000
NEW_KEY = "vendor-key-2"


class There(Site):
    """A visit at a station of the vendor's platform: its address is shown, and its password is not ours."""

    vendor: Vendor

    def connect_there(self, url: str) -> None:
        phone = self.phone
        phone.tap("station-connect")
        assert (phone.text("connect-url"), phone.text("connect-identity")) == (url, self.station_id)
        phone.sees("connect-password-words")
        assert phone.page.locator('[data-test="connect-new-password"]').count() == 0
        phone.shots("connect")
        phone.tap("connect-next")
        phone.sees("online-state")
        phone.shots("online-waiting")

    def seen_online(self) -> None:
        """Nobody tells: the watched station is asked about until its platform says so."""
        self.vendor.station_online(self.station_id)
        online = self.phone.page.locator('[data-test="online-state"]')
        expect(online).to_have_attribute("data-state", "online", timeout=LONG)
        self.phone.shots("online")

    def says_acceptance(self) -> None:
        for page in (self.phone.page, self.desk.page):
            expect(page.locator('[data-test="world"]')).to_have_attribute("data-environment", "acceptance")


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor(ocpp_url=OCPP).serving() as running:
        furnish(running)
        yield running


@pytest.fixture
def accepting(vendor: Vendor, tmp_path: Path) -> Iterator[LiveServer]:
    """A server whose acceptance environment is the vendor's server, with the CPO on it."""
    places = {"acceptance_url": vendor.url, "acceptance_ocpp_url": OCPP}
    live = LiveServer(tmp_path / "data", trial_seconds="60", platform_seconds="2", **places).start()
    make_cpo_on(live, "acceptance")
    yield live
    live.kill()


@pytest.fixture
def elsewhere(vendor: Vendor, tmp_path: Path) -> Iterator[LiveServer]:
    """A server with the CPO on the vendor's server by its address."""
    live = LiveServer(tmp_path / "data", trial_seconds="60", platform_seconds="2").start()
    settle_on(live, vendor)
    yield live
    live.kill()


@pytest.fixture
def patient(vendor: Vendor, tmp_path: Path) -> Iterator[LiveServer]:
    """As `elsewhere`, and waits for the platform as long as it does outside of tests."""
    live = LiveServer(tmp_path / "data", platform_seconds="20").start()
    settle_on(live, vendor)
    yield live
    live.kill()


def new_location(phone: Phone) -> None:
    phone.tap("check-location")
    phone.tap("location-new")
    phone.fill("location-name", "Wasstraat Houten")
    phone.fill("location-address", "Dorpsstraat 3")
    phone.fill("location-postal-code", "3991BX")
    phone.fill("location-city", "Houten")
    phone.tap("location-create")
    phone.page.locator('[data-test="location-create-anyway"]').click()
    phone.check("location", "done")


def test_a_new_station_on_acceptance_with_faults_on_the_way(
    accepting: LiveServer, vendor: Vendor, launch: Callable[..., Browser], tmp_path: Path
) -> None:
    """Every write of the phone meets a fault; the person only ever waits a little."""
    site = There(accepting, launch, tmp_path, "UTR-VEN-001")
    site.vendor = vendor
    site.says_acceptance()
    site.phone.shots("home-acceptance")
    site.scan()
    site.phone.tap("lookup-use")
    vendor.fault("drop")
    new_location(site.phone)
    all_sent(site.phone)
    vendor.fault("fail_before", path="ChargeStations")
    site.hardware()
    all_sent(site.phone)
    vendor.fault("busy", path="ChargeStations")
    site.describe()
    all_sent(site.phone)
    site.connect_there(OCPP)
    site.says_acceptance()
    site.seen_online()
    vendor.fault("fail_after", methods=("PATCH",))
    site.test_and_hand_over("reboot")
    all_sent(site.phone)
    assert vendor.commands.resets == ["UTR-VEN-001"]
    assert len(vendor.books.locations) == 2, "the yard and the new one, once"
    station = vendor.books.stations["UTR-VEN-001"]
    assert (station["deploy_state"], station["site_asset_number"]) == ("Production", "asset UTR-VEN-001")
    assert [evse["directions"][0]["text"] for evse in station["evses"]] == [DUTCH, "Links ervan"]
    assert site.phone.errors == [] and site.desk.errors == []


def open_station(server: LiveServer, vendor: Vendor, launch: Callable[..., Browser], station_id: str) -> Phone:
    """A station from the portal's stock, begun on a phone."""
    stock(vendor, station_id)
    phone = Phone(phone_context(launch()), station_id)
    phone.join(server)
    begin_by_typing(phone, station_id)
    all_sent(phone)
    return phone


def text_of(vendor: Vendor, station_id: str) -> str:
    text: str = vendor.books.stations[station_id]["evses"][0]["directions"][0]["text"]
    return text


@pytest.mark.parametrize(("choice", "kept"), [("mine", DUTCH), ("theirs", "Van een collega")])
def test_a_colleague_in_the_portal_was_faster_and_the_person_decides(
    elsewhere: LiveServer, vendor: Vendor, launch: Callable[..., Browser], choice: str, kept: str
) -> None:
    phone = open_station(elsewhere, vendor, launch, "UTR-VEN-002")
    phone.tap("check-texts")
    expect(phone.page.locator('[data-test="evse-directions"]')).to_have_value("Van kantoor", timeout=WAIT)
    vendor.describe_in_portal("UTR-VEN-002", 1, "Van een collega")
    phone.fill("evse-directions", DUTCH)
    phone.tap("evse-save")
    expect(phone.page.locator('[data-test="strip"]')).to_have_attribute("data-tone", "bad", timeout=WAIT)
    phone.tap("strip-show")
    assert (phone.text("outbox-yours"), phone.text("outbox-theirs")) == (DUTCH, "Van een collega")
    phone.shots("conflict")
    phone.tap(f"outbox-take-{choice}")
    all_sent(phone)
    assert text_of(vendor, "UTR-VEN-002") == kept
    assert phone.errors == []


def test_a_token_that_expires_is_said_and_what_waits_is_sent_with_the_new_one(
    elsewhere: LiveServer, vendor: Vendor, launch: Callable[..., Browser]
) -> None:
    phone = open_station(elsewhere, vendor, launch, "UTR-VEN-003")
    phone.tap("check-texts")
    expect(phone.page.locator('[data-test="evse-directions"]')).to_have_value("Van kantoor", timeout=WAIT)
    vendor.expire(KEY)
    phone.fill("evse-directions", DUTCH)
    phone.tap("evse-save")
    expect(phone.page.locator('[data-test="strip"]')).not_to_have_attribute("data-tone", "good", timeout=WAIT)
    phone.page.goto(phone.page.url.split("#")[0] + "#/outbox")
    phone.sees("outbox-later")
    assert "Support must set a new one" in phone.text("outbox-later")
    phone.shots("token-expired")
    vendor.give_key(NEW_KEY, ABC)
    elsewhere.app("cpo", "platform", ABC, "--platform-token", "-", stdin=f"{NEW_KEY}\n")
    phone.tap("outbox-send")
    all_sent(phone)
    assert text_of(vendor, "UTR-VEN-003") == DUTCH


def test_without_remote_commands_a_charge_with_a_card_is_the_test(
    elsewhere: LiveServer, vendor: Vendor, launch: Callable[..., Browser]
) -> None:
    vendor.give_key(NEW_KEY, ABC, modules=("chargestations", "locations"))
    elsewhere.app("cpo", "platform", ABC, "--platform-token", "-", stdin=f"{NEW_KEY}\n")
    phone = open_station(elsewhere, vendor, launch, "UTR-VEN-004")
    vendor.station_online("UTR-VEN-004")
    phone.tap("station-connect")
    phone.tap("connect-next")
    expect(phone.page.locator('[data-test="online-state"]')).to_have_attribute("data-state", "online", timeout=LONG)
    phone.tap("online-to-tests")
    assert phone.page.locator('[data-test="trial-reboot"]').count() == 0
    phone.tap("trial-charge-1")
    phone.tap("trial-start")
    phone.sees("trial-running")
    phone.shots("charge")
    vendor.charging("UTR-VEN-004")
    outcome = phone.page.locator('[data-test="trial-outcome"]')
    expect(outcome).to_have_attribute("data-outcome", "charged", timeout=LONG)
    phone.shots("charged")
    assert phone.errors == [] and vendor.commands.resets == []


def test_while_the_platform_takes_seconds_the_phone_says_so_and_the_work_goes_on(
    patient: LiveServer, vendor: Vendor, launch: Callable[..., Browser]
) -> None:
    """Nothing is shown as sent before it is, and nobody looks at a spinner meanwhile."""
    phone = open_station(patient, vendor, launch, "UTR-VEN-005")
    strip = phone.page.locator('[data-test="strip"]')
    phone.tap("check-texts")
    expect(phone.page.locator('[data-test="evse-directions"]')).to_have_value("Van kantoor", timeout=WAIT)
    vendor.slow = 3.0
    phone.fill("evse-directions", DUTCH)
    phone.tap("evse-save")
    expect(strip).to_contain_text("Sending", timeout=WAIT)
    assert strip.get_attribute("data-tone") == "plain" and text_of(vendor, "UTR-VEN-005") == "Van kantoor"
    phone.shots("slow-sending")
    phone.page.goto(phone.page.url.split("#")[0] + "#/outbox")
    phone.sees("outbox-item")
    phone.shots("slow-outbox")
    phone.page.goto(phone.page.url.split("#")[0] + "#/")
    phone.sees("home-scan")
    expect(strip).to_contain_text("Sending", timeout=WAIT)
    expect(strip).to_have_attribute("data-tone", "good", timeout=LONG)
    assert text_of(vendor, "UTR-VEN-005") == DUTCH
    assert vendor.slow == 3.0 and phone.errors == [], "it was as slow to the end"
