"""Locations with the stations that stand there, by words, address, date and distance."""

import random
from typing import Any

import pytest

from app.domain.errors import RevConflict
from app.domain.facts import FactKind
from app.ports import (
    Change,
    DeleteStation,
    LocationQuery,
    Store,
)
from tests.contract.store.builders import at, evses, fact, live, location, master, new_station


async def locations_of(store: Store, **query: Any) -> tuple[list[str], int]:
    page = await store.locations(LocationQuery(**({"cpo_ids": None} | query)))
    return [row.key for row in page.rows], page.total


async def test_a_location_is_found_in_any_case_with_its_stations_in_order(store: Store) -> None:
    await store.commit(Change(writes=(location("Loc-A", modified=at(2)),)))
    await store.commit(new_station("A", location_id="loc-a", created=at(3), modified=at(3)))
    await store.commit(new_station("B", location_id="LOC-A", created=at(5), modified=at(7)))
    await store.commit(new_station("C", location_id="elsewhere"))
    row = await store.location("lOC-A")
    assert row is not None
    assert (row.key, row.cpo_id, row.body, row.rev) == ("loc-a", "ABC", b'{"location":1}', 1)
    assert (row.modified, row.evses_modified, row.distance_m) == (at(2), at(7), None)
    assert [station.charge_station_id for station in row.stations] == ["A", "B"]
    bare = await store.location("loc-a", evses=False)
    assert bare is not None and bare.stations == () and bare.evses_modified == at(7)
    assert await store.location("loc") is None


async def test_stations_are_counted_at_each_location(store: Store) -> None:
    for number, place in enumerate(("Loc-A", "loc-a", "LOC-B", "elsewhere")):
        await store.commit(new_station(f"S{number}", location_id=place))
    assert await store.station_counts(["LOC-A", "loc-b", "nowhere"]) == {"loc-a": 2, "loc-b": 1}
    assert await store.station_counts([]) == {}


async def test_a_location_is_written_only_over_the_rev_that_was_read(store: Store) -> None:
    await store.commit(Change(writes=(location("Loc-A"),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(location("LOC-A"),)))
    await store.commit(Change(writes=(location("loc-a", rev=1, body=b"2"),)))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(location("loc-a", rev=1, body=b"3"),)))
    row = await store.location("LOC-A")
    assert row is not None and (row.body, row.rev) == (b"2", 2)


async def test_totals_follow_a_location_to_another_cpo(store: Store) -> None:
    for name in "abc":
        await store.commit(Change(writes=(location(name),)))
    await store.commit(Change(writes=(location("a", cpo_id="XYZ", rev=1),)))
    totals = [(await locations_of(store, cpo_id=cpo, limit=0))[1] for cpo in (None, "ABC", "XYZ", "nobody's")]
    assert totals == [3, 2, 1, 0]
    assert [(await locations_of(store, cpo_id=cpo, city="Nowhere"))[1] for cpo in (None, "ABC")] == [0, 0]


async def test_locations_are_scoped_paged_and_carry_their_stations(store: Store) -> None:
    for number, cpo in ((2, "ABC"), (1, "XYZ"), (0, "ABC")):
        await store.commit(Change(writes=(location(f"l{number}", cpo_id=cpo),)))
        await store.commit(new_station(f"S{number}", location_id=f"L{number}"))
    assert await locations_of(store) == (["l2", "l1", "l0"], 3)
    assert (await store.locations(LocationQuery())).total == 0
    assert await locations_of(store, cpo_ids=frozenset({"ABC"})) == (["l2", "l0"], 2)
    assert await locations_of(store, cpo_ids=frozenset({"ABC"}), cpo_id="XYZ") == ([], 0)
    assert await locations_of(store, limit=1, offset=1) == (["l1"], 3)
    page = await store.locations(LocationQuery(cpo_ids=None))
    assert [[station.charge_station_id for station in row.stations] for row in page.rows] == [["S2"], ["S1"], ["S0"]]
    page = await store.locations(LocationQuery(cpo_ids=None, exclude_evses=True))
    assert [row.stations for row in page.rows] == [(), (), ()]


