"""Several servers on one database, SQLite's file or PostgreSQL: what is meant for a vendor's platform is done once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.actions.operations import Wanted
from app.domain.commissioning import Operation
from app.domain.people import Cpo
from app.platforms.remote import RemotePlatform
from app.platforms.remote.settling import Settler
from app.ports import Change, Store
from app.store.stamps import SystemTime
from tests.conftest import ABC, OnePlatform
from tests.contract.stores import ADAPTERS
from tests.platforms.conftest import Rig, record_of
from tests.platforms.test_once import STEPS, check, ready


@pytest.fixture(params=sorted(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    return request.param


@pytest.fixture
async def opened(adapter: str, tmp_path: Path) -> AsyncIterator[list[Store]]:
    """Two stores on one database: what two servers have."""
    stores = [await ADAPTERS[adapter](tmp_path, SystemTime()) for _ in range(2)]
    yield stores
    for store in stores:
        await store.close()


@pytest.fixture
def own_store(opened: list[Store]) -> Store:
    return opened[0]


@pytest.fixture
async def second(rig: Rig, opened: list[Store]) -> Rig:
    """Another server of the same house, with connections of its own."""
    first = rig.ours.platforms.of(await record_of(rig.ours, Cpo, ABC))
    assert isinstance(first, RemotePlatform)
    other = opened[1]
    second = RemotePlatform(first._wire, other, rig.clock, rig.ours.ids, ABC)
    for platform, holder in ((first, "one"), (second, "two")):
        platform.holder, platform.lease = holder, timedelta(minutes=2)
    chosen = OnePlatform(rig.vendor.platforms.builtin, {ABC: second})
    return Rig(replace(rig.ours, store=other, platforms=chosen), rig.vendor, rig.clock, rig.faulty)


async def _dies_before_its_answer(rig: Rig, wanted: Wanted) -> None:
    """The vendor has done it; the server that asked is no more."""
    commit = rig.ours.store.commit

    async def dies(change: Change) -> int:
        if change.operation is not None:
            raise KeyboardInterrupt
        return await commit(change)

    rig.ours.store.commit = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await rig.send(wanted)
    rig.ours.store.commit = commit  # type: ignore[method-assign]


@pytest.mark.parametrize("step", STEPS)
async def test_two_servers_do_an_operation_once(rig: Rig, second: Rig, step: str) -> None:
    wanted = await ready(rig, step)
    met: list[tuple[str, str | None]] = []

    async def meanwhile() -> None:
        (answer,) = await second.send(wanted)
        met.append((answer.state, answer.code))

    rig.faulty.writes, rig.faulty.fault, rig.faulty.meanwhile = [], "slow", meanwhile
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert met == [("later", "platform_unavailable")]
    assert [answer.state for answer in await second.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()


async def test_a_server_that_died_is_waited_for_and_then_gone_on_for(rig: Rig, second: Rig) -> None:
    wanted = await ready(rig, "create_location")
    rig.faulty.writes = []
    await _dies_before_its_answer(rig, wanted)
    assert [answer.state for answer in await second.send(wanted)] == ["later"]
    rig.clock.forward(minutes=2)
    assert [answer.state for answer in await second.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()


async def test_a_server_that_got_no_answer_lets_the_other_go_on(rig: Rig, second: Rig) -> None:
    wanted = await ready(rig, "describe")
    rig.faulty.fault = "fail_before"
    assert [answer.state for answer in await rig.send(wanted)] == ["later"]
    assert [answer.state for answer in await second.send(wanted)] == ["accepted"]


@pytest.mark.parametrize("step", STEPS)
async def test_two_servers_that_look_at_an_open_write_settle_it_once(rig: Rig, second: Rig, step: str) -> None:
    """The phone did not come back, and the server that asked died: both that came after it look at the same moment."""
    wanted = await ready(rig, step)
    before = await rig.ours.store.last_fact()
    rig.faulty.writes = []
    await _dies_before_its_answer(rig, wanted)
    rig.clock.forward(minutes=2)
    settlers = [Settler(each.ours.store, each.ours.platforms, rig.clock) for each in (rig, second)]
    await asyncio.gather(*(settler.look(at_once=True) for settler in settlers))
    assert await rig.settled() and await second.settled()
    assert len(rig.faulty.writes) == 1
    told = [(fact.kind, repr(fact.data)) for fact in await second.ours.store.facts(after=before)]
    assert len(told) == len(set(told)) > 0, "each fact once"
    assert await second.ours.store.get(Operation, wanted.id) is not None
    await check(rig, step)
    for each in (rig, second):
        assert [answer.state for answer in await each.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1
