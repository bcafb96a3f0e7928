"""Hears that another process has committed: LISTEN on a connection of its own, made again whenever it is lost."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from app.store.postgres_connections import CHANNEL, Connection, connect

RETRY_SECONDS = 0.5


class Listener:
    """`heard` is told the server's process of each notification, and 0 when some may have been missed."""

    def __init__(self, database: str, heard: Callable[[int], None]) -> None:
        self._database = database
        self._heard = heard
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listening when it returns. Raises what the driver raises."""
        connection = await self._listen()
        self._task = asyncio.create_task(self._run(connection))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, connection: Connection) -> None:
        while True:
            try:
                await self._lost(connection)
            finally:
                with suppress(Exception):
                    await connection.close(timeout=2)
            connection = await self._again()
            self._heard(0)

    async def _listen(self) -> Connection:
        connection = await connect(self._database)
        await connection.add_listener(CHANNEL, self._notified)
        return connection

    async def _again(self) -> Connection:
        while True:
            try:
                return await self._listen()
            except Exception:  # whoever reads or writes meanwhile is told why
                await asyncio.sleep(RETRY_SECONDS)

    def _notified(self, _connection: Any, pid: int, _channel: str, _payload: object) -> None:
        self._heard(pid)

    async def _lost(self, connection: Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        if not connection.is_closed():
            await lost.wait()
