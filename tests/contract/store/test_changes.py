"""A Change is kept whole or not at all, and once."""

import asyncio

import pytest

from app.domain.commissioning import Operation
from app.domain.errors import RevConflict
from app.domain.people import Person
from app.domain.scan import Label
from app.ports import (
    Change,
    Expect,
    Put,
    Store,
)
from tests.contract.store.builders import (
    evses,
    fact,
    label,
    live,
    location,
    master,
    new_station,
    operation,
    person,
    put,
)


async def test_a_change_is_kept_whole_or_not_at_all(store: Store) -> None:
    await put(store, person("P1"))
    change = Change(
        writes=(Put(label("A")), *new_station().writes, location(), Put(person("P1"))),
        facts=(fact(),),
        operation=operation(),
    )
    with pytest.raises(RevConflict):
        await store.commit(change)
    assert await store.get(Label, "A") is None
    assert await store.station("S1") is None
    assert await store.location("L1") is None
    assert await store.get(Operation, "O1") is None
    assert await store.facts() == []


async def test_one_failing_change_among_many_harms_no_other(store: Store) -> None:
    await put(store, person("P13"))
    changes = [Change(writes=(Put(person(f"P{n}")),), facts=(fact(cpo_id=f"{n}"),)) for n in range(50)]
    outcomes = await asyncio.gather(*(store.commit(change) for change in changes), return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, RevConflict)] == [13]
    assert {record.id for record, _ in await store.find(Person)} == {f"P{n}" for n in range(50)}
    facts = await store.facts()
    assert {found.cpo_id for found in facts} == {str(n) for n in range(50) if n != 13}
    assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == [found.seq for found in facts]


async def test_an_operation_is_stored_with_its_effect_and_only_once(store: Store) -> None:
    await store.commit(Change(writes=(Put(label("A")),), operation=operation()))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(label("B")),), facts=(fact(),), operation=operation()))
    assert await store.get(Label, "B") is None
    found = await store.get(Operation, "O1")
    assert found is not None and bytes(found[0].answer) == b'{"a":[1,2]}'


async def test_of_many_with_the_same_operation_one_wins(store: Store) -> None:
    changes = [Change(writes=(Put(label(f"L{n}")),), operation=operation()) for n in range(20)]
    outcomes = await asyncio.gather(*(store.commit(change) for change in changes), return_exceptions=True)
    assert sum(isinstance(outcome, RevConflict) for outcome in outcomes) == 19
    assert len(await store.find(Label)) == 1


@pytest.mark.parametrize("part", ["master", "evses", "live", "location"])
async def test_an_expectation_guards_a_part_that_is_not_written(store: Store, part: str) -> None:
    key = "L1" if part == "location" else "S1"
    guarded = Change(writes=(Put(label("A")),), expects=(Expect(part, key, 1),))
    with pytest.raises(RevConflict):
        await store.commit(guarded)
    await store.commit(new_station().plus(Change(writes=(location(),))))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(label("A")),), expects=(Expect(part, key, 0),)))
    await store.commit(guarded)
    written = {"master": master(rev=1), "evses": evses(rev=1), "live": live(rev=1), "location": location(rev=1)}
    await store.commit(Change(writes=(written[part],)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(Put(label("B")),), expects=(Expect(part, key, 1),)))
    assert await store.get(Label, "B") is None


async def test_an_expectation_of_absence_holds(store: Store) -> None:
    await store.commit(
        Change(writes=(Put(label("A")),), expects=(Expect("master", "S1", 0), Expect("location", "L", 0)))
    )
    assert await store.get(Label, "A") is not None


async def test_nothing_to_do_is_done(store: Store) -> None:
    assert await store.commit(Change()) == 0
    assert await store.commit(Change(writes=(Put(label("A")),))) == 0