async def test_text_is_found_inside_each_part_of_the_address(store: Store) -> None:
    await store.commit(Change(writes=(location("a", city="Łódź", address="Piotrkowska 5_a"),)))
    await store.commit(Change(writes=(location("b", city="Utrecht", address="Piotrkowska 50a", name="100 %"),)))
    for text, keys in {"łÓDŹ": ["a"], "5_A": ["a"], "3511 ed": ["a", "b"], "0 %": ["b"], "square": ["a"]}.items():
        assert (await locations_of(store, text=text))[0] == keys, text
    assert (await locations_of(store, text="%a"))[0] == []


async def test_the_parts_of_an_address_match_as_a_whole_in_any_case(store: Store) -> None:
    for key, parts in {
        "a": {"address": "Piotrkowska 5a", "city": "Łódź", "postal_code": "90-001", "country": "POL"},
        "b": {"address": "Piotrkowska 50", "city": "Łódź", "postal_code": "90-002", "country": "POL"},
        "c": {"address": "Straße 5a", "city": "Köln"},
    }.items():
        await store.commit(Change(writes=(location(key, **parts),)))
    assert await locations_of(store, city="łÓDŹ") == (["a", "b"], 2)
    assert await locations_of(store, city="łÓDŹ", limit=1, offset=1) == (["b"], 2)
    assert await locations_of(store, country="pol", postcode="90-002") == (["b"], 1)
    assert await locations_of(store, street="piotrkowska") == (["a", "b"], 2)
    assert await locations_of(store, housenumber="5A") == (["a", "c"], 2)
    assert await locations_of(store, street="piotrkowska", housenumber="5") == ([], 0)
    assert await locations_of(store, street="STRASSE", housenumber="5a", city="köln") == (["c"], 1)
    assert await locations_of(store, city="Łód", cpo_ids=frozenset({"ABC"})) == ([], 0)
    near = {"latitude": 52.0, "longitude": 5.0, "distance_m": 100.0}
    assert await locations_of(store, **near, city="Köln") == (["c"], 1)


async def test_location_dates_count_evses_but_never_status(store: Store) -> None:
    await store.commit(Change(writes=(location("L1"), location("L2", modified=at(5)))))
    assert (await locations_of(store, date_from=at(1)))[0] == ["l2"]
    await store.commit(new_station("S1", modified=at(6), changed=at(99)))
    assert (await locations_of(store, date_from=at(6)))[0] == ["l1"]
    await store.commit(Change(writes=(live(rev=1, changed=at(100)),)))
    assert (await locations_of(store, date_from=at(6.1)))[0] == []
    await store.commit(Change(writes=(evses(rev=1, modified=at(110)),)))
    assert (await locations_of(store, date_from=at(110)))[0] == ["l1"]
    assert (await locations_of(store, date_from=at(110.1)))[0] == []
    assert (await locations_of(store, date_to=at(110)))[0] == ["l2"]
    assert (await locations_of(store, date_to=at(110.1)))[0] == ["l1", "l2"]
    assert (await locations_of(store, date_from=at(1), exclude_evses_modified=True))[0] == ["l2"]
    assert (await locations_of(store, date_to=at(5), exclude_evses_modified=True))[0] == ["l1"]
    await store.commit(Change(writes=(master(rev=1, modified=at(120)),)))
    assert (await locations_of(store, date_from=at(120)))[0] == ["l1"]


async def test_the_next_page_of_the_nearest_goes_on_behind_the_last(store: Store) -> None:
    spots = {f"l{n}": (52.0 + n / 2000, 5.0) for n in range(1, 8)} | {"same": (52.0 + 3 / 2000, 5.0)}
    for key, (latitude, longitude) in spots.items():
        await store.commit(Change(writes=(location(key, latitude=latitude, longitude=longitude),)))
    await store.commit(Change(writes=(location("w1", latitude=None), location("w2", latitude=None))))
    for limit in (1, 2, 3, 9, 10):
        found, after = list[str](), None
        while True:
            page = await store.locations(
                LocationQuery(cpo_ids=None, latitude=52.0, longitude=5.0, limit=limit, after=after)
            )
            found += [row.key for row in page.rows]
            if (after := page.after) is None:
                break
        assert found == ["l1", "l2", "l3", "same", "l4", "l5", "l6", "l7", "w1", "w2"], limit


