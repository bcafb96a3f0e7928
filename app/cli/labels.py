"""`labels`: printed QR codes for stations, also for ids that nobody has put up yet."""

import argparse
import sys
from pathlib import Path

from app.actions.labels import make_label
from app.cli.command import CommandError, Commands, add_command, add_json, settings_for, tell, tell_json
from app.cli.home import opened
from app.domain.people import SYSTEM
from app.domain.scan import Label
from app.labels.sheets import SIZES_MM, Printed, pages, printed
from app.ports import Ports

STYLE = """@page { size: A4; margin: 10mm }
body { margin: 0; font-family: system-ui, sans-serif }
.page { break-after: page; display: flex; flex-wrap: wrap; align-content: flex-start }
.page:last-child { break-after: auto }"""


def add(commands: Commands) -> None:
    parser = add_command(
        commands,
        "labels",
        run,
        help="make labels, print their codes, or write them as a page to print",
        epilog='example: python -m app labels --cpo "ABC Charging" --out labels.html ABC-0001 ABC-0002',
    )
    parser.add_argument(
        "ids", nargs="+", metavar="CHARGE_STATION_ID", help="station ids; - reads one a line from stdin"
    )
    parser.add_argument("--cpo", required=True, metavar="CPO", help="the CPO of the stations")
    parser.add_argument("--evse", type=int, metavar="N", help="for this socket (EVSE sequence number) of each station")
    parser.add_argument("--out", metavar="FILE", help="write an A4 sheet (.html) or one label (.svg)")
    parser.add_argument("--size", type=int, choices=SIZES_MM, default=SIZES_MM[0], help="width of the code in mm")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="places of the sheet that are used up already")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    target = Path(args.out) if args.out else None
    if target is not None and target.suffix not in (".html", ".svg"):
        raise CommandError("--out needs a name that ends in .html or .svg")
    ids = _ids(args.ids)
    if target is not None and target.suffix == ".svg" and len(ids) != 1:
        raise CommandError("an .svg holds one label; use .html for several")
    async with opened(settings_for(args)) as ports:
        labels = [await _make(ports, args, each) for each in ids]
        shown = [printed(label, ports.public_url, code_mm=args.size) for label in labels]
    if target is not None:
        _write(target, shown[0].svg if target.suffix == ".svg" else sheet(shown, args.skip))
    if args.json:
        tell_json([_shown(each) for each in shown])
    else:
        tell("\n".join(f"{each.label.code}  {each.label.charge_station_id}  {each.url}" for each in shown))
    return 0


def _ids(given: list[str]) -> list[str]:
    ids = [line.rstrip("\r\n") for line in sys.stdin] if given == ["-"] else given
    return [each for each in ids if each.strip()]


async def _make(ports: Ports, args: argparse.Namespace, charge_station_id: str) -> Label:
    return await make_label(
        ports, SYSTEM, charge_station_id=charge_station_id, evse_sequence_number=args.evse, cpo_id=args.cpo
    )


def _shown(each: Printed) -> dict[str, object]:
    label = each.label
    return {
        "code": label.code,
        "url": each.url,
        "cpo_id": label.cpo_id,
        "charge_station_id": label.charge_station_id,
        "evse_sequence_number": label.evse_sequence_number,
    }


def sheet(labels: list[Printed], skip: int = 0) -> str:
    """A page that prints in millimetres from any browser; `skip` places at the start stay empty."""
    width, height = max(each.width_mm for each in labels), max(each.height_mm for each in labels)
    cell = f".cell {{ width: {width}mm; height: {height}mm }}"
    body = "".join(
        '<div class="page">'
        + "".join(f'<div class="cell">{each.svg if each else ""}</div>' for each in page)
        + "</div>\n"
        for page in pages(labels, skip=skip)
    )
    head = f'<meta charset="utf-8"><title>Labels</title><style>{STYLE}\n{cell}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>\n{body}</body></html>\n'


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}") from error
