"""What a supervisor asks: ready only while the store commits and stations are heard."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from app.store.sqlite import SqliteStore
from app.web.health import health_routes


class Listener:
    """The OCPP listener's answer."""

    def __init__(self) -> None:
        self.on = True


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def client(store: SqliteStore, listener: Listener) -> AsyncIterator[AsyncClient]:
    app = Litestar(health_routes(store, lambda: listener.on))
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://testserver.local") as opened:
        yield opened


async def test_ready_while_the_store_commits_and_stations_are_heard(client: AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


async def test_not_ready_without_the_ocpp_listener(client: AsyncClient, listener: Listener) -> None:
    listener.on = False
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "because": "ocpp"})


async def test_not_ready_without_a_writer_but_alive(client: AsyncClient, store: SqliteStore) -> None:
    await store.close()
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "because": "store"})
    assert (await client.get("/health/live")).status_code == 200
