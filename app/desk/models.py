"""Station models (hardware templates) as pictures."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from markupsafe import Markup
from msgspec import Struct

from app.desk.front import Visit, page
from app.desk.picture import bays_of_template, draw, said
from app.domain.errors import PlatformUnavailable
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