async def test_a_station_that_moves_or_goes_is_news_where_it_was_and_where_it_comes(store: Store) -> None:
    await store.commit(Change(writes=(location("a"), location("b"), location("c"))))
    await store.commit(new_station(location_id="A"))
    await store.commit(Change(writes=(master(rev=1, location_id="B", modified=at(30)),)))
    assert (await locations_of(store, date_from=at(30)))[0] == ["a", "b"]
    gone = fact(FactKind.STATION_WITHDRAWN, at=at(40))
    await store.commit(Change(writes=(DeleteStation("S1", 2),), facts=(gone,)))
    assert (await locations_of(store, date_from=at(40)))[0] == ["b"]


async def test_a_location_that_comes_after_its_stations_knows_their_dates(store: Store) -> None:
    await store.commit(new_station("S1", location_id="LATE", modified=at(8)))
    await store.commit(Change(writes=(location("late"),)))
    row = await store.location("late")
    assert row is not None and row.evses_modified == at(8)


async def test_nearest_comes_first_with_its_distance(store: Store) -> None:
    spots = {"far": (52.1, 5.0), "near": (52.001, 5.0), "east": (52.0, 5.01), "nowhere": (None, None)}
    for key, (latitude, longitude) in spots.items():
        await store.commit(Change(writes=(location(key, latitude=latitude, longitude=longitude),)))
    page = await store.locations(LocationQuery(cpo_ids=None, latitude=52.0, longitude=5.0))
    assert [row.key for row in page.rows] == ["near", "east", "far", "nowhere"]
    metres = [row.distance_m for row in page.rows]
    assert metres[:3] == [pytest.approx(111.2, abs=0.1), pytest.approx(684.6, abs=0.5), pytest.approx(11119.5, abs=1)]
    assert metres[3] is None
    assert await locations_of(store, latitude=52.0, longitude=5.0, distance_m=700.0) == (["near", "east"], 2)
    assert await locations_of(store, latitude=52.0, longitude=5.0, distance_m=684.0) == (["near"], 1)
    assert await locations_of(store, latitude=52.0, longitude=5.0, limit=1, offset=1) == (["east"], 4)


async def test_nearest_works_over_the_date_line_and_at_a_pole(store: Store) -> None:
    await store.commit(Change(writes=(location("fiji", latitude=-17.0, longitude=179.9995),)))
    await store.commit(Change(writes=(location("pole", latitude=89.9995, longitude=90.0),)))
    assert await locations_of(store, latitude=-17.0, longitude=-179.9995, distance_m=200.0) == (["fiji"], 1)
    assert await locations_of(store, latitude=89.9995, longitude=-90.0, distance_m=200.0) == (["pole"], 1)


async def test_a_circle_loses_nothing_to_its_box(store: Store) -> None:
    dice = random.Random(7)
    spots = {f"l{n}": (dice.uniform(59.9, 60.1), dice.uniform(9.8, 10.2)) for n in range(150)}
    writes = tuple(location(key, latitude=lat, longitude=lon) for key, (lat, lon) in spots.items())
    await store.commit(Change(writes=writes))
    every = (await store.locations(LocationQuery(cpo_ids=None, latitude=60.0, longitude=10.0, limit=200))).rows
    for metres in (1_000.0, 5_000.0, 9_000.0):
        expected = [row.key for row in every if row.distance_m is not None and row.distance_m <= metres]
        found, total = await locations_of(store, latitude=60.0, longitude=10.0, distance_m=metres, limit=200)
        assert (found, total) == (expected, len(expected)) and expected
