"""Labels: finding and making them, and printing one or a sheet."""

from collections.abc import Iterable

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from msgspec import Struct

from app.actions.labels import make_label
from app.actions.live import read_standing
from app.desk.board import Places
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.desk.listing import PAGE_SIZE
from app.desk.stations import Paging, chosen, offset_of, read_stations, station_items
from app.domain.environments import BUILTIN
from app.domain.errors import Invalid, OtherCpo, UnknownLabel
from app.domain.scan import Label
from app.labels.sheets import SIZES_MM, Printed, Wording, pages, per_page, printed

SHEET_MOST = 200


class Row(Struct, frozen=True, kw_only=True):
    """A station that has labels, or could; `sockets` are the EVSEs that could get one of their own."""

    charge_station_id: str
    cpo_id: str
    place: str
    labels: list[Label]
    sockets: list[int]


async def read_rows(visit: Visit, asked: dict[str, str], offset: int) -> tuple[list[Row], int]:
    """Known stations by id, then labels of ids that no platform knows yet."""
    found = await read_stations(visit, {**asked, "state": "", "location": ""}, offset)
    items = await station_items(visit, found.rows)
    labels = await _labels_by_station(visit, {item.station.charge_station_id for item in items})
    rows = [
        Row(
            charge_station_id=item.station.charge_station_id,
            cpo_id=item.location.cpo_id if item.location else "",
            place=item.location.name if item.location else "",
            labels=labels.get(item.station.charge_station_id, []),
            sockets=[evse.evse_sequence_number or 0 for evse in item.station.evses],
        )
        for item in items
    ]
    return (await _not_yet_known(visit, asked) if offset == 0 else []) + rows, found.total


async def _labels_by_station(visit: Visit, ids: set[str]) -> dict[str, list[Label]]:
    if not ids:
        return {}
    found = await visit.ports.store.find(Label, charge_station_id=ids, limit=10_000, **visit.scope)
    return _grouped(label for label, _ in found)


def _grouped(labels: Iterable[Label]) -> dict[str, list[Label]]:
    grouped: dict[str, list[Label]] = {}
    for label in sorted(labels, key=lambda label: label.evse_sequence_number or 0):
        if label.revoked_at is None:
            grouped.setdefault(label.charge_station_id, []).append(label)
    return grouped


async def _not_yet_known(visit: Visit, asked: dict[str, str]) -> list[Row]:
    """Labels whose station does not exist yet: they wait for an installer."""
    found = await visit.ports.store.find(Label, limit=10_000, **visit.scope)
    wanted = asked["q"].casefold()
    grouped = _grouped(
        label
        for label, _ in found
        if wanted in f"{label.charge_station_id}\n{label.code}".casefold() and asked["cpo"] in ("", label.cpo_id)
    )
    unknown = [key for key in grouped if not await _exists(visit, grouped[key][0])][:PAGE_SIZE]
    return [
        Row(charge_station_id=key, cpo_id=grouped[key][0].cpo_id, place="", labels=grouped[key], sockets=[])
        for key in unknown
    ]


async def _exists(visit: Visit, label: Label) -> bool:
    """For this person, and as far as we have heard: a station of another CPO does not."""
    cpo = visit.cpo(label.cpo_id)
    if cpo is not None and cpo.platform != BUILTIN:
        return (await read_standing(visit.ports, cpo, label.charge_station_id)).read_at is not None
    row = await visit.ports.store.station(label.charge_station_id)
    return row is not None and visit.actor.covers(row.cpo_id)


@get("/labels")
async def labels_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    return await _show(request, visit, Form())


async def _show(request: AnyRequest, visit: Visit, form: Form) -> Response[str]:
    asked, offset = chosen(request, "q", "cpo"), offset_of(request)
    rows, total = await read_rows(visit, asked, offset)
    known = sum(bool(row.sockets or row.place) for row in rows)
    paging = Paging(path="/desk/labels", offset=offset, total=total, shown=known, query=asked)
    status = 422 if form.errors else 200
    return page(visit, "labels.html", status, rows=rows, paging=paging, asked=asked, form=form, sizes=SIZES_MM)


