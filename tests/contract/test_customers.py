"""The customers of CPOs on both stores: pages in the order of arrival, and writers that meet."""

import json

import pytest

from app.domain.customers import PostCpoCustomer, PutCpoCustomer
from app.domain.errors import CustomerExists, InvalidField
from app.domain.people import Actor
from app.platforms.builtin import BuiltinPlatform
from app.ports import CustomerQuery, Page, Ports
from tests.conftest import ABC, XYZ
from tests.contract.test_builtin import Meanwhile, adapter, store

__all__ = ["adapter", "store"]

BOTH, ONE = Actor(cpo_ids=frozenset({ABC, XYZ})), Actor(cpo_ids=frozenset({ABC}))


def post(external_id: str, cpo_id: str = ABC) -> PostCpoCustomer:
    return PostCpoCustomer(name="Buses", cpo_id=cpo_id, external_id=external_id)


def ids(page: Page[bytes]) -> list[str]:
    return [json.loads(row)["external_id"] for row in page.rows]


async def test_pages_come_in_the_order_of_arrival_whatever_was_changed_since(ports: Ports) -> None:
    platform = ports.platforms.builtin
    for external_id, cpo_id in (("C", ABC), ("é", ABC), ("A", XYZ), ("a", ABC), ("B", ABC)):
        await platform.create_customer(BOTH, post(external_id, cpo_id))
    await platform.replace_customer(ONE, ABC, "C", PutCpoCustomer(name="Changed"))
    first = await platform.customers(ONE, CustomerQuery(limit=2))
    assert (ids(first), first.total) == (["C", "é"], 4)
    await platform.create_customer(ONE, post("0"))
    rest = await platform.customers(ONE, CustomerQuery(limit=3, after=first.after, count=False))
    assert (ids(rest), rest.total, rest.after) == (["a", "B", "0"], None, None)
    assert ids(await platform.customers(BOTH, CustomerQuery(cpo_id=XYZ))) == ["A"]
    assert ids(await platform.customers(ONE, CustomerQuery(cpo_id=XYZ))) == []
    with pytest.raises(InvalidField):
        await platform.customers(ONE, CustomerQuery(after="nothing"))


async def test_a_create_that_meets_a_faster_one_is_refused(ports: Ports) -> None:
    async def theirs() -> None:
        await ports.platforms.builtin.create_customer(ONE, post("C-1"))

    platform = BuiltinPlatform(Meanwhile(ports.store, theirs), ports.clock, ports.ids)
    with pytest.raises(CustomerExists):
        await platform.create_customer(ONE, post("C-1"))
