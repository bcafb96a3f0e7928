"""A commissioning in somebody's hands: reading it within the actor's scope, and what a Change on it is made of."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from app.actions.intents import (
    Doing,
)
from app.actions.operations import accepted
from app.domain import commissioning as rules
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.environments import BUILTIN
from app.domain.errors import (
    EtagMismatch,
    RevConflict,
    Unavailable,
    UnknownCommissioning,
    UnknownCpo,
    UnknownStation,
)
from app.domain.facts import Fact, FactKind
from app.domain.intents import RemoteIntent
from app.domain.people import Actor, Cpo
from app.domain.stations import ChargeStation
from app.ports import Change, Platform, Ports, Put

RECORD_ATTEMPTS = 60
RECORD_PAUSE_SECONDS = 1.0

log = logging.getLogger("stationlink.actions")


class Work(msgspec.Struct, frozen=True):
    """A commissioning in somebody's hands: what was read, and what a Change on it needs."""

    ports: Ports
    actor: Actor
    doing: Doing
    cpo: Cpo
    current: Commissioning
    rev: int

    @property
    def platform(self) -> Platform:
        return self.ports.platforms.of(self.cpo)

    @property
    def person_id(self) -> str:
        return self.actor.person_id or ""

    async def station(self) -> ChargeStation | None:
        """As it was before this operation, when a try of it had no answer: its rules then go the same way again."""
        if self.cpo.platform != BUILTIN and (tried := await self.ports.store.get(RemoteIntent, self.doing.id)):
            return msgspec.json.decode(bytes(tried[0].before), type=ChargeStation | None)
        return await read_station(self.platform, self.actor, self.current.charge_station_id)

    def change(self, changed: Commissioning, *facts: Fact, writes: tuple[Any, ...] = ()) -> Change:
        """The commissioning as it is now, its facts, and the accepted operation."""
        operation = accepted(self.ports, self.actor, self.doing, changed.id, changed.charge_station_id)
        return Change(writes=(Put(changed, self.rev), *writes), facts=facts, operation=operation)

    def fact(self, kind: FactKind, /, **data: Any) -> Fact:
        return fact_of(self.ports, self.actor, self.doing, self.current, kind, **data)

    async def commit(self, changed: Commissioning, *facts: Fact) -> None:
        await self.ports.store.commit(self.change(changed, *facts))


def fact_of(
    ports: Ports, actor: Actor, doing: Doing | None, commissioning: Commissioning, kind: FactKind, /, **data: Any
) -> Fact:
    return Fact(
        kind=kind,
        at=ports.clock.now(),
        cpo_id=commissioning.cpo_id,
        charge_station_id=commissioning.charge_station_id,
        commissioning_id=commissioning.id,
        person_id=actor.person_id,
        device_id=actor.device_id,
        operation_id=doing.id if doing else None,
        made_at=doing.made_at if doing else None,
        data=data,
    )


async def read_station(platform: Platform, actor: Actor, charge_station_id: str) -> ChargeStation | None:
    """The station as this actor sees it, or None while it does not exist for them."""
    try:
        return msgspec.json.decode(await platform.station(actor, charge_station_id), type=ChargeStation)
    except UnknownStation:
        return None


@contextmanager
def decided_again() -> Iterator[None]:
    """For a write that names the etag which its rule saw: where it is stale, the rule runs again on what is there."""
    try:
        yield
    except EtagMismatch as error:
        raise RevConflict("somebody changed the station meanwhile") from error


async def recorded(what: str, record: Callable[[], Awaitable[None]]) -> None:
    """Write down how something ended that cannot be done again: at once when somebody else was faster, and again each
    second while the store is away, for a minute."""
    for _ in range(RECORD_ATTEMPTS):
        try:
            return await record()
        except RevConflict:
            continue
        except Unavailable as error:
            log.warning("%s cannot be recorded yet: %s", what, error.message)
            await asyncio.sleep(RECORD_PAUSE_SECONDS)
    log.error("%s could not be recorded", what)


async def read_cpo(ports: Ports, actor: Actor, cpo_id: str) -> Cpo:
    found = await ports.store.get(Cpo, cpo_id) if actor.covers(cpo_id) else None
    if found is None:
        raise UnknownCpo(cpo_id)
    return found[0]


async def read_commissioning(ports: Ports, actor: Actor, commissioning_id: str | None) -> tuple[Commissioning, int]:
    """Raises UnknownCommissioning for a foreign one too."""
    found = await ports.store.get(Commissioning, commissioning_id) if commissioning_id else None
    if found is None or not actor.covers(found[0].cpo_id):
        raise UnknownCommissioning(f"commissioning {commissioning_id} is not known")
    return found


async def open_commissioning(ports: Ports, actor: Actor, charge_station_id: str) -> Commissioning | None:
    """The open commissioning of this station, as far as it exists for this actor."""
    state = CommissioningState.OPEN.value
    found = await ports.store.find(Commissioning, charge_station_id=charge_station_id, state=state)
    return next((current for current, _ in found if actor.covers(current.cpo_id)), None)


async def work_on(ports: Ports, actor: Actor, doing: Doing, *, any_holder: bool = False) -> Work:
    """Take up the commissioning of this operation. Raises NotYours unless `any_holder`, and when it is closed."""
    current, rev = await read_commissioning(ports, actor, doing.commissioning_id)
    if any_holder:
        rules.require_open(current)
    else:
        rules.require_holder(current, actor.person_id or "")
    return Work(ports, actor, doing, await read_cpo(ports, actor, current.cpo_id), current, rev)
