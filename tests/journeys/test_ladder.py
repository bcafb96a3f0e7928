"""One waiting screen, a station with one thing wrong after another: each rung has its sentence and its next step."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import VirtualStation, phone_context
from tests.journeys.steps import WAIT, Phone
from tests.journeys.test_phone import all_sent, begin_by_typing
from tests.live import LiveServer, sent, station_body

STATION = "UTR-RUNG-001"
LONG = 60_000


class Waiting:
    """The waiting screen of a station that support has set up; it is opened once and only watched."""

    def __init__(self, server: LiveServer, launch: Callable[..., Browser]) -> None:
        self.url = f"ws://127.0.0.1:{server.ocpp_port}/ocpp/{STATION}"
        self.password = server.app("password", STATION)
        self.phone = Phone(phone_context(launch()), "ladder")
        self.phone.join(server)
        commissioning = begin_by_typing(self.phone, STATION)
        all_sent(self.phone)
        self.phone.page.goto(self.phone.page.url.split("#")[0] + f"#/c/{commissioning}/online")

    def stands_at(self, rung: str, title: str, following: str) -> None:
        card = self.phone.page.locator('[data-test="online-state"]')
        expect(card).to_have_attribute("data-state", rung, timeout=LONG)
        expect(card.locator("li.here strong")).to_have_text(title, timeout=WAIT)
        expect(card.locator('[data-test="online-next"]')).to_contain_text(following)
        self.phone.shots(rung)

    def knows(self, what: str, text: str) -> None:
        expect(self.phone.page.locator(f'[data-test="known-{what}"]')).to_contain_text(text, timeout=WAIT)


@pytest.fixture
def waiting(filled: LiveServer, launch: Callable[..., Browser]) -> Waiting:
    with filled.api(filled.token()) as api:
        location = api.get("/api/2.0/Locations").json()["data"][0]["id"]
        sent(api, "POST", "/api/1.0/ChargeStations", station_body(STATION, location))
    return Waiting(filled, launch)


def test_one_rung_after_another_on_one_screen(waiting: Waiting, stations: Callable[..., VirtualStation]) -> None:
    waiting.stands_at("never", "It has not called yet", "Look at its power first")
    wrong = stations(waiting.url, "x" * 20)
    waiting.stands_at("refused", "Wrong password", "Make a new one under “Connect it”")
    wrong.stop()
    silent = stations(waiting.url, waiting.password, "--behaviour", "silent", "--connectors", "2")
    waiting.stands_at("silent", "Connected, and silent", "Wait a minute")
    silent.stop()
    good = stations(waiting.url, waiting.password, "--connectors", "2")
    waiting.stands_at("online", "Online", "Go on with the tests")
    waiting.phone.sees("online-bound")
    waiting.knows("socket-1", "free")
    good.stop()
    waiting.stands_at("lost", "It was online, and went away", "comes back by itself")
    waiting.knows("socket-1", "unknown since")
    waiting.knows("socket-1", "last heard: free")
    assert waiting.phone.errors == []


def test_a_deaf_station_is_told_from_one_that_is_well(
    waiting: Waiting, stations: Callable[..., VirtualStation]
) -> None:
    """It beats and hears nothing: only a question that stays without an answer shows it."""
    stations(waiting.url, waiting.password, "--behaviour", "deaf", "--connectors", "2")
    waiting.stands_at("online", "Online", "Go on with the tests")
    waiting.phone.tap("online-to-tests")
    waiting.phone.tap("trial-reach")
    waiting.phone.tap("trial-start")
    outcome = waiting.phone.page.locator('[data-test="trial-outcome"]')
    expect(outcome).to_have_attribute("data-outcome", "no_answer", timeout=LONG)
    waiting.phone.page.goto(waiting.phone.page.url.replace("/tests/reach", "/online"))
    waiting.stands_at("deaf", "Online, and deaf", "Restart it by hand")
    expect(waiting.phone.page.locator('[data-test="online-likely"]')).to_contain_text("one direction")
    waiting.knows("online_deaf_since", "ago")
    assert waiting.phone.errors == []
