"""Stations in their parts, listed, dated and told online or offline."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import InvalidField, RevConflict
from app.domain.facts import FactKind
from app.domain.live import OfflineReason
from app.ports import (
    Change,
    DeleteStation,
    Page,
    StationQuery,
    StationRow,
    Store,
)
from app.store.stamps import SystemTime
from tests.contract.store.builders import (
    T0,
    at,
    evses,
    live,
    master,
    new_station,
)
from tests.fakes import FakeClock


async def test_a_station_is_joined_from_its_parts(store: Store) -> None:
    await store.commit(new_station("NL*ABC E1|x/1", location_id="Loc-A", modified=at(1), changed=at(3), online=True))
    row = await store.station("NL*ABC E1|x/1")
    assert row is not None
    assert (row.charge_station_id, row.cpo_id, row.location_id) == ("NL*ABC E1|x/1", "ABC", "Loc-A")
    assert (row.master, row.evses, row.live) == (b'{"master":1}', b'{"evse":1}\n', b'{"live":1}')
    assert (row.master_rev, row.evses_rev, row.live_rev) == (1, 1, 1)
    assert (row.modified, row.evses_modified, row.changed) == (at(1), T0, at(3))
    assert (row.online, row.shown, row.shown_evses) == (True, b'{"shown":1}', b'{"status":1}\n')
    assert (row.deploy_state, row.offline_reason) == ("Stock", None)


async def test_station_ids_are_case_sensitive(store: Store) -> None:
    await store.commit(new_station("abc"))
    await store.commit(new_station("ABC"))
    assert await store.station("Abc") is None
    assert await store.station_ids(None) == ["abc", "ABC"]


async def test_each_part_has_its_own_rev(store: Store) -> None:
    await store.commit(new_station())
    await store.commit(Change(writes=(live(rev=1, online=True, changed=at(9), body=b"{}"),)))
    await store.commit(Change(writes=(live(rev=2, body=b"[]"),)))
    await store.commit(Change(writes=(evses(rev=1, modified=at(4), body=b"x"),)))
    row = await store.station("S1")
    assert row is not None
    assert (row.master_rev, row.evses_rev, row.live_rev) == (1, 2, 3)
    assert (row.evses, row.evses_modified, row.live) == (b"x", at(4), b"[]")
    for stale in (master(rev=2), evses(rev=1), live(rev=1), evses(), live()):
        with pytest.raises(RevConflict):
            await store.commit(Change(writes=(stale,)))
    with pytest.raises(RevConflict):
        await store.commit(new_station())


async def test_a_new_station_comes_with_all_its_parts(store: Store) -> None:
    for writes in ((master(),), (master(), evses()), (master(), live())):
        with pytest.raises(ValueError):
            await store.commit(Change(writes=writes))
    await store.commit(Change(writes=(live(), evses(), master())))
    assert await store.station("S1") is not None


async def test_a_part_of_a_station_that_is_gone_conflicts(store: Store) -> None:
    await store.commit(new_station())
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(DeleteStation("S1", 2),)))
    await store.commit(Change(writes=(DeleteStation("S1", 1),)))
    for late in (live(rev=1), live(), evses(rev=1), DeleteStation("S1", 1)):
        with pytest.raises(RevConflict):
            await store.commit(Change(writes=(late,)))
    assert await store.station("S1") is None
    await store.commit(new_station())
    row = await store.station("S1")
    assert row is not None and row.live_rev == 1


async def stations_of(store: Store, **query: Any) -> tuple[list[str], int]:
    page = await store.stations(StationQuery(**({"cpo_ids": None} | query)))
    return [row.charge_station_id for row in page.rows], page.total


async def test_stations_are_scoped_and_filtered(store: Store) -> None:
    await store.commit(new_station("S1", location_id="Loc-A"))
    await store.commit(new_station("S2", cpo_id="XYZ", location_id="Loc-B"))
    await store.commit(new_station("S3", location_id="Loc-B", deploy_state="Production"))
    assert await stations_of(store) == (["S1", "S2", "S3"], 3)
    assert (await store.stations(StationQuery())).total == 0
    assert await stations_of(store, cpo_ids=frozenset({"ABC"})) == (["S1", "S3"], 2)
    assert await stations_of(store, cpo_ids=frozenset({"ABC"}), cpo_id="XYZ") == ([], 0)
    assert await stations_of(store, cpo_id="XYZ") == (["S2"], 1)
    assert await stations_of(store, location_id="LOC-b") == (["S2", "S3"], 2)
    assert await stations_of(store, deploy_state="Production") == (["S3"], 1)
    assert await store.station_ids(frozenset({"XYZ"})) == ["S2"]
    assert await store.station_ids(frozenset()) == []


async def test_stations_come_in_the_order_they_arrived_and_in_pages_that_tell_the_total(store: Store) -> None:
    for number in (4, 1, 2, 3, 0):
        await store.commit(new_station(f"S{number}", created=at(number)))
    await store.commit(Change(writes=(master("S1", rev=1, created=at(1), name="new"),)))
    assert await stations_of(store, limit=2) == (["S4", "S1"], 5)
    assert await stations_of(store, limit=2, offset=2) == (["S2", "S3"], 5)
    assert await stations_of(store, limit=2, offset=4) == (["S0"], 5)
    assert await stations_of(store, limit=2, offset=9) == ([], 5)
    assert await stations_of(store, limit=5) == (["S4", "S1", "S2", "S3", "S0"], 5)
    assert await stations_of(store, limit=0) == ([], 5)


def everything(row: StationRow) -> bytes:
    return repr(row).encode()


async def as_shown(store: Store, query: StationQuery) -> Page[bytes]:
    """The page that is shown must be that of the rows, and each station alone too."""
    page, shown = await store.stations(query), await store.shown_stations(query, everything)
    assert shown == Page(tuple(map(everything, page.rows)), page.total, page.after)
    for row in page.rows:
        assert await store.shown_station(row.charge_station_id, query.cpo_ids, everything) == everything(row)
    return shown


async def test_what_is_shown_is_never_older_than_its_rows_whoever_writes(
    store: Store, store_factory: Callable[[], Awaitable[Store]]
) -> None:
    dice, stores = random.Random(5), (store, await store_factory())
    for number in range(6):
        await store.commit(new_station(f"S{number}", cpo_id="ABC" if number % 2 else "XYZ"))
    for number in range(60):
        name = f"S{dice.randrange(6)}"
        row = await store.station(name)
        assert row is not None
        body = str(number).encode()
        write = dice.choice(
            (
                live(name, rev=row.live_rev, online=number % 2 == 0, body=body, changed=at(number)),
                evses(name, rev=row.evses_rev, modified=at(number), body=body),
                master(name, rev=row.master_rev, cpo_id=dice.choice(("ABC", "XYZ")), body=body),
                DeleteStation(name, row.master_rev),
            )
        )
        await stores[number % 2].commit(Change(writes=(write,)))
        if isinstance(write, DeleteStation):
            assert await store.shown_station(name, None, everything) is None
            await store.commit(new_station(name))
        for scope in (None, frozenset({"ABC"}), frozenset({"ABC", "XYZ"}), frozenset[str]()):
            first = await as_shown(store, StationQuery(cpo_ids=scope, limit=2))
            await as_shown(store, StationQuery(cpo_ids=scope, limit=2, after=first.after, count=first.after is None))
            await as_shown(store, StationQuery(cpo_ids=scope, offset=1, limit=9))
    assert await store.all_offline(OfflineReason.SERVER_RESTART, at(99)) > 0
    await as_shown(store, StationQuery(cpo_ids=None))


async def test_a_station_is_shown_within_the_scope_only(store: Store) -> None:
    await store.commit(new_station("S1"))
    assert await store.shown_station("S1", None, everything) is not None
    assert await store.shown_station("S1", frozenset({"XYZ"}), everything) is None
    assert await store.shown_station("S1", frozenset({"XYZ", "ABC"}), everything) is not None
    assert await store.shown_station("S1\0", None, everything) is None


FAR = datetime(9999, 1, 1, tzinfo=UTC)
SCOPES = (None, frozenset[str](), frozenset({"ABC"}), frozenset({"XYZ"}), frozenset({"ABC", "XYZ", "new"}))


async def kept_and_counted(store: Store, **query: Any) -> tuple[int | None, int | None]:
    """The total that is kept, and the one that is counted because of a filter that everything passes."""
    kept = await store.stations(StationQuery(limit=0, **query))
    counted = await store.stations(StationQuery(limit=0, date_to=FAR, **query))
    return kept.total, counted.total


async def test_totals_are_kept_exactly_whatever_comes_goes_and_moves(store: Store) -> None:
    dice, revs, cpos = random.Random(3), dict[str, int](), ("ABC", "XYZ", "new")
    for _ in range(120):
        name = f"S{dice.randrange(12)}"
        rev, cpo = revs.get(name, 0), dice.choice(cpos)
        if rev == 0:
            await store.commit(new_station(name, cpo_id=cpo))
            revs[name] = 1
        elif dice.random() < 0.4:
            await store.commit(Change(writes=(DeleteStation(name, rev),)))
            del revs[name]
        else:
            await store.commit(Change(writes=(master(name, rev=rev, cpo_id=cpo),)))
            revs[name] = rev + 1
        with pytest.raises(RevConflict):
            await store.commit(Change(writes=(*new_station("S99", cpo_id=cpo).writes, DeleteStation(name, 999))))
    assert len(revs) > 3
    for scope in SCOPES:
        for cpo_id in (None, "ABC", "nobody's"):
            kept, counted = await kept_and_counted(store, cpo_ids=scope, cpo_id=cpo_id)
            assert kept == counted
    assert (await kept_and_counted(store, cpo_ids=None))[0] == len(revs)


async def test_the_next_page_goes_on_behind_the_last_row_whatever_comes_and_goes(store: Store) -> None:
    for number in range(5):
        await store.commit(new_station(f"S{number}"))
    first = await store.stations(StationQuery(cpo_ids=None, limit=2))
    assert (first.total, first.after is not None) == (5, True)
    await store.commit(Change(writes=(DeleteStation("S0", 1),)))
    await store.commit(new_station("S5"))
    second = await store.stations(StationQuery(cpo_ids=None, limit=2, after=first.after, count=False))
    third = await store.stations(StationQuery(cpo_ids=None, limit=2, after=second.after, offset=77))
    assert [row.charge_station_id for row in second.rows + third.rows] == ["S2", "S3", "S4", "S5"]
    assert (second.total, third.total, third.after) == (None, 5, None)


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "9" * 30, "1 2", "٣"])
async def test_a_key_that_no_page_has_given_is_refused(store: Store, after: str) -> None:
    with pytest.raises(InvalidField, match="cursor"):
        await store.stations(StationQuery(cpo_ids=None, after=after))


async def test_text_is_found_inside_id_and_name_in_any_case_without_wildcards(store: Store) -> None:
    await store.commit(new_station("NL-ABC_1", name="Große ÉCOLE 100%"))
    await store.commit(new_station("NL-ABCX2", name="back\\slash"))
    for text in ("abc_", "école", "ÉCOLE", "GROSSE", "100%", "nl-abc_1"):
        assert await stations_of(store, text=text) == (["NL-ABC_1"], 1), text
    assert await stations_of(store, text="K\\S") == (["NL-ABCX2"], 1)
    for text in ("%1", "_C_L", "'", "1 große"):
        assert await stations_of(store, text=text) == ([], 0), text
    assert (await stations_of(store, text=""))[1] == 2


async def test_station_dates_bound_the_newest_of_three_changes(store: Store) -> None:
    await store.commit(new_station("M", modified=at(10)))
    await store.commit(Change(writes=(master("E", modified=at(11)), evses("E", modified=at(20)), live("E"))))
    await store.commit(new_station("L", modified=at(21), changed=at(30)))
    assert (await stations_of(store, date_from=at(10)))[0] == ["M", "E", "L"]
    assert (await stations_of(store, date_from=at(10.1)))[0] == ["E", "L"]
    assert (await stations_of(store, date_from=at(20.1)))[0] == ["L"]
    assert await stations_of(store, date_from=at(30.1)) == ([], 0)
    assert (await stations_of(store, date_to=at(30)))[0] == ["M", "E"]
    assert (await stations_of(store, date_to=at(20)))[0] == ["M"]
    assert (await stations_of(store, date_to=at(10)))[0] == []
    assert (await stations_of(store, date_from=at(10), date_to=at(20)))[0] == ["M"]
    assert await stations_of(store, date_from=at(12), exclude_evses_modified=True) == (["L"], 1)
    assert (await stations_of(store, date_to=at(21), exclude_evses_modified=True))[0] == ["M", "E"]


async def test_what_commits_late_is_dated_when_it_commits(store: Store, clock: FakeClock) -> None:
    """A change decided at 0 s and committed at 60 s: whoever read at 30 s and asks again from there must get it."""
    decided = new_station("LATE", modified=at(0), changed=at(0))
    clock.forward(seconds=60)
    await store.commit(decided)
    row = await store.station("LATE")
    assert row is not None and row.modified == at(0)
    assert (await stations_of(store, date_from=at(30)))[0] == ["LATE"]
    assert (await stations_of(store, date_from=at(30), exclude_evses_modified=True))[0] == ["LATE"]


async def test_stamps_rise_in_the_order_of_commits_also_where_the_clock_steps_back(
    store: Store, clock: FakeClock
) -> None:
    clock.forward(seconds=100)
    await store.commit(new_station("FIRST"))
    clock.forward(seconds=-90)
    await store.commit(new_station("SECOND"))
    assert (await stations_of(store, date_from=at(100)))[0] == ["FIRST", "SECOND"]


async def test_a_sign_of_life_that_nobody_sees_is_no_news(store: Store, clock: FakeClock) -> None:
    await store.commit(new_station())
    clock.forward(seconds=50)
    await store.commit(Change(writes=(live(rev=1, body=b'{"seen":2}'),)))
    assert await stations_of(store, date_from=at(1)) == ([], 0)
    await store.commit(Change(writes=(live(rev=2, shown_evses=b'{"status":2}\n'),)))
    assert (await stations_of(store, date_from=at(1)))[0] == ["S1"]


async def pulled(store: Store, **query: Any) -> list[str]:
    """All pages of a list, each from where the one before ended."""
    found, after = list[str](), None
    while True:
        page = await store.stations(StationQuery(cpo_ids=None, after=after, **query))
        found += [row.charge_station_id for row in page.rows]
        if (after := page.after) is None:
            return found


async def test_many_and_few_changes_are_found_in_the_same_order(store: Store, clock: FakeClock) -> None:
    """However a list by date is found, along the rows or by the changes, it reads the same."""
    fresh = (new_station(f"S{number:03}", cpo_id=f"C{number % 2}") for number in range(700))
    await asyncio.gather(*(store.commit(change) for change in fresh))
    for rev, changed in enumerate(([5, 65, 600], [*range(3, 650)]), start=1):
        clock.forward(seconds=60)
        since, names = clock.now(), [f"S{number:03}" for number in changed]
        for name in names:
            row = await store.station(name)
            assert row is not None and row.live_rev <= rev
            await store.commit(Change(writes=(live(name, rev=row.live_rev, changed=since),)))
        assert await pulled(store, date_from=since, limit=100) == names
        odd = [name for name in names if int(name[1:]) % 2]
        assert await pulled(store, date_from=since, limit=100, cpo_id="C1") == odd
        assert await pulled(store, date_from=since, limit=100, exclude_evses_modified=True) == []
    for rev in (1, 2, 3):
        clock.forward(hours=rev)
        await store.commit(Change(writes=(live("S001", rev=rev, changed=clock.now()),)))
        assert await pulled(store, date_from=since, limit=100) == ["S001", *names]


async def test_a_pull_by_date_misses_nothing_that_several_writers_write_meanwhile(
    store_factory: Callable[..., Awaitable[Store]],
) -> None:
    """Writers on connections of their own decide first and commit later; the reader asks again from the begin of its
    last reading, on the clock that all share.
    """
    time = SystemTime()
    reader, *writers = [await store_factory(time) for _ in range(4)]
    seen: set[str] = set()

    async def write(store: Store, name: str) -> None:
        for number in range(50):
            change = new_station(f"{name}-{number}", modified=time.now(), changed=time.now())
            await asyncio.sleep(random.random() / 500)
            await store.commit(change)

    async def pull(since: datetime) -> datetime:
        begin = time.now()
        seen.update(await pulled(reader, date_from=since, limit=7))
        return begin

    writing = asyncio.gather(*(write(store, f"W{number}") for number, store in enumerate(writers)))
    since = T0
    while not writing.done():
        since = await pull(since)
        await asyncio.sleep(0)
    await writing
    await pull(since)
    assert len(seen) == 150


async def test_sockets_are_those_of_connected_stations_online_or_not(store: Store) -> None:
    await store.commit(new_station("ON", online=True))
    await store.commit(new_station("OFF"))
    await store.commit(new_station("SILENT"))
    await store.commit(Change(writes=(live("SILENT", rev=1, connection_id="c-7"),)))
    assert await store.sockets() == {"ON": "socket of ON", "SILENT": "c-7"}
    assert await store.all_offline(OfflineReason.SERVER_RESTART, at(60)) == 2
    assert await store.sockets() == {}


async def test_all_offline_marks_who_was_online_and_rewrites_no_document(store: Store) -> None:
    await store.commit(new_station("ON", online=True))
    await store.commit(new_station("OFF"))
    before = await store.station("ON")
    assert await store.all_offline(OfflineReason.SERVER_RESTART, at(60)) == 1
    row, other = await store.station("ON"), await store.station("OFF")
    assert row is not None and other is not None and before is not None
    assert (row.online, row.changed, row.offline_reason) == (False, at(60), "server_restart")
    assert (row.live, row.shown, row.shown_evses) == (before.live, before.shown, before.shown_evses)
    assert (other.changed, other.offline_reason, other.live_rev) == (T0, None, 1)
    assert (await stations_of(store, date_from=at(60)))[0] == ["ON"]
    (told,) = await store.facts(charge_station_id="ON")
    assert (told.kind, told.at, told.data) == (FactKind.STATION_DISCONNECTED, at(60), {"reason": "server_restart"})
    assert await store.all_offline(OfflineReason.SERVER_RESTART, at(90)) == 0
    assert await store.facts(charge_station_id="OFF") == []


async def test_who_read_before_all_offline_cannot_bring_it_back_online(store: Store) -> None:
    await store.commit(new_station(online=True))
    await store.all_offline(OfflineReason.SERVER_RESTART, at(60))
    with pytest.raises(RevConflict):
        await store.commit(Change(writes=(live(rev=1, online=True),)))
    await store.commit(Change(writes=(live(rev=2, online=True),)))
    row = await store.station("S1")
    assert row is not None and (row.online, row.offline_reason) == (True, None)
