"""`/api/1.0/ChargeStations/ChargestationTemplate`: list and save hardware templates (platform-api 6.2)."""

import msgspec
from litestar import HttpMethod, MediaType, Response, get, route

from app.api.envelope import writing
from app.api.fold import TEMPLATES
from app.api.given import AnyRequest, Reader, Writer
from app.domain.errors import UnknownTemplate
from app.domain.model import HardwareTemplate
from app.web.bodies import decode

PATH = f"/{TEMPLATES}"


def bare(template: bytes) -> bytes:
    return template


@get(PATH, summary="List hardware templates", media_type=MediaType.JSON)
async def list_templates(
    reader: Reader,
) -> Response[bytes]:
    return reader.envelope.success(msgspec.json.encode(await reader.platform.templates(reader.actor)))


@route(
    PATH,
    http_method=[HttpMethod.POST, HttpMethod.PUT],
    summary="Create a hardware template, or replace the one with its template_id",
    status_code=200,
    media_type=MediaType.JSON,
)
async def save_template(
    request: AnyRequest,
    writer: Writer,
) -> Response[bytes]:
    async with writing(bare, addressed=UnknownTemplate):
        wanted = decode(await request.body(), HardwareTemplate)
        return writer.envelope.success(msgspec.json.encode(await writer.platform.save_template(writer.actor, wanted)))


HANDLERS = (list_templates, save_template)
