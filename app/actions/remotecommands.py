"""What a body of the Remote commands module is about: the station, and the command in our words."""

import re
from typing import NamedTuple

import msgspec

from app.domain.charging import stop_of
from app.domain.commanding import KEPT, CommandRequest
from app.domain.commands import ChangeConfiguration, Command, GetConfiguration, Start, Unlock
from app.domain.errors import (
    InvalidField,
    MissingField,
    UnknownLocation,
    UnknownRequest,
    UnknownSession,
    UnknownStation,
)
from app.domain.evses import decode_lines
from app.domain.live import Live, Transaction, connector_keys
from app.domain.model import Evse
from app.domain.people import Actor
from app.domain.remotecommands import (
    Body,
    ReadConfiguration,
    ResetStation,
    StartSession,
    StopSession,
    UnlockConnector,
    WriteConfiguration,
    card_of,
    reset_of,
)
from app.ports import Ports, StationRow

OUR_UID = re.compile(r"[^-]+-[^-]+-E(.+)-\d+", re.DOTALL)


class Aim(NamedTuple):
    row: StationRow
    command: Command


async def aimed(ports: Ports, actor: Actor, wanted: Body) -> Aim:
    """Raises what is wrong with it: UnknownStation, UnknownLocation, UnknownSession, InvalidField, MissingField."""
    match wanted:
        case StartSession():
            return await _start(ports, actor, wanted)
        case StopSession():
            return await _stop(ports, actor, wanted)
        case UnlockConnector():
            row, evse = await _at_location(ports, actor, wanted)
            return Aim(row, Unlock(connector_key(row, evse, wanted.connector_id)))
        case ResetStation():
            return Aim(await _reset_station(ports, actor, wanted), reset_of(wanted))
        case ReadConfiguration():
            return Aim(await read_row(ports, actor, wanted.charge_station_id), GetConfiguration(tuple(wanted.keys)))
        case WriteConfiguration():
            row = await read_row(ports, actor, wanted.charge_station_id)
            return Aim(row, ChangeConfiguration(wanted.key, wanted.value))


async def read_row(ports: Ports, actor: Actor, charge_station_id: str) -> StationRow:
    row = await ports.store.station(charge_station_id)
    if row is None or not actor.covers(row.cpo_id):
        raise UnknownStation(charge_station_id)
    return row


async def read_result(ports: Ports, actor: Actor, evse_uid: str, request_id: str) -> CommandRequest:
    """A command that came over the platform API, for a day, by an EVSE of its station or by the station itself.

    Raises UnknownRequest.
    """
    found = await ports.store.get(CommandRequest, request_id)
    if found is None or found[0].wire is None or not actor.covers(found[0].cpo_id):
        raise UnknownRequest("this command is not known")
    request = found[0]
    row = await ports.store.station(request.charge_station_id)
    known = {request.charge_station_id, *(evse.uid for evse in decode_lines(row.evses))} if row else set()
    if evse_uid not in known or ports.clock.now() - request.asked > KEPT:
        raise UnknownRequest("this command is not known")
    return request


def connector_key(row: StationRow, evse: Evse, connector_id: str | None) -> str:
    """Where in the live state a connector of this EVSE is; without an id its first. Raises InvalidField."""
    keys = connector_keys(msgspec.json.decode(row.live, type=Live), evse)
    ids = [connector.id or "" for connector in evse.connectors or []]
    by_id = dict(zip(ids, keys, strict=False))
    key = next(iter(keys), None) if connector_id is None else by_id.get(connector_id)
    if key is None:
        raise InvalidField("connector_id", "one of " + ", ".join(ids))
    return key


async def _start(ports: Ports, actor: Actor, wanted: StartSession) -> Aim:
    row = await read_row(ports, actor, wanted.chargestation_id)
    if row.location_id.lower() != wanted.location_id.lower():
        raise UnknownLocation(wanted.location_id)
    evse = next((evse for evse in decode_lines(row.evses) if evse.uid == wanted.evse_uid), None)
    if evse is None:
        raise InvalidField("evse_uid", "an EVSE of this station")
    return Aim(row, Start(connector_key(row, evse, wanted.connector_id), card_of(wanted.token)))


async def _stop(ports: Ports, actor: Actor, wanted: StopSession) -> Aim:
    number = int(wanted.session_id) if wanted.session_id.isascii() and wanted.session_id.isdigit() else 0
    found = await ports.store.get(Transaction, number) if 0 < number < 2**63 else None
    row = await ports.store.station(found[0].charge_station_id) if found else None
    if found is None or found[0].stopped or row is None or not actor.covers(row.cpo_id):
        raise UnknownSession(f"session {wanted.session_id[:36]} is not known, or over")
    return Aim(row, stop_of(found[0]))


async def _at_location(ports: Ports, actor: Actor, wanted: UnlockConnector) -> tuple[StationRow, Evse]:
    place = await ports.store.location(wanted.location_id)
    if place is None or not actor.covers(place.cpo_id):
        raise UnknownLocation(wanted.location_id)
    for row in place.stations:
        for evse in decode_lines(row.evses):
            if evse.uid == wanted.evse_uid:
                return row, evse
    raise InvalidField("evse_uid", "an EVSE at this location")


async def _reset_station(ports: Ports, actor: Actor, wanted: ResetStation) -> StationRow:
    """By an EVSE where no station is named: the station's id stands in the uids that we make (platform-api 5.7)."""
    if wanted.charge_station_id:
        return await read_row(ports, actor, wanted.charge_station_id)
    if not wanted.evse_uid:
        raise MissingField("charge_station_id")
    made = OUR_UID.fullmatch(wanted.evse_uid)
    row = await read_row(ports, actor, made[1] if made else wanted.evse_uid)
    if all(evse.uid != wanted.evse_uid for evse in decode_lines(row.evses)):
        raise UnknownStation(wanted.evse_uid)
    return row
