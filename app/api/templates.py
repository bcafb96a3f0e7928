"""`/api/1.0/ChargeStations/ChargestationTemplate`: list and save hardware templates (platform-api 6.2)."""

import msgspec
from litestar import HttpMethod, MediaType, get, route
from litestar.types import Scope

from app.api.auth import reader, writer
from app.api.envelope import AnyRequest, Sent, writing
from app.api.fold import TEMPLATES
from app.domain.errors import UnknownTemplate
from app.domain.model import HardwareTemplate
from app.web.bodies import decode

PATH = f"/{TEMPLATES}"


def bare(template: bytes) -> bytes:
    return template


@get(PATH, summary="List hardware templates", media_type=MediaType.JSON)
async def list_templates(scope: Scope) -> Sent:
    call = await reader(scope)
    return call.envelope.success(msgspec.json.encode(await call.platform.templates(call.actor)))


@route(
    PATH,
    http_method=[HttpMethod.POST, HttpMethod.PUT],
    summary="Create a hardware template, or replace the one with its template_id",
    status_code=200,
    media_type=MediaType.JSON,
)
async def save_template(request: AnyRequest) -> Sent:
    call = await writer(request.scope)
    async with writing(bare, addressed=UnknownTemplate):
        wanted = decode(await request.body(), HardwareTemplate)
        return call.envelope.success(msgspec.json.encode(await call.platform.save_template(call.actor, wanted)))


HANDLERS = (list_templates, save_template)