@post("/labels")
async def make_labels(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    """Make the labels of one id: the station's own, and one for each socket that was asked for."""
    form = Form.sent(await request.form())
    one = visit.cpos[0].cpo_id if len(visit.cpos) == 1 else ""
    cpo_id = form.text("cpo") or one
    if not form.require(visit.words, "charge_station_id") or not cpo_id:
        form.errors.setdefault("cpo", visit.words.errors["missing_field"]) if not cpo_id else None
        return await _show(request, visit, form)
    try:
        labels = await _make(visit, form, cpo_id)
    except (Invalid, OtherCpo) as error:
        form.refuse(visit.words, error)
        return await _show(request, visit, form)
    return done(visit, print_url(labels), "label_made", form.text("charge_station_id"))


async def _make(visit: Visit, form: Form, cpo_id: str) -> list[Label]:
    """`sockets` 0 is the station's own label alone, n one more for each of n sockets."""
    station_id, sockets = form.text("charge_station_id"), form.text("sockets") or "0"
    numbers = [None, *range(1, 1 + min(int(sockets), 20))] if sockets.isascii() and sockets.isdigit() else [None]
    if form.text("evse"):
        numbers = [int(form.text("evse"))] if form.text("evse").isascii() and form.text("evse").isdigit() else [None]
    return [
        await make_label(
            visit.ports, visit.actor, charge_station_id=station_id, evse_sequence_number=number, cpo_id=cpo_id
        )
        for number in numbers
    ]


def print_url(labels: Iterable[Label]) -> str:
    return "/desk/labels/print?" + "&".join(f"code={label.code}" for label in labels)


async def _asked_labels(request: AnyRequest, visit: Visit) -> list[Label]:
    """The labels of the codes asked for, in that order. Raises UnknownLabel for none, or a foreign one."""
    codes = [str(code) for code in request.query_params.getall("code", [])][:SHEET_MOST]
    labels = [await read_label(visit, code) for code in codes]
    if not labels:
        raise UnknownLabel("choose a label to print")
    return labels


async def read_label(visit: Visit, code: str) -> Label:
    found = await visit.ports.store.get(Label, code)
    if found is None or not visit.actor.covers(found[0].cpo_id):
        raise UnknownLabel(f"label {code} is not known")
    return found[0]


def _drawn(visit: Visit, label: Label, size: int) -> Printed:
    """With its words in the language of the page that prints it."""
    words = visit.words
    wording = Wording(
        service_code=words.label_service_code, not_for_payment=words.label_not_for_payment, socket=words.socket
    )
    return printed(label, visit.ports.public_url, code_mm=size, words=wording)


def _size_of(request: AnyRequest) -> int:
    given = str(request.query_params.get("size", ""))
    return next((size for size in SIZES_MM if str(size) == given), SIZES_MM[0])


@get("/labels/print")
async def print_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    size, skip = _size_of(request), str(request.query_params.get("skip", ""))
    drawn = [_drawn(visit, label, size) for label in await _asked_labels(request, visit)]
    skipped = int(skip) if skip.isascii() and skip.isdigit() and len(skip) < 4 else 0
    places = {label.label.charge_station_id: await _place(visit, label.label) for label in drawn}
    return page(
        visit,
        "print.html",
        sheets=pages(drawn, skip=skipped),
        labels=drawn,
        places=places,
        size=size,
        sizes=SIZES_MM,
        skip=skipped,
        per_page=per_page(drawn),
    )


async def _place(visit: Visit, label: Label) -> str:
    row = await visit.ports.store.station(label.charge_station_id)
    location = await Places(visit).of(row.cpo_id, row.location_id) if row else None
    return location.name if location else ""


@get("/labels/svg")
async def label_file(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    """One label as a file for a print shop or a label printer."""
    label = (await _asked_labels(request, visit))[0]
    return Response(
        _drawn(visit, label, _size_of(request)).svg,
        media_type="image/svg+xml",
        headers={"Content-Disposition": f'attachment; filename="label-{label.code}.svg"'},
    )
