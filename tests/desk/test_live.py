"""The desk as it happens: the stream wakes the page, the page says whether it is live, and comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from app.actions.people import sign_out
from app.bus import Bus
from app.domain.commissioning import Commissioning
from app.domain.facts import Fact, FactKind
from app.domain.live import Live, Registration
from app.domain.people import Actor
from app.domain.trials import Trial, TrialKind
from app.platforms.heard import put_live
from app.ports import Change, Ports, Put
from tests.conftest import XYZ
from tests.desk.conftest import Desk, Work
from tests.desk.live import ROOT, Server, browser, context_of, server

__all__ = ["browser", "server"]

BUILT = ROOT / "static" / "built" / "desk"


class Stream:
    """The names of the events that a desk's stream sends."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> str:
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("event: "):
                    return line.removeprefix("event: ")
        return "end"


@asynccontextmanager
async def listening(server: Server, desk: Desk, path: str) -> AsyncIterator[Stream]:
    async with (
        httpx.AsyncClient(base_url=server.address) as client,
        client.stream("GET", path, headers=desk.headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def test_the_stream_begins_with_changed_and_wakes_after_a_commit_in_scope(
    ports: Ports, server: Server, sue_desk: Desk, work: Work, carl: Actor
) -> None:
    async with listening(server, sue_desk, "/desk/stream") as stream:
        assert await stream.next() == "changed"
        await Work(ports, carl, "c-x").begin("XYZ-1", XYZ)
        assert await stream.next() == "beat"
        await work.begin()
        assert await stream.next() == "changed"


async def test_the_stream_of_one_station_hears_of_that_station_only(
    ports: Ports, server: Server, sue_desk: Desk, work: Work, ben: Actor
) -> None:
    async with listening(server, sue_desk, "/desk/stream?station=UTR-DEPOT-018") as stream:
        assert await stream.next() == "changed"
        await Work(ports, ben, "c-2").begin("GAR-1")
        assert await stream.next() == "beat"
        await work.begin()
        assert await stream.next() == "changed"


async def test_a_signed_out_browser_hears_nothing_more(
    ports: Ports, server: Server, sue_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.desk.stream.BEAT_SECONDS", 0.1)
    async with listening(server, sue_desk, "/desk/stream") as stream:
        assert await stream.next() == "changed"
        assert await stream.next() == "beat"
        await sign_out(ports, sue_desk.headers["Cookie"].split("=")[1])
        while (name := await stream.next()) == "beat":
            pass
        assert name == "end"
    async with httpx.AsyncClient(base_url=server.address) as client:
        assert (await client.get("/desk/stream", headers=sue_desk.headers)).status_code == 401


async def opened(browser: Browser, server: Server, desk: Desk, path: str) -> tuple[Page, list[str]]:
    assert (BUILT / "htmx.min.js").is_file() and (BUILT / "sse.js").is_file(), "run `npm run build` in pwa first"
    context = await context_of(browser, server, desk)
    page = await context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(server.address + path)
    return page, errors


async def test_board_and_station_page_show_each_step_without_reload(
    browser: Browser, server: Server, sue_desk: Desk, work: Work
) -> None:
    page, errors = await opened(browser, server, sue_desk, "/desk")
    await expect(page.locator("[data-test='live-state']")).to_have_attribute("data-state", "live")
    await work.begin()
    card = page.locator("[data-test='col-progress'] [data-test='card-c-1']")
    await expect(card).to_contain_text("0 of 5 · next: Location")
    station, more = await opened(browser, server, sue_desk, "/desk/station?id=UTR-DEPOT-018")
    await work.locate()
    await expect(card).to_contain_text("1 of 5 · next: Hardware")
    await expect(station.locator("[data-test='check-location']")).to_have_attribute("data-state", "done")
    await work.template()
    await expect(page.locator("[data-test='col-online'] [data-test='card-c-1']")).to_contain_text("Not called yet")
    await expect(station.locator("[data-test='bay-2']")).to_be_visible()
    assert errors == [] and more == []


async def test_what_somebody_unfolded_stays_open_while_the_rung_changes_before_their_eyes(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, work: Work
) -> None:
    await work.begin()
    await work.locate()
    await work.template()
    now, evidence = ports.clock.now(), [{"at": "2026-03-02T08:00:00Z", "what": "frame", "text": '[3,"1",{}]'}]
    trial = Trial(id="t-1", kind=TrialKind.REACH, started=now, deadline=now, evidence=evidence)
    current, rev = (await ports.store.find(Commissioning))[0]
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(current, trials=[trial]), rev),)))
    page, errors = await opened(browser, server, sue_desk, "/desk/station?id=UTR-DEPOT-018")
    board, _ = await opened(browser, server, sue_desk, "/desk")
    await expect(page.locator("[data-test='live-state']")).to_have_attribute("data-state", "live")
    await page.locator("[data-test='evidence'] summary").click()
    await expect(page.locator("[data-test='step']")).to_be_visible()
    row = await ports.store.station("UTR-DEPOT-018")
    assert row is not None
    deaf = Live(
        charge_station_id=row.charge_station_id,
        registration=Registration.ACCEPTED,
        connection_id="s-1",
        online_since=now,
        spoke=now,
        deaf_since=now,
    )
    fact = Fact(kind=FactKind.STATION_DEAF, at=now, cpo_id=row.cpo_id, charge_station_id=row.charge_station_id)
    await ports.store.commit(put_live(row, deaf, now).plus(Change(facts=(fact,))))
    await expect(page.locator("[data-test='rung']")).to_have_attribute("data-rung", "deaf")
    await expect(board.locator("[data-test='col-help'] [data-test='card-c-1']")).to_contain_text("answers nothing")
    await expect(page.locator("[data-test='step']")).to_be_visible()
    assert errors == []


async def test_a_filter_stays_while_the_board_changes(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, work: Work, ben: Actor
) -> None:
    await work.begin()
    page, _ = await opened(browser, server, sue_desk, "/desk")
    await expect(page.locator("[data-test='live-state']")).to_have_attribute("data-state", "live")
    await page.keyboard.press("/")
    await page.keyboard.type("depot")
    await expect(page.locator("article")).to_have_count(1)
    await Work(ports, ben, "c-2").begin("GAR-1")
    await work.locate()
    await expect(page.locator("article")).to_contain_text("next: Hardware")
    await expect(page.locator("article")).to_have_count(1)
    assert await page.evaluate("() => document.activeElement.id") == "q"


async def test_it_says_when_it_is_not_live_and_recovers_by_itself(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, work: Work, bus: Bus
) -> None:
    page, _ = await opened(browser, server, sue_desk, "/desk")
    sign = page.locator("[data-test='live-state']")
    await expect(sign).to_have_attribute("data-state", "live")
    await server.stop()
    await expect(sign).to_have_attribute("data-state", "lost")
    await expect(sign).to_contain_text("Not live")
    await work.begin()
    await server.start()
    await expect(sign).to_have_attribute("data-state", "live", timeout=20_000)
    await expect(page.locator("[data-test='card-c-1']")).to_be_visible()


async def test_theme_and_menu_work_under_the_strict_policy(browser: Browser, server: Server, sue_desk: Desk) -> None:
    page, errors = await opened(browser, server, sue_desk, "/desk/people")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator("[data-menu]").click()
    await page.locator("[data-test='theme']").click()
    chosen = await page.evaluate("() => document.documentElement.dataset.theme")
    assert chosen in ("light", "dark")
    await page.reload()
    assert await page.evaluate("() => document.documentElement.dataset.theme") == chosen
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
