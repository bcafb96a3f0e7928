"""Station models (hardware templates) as pictures."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from markupsafe import Markup
from msgspec import Struct

from app.desk.front import Visit, page
from app.desk.picture import bays_of_template, draw, said
from app.domain.model import HardwareTemplate


class Model(Struct, frozen=True, kw_only=True):
    template: HardwareTemplate
    picture: Markup
    sockets: int


@get("/models")
async def models_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    templates = [each for platform in visit.platforms() for each in await platform.templates(visit.actor)]
    models = [_model(visit, template) for template in templates]
    return page(visit, "models.html", models=sorted(models, key=lambda model: (model.template.name or "").casefold()))


def _model(visit: Visit, template: HardwareTemplate) -> Model:
    bays = bays_of_template(template.evse_templates or [])
    told = said(bays, visit.words.hardware, visit.words.evse_status)
    picture = draw(bays, visit.words.evse_status, f"{template.name or ''}: {told}")
    return Model(template=template, picture=picture, sockets=len(bays))
