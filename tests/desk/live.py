"""The desk behind a real socket, and a real browser before it: for streams, swaps and print."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, async_playwright

from app.bus import Bus
from app.desk.routes import router
from app.ports import Ports
from app.settings import Settings
from app.web.security import with_headers
from app.web.sessions import COOKIE
from app.web.statics import static_routes
from tests.desk.conftest import Desk

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


class Server:
    """Started and stopped by a test, on the same port again if it wants."""

    def __init__(self, ports: Ports, bus: Bus) -> None:
        self._app = with_headers(Litestar([router(ports, bus, Settings()), *static_routes(ROOT / "static")]))
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        config = uvicorn.Config(
            self._app, host="127.0.0.1", port=self.port, log_level="warning", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(10):
            while not self._server.started:
                await asyncio.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


@pytest.fixture
async def server(ports: Ports, bus: Bus) -> AsyncIterator[Server]:
    tail = asyncio.create_task(bus.run())
    running = Server(ports, bus)
    await running.start()
    yield running
    bus.stop()
    await running.stop()
    await tail


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield opened
        await opened.close()


async def context_of(browser: Browser, server: Server, desk: Desk) -> BrowserContext:
    """A browser signed in as this desk's person."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    cookie = desk.headers["Cookie"].removeprefix(f"{COOKIE}=")
    await context.add_cookies([{"name": COOKIE, "value": cookie, "url": server.address}])
    return context
