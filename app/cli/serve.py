"""`serve`: the whole service in one process, until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import gc
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn
from litestar.types import ASGIApp

from app.actions.cpos import list_cpos
from app.actions.people import Invited, invite
from app.cli import network, tls
from app.cli.ca import with_ca_page
from app.cli.command import CommandError, Commands, add_command, add_json, pasted, settings_for, tell, tell_json
from app.cli.demo import fill
from app.cli.demo_data import DESK, HOMES, INSTALLER, PUBLIC
from app.cli.demo_plan import AWAKE
from app.cli.demo_stations import DemoStations
from app.cli.home import local_url, prepare_store, ways, write_served
from app.cli.terminal import qr_lines
from app.domain.people import SYSTEM, Person, Role
from app.main import Service, build
from app.ocpp import knocks
from app.ocpp.gateway import tls_context
from app.ports import Ports
from app.settings import Settings
from app.store.lock import hold

GRACE_SECONDS = 3


def add(commands: Commands) -> None:
    parser = add_command(
        commands,
        "serve",
        run,
        help="run the server until Ctrl-C",
        epilog="example: python -m app serve --demo --data ./data --port 8000 --ocpp-port 9000",
    )
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on (STATIONLINK_HOST, else all)")
    parser.add_argument("--port", type=int, help="HTTP port (STATIONLINK_PORT, else 8000; 0 takes a free one)")
    parser.add_argument("--ocpp-port", type=int, metavar="PORT", help="port for stations (STATIONLINK_OCPP_PORT, 9000)")
    parser.add_argument(
        "--ocpp-tls-port",
        type=int,
        metavar="PORT",
        help="a second port for stations, with TLS; 0 takes a free one",
    )
    parser.add_argument("--demo", action="store_true", default=None, help="with demo data and virtual stations")
    parser.add_argument("--tls", action="store_true", help="HTTPS with a CA of its own; /ca helps phones to trust it")
    parser.add_argument("--tls-cert", metavar="FILE", help="HTTPS with this certificate chain (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="its private key (PEM)")
    add_json(parser)


class Secure(msgspec.Struct, frozen=True):
    """HTTPS with these files; `made` when they are of our own CA."""

    cert: Path
    key: Path
    made: tls.Certificates | None = None


async def run(args: argparse.Namespace) -> int:
    ports = {"port": args.port, "ocpp_port": args.ocpp_port, "ocpp_tls_port": args.ocpp_tls_port}
    settings = settings_for(args, host=args.host, demo=args.demo, **ports)
    _start_logging(settings)
    _check_proxies(settings)
    network.allow_many_sockets()
    with hold(settings.folder, "serve"):
        await prepare_store(settings)
        secure = _secure(args, settings)
        listener = network.listen(settings.host, settings.port, "--port")
        with listener:
            located = _located(_for_stations(settings, secure), listener.getsockname()[1], secure is not None)
            write_served(located, secure is not None)
            await _serve(located, listener, secure, as_json=args.json)
    return 0


def _start_logging(settings: Settings) -> None:
    try:
        logging.basicConfig(
            level=settings.log_level.upper(),
            stream=sys.stderr,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )
    except ValueError as error:
        raise CommandError(f"STATIONLINK_LOG_LEVEL: {error}") from error
    for noisy in ("uvicorn.error", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _check_proxies(settings: Settings) -> None:
    try:
        knocks.networks(settings.trusted_proxies)
    except ValueError as error:
        raise CommandError(f"STATIONLINK_TRUSTED_PROXIES: {error}") from error


def _secure(args: argparse.Namespace, settings: Settings) -> Secure | None:
    if bool(args.tls_cert) != bool(args.tls_key):
        raise CommandError("--tls-cert and --tls-key go together")
    if args.tls_cert and args.tls:
        raise CommandError("choose --tls, or --tls-cert with --tls-key")
    if args.tls:
        made = tls.ensure(settings.folder / "tls", network.names())
        return Secure(made.cert, made.key, made)
    if not args.tls_cert:
        return None
    given = Secure(Path(args.tls_cert), Path(args.tls_key))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(given.cert, given.key)
    except OSError as error:
        raise CommandError(f"the certificate and key cannot be used: {error.strerror or error}") from error
    return given


def _for_stations(settings: Settings, secure: Secure | None) -> Settings:
    """With a certificate for the stations' TLS, that of the phones unless there is one of their own."""
    if settings.ocpp_tls_port is None:
        return settings
    if not settings.ocpp_tls_cert and secure is not None:
        settings = msgspec.structs.replace(settings, ocpp_tls_cert=str(secure.cert), ocpp_tls_key=str(secure.key))
    try:
        tls_context(settings.ocpp_tls_cert, settings.ocpp_tls_key)
    except OSError as error:
        why = error.strerror or str(error)
        raise CommandError(f"STATIONLINK_OCPP_TLS_CERT and _KEY, or --tls, are needed for stations: {why}") from error
    return settings


