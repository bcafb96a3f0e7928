"""The customers of CPOs that the builtin platform keeps."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.domain import customers
from app.domain.customers import CpoCustomer, CustomerRecord, PostCpoCustomer, PutCpoCustomer, customer_key
from app.domain.environments import BUILTIN
from app.domain.errors import CustomerExists, InvalidField, UnknownCpo, UnknownCustomer
from app.domain.facts import FactKind
from app.domain.people import Actor
from app.domain.telling import told
from app.platforms.platform_work import PlatformWork
from app.ports import NOTHING, Change, CustomerQuery, Page, Put

ALL = 10_000_000


class Customers(PlatformWork):
    """See `ports.KeepsCustomers`."""

    async def customers(self, actor: Actor, query: CustomerQuery) -> Page[bytes]:
        """Keys alone are read of what is not on the page. None ever goes, so the key of its last one says where the
        next page begins.
        """
        keys = await self._store.column(CustomerRecord, "id", limit=ALL, **_scope(actor, query))
        begin = _begin(keys, query)
        page = keys[begin : begin + query.limit]
        found = await self._store.find(CustomerRecord, id=page, limit=len(page))
        after = page[-1] if page and begin + len(page) < len(keys) else None
        rows = tuple(msgspec.json.encode(record.customer) for record, _ in found)
        return Page(rows, len(keys) if query.count else None, after)

    async def customer(self, actor: Actor, cpo_id: str, external_id: str) -> bytes:
        record, _ = await self._customer(actor, cpo_id, external_id)
        return msgspec.json.encode(record.customer)

    async def create_customer(self, actor: Actor, post: PostCpoCustomer) -> bytes:
        made = customers.created(post)
        if not actor.covers(made.cpo_id):
            raise UnknownCpo(made.cpo_id)

        async def rule() -> Change:
            if (await self._cpo(made.cpo_id)).platform != BUILTIN:
                raise InvalidField(
                    "cpo_id", f"a CPO whose customers are kept here: those of {made.cpo_id} are elsewhere"
                )
            if await self._store.get(CustomerRecord, customer_key(made.cpo_id, made.external_id)) is not None:
                raise CustomerExists(made.cpo_id, made.external_id)
            return self._written(actor, FactKind.CUSTOMER_CREATED, made, 0)

        await self._perform(rule, NOTHING)
        return msgspec.json.encode(made)

    async def replace_customer(self, actor: Actor, cpo_id: str, external_id: str, put: PutCpoCustomer) -> bytes:
        made: CpoCustomer

        async def rule() -> Change:
            nonlocal made
            record, rev = await self._customer(actor, cpo_id, external_id)
            made = customers.replaced(record.customer, put)
            fields = customers.changed_fields(record.customer, made)
            return self._written(actor, FactKind.CUSTOMER_CHANGED, made, rev, fields=fields)

        await self._perform(rule, NOTHING)
        return msgspec.json.encode(made)

    async def _customer(self, actor: Actor, cpo_id: str, external_id: str) -> tuple[CustomerRecord, int]:
        found = None
        if actor.covers(cpo_id):
            found = await self._store.get(CustomerRecord, customer_key(cpo_id, external_id))
        if found is None:
            raise UnknownCustomer(cpo_id, external_id)
        return found

    def _written(self, actor: Actor, kind: FactKind, made: CpoCustomer, rev: int, **data: Any) -> Change:
        about = {"cpo_id": made.cpo_id}
        data = {"name": made.name, "external_id": made.external_id, **data}
        fact = told(kind, self._now(), actor, None, about=about, **data)
        return Change(writes=(Put(customers.record_of(made), rev),), facts=(fact,))


def _scope(actor: Actor, query: CustomerQuery) -> dict[str, frozenset[str]]:
    """A list shows what the actor's scope covers, whatever `query.cpo_ids` says."""
    if query.cpo_id is not None:
        return {"cpo_id": frozenset({query.cpo_id} if actor.covers(query.cpo_id) else ())}
    return {} if actor.cpo_ids is None else {"cpo_id": actor.cpo_ids}


def _begin(keys: Sequence[str], query: CustomerQuery) -> int:
    """Where the page begins. Raises InvalidField for a cursor that no page of this list has given."""
    if query.after is None:
        return query.offset
    if query.after not in keys:
        raise InvalidField("cursor", "the cursor of a Link as it was given")
    return keys.index(query.after) + 1
