"""One connection of a station: correlation, deadlines and signs of life. Knows frames, and of OCPP only the boot.

A session lives exactly as long as its socket, so a reply can only belong to the socket that carried the CALL, and
what an old connection does late cannot touch a newer one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import Event

from app.domain.commands import ANSWERED, ChangeConfiguration, Command, CommandOutcome, CommandState
from app.domain.errors import NotFound, StationlinkError
from app.domain.live import OfflineReason
from app.domain.tuning import Bounds
from app.ocpp import frames
from app.ports import Admission, Attempt, Connection, Entrance, StationHost, Still

log = logging.getLogger("stationlink.ocpp")

SEEN_SECONDS = 60.0
MOST_LATE = 8
BOOT, ACCEPTED = "BootNotification", "Accepted"
"""The one message of OCPP that a session knows, by the name it has in every version."""


class Dialect(Protocol):
    """One OCPP version's messages: what a session does not know. `codes` are the error codes it spells otherwise."""

    @property
    def codes(self) -> Mapping[str, str]: ...

    async def answer(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The payload of the CALLRESULT, true and stored when this returns. Raises CallRefused."""
        ...

    def ask(self, command: Command) -> tuple[str, dict[str, Any]]:
        """The action and payload of the CALL. Raises ValueError for what breaks a limit of the standard."""
        ...

    def outcome(self, command: Command, payload: object) -> CommandOutcome:
        """What a station's CALLRESULT to this command means; without `raw`, which the session adds."""
        ...

    async def completed(self, asked: dict[str, Any], outcome: CommandOutcome, seconds: float) -> CommandOutcome:
        """The outcome with what the station sends after its answer to the payload `asked`, in so many seconds."""
        ...


class StationSocket(ServerConnection):
    """A connection that remembers who was let in, and when its last frame of any kind (pong included) arrived."""

    heard = 0.0
    admitted: tuple[Attempt, Admission] | None = None
    _opened = False

    def process_event(self, event: Event) -> None:
        self.heard = self.loop.time()
        super().process_event(event)

    def data_received(self, data: bytes) -> None:
        if not self._opened:
            self._opened = True
            data = _mended_request(data)
        super().data_received(data)


def _mended_request(data: bytes) -> bytes:
    """Encode the spaces and non-ASCII bytes of a request path, which stations with a mistyped id send as they are.

    The library drops such a request without a word; mended, it becomes a knock that somebody can see.
    """
    line, end, rest = data.partition(b"\r\n")
    method, _, tail = line.partition(b" ")
    path, _, protocol = tail.rpartition(b" ")
    if not end or not protocol.startswith(b"HTTP/"):
        return data
    mended = b"".join(b"%%%02X" % byte if byte <= 0x20 or byte >= 0x7F else bytes([byte]) for byte in path)
    return method + b" " + mended + b" " + protocol + end + rest


class _Pending(Struct, frozen=True):
    """The CALL of ours that waits for its answer."""

    message_id: str
    command: Command
    answered: asyncio.Future[CommandOutcome]


def _shown(command: Command, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as evidence may show it: without a secret, wherever the version puts it."""
    secret = isinstance(command, ChangeConfiguration) and command.secret
    return {key: _hidden(key, value) for key, value in payload.items()} if secret else payload


def _hidden(key: str, value: Any) -> Any:
    if key in ("value", "attributeValue"):
        return "..."
    if isinstance(value, list):
        return [_hidden(key, each) for each in value]
    return {name: _hidden(name, each) for name, each in value.items()} if isinstance(value, dict) else value


class Session:
    """Serves one accepted socket until it ends; carries one CALL at a time to the station, each with a deadline."""

    def __init__(
        self,
        socket: StationSocket,
        connection: Connection,
        dialect: Dialect,
        bounds: Bounds,
        host: StationHost,
        *,
        overheard: Callable[[str], None],
    ) -> None:
        self.socket = socket
        self.connection = connection
        self._dialect = dialect
        self._bounds = bounds
        self._host = host
        self._numbers = count(1)
        self._overheard = overheard
        self._accepted = False
        self._spoke = False
        self._stored = socket.loop.time()
        self._end: asyncio.Future[OfflineReason] = socket.loop.create_future()
        self._speaking = asyncio.Lock()
        self._pending: _Pending | None = None
        self._late: deque[str] = deque(maxlen=MOST_LATE)
        self.ready = asyncio.Event()
        self.gone = asyncio.Event()

    def enter(self, entrance: Entrance) -> None:
        """It is this station's socket from now on."""
        self._accepted, self._spoke = entrance.accepted, False
        self._bounds = self._bounds.tuned(entrance.tuning)
        self.socket.close_timeout = self._bounds.close

    @property
    def quiet(self) -> float:
        """Seconds since the last frame of any kind."""
        return self.socket.loop.time() - self.socket.heard

    def end(self, reason: OfflineReason) -> None:
        """Stop serving; the first reason counts."""
        if not self._end.done():
            self._end.set_result(reason)

    async def run(self) -> OfflineReason:
        """Serve until the socket ends, is silent for too long, or `end`; the caller closes the socket."""
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_alive())]
        for task in tasks:
            task.add_done_callback(self._end_if_broken)
        try:
            return await self._end
        finally:
            for task in tasks:
                task.cancel()
            self._forsake()
            self.ready.set()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    log.error("session of %s broke", self.connection.charge_station_id, exc_info=outcome)

    def _end_if_broken(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.end(OfflineReason.LOST)

    # --- the station speaks ------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            while True:
                await self._handle(await self.socket.recv())
        except ConnectionClosed as closed:
            self.end(OfflineReason.CLOSED if closed.rcvd else OfflineReason.LOST)

    async def _handle(self, frame: str | bytes) -> None:
        try:
            message = frames.read(frame)
        except frames.Malformed as fault:
            await self.socket.send(self._refusal(fault.message_id, fault))
            return
        text = frame if isinstance(frame, str) else ""
        self._overheard(text)
        if isinstance(message, frames.CallFrame):
            answer = await self._answer(message)
            await self.socket.send(answer)
            self._overheard(answer)
        elif message is not None:
            self._settle(message, text)
            await self._note_late(str(message.id))

    async def _answer(self, call: frames.CallFrame) -> str:
        """The answering frame. A fault of ours is an InternalError, so that the station keeps what it wanted to say."""
        station = self.connection.charge_station_id
        try:
            answer = await self._dialect.answer(call.action, call.payload)
            await self._note_spoken(call.action, answer)
            return frames.result(call.id, answer)
        except frames.CallRefused as refused:
            return self._refusal(call.id, refused)
        except NotFound:
            log.info("%s is not known any more", station)
            self.end(OfflineReason.CLOSED)
            return frames.error(call.id, frames.INTERNAL_ERROR, "this station is not known any more")
        except StationlinkError as error:
            log.warning("%s from %s could not be stored: %s", call.action, station, error.code)
            return frames.error(call.id, frames.INTERNAL_ERROR, "not possible now; please send it again")
        except Exception:
            log.exception("%s from %s failed", call.action, station)
            return frames.error(call.id, frames.INTERNAL_ERROR, "an internal error")

    async def _note_spoken(self, action: str, answer: dict[str, Any]) -> None:
        """The line is open for commands from an accepted boot on; a station that was accepted before may skip it."""
        if action == BOOT:
            if answer.get("status") == ACCEPTED:
                self._spoke = True
                self.ready.set()
        elif not self._spoke:
            await self._host.spoke(self.connection.charge_station_id, self.connection.id)
            self._spoke = True
            if self._accepted:
                self.ready.set()

    def _refusal(self, message_id: frames.MessageId, refused: frames.CallRefused) -> str:
        code = self._dialect.codes.get(refused.code, refused.code)
        return frames.error(message_id, code, refused.description)

    # --- we speak ----------------------------------------------------------------------------------------------------

    async def send(self, command: Command, seconds: float, still: Still | None = None) -> CommandOutcome:
        """Send it when the station has booted (pitfall 10) and the one before it is settled, and wait for its answer;
        `seconds` bounds all of it. Raises what `still` raises, of one that had to wait."""
        action, payload = self._dialect.ask(command)
        message_id = str(next(self._numbers))
        shown = frames.call(message_id, action, _shown(command, payload))
        sent, ends = False, self.socket.loop.time() + seconds
        waits = not self.ready.is_set() or self._speaking.locked()
        try:
            async with asyncio.timeout(seconds):
                await self.ready.wait()
                async with self._speaking:
                    if still is not None and waits:
                        await still()
                    if self._end.done():
                        return CommandOutcome(state=CommandState.OFFLINE)
                    sent = True
                    self._overheard(shown)
                    outcome = await self._exchange(message_id, command, frames.call(message_id, action, payload))
        except TimeoutError:
            if sent:
                self._late.append(message_id)
                await self._note_ear(answered=False)
            return CommandOutcome(state=CommandState.TIMEOUT, raw=(shown,) if sent else ())
        except ConnectionClosed:
            return CommandOutcome(state=CommandState.OFFLINE, raw=(shown,))
        if outcome.state in ANSWERED:
            await self._note_ear(answered=True)
        outcome = await self._dialect.completed(payload, outcome, ends - self.socket.loop.time())
        return replace(outcome, raw=(shown, *outcome.raw))

    async def _note_late(self, message_id: str) -> None:
        """An answer after its deadline is nobody's, and shows all the same that the station hears."""
        if message_id in self._late:
            self._late.remove(message_id)
            await self._note_ear(answered=True)

    async def _note_ear(self, *, answered: bool) -> None:
        try:
            await self._host.ear(self.connection.charge_station_id, self.connection.id, answered)
        except StationlinkError as error:
            log.warning("%s: what it hears is not stored: %s", self.connection.charge_station_id, error.code)

    async def _exchange(self, message_id: str, command: Command, text: str) -> CommandOutcome:
        """A late answer finds nothing pending and is ignored."""
        self._pending = _Pending(message_id, command, self.socket.loop.create_future())
        try:
            await self.socket.send(text)
            return await self._pending.answered
        finally:
            self._pending = None

    def _settle(self, reply: frames.ResultFrame | frames.ErrorFrame, text: str) -> None:
        pending = self._pending
        if pending is None or pending.message_id != str(reply.id) or pending.answered.done():
            return
        if isinstance(reply, frames.ResultFrame):
            outcome = self._dialect.outcome(pending.command, reply.payload)
        else:
            unknown = reply.code in (frames.NOT_IMPLEMENTED, frames.NOT_SUPPORTED)
            state = CommandState.NOT_IMPLEMENTED if unknown else CommandState.ERROR
            outcome = CommandOutcome(state=state, status=reply.code[:50])
        pending.answered.set_result(replace(outcome, raw=(text,)))

    def _forsake(self) -> None:
        """The socket is gone, and with it the answer."""
        if self._pending is not None and not self._pending.answered.done():
            self._pending.answered.set_result(CommandOutcome(state=CommandState.OFFLINE))

    # --- life --------------------------------------------------------------------------------------------------------

    async def _keep_alive(self) -> None:
        """Ping after silence. Without any frame within the bound the socket is dead, whatever TCP believes.

        A socket that closes properly is `_listen`'s to report.
        """
        with suppress(ConnectionClosed):
            while True:
                await self._note_seen()
                if (quiet := self.quiet) < self._bounds.ping:
                    await asyncio.sleep(self._bounds.ping - quiet)
                elif not await (self._answers_ping() if self._bounds.pongs else self._is_heard()):
                    self.end(OfflineReason.PING_FAILED)
                    return

    async def _answers_ping(self) -> bool:
        """A ping that cannot even be written (a full buffer) is one that was not answered."""
        asked = self.socket.loop.time()
        try:
            async with asyncio.timeout(self._bounds.pong):
                await (await self.socket.ping())
        except TimeoutError:
            return self.socket.heard >= asked  # uvloop's clock stands still within a millisecond
        return True

    async def _is_heard(self) -> bool:
        """A pong that nobody asked for keeps proxies from cutting the line, and wants no answer (RFC 6455 5.5.3)."""
        quiet = self.quiet
        with suppress(TimeoutError):
            async with asyncio.timeout(self._bounds.pong):
                await self.socket.pong()
        await asyncio.sleep(max(0.0, min(self._bounds.ping, self._bounds.silence - quiet)))
        return self.quiet < self._bounds.silence

    async def _note_seen(self) -> None:
        """Store a sign of life once a minute at most; one that cannot be stored is no reason to hang up."""
        if self.socket.heard - self._stored < SEEN_SECONDS:
            return
        self._stored = self.socket.heard
        try:
            await self._host.seen(self.connection.charge_station_id, self.connection.id)
        except StationlinkError as error:
            log.warning("%s: sign of life not stored: %s", self.connection.charge_station_id, error.code)
