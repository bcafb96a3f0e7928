"""People's names, looked up by id at the last moment: facts and records hold ids."""

from msgspec import Struct

from app.domain.people import Person, Subscription
from app.ports import Ports


class Who(Struct, frozen=True):
    """A forgotten person keeps the id and has no name."""

    id: str
    name: str


class Names:
    """People's names by id, each read once."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._known: dict[str, Who] = {}

    async def who(self, person_id: str | None) -> Who | None:
        return None if person_id is None else await self.sure(person_id)

    async def system(self, subscription_id: str | None) -> str | None:
        """The name of the system behind a key."""
        found = await self._ports.store.get(Subscription, subscription_id) if subscription_id else None
        return found[0].name if found else None

    async def sure(self, person_id: str) -> Who:
        if person_id not in self._known:
            found = await self._ports.store.get(Person, person_id)
            self._known[person_id] = Who(person_id, found[0].name if found else "")
        return self._known[person_id]