def _located(settings: Settings, port: int, secure: bool) -> Settings:
    """With real ports, and the addresses that links, labels and stations are given unless the settings say others."""
    ocpp_port = network.free_port(settings.host, settings.ocpp_port, "--ocpp-port")
    tls_port, tls_url = settings.ocpp_tls_port, settings.ocpp_tls_url.rstrip("/")
    if tls_port is not None:
        tls_port = network.free_port(settings.host, tls_port, "--ocpp-tls-port")
    here = network.reachable_as(settings.host)
    return msgspec.structs.replace(
        settings,
        port=port,
        ocpp_port=ocpp_port,
        public_url=settings.public_url.rstrip("/") or f"{'https' if secure else 'http'}://{here}:{port}",
        ocpp_url=settings.ocpp_url.rstrip("/") or f"ws://{here}:{ocpp_port}/ocpp",
        ocpp_tls_port=tls_port,
        ocpp_tls_url=tls_url or ("" if tls_port is None else f"wss://{here}:{tls_port}/ocpp"),
    )


def _settle_memory() -> None:
    """What the program itself is made of lives as long as it does: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 25, 25)


async def _serve(settings: Settings, listener: socket.socket, secure: Secure | None, *, as_json: bool) -> None:
    virtual = DemoStations(settings) if settings.demo else None
    service = await build(settings, virtual)
    if virtual is not None:
        virtual.use(service.ports)
        await fill(service.ports)
    app: ASGIApp = service.app
    if secure is not None and secure.made is not None:
        app = with_ca_page(app, secure.made.ca_der, secure.made.fingerprint)

    async def announce() -> None:
        _settle_memory()
        links = await _invitations(service.ports, settings)
        _say_json(settings, links) if as_json else _say(settings, links, secure)
        if virtual is not None:
            await virtual.wake(AWAKE)

    try:
        await QuietServer(_config(app, settings, secure), service, announce).serve([listener])
    finally:
        if virtual is not None:
            await virtual.close()


def _config(app: ASGIApp, settings: Settings, secure: Secure | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=secure.cert if secure else None,
        ssl_keyfile=secure.key if secure else None,
    )


class QuietServer(uvicorn.Server):
    """uvicorn that says when it is ready, ends open streams at the first signal, and returns instead of dying by it."""

    def __init__(self, config: uvicorn.Config, service: Service, ready: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._service.bus.stop()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(each)


class Links(msgspec.Struct, frozen=True):
    """Invitations made at the start; none for the desk once somebody has it, none for a phone without demo.

    `cpo_ids` are those that a further invitation may name.
    """

    desk: Invited | None
    phone: Invited | None
    cpo_ids: list[str]


async def _invitations(ports: Ports, settings: Settings) -> Links:
    minutes = settings.invite_minutes
    cpos = [cpo.cpo_id for cpo in await list_cpos(ports, SYSTEM)]
    if not settings.demo:
        if await ports.store.find(Person, role=Role.ADMIN, limit=1):
            return Links(None, None, cpos)
        return Links(await invite(ports, SYSTEM, role=Role.ADMIN, cpo_ids=[], minutes=minutes), None, cpos)
    invented = [cpo_id for cpo_id in cpos if cpo_id in (PUBLIC, HOMES)]
    desk = await invite(ports, SYSTEM, role=Role.ADMIN, cpo_ids=[], name=DESK.name, phone=DESK.phone, minutes=minutes)
    name, phone = INSTALLER.name, INSTALLER.phone
    joining = await invite(
        ports, SYSTEM, role=Role.INSTALLER, cpo_ids=invented, name=name, phone=phone, minutes=minutes
    )
    return Links(desk, joining, invented)


def _say_json(settings: Settings, links: Links) -> None:
    tell_json(
        {
            "public_url": settings.public_url,
            "ocpp_url": settings.ocpp_url,
            "port": settings.port,
            "ocpp_port": settings.ocpp_port,
            "ocpp_tls_url": settings.ocpp_tls_url or None,
            "ocpp_tls_port": settings.ocpp_tls_port,
            "desk": links.desk.link if links.desk else None,
            "phone": links.phone.link if links.phone else None,
            "phone_code": links.phone.code if links.phone else None,
        }
    )


def _say(settings: Settings, links: Links, secure: Secure | None) -> None:
    local = local_url(settings, secure is not None)
    lines = [f"Stationlink {version('stationlink')} is ready at {settings.public_url}", ""]
    if links.desk is not None:
        lines += ["Desk, sign in:", *_indented(ways(links.desk.link, settings.public_url, local)), ""]
    if links.phone is not None:
        lines += ["Phone, join:", *_indented(ways(links.phone.link, settings.public_url, local))]
        lines += [f"  or {settings.public_url} with code {links.phone.code[:3]} {links.phone.code[3:]}", ""]
        lines += [*qr_lines(links.phone.link, colours=sys.stdout.isatty()), ""]
    lines += [f"Stations connect to {settings.ocpp_url}/ and their id (ocpp1.6 or ocpp2.0.1)"]
    if settings.ocpp_tls_url:
        lines += [f"or with TLS to {settings.ocpp_tls_url}/ and their id"]
    if secure is not None and secure.made is not None:
        lines += [f"Phones trust this server after {settings.public_url}/ca", f"CA SHA-256 {secure.made.fingerprint}"]
    elif secure is None and links.phone is not None:
        lines += ["A phone has its camera only with --tls or through localhost; by photo and typed id it works anyhow."]
    lines += [f"A link opens once, within {settings.invite_minutes} minutes; this prints another:"]
    lines += [f"  {_another(settings, links)}"]
    tell("\n".join(lines))


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _another(settings: Settings, links: Links) -> str:
    who = ["--role", "installer", "--cpo", links.cpo_ids[0]] if links.cpo_ids else ["--role", "admin"]
    return pasted("invite", *who, "--data", settings.data)
