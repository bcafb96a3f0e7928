"""Commands through a vendor's Remote Commands module: accepted at once, their result read until it is there (11.5)."""

from typing import Any

import msgspec
from msgspec import Struct

from app.domain.commands import Command, CommandOutcome, CommandState, Reset
from app.domain.errors import PlatformKeyRefused, PlatformUnavailable
from app.platforms.remote.heads import document
from app.platforms.remote.noticing import sight
from app.platforms.remote.reading import STATIONS, Reading, path_of
from app.platforms.remote.wire import Answer

COMMANDS = "/api/1.0/remotecommands"
LOOK_EVERY = 2.0
STATES = {
    "ACCEPTED": CommandState.ACCEPTED,
    "PENDING": CommandState.ACCEPTED,
    "NOT_SUPPORTED": CommandState.NOT_IMPLEMENTED,
    "TIMEOUT": CommandState.TIMEOUT,
}
"""By the platform's word; what is not here is a refusal. Validated and still pending is on its way to the station."""


class Told(Struct):
    result: str = ""
    charge_station_notification_id: str = ""


class Commanding(Reading):
    """See `ports.SendsCommands`: of all commands RESET."""

    async def send(self, charge_station_id: str, command: Command, *, timeout: float) -> CommandOutcome:
        if not isinstance(command, Reset):
            return CommandOutcome(state=CommandState.NOT_IMPLEMENTED)
        body = {"charge_station_id": charge_station_id, "type": "Hard" if command.hard else "Soft"}
        raw = [f"RESET {msgspec.json.encode(body).decode()}"]
        try:
            told = _told(await self._wire.call("POST", f"{COMMANDS}/RESET", body=body), raw)
            if told.result == "ACCEPTED" and told.charge_station_notification_id:
                told = await self._result(charge_station_id, told, timeout, raw)
        except PlatformKeyRefused:
            return CommandOutcome(state=CommandState.NOT_IMPLEMENTED, raw=tuple(raw))
        except PlatformUnavailable as error:
            return CommandOutcome(state=CommandState.TIMEOUT, raw=(*raw, error.message))
        return CommandOutcome(state=STATES.get(told.result, CommandState.REJECTED), raw=tuple(raw))

    async def _result(self, charge_station_id: str, told: Told, timeout: float, raw: list[str]) -> Told:
        """What became of it; as accepted while nobody knows."""
        station = await self._wire.call("GET", path_of(STATIONS, charge_station_id))
        evses = sight(station.one()).evses if station.accepted else None
        uid = next((evse.uid for evse in evses or [] if evse.uid), charge_station_id)
        path = path_of(path_of(COMMANDS, uid), told.charge_station_notification_id)
        for _ in range(max(1, int(timeout / LOOK_EVERY))):
            answer = await self._wire.call("GET", path)
            if not answer.accepted:
                return told
            found = _told(answer, [])
            if found.result not in ("PENDING", ""):
                raw.append(f"{found.result}")
                return found
            await self._wire.pause(LOOK_EVERY)
        return told


def _told(answer: Answer, raw: list[str]) -> Told:
    """A refusal has its word in `data` as well, in whatever case."""
    rows = answer.received()
    data: dict[str, Any] = document(rows[0]) if rows else {}
    result = str(data.get("result") or ("ACCEPTED" if answer.accepted else "REJECTED")).upper()
    raw.append(result if answer.accepted else f"{result}: {answer.message}")
    return Told(result, str(data.get("charge_station_notification_id") or ""))
