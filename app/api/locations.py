"""`/api/2.0/Locations`: list, one, create, replace, patch (platform-api 7.1, 8)."""

from functools import partial

from litestar import MediaType, Response, get, patch, post, put
from litestar.params import FromPath

from app.api.envelope import writing
from app.api.fold import path_id
from app.api.given import AnyRequest, Reader, Writer
from app.api.lists import listed
from app.api.parameters import LocationParameters, OneLocationParameters, location_query, read
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.web.bodies import decode

ONE = "/{location_id:str}"


def bare(location: bytes) -> bytes:
    """A location stands alone in the `data` of an error (platform-api 1.7)."""
    return location


@get("/", summary="List locations with the EVSEs of their stations", media_type=MediaType.JSON)
async def list_locations(
    request: AnyRequest,
    reader: Reader,
) -> Response[bytes]:
    query = location_query(read(request.query_params.multi_items(), LocationParameters), reader.actor.cpo_ids)
    return await listed(request, reader.envelope, query, partial(reader.platform.locations, reader.actor))


@post("/", summary="Create a location", status_code=200, media_type=MediaType.JSON)
async def create_location(
    request: AnyRequest,
    writer: Writer,
) -> Response[bytes]:
    async with writing(bare):
        wanted = decode(await request.body(), PostLocation)
        return writer.envelope.success(await writer.platform.create_location(writer.actor, wanted))


@get(ONE, summary="Read one location, in real time", media_type=MediaType.JSON)
async def read_location(
    request: AnyRequest,
    location_id: FromPath[str],
    reader: Reader,
) -> Response[bytes]:
    asked = read(request.query_params.multi_items(), OneLocationParameters)
    found = await reader.platform.location(reader.actor, path_id(location_id), exclude_evses=asked.exclude_evses)
    return reader.envelope.success(found)


@put(ONE, summary="Replace a location; needs its etag", media_type=MediaType.JSON)
async def replace_location(
    request: AnyRequest,
    location_id: FromPath[str],
    writer: Writer,
) -> Response[bytes]:
    key = path_id(location_id)
    async with writing(bare, partial(writer.platform.location, writer.actor, key)):
        wanted = decode(await request.body(), PutLocation)
        return writer.envelope.success(await writer.platform.replace_location(writer.actor, key, wanted))


@patch(ONE, summary="Change some fields of a location", media_type=MediaType.JSON)
async def patch_location(
    request: AnyRequest,
    location_id: FromPath[str],
    writer: Writer,
) -> Response[bytes]:
    key = path_id(location_id)
    async with writing(bare, partial(writer.platform.location, writer.actor, key)):
        wanted = decode(await request.body(), PatchLocation)
        return writer.envelope.success(await writer.platform.patch_location(writer.actor, key, wanted))


HANDLERS = (list_locations, create_location, read_location, replace_location, patch_location)
