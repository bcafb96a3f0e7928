"""Is it the hardware that was chosen? Every connector reports, and count and kind are those of the station model.

OCPP 1.6 has no word for the kind of a connector, and some stations tell it in a key of their own: where it is not told,
that is what the test says of it.
"""

from collections.abc import Mapping

from app.actions.trials.stage import Stage, Verdict, is_answered, unanswered
from app.domain.commands import GetConfiguration, Message, Trigger
from app.domain.findings import connector_keys, ordered
from app.domain.model import Evse, ProtocolVersion
from app.domain.sockets import MOST_ROWS, heard_connectors, number_told, socket_rows, worst
from app.domain.trials import Cause, Outcome, WaitsFor

REPORT_SECONDS = 15.0
NUMBER = "NumberOfConnectors"
CAUSES = {
    Outcome.SOCKETS_MISSING: Cause.OTHER_MODEL,
    Outcome.SOCKETS_EXTRA: Cause.OTHER_MODEL,
    Outcome.KIND_DIFFERS: Cause.OTHER_MODEL,
    Outcome.SOCKET_FAULTED: Cause.BROKEN_SOCKET,
}


async def run(stage: Stage) -> Verdict:
    version = await stage.version()
    expected = connector_keys(stage.evses, version)
    told = await _configured(stage, expected, version)
    if isinstance(told, Verdict):
        return told
    await _triggered(stage, expected)
    live = await stage.live()
    number, absurd = number_told(told.get(NUMBER.casefold()))
    rows = socket_rows(expected, heard_connectors(live), told, number)
    await stage.show(None, expected=len(expected), told=number, absurd=absurd, rows=rows)
    outcome = worst(rows)
    return Verdict(outcome, CAUSES.get(outcome))


async def _configured(
    stage: Stage, expected: Mapping[str, Evse], version: ProtocolVersion | None
) -> dict[str, str] | Verdict:
    """What the station's own configuration tells of its connectors, by the names of OCPP 1.6 in one case.

    In 2.0.1 each connector has its kind as a variable, and nothing there counts them.
    """
    newer = version is ProtocolVersion.OCPP201
    names = {_variable(key) if newer else f"ConnectorType{key}": key for key in ordered(expected)[:MOST_ROWS]}
    answer = await stage.send(GetConfiguration(tuple(names) if newer else (NUMBER, *names)))
    if not is_answered(answer):
        return unanswered(answer)
    told = {line.key: line.value for line in answer.configuration if line.value is not None}
    return {f"ConnectorType{names[key]}".casefold() if key in names else key.casefold(): told[key] for key in told}


def _variable(key: str) -> str:
    return f"Connector/{key.replace('.', '/')}.ConnectorType"


async def _triggered(stage: Stage, expected: Mapping[str, Evse]) -> None:
    """Ask the ones that have not reported since the station is online, and wait for them together."""
    silent = ordered(expected.keys() - heard_connectors(await stage.live()).keys())
    for key in silent[:MOST_ROWS]:
        await stage.send(Trigger(Message.STATUS, key))
    if not silent:
        return
    await stage.show(WaitsFor.STATUS)

    async def complete() -> bool | None:
        return True if expected.keys() <= heard_connectors(await stage.live()).keys() else None

    await stage.state(REPORT_SECONDS, complete)
