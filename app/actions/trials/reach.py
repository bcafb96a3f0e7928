"""Does the station hear us? A question to it, and any answer; a polite refusal proves it too."""

from app.actions.trials.stage import Stage, Verdict, is_answered, unanswered
from app.domain.commands import CommandState, GetConfiguration
from app.domain.model import ProtocolVersion
from app.domain.trials import Outcome

KEY_16 = "HeartbeatInterval"
KEY_201 = "OCPPCommCtrlr.HeartbeatInterval"


async def run(stage: Stage) -> Verdict:
    """One key that every station has and that tells no secret."""
    key = KEY_201 if await stage.version() is ProtocolVersion.OCPP201 else KEY_16
    answer = await stage.send(GetConfiguration((key,)))
    if not is_answered(answer):
        return unanswered(answer)
    plain = answer.state is CommandState.ACCEPTED
    return Verdict(Outcome.ANSWERED if plain else Outcome.ANSWERED_NOT_SUPPORTED)
