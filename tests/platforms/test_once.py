"""A write on a vendor's platform is done once, whatever becomes of its answer: phone -> sync -> API of the vendor."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from app.actions.operations import Wanted, perform_all
from app.domain.commissioning import Commissioning, Operation
from app.domain.errors import PlatformUnavailable
from app.domain.facts import FactKind
from app.domain.intents import LocationAlias, RemoteIntent
from app.domain.model import DeployState, DisplayText, EvsePatch
from app.domain.people import SYSTEM, Cpo, Person, actor_for
from app.domain.stations import PatchChargeStation
from app.field.sync import KINDS
from app.platforms.remote import RemotePlatform
from app.platforms.remote.settling import Settler
from app.platforms.remote.wire import Wire
from app.ports import Change, Put
from tests.conftest import ABC, TWIN, YARD
from tests.fakes import FakeClock, FakeIds
from tests.platforms.conftest import HOME, PLACE, TEXT, Rig, record_of

FAULTS = ("drop", "fail", "fail_before")
STEPS = ("create_location", "create_station", "move", "rebuild", "describe", "hand_over", "abandon")


async def ready(rig: Rig, step: str) -> Wanted:
    """Everything before the step, and its operation."""
    if step in ("create_location", "create_station"):
        await rig.begun()
    else:
        await rig.built()
    if step == "create_location":
        return rig.operation("create_location", location=PLACE)
    if step == "create_station":
        await rig.ok("apply_template", template_id=TWIN)
        return rig.operation("choose_location", location_id=YARD)
    if step == "move":
        await rig.ok("create_location", location=PLACE)
        return rig.operation("choose_location", location_id=HOME)
    if step == "rebuild":
        return rig.operation("apply_template", template_id=TWIN)
    if step == "describe":
        return rig.operation("describe_evse", evse_sequence_numbers=[1], directions=[TEXT])
    if step == "hand_over":
        for check in ("location", "hardware", "texts", "online", "tests"):
            await rig.ok("waive_check", check=check, reason="not part of this test")
    return rig.operation(step)


async def check(rig: Rig, step: str) -> None:
    """The step was done, on both sides, once."""
    if step == "create_location":
        assert len(await rig.places()) == 1
    else:
        station = await rig.station()
        assert len(station.evses) == 2
        assert step != "move" or station.location_id == HOME
        assert step != "describe" or station.evses[0].directions == [DisplayText("nl", "Tweede rij")]
        assert step != "hand_over" or station.deploy_state is DeployState.PRODUCTION
        assert step != "abandon" or station.deploy_state is DeployState.DEPRECATED
    facts = await rig.ours.store.facts()
    kinds = {"create_location": FactKind.LOCATION_CREATED, "create_station": FactKind.STATION_CREATED}
    if kind := kinds.get(step):
        assert [fact.kind for fact in facts].count(kind) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_step_whose_answer_is_lost_is_done_once(rig: Rig, step: str, fault: str) -> None:
    wanted = await ready(rig, step)
    rig.faulty.fault, rig.faulty.writes = fault, []
    (first,) = await rig.send(wanted)
    assert first.state == ("later" if fault == "fail_before" else "accepted"), first
    (second,) = await rig.send(wanted)
    assert second.state == "accepted", second
    assert len(rig.faulty.writes) == 1
    assert await rig.settled()
    await check(rig, step)
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_that_was_cut_off_before_its_answer_is_gone_on_with(rig: Rig, step: str) -> None:
    """As after a killed server: the vendor has done it, and ours knows only what it meant to do."""
    wanted = await ready(rig, step)
    rig.faulty.writes = []
    store = rig.ours.store
    commit = store.commit

    async def dies(change: Change) -> int:
        if change.operation is not None:
            raise KeyboardInterrupt
        return await commit(change)

    store.commit = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await rig.send(wanted)
    store.commit = commit  # type: ignore[method-assign]
    assert await store.get(Operation, wanted.id) is None
    assert len(await store.find(RemoteIntent)) == 1
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()
    await check(rig, step)


@pytest.mark.parametrize("step", STEPS)
async def test_a_phone_that_does_not_come_back_has_its_step_settled(rig: Rig, step: str) -> None:
    wanted = await ready(rig, step)
    rig.faulty.writes = []
    commit = rig.ours.store.commit

    async def dies(change: Change) -> int:
        if change.operation is not None:
            raise KeyboardInterrupt
        return await commit(change)

    rig.ours.store.commit = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await rig.send(wanted)
    rig.ours.store.commit = commit  # type: ignore[method-assign]
    assert len(await rig.ours.store.find(RemoteIntent)) == 1
    settler = Settler(rig.ours.store, rig.ours.platforms, rig.ours.clock)
    await settler.look()
    assert not await rig.settled()
    rig.clock.forward(seconds=60)
    await settler.look()
    assert await rig.ours.store.get(Operation, wanted.id) is not None
    assert len(rig.faulty.writes) == 1 and await rig.settled()
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1
    await check(rig, step)


async def test_an_open_write_is_looked_at_ever_more_seldom_and_given_up_in_the_end(rig: Rig) -> None:
    wanted = await ready(rig, "describe")
    rig.faulty.fault = "fail_before"
    await rig.send(wanted)
    settler = Settler(rig.ours.store, rig.ours.platforms, rig.ours.clock)
    looks = []
    for minute in range(64):
        rig.faulty.reads = 0
        await settler.look()
        looks += [minute] if rig.faulty.reads else []
        rig.clock.forward(seconds=60)
    assert looks == [1, 2, 4, 8, 16, 32]
    rig.clock.forward(days=31)
    await settler.look()
    assert await rig.settled()
    assert (await rig.station()).evses[0].directions == []


async def test_a_write_that_nobody_can_settle_keeps_no_other_from_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = await ready(rig, "describe")
    rig.faulty.fault = "fail_before"
    await rig.send(wanted)
    (intent, _) = (await rig.ours.store.find(RemoteIntent))[0]
    await rig.ours.store.commit(Change(writes=(Put(msgspec.structs.replace(intent, id="another")),)))
    asked = list[str]()

    async def settle(_: RemotePlatform, intent: RemoteIntent) -> bool:
        asked.append(intent.id)
        raise msgspec.ValidationError("an object that nobody can read")

    monkeypatch.setattr(RemotePlatform, "settle", settle)
    await Settler(rig.ours.store, rig.ours.platforms, rig.ours.clock).look(at_once=True)
    assert sorted(asked) == sorted([wanted.id, "another"])


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_that_is_sent_twice_at_once_is_done_once(rig: Rig, step: str) -> None:
    wanted = await ready(rig, step)
    rig.faulty.writes = []
    both = await asyncio.gather(rig.send(wanted), rig.send(wanted))
    assert [answer.state for (answer,) in both] == ["accepted", "accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()


async def test_a_commissioning_that_changed_during_the_call_costs_no_second_call(rig: Rig) -> None:
    wanted = await ready(rig, "describe")

    async def meanwhile() -> None:
        found = await rig.ours.store.get(Commissioning, "c-0000-1")
        assert found is not None
        await rig.ours.store.commit(Change(writes=(Put(found[0], found[1]),)))

    rig.faulty.writes, rig.faulty.fault, rig.faulty.meanwhile = [], "late", meanwhile
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()


async def test_a_platform_that_makes_its_own_ids_is_searched_and_its_id_remembered(rig: Rig) -> None:
    await rig.begun()
    rig.faulty.own_ids = True
    wanted = rig.operation("create_location", location=PLACE)
    rig.faulty.fault = "drop"
    await rig.send(wanted)
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    (place,) = await rig.places()
    own_id = msgspec.json.decode(place)["id"]
    assert own_id != HOME
    ((alias, _),) = await rig.ours.store.find(LocationAlias)
    assert alias.location_id == own_id
    await rig.ok("apply_template", template_id=TWIN)
    await rig.ok("choose_location", location_id=HOME)
    assert (await rig.station()).location_id == own_id
    await rig.ok("choose_location", location_id=YARD, base=HOME)
    assert (await rig.station()).location_id == YARD


@pytest.mark.parametrize("step", STEPS)
async def test_an_answer_without_its_object_is_an_answer(rig: Rig, step: str) -> None:
    wanted = await ready(rig, step)
    rig.faulty.fault, rig.faulty.writes = "bare", []
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()
    await check(rig, step)


async def test_a_colleague_who_wrote_the_same_text_meanwhile_is_not_overwritten(rig: Rig) -> None:
    await rig.built()
    theirs = PatchChargeStation(
        charge_station_id="UTR-1", evses=[EvsePatch(evse_sequence_number=1, directions=[DisplayText("nl", "Theirs")])]
    )
    await rig.vendor.platforms.builtin.patch_station(SYSTEM, "UTR-1", theirs)
    seen = {"1": {"directions": []}}
    wanted = rig.operation("describe_evse", evse_sequence_numbers=[1], directions=[TEXT], base=seen)
    (answer,) = await rig.send(wanted)
    assert (answer.state, answer.code) == ("refused", "changed_meanwhile")
    assert (await rig.station()).evses[0].directions == [DisplayText("nl", "Theirs")]


async def test_a_colleague_who_changed_something_else_after_a_lost_answer_keeps_it(rig: Rig) -> None:
    await rig.built()

    async def meanwhile() -> None:
        other = PatchChargeStation(charge_station_id="UTR-1", remarks="theirs")
        await rig.vendor.platforms.builtin.patch_station(SYSTEM, "UTR-1", other)

    rig.faulty.fault, rig.faulty.meanwhile, rig.faulty.writes = "drop", meanwhile, []
    await rig.ok("describe_evse", evse_sequence_numbers=[1], directions=[TEXT])
    station = await rig.station()
    assert (station.remarks, station.evses[0].directions) == ("theirs", [DisplayText("nl", "Tweede rij")])
    assert len(rig.faulty.writes) == 1


async def test_a_slow_platform_does_not_keep_the_phone_waiting_for_the_whole_list(rig: Rig) -> None:
    await rig.built()
    batch = [rig.operation("describe_evse", evse_sequence_numbers=[n], directions=[TEXT]) for n in (1, 2)]

    async def slowly() -> None:
        rig.clock.forward(seconds=31)

    rig.faulty.fault, rig.faulty.meanwhile = "slow", slowly
    assert [(answer.state, answer.code) for answer in await rig.send(*batch)] == [
        ("accepted", None),
        ("later", "unavailable"),
    ]
    assert [answer.state for answer in await rig.send(*batch)] == ["accepted", "accepted"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_write_without_an_operation_tells_what_became_of_it(rig: Rig, fault: str) -> None:
    """As support does at the desk: an absolute edit, which may be made again by hand."""
    await rig.built()
    rig.faulty.fault = fault
    platform = rig.ours.platforms.of(await record_of(rig.ours, Cpo, ABC))
    released = PatchChargeStation(charge_station_id="UTR-1", deploy_state=DeployState.PRODUCTION)
    if fault == "fail_before":
        with pytest.raises(PlatformUnavailable):
            await platform.patch_station(SYSTEM, "UTR-1", released)
        assert (await rig.station()).deploy_state is DeployState.STOCK
    else:
        await platform.patch_station(SYSTEM, "UTR-1", released)
        assert (await rig.station()).deploy_state is DeployState.PRODUCTION
    assert await rig.settled()


async def test_a_taken_back_station_may_be_begun_again(rig: Rig) -> None:
    await rig.built()
    await rig.ok("abandon")
    assert (await rig.station()).deploy_state is DeployState.DEPRECATED
    again = msgspec.structs.replace(rig.operation("begin", station_id="UTR-1", cpo_id=ABC), commissioning_id="c-0000-2")
    assert [answer.state for answer in await rig.send(again)] == ["accepted"]
    chosen = msgspec.structs.replace(rig.operation("choose_location", location_id=YARD), commissioning_id="c-0000-2")
    assert [answer.state for answer in await rig.send(chosen)] == ["accepted"]
    assert (await rig.station()).deploy_state is DeployState.STOCK


async def test_the_password_is_the_platforms(rig: Rig) -> None:
    await rig.begun()
    (answer,) = await rig.send(rig.operation("set_password", password="a" * 20))
    assert (answer.state, answer.code) == ("refused", "platform_sets_password")


async def test_a_certain_refusal_leaves_no_intent_and_is_kept(rig: Rig) -> None:
    await rig.begun()
    await rig.ok("create_location", location=PLACE)
    twice = rig.operation("create_location", location=PLACE)
    (answer,) = await rig.send(twice)
    assert (answer.state, answer.code) == ("refused", "location_exists")
    assert await rig.settled()


async def _taken_over(rig: Rig) -> None:
    wanted = msgspec.structs.replace(rig.operation("continue"), id="continued-by-ben")
    ben = actor_for(await record_of(rig.ours, Person, "ben"), "ben-phone")
    (answer,) = await perform_all(rig.ours, ben, [wanted], KINDS)
    assert answer.state == "accepted", answer


@pytest.mark.parametrize("step", [step for step in STEPS if step != "create_location"])
async def test_what_was_done_is_not_refused_to_whom_it_is_not_theirs_any_more(rig: Rig, step: str) -> None:
    wanted = await ready(rig, step)
    commit, rig.faulty.writes = rig.ours.store.commit, []

    async def dies(change: Change) -> int:
        if change.operation is not None:
            raise KeyboardInterrupt
        return await commit(change)

    rig.ours.store.commit = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await rig.send(wanted)
    rig.ours.store.commit = commit  # type: ignore[method-assign]
    await _taken_over(rig)
    before = await rig.ours.store.last_fact()
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()
    (fact,) = await rig.ours.store.facts(after=before)
    assert (fact.person_id, fact.charge_station_id) == ("anna", "UTR-1")
    assert (await record_of(rig.ours, Commissioning, "c-0000-1")).person_id == "ben"
    await check(rig, step)
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]


async def test_what_was_not_done_is_refused_once_the_platform_says_so(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = await ready(rig, "describe")
    rig.faulty.fault, rig.faulty.writes = "fail_before", []
    assert [answer.state for answer in await rig.send(wanted)] == ["later"]
    await _taken_over(rig)

    async def silence(*_: Any, **__: Any) -> None:
        raise PlatformUnavailable("no answer")

    with monkeypatch.context() as cut:
        cut.setattr(Wire, "call", silence)
        assert [answer.state for answer in await rig.send(wanted)] == ["later"]
        assert not await rig.settled()
    assert [(each.state, each.code) for each in await rig.send(wanted)] == [("refused", "not_yours")]
    assert rig.faulty.writes == [] and await rig.settled()


async def test_a_station_without_an_etag_is_saved_once_to_get_one() -> None:
    station: dict[str, Any] = {"charge_station_id": "S", "location_id": "L", "deploy_state": "Stock", "evses": []}
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        if "Locations" in request.url.path:
            return httpx.Response(200, json={"status_code": 1000, "data": {"id": "L"}})
        asked.append(request.method)
        if request.method != "GET":
            station.update(msgspec.json.decode(request.content), etag=f"e{len(asked)}")
        return httpx.Response(200, json={"status_code": 1000, "data": [station]})

    class Nothing:
        async def get(self, kind: type, key: str) -> None:
            return None

        async def find(self, kind: type, **equals: object) -> list[object]:
            return []

        async def commit(self, change: Change) -> int:
            return 0

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://vendor") as client:
        platform = RemotePlatform(Wire(client), Nothing(), FakeClock(), FakeIds(), ABC)  # type: ignore[arg-type]
        await platform.apply_template(SYSTEM, "S", "T")
    assert asked == ["GET", "PATCH", "GET", "PUT"]
