"""Printed labels: one label as an SVG in millimetres, and sheets of them.

The look is that of an asset label, black on white with a plain frame, so that nobody takes it for a code to pay with
(field-app 6). The code and the words under it are made from one value.
"""

from collections.abc import Sequence

from msgspec import Struct

from app.domain.scan import Label, label_url
from app.labels.codes import encode, escape, path, side_for

SIZES_MM = (40, 50, 70)
"""Sides of the printed code with its quiet zone. 40 mm is read from half a metre."""

LABEL_VERSION = "v1"
TEXT_MM = 5.6
"""Font size of the id and the code: capitals 4 mm high in every common typeface."""

_CHARACTER = 0.625
"""Width of one monospaced bold character, in font sizes, rounded up."""

_MARGIN = 3.0
_FRAME = 'fill="none" stroke="#000" stroke-width="0.5"'
_MONO = "font-family=\"ui-monospace, 'Liberation Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace\""
_SANS = "font-family=\"system-ui, 'Liberation Sans', Arial, sans-serif\""


class Wording(Struct, frozen=True, kw_only=True):
    """The words on a label. `socket` has a place for `{number}`."""

    service_code: str = "SERVICE CODE"
    not_for_payment: str = "not for payment"
    socket: str = "Socket {number}"


class Printed(Struct, frozen=True, kw_only=True):
    """One label ready to print: `svg` is complete, `url` is what its code says, sizes are in mm."""

    label: Label
    url: str
    svg: str
    width_mm: float
    height_mm: float
    code_mm: float
    module_mm: float


def printed(label: Label, public_url: str, *, code_mm: float = 40, words: Wording | None = None) -> Printed:
    """A label whose code is `code_mm` wide, or wider where a long public URL would make its modules too small."""
    url = label_url(public_url, label.code)
    side = side_for(url, code_mm)
    code = encode(url, side)
    width = max(side + 12, 62.0)
    id_lines = _lines(label.charge_station_id, int((width - 2 * _MARGIN) / (TEXT_MM * _CHARACTER)))
    body = _Body(label=label, words=words or Wording(), width=width, side=side, id_lines=id_lines)
    scale = side / code.width
    drawn = (
        f'<g transform="translate({_n((width - side) / 2)} {_n(_HEAD)}) scale({scale:.6f})">'
        f'<path fill="#000" d="{path(code)}"/></g>'
    )
    return Printed(
        label=label,
        url=url,
        svg=_frame(body, drawn),
        width_mm=width,
        height_mm=body.height,
        code_mm=side,
        module_mm=scale,
    )


_HEAD = 9.5
_LINE = 6.6


class _Body(Struct, frozen=True, kw_only=True):
    label: Label
    words: Wording
    width: float
    side: float
    id_lines: list[str]

    @property
    def socket_mm(self) -> float:
        return 6.0 if self.label.evse_sequence_number is not None else 0.0

    @property
    def height(self) -> float:
        return _HEAD + self.side + _LINE * (1 + len(self.id_lines)) + self.socket_mm + 4.5


def _lines(text: str, room: int) -> list[str]:
    """An id is never cut and never printed small: it goes on in the next line, after a separator where there is one."""
    lines, rest = [], text
    while len(rest) > room:
        cut = max(rest.rfind(separator, 1, room) for separator in "-_/|. ") + 1
        cut = cut if cut > room // 2 else room
        lines.append(rest[:cut])
        rest = rest[cut:]
    return [*lines, rest]


def _frame(body: _Body, code: str) -> str:
    width, height = _n(body.width), _n(body.height)
    name = escape(f"{body.label.code} {body.label.charge_station_id}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{name}" class="label">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<rect x="0.75" y="0.75" width="{_n(body.width - 1.5)}" height="{_n(body.height - 1.5)}" rx="2" {_FRAME}/>'
        f"{_head(body)}{code}{_texts(body)}</svg>"
    )


def _head(body: _Body) -> str:
    words = body.words
    return (
        f'<g {_SANS} fill="#000">{_wrench()}'
        f'<text x="10" y="5.4" font-size="3.6" font-weight="700">{escape(words.service_code)}</text>'
        f'<text x="10" y="8.7" font-size="2.9">{escape(words.not_for_payment)}</text>'
        f'<text x="{_n(body.width - 3)}" y="5.4" font-size="2.6" text-anchor="end">{LABEL_VERSION}</text></g>'
    )


def _wrench() -> str:
    """A spanner: service, not payment."""
    return (
        '<path transform="translate(3.2 2.4) scale(0.25)" d="M22.7 19l-9.1-9.1c.9-2.3.4-5-1.5-6.9-2-2-5-2.4-7.4-1.3'
        "L9 6 6 9 1.6 4.7C.4 7.1.9 10.1 2.9 12.1c1.9 1.9 4.6 2.4 6.9 1.5l9.1 9.1c.4.4 1 .4 1.4 0l2.3-2.3"
        'c.5-.4.5-1.1.1-1.4z"/>'
    )


def _texts(body: _Body) -> str:
    """Code, station id and socket under the QR code, in one size that is read at arm's length."""
    y = _HEAD + body.side + 4.4
    rows = [_text(body, body.label.code, y, "label-text")]
    for line in body.id_lines:
        y += _LINE
        rows.append(_text(body, line, y, "label-station"))
    if body.label.evse_sequence_number is not None:
        socket = body.words.socket.format(number=body.label.evse_sequence_number)
        rows.append(
            f'<text x="{_n(body.width / 2)}" y="{_n(y + 5.8)}" {_SANS} font-size="4.6" font-weight="700" fill="#000" '
            f'text-anchor="middle">{escape(socket)}</text>'
        )
    return "".join(rows)


def _text(body: _Body, text: str, y: float, name: str) -> str:
    return (
        f'<text class="{name}" x="{_n(body.width / 2)}" y="{_n(y)}" {_MONO} font-size="{TEXT_MM}" font-weight="700" '
        f'fill="#000" text-anchor="middle" xml:space="preserve">{escape(text)}</text>'
    )


def pages(
    labels: Sequence[Printed], *, skip: int = 0, width_mm: float = 190, height_mm: float = 277
) -> list[list[Printed | None]]:
    """Labels in the order given, cut into A4 pages (printable area); the first `skip` places stay empty.

    For a sheet of stickers of which some are used up. All places of a page are as large as the largest label.
    """
    if not labels:
        return []
    places = per_page(labels, width_mm=width_mm, height_mm=height_mm)
    cells: list[Printed | None] = [None] * (skip % places) + list(labels)
    return [cells[start : start + places] for start in range(0, len(cells), places)]


def per_page(labels: Sequence[Printed], *, width_mm: float = 190, height_mm: float = 277) -> int:
    """How many labels of this size fit on a page, at least one."""
    columns = max(1, int(width_mm // max(label.width_mm for label in labels)))
    return columns * max(1, int(height_mm // max(label.height_mm for label in labels)))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
