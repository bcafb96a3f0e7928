"""Is it set up as its model wants? Each expected key beside what the station says; on demand mended and read back."""

from collections.abc import Sequence

import msgspec

from app.actions.findings import expectation_of
from app.actions.trials import reboot
from app.actions.trials.stage import Stage, Verdict, is_answered, unanswered
from app.domain import trial_rules as rules
from app.domain.commands import ChangeConfiguration, CommandState, ConfigurationKey, GetConfiguration, Reset
from app.domain.expectations import DEFAULT_KEYS, GOOD, ExpectedKey, Line, LineState, judged, mended, target, to_write
from app.domain.trials import Cause, How, Outcome, TrialKind, WaitsFor

KEYS_AT_ONCE = 10
"""Stations bound how many they tell at once (GetConfigurationMaxKeys)."""
REBOOT_REQUIRED = "RebootRequired"


async def run(stage: Stage) -> Verdict:
    keys = await _expected(stage)
    stage.secrets = frozenset(key.key for key in keys if key.secret)
    lines = await _read(stage, keys)
    if isinstance(lines, Verdict):
        return lines
    await stage.show(WaitsFor.ANSWER, lines=msgspec.to_builtins(lines))
    if stage.how is How.FIX:
        return await _fix(stage, keys, lines)
    return _verdict(lines, Outcome.AS_EXPECTED, Outcome.DIFFERS)


async def _expected(stage: Stage) -> list[ExpectedKey]:
    expectation = await expectation_of(stage.ports, stage.cpo.cpo_id, stage.current.template_id)
    return expectation.keys if expectation and expectation.keys else DEFAULT_KEYS


async def _read(stage: Stage, keys: Sequence[ExpectedKey]) -> list[Line] | Verdict:
    told: list[ConfigurationKey] = []
    names = [key.key for key in keys if not key.secret]
    for start in range(0, len(names), KEYS_AT_ONCE):
        answer = await stage.send(GetConfiguration(tuple(names[start : start + KEYS_AT_ONCE])))
        if answer.state is not CommandState.ACCEPTED:
            return unanswered(answer)
        told += answer.configuration
    return judged(keys, told)


async def _fix(stage: Stage, keys: Sequence[ExpectedKey], lines: list[Line]) -> Verdict:
    """Write what is wrong, restart where the station asks for it, and believe only what is read back."""
    wanted = to_write(keys, lines)
    written = await _write(stage, wanted)
    if isinstance(written, Verdict):
        return written
    refused, restart = written
    if restart and (lost := await _restarted(stage)) is not None:
        return lost
    again = await _read(stage, keys)
    if isinstance(again, Verdict):
        return again
    found = mended(again, {key.key for key in wanted}, refused)
    await stage.show(None, lines=msgspec.to_builtins(found), rebooted=restart)
    return _verdict(found, Outcome.FIXED if wanted else Outcome.AS_EXPECTED, Outcome.NOT_FIXED)


async def _write(stage: Stage, keys: Sequence[ExpectedKey]) -> tuple[set[str], bool] | Verdict:
    """The keys that it refused, and whether it wants a restart for the others; the end where it does not answer."""
    refused, restart = set(), False
    for key in keys:
        answer = await stage.send(ChangeConfiguration(key.key, target(key) or "", secret=key.secret))
        if not is_answered(answer):
            return unanswered(answer)
        if answer.state is not CommandState.ACCEPTED:
            refused.add(key.key)
        restart |= answer.status == REBOOT_REQUIRED
    return refused, restart


async def _restarted(stage: Stage) -> Verdict | None:
    """None when it is back. Somebody may have come since the test began: nobody's charge is cut off for a setting."""
    if stage.own and rules.busy(TrialKind.REBOOT, None, (await stage.live()).connectors, ()):
        return Verdict(Outcome.NOT_FIXED, Cause.IN_USE)
    answer = await stage.send(Reset())
    if answer.state is not CommandState.ACCEPTED:
        return unanswered(answer)
    verdict = await reboot.watch(stage)
    back = verdict.outcome in (Outcome.REBOOTED, Outcome.RETURNED_WITHOUT_BOOT)
    return None if back else verdict


def _verdict(lines: Sequence[Line], good: Outcome, bad: Outcome) -> Verdict:
    states = {line.state for line in lines}
    if states <= GOOD:
        return Verdict(good)
    if LineState.REFUSED in states or LineState.NOT_FIXED in states:
        return Verdict(bad, Cause.READ_ONLY)
    return Verdict(bad, Cause.SETTING if LineState.WRONG in states else Cause.UNKNOWN_KEY)
