"""The OCPP listener: who is let in, which socket of a station is the one, and commands to it.

Its own port and its own websockets server: inside ASGI a refusal is always 403 and pings never reach the application.
"""

import asyncio
import logging
import secrets
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from weakref import WeakValueDictionary

from msgspec.structs import replace
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from app.domain.commands import Command, CommandOutcome, CommandState
from app.domain.errors import NotFound, StationlinkError
from app.domain.knocks import canonical
from app.domain.live import KnockReason, OfflineReason
from app.domain.model import ProtocolVersion
from app.ocpp import held, knocks, v16, v201
from app.ocpp.payloads import StationDialect, heartbeat_interval
from app.ocpp.reconciling import Reconciling
from app.ocpp.session import Session, StationSocket
from app.ocpp.settling import Settling
from app.ports import Admission, Attempt, Clock, Connection, StationHost, Still
from app.settings import Settings

log = logging.getLogger("stationlink.ocpp")
wire_log = logging.getLogger("stationlink.ocpp.socket")
wire_log.setLevel(logging.WARNING)  # at DEBUG the library writes whole frames and Authorization headers

MOST_BYTES = 131_072
OPEN_SECONDS = 30.0
"""For a handshake: when a whole fleet comes back at once, it waits in line."""
RETRY_SECONDS = 1.0

REFUSALS = {
    KnockReason.UNKNOWN_ID: HTTPStatus.NOT_FOUND,
    KnockReason.BAD_ID: HTTPStatus.BAD_REQUEST,
    KnockReason.NO_PASSWORD: HTTPStatus.UNAUTHORIZED,
    KnockReason.WRONG_PASSWORD: HTTPStatus.UNAUTHORIZED,
    KnockReason.HEX_PASSWORD: HTTPStatus.UNAUTHORIZED,
    KnockReason.WRONG_USER: HTTPStatus.UNAUTHORIZED,
}
CLOSINGS = {
    OfflineReason.REPLACED: (1008, "replaced by a newer connection"),
    OfflineReason.PASSWORD_CHANGED: (1008, "the password was changed"),
    OfflineReason.PING_FAILED: (1011, "no answer to ping"),
    OfflineReason.SERVER_RESTART: (1012, "the server restarts"),
}

DIALECTS: dict[str, tuple[ProtocolVersion, type[StationDialect]]] = {
    v201.SUBPROTOCOL: (ProtocolVersion.OCPP201, v201.Dialect201),
    v16.SUBPROTOCOL: (ProtocolVersion.OCPP16, v16.Dialect16),
}
"""By subprotocol, the best first: of those that a station offers, the best is spoken."""


