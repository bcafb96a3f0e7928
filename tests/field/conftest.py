"""A phone in a test: a signed-in client of the whole phone API over the real store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.actions.commanding import Commanding
from app.actions.people import TOKEN_ALPHABET
from app.actions.trials.running import Trials
from app.bus import Bus
from app.domain.people import Device, keyed_digest
from app.field.openapi import part
from app.field.routes import router
from app.ports import Change, Ports, Put
from app.settings import Settings
from app.web.openapi import document
from app.web.sessions import COOKIE
from tests.fakes import FakeClock
from tests.schemas import Schemas

HOOKS: dict[str, list[Any]] = {"response": [Schemas(document("0", [part()])).hold]}
HEADER = {"X-Stationlink": "phone"}


class Phone:
    """One person's phone. `do` sends operations as its outbox would, `ok` insists that they are accepted."""

    def __init__(self, client: httpx.AsyncClient, cookie: str | None, clock: FakeClock) -> None:
        self.client = client
        self.clock = clock
        self.headers = HEADER | ({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})
        self._count = 0

    async def get(self, path: str, **query: Any) -> Any:
        return await self.client.get(f"/field{path}", params=query or None, headers=self.headers)

    async def post(self, path: str, body: Any) -> Any:
        return await self.client.post(f"/field{path}", json=body, headers=self.headers)

    def operation(self, kind: str, commissioning: str | None = "c-0000-1", **body: Any) -> dict[str, Any]:
        self._count += 1
        made_at = self.clock.now().isoformat()
        who = self.headers.get("Cookie", "")[-6:]
        return {
            "id": f"op-{who}-{self._count:04d}",
            "kind": kind,
            "made_at": made_at,
            "commissioning_id": commissioning,
            "body": body,
        }

    async def do(self, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.post("/sync", {"operations": list(operations)})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    async def ok(self, kind: str, commissioning: str | None = "c-0000-1", **body: Any) -> None:
        (result,) = await self.do(self.operation(kind, commissioning, **body))
        assert result["state"] == "accepted", result

    async def refused(self, kind: str, commissioning: str | None = "c-0000-1", **body: Any) -> dict[str, Any]:
        (result,) = await self.do(self.operation(kind, commissioning, **body))
        assert result["state"] == "refused", result
        return result

    async def view(self, commissioning: str = "c-0000-1") -> dict[str, Any]:
        answer = await self.get(f"/commissionings/{commissioning}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def check(self, key: str, commissioning: str = "c-0000-1") -> dict[str, Any]:
        return next(c for c in (await self.view(commissioning))["checks"] if c["key"] == key)


class Phones:
    """Signs people in without the join flow, which has tests of its own."""

    def __init__(self, client: httpx.AsyncClient, ports: Ports, clock: FakeClock) -> None:
        self.client = client
        self._ports = ports
        self._clock = clock

    async def of(self, person_id: str) -> Phone:
        cookie = self._ports.ids.text(TOKEN_ALPHABET, 40)
        digest = keyed_digest(self._ports.digest_key, f"device:{cookie}")
        now = self._clock.now()
        device = Device(
            digest=digest, id=f"{person_id}-phone", person_id=person_id, name="phone", created=now, seen=now
        )
        await self._ports.store.commit(Change(writes=(Put(device),)))
        return Phone(self.client, cookie, self._clock)

    def nobody(self) -> Phone:
        return Phone(self.client, None, self._clock)


@pytest.fixture
async def bus(ports: Ports) -> Bus:
    return Bus(ports.store, poll_seconds=0.05)


@pytest.fixture
async def tailing(bus: Bus) -> AsyncIterator[Bus]:
    """The bus with its tailer at work."""
    task = asyncio.create_task(bus.run())
    yield bus
    bus.stop()
    await task


@pytest.fixture
async def trials(ports: Ports, bus: Bus) -> AsyncIterator[Trials]:
    running = Trials(ports, bus, seconds=5, command_seconds=5)
    yield running
    await running.stop()


@pytest.fixture
async def commanding(ports: Ports, bus: Bus) -> AsyncIterator[Commanding]:
    running = Commanding(ports, bus, seconds=5)
    yield running
    await running.stop()


@pytest.fixture
async def phones(
    ports: Ports, bus: Bus, trials: Trials, commanding: Commanding, clock: FakeClock
) -> AsyncIterator[Phones]:
    app = Litestar([router(ports, bus, Settings(sse_keepalive_seconds=0.2), trials, commanding)])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local", event_hooks=HOOKS) as client:
        yield Phones(client, ports, clock)


@pytest.fixture
async def phone(phones: Phones) -> Phone:
    return await phones.of("anna")
