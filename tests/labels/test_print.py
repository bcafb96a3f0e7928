"""Labels as they leave the printer: the page in a real browser, to PDF, to pixels, and every code read again."""

import shutil
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser

from app.actions.labels import make_label
from app.domain.people import SYSTEM
from app.domain.scan import Label
from app.labels.codes import encode
from app.labels.sheets import SIZES_MM
from app.ports import Ports
from tests.conftest import ABC
from tests.desk.conftest import Desk, bus, client, commanding, settings, sue_desk
from tests.desk.live import Server, browser, context_of, server

__all__ = ["browser", "bus", "client", "commanding", "server", "settings", "sue_desk"]

MM_PER_INCH = 25.4


async def labels_of(ports: Ports, stations: int) -> list[Label]:
    """Two for each station: its own and one for its second socket."""
    return [
        await make_label(
            ports, SYSTEM, charge_station_id=f"UTR-DEPOT-{number:03d}", evse_sequence_number=evse, cpo_id=ABC
        )
        for number in range(1, stations + 1)
        for evse in (None, 2)
    ]


async def printed(browser: Browser, server: Server, desk: Desk, query: str, folder: Path) -> Path:
    """The label page as PDF, printed as a person would: A4 at 100 %."""
    page = await (await context_of(browser, server, desk)).new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    await page.goto(f"{server.address}/desk/labels/print?{query}")
    path = folder / "labels.pdf"
    await page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    assert errors == []
    return path


def images(pdf: Path, dpi: int) -> list[Image.Image]:
    tool = shutil.which("pdftoppm")
    assert tool, "pdftoppm is missing: apt-get install poppler-utils"
    subprocess.run([tool, "-r", str(dpi), "-gray", str(pdf), str(pdf.with_suffix(""))], check=True)
    return [Image.open(path) for path in sorted(pdf.parent.glob("labels-*.pgm"))]


def text_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout


def url(ports: Ports, label: Label) -> str:
    return f"{ports.public_url}/S/{label.code}".upper()


@pytest.mark.parametrize("size", SIZES_MM)
async def test_every_printed_code_decodes_and_equals_the_printed_text(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, tmp_path: Path, size: int
) -> None:
    labels = await labels_of(ports, stations=6)
    query = "&".join(f"code={label.code}" for label in labels) + f"&size={size}&skip=1"
    pdf = await printed(browser, server, sue_desk, query, tmp_path)
    read: list[str] = []
    for sheet in images(pdf, dpi=150):
        assert abs(sheet.width / 150 * MM_PER_INCH - 210) < 1, "A4"
        for found in zxingcpp.read_barcodes(sheet):
            read.append(found.text)
            assert found.ec_level == "H"
            side = found.position.top_right.x - found.position.top_left.x
            code = encode(found.text, size)
            printed_mm = side / 150 * MM_PER_INCH * code.width / len(code.rows)
            assert abs(printed_mm - size) < size * 0.03, "not scaled by the printer"
    assert sorted(read) == sorted(url(ports, label) for label in labels)
    text = text_of(pdf)
    for label in labels:
        assert label.code in text and label.charge_station_id in text
    assert "SERVICE CODE" in text and "not for payment" in text
    assert "Commissionings" not in text, "the menu is not printed"


async def test_a_small_or_coarse_print_still_reads(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, tmp_path: Path
) -> None:
    """72 dpi is a bad printer; a third of the pixels is a camera that stands too far away."""
    (label, *_) = await labels_of(ports, stations=1)
    pdf = await printed(browser, server, sue_desk, f"code={label.code}", tmp_path)
    (sheet,) = images(pdf, dpi=150)
    for part in (1, 0.7, 0.5):
        small = sheet.resize((int(sheet.width * part), int(sheet.height * part)))
        assert [found.text for found in zxingcpp.read_barcodes(small)] == [url(ports, label)]


async def test_the_downloaded_svg_is_one_label_that_reads_by_itself(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, tmp_path: Path
) -> None:
    label = (await labels_of(ports, stations=1))[1]
    answer = await sue_desk.get("/desk/labels/svg", code=label.code, size="50")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert f'filename="label-{label.code}.svg"' in answer.headers["content-disposition"]
    file = tmp_path / "label.svg"
    file.write_text(answer.text)
    page = await browser.new_page()
    await page.goto(file.as_uri())
    shot = tmp_path / "label.png"
    await page.screenshot(path=shot)
    assert [found.text for found in zxingcpp.read_barcodes(Image.open(shot))] == [url(ports, label)]


async def test_the_label_page_on_screen_is_read_by_a_camera_in_light_and_dark(
    ports: Ports, browser: Browser, server: Server, sue_desk: Desk, tmp_path: Path
) -> None:
    """Never inverted: a dark theme turns the page, not the code."""
    (label, *_) = await labels_of(ports, stations=1)
    for theme in ("light", "dark"):
        page = await (await context_of(browser, server, sue_desk)).new_page()
        await page.emulate_media(color_scheme=theme)
        await page.goto(f"{server.address}/desk/labels/print?code={label.code}")
        shot = tmp_path / f"{theme}.png"
        await page.locator("[data-test='label-svg']").screenshot(path=shot)
        reader = zxingcpp.read_barcodes(Image.open(shot), try_invert=False)
        assert [found.text for found in reader] == [url(ports, label)]
