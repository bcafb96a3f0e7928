"""`/api/1.0/ChargeStations`: list, one, create, replace, patch (platform-api 4.3, 8)."""

from functools import partial

from litestar import MediaType, Response, get, patch, post, put
from litestar.params import FromPath

from app.api.envelope import writing
from app.api.fold import path_id
from app.api.given import Answers, AnyRequest, Caller, Served
from app.api.lists import listed
from app.api.parameters import StationParameters, read, station_query
from app.domain.stations import PatchChargeStation, PostChargeStation, PutChargeStation
from app.web.bodies import decode

ONE = "/{charge_station_id:str}"


def array(station: bytes) -> bytes:
    """Stations stand in an array in the `data` of an error (platform-api 1.7)."""
    return b"[" + station + b"]"


@get("/", summary="List charge stations", media_type=MediaType.JSON)
async def list_stations(
    request: AnyRequest,
    reader: Caller,
    platform: Served,
    envelope: Answers,
) -> Response[bytes]:
    query = station_query(read(request.query_params.multi_items(), StationParameters), reader.cpo_ids)
    return await listed(request, envelope, query, partial(platform.stations, reader))


@post("/", summary="Create a charge station", status_code=200, media_type=MediaType.JSON)
async def create_station(
    request: AnyRequest,
    writer: Caller,
    platform: Served,
    envelope: Answers,
) -> Response[bytes]:
    with writing(array):
        wanted = decode(await request.body(), PostChargeStation)
        return envelope.success(await platform.create_station(writer, wanted))


@get(ONE, summary="Read one charge station, in real time", media_type=MediaType.JSON)
async def read_station(
    charge_station_id: FromPath[str],
    reader: Caller,
    platform: Served,
    envelope: Answers,
) -> Response[bytes]:
    return envelope.success(await platform.station(reader, path_id(charge_station_id)))


@put(ONE, summary="Replace a charge station; needs its etag", media_type=MediaType.JSON)
async def replace_station(
    request: AnyRequest,
    charge_station_id: FromPath[str],
    writer: Caller,
    platform: Served,
    envelope: Answers,
) -> Response[bytes]:
    station_id = path_id(charge_station_id)
    with writing(array, await platform.station(writer, station_id)):
        wanted = decode(await request.body(), PutChargeStation)
        return envelope.success(await platform.replace_station(writer, station_id, wanted))


@patch(ONE, summary="Change some fields of a charge station", media_type=MediaType.JSON)
async def patch_station(
    request: AnyRequest,
    charge_station_id: FromPath[str],
    writer: Caller,
    platform: Served,
    envelope: Answers,
) -> Response[bytes]:
    station_id = path_id(charge_station_id)
    with writing(array, await platform.station(writer, station_id)):
        wanted = decode(await request.body(), PatchChargeStation)
        return envelope.success(await platform.patch_station(writer, station_id, wanted))


HANDLERS = (list_stations, create_station, read_station, replace_station, patch_station)
