"""How one station's connection is watched, and what it must show at the door: its own beside the house's."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.tuning import read_tuning, tune
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page, station_url
from app.desk.ladder import came_with, last_arrival
from app.domain.errors import Invalid
from app.domain.live import StationTuning
from app.domain.profiles import Profile
from app.domain.tuning import LIMITS

PROFILE = "security_profile"


async def _show(visit: Visit, tuning: StationTuning, form: Form) -> Response[str]:
    bounds, words, house = visit.settings.ocpp_bounds, visit.words, visit.ports.ocpp_profile
    last = await last_arrival(visit.ports, tuning.charge_station_id)
    standard = words.tuning["as_setting"].format(profile=words.profiles[str(house.value)])
    context = {
        "station_id": tuning.charge_station_id,
        "bound": bounds.tuned(tuning).published,
        "standard": {"ping_seconds": bounds.ping, "pong_seconds": bounds.pong, "close_seconds": bounds.close},
        "profiles": [("", standard), *((str(each.value), words.profiles[str(each.value)]) for each in Profile)],
        "asked": house if tuning.security_profile is None else Profile(tuning.security_profile),
        "came": came_with(last) if last else None,
    }
    return page(visit, "tuning.html", 422 if form.errors else 200, form=form, **context)


def _form_of(tuning: StationTuning) -> Form:
    values = {name: getattr(tuning, name) for name in (*LIMITS, PROFILE)}
    return Form({name: "" if value is None else f"{value:g}" for name, value in values.items()})


def _asked(request: AnyRequest) -> str:
    return str(request.query_params.get("id", ""))


@get("/station/tuning")
async def tuning_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    tuning = await read_tuning(visit.ports, visit.actor, _asked(request))
    return await _show(visit, tuning, _form_of(tuning))


@post("/station/tuning")
async def save_tuning(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    """An empty field is as the house has it."""
    station_id, form = _asked(request), Form.sent(await request.form())
    before = await read_tuning(visit.ports, visit.actor, station_id)
    different = _typed(visit, form)
    if form.errors:
        return await _show(visit, before, form)
    try:
        await tune(visit.ports, visit.actor, station_id, different)
    except Invalid as error:
        form.refuse(visit.words, error)
        return await _show(visit, before, form)
    return done(visit, station_url(station_id), "tuned", station_id)


def _typed(visit: Visit, form: Form) -> dict[str, float | None]:
    """What the form says; what is no number is told beside its field."""
    different: dict[str, float | None] = {}
    for name, number in (*((name, float) for name in LIMITS), (PROFILE, int)):
        try:
            different[name] = number(form.text(name)) if form.text(name) else None
        except ValueError:
            form.errors[name] = visit.words.field_errors[name]
    return different
