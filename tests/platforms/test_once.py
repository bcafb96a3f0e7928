"""A write on a vendor's platform is done once, whatever becomes of its answer: phone -> sync -> API of the vendor."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from app.actions.operations import Answer, Wanted, perform_all
from app.api.fold import fold_paths
from app.api.routes import router
from app.bus import Bus
from app.domain.commissioning import Commissioning, Operation
from app.domain.facts import FactKind
from app.domain.intents import LocationAlias, RemoteIntent
from app.domain.model import DeployState, DisplayText, EvsePatch
from app.domain.people import SYSTEM, Cpo, Person, Subscription, actor_for, keyed_digest
from app.domain.stations import ChargeStation, PatchChargeStation
from app.field.sync import KINDS
from app.platforms.remote import RemotePlatform
from app.platforms.remote.settling import Settler
from app.platforms.remote.wire import Timing, Wire
from app.ports import Change, LocationQuery, Ports, Put
from app.settings import Settings
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.conftest import ABC, TWIN, YARD, OnePlatform
from tests.contract.platform_fixtures import KEY, client_of, serving
from tests.fakes import FakeClock, FakeIds

HOME = "22222222-0000-4000-8000-000000000001"
PLACE = {
    "id": HOME,
    "cpo_id": ABC,
    "name": "New depot",
    "address": "Dijk 1",
    "city": "Utrecht",
    "postal_code": "3542AD",
    "country": "NLD",
    "coordinates": {"latitude": "52.100000", "longitude": "5.100000"},
}
TEXT = {"language": "nl", "text": "Tweede rij"}


@dataclass
class Faulty:
    """The vendor's API with a fault for its writes: `drop` and `fail` come after it was done, `fail_before` before."""

    app: ASGIApp
    fault: str = ""
    writes: list[tuple[str, str]] = field(default_factory=list)
    reads: int = 0
    own_ids: bool = False
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        writes = scope["method"] in ("POST", "PUT", "PATCH")
        fault, self.fault = (self.fault, "") if writes else ("", self.fault)
        if fault == "fail_before":
            await self._fail(send)
            return
        receive = await self._rewritten(scope, receive) if writes else receive
        if writes:
            self.writes.append((scope["method"], scope["path"]))
        else:
            self.reads += 1
        sent: list[Any] = []

        async def collect(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, collect)
        if fault and self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            await act()
        if fault == "fail":
            await self._fail(send)
        elif fault == "drop":
            raise ConnectionError("the reply is lost")
        else:
            for message in sent:
                await send(message)

    async def _fail(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _rewritten(self, scope: Scope, receive: Receive) -> Receive:
        """A platform that makes its own ids of locations."""
        body, more = b"", True
        while more:
            message: Any = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if self.own_ids and scope["method"] == "POST" and "locations" in scope["path"].lower():
            place = msgspec.json.decode(body)
            place.pop("id", None)
            body = msgspec.json.encode(place)
            headers = [(n, v) for n, v in scope["headers"] if n != b"content-length"]
            scope["headers"] = [*headers, (b"content-length", str(len(body)).encode())]

        async def replay() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        return replay


@dataclass
class Rig:
    """Anna's phone at a house whose CPO is on the vendor; `vendor` are the vendor's own ports."""

    ours: Ports
    vendor: Ports
    clock: FakeClock
    faulty: Faulty
    count: int = 0

    def operation(self, kind: str, **body: Any) -> Wanted:
        self.count += 1
        return Wanted(
            id=f"operation-{self.count}",
            kind=kind,
            made_at=self.ours.clock.now(),
            commissioning_id="c-0000-1",
            body=msgspec.Raw(msgspec.json.encode(body)),
        )

    async def send(self, *batch: Wanted) -> list[Answer]:
        anna = await self.ours.store.get(Person, "anna")
        assert anna is not None
        return await perform_all(self.ours, actor_for(anna[0], "anna-phone"), list(batch), KINDS)

    async def ok(self, kind: str, **body: Any) -> None:
        (answer,) = await self.send(self.operation(kind, **body))
        assert answer.state == "accepted", answer

    async def station(self, key: str = "UTR-1") -> ChargeStation:
        return msgspec.json.decode(await self.vendor.platforms.builtin.station(SYSTEM, key), type=ChargeStation)

    async def places(self) -> list[bytes]:
        query = LocationQuery(cpo_ids=None, city="Utrecht", street="Dijk")
        return list((await self.vendor.platforms.builtin.locations(SYSTEM, query)).rows)

    async def settled(self) -> bool:
        return await self.ours.store.find(RemoteIntent) == []

    async def begun(self) -> None:
        await self.ok("begin", station_id="UTR-1", cpo_id=ABC, source="scan")

    async def built(self) -> None:
        await self.begun()
        await self.ok("choose_location", location_id=YARD)
        await self.ok("apply_template", template_id=TWIN)


async def instantly(seconds: float) -> None:
    return None


@pytest.fixture
async def rig(ports: Ports, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Rig]:
    key = Subscription(
        key_digest=keyed_digest(ports.digest_key, KEY),
        id="remote",
        name="Stationlink",
        cpo_ids=[ABC],
        modules={"chargestations": "rw", "locations": "rw"},
        created=ports.clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(key),)))
    migrate(tmp_path / "ours.sqlite")
    store = await SqliteStore.open(tmp_path / "ours.sqlite")
    for record in (await _of(ports, Cpo, ABC), await _of(ports, Person, "anna"), await _of(ports, Person, "ben")):
        moved = msgspec.structs.replace(record, platform="acceptance") if isinstance(record, Cpo) else record
        await store.commit(Change(writes=(Put(moved),)))
    faulty = Faulty(fold_paths(Litestar([router(ports, Bus(ports.store), Settings())], openapi_config=None)))
    async with serving(faulty) as url, client_of(url) as client:
        remote = RemotePlatform(Wire(client, Timing(sleep=instantly)), store, ports.clock, ports.ids, ABC)
        ours = replace(ports, store=store, platforms=OnePlatform(ports.platforms.builtin, {ABC: remote}))
        yield Rig(ours, ports, clock, faulty)
    await store.close()


