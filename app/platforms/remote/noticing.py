"""What a newer reading of a station says that the last did not, as facts; and the online check that it settles."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from app.domain.commissioning import Commissioning, seen_online
from app.domain.copies import StationCopy, copy_key, searched
from app.domain.facts import Fact, FactKind
from app.domain.model import ConnectivityStatus
from app.ports import NOTHING, Change, Put

Open = tuple[Commissioning, int]
"""A station's open commissioning and its rev."""


class SeenEvse(Struct):
    uid: str | None = None
    evse_sequence_number: int | None = None
    status: str | None = None


class SeenStation(Struct):
    """What is looked at in a station's wire JSON."""

    charge_station_id: str
    location_id: str
    deploy_state: str | None = None
    name: str | None = None
    connectivity_status: str | None = None
    evses: list[SeenEvse] | None = None

    @property
    def online(self) -> bool:
        return (self.connectivity_status or "").casefold() == ConnectivityStatus.ONLINE.value.casefold()

    @property
    def statuses(self) -> dict[str, str]:
        return {str(evse.evse_sequence_number or evse.uid): evse.status or "" for evse in self.evses or []}


def sight(row: bytes | Raw) -> SeenStation:
    return msgspec.json.decode(row, type=SeenStation)


def copied(before: StationCopy | None, row: bytes, home: str, cpo_id: str, read_at: datetime) -> StationCopy:
    """The copy as of this reading; since when it is online or not is when we first saw it so."""
    now = sight(row)
    was = before.online if before else None
    return StationCopy(
        id=copy_key(home, now.charge_station_id),
        home=home,
        cpo_id=cpo_id,
        charge_station_id=now.charge_station_id,
        location_key=now.location_id.lower(),
        deploy_state=now.deploy_state,
        search=searched(now.charge_station_id, now.name),
        body=Raw(row),
        read_at=read_at,
        online=now.online,
        online_since=_since(before.online_since if before else None, now.online, was is True, read_at),
        offline_since=_since(before.offline_since if before else None, was is True and not now.online, False, read_at),
        elsewhere=None if now.online or before is None else before.elsewhere,
    )


def _since(before: datetime | None, begins: bool, lasts: bool, now: datetime) -> datetime | None:
    return now if begins and not (lasts and before) else before


def noticed(before: StationCopy | None, after: StationCopy, current: Open | None, *, watched: bool) -> Change:
    """Nothing where nobody works or watches: what happens all day at stations in service is no story."""
    if current is None and not watched:
        return NOTHING
    told = Change(facts=tuple(_facts(before, after, current)))
    if current is None or not after.online:
        return told
    settled = seen_online(current[0], after.read_at)
    return told if settled == current[0] else told.plus(Change(writes=(Put(settled, current[1]),)))


def _facts(before: StationCopy | None, after: StationCopy, current: Open | None) -> list[Fact]:
    was = before.online if before else False
    if was != after.online:
        kind = FactKind.STATION_CONNECTED if after.online else FactKind.STATION_DISCONNECTED
        return [fact_of(kind, after, current, {})]
    if before is None:
        return []
    statuses = sight(before.body).statuses
    changed = {key: status for key, status in sight(after.body).statuses.items() if statuses.get(key) != status}
    return [
        fact_of(FactKind.EVSE_STATUS_CHANGED, after, current, {"evse": key, "status": status})
        for key, status in changed.items()
    ]


def fact_of(kind: FactKind, copy: StationCopy, current: Open | None, data: Mapping[str, Any]) -> Fact:
    return Fact(
        kind=kind,
        at=copy.read_at,
        cpo_id=copy.cpo_id,
        charge_station_id=copy.charge_station_id,
        location_id=sight(copy.body).location_id,
        commissioning_id=current[0].id if current else None,
        data=dict(data),
    )
