"""Real browsers on a real server: the phone with a filmed camera, the desk beside it, stations as processes."""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.live import ROOT, LiveServer, VirtualStation, location_body, sent, template_body

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
CAMERA = ["--use-fake-device-for-media-stream"]
ALLOWED = ["--use-fake-ui-for-media-stream"]
SCREENSHOTS = ROOT / "screenshots"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is missing: make test installs it with apt, or install it yourself"
    assert (ROOT / "static/built/index.html").exists(), "the phone app is not built: make build"
    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Not for the session: while it runs, no async test can.
    with sync_playwright() as running:
        yield running


@pytest.fixture
def launch(playwright: Playwright, chromium_path: str) -> Iterator[Callable[..., Browser]]:
    """A browser; with `feed` its camera films that file, and nobody is asked whether it may unless `ask`."""
    opened: list[Browser] = []

    def start(feed: Path | None = None, camera: bool = True, ask: bool = False, more: tuple[str, ...] = ()) -> Browser:
        flags = [*(CAMERA if camera else ()), *(() if ask else ALLOWED), *more]
        flags += [f"--use-file-for-fake-video-capture={feed}"] if feed else []
        browser = playwright.chromium.launch(executable_path=chromium_path, args=[*QUIET, *flags])
        opened.append(browser)
        return browser

    yield start
    for browser in opened:
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """A server with one CPO and one station model; its test ends it."""
    live = LiveServer(tmp_path / "data", trial_seconds="60").start()
    live.make_cpo()
    yield live
    live.kill()


@pytest.fixture
def filled(server: LiveServer) -> LiveServer:
    """With two locations and the twin, put there by a CRM over the platform API."""
    with server.api(server.token()) as api:
        sent(api, "POST", "/api/2.0/Locations", location_body())
        warehouse = location_body(name="Warehouse", address="Havenweg 1", coordinates=None)
        sent(api, "POST", "/api/2.0/Locations", warehouse)
        sent(api, "POST", "/api/1.0/ChargeStations/ChargestationTemplate", template_body())
    return server


def film(picture: bytes, to: Path) -> Path:
    """A label as a camera sees it: on a grey wall, a little askew, as motion JPEG in 1280x720."""
    label = Image.open(io.BytesIO(picture)).convert("RGB")
    label.thumbnail((560, 560))
    with to.open("wb") as feed:
        for turn in range(12):
            wall = Image.new("RGB", (1280, 720), (168, 172, 170))
            askew = label.convert("RGBA").rotate(3 + turn / 4, expand=True, resample=Image.Resampling.BICUBIC)
            wall.paste(askew, ((1280 - askew.width) // 2, (720 - askew.height) // 2), askew)
            wall.save(feed, format="JPEG", quality=88)
    return to


@pytest.fixture
def stations() -> Iterator[Callable[..., VirtualStation]]:
    started: list[VirtualStation] = []

    def start(url: str, password: str, *options: str) -> VirtualStation:
        started.append(VirtualStation(url, password, *options))
        return started[-1]

    yield start
    for station in started:
        station.stop()


def errors_of(page: Page) -> list[str]:
    """What the page complains about, from now on: a clean journey has none."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: said.append(f"{m.text} ({m.location['url']})") if m.type == "error" else None)
    return said


def phone_context(browser: Browser, **more: object) -> BrowserContext:
    options: dict[str, object] = {"viewport": PHONE, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
    options |= {
        "locale": "en-GB",
        "reduced_motion": "reduce",
        "geolocation": {"latitude": 52.0908, "longitude": 5.1215},
    }
    return browser.new_context(**(options | {"permissions": ["geolocation", "camera"]} | more))  # type: ignore[arg-type]