async def _of(ports: Ports, kind: type, key: str) -> Any:
    found = await ports.store.get(kind, key)
    assert found is not None
    return found[0]


FAULTS = ("drop", "fail", "fail_before")
STEPS = ("create_location", "create_station", "move", "rebuild", "describe", "hand_over", "abandon")


async def _ready(rig: Rig, step: str) -> Wanted:
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


async def _check(rig: Rig, step: str) -> None:
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
    wanted = await _ready(rig, step)
    rig.faulty.fault, rig.faulty.writes = fault, []
    (first,) = await rig.send(wanted)
    assert first.state == ("later" if fault == "fail_before" else "accepted"), first
    (second,) = await rig.send(wanted)
    assert second.state == "accepted", second
    assert len(rig.faulty.writes) == 1
    assert await rig.settled()
    await _check(rig, step)
    assert [answer.state for answer in await rig.send(wanted)] == ["accepted"]
    assert len(rig.faulty.writes) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_that_was_cut_off_before_its_answer_is_gone_on_with(rig: Rig, step: str) -> None:
    """As after a killed server: the vendor has done it, and ours knows only what it meant to do."""
    wanted = await _ready(rig, step)
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
    await _check(rig, step)


@pytest.mark.parametrize("step", STEPS)
async def test_a_phone_that_does_not_come_back_has_its_step_settled(rig: Rig, step: str) -> None:
    wanted = await _ready(rig, step)
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
    await _check(rig, step)


async def test_an_open_write_is_looked_at_ever_more_seldom_and_given_up_in_the_end(rig: Rig) -> None:
    wanted = await _ready(rig, "describe")
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


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_that_is_sent_twice_at_once_is_done_once(rig: Rig, step: str) -> None:
    wanted = await _ready(rig, step)
    rig.faulty.writes = []
    both = await asyncio.gather(rig.send(wanted), rig.send(wanted))
    assert [answer.state for (answer,) in both] == ["accepted", "accepted"]
    assert len(rig.faulty.writes) == 1 and await rig.settled()


async def test_a_commissioning_that_changed_during_the_call_costs_no_second_call(rig: Rig) -> None:
    wanted = await _ready(rig, "describe")

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

        async def commit(self, change: Change) -> int:
            return 0

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://vendor") as client:
        platform = RemotePlatform(Wire(client), Nothing(), FakeClock(), FakeIds(), ABC)  # type: ignore[arg-type]
        await platform.apply_template(SYSTEM, "S", "T")
    assert asked == ["GET", "PATCH", "GET", "PUT"]
