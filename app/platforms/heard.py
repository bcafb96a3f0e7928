"""What one message makes of a station's stored row: the live part to write, the fact to tell."""

from datetime import datetime
from typing import Any

import msgspec

from app.domain.commissioning import Commissioning
from app.domain.facts import Fact, FactKind
from app.domain.live import ConnectorState, Live, render
from app.domain.model import Evse
from app.domain.stations import reach
from app.ports import Change, Expect, PutLive, StationRow

_evse = msgspec.json.Decoder(Evse)

Open = tuple[Commissioning, int]
"""A station's open commissioning and its rev."""


def from_hex(text: bytes) -> bytes | None:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return None


def repeats(state: ConnectorState, known: ConnectorState | None, since: datetime | None) -> bool:
    if known is None or since is None or known.at < since:
        return False
    return msgspec.structs.replace(state, at=known.at, station_at=known.station_at) == known


def put_live(row: StationRow, live: Live, now: datetime) -> Change:
    """The live row, rendered from parts that must not have changed since they were read."""
    online = reach(live).online
    evses = [_evse.decode(line) for line in row.evses.split(b"\n") if line]
    shown, shown_evses = render(live, evses, row.deploy_state)
    changed = online != row.online or (online and shown_evses != row.shown_evses)
    put = PutLive(
        charge_station_id=row.charge_station_id,
        body=msgspec.json.encode(live),
        connection_id=live.connection_id,
        online=online,
        changed=now if changed else row.changed,
        shown=shown,
        shown_evses=shown_evses,
        rev=row.live_rev,
    )
    parts = (("master", row.master_rev), ("evses", row.evses_rev))
    return Change(writes=(put,), expects=tuple(Expect(part, row.charge_station_id, rev) for part, rev in parts))


def fact_of(
    kind: FactKind,
    row: StationRow,
    now: datetime,
    commissioning: Open | None,
    data: dict[str, Any],
) -> Fact:
    return Fact(
        kind=kind,
        at=now,
        cpo_id=row.cpo_id,
        charge_station_id=row.charge_station_id,
        location_id=row.location_id,
        commissioning_id=commissioning[0].id if commissioning else None,
        data=data,
    )
