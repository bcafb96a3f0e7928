"""Our own side of a write on a vendor's platform: its fact, and what the caller takes along."""

from typing import Any

from app.domain.facts import FactKind
from app.domain.model import utc
from app.domain.people import Actor
from app.domain.telling import told
from app.platforms.remote.reading import Reading
from app.ports import Change


class Committing(Reading):
    """What the writes share."""

    async def _commit(
        self, kind: FactKind, actor: Actor, along: Change, about: dict[str, Any], data: dict[str, Any]
    ) -> None:
        fact = told(kind, utc(self._clock.now()), actor, along.operation, about=about, **data)
        await self._store.commit(Change(facts=(fact,)).plus(along))
