"""Support wants to restart a station in somebody's hands: the phone is asked, wherever it is, and its word counts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import DESK, SCREENSHOTS, phone_context
from tests.journeys.steps import WAIT, Desk, Phone
from tests.journeys.test_phone import all_sent, begin_by_typing
from tests.live import LiveServer, VirtualStation, sent, station_body

STATION = "UTR-ASK-001"


class Visit:
    """A station that is online in Anna's hands, her phone, and Sue at the desk on the station's page."""

    def __init__(self, server: LiveServer, launch: Callable[..., Browser], station: VirtualStation) -> None:
        self.server, self.station = server, station
        self.phone = Phone(phone_context(launch()), "consent")
        self.phone.join(server)
        self.commissioning = begin_by_typing(self.phone, STATION)
        all_sent(self.phone)
        self.desk = Desk(launch().new_context(viewport=DESK), server)
        self.desk.sign_in()
        self.desk.page.goto(f"{server.url}/desk/station?id={STATION}")
        self.shots("desk-buttons")

    def ask(self, command: str = "reset") -> None:
        page = self.desk.page
        page.locator(f'[data-test="command-{command}"]').click()
        expect(page.locator('[data-test="asks-installer"]')).to_contain_text("Anna")
        page.locator('[name="why"]').fill("the screen is stuck")
        self.shots(f"desk-confirm-{command}")
        page.locator('[data-test="send"]').click()
        self.told("waiting")
        expect(page.locator('[data-test="left"]').first).to_contain_text("s left")
        self.shots("desk-waits")

    def told(self, result: str) -> None:
        """The newest command at the desk shows this, without a reload."""
        newest = self.desk.page.locator('[data-test="command"]').first
        expect(newest).to_have_attribute("data-result", result, timeout=WAIT)

    def asked(self) -> None:
        """The card is on the phone, whatever it shows."""
        self.phone.sees("consent")
        card = self.phone.page.locator('[data-test="consent"]')
        expect(card).to_contain_text("Support (Sue) wants to restart the station. Are your hands out of it?")
        expect(card).to_contain_text("the screen is stuck")
        expect(self.phone.page.locator('[data-test="consent-left"]')).to_contain_text("left")

    def answered(self, state: str) -> None:
        expect(self.phone.page.locator('[data-test="consent"]')).to_have_attribute("data-state", state, timeout=WAIT)

    def shots(self, name: str) -> None:
        for scheme in ("light", "dark"):
            self.desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            folder = SCREENSHOTS / "consent"
            folder.mkdir(parents=True, exist_ok=True)
            self.desk.page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)
        self.desk.page.emulate_media(color_scheme="light")


@pytest.fixture
def visit(filled: LiveServer, launch: Callable[..., Browser], stations: Callable[..., VirtualStation]) -> Visit:
    with filled.api(filled.token()) as api:
        location = api.get("/api/2.0/Locations").json()["data"][0]["id"]
        sent(api, "POST", "/api/1.0/ChargeStations", station_body(STATION, location))
    password = filled.app("password", STATION)
    url = f"ws://127.0.0.1:{filled.ocpp_port}/ocpp/{STATION}"
    station = stations(url, password, "--connectors", "2")
    station.hear("booted")
    return Visit(filled, launch, station)


def test_the_phone_allows_and_the_station_restarts(visit: Visit) -> None:
    visit.ask()
    visit.asked()
    visit.phone.shots("asked")
    visit.phone.tap("consent-yes")
    visit.answered("accepted")
    visit.phone.shots("allowed")
    visit.told("accepted")
    visit.station.hear("booted")
    visit.phone.tap("consent-close")
    expect(visit.phone.page.locator('[data-test="consent"]')).to_have_count(0)
    history = visit.desk.page.locator('[data-test="fact"][data-kind^="command"]')
    expect(history).to_have_count(3, timeout=WAIT)
    assert visit.phone.errors == [] and visit.desk.errors == []


def test_the_phone_refuses_on_another_screen_and_nothing_is_sent(visit: Visit) -> None:
    visit.phone.page.goto(visit.server.url + f"/#/c/{visit.commissioning}/park")
    visit.ask()
    visit.asked()
    visit.phone.tap("consent-no")
    visit.answered("refused")
    visit.phone.shots("refused")
    visit.told("refused")
    visit.phone.tap("consent-close")
    with visit.server.api(visit.server.token()) as api:
        station = api.get(f"/api/1.0/ChargeStations/{STATION}").json()["data"]
    assert station["connectivity_status"] == "Online"
    again = visit.desk.page.locator('a[data-test="command-reset"]')
    expect(again).to_be_visible(timeout=WAIT)
    assert visit.phone.errors == [] and visit.desk.errors == []
