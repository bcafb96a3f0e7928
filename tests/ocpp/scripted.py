"""A station that does what a test says: it answers what it is asked from a table, and asks when it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.ocpp.conftest import BOOT, STATION, World

Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]] | None
"""None is silence."""

WILLING: dict[str, Answer] = {
    "GetConfiguration": {},
    "TriggerMessage": {"status": "Accepted"},
    "ChangeConfiguration": {"status": "Accepted"},
    "UnlockConnector": {"status": "Unlocked"},
    "RemoteStartTransaction": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
    "Reset": {"status": "Accepted"},
}


class Scripted:
    """`asked` has every CALL that came, as action and payload; `before` and `then` run around the answer to one."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Answer] = dict(WILLING)
        self.before: dict[str, Callable[[], Any]] = {}
        self.then: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self._doing: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self._socket:
                kind, message_id, *rest = json.loads(text)
                if kind == 2:
                    await self._answer(message_id, *rest)
                else:
                    self._waiting.pop(message_id).set_result(rest[0])

    async def _answer(self, message_id: str, action: str, payload: dict[str, Any]) -> None:
        self.asked.append((action, payload))
        answer = self.answers.get(action)
        if answer is None:
            return
        task = asyncio.create_task(self._say(message_id, action, answer, payload))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _say(self, message_id: str, action: str, answer: Any, payload: dict[str, Any]) -> None:
        """Beside what it hears meanwhile: something may be said before an answer."""
        if action in self.before:
            await self.before[action]()
        said = answer(payload) if callable(answer) else answer
        await self._socket.send(json.dumps([3, message_id, said]))
        if action in self.then:
            await self.then[action](payload)

    async def ask(self, action: str, payload: dict[str, Any]) -> Any:
        message_id = f"s{next(self._numbers)}"
        self._waiting[message_id] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        async with asyncio.timeout(10):
            return await self._waiting[message_id]

    async def boot(self, *connectors: int, **plate: str) -> None:
        await self.ask("BootNotification", BOOT | plate)
        for connector in (0, *connectors):
            await self.status(connector)

    async def status(self, connector: int, status: str = "Available", error: str = "NoError") -> None:
        await self.ask("StatusNotification", {"connectorId": connector, "status": status, "errorCode": error})

    async def begin(self, connector: int, card: str = "TESTCARD", meter: int = 0) -> int:
        said = {"connectorId": connector, "idTag": card, "meterStart": meter, "timestamp": "2026-03-02T08:00:00Z"}
        answer = await self.ask("StartTransaction", said)
        await self.status(connector, "Charging")
        return int(answer["transactionId"])

    async def meter(self, connector: int, transaction: int, wh: int) -> None:
        value = {"timestamp": "2026-03-02T08:01:00Z", "sampledValue": [{"value": str(wh)}]}
        said = {"connectorId": connector, "transactionId": transaction, "meterValue": [value]}
        await self.ask("MeterValues", said)

    async def finish(self, connector: int, transaction: int, wh: int) -> None:
        said = {"transactionId": transaction, "meterStop": wh, "timestamp": "2026-03-02T08:02:00Z"}
        await self.ask("StopTransaction", said)
        await self.status(connector, "Available")

    async def leave(self) -> None:
        await self._socket.close()


@asynccontextmanager
async def scripted(
    world: World,
    charge_station_id: str = STATION,
    *connectors: int,
    prepare: Callable[[Scripted], None] = lambda _: None,
) -> AsyncIterator[Scripted]:
    """Connected, booted, and with these connectors reported; `prepare` says what it does from its first moment."""
    async with world.client(charge_station_id) as client:
        station = Scripted(client.socket)
        prepare(station)
        serving = asyncio.create_task(station.serve())
        try:
            await station.boot(*(connectors or (1, 2)))
            yield station
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def configured(**values: str) -> Answer:
    """GetConfiguration of a station that has these keys."""

    def answer(payload: dict[str, Any]) -> dict[str, Any]:
        wanted = payload.get("key") or list(values)
        lines = [{"key": key, "readonly": False, "value": values[key]} for key in wanted if key in values]
        return {"configurationKey": lines, "unknownKey": [key for key in wanted if key not in values]}

    return answer
