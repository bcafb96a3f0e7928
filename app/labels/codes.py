"""QR codes as one filled path: what a decoder, a printer and a laser engraver all agree on.

A text that QR's alphanumeric mode can carry (digits, A-Z and ` $%*+-./:`) needs about a third less room than the same
text in mixed case; level H then costs what Q would.
"""

import qrcode
from msgspec import Struct
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM

QUIET = 4
"""Modules of white around a code: ISO/IEC 18004 asks for four."""

SMALLEST_MODULE_MM = 0.8
"""Below this a phone has to come closer than its camera can focus."""

_LEVELS = (("H", ERROR_CORRECT_H), ("Q", ERROR_CORRECT_Q))


class QrCode(Struct, frozen=True, kw_only=True):
    """`rows` are the dark modules, without quiet zone; `width` counts modules with it."""

    text: str
    level: str
    version: int
    alphanumeric: bool
    rows: tuple[tuple[bool, ...], ...]

    @property
    def width(self) -> int:
        return len(self.rows) + 2 * QUIET


def encode(text: str, side_mm: float) -> QrCode:
    """The code for a printed square of `side_mm`, quiet zone included.

    Level H where its modules are large enough at that size, else Q; what is too long even for that is the caller's to
    print larger (see `side_for`).
    """
    for name, level in _LEVELS:
        made = _make(text, name, level)
        if side_mm / made.width >= SMALLEST_MODULE_MM:
            return made
    return made


def side_for(text: str, wanted_mm: float) -> float:
    """The side in mm, quiet zone included, at which this text's modules are large enough; at least `wanted_mm`."""
    return max(wanted_mm, encode(text, wanted_mm).width * SMALLEST_MODULE_MM)


def screen_code(text: str) -> QrCode:
    """A code for a lit screen, which nothing scratches: level M, larger modules."""
    return _make(text, "M", ERROR_CORRECT_M)


def _make(text: str, name: str, level: int) -> QrCode:
    maker = qrcode.QRCode(error_correction=level, border=0)
    maker.add_data(text)
    maker.make(fit=True)
    return QrCode(
        text=text,
        level=name,
        version=maker.version,
        alphanumeric=all(part.mode == MODE_ALPHA_NUM for part in maker.data_list),
        rows=tuple(tuple(bool(dark) for dark in row) for row in maker.modules),
    )


def path(code: QrCode) -> str:
    """The `d` of one filled path in units of modules, its origin at the corner of the quiet zone.

    Each run of dark modules is a closed rectangle. Stroked rows would thin out and vanish in small print.
    """
    return "".join(_row(y + QUIET, row) for y, row in enumerate(code.rows))


def _row(y: int, row: tuple[bool, ...]) -> str:
    parts, start = [], None
    for x, dark in enumerate((*row, False)):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            parts.append(f"M{start + QUIET} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(parts)


def svg(code: QrCode, title: str) -> str:
    """The bare code as an SVG element that fills its box: black on white whatever the page's theme is."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {code.width} {code.width}" role="img" '
        f'aria-label="{escape(title)}" class="qr"><rect width="100%" height="100%" fill="#fff"/>'
        f'<path fill="#000" d="{path(code)}"/></svg>'
    )


def escape(text: str) -> str:
    """Text for XML content and double-quoted attributes; characters that XML cannot carry become U+FFFD."""
    legal = "".join(c if _legal(ord(c)) else "\N{REPLACEMENT CHARACTER}" for c in text)
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        legal = legal.replace(raw, safe)
    return legal


def _legal(point: int) -> bool:
    """XML 1.0 2.2: no control characters but white space, no surrogates, no non-characters."""
    return point in (9, 10, 13) or 32 <= point < 0xD800 or 0xE000 <= point < 0xFFFE or point > 0xFFFF
