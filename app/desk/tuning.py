"""How one station's connection is watched: its own times beside the house's."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.tuning import read_tuning, tune
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page, station_url
from app.domain.errors import Invalid
from app.domain.live import StationTuning
from app.domain.tuning import LIMITS


def _show(visit: Visit, tuning: StationTuning, form: Form) -> Response[str]:
    bounds = visit.settings.ocpp_bounds
    standard = {"ping_seconds": bounds.ping, "pong_seconds": bounds.pong, "close_seconds": bounds.close}
    context = {"station_id": tuning.charge_station_id, "bound": bounds.tuned(tuning).published, "standard": standard}
    return page(visit, "tuning.html", 422 if form.errors else 200, form=form, **context)


def _form_of(tuning: StationTuning) -> Form:
    values = {name: getattr(tuning, name) for name in LIMITS}
    return Form({name: "" if value is None else f"{value:g}" for name, value in values.items()})


def _asked(request: AnyRequest) -> str:
    return str(request.query_params.get("id", ""))


@get("/station/tuning")
async def tuning_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    tuning = await read_tuning(visit.ports, visit.actor, _asked(request))
    return _show(visit, tuning, _form_of(tuning))


@post("/station/tuning")
async def save_tuning(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    """An empty field is the house's own time."""
    station_id, form = _asked(request), Form.sent(await request.form())
    before = await read_tuning(visit.ports, visit.actor, station_id)
    different: dict[str, float | None] = {}
    for name in LIMITS:
        try:
            different[name] = float(form.text(name)) if form.text(name) else None
        except ValueError:
            form.errors[name] = visit.words.field_errors[name]
    if form.errors:
        return _show(visit, before, form)
    try:
        await tune(visit.ports, visit.actor, station_id, different)
    except Invalid as error:
        form.refuse(visit.words, error)
        return _show(visit, before, form)
    return done(visit, station_url(station_id), "tuned", station_id)
