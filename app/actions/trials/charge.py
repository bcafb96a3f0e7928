"""Does it charge? Begun by card or by us with the CPO's test card, until energy flows, and stopped again.

A charge that draws nothing has an outcome of its own: most testers draw nothing, and the CPO says whether that will do.
"""

from app.actions.trials.places import connector_of, reaction, same_socket
from app.actions.trials.stage import Stage, Verdict, unanswered
from app.domain.charging import stop_of
from app.domain.commands import CommandState, Message, Start, Trigger
from app.domain.evidence import masked
from app.domain.facts import Fact, FactKind
from app.domain.live import Transaction
from app.domain.model import EvseStatus
from app.domain.trials import Cause, How, Outcome, WaitsFor

SECONDS = 300.0
"""All of it."""
START_SECONDS = 120.0
ENERGY_SECONDS = 60.0
METER_EVERY = 15.0
CARD_STOP_SECONDS = 60.0
STOP_SECONDS = 30.0


async def run(stage: Stage) -> Verdict:
    if not stage.own:
        return await _watched(stage)
    connector = await connector_of(stage, stage.trial.evse)
    if stage.how is How.REMOTE and (refusal := await _start(stage, connector)) is not None:
        return refusal
    stage.detail["connector"] = connector
    if stage.how is How.REMOTE:
        await stage.show(WaitsFor.START)
    began = await stage.fact(START_SECONDS, lambda fact: _of(stage, fact, FactKind.TRANSACTION_STARTED))
    if began is None:
        return await _not_begun(stage, connector)
    stage.note_fact(began, str(began.data.get("card") or ""))
    running = await _transaction(stage, int(began.data["transaction_id"]))
    if running is None:
        return Verdict(Outcome.DID_NOT_START)
    await stage.show(WaitsFor.ENERGY, card=began.data.get("card"), transaction=running.id)
    return await _through(stage, connector, running)


async def _start(stage: Stage, connector: str | None) -> Verdict | None:
    """Ask the station to begin; None when it will."""
    card = stage.cpo.test_cards[0]
    stage.detail |= {"connector": connector, "card": masked(card)}
    answer = await stage.send(Start(connector or "1", card))
    if answer.state is CommandState.ACCEPTED:
        return None
    if answer.state is not CommandState.REJECTED:
        return unanswered(answer)
    return Verdict(Outcome.REFUSED, Cause.UNWILLING if await _plugged(stage, connector) else Cause.NOT_PLUGGED_IN)


async def _not_begun(stage: Stage, connector: str | None) -> Verdict:
    if not await _plugged(stage, connector):
        return Verdict(Outcome.DID_NOT_START, Cause.NOT_PLUGGED_IN)
    return Verdict(Outcome.DID_NOT_START, Cause.UNWILLING if stage.how is How.REMOTE else Cause.READER)


async def _plugged(stage: Stage, connector: str | None) -> bool:
    live = await stage.live()
    states = [state for key, state in live.connectors.items() if connector in (None, key)]
    return any(state.status not in ("Available", "Unavailable") for state in states)


async def _through(stage: Stage, connector: str | None, running: Transaction) -> Verdict:
    """Where another socket began than the one meant, it is stopped and said so."""
    wrong = connector is not None and not same_socket(connector, running.connector_id)
    if running.accepted and not wrong:
        await _energy(stage, running)
    stopped = await _stopped(stage, running, patient=running.accepted and not wrong)
    if wrong:
        version = await stage.version()
        stage.detail["reacted"] = reaction(stage.station_id, running.connector_id, list(stage.evses), version)
        return Verdict(Outcome.OTHER_SOCKET, Cause.SWAPPED)
    if not running.accepted:
        return Verdict(Outcome.CARD_REFUSED, Cause.UNKNOWN_CARD)
    if stopped is None:
        return Verdict(Outcome.DID_NOT_STOP, Cause.UNWILLING)
    return _judged(stage, stopped)


def _judged(stage: Stage, stopped: Transaction) -> Verdict:
    energy = energy_wh(stopped)
    stage.detail |= {"energy_wh": energy, "accepted_by_policy": stage.cpo.accepts_no_load}
    if energy > 0:
        return Verdict(Outcome.CHARGED)
    silent = stopped.meter_last is None
    return Verdict(Outcome.STARTED_NO_LOAD, Cause.METER if silent else Cause.NO_LOAD)


async def _energy(stage: Stage, running: Transaction) -> None:
    """Until the meter has risen, or the person has stopped; a station that tells seldom is asked to."""
    end = stage.seconds_now() + ENERGY_SECONDS

    async def risen() -> Transaction | None:
        now = await _transaction(stage, running.id)
        return now if now is not None and (now.stopped or energy_wh(now) > 0) else None

    while (left := end - stage.seconds_now()) > 0:
        if (now := await stage.state(min(left, METER_EVERY), risen)) is not None:
            stage.note("energy", str(energy_wh(now)))
            return await stage.show(WaitsFor.STOP, energy_wh=energy_wh(now))
        if left > METER_EVERY:
            await stage.send(Trigger(Message.METER, running.connector_id))


async def _stopped(stage: Stage, running: Transaction, *, patient: bool) -> Transaction | None:
    """By the card that began it, else by us."""

    async def over() -> Transaction | None:
        now = await _transaction(stage, running.id)
        return now if now is not None and now.stopped else None

    await stage.show(WaitsFor.STOP)
    if stage.how is How.CARD and patient and (by_card := await stage.state(CARD_STOP_SECONDS, over)) is not None:
        return by_card
    if (already := await over()) is not None:
        return already
    await stage.send(stop_of(running))
    return await stage.state(STOP_SECONDS, over)


async def _transaction(stage: Stage, number: int) -> Transaction | None:
    found = await stage.ports.store.get(Transaction, number)
    return found[0] if found else None


def energy_wh(transaction: Transaction) -> int:
    last = transaction.meter_last if transaction.meter_stop is None else transaction.meter_stop
    return max(0, (transaction.meter_start if last is None else last) - transaction.meter_start)


def _of(stage: Stage, fact: Fact, kind: FactKind) -> Fact | None:
    return fact if fact.kind is kind and fact.charge_station_id == stage.station_id else None


# --- on a vendor's platform ------------------------------------------------------------------------------------------


async def _watched(stage: Stage) -> Verdict:
    """Somebody holds a card to it and plugs in; nothing is sent, and what the platform tells of it is watched."""
    began = await stage.fact(SECONDS, lambda fact: _charging(stage, fact))
    if began is None:
        return Verdict(Outcome.DID_NOT_CHARGE, Cause.NOT_PLUGGED_IN)
    stage.note_fact(began)
    stage.evidence[-1] |= {"what": "charging", "text": began.data.get("evse")}
    return Verdict(Outcome.CHARGED)


def _charging(stage: Stage, fact: Fact) -> Fact | None:
    status = str(fact.data.get("status") or "").upper()
    told = _of(stage, fact, FactKind.EVSE_STATUS_CHANGED)
    wanted = stage.trial.evse
    mine = wanted is None or str(fact.data.get("evse")) == str(wanted)
    return told if status == EvseStatus.CHARGING.value and mine else None