class Gateway:
    """Listens for stations and implements `ports.Commands` for those connected here.

    One event loop owns it; everything durable happens in the StationHost.
    """

    def __init__(self, host: StationHost, settings: Settings, clock: Clock) -> None:
        self._host = host
        self._settings = settings
        self._clock = clock
        self._trusted = knocks.networks(settings.trusted_proxies)
        self._sessions: dict[str, Session] = {}
        self._listeners: dict[str, list[Callable[[str], None]]] = {}
        self._held = held.HeldStations()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._node = secrets.token_hex(4)
        self._bounds = settings.ocpp_bounds
        self._settling = Settling(host, settings.ocpp_settle_seconds, settings.ocpp_command_seconds)
        self.reconciling = Reconciling(host, self._node, self._sessions, self._turn)
        self._stopping = asyncio.Event()
        self._server: Server | None = None
        self._secure: Server | None = None

    @property
    def port(self) -> int:
        """The port listened on, also when the setting was 0."""
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    @property
    def tls_port(self) -> int:
        """As `port`, of the listener with TLS."""
        assert self._secure is not None
        return int(next(iter(self._secure.sockets)).getsockname()[1])

    @property
    def listening(self) -> bool:
        """Whether a station that connects now would be heard."""
        return self._server is not None and all(server.is_serving() for server in self._servers())

    async def start(self) -> None:
        """Every station is offline until it returns. Raises OSError when a port is taken or a certificate unusable."""
        settings, tls = self._settings, None
        if settings.ocpp_tls_port is not None:
            tls = tls_context(settings.ocpp_tls_cert, settings.ocpp_tls_key)
        await self._host.all_offline(OfflineReason.SERVER_RESTART)
        self._book = knocks.KnockBook(asyncio.get_running_loop().time)
        self._server = await self._listen(settings.ocpp_port)
        if settings.ocpp_tls_port is not None:
            self._secure = await self._listen(settings.ocpp_tls_port, tls)
        seconds = self._settings.ocpp_reconcile_seconds
        self._comparing = asyncio.create_task(self.reconciling.now_and_then(seconds, self._stopping))

    async def _listen(self, port: int, context: ssl.SSLContext | None = None) -> Server:
        return await serve(
            self._serve,
            self._settings.host,
            port,
            ssl=context,
            select_subprotocol=_select,
            process_request=self._admit,
            process_response=self._note_unopened,
            compression=None,
            server_header=None,
            ping_interval=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=self._settings.ocpp_close_seconds,
            max_size=MOST_BYTES,
            logger=wire_log,
            create_connection=StationSocket,
        )

    def _servers(self) -> list[Server]:
        return [server for server in (self._server, self._secure) if server is not None]

    async def stop(self) -> None:
        """Close every socket; all stations are offline when this returns."""
        if self._server is None:
            return
        self._stopping.set()
        await self._comparing
        for session in list(self._sessions.values()):
            session.end(OfflineReason.SERVER_RESTART)
        self._held.end_all()
        for server in self._servers():
            server.close(code=1012, reason="the server restarts")
        for server in self._servers():
            await server.wait_closed()
        await self._host.all_offline(OfflineReason.SERVER_RESTART)

    # --- the door ----------------------------------------------------------------------------------------------------

    async def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        """Answer the handshake of a station that may not come in; None lets it go on."""
        if "websocket" not in ",".join(request.headers.get_all("Upgrade")).lower():
            return None
        attempt, readable = self._attempt(socket, request)
        try:
            admission = await self._host.admit(attempt) if readable else Admission(reason=KnockReason.BAD_ID)
            times = 1 if admission.accepted else self._book.worth_a_row(attempt)
            comes_in = admission.accepted or (times > 0 and self._may_be_held(attempt, admission))
            if times and not comes_in:
                await self._host.knocked(replace(attempt, times=times), admission)
        except StationlinkError as error:
            log.warning("%s could not be let in: %s", attempt.identity, error.code)
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Not possible now; try again.\n")
        if not comes_in:
            return _refusal(socket, admission.reason)
        assert isinstance(socket, StationSocket)
        socket.admitted = replace(attempt, times=times), admission
        return None

    def _may_be_held(self, attempt: Attempt, admission: Admission) -> bool:
        unknown = self._settings.ocpp_hold_unknown and admission.reason is KnockReason.UNKNOWN_ID
        speaks = not DIALECTS.keys().isdisjoint(attempt.subprotocols)
        return unknown and speaks and self._held.has_room(attempt.address)

    async def _note_unopened(self, socket: ServerConnection, request: Request, response: Response) -> None:
        """What asks for a station's address without being a WebSocket is a knock too: a browser, a wrong setting."""
        assert isinstance(socket, StationSocket)
        opened = response.status_code == HTTPStatus.SWITCHING_PROTOCOLS
        refused = bool(request.headers.get_all("Upgrade")) and socket.admitted is None
        if opened or refused:
            return
        attempt, readable = self._attempt(socket, request)
        if readable:
            with suppress(StationlinkError):
                await self._note(attempt, Admission(reason=KnockReason.NOT_WEBSOCKET))

    def _attempt(self, socket: ServerConnection, request: Request) -> tuple[Attempt, bool]:
        peer = socket.remote_address
        secure = socket.transport.get_extra_info("ssl_object") is not None
        return knocks.attempt(request, str(peer[0]) if peer else "", self._trusted, secure=secure)

    async def _note(self, attempt: Attempt, admission: Admission) -> None:
        if times := self._book.worth_a_row(attempt):
            await self._host.knocked(replace(attempt, times=times), admission)

    # --- inside ------------------------------------------------------------------------------------------------------

    async def _serve(self, socket: ServerConnection) -> None:
        assert isinstance(socket, StationSocket) and socket.admitted is not None
        attempt, admission = socket.admitted
        if socket.subprotocol is None:
            reason = KnockReason.WRONG_SUBPROTOCOL if attempt.subprotocols else KnockReason.NO_SUBPROTOCOL
            await self._turn_away(socket, attempt, replace(admission, reason=reason))
            return
        if not admission.accepted:
            await self._hold(socket, attempt, admission)
            return
        session = self._session(socket, attempt, admission)
        try:
            await self._enter(session)
        except StationlinkError as error:
            log.warning("%s could not be connected: %s", admission.charge_station_id, error.code)
            await socket.close(1008 if isinstance(error, NotFound) else 1013, "not possible now")
            return
        await self._attend(session)

    async def _hold(self, socket: StationSocket, attempt: Attempt, admission: Admission) -> None:
        """Pending until a person adopts it, it goes, or it has waited long enough."""
        reason = OfflineReason.CLOSED
        if self._held.has_room(attempt.address) and not self._stopping.is_set():
            try:
                knock_id = await self._host.knocked(attempt, admission, held=True)
            except StationlinkError as error:
                log.warning("%s could not be held: %s", attempt.identity, error.code)
            else:
                waiting = held.Waiting(self._host, attempt, knock_id)
                known_as = replace(admission, charge_station_id=canonical(attempt.identity))
                reason = await self._held.serve(self._session(socket, attempt, known_as, waiting), waiting)
        await socket.close(*held.closing(reason))

    async def _turn_away(self, socket: StationSocket, attempt: Attempt, admission: Admission) -> None:
        with suppress(StationlinkError):
            await self._note(attempt, admission)
        await socket.close(1002, "subprotocol " + " or ".join(DIALECTS) + " expected")

    def _session(
        self, socket: StationSocket, attempt: Attempt, admission: Admission, waiting: held.Waiting | None = None
    ) -> Session:
        host: StationHost = waiting or self._host
        charge_station_id = str(admission.charge_station_id)
        version, dialect = DIALECTS[str(socket.subprotocol)]
        connection = Connection(
            id=f"{self._node}/{socket.id}",
            charge_station_id=charge_station_id,
            address=attempt.address,
            endpoint=attempt.endpoint,
            protocol_version=version,
            attempt=attempt,
            auth=admission.auth,
        )
        seconds = held.BOOT_AGAIN_SECONDS if waiting else self._settings.ocpp_heartbeat_seconds
        interval = heartbeat_interval(seconds, charge_station_id)
        session = Session(
            socket,
            connection,
            dialect(host, self._clock, charge_station_id, connection.id, interval),
            self._bounds,
            host,
            overheard=lambda frame: self._overheard(charge_station_id, frame),
        )
        if waiting is not None:
            session.ready.set()  # of one that is Pending anything may be asked
        return session

    async def _enter(self, session: Session) -> None:
        """Become this station's socket. In turn, so that the one stored last is the one that came last."""
        station = session.connection.charge_station_id
        async with self._turn(station):
            session.enter(await self._host.connected(session.connection))
            old = self._sessions.get(station)
            self._sessions[station] = session
        log.info("%s connected from %s", station, session.connection.address)
        if old is not None:
            old.end(OfflineReason.REPLACED)
        if self._stopping.is_set():
            session.end(OfflineReason.SERVER_RESTART)

    def _turn(self, charge_station_id: str) -> asyncio.Lock:
        lock = self._turns.get(charge_station_id) or asyncio.Lock()
        self._turns[charge_station_id] = lock
        return lock

    async def _attend(self, session: Session) -> None:
        """Serve, then say that it is offline before the goodbye, which a dead socket never answers."""
        station = session.connection.charge_station_id
        reason = OfflineReason.LOST
        settling = asyncio.create_task(self._settling.settle(session))
        try:
            reason = await session.run()
        finally:
            settling.cancel()
            if self._sessions.get(station) is session:
                del self._sessions[station]
            await self._say_offline(session, reason)
            session.gone.set()
        log.info("%s disconnected: %s", station, reason.value)
        await session.socket.close(*CLOSINGS.get(reason, (1000, "")))

    async def _say_offline(self, session: Session, reason: OfflineReason) -> None:
        """Until it is stored: a station must not pass for online because the disk was full for a moment."""
        connection = session.connection
        while not self._stopping.is_set():
            try:
                heard = self._clock.now() - timedelta(seconds=session.quiet)
                await self._host.disconnected(connection.charge_station_id, connection.id, reason, heard)
                return
            except StationlinkError as error:
                log.warning("%s: disconnection not stored: %s", connection.charge_station_id, error.code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), RETRY_SECONDS)

    # --- ports.Commands ----------------------------------------------------------------------------------------------

    async def send(
        self, charge_station_id: str, command: Command, *, timeout: float, still: Still | None = None
    ) -> CommandOutcome:
        session = self._sessions.get(charge_station_id)
        if session is None:
            return CommandOutcome(state=CommandState.OFFLINE)
        return await session.send(command, timeout, still)

    @contextmanager
    def overhear(self, charge_station_id: str, heard: Callable[[str], None]) -> Iterator[None]:
        listeners = self._listeners.setdefault(charge_station_id, [])
        listeners.append(heard)
        try:
            yield
        finally:
            listeners.remove(heard)
            if not listeners:
                self._listeners.pop(charge_station_id, None)

    def _overheard(self, charge_station_id: str, frame: str) -> None:
        for heard in self._listeners.get(charge_station_id, ()):
            heard(frame)

    async def disconnect(self, charge_station_id: str, reason: OfflineReason) -> None:
        session = self._sessions.get(charge_station_id)
        self._held.release(charge_station_id)
        if session is not None:
            session.end(reason)
            with suppress(TimeoutError):
                await asyncio.wait_for(session.gone.wait(), self._settings.ocpp_close_seconds)


def tls_context(cert: str, key: str) -> ssl.SSLContext:
    """For stations: TLS 1.2 at least, as the security white paper asks. Raises OSError for files that do not do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key, password="")  # one with a passphrase is an error, not a question
    return context


def _select(socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """None completes the handshake without a subprotocol: a 400 would leave nothing for anyone to see."""
    return next((Subprotocol(name) for name in DIALECTS if name in offered), None)


def _refusal(socket: ServerConnection, reason: KnockReason) -> Response:
    status = REFUSALS.get(reason, HTTPStatus.FORBIDDEN)
    response = socket.respond(status, f"Refused: {reason.value}\n")
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="stationlink", charset="UTF-8"'
    return response
