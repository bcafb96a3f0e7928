"""Hardware as a picture: sockets from left to right, numbered as printed, with their state as word, mark and colour.

Drawn from the connectors, in an SVG whose colours come from desk.css; nothing in it is a style attribute.
"""

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape
from msgspec import Struct

from app.domain.model import ConnectorFormat, Evse, EvseStatus, EvseTemplate

STANDARDS = {
    "IEC_62196_T2": "Type 2",
    "IEC_62196_T2_COMBO": "CCS2",
    "IEC_62196_T1": "Type 1",
    "IEC_62196_T1_COMBO": "CCS1",
    "CHADEMO": "CHAdeMO",
    "TESLA_S": "Tesla",
    "DOMESTIC_F": "Schuko",
    "DOMESTIC_E": "Type E",
    "DOMESTIC_G": "BS 1363",
}

TONES = {
    EvseStatus.AVAILABLE: "good",
    EvseStatus.CHARGING: "info",
    EvseStatus.RESERVED: "info",
    EvseStatus.BLOCKED: "wait",
    EvseStatus.INOPERATIVE: "wait",
    EvseStatus.PLANNED: "wait",
    EvseStatus.OUTOFORDER: "bad",
    EvseStatus.REMOVED: "bad",
    EvseStatus.UNKNOWN: "quiet",
}
MARKS = {"good": "✓", "info": "⚡", "wait": "…", "bad": "!", "quiet": "?"}


class Plug(Struct, frozen=True, kw_only=True):
    standard: str
    cable: bool
    power: str


class Bay(Struct, frozen=True, kw_only=True):
    """One EVSE of the picture; `status` None leaves the state out (a station model has none)."""

    number: int
    plugs: tuple[Plug, ...]
    status: EvseStatus | None = None


def bays_of(evses: Iterable[Evse]) -> list[Bay]:
    return [
        Bay(
            number=evse.evse_sequence_number or place,
            plugs=tuple(
                Plug(
                    standard=_standard(c.standard),
                    cable=c.format is ConnectorFormat.CABLE,
                    power=power(c.max_electric_power, c.voltage, c.amperage, c.power_type),
                )
                for c in evse.connectors or []
            ),
            status=evse.status,
        )
        for place, evse in enumerate(evses, 1)
    ]


def bays_of_template(evse_templates: Iterable[EvseTemplate]) -> list[Bay]:
    return [
        Bay(
            number=evse.evse_sequence_number,
            plugs=tuple(
                Plug(
                    standard=_standard(c.standard),
                    cable=c.format is ConnectorFormat.CABLE,
                    power=power(c.max_electric_power, c.voltage, c.amperage, c.power_type),
                )
                for c in evse.connector_templates or []
            ),
        )
        for evse in sorted(evse_templates, key=lambda evse: evse.evse_sequence_number)
    ]


def _standard(standard: str | None) -> str:
    return STANDARDS.get(standard or "", standard or "?")


def power(watts: int | None, volts: int | None, amperes: int | None, power_type: str | None) -> str:
    """22 kW: as given, else from phase voltage and current (three phases carry three times as much)."""
    if not watts and volts and amperes:
        watts = volts * amperes * (3 if power_type == "AC_3_PHASE" else 1)
    if not watts:
        return ""
    return f"{watts / 1000:.1f}".removesuffix(".0") + " kW"


PLUG, GAP, EDGE = 66, 10, 12
HEIGHT = 124


def draw(bays: list[Bay], statuses: Mapping[str, str], title: str) -> Markup:
    """The station's front. `statuses` are the words for EvseStatus, `title` the whole picture in words."""
    widths = [max(PLUG * max(1, len(bay.plugs)), 104) for bay in bays]
    width = 2 * EDGE + sum(widths) + GAP * max(0, len(bays) - 1)
    parts, x = [], EDGE
    for bay, room in zip(bays, widths, strict=True):
        parts.append(_bay(bay, x, room, statuses))
        x += room + GAP
    return Markup(
        '<svg class="station" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{title}">'
        '<rect class="body" x="1" y="1" width="{inner}" height="{tall}" rx="12"/>{parts}</svg>'
    ).format(w=width, h=HEIGHT, inner=width - 2, tall=HEIGHT - 2, title=title, parts=Markup("").join(parts))


def _bay(bay: Bay, x: float, room: float, statuses: Mapping[str, str]) -> Markup:
    plugs = bay.plugs or (Plug(standard="?", cable=False, power=""),)
    step = room / len(plugs)
    drawn = Markup("").join(_plug(plug, x + step * (i + 0.5)) for i, plug in enumerate(plugs))
    tone = "quiet" if bay.status is None else TONES[bay.status]
    state = Markup("")
    if bay.status is not None:
        state = Markup('<text class="state" x="{x}" y="111">{mark} {word}</text>').format(
            x=x + room / 2, mark=MARKS[tone], word=statuses[bay.status.value]
        )
    return Markup(
        '<g class="bay {tone}" data-test="bay-{n}">'
        '<rect class="panel" x="{x}" y="9" width="{room}" height="108" rx="9"/>'
        '<text class="number" x="{nx}" y="27">{n}</text>{drawn}{state}</g>'
    ).format(tone=tone, n=bay.number, x=x, room=room, nx=x + room / 2, drawn=drawn, state=state)


def _plug(plug: Plug, cx: float) -> Markup:
    face = _cable(cx) if plug.cable else _socket(cx)
    name = Markup('<text class="plug" x="{x}" y="82">{name}</text>').format(x=cx, name=plug.standard)
    kw = Markup('<text class="plug" x="{x}" y="96">{kw}</text>').format(x=cx, kw=plug.power)
    return face + name + kw


def _socket(cx: float) -> Markup:
    """A socket to put a cable in: a ring with its holes."""
    holes = [(-7, -2), (0, -2), (7, -2), (-4, 5), (4, 5), (-3, -8), (3, -8)]
    dots = Markup("").join(
        Markup('<circle class="hole" cx="{x}" cy="{y}" r="1.7"/>').format(x=cx + dx, y=51 + dy) for dx, dy in holes
    )
    return Markup('<circle class="ring" cx="{x}" cy="50" r="17"/>{dots}').format(x=cx, dots=dots)


def _cable(cx: float) -> Markup:
    """A plug on its cable, hanging from the station."""
    return Markup(
        '<path class="wire" d="M{a} 34c0 26 24 30 24 14"/>'
        '<rect class="grip" x="{b}" y="37" width="13" height="19" rx="5"/>'
        '<path class="pins" d="M{c} 37v-5M{d} 37v-5"/>'
    ).format(a=cx - 14, b=cx + 3.5, c=cx + 7.5, d=cx + 12.5)


def said(bays: list[Bay], words: Mapping[str, str], statuses: Mapping[str, str]) -> str:
    """The picture for those who cannot see it; `words` has socket, cable and number."""
    told = []
    for bay in bays:
        kinds = ", ".join(
            " ".join(part for part in (words["cable" if p.cable else "socket"], p.standard, p.power) if part)
            for p in bay.plugs
        )
        state = f": {statuses[bay.status.value]}" if bay.status is not None else ""
        told.append(f"{bay.number} {kinds}{state}")
    return str(escape("; ".join(told)).unescape())
