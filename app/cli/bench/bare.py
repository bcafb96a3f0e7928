"""The peer: the `ocpp` library on a `websockets` server, without storage, validation, passwords or deflate."""

import logging
from datetime import UTC, datetime
from typing import Any

import uvloop
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import Action, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Bare(ChargePoint):  # type: ignore[misc]  # the library has no types
    """Answers what the crowd says."""

    @on(Action.boot_notification, skip_schema_validation=True)  # type: ignore[untyped-decorator]
    def on_boot(self, **_: Any) -> call_result.BootNotification:
        return call_result.BootNotification(current_time=_now(), interval=300, status=RegistrationStatus.accepted)

    @on(Action.heartbeat, skip_schema_validation=True)  # type: ignore[untyped-decorator]
    def on_heartbeat(self) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=_now())

    @on(Action.status_notification, skip_schema_validation=True)  # type: ignore[untyped-decorator]
    def on_status(self, **_: Any) -> call_result.StatusNotification:
        return call_result.StatusNotification()

    @on(Action.meter_values, skip_schema_validation=True)  # type: ignore[untyped-decorator]
    def on_meter(self, **_: Any) -> call_result.MeterValues:
        return call_result.MeterValues()


async def _attend(connection: ServerConnection) -> None:
    assert connection.request is not None
    try:
        await Bare(connection.request.path, connection).start()
    except ConnectionClosed:
        return


async def _main() -> None:
    subprotocols = [Subprotocol("ocpp1.6")]
    async with serve(_attend, "127.0.0.1", 0, subprotocols=subprotocols, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    uvloop.run(_main())
