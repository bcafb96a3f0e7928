"""Which stations a screen shows that live on a vendor's platform: those are looked at while it is open."""

from typing import Any

from app.actions.connecting import remote_cpos
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.copies import StationCopy, home_of
from app.domain.people import Actor
from app.ports import Ports
from app.ports.watch import Target

MOST = 200


async def open_of(ports: Ports, actor: Actor) -> set[Target]:
    """The stations in this person's hands."""
    return await _open(ports, actor, person_id=actor.person_id)


async def on_board(ports: Ports, actor: Actor) -> set[Target]:
    """The stations in anybody's hands, of this person's CPOs."""
    return await _open(ports, actor)


async def on_page(ports: Ports, actor: Actor, charge_station_id: str) -> set[Target]:
    """One station, also without a commissioning."""
    cpos = await remote_cpos(ports, actor)
    homes = {home_of(cpo.platform, cpo.cpo_id): cpo.cpo_id for cpo in cpos}
    if not homes:
        return set()
    found = await ports.store.find(StationCopy, charge_station_id=charge_station_id, home=list(homes))
    known = {(copy.cpo_id, charge_station_id) for copy, _ in found}
    return known | await _open(ports, actor, charge_station_id=charge_station_id)


async def _open(ports: Ports, actor: Actor, **equals: Any) -> set[Target]:
    cpo_ids = [cpo.cpo_id for cpo in await remote_cpos(ports, actor)]
    if not cpo_ids:
        return set()
    state = CommissioningState.OPEN.value
    found = await ports.store.find(Commissioning, state=state, cpo_id=cpo_ids, order="-changed", limit=MOST, **equals)
    return {(each.cpo_id, each.charge_station_id) for each, _ in found}
