"""Facts are numbered as they are committed; no reader misses a late one."""

import asyncio
from typing import Any

import pytest

from app.domain.errors import RevConflict
from app.domain.facts import FactKind
from app.domain.scan import Label
from app.ports import (
    Change,
    Put,
    Store,
)
from tests.contract.store.builders import (
    at,
    fact,
    label,
    operation,
    person,
    put,
)


async def test_facts_are_numbered_as_they_are_committed_and_come_back_whole(store: Store) -> None:
    given = fact(
        FactKind.CHECK_ANSWERED,
        cpo_id="ABC",
        charge_station_id="S1",
        commissioning_id="C1",
        person_id="P1",
        made_at=at(-5),
        data={"check": "earth", "value": 0.4},
    )
    assert await store.last_fact() == 0
    assert await store.commit(Change(facts=(fact(), given))) == 2
    found = await store.facts(after=1)
    given.seq = 2
    assert found == [given]
    assert await store.last_fact() == 2


async def test_facts_are_filtered_bounded_and_turned(store: Store) -> None:
    for n in range(6):
        one = fact(cpo_id="AB"[n % 2], charge_station_id=f"S{n % 3}", commissioning_id=f"C{n}")
        await store.commit(Change(facts=(one,)))

    async def numbers(**given: Any) -> list[int]:
        return [found.seq for found in await store.facts(**given)]

    assert await numbers() == [1, 2, 3, 4, 5, 6]
    assert await numbers(after=4) == [5, 6]
    assert await numbers(after=2, limit=2) == [3, 4]
    assert await numbers(newest_first=True, limit=2) == [6, 5]
    assert await numbers(cpo_ids=frozenset({"A"})) == [1, 3, 5]
    assert await numbers(cpo_ids=frozenset({"A", "B"}), after=5) == [6]
    assert await numbers(cpo_ids=frozenset()) == []
    assert await numbers(charge_station_id="S1") == [2, 5]
    assert await numbers(commissioning_id="C3") == [4]
    assert await numbers(charge_station_id="S1", cpo_ids=frozenset({"A"})) == [5]


async def test_facts_of_a_person_are_found_by_kind(store: Store) -> None:
    made, other = FactKind.LOCATION_CREATED, FactKind.LOCATION_CHANGED
    for kind, person_id in ((made, "P1"), (other, "P1"), (made, "P2"), (made, None), (made, "P1")):
        await store.commit(Change(facts=(fact(kind, person_id=person_id, cpo_id="A", location_id="L"),)))
    found = await store.facts(kind=made, person_id="P1", cpo_ids=frozenset({"A"}))
    assert [one.seq for one in found] == [1, 5]
    assert [one.seq for one in await store.facts(person_id="P1", newest_first=True)] == [5, 2, 1]
    assert await store.facts(kind=made, person_id="P1", cpo_ids=frozenset({"B"})) == []


async def test_numbers_rise_strictly_and_a_lost_change_leaves_no_trace(store: Store) -> None:
    await put(store, person("P1"))
    await store.commit(Change(facts=(fact(),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(facts=(fact(), fact()), operation=operation(), writes=(Put(person("P1")),)))
    last = await store.commit(Change(facts=(fact(), fact())))
    numbers = [found.seq for found in await store.facts()]
    assert numbers == sorted(set(numbers)) and len(numbers) == 3 and numbers[-1] == last


async def test_a_cursor_reader_misses_nothing_while_many_write(store: Store) -> None:
    seen: list[int] = []
    done = asyncio.Event()

    async def read() -> None:
        cursor = 0
        while not done.is_set() or await store.last_fact() > cursor:
            for found in await store.facts(after=cursor, limit=7):
                cursor = found.seq
                seen.append(cursor)
            await asyncio.sleep(0)

    async def write(name: str) -> list[int]:
        return [await store.commit(Change(facts=(fact(cpo_id=name),) * (n % 3 + 1))) for n in range(15)]

    reader = asyncio.ensure_future(read())
    acknowledged = await asyncio.gather(*(write(f"W{n}") for n in range(10)))
    done.set()
    await asyncio.wait_for(reader, 20)
    assert seen == [found.seq for found in await store.facts(limit=10_000)]
    assert len(seen) == 10 * 30 and {number for numbers in acknowledged for number in numbers} <= set(seen)


async def test_an_acknowledged_change_is_seen_by_the_next_read(store: Store) -> None:
    for n in range(50):
        number = await store.commit(Change(writes=(Put(label(f"L{n}")),), facts=(fact(),)))
        assert await store.last_fact() == number
        assert await store.get(Label, f"L{n}") is not None
