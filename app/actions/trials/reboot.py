"""Does it come back by itself? Restarted, and then seen gone, back and booted, in this order."""

from functools import partial

from app.actions.trials.stage import Stage, Verdict, unanswered
from app.domain.commands import CommandState, Reset
from app.domain.facts import Fact, FactKind
from app.domain.trials import Cause, Outcome, WaitsFor

BOOT_GRACE_SECONDS = 10.0
STEPS = (
    (FactKind.STATION_DISCONNECTED, WaitsFor.GONE, Verdict(Outcome.DID_NOT_GO, Cause.UNWILLING)),
    (FactKind.STATION_CONNECTED, WaitsFor.BACK, Verdict(Outcome.DID_NOT_RETURN, Cause.SLOW_RESTART)),
    (FactKind.STATION_BOOTED, WaitsFor.BOOT, Verdict(Outcome.RETURNED_WITHOUT_BOOT)),
)


async def run(stage: Stage) -> Verdict:
    answer = await stage.send(Reset())
    went_without_a_word = answer.state is CommandState.OFFLINE and answer.raw
    if answer.state is not CommandState.ACCEPTED and not went_without_a_word:
        return unanswered(answer)
    return await watch(stage)


async def watch(stage: Stage) -> Verdict:
    """Each step has what is left of the time; one that came back and does not boot soon has not lost its boot."""
    end = stage.seconds_now() + stage.times.reboot
    for kind, waits_for, missing in STEPS:
        await stage.show(waits_for)
        left = max(0.0, end - stage.seconds_now())
        seconds = min(left, BOOT_GRACE_SECONDS) if kind is FactKind.STATION_BOOTED else left
        if not await stage.fact(seconds, partial(_is, stage, kind)):
            return missing
    return Verdict(Outcome.REBOOTED)


def _is(stage: Stage, kind: FactKind, fact: Fact) -> bool | None:
    if fact.kind is not kind or fact.charge_station_id != stage.station_id:
        return None
    stage.note_fact(fact)
    return True
