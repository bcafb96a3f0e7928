"""`/api/1.0/ChargeStations`: list, one, create, replace, patch (platform-api 4.3, 8)."""

from functools import partial

import msgspec
from litestar import MediaType, get, patch, post, put
from litestar.params import FromPath
from litestar.types import Scope
from msgspec import Struct

from app.api.auth import Call, reader, writer
from app.api.envelope import AnyRequest, Sent, writing
from app.api.fold import path_id
from app.api.lists import asked, listed
from app.api.parameters import StationParameters, station_query
from app.api.success import success_of
from app.domain import station_rules
from app.domain.model import Evse
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.web.bodies import decode

ONE = "/{charge_station_id:str}"


def array(station: bytes) -> bytes:
    """Stations stand in an array in the `data` of an error (platform-api 1.7)."""
    return b"[" + station + b"]"


class _Evses(Struct):
    evses: list[Evse]


async def message_of(call: Call, station_id: str, put: PutChargeStation) -> str:
    """What the success of this PUT is going to say: a template in it may take away what people wrote.

    It is known before, since a PUT names the etag of the station that it rests on.
    """
    wanted = station_rules.template_of(put)
    models = await call.platform.templates(call.actor) if wanted is not None else []
    template = next((each for each in models if each.template_id == wanted), None)
    if template is None:
        return success_of(put)
    before = msgspec.json.decode(await call.platform.station(call.actor, station_id), type=_Evses).evses
    lost = ", ".join(map(str, station_rules.texts_lost(before, template)))
    return success_of(put, *([f"what was written about EVSE {lost} is gone with it"] if lost else []))


@get("/", summary="List charge stations", media_type=MediaType.JSON)
async def list_stations(scope: Scope) -> Sent:
    call = await reader(scope)
    wanted = asked(scope["query_string"], StationParameters, station_query, call.actor.cpo_ids)
    return await listed(scope, call.envelope, wanted, partial(call.platform.stations, call.actor))


@post("/", summary="Create a charge station", status_code=200, media_type=MediaType.JSON)
async def create_station(request: AnyRequest) -> Sent:
    call = await writer(request.scope)
    async with writing(array):
        wanted = decode(await request.body(), PostChargeStation)
        made = await call.platform.create_station(call.actor, wanted)
        return call.envelope.success(made, success_of(wanted))


@get(ONE, summary="Read one charge station, in real time", media_type=MediaType.JSON)
async def read_station(scope: Scope, charge_station_id: FromPath[str]) -> Sent:
    call = await reader(scope)
    return call.envelope.success(await call.platform.station(call.actor, path_id(charge_station_id)))


@put(ONE, summary="Replace a charge station; needs its etag", media_type=MediaType.JSON)
async def replace_station(request: AnyRequest, charge_station_id: FromPath[str]) -> Sent:
    call = await writer(request.scope)
    station_id = path_id(charge_station_id)
    async with writing(array, partial(call.platform.station, call.actor, station_id)):
        wanted = decode(await request.body(), PutChargeStation)
        message = await message_of(call, station_id, wanted)
        return call.envelope.success(await call.platform.replace_station(call.actor, station_id, wanted), message)


@patch(ONE, summary="Change some fields of a charge station", media_type=MediaType.JSON)
async def patch_station(request: AnyRequest, charge_station_id: FromPath[str]) -> Sent:
    call = await writer(request.scope)
    station_id = path_id(charge_station_id)
    async with writing(array, partial(call.platform.station, call.actor, station_id)):
        wanted = decode(await request.body(), PatchChargeStation)
        patched = await call.platform.patch_station(call.actor, station_id, wanted)
        return call.envelope.success(patched, success_of(wanted))


HANDLERS = (list_stations, create_station, read_station, replace_station, patch_station)
