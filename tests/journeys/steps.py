"""The installer's and the desk's steps, in the words of the screens."""

from playwright.sync_api import BrowserContext, expect

from tests.journeys.conftest import SCREENSHOTS, errors_of
from tests.live import LiveServer

WAIT = 20_000


class Phone:
    """An installer's phone: taps by the names of the screens, and keeps a picture of each."""

    def __init__(self, context: BrowserContext, name: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT)
        self.errors = errors_of(self.page)
        self._name = name
        self._shots = 0

    def tap(self, test: str) -> None:
        self.page.locator(f'[data-test="{test}"]').first.click()

    def fill(self, test: str, text: str) -> None:
        self.page.locator(f'[data-test="{test}"]').first.fill(text)

    def text(self, test: str) -> str:
        return self.page.locator(f'[data-test="{test}"]').first.inner_text()

    def sees(self, test: str) -> None:
        expect(self.page.locator(f'[data-test="{test}"]').first).to_be_visible(timeout=WAIT)

    def shot(self, name: str) -> None:
        self._shots += 1
        folder = SCREENSHOTS / self._name
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{self._shots:02d}-{name}.png")

    def shots(self, name: str) -> None:
        """Light and dark."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.shot(f"{name}-{scheme}")
        self.page.emulate_media(color_scheme="light")

    def join(self, server: LiveServer, name: str = "Anna") -> None:
        link = server.invitation("installer", "ABC Charging", "--name", name)["link"]
        self.page.goto(link)
        self.fill("join-phone", "+31612345678")
        self.shots("join")
        self.tap("join-submit")
        self.sees("home-scan")
        self.shots("home-empty")

    def check(self, key: str, state: str) -> None:
        """This line of the checklist shows this state."""
        expect(self.page.locator(f'[data-test="check-{key}"]')).to_have_attribute("data-state", state, timeout=WAIT)


class Desk:
    """Central support beside it: never reloads, only looks."""

    def __init__(self, context: BrowserContext, server: LiveServer) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT)
        self.errors = errors_of(self.page)
        self._server = server

    def sign_in(self) -> None:
        self.page.goto(self._server.invitation("support", "ABC Charging", "--name", "Sue")["link"])
        self.page.locator('[data-test="join"]').click()
        expect(self.page.locator('[data-test="live-state"]')).to_have_attribute("data-state", "live", timeout=WAIT)

    def label_of(self, station_id: str) -> tuple[str, bytes]:
        """Make this station's label; its code as text, and a picture of what is on the screen."""
        self.page.goto(f"{self._server.url}/desk/labels")
        self.page.locator('[name="charge_station_id"]').first.fill(station_id)
        self.page.locator('[data-test="label-make"]').click()
        svg = self.page.locator('[data-test="label-svg"]').first
        expect(svg).to_be_visible(timeout=WAIT)
        code = self.page.locator('[data-test="label-code"]').first.inner_text()
        return code, svg.screenshot()

    def board(self) -> None:
        self.page.goto(f"{self._server.url}/desk")
        expect(self.page.locator('[data-test="live-state"]')).to_have_attribute("data-state", "live", timeout=WAIT)

    def column_of(self, station_id: str, column: str) -> None:
        """The station's card stands in this column, without a reload."""
        card = self.page.locator(f'[data-test="col-{column}"] [data-station="{station_id}"]')
        expect(card).to_be_visible(timeout=WAIT)
