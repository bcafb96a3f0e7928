"""A phone at a house whose CPO is on a vendor: real HTTP to the vendor's API, with faults for its writes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from app.actions.operations import Answer, Wanted, perform_all
from app.api.fold import fold_paths
from app.api.routes import router
from app.bus import Bus
from app.domain.intents import RemoteIntent
from app.domain.people import SYSTEM, Cpo, Person, Subscription, actor_for, keyed_digest
from app.domain.stations import ChargeStation
from app.field.sync import KINDS
from app.platforms.remote import RemotePlatform
from app.platforms.remote.wire import Timing, Wire
from app.ports import Change, LocationQuery, Ports, Put, Store
from app.settings import Settings
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.conftest import ABC, TWIN, YARD, OnePlatform
from tests.contract.platform_fixtures import KEY, client_of, serving
from tests.fakes import FakeClock

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
            await self._say(send, 500)
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
            await self._say(send, 500)
        elif fault == "bare":
            await self._say(send, 200, b'{"status_code":1000,"data":null}')
        elif fault == "drop":
            raise ConnectionError("the reply is lost")
        else:
            for message in sent:
                await send(message)

    async def _say(self, send: Send, status: int, body: bytes = b"") -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": False})

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
async def own_store(tmp_path: Path) -> AsyncIterator[Store]:
    """Of the house; the vendor has one of its own."""
    migrate(tmp_path / "ours.sqlite")
    store = await SqliteStore.open(tmp_path / "ours.sqlite")
    yield store
    await store.close()


@pytest.fixture
async def rig(ports: Ports, clock: FakeClock, own_store: Store) -> AsyncIterator[Rig]:
    key = Subscription(
        key_digest=keyed_digest(ports.digest_key, KEY),
        id="remote",
        name="Stationlink",
        cpo_ids=[ABC],
        modules={"chargestations": "rw", "locations": "rw"},
        created=ports.clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(key),)))
    for record in (
        await record_of(ports, Cpo, ABC),
        await record_of(ports, Person, "anna"),
        await record_of(ports, Person, "ben"),
    ):
        moved = msgspec.structs.replace(record, platform="acceptance") if isinstance(record, Cpo) else record
        await own_store.commit(Change(writes=(Put(moved),)))
    faulty = Faulty(fold_paths(Litestar([router(ports, Bus(ports.store), Settings())], openapi_config=None)))
    async with serving(faulty) as url, client_of(url) as client:
        remote = RemotePlatform(Wire(client, Timing(sleep=instantly)), own_store, ports.clock, ports.ids, ABC)
        ours = replace(ports, store=own_store, platforms=OnePlatform(ports.platforms.builtin, {ABC: remote}))
        yield Rig(ours, ports, clock, faulty)


async def record_of(ports: Ports, kind: type, key: str) -> Any:
    found = await ports.store.get(kind, key)
    assert found is not None
    return found[0]
