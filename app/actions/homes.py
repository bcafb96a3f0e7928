"""Whose home a location is: homes are seen by the installers who work there, and by support (a CPO of home chargers).

By person id, never by name: anybody may call themselves anything.
"""

from typing import Any

from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.facts import FactKind
from app.domain.model import ChargerType, DeployState
from app.domain.people import Actor, Cpo, Role
from app.domain.stations import ChargeStation
from app.ports import Ports

MOST = 10_000
AT_WORK = frozenset({CommissioningState.OPEN, CommissioningState.HANDED_OVER})


def guarded(actor: Actor, cpo: Cpo) -> bool:
    """Whether this CPO's locations are homes that this actor does not see just because of their CPO."""
    return cpo.charger_type is ChargerType.HOME and actor.role is Role.INSTALLER


async def may_see(ports: Ports, actor: Actor, cpo: Cpo, location_id: str, station: ChargeStation | None = None) -> bool:
    """Whether this actor may see a location of their CPO; `station` is the one at hand, if any.

    A home is seen by who commissioned there or made the location. Where a station in Stock stands and nobody ever
    commissioned is no home but the warehouse: whoever has that station in their hands may see it.
    """
    if not guarded(actor, cpo):
        return True
    if actor.person_id is None:
        return False
    at: dict[str, Any] = {"cpo_id": cpo.cpo_id, "location_id": location_id, "limit": 1}
    if await ports.store.find(Commissioning, person_id=actor.person_id, **at):
        return True
    if location_id in await _made(ports, actor.person_id, cpo):
        return True
    in_stock = station is not None and station.deploy_state is DeployState.STOCK and station.location_id == location_id
    return in_stock and not await ports.store.find(Commissioning, state=AT_WORK, **at)


async def own_homes(ports: Ports, actor: Actor, cpo: Cpo) -> set[str]:
    """Locations of this CPO that the actor commissioned at or made."""
    if actor.person_id is None:
        return set()
    mine = await ports.store.find(Commissioning, cpo_id=cpo.cpo_id, person_id=actor.person_id, limit=MOST)
    chosen = {record.location_id for record, _ in mine if record.location_id is not None}
    return chosen | await _made(ports, actor.person_id, cpo)


async def _made(ports: Ports, person_id: str, cpo: Cpo) -> set[str]:
    facts = await ports.store.facts(
        kind=FactKind.LOCATION_CREATED, person_id=person_id, cpo_ids=frozenset({cpo.cpo_id}), limit=MOST
    )
    return {fact.location_id for fact in facts if fact.location_id is not None}
