"""What a rule decided about a station or location, as the Change that writes it."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from app.domain import evses as parts
from app.domain.live import Live, render, rendered_from
from app.domain.locations import LocationMaster
from app.domain.model import DeployState
from app.domain.places import point
from app.domain.station_rules import Station
from app.domain.stations import StationMaster, live_of, reach
from app.ports import (
    Change,
    Expect,
    PutEvses,
    PutLive,
    PutLocationDoc,
    PutMaster,
    StationRow,
    Write,
)

_master = msgspec.json.Decoder(StationMaster)


def station_of(row: StationRow) -> Station:
    return Station(master=_master.decode(row.master), evses=parts.decode_lines(row.evses))


def new_station(station: Station, cpo_id: str, at: datetime) -> Change:
    """All parts of a station that never connected; conflicts when its id exists."""
    body = parts.encode_lines(station.evses)
    live = Live(charge_station_id=station.master.charge_station_id)
    return Change(
        writes=(
            _put_master(station, cpo_id, rev=0),
            PutEvses(charge_station_id=station.master.charge_station_id, body=body, modified=at, rev=0),
            _put_live(live, station, changed=at, rev=0),
        )
    )


def changed_station(row: StationRow, before: Station, after: Station, at: datetime) -> Change:
    """The parts that differ from `row`, which holds `before`; its EVSEs must still be as they were read.

    The live fragments are written where what they were rendered from has changed; else they hold for these EVSEs too,
    whatever the station says meanwhile. A station that moves is news at its new location: its EVSEs count as changed.
    """
    key = row.charge_station_id
    body = parts.encode_lines(after.evses)
    redone = body != row.evses or after.master.location_id != row.location_id
    writes: list[Write] = [_put_master(after, row.cpo_id, rev=row.master_rev)]
    if redone:
        writes.append(PutEvses(charge_station_id=key, body=body, modified=at, rev=row.evses_rev))
    if _rendered_from(before) != _rendered_from(after):
        writes.append(_put_live(live_of(row), after, changed=at, rev=row.live_rev))
    expects = () if redone else (Expect("evses", key, row.evses_rev),)
    return Change(writes=tuple(writes), expects=expects)


def _rendered_from(station: Station) -> tuple[str, list[list[str | None]]]:
    return rendered_from(station.evses, station.master.deploy_state)


def row_after(change: Change, row: StationRow) -> StationRow:
    """The row with the parts that this change writes, for an answer: its revs are those from before."""
    for write in change.writes:
        match write:
            case PutMaster():
                place, state = write.location_id, write.deploy_state
                row = replace(row, location_id=place, deploy_state=state, modified=write.modified, master=write.body)
            case PutEvses():
                row = replace(row, evses=write.body, evses_modified=write.modified)
            case PutLive():
                shown, shown_evses = write.shown, write.shown_evses
                row = replace(row, live=write.body, changed=write.changed, shown=shown, shown_evses=shown_evses)
    return row


def _put_master(station: Station, cpo_id: str, *, rev: int) -> PutMaster:
    master = station.master
    return PutMaster(
        charge_station_id=master.charge_station_id,
        cpo_id=cpo_id,
        location_id=master.location_id,
        deploy_state=master.deploy_state.value,
        etag=master.etag or "",
        created=master.created,
        modified=master.modified or master.created,
        name=master.name,
        body=msgspec.json.encode(master),
        rev=rev,
    )


def _put_live(live: Live, station: Station, *, changed: datetime, rev: int) -> PutLive:
    shown, shown_evses = render(live, station.evses, station.master.deploy_state)
    return PutLive(
        charge_station_id=live.charge_station_id,
        body=msgspec.json.encode(live),
        connection_id=live.connection_id,
        online=reach(live).online,
        changed=changed,
        shown=shown,
        shown_evses=shown_evses,
        rev=rev,
    )


def put_location(location: LocationMaster, rev: int) -> PutLocationDoc:
    latitude, longitude = point(location.coordinates) or (None, None)
    return PutLocationDoc(
        key=location.id.lower(),
        cpo_id=location.cpo_id,
        created=location.created,
        modified=location.modified or location.created,
        name=location.name,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code,
        country=location.country,
        latitude=latitude,
        longitude=longitude,
        body=msgspec.json.encode(location),
        rev=rev,
    )


def about_station(row_cpo_id: str, station: StationMaster) -> dict[str, Any]:
    return {
        "cpo_id": row_cpo_id,
        "charge_station_id": station.charge_station_id,
        "location_id": station.location_id,
    }


def is_in_use(row: StationRow) -> bool:
    """Drivers may know it: it was released."""
    return row.deploy_state == DeployState.PRODUCTION
