"""This is my station: the installer, or support beside them, says which of the strangers at the door it is.

Never automatic (connectivity.md, pitfall 27): a person vouches for the attempt that they saw, id and credentials both.
"""

from datetime import datetime

import msgspec

from app.actions.intents import Adopt, Doing
from app.actions.passwords import forgotten
from app.actions.work import Work, fact_of, work_on
from app.domain import commissioning as rules
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.errors import CannotAdopt, Invalid, RevConflict, StationExists, UnknownKnock
from app.domain.facts import Fact, FactKind
from app.domain.knocks import Adopted, canonical
from app.domain.live import Knock, KnockReason, OfflineReason, StationPassword
from app.domain.people import Actor
from app.domain.scan import Label
from app.domain.station_rules import check_id
from app.ports import CorrectsIds, Delete, Ports, Put

ATTEMPTS = 6
UNREADABLE = frozenset({KnockReason.BAD_ID, KnockReason.NOT_WEBSOCKET})


async def adopt(ports: Ports, actor: Actor, doing: Doing, intent: Adopt) -> None:
    """The commissioning goes on under the id of this attempt, with all that was done; its station gets in next time.

    Raises UnknownKnock, CannotAdopt, StationExists, StationWasOnline, InProduction, NotYours.
    """
    await _adopt(await work_on(ports, actor, doing), intent.knock_id)


async def adopt_for(ports: Ports, actor: Actor, commissioning_id: str, knock_id: str) -> Commissioning:
    """The same by support, for whoever holds the commissioning."""
    doing = Doing(
        id=ports.ids.uuid(),
        kind="adopt",
        commissioning_id=commissioning_id,
        made_at=ports.clock.now(),
        body_hash="",
    )
    for _ in range(ATTEMPTS):
        work = await work_on(ports, actor, doing, any_holder=True)
        if work.current.adopted is not None and work.current.adopted.knock_id == knock_id:
            return work.current
        try:
            return await _adopt(work, knock_id)
        except RevConflict:
            continue
    raise RevConflict("too many people change this at once")


async def _adopt(work: Work, knock_id: str) -> Commissioning:
    platform = work.platform
    if not isinstance(platform, CorrectsIds):
        raise CannotAdopt(f"the stations of {work.cpo.name} connect to their own platform, which knows their ids")
    knock = await _read_knock(work, knock_id)
    right_id = await _free_id(work, knock)
    labels = await _labels(work, work.current.charge_station_id)
    word = Adopted(
        knock_id=knock.id,
        station_id=work.current.charge_station_id,
        labels=[label.code for label, _ in labels],
        password=knock.credentials_digest is not None,
        by=work.person_id,
        at=work.ports.clock.now(),
    )
    adopted = rules.adopt(work.current, right_id, word)
    password = await _password(work, right_id, knock.credentials_digest, word.at)
    writes = (*password, *_moved(labels, right_id))
    change = work.change(adopted, *_facts(work, adopted, knock), writes=writes)
    if await work.station() is None:
        await work.ports.store.commit(change)
    else:
        await platform.correct_id(work.actor, work.current.charge_station_id, right_id, change)
    await work.ports.commands.disconnect(right_id, OfflineReason.CLOSED)
    return adopted


async def _read_knock(work: Work, knock_id: str) -> Knock:
    """An attempt near a station of a CPO that the actor does not have is not there for them."""
    found = await work.ports.store.get(Knock, knock_id)
    if found is None or (found[0].cpo_id is not None and not work.actor.covers(found[0].cpo_id)):
        raise UnknownKnock("this connection attempt is not kept any more; wait for the next one")
    return found[0]


async def _free_id(work: Work, knock: Knock) -> str:
    """The id that the station calls itself, if it may be one and is nobody's."""
    right_id = canonical(knock.identity)
    if knock.reason in UNREADABLE or right_id == work.current.charge_station_id:
        raise CannotAdopt("the id of this attempt cannot be a station's, or is this one's already")
    try:
        check_id(right_id)
    except Invalid as error:
        raise CannotAdopt("the id of this attempt cannot be a station's here") from error
    opened = CommissioningState.OPEN.value
    in_hands = await work.ports.store.find(Commissioning, charge_station_id=right_id, state=opened, limit=1)
    if in_hands or await work.ports.store.station(right_id) is not None:
        raise StationExists(right_id)
    return right_id


async def _password(work: Work, right_id: str, digest: str | None, now: datetime) -> tuple[Put | Delete, ...]:
    """The credentials of the attempt become the station's. One that offered none gets its password on Connect; that
    of the other id is worth nothing here."""
    gone = await forgotten(work.ports, work.cpo.cpo_id, work.current.charge_station_id)
    stored = await work.ports.store.get(StationPassword, right_id)
    if digest is None:
        return (*gone, Delete(StationPassword, right_id)) if stored else gone
    record = StationPassword(
        charge_station_id=right_id,
        digest=digest,
        set_at=now,
        set_by=work.actor.person_id,
        cpo_id=work.cpo.cpo_id,
    )
    return (*gone, Put(record, stored[1] if stored else 0))


async def _labels(work: Work, charge_station_id: str) -> list[tuple[Label, int]]:
    return await work.ports.store.find(Label, charge_station_id=charge_station_id, cpo_id=work.cpo.cpo_id)


def _moved(labels: list[tuple[Label, int]], to: str) -> list[Put]:
    return [Put(msgspec.structs.replace(label, charge_station_id=to), rev) for label, rev in labels]


def _facts(work: Work, adopted: Commissioning, knock: Knock) -> tuple[Fact, ...]:
    """Told under both ids, so that the history of either says where the other is."""
    data = {
        "from": work.current.charge_station_id,
        "to": adopted.charge_station_id,
        "address": knock.address,
        "password": "taken" if knock.credentials_digest else "none",
    }
    return tuple(
        fact_of(work.ports, work.actor, work.doing, each, FactKind.STATION_ADOPTED, **data)
        for each in (work.current, adopted)
    )


async def labels_put_back(work: Work) -> list[Put]:
    """The writes that give the labels which followed an adoption to the id that they were printed for."""
    adopted = work.current.adopted
    if adopted is None:
        return []
    labels = await _labels(work, work.current.charge_station_id)
    return _moved([each for each in labels if each[0].code in adopted.labels], adopted.station_id)
