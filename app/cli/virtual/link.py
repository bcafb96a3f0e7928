"""What the links of both versions share: a connection that hears, or does not, and the library's untyped decorators."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ocpp.routing import after, on

from app.cli.virtual.behaviours import Hearing
from app.cli.virtual.charger import Charger, Socket

Handler = TypeVar("Handler", bound=Callable[..., Any])

RESPONSE_SECONDS = 30
LATE_SECONDS = 40.0
CALL = 2


def answers(action: str) -> Callable[[Handler], Handler]:
    """The library's `on`, which is untyped."""
    decorate: Callable[[Handler], Handler] = on(action)
    return decorate


def afterwards(action: str) -> Callable[[Handler], Handler]:
    """The library's `after`: runs when the answer has been sent."""
    decorate: Callable[[Handler], Handler] = after(action)
    return decorate


class Heard:
    """Before the library's own class: lets through what a station of this behaviour hears."""

    charger: Charger

    async def route_message(self, frame: str) -> None:
        hears = self.charger.behaviour.hears
        if hears is Hearing.ANSWERS or (call_id := _call_id(frame)) is None:
            await self._routed(frame)
        elif hears is Hearing.REFUSES:
            await self._sent(json.dumps([4, call_id, "NotSupported", "not this station", {}]))
        elif hears is Hearing.LATE:
            asyncio.get_running_loop().call_later(LATE_SECONDS, self._later, frame)

    def _later(self, frame: str) -> None:
        linked: object = self.charger.link
        if linked is self:
            self._late = asyncio.ensure_future(self._routed(frame))

    async def _routed(self, frame: str) -> None:
        await super().route_message(frame)  # type: ignore[misc]  # of the library's class, which comes after

    async def _sent(self, frame: str) -> None:
        await self._send(frame)  # type: ignore[attr-defined]


def _call_id(frame: str) -> str | None:
    """The id of a CALL; None for an answer."""
    try:
        kind, call_id, *_ = json.loads(frame)
    except (ValueError, TypeError):
        return None
    return str(call_id) if kind == CALL else None


async def _boot_again(charger: Charger, socket: Socket | None) -> None:
    await charger.boot(again=True)


async def _beat_once(charger: Charger, socket: Socket | None) -> None:
    await charger.linked.heartbeat()


async def _status_again(charger: Charger, socket: Socket | None) -> None:
    if socket is None:
        await charger.report()
    else:
        await charger.linked.status(socket)


async def _meter_again(charger: Charger, socket: Socket | None) -> None:
    for each in [socket] if socket else charger.sockets.values():
        charger.draw(each)
        await charger.meter(each)


TRIGGERS: dict[str, Callable[[Charger, Socket | None], Awaitable[None]]] = {
    "BootNotification": _boot_again,
    "Heartbeat": _beat_once,
    "StatusNotification": _status_again,
    "MeterValues": _meter_again,
}
"""What a trigger asks for, by the message's name, which both versions have."""
