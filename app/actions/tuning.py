"""What is different for one station's socket; counts from its next connection on."""

from collections.abc import Mapping

from msgspec.structs import replace

from app.domain.errors import NotAllowed, UnknownStation
from app.domain.facts import Fact, FactKind
from app.domain.live import StationTuning
from app.domain.people import Actor, Role
from app.domain.tuning import check
from app.ports import Change, Ports, Put, StationRow


async def read_tuning(ports: Ports, actor: Actor, charge_station_id: str) -> StationTuning:
    """Raises UnknownStation, also for one that connects to a vendor's platform."""
    await _row(ports, actor, charge_station_id)
    found = await ports.store.get(StationTuning, charge_station_id)
    return found[0] if found else StationTuning(charge_station_id=charge_station_id)


async def tune(
    ports: Ports, actor: Actor, charge_station_id: str, different: Mapping[str, float | None]
) -> StationTuning:
    """Change the fields that are given; None: as the setting has it.

    Raises InvalidField, UnknownStation, and NotAllowed for an installer.
    """
    if actor.role is Role.INSTALLER:
        raise NotAllowed("support changes how a station's connection is watched")
    row = await _row(ports, actor, charge_station_id)
    found = await ports.store.get(StationTuning, charge_station_id)
    before = found[0] if found else StationTuning(charge_station_id=charge_station_id)
    after = replace(before, **different)
    check(after)
    if after == before:
        return before
    fact = Fact(
        kind=FactKind.STATION_TUNED,
        at=ports.clock.now(),
        cpo_id=row.cpo_id,
        charge_station_id=charge_station_id,
        person_id=actor.person_id,
        device_id=actor.device_id,
        data=dict(different),
    )
    await ports.store.commit(Change(writes=(Put(after, found[1] if found else 0),), facts=(fact,)))
    return after


async def _row(ports: Ports, actor: Actor, charge_station_id: str) -> StationRow:
    row = await ports.store.station(charge_station_id)
    if row is None or not actor.covers(row.cpo_id):
        raise UnknownStation(charge_station_id)
    return row
