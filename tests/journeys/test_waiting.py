"""Waiting for a station that called the wrong world: the phone says which one, and what to type instead."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import phone_context
from tests.journeys.steps import WAIT, Phone
from tests.journeys.test_phone import all_sent, begin_by_typing
from tests.live import LiveServer
from tests.vendor import Vendor
from tests.vendor.house import KEY, furnish, make_cpo_on, stock

STATION = "UTR-WAIT-001"
OCPP = "wss://ocpp.production.test"
OTHER_OCPP = "ws://ocpp.acceptance.test"


@pytest.fixture
def production() -> Iterator[Vendor]:
    with Vendor(ocpp_url=OCPP).serving() as running:
        furnish(running)
        stock(running, STATION)
        yield running


@pytest.fixture
def acceptance() -> Iterator[Vendor]:
    with Vendor(ocpp_url=OTHER_OCPP).serving() as running:
        furnish(running)
        stock(running, STATION)
        running.station_online(STATION)
        yield running


@pytest.fixture
def both(production: Vendor, acceptance: Vendor, tmp_path: Path) -> Iterator[LiveServer]:
    """A CPO on production, with a token for acceptance too."""
    places = {
        "production_url": production.url,
        "production_ocpp_url": OCPP,
        "acceptance_url": acceptance.url,
        "acceptance_ocpp_url": OTHER_OCPP,
    }
    live = LiveServer(tmp_path / "data", platform_seconds="2", **places).start()
    make_cpo_on(live, "production", "--acceptance-token", KEY)
    yield live
    live.kill()


def test_a_station_that_is_online_elsewhere_is_told_and_then_seen_here(
    both: LiveServer, production: Vendor, acceptance: Vendor, launch: Callable[..., Browser]
) -> None:
    phone = Phone(phone_context(launch()), STATION)
    phone.join(both)
    commissioning = begin_by_typing(phone, STATION)
    all_sent(phone)
    expect(phone.page.locator('[data-test="world"]')).to_have_text("GreenFlux · production")
    phone.page.goto(phone.page.url.split("#")[0] + f"#/c/{commissioning}/online")
    expect(phone.page.locator('[data-test="online-state"]')).to_have_attribute("data-state", "unseen", timeout=WAIT)
    told = phone.page.locator('[data-test="elsewhere"]')
    expect(told).to_contain_text("It is online on acceptance", timeout=WAIT)
    assert phone.text("elsewhere-url") == OCPP
    expect(phone.page.locator('[data-test="sight-age"]')).to_contain_text("Next look in", timeout=WAIT)
    phone.shots("elsewhere")
    acceptance.station_online(STATION, online=False)
    production.station_online(STATION)
    phone.tap("look-now")
    expect(phone.page.locator('[data-test="online-state"]')).to_have_attribute("data-state", "online", timeout=WAIT)
    expect(told).to_have_count(0)
    phone.shots("online-there")
    assert phone.errors == []
