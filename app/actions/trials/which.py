"""Is this the one? Somebody plugs in, or we unlock or restart it, and what reacts is named, station and socket.

Stations near it are watched too: where two were mixed up, the other one reacts.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.actions.trials.places import Reacted, connector_of, reaction, same_socket
from app.actions.trials.stage import Stage, Verdict, unanswered
from app.actions.work import read_commissioning
from app.domain.commands import CommandState, Reset, Unlock
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.evses import decode_lines
from app.domain.facts import Fact, FactKind
from app.domain.findings import STATION
from app.domain.live import Live
from app.domain.people import SYSTEM
from app.domain.trials import Cause, How, Outcome, WaitsFor
from app.ports import StationQuery, StationRow

PLUG_SECONDS = 120.0
PERSON_SECONDS = 120.0
GONE_SECONDS = 30.0
NEIGHBOURS = 50
PLUGGED = frozenset({"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Occupied"})

Plugs = Mapping[str, bool]
"""By connector, whether something is plugged in there."""


async def run(stage: Stage) -> Verdict:
    connector = await connector_of(stage, stage.trial.evse)
    stage.detail["connector"] = connector
    if stage.how is How.UNLOCK:
        return await _unlock(stage, connector)
    if stage.how is How.REBOOT:
        return await _reboot(stage)
    return await _plug(stage, connector)


# --- somebody plugs in -----------------------------------------------------------------------------------------------


async def _plug(stage: Stage, connector: str | None) -> Verdict:
    """A plug that was there and is pulled counts as well."""
    before = {row.charge_station_id: _plugs(row) for row in await _near(stage)}

    async def reacted() -> Reacted | None:
        for row in await _near(stage):
            was = before.get(row.charge_station_id, {})
            for key, plugged in _plugs(row).items():
                if plugged != was.get(key, False):
                    live = msgspec.json.decode(row.live, type=Live)
                    return reaction(row.charge_station_id, key, decode_lines(row.evses), live.protocol_version)
        return None

    found = await stage.state(PLUG_SECONDS, reacted)
    if found is None:
        return Verdict(Outcome.NOTHING_REACTED, Cause.NOBODY_THERE)
    stage.note("reacted", f"{found['station_id']} {found['connector']}")
    stage.detail["reacted"] = found
    if found["station_id"] != stage.station_id:
        return Verdict(Outcome.OTHER_STATION, Cause.WRONG_STATION)
    if connector is not None and not same_socket(connector, found["connector"]):
        return Verdict(Outcome.OTHER_SOCKET, Cause.SWAPPED)
    return Verdict(Outcome.THIS_ONE)


async def _near(stage: Stage) -> list[StationRow]:
    """The station first, then those of its location, and of what the same person has begun."""
    found = {stage.station_id: await stage.ports.store.station(stage.station_id)}
    if stage.location_id is not None:
        cpo_ids = frozenset({stage.cpo.cpo_id})
        query = StationQuery(cpo_ids=cpo_ids, location_id=stage.location_id, limit=NEIGHBOURS, count=False)
        found |= {row.charge_station_id: row for row in (await stage.ports.store.stations(query)).rows}
    state, mine = CommissioningState.OPEN.value, stage.current.person_id
    for other, _ in await stage.ports.store.find(Commissioning, person_id=mine, state=state, limit=NEIGHBOURS):
        if other.charge_station_id not in found:
            found[other.charge_station_id] = await stage.ports.store.station(other.charge_station_id)
    return [row for row in found.values() if row is not None]


def _plugs(row: StationRow) -> Plugs:
    live = msgspec.json.decode(row.live, type=Live)
    return {key: state.status in PLUGGED for key, state in live.connectors.items() if key != STATION}


# --- we do something, and the person says what they saw --------------------------------------------------------------


async def _unlock(stage: Stage, connector: str | None) -> Verdict:
    answer = await stage.send(Unlock(connector or "1"))
    if answer.state is not CommandState.ACCEPTED:
        return unanswered(answer)
    return await _seen(stage)


async def _reboot(stage: Stage) -> Verdict:
    """That it goes is ours to see, on a vendor's platform late; that it is the one before the person is theirs."""
    answer = await stage.send(Reset())
    if answer.state is not CommandState.ACCEPTED and not (answer.state is CommandState.OFFLINE and answer.raw):
        return unanswered(answer)
    await stage.show(WaitsFor.GONE)
    if not await stage.fact(GONE_SECONDS if stage.own else stage.times.reboot, lambda fact: _gone(stage, fact)):
        return Verdict(Outcome.DID_NOT_GO, Cause.UNWILLING)
    return await _seen(stage)


def _gone(stage: Stage, fact: Fact) -> bool | None:
    if fact.kind is not FactKind.STATION_DISCONNECTED or fact.charge_station_id != stage.station_id:
        return None
    stage.note_fact(fact)
    return True


async def _seen(stage: Stage) -> Verdict:
    await stage.show(WaitsFor.PERSON)
    said = await stage.fact(PERSON_SECONDS, lambda fact: _answer(stage, fact))
    if said is None:
        return Verdict(Outcome.NOTHING_REACTED, Cause.NOBODY_THERE)
    current, _ = await read_commissioning(stage.ports, SYSTEM, stage.current.id)
    seen = next((t.detail.get("seen") for t in current.trials if t.id == stage.trial.id), None) or {}
    stage.detail["seen"] = seen
    stage.note("seen", str(seen.get("evse") or ""))
    return await _judged(stage, seen)


def _answer(stage: Stage, fact: Fact) -> bool | None:
    return True if fact.kind is FactKind.TRIAL_ANSWERED and fact.data.get("trial") == stage.trial.id else None


async def _judged(stage: Stage, seen: Mapping[str, Any]) -> Verdict:
    """A restart is of the whole station: whichever socket is named, it was this one."""
    if not seen.get("here"):
        return Verdict(Outcome.OTHER_STATION, Cause.WRONG_STATION)
    number = seen.get("evse")
    if number is None and stage.how is How.UNLOCK:
        return Verdict(Outcome.NOTHING_REACTED, Cause.BROKEN_SOCKET)
    if number in (None, stage.trial.evse) or stage.how is How.REBOOT:
        return Verdict(Outcome.THIS_ONE)
    connector = await connector_of(stage, number)
    stage.detail["reacted"] = reaction(stage.station_id, connector or "", list(stage.evses), await stage.version())
    return Verdict(Outcome.OTHER_SOCKET, Cause.SWAPPED)
