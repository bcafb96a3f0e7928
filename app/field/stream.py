"""My commissionings as they change: the whole view at each change, so that a phone can never patch itself wrong."""

from collections.abc import AsyncIterator, Sequence

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Stream

from app.actions.names import Names
from app.actions.strangers import is_for_all_who_wait, waited_for
from app.actions.views import view
from app.actions.watching import open_of
from app.bus import Bus
from app.domain.commissioning import Commissioning
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor
from app.field.join import ActorOf, Incoming, PortsOf, SettingsOf
from app.ports import Lease, Ports
from app.web.sse import KEEP_ALIVE, event, last_event_id, stream

BusOf = NamedDependency[SkipValidation[Bus]]
MOST_KEPT = 256


class Told:
    """Views as messages, each made once for all devices of a person that hear of the same facts.

    One is kept only while nothing more was committed, so what it says is what making it again would say.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._version = -1
        self._made: dict[tuple[str | None, frozenset[str] | None, str, int], bytes] = {}

    async def message(self, actor: Actor, record: Commissioning, last: int, names: Names) -> bytes:
        if (version := self._ports.store.version()) != self._version or len(self._made) >= MOST_KEPT:
            self._version, self._made = version, {}
        key, made = (actor.person_id, actor.cpo_ids, record.id, last), self._made
        if key not in made:
            shown = await view(self._ports, actor, record, last, names)
            made[key] = event("commissioning", msgspec.json.encode(shown), last)
        return made[key]


ToldOf = NamedDependency[SkipValidation[Told]]


@get("/stream")
async def follow(
    ports: PortsOf, bus: BusOf, told: ToldOf, settings: SettingsOf, actor: ActorOf, request: Incoming
) -> Stream:
    """Events `hello` and `commissioning`; a browser that comes back with its last id misses nothing."""
    return stream(_messages(ports, bus, told, actor, last_event_id(request), settings.sse_keepalive_seconds))


async def _messages(
    ports: Ports, bus: Bus, told: Told, actor: Actor, after: int | None, idle: float
) -> AsyncIterator[bytes]:
    start = await ports.store.last_fact() if after is None else after
    with ports.watch.lease() as lease:
        lease.want(await open_of(ports, actor))
        yield event("hello", b"{}", start)
        async for facts in bus.follow(start, idle=idle):
            if not facts:
                yield KEEP_ALIVE
                continue
            await _watch(ports, actor, lease, facts)
            async for message in _changes(ports, told, actor, facts):
                yield message


async def _watch(ports: Ports, actor: Actor, lease: Lease, facts: Sequence[Fact]) -> None:
    """What I do with a station brings it back into quick sight."""
    mine = {fact.charge_station_id for fact in facts if fact.person_id and fact.person_id == actor.person_id}
    if mine:
        lease.want(await open_of(ports, actor))
    for charge_station_id in mine - {None}:
        ports.watch.hurry(str(charge_station_id))


async def _changes(ports: Ports, told: Told, actor: Actor, facts: Sequence[Fact]) -> AsyncIterator[bytes]:
    """One message for each commissioning of mine that these facts touch, however many they are."""
    stations = {fact.charge_station_id for fact in facts if fact.charge_station_id}
    if any(is_for_all_who_wait(fact, actor) for fact in facts):
        stations |= await waited_for(ports, actor)
    lost = {
        fact.commissioning_id
        for fact in facts
        if fact.kind is FactKind.COMMISSIONING_CONTINUED and fact.data.get("from_person") == actor.person_id
    }
    last, names = facts[-1].seq, Names(ports)
    for record, _ in await ports.store.find(Commissioning, charge_station_id=stations, order="-begun", limit=200):
        if (record.person_id == actor.person_id or record.id in lost) and actor.covers(record.cpo_id):
            yield await told.message(actor, record, last, names)
