"""A station that goes on under another id: its history is one, and its old page leads to the new one."""

from app.desk.front import Visit
from app.domain.facts import Fact, FactKind

ADOPTIONS_READ = 10


async def facts_of(visit: Visit, charge_station_id: str, limit: int) -> list[Fact]:
    """Newest first; with those of the work that was begun under another id and goes on under this one."""
    read, scope = visit.ports.store.facts, visit.actor.cpo_ids
    facts = await read(charge_station_id=charge_station_id, cpo_ids=scope, newest_first=True, limit=limit)
    works = {each.commissioning_id for each in await _adoptions(visit, charge_station_id, "to")} - {None}
    for work in works:
        facts += await read(commissioning_id=work, cpo_ids=scope, newest_first=True, limit=limit)
    unique = {fact.seq: fact for fact in facts if not _is_told_there(fact, charge_station_id)}
    return [unique[seq] for seq in sorted(unique, reverse=True)][:limit]


def _is_told_there(fact: Fact, charge_station_id: str) -> bool:
    """Such facts stand under both ids; one of them is enough."""
    both = FactKind.STATION_ADOPTED, FactKind.COMMISSIONING_ABANDONED
    return fact.kind in both and fact.charge_station_id != charge_station_id


async def moved_to(visit: Visit, charge_station_id: str) -> str | None:
    """Under which id a station that is not known any more goes on, as far as this person may know."""
    for fact in await _adoptions(visit, charge_station_id, "from"):
        row = await visit.ports.store.station(str(fact.data["to"]))
        if row is not None and visit.actor.covers(row.cpo_id):
            return row.charge_station_id
    return None


async def _adoptions(visit: Visit, charge_station_id: str, side: str) -> list[Fact]:
    found = await visit.ports.store.facts(
        kind=FactKind.STATION_ADOPTED,
        charge_station_id=charge_station_id,
        cpo_ids=visit.actor.cpo_ids,
        newest_first=True,
        limit=ADOPTIONS_READ,
    )
    return [fact for fact in found if fact.data[side] == charge_station_id]
