"""The tests on a phone before a real virtual station: what it waits for, what came of it, why, and putting it right."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.conftest import VirtualStation, phone_context
from tests.journeys.steps import WAIT, Phone
from tests.journeys.test_phone import all_sent, begin_by_typing
from tests.live import LiveServer, sent, station_body

STATION = "UTR-TEST-001"
LONG = 90_000
LEFT, RIGHT = "Links, bij de deur", "Rechts, bij de heg"
WISHES = "HeartbeatInterval = 60..900 -> 300 # interval\nMeterValueSampleInterval = 10..30 -> 30 # interval\n"


class Bench:
    """A twin that is online, its sockets described, and the phone on its list of tests."""

    def __init__(self, server: LiveServer, launch: Callable[..., Browser], name: str) -> None:
        self.server = server
        self.phone = Phone(phone_context(launch()), f"tests-{name}")
        self.phone.join(server)
        self.commissioning = begin_by_typing(self.phone, STATION)
        self.choose_model()
        self.describe(1, LEFT)
        self.describe(2, RIGHT)
        all_sent(self.phone)

    def choose_model(self) -> None:
        self.phone.tap("check-hardware")
        self.phone.tap("template-item")
        self.phone.tap("template-use")
        self.phone.check("hardware", "done")

    def describe(self, number: int, words: str) -> None:
        self.go(f"texts/{number}")
        self.phone.fill("evse-directions", words)
        self.phone.tap("evse-none")
        self.phone.tap("evse-save")

    def go(self, where: str) -> None:
        self.phone.page.goto(self.phone.page.url.split("#")[0] + f"#/c/{self.commissioning}/{where}")

    def directions(self) -> list[str]:
        """As drivers read them: from the platform API, beside the page."""
        with self.server.api(self.server.token()) as api:
            station = sent(api, "GET", f"/api/1.0/ChargeStations/{STATION}", {})
        return [evse["directions"][0]["text"] for evse in station["evses"]]

    def begin(self, line: str, waits: str, *, way: str | None = None, sure: bool = False) -> None:
        self.go("tests")
        self.phone.shots("list")
        self.phone.tap(f"trial-{line}")
        if way:
            self.phone.tap(f"way-{way}")
        self.phone.shots(f"{line}-before")
        self.phone.tap("trial-start")
        if sure:
            self.phone.shots(f"{line}-sure")
            self.phone.tap("trial-confirm")
        running = self.phone.page.locator('[data-test="trial-running"]')
        expect(running).to_have_attribute("data-waits", waits, timeout=WAIT)
        expect(running.locator('[data-test="trial-left"]')).to_contain_text("left")
        self.phone.shots(f"{line}-{waits}")

    def ends(self, outcome: str, state: str) -> Locator:
        card = self.phone.page.locator('[data-test="trial-outcome"]')
        expect(card).to_have_attribute("data-outcome", outcome, timeout=LONG)
        expect(card).to_have_attribute("data-state", state)
        self.phone.shots(outcome)
        return card


@pytest.fixture
def prepared(filled: LiveServer) -> LiveServer:
    with filled.api(filled.token()) as api:
        location = api.get("/api/2.0/Locations").json()["data"][0]["id"]
        sent(api, "POST", "/api/1.0/ChargeStations", station_body(STATION, location))
    return filled


@pytest.fixture
def online(prepared: LiveServer, stations: Callable[..., VirtualStation]) -> Callable[..., VirtualStation]:
    def start(*behaviour: str) -> VirtualStation:
        url = f"ws://127.0.0.1:{prepared.ocpp_port}/ocpp/{STATION}"
        station = stations(url, prepared.app("password", STATION), "--connectors", "2", *behaviour)
        station.hear("booted")
        return station

    return start


def test_left_and_right_are_found_mixed_up_and_swapped_and_back(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    bench = Bench(prepared, launch, "swapped")
    station = online("--behaviour", "swapped")
    bench.begin("which-2", "plug")
    expect(bench.phone.page.locator('[data-test="trial-running"] h2')).to_contain_text(RIGHT)
    station.tell("plug 2")
    card = bench.ends("other_socket", "failed")
    expect(card).to_contain_text("The other socket reacted.")
    expect(card.locator('[data-test="socket-1"]')).to_have_attribute("data-lit", "true")
    bench.phone.tap("swap")
    bench.phone.tap("swap-confirm")
    bench.phone.sees("swap-done")
    expect(bench.phone.page.locator('[data-test="swap-done"]')).to_contain_text("plug in at the other socket")
    bench.phone.shots("swapped")
    assert bench.directions() == [RIGHT, LEFT]
    station.tell("unplug 2")
    bench.begin("which-1", "plug")
    expect(bench.phone.page.locator('[data-test="trial-running"] h2')).to_contain_text(RIGHT)
    station.tell("plug 2")
    bench.ends("this_one", "passed")
    bench.go("tests/which/2")
    bench.phone.tap("swap-undo")
    expect(bench.phone.page.locator('[data-test="swap-done"]')).to_contain_text("where they were", timeout=WAIT)
    assert bench.directions() == [LEFT, RIGHT]
    assert bench.phone.errors == []


def test_the_person_says_which_socket_unlocked(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    bench = Bench(prepared, launch, "unlock")
    online()
    bench.begin("which-1", "person", way="unlock", sure=True)
    bench.phone.tap("seen-1")
    bench.ends("this_one", "passed")
    bench.phone.tap("tests-to-station")
    bench.phone.check("tests", "done")
    assert bench.phone.errors == []


def test_a_charge_that_draws_nothing_has_its_cause_in_words_and_the_operator_may_accept_it(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    prepared.app("cpo", "policy", "ABC Charging", "--require", "charge", "--require", "reach")
    bench = Bench(prepared, launch, "no-load")
    station = online("--behaviour", "no-load")
    bench.begin("charge-1", "card")
    station.tell("charge 1 TESTCARD 500")
    card = bench.ends("started_no_load", "failed")
    assert card.get_attribute("data-cause") == "no_load"
    expect(card.locator('[data-test="trial-cause"]')).to_contain_text("draws no power")
    expect(card.locator('[data-test="trial-next"]')).to_contain_text("tester that draws power")
    expect(card.locator('[data-test="trial-policy"]')).to_contain_text("ABC Charging wants to see power drawn")
    card.locator('[data-test="trial-raw"] summary').click()
    expect(card.locator('[data-test="trial-raw"] code', has_text="StartTransaction").first).to_be_visible()
    prepared.app("cpo", "policy", "ABC Charging", "--accept-no-load")
    bench.begin("charge-2", "card")
    station.tell("charge 2 TESTCARD 500")
    card = bench.ends("started_no_load", "passed")
    expect(card.locator('[data-test="trial-policy"]')).to_contain_text("ABC Charging accepts that")
    bench.go("tests")
    expect(bench.phone.page.locator('[data-test="tests-progress"]')).to_contain_text("1 of 3 passed")
    assert bench.phone.errors == []


def test_settings_that_differ_are_mended_all_at_once_and_read_back(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    prepared.app("expect", "twin-ac-22", "--cpo", "ABC Charging", "--set", "-", stdin=WISHES)
    bench = Bench(prepared, launch, "settings")
    online()
    bench.go("tests/configuration")
    bench.phone.tap("trial-start")
    card = bench.ends("differs", "failed")
    wrong = card.locator('[data-test="setting-MeterValueSampleInterval"]')
    expect(wrong).to_have_attribute("data-state", "wrong")
    expect(wrong).to_contain_text("is 60, should be 10–30")
    expect(card.locator('[data-test="setting-HeartbeatInterval"]')).to_have_attribute("data-state", "ok")
    bench.phone.tap("trial-fix")
    bench.phone.shots("fix-sure")
    bench.phone.tap("trial-confirm")
    card = bench.ends("fixed", "passed")
    expect(card.locator('[data-test="setting-MeterValueSampleInterval"]')).to_contain_text("now 30")
    assert bench.phone.errors == []


def test_a_station_of_another_make_is_said_so_and_accepted_with_a_reason(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    prepared.app("expect", "twin-ac-22", "--cpo", "ABC Charging", "--set", "-", stdin="vendors: Alfen BV\n")
    bench = Bench(prepared, launch, "findings")
    online()
    bench.go("")
    expect(bench.phone.page.locator('[data-test="station-differs"]')).to_contain_text("1 difference", timeout=WAIT)
    bench.phone.shots("station")
    bench.phone.tap("station-findings")
    finding = bench.phone.page.locator('[data-test="finding"]')
    expect(finding).to_contain_text("Alfen BV")
    expect(finding).to_contain_text("Stationlink")
    bench.phone.tap("finding-accept")
    bench.phone.tap("finding-accept-do")
    expect(bench.phone.page.locator(".sheet .lack")).to_be_visible()
    bench.phone.fill("finding-reason", "The maker was renamed")
    bench.phone.shots("reason")
    bench.phone.tap("finding-accept-do")
    told = finding.locator('[data-test="finding-accepted"]')
    expect(told).to_contain_text("The maker was renamed", timeout=WAIT)
    expect(told).to_contain_text("Anna")
    bench.phone.shots("accepted")
    bench.go("")
    expect(bench.phone.page.locator('[data-test="station-differs"]')).to_have_count(0)
    assert bench.phone.errors == []


def test_the_serial_of_the_plate_is_typed_compared_and_corrected(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    bench = Bench(prepared, launch, "serial")
    online("--serial", "ACE-0123457")
    bench.go("")
    bench.phone.tap("station-serial-type")
    bench.phone.fill("serial", "ace 0123456")
    bench.phone.shots("typed")
    bench.phone.tap("serial-submit")
    expect(bench.phone.page.locator('[data-test="station-serial"]')).to_have_text("ace 0123456")
    bench.phone.tap("station-findings")
    finding = bench.phone.page.locator('[data-test="finding"]')
    expect(finding).to_contain_text("ACE-0123457", timeout=WAIT)
    bench.phone.shots("differs")
    bench.go("serial")
    bench.phone.fill("serial", "ACE0123457")
    bench.phone.tap("serial-submit")
    expect(bench.phone.page.locator('[data-test="station-differs"]')).to_have_count(0, timeout=WAIT)
    bench.phone.shots("agrees")
    assert bench.phone.errors == []


def test_nothing_is_offered_while_another_test_runs_or_the_station_is_away(
    prepared: LiveServer, online: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    bench = Bench(prepared, launch, "hindered")
    station = online()
    bench.go("tests/reach")
    start = bench.phone.page.locator('[data-test="trial-start"]')
    expect(start).to_be_enabled(timeout=WAIT)
    bench.begin("charge-1", "card")
    station.tell("plug 1")
    station.tell("card TESTCARD")
    bench.phone.page.locator('[data-test="trial-running"][data-waits="stop"]').wait_for(timeout=LONG)
    bench.go("tests/reach")
    bench.phone.sees("tests-running")
    expect(start).to_be_disabled()
    bench.phone.shots("another-runs")
    bench.phone.tap("tests-to-running")
    station.tell("card TESTCARD")
    bench.ends("charged", "passed")
    station.stop()
    bench.go("tests/sockets")
    bench.phone.sees("tests-offline")
    expect(start).to_be_disabled()
    bench.phone.shots("offline")
    assert bench.phone.errors == []
