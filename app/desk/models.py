"""Station models (hardware templates) as pictures, and what their stations should say of themselves."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Struct

from app.actions.expectations import read_expected, save_expected
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.desk.picture import bays_of_template, draw, said
from app.domain.errors import InvalidField, PlatformUnavailable, UnknownCpo
from app.domain.expectations import DEFAULT_KEYS, wish
from app.domain.expected_lines import EXAMPLE, MOST_KEYS, SAID
from app.domain.model import HardwareTemplate


class Model(Struct, frozen=True, kw_only=True):
    template: HardwareTemplate
    picture: Markup
    sockets: int


@get("/models")
async def models_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    templates, problems = await _templates(visit)
    models = [_model(visit, template) for template in templates]
    return page(
        visit,
        "models.html",
        problems=problems,
        models=sorted(models, key=lambda model: (model.template.name or "").casefold()),
    )


async def _templates(visit: Visit) -> tuple[list[HardwareTemplate], list[str]]:
    """Those of all platforms that answer, and the codes of why others do not."""
    found: list[HardwareTemplate] = []
    problems: list[str] = []
    for platform in visit.platforms():
        try:
            found += await platform.templates(visit.actor)
        except PlatformUnavailable as error:
            problems.append(error.code)
    return found, problems


def _model(visit: Visit, template: HardwareTemplate) -> Model:
    bays = bays_of_template(template.evse_templates or [])
    told = said(bays, visit.words.hardware, visit.words.evse_status)
    picture = draw(bays, visit.words.evse_status, f"{template.name or ''}: {told}")
    return Model(template=template, picture=picture, sockets=len(bays))


@get("/model")
async def model_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    cpo_id, template_id = _asked(request, visit)
    template, lines = await read_expected(visit.ports, visit.actor, cpo_id, template_id)
    return _show(visit, template.name or template_id, cpo_id, template_id, Form({"lines": lines}))


@post("/model")
async def save_model(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    cpo_id, template_id = _asked(request, visit)
    form = Form({"lines": str((await request.form()).get("lines", ""))})
    template, _ = await read_expected(visit.ports, visit.actor, cpo_id, template_id)
    name = template.name or template_id
    try:
        await save_expected(visit.ports, visit.actor, cpo_id, template_id, form.text("lines"))
    except InvalidField as error:
        form.errors["lines"] = _wrong(visit, error)
        return _show(visit, name, cpo_id, template_id, form, 422)
    return done(visit, "/desk/models", "expected_saved", name)


def _wrong(visit: Visit, error: InvalidField) -> str:
    """Which line, and how it should have been; the words that a line takes are the same in all languages."""
    told, number = visit.words.expecting, str(error.detail["field"]).removeprefix("line ")
    if not number.isdigit():
        return told["keys"].format(most=MOST_KEYS)
    return told["line"].format(number=number, example=EXAMPLE, said=", ".join(SAID))


def _asked(request: AnyRequest, visit: Visit) -> tuple[str, str]:
    """The CPO and the model; the only CPO where none is named. Raises UnknownCpo."""
    named = str(request.query_params.get("cpo", "")) or (visit.cpos[0].cpo_id if len(visit.cpos) == 1 else "")
    if visit.cpo(named) is None:
        raise UnknownCpo(named)
    return named, str(request.query_params.get("id", ""))


def _show(visit: Visit, name: str, cpo_id: str, template_id: str, form: Form, status: int = 200) -> Response[str]:
    usual = [f"{key.key} = {wish(key)}" for key in DEFAULT_KEYS]
    asked = {"cpo_id": cpo_id, "template_id": template_id}
    return page(visit, "model.html", status, name=name, form=form, usual=usual, **asked)
