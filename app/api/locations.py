"""`/api/2.0/Locations`: list, one, create, replace, patch (platform-api 7.1, 8)."""

from functools import partial

from litestar import MediaType, get, patch, post, put
from litestar.params import FromPath
from litestar.types import Scope

from app.api.auth import reader, writer
from app.api.envelope import AnyRequest, Sent, writing
from app.api.fold import path_id
from app.api.lists import asked, listed, sent_in
from app.api.parameters import LocationParameters, OneLocationParameters, location_query, read
from app.api.success import success_of
from app.domain.locations import PatchLocation, PostLocation, PutLocation
from app.web.bodies import decode

ONE = "/{location_id:str}"


def bare(location: bytes) -> bytes:
    """A location stands alone in the `data` of an error (platform-api 1.7)."""
    return location


@get("/", summary="List locations with the EVSEs of their stations", media_type=MediaType.JSON)
async def list_locations(scope: Scope) -> Sent:
    call = await reader(scope)
    wanted = asked(scope["query_string"], LocationParameters, location_query, call.actor.cpo_ids)
    return await listed(scope, call.envelope, wanted, partial(call.platform.locations, call.actor))


@post("/", summary="Create a location", status_code=200, media_type=MediaType.JSON)
async def create_location(request: AnyRequest) -> Sent:
    call = await writer(request.scope)
    async with writing(bare):
        wanted = decode(await request.body(), PostLocation)
        made = await call.platform.create_location(call.actor, wanted)
        return call.envelope.success(made, success_of(wanted))


@get(ONE, summary="Read one location, in real time", media_type=MediaType.JSON)
async def read_location(scope: Scope, location_id: FromPath[str]) -> Sent:
    call = await reader(scope)
    shown = read(sent_in(scope["query_string"]), OneLocationParameters)
    found = await call.platform.location(call.actor, path_id(location_id), exclude_evses=shown.exclude_evses)
    return call.envelope.success(found)


@put(ONE, summary="Replace a location; needs its etag", media_type=MediaType.JSON)
async def replace_location(request: AnyRequest, location_id: FromPath[str]) -> Sent:
    call = await writer(request.scope)
    key = path_id(location_id)
    async with writing(bare, partial(call.platform.location, call.actor, key)):
        wanted = decode(await request.body(), PutLocation)
        made = await call.platform.replace_location(call.actor, key, wanted)
        return call.envelope.success(made, success_of(wanted))


@patch(ONE, summary="Change some fields of a location", media_type=MediaType.JSON)
async def patch_location(request: AnyRequest, location_id: FromPath[str]) -> Sent:
    call = await writer(request.scope)
    key = path_id(location_id)
    async with writing(bare, partial(call.platform.location, call.actor, key)):
        wanted = decode(await request.body(), PatchLocation)
        made = await call.platform.patch_location(call.actor, key, wanted)
        return call.envelope.success(made, success_of(wanted))


HANDLERS = (list_locations, create_location, read_location, replace_location, patch_location)
