"""The id was mistyped, and the real station calls itself otherwise: the installer sees it, takes it, and it gets in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.journeys.conftest import DESK, phone_context
from tests.journeys.steps import WAIT, Desk, Phone
from tests.journeys.test_phone import all_sent, begin_by_typing
from tests.live import LiveServer, VirtualStation, sent

TYPED, REAL = "UTR-0071", "UTR-0017"
PASSWORD = "Zq7Kc2Wm9Xt4Rb6Yd8Lp"


@pytest.fixture
def phone(filled: LiveServer, launch: Callable[..., Browser]) -> Phone:
    opened = Phone(phone_context(launch()), "adoption")
    opened.join(filled)
    return opened


def set_up(phone: Phone) -> str:
    """All but online, under the mistyped id; the waiting screen is open."""
    commissioning = begin_by_typing(phone, TYPED)
    phone.tap("check-location")
    phone.page.locator('[data-test="location-item"]', has_text="Utrecht bus depot").click()
    phone.tap("location-use")
    phone.check("location", "done")
    phone.tap("check-hardware")
    phone.tap("template-item")
    phone.tap("template-use")
    phone.check("hardware", "done")
    all_sent(phone)
    phone.page.goto(phone.page.url.split("#")[0] + f"#/c/{commissioning}/online")
    return commissioning


def knocking(server: LiveServer, stations: Callable[..., VirtualStation], identity: str = REAL) -> VirtualStation:
    """The real station, which tries again by itself."""
    url = f"ws://127.0.0.1:{server.ocpp_port}/ocpp/{identity}"
    return stations(url, PASSWORD, "--connectors", "2", "--vendor", "Alfen", "--model", "Eve Double Pro")


def test_this_is_my_station(
    filled: LiveServer, phone: Phone, stations: Callable[..., VirtualStation], launch: Callable[..., Browser]
) -> None:
    set_up(phone)
    phone.sees("strangers-none")
    phone.shots("nobody-calls")
    knocking(filled, stations)
    stranger = phone.page.locator('[data-test="stranger"]')
    expect(stranger).to_have_attribute("data-identity", REAL, timeout=WAIT)
    expect(stranger).to_contain_text("Two characters are swapped.")
    phone.shots("stranger")
    desk = Desk(launch().new_context(viewport=DESK), filled)
    desk.sign_in()
    expect(desk.page.locator(f'[data-test="stray"][data-station="{REAL}"]')).to_contain_text(TYPED)
    phone.tap("adopt")
    state = phone.page.locator('[data-test="online-state"]')
    expect(state).to_have_attribute("data-state", "online", timeout=WAIT)
    expect(phone.page.locator(".bar small")).to_have_text(REAL)
    phone.shots("online")
    expect(desk.page.locator('[data-test="stray"]')).to_have_count(0, timeout=WAIT)
    expect(desk.page.locator(f'article[data-station="{REAL}"]')).to_be_visible()
    with filled.api(filled.token()) as api:
        assert sent(api, "GET", f"/api/1.0/ChargeStations/{REAL}", {})["connectivity_status"] == "Online"
        assert api.get(f"/api/1.0/ChargeStations/{TYPED}").status_code == 404
    assert phone.errors == desk.errors == []


def test_one_that_sends_no_password_gets_one_on_connect(
    filled: LiveServer, phone: Phone, stations: Callable[..., VirtualStation]
) -> None:
    set_up(phone)
    url = f"ws://127.0.0.1:{filled.ocpp_port}/ocpp/{REAL}"
    with pytest.raises(InvalidStatus), connect(url, subprotocols=[Subprotocol("ocpp1.6")], proxy=None):
        raise AssertionError("it was let in")
    expect(phone.page.locator('[data-test="stranger"]')).to_contain_text("It sends no password", timeout=WAIT)
    phone.tap("adopt")
    told = phone.page.locator('[data-test="adopted"]')
    expect(told).to_contain_text(f"It was begun as {TYPED}.", timeout=WAIT)
    expect(told).to_contain_text("It sent no password. Make one", timeout=WAIT)
    all_sent(phone)
    phone.shots("adopted-without-password")
    phone.tap("station-connect")
    expect(phone.page.locator('[data-test="connect-password-words"]')).to_contain_text("sent no password")
    phone.shots("connect-after-adoption")
    phone.tap("connect-new-password")
    phone.sees("connect-gaps")
    expect(phone.page.locator('[data-test="connect-subprotocol"]')).to_contain_text("ocpp2.0.1")
    password = "".join(phone.text("connect-password").split())
    all_sent(phone)
    phone.tap("connect-next")
    stations(url, password, "--connectors", "2")
    state = phone.page.locator('[data-test="online-state"]')
    expect(state).to_have_attribute("data-state", "online", timeout=WAIT)
    expect(told).to_have_count(0)
    assert phone.errors == []
