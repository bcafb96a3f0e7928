"""Does the card reader read? A card is held before it; what it asked and what we answered is shown."""

from app.actions.trials.stage import Stage, Verdict
from app.domain.facts import Fact, FactKind
from app.domain.trials import Cause, Outcome

SECONDS = 120.0
MESSAGES = {FactKind.CARD_SHOWN: "authorize", FactKind.TRANSACTION_STARTED: "transaction"}


async def run(stage: Stage) -> Verdict:
    """A station may ask before it begins, or begin at once and ask with that."""
    shown = await stage.fact(SECONDS, lambda fact: _shown(stage, fact))
    if shown is None:
        return Verdict(Outcome.NO_CARD, Cause.READER)
    accepted = shown.data.get("accepted") is True
    stage.note_fact(shown, str(shown.data.get("card") or ""))
    await stage.show(None, card=shown.data.get("card"), accepted=accepted, message=MESSAGES[shown.kind])
    return Verdict(Outcome.CARD_READ) if accepted else Verdict(Outcome.CARD_REFUSED, Cause.UNKNOWN_CARD)


def _shown(stage: Stage, fact: Fact) -> Fact | None:
    mine = fact.charge_station_id == stage.station_id
    return fact if mine and fact.kind in MESSAGES else None
