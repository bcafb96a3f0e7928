"""QR codes and label drawings: geometry, mode, and text beside code from one value."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from app.domain.scan import Label, label_code
from app.labels.codes import QUIET, SMALLEST_MODULE_MM, encode, escape, path, screen_code, side_for, svg
from app.labels.sheets import SIZES_MM, TEXT_MM, pages, per_page, printed

PUBLIC = "https://stationlink.example.com"
CODE = label_code("7KQ2M4XA")


def label(station: str = "UTR-DEPOT-018", evse: int | None = None, code: str = CODE) -> Label:
    return Label(
        code=code,
        cpo_id="ABC",
        charge_station_id=station,
        evse_sequence_number=evse,
        created=datetime(2026, 3, 2, tzinfo=UTC),
    )


def raster(rows: tuple[tuple[bool, ...], ...], scale: int = 6) -> Image.Image:
    """The modules as an image with their quiet zone, drawn here and not by what is tested."""
    width = (len(rows) + 2 * QUIET) * scale
    image = Image.new("L", (width, width), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                left, top = (x + QUIET) * scale, (y + QUIET) * scale
                image.paste(0, (left, top, left + scale, top + scale))
    return image


def filled(d: str, size: int) -> list[list[bool]]:
    """What a path fills, by its own commands."""
    grid = [[False] * size for _ in range(size)]
    for x, y, run, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", d):
        assert run == back
        for column in range(int(x), int(x) + int(run)):
            grid[int(y)][column] = True
    return grid


@pytest.mark.parametrize("host", ["https://a.nl", PUBLIC, "http://192.168.178.23:8000", "http://localhost:8123"])
def test_a_labels_url_stays_alphanumeric_at_level_h_with_large_modules(host: str) -> None:
    made = printed(label(), host)
    code = encode(made.url, 40)
    assert made.url == made.url.upper() and code.alphanumeric
    assert code.level == "H"
    assert made.code_mm == 40 and made.module_mm >= SMALLEST_MODULE_MM


def test_upper_case_is_smaller_than_mixed_case() -> None:
    url = f"{PUBLIC}/S/{CODE}"
    assert encode(url.upper(), 40).version < encode(url, 40).version
    assert not encode(url, 40).alphanumeric


def test_a_long_public_url_falls_to_level_q_then_prints_larger_and_never_finer() -> None:
    long = printed(label(), "https://" + "charge-point-installation." * 3 + "example.com")
    assert encode(long.url, 40).level == "Q"
    endless = printed(label(), "https://" + "charge-point-installation." * 6 + "example.com")
    assert endless.code_mm > 40
    for made in (long, endless):
        assert made.module_mm >= SMALLEST_MODULE_MM - 1e-9
        assert side_for(made.url, 40) == made.code_mm


@pytest.mark.parametrize("text", [f"{PUBLIC.upper()}/S/{CODE}", "http://localhost:8000/#/join/ABCDEFGH23456789"])
def test_the_modules_decode_to_the_text(text: str) -> None:
    for code in (encode(text, 40), screen_code(text)):
        found = zxingcpp.read_barcode(raster(code.rows))
        assert found is not None and found.text == text


def test_the_path_fills_exactly_the_dark_modules_inside_a_quiet_zone() -> None:
    code = encode(f"{PUBLIC.upper()}/S/{CODE}", 40)
    assert QUIET >= 4
    drawn = path(code)
    assert set(re.sub(r"[\d \-]", "", drawn)) == set("Mhvz")
    grid = filled(drawn, code.width)
    expected = [[False] * code.width for _ in range(code.width)]
    for y, row in enumerate(code.rows):
        for x, dark in enumerate(row):
            expected[y + QUIET][x + QUIET] = dark
    assert grid == expected


def test_codes_are_black_on_white_filled_and_never_stroked() -> None:
    for drawing in (svg(screen_code("X"), "t"), printed(label(), PUBLIC).svg):
        root = ElementTree.fromstring(drawing)
        qr = [e for e in root.iter() if e.tag.endswith("path") and len(e.attrib.get("d", "")) > 400]
        assert [e.attrib["fill"] for e in qr] == ["#000"]
        assert all("stroke" not in e.attrib for e in qr)
        first = next(e for e in root.iter() if e.tag.endswith("rect"))
        assert first.attrib["fill"] == "#fff"
        assert "style" not in drawing and "script" not in drawing


def texts(drawing: str) -> dict[str, list[ElementTree.Element]]:
    found: dict[str, list[ElementTree.Element]] = {}
    for element in ElementTree.fromstring(drawing).iter():
        if element.tag.endswith("text"):
            found.setdefault(element.attrib.get("class", ""), []).append(element)
    return found


def test_id_and_code_are_bold_and_four_millimetres_high() -> None:
    drawn = texts(printed(label(evse=2), PUBLIC).svg)
    capital_height = 0.716  # of the font size, in Helvetica and its kin
    assert TEXT_MM * capital_height >= 4
    for name, text in (("label-text", CODE), ("label-station", "UTR-DEPOT-018")):
        (element,) = drawn[name]
        assert element.text == text
        assert float(element.attrib["font-size"]) == TEXT_MM and element.attrib["font-weight"] == "700"
    said = " ".join(element.text or "" for element in drawn[""])
    assert "SERVICE CODE" in said and "not for payment" in said and "v1" in said and "Socket 2" in said


def test_a_long_id_goes_on_in_the_next_line_whole_and_as_large() -> None:
    station = "NL*ABC*E-UTRECHT-CENTRAL-BUS-DEPOT|NORTH/0018 ab"
    made = printed(label(station), PUBLIC)
    lines = texts(made.svg)["label-station"]
    assert "".join(line.text or "" for line in lines) == station
    assert max(len(line.text or "") for line in lines) * TEXT_MM * 0.6 <= made.width_mm
    assert all(float(line.attrib["font-size"]) == TEXT_MM for line in lines)
    assert max(float(line.attrib["y"]) for line in lines) < made.height_mm


@pytest.mark.parametrize("station", ["<b>&\"'</b>", "a\x00b\x1b", "\ufffe\ud800x", "ünïcode 充電"])
def test_hostile_ids_stay_text(station: str) -> None:
    root = ElementTree.fromstring(printed(label(station), PUBLIC).svg.encode("utf-8"))
    assert not [e for e in root.iter() if e.tag.endswith("}b")]
    assert escape('<"&>') == "&lt;&quot;&amp;&gt;"


@pytest.mark.parametrize("size", SIZES_MM)
def test_sheets_keep_order_skip_used_places_and_fill_a4(size: int) -> None:
    labels = [printed(label(code=label_code(f"0000{n:04d}")), PUBLIC, code_mm=size) for n in range(25)]
    places = per_page(labels)
    assert places * labels[0].width_mm * labels[0].height_mm <= 190 * 277
    sheets = pages(labels, skip=2)
    assert sheets[0][:2] == [None, None]
    assert [each for sheet in sheets for each in sheet if each is not None] == labels
    assert all(len(sheet) == places for sheet in sheets[:-1]) and 0 < len(sheets[-1]) <= places
    assert pages(labels, skip=places + 1)[0][1] is not None
    assert pages([]) == []
