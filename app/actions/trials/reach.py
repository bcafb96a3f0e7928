"""Does the station hear us? A question to it, and any answer; a polite refusal proves it too."""

from app.actions.trials.stage import Stage, Verdict, is_answered, unanswered
from app.domain.commands import CommandState, GetConfiguration
from app.domain.trials import Outcome

KEY = "HeartbeatInterval"
"""Every station has it, and it tells no secret."""


async def run(stage: Stage) -> Verdict:
    answer = await stage.send(GetConfiguration((KEY,)))
    if not is_answered(answer):
        return unanswered(answer)
    plain = answer.state is CommandState.ACCEPTED
    return Verdict(Outcome.ANSWERED if plain else Outcome.ANSWERED_NOT_SUPPORTED)
