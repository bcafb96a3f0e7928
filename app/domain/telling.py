"""The fact of what an actor did, with what a phone's operation lends it."""

from datetime import datetime
from typing import Any

from app.domain.commissioning import Operation
from app.domain.facts import Fact, FactKind
from app.domain.people import Actor


def told(
    kind: FactKind, at: datetime, actor: Actor, operation: Operation | None, *, about: dict[str, Any], **data: Any
) -> Fact:
    """`about` names the things by the fact's own fields (cpo_id, charge_station_id, location_id)."""
    return Fact(
        kind=kind,
        at=at,
        person_id=actor.person_id,
        device_id=actor.device_id,
        commissioning_id=operation.commissioning_id if operation else None,
        operation_id=operation.id if operation else None,
        made_at=operation.made_at if operation else None,
        data={**data, "subscription_id": actor.subscription_id} if actor.subscription_id else data,
        **about,
    )
