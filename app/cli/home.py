"""The data folder as a command finds it, and the ports over it, beside a running server too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from app.cli.command import CommandError
from app.cli.network import ANYWHERE, LOOPBACK
from app.main import build_ports, open_store
from app.ports import Ports
from app.settings import Settings
from app.store import digest_key, postgres_migrations
from app.store.folder import DATABASE, DIGEST_KEY, settle
from app.store.lock import hold
from app.store.migrations import migrate

SERVER = "server.json"


class Serving(Struct, frozen=True, kw_only=True):
    """What the server calls itself, written down so that other commands print links that open."""

    public_url: str
    ocpp_url: str
    local_url: str = ""


def prepare(folder: Path) -> list[str]:
    """Key and database, made or brought up to date; the names of the migrations applied. For the lock's holder."""
    settle(folder)
    digest_key.read_or_make(folder)
    return migrate(folder / DATABASE)


async def prepare_store(settings: Settings) -> list[str]:
    """As `prepare`, for the store that the settings name; the folder keeps the key whatever it is."""
    if not settings.database:
        return prepare(settings.folder)
    digest_key.read_or_make(settings.folder)
    return await postgres_migrations.migrate(settings.database)


def require_own_file(settings: Settings) -> None:
    """Raises CommandError where the data is not in the folder, for what copies files."""
    if settings.database:
        key = settings.folder / DIGEST_KEY
        raise CommandError(f"the data is on PostgreSQL: use pg_dump and pg_restore, and keep {key} with the dump")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Ports]:
    """The ports over the data folder; a server beside it sees each commit at its next request.

    A folder without a database gets one; an old database is left for `migrate`. Raises StoreUnavailable.
    """
    folder = settings.folder
    if not settings.database and not (folder / DATABASE).exists():
        with hold(folder, "migrate"):
            prepare(folder)
    digest_key.read_or_make(folder)
    store = await open_store(settings)
    try:
        ports = build_ports(as_served(settings), store)
        yield ports
        await ports.platforms.close()
    finally:
        await store.close()


def as_served(settings: Settings) -> Settings:
    """With the addresses that the server wrote down, unless the settings say others."""
    written = _served(settings)
    if written is None:
        return settings
    public, ocpp = settings.public_url or written.public_url, settings.ocpp_url or written.ocpp_url
    return msgspec.structs.replace(settings, public_url=public, ocpp_url=ocpp)


def _served(settings: Settings) -> Serving | None:
    try:
        return msgspec.json.decode((settings.folder / SERVER).read_bytes(), type=Serving)
    except (OSError, msgspec.DecodeError):
        return None


def local_url(settings: Settings, secure: bool) -> str:
    """How this machine reaches the server past any proxy, in the scheme that is spoken here; empty when it cannot."""
    if settings.host not in ANYWHERE | LOOPBACK:
        return ""
    return f"{'https' if secure else 'http'}://localhost:{settings.port}"


def ways(link: str, public_url: str, local: str) -> list[str]:
    """The link as others open it and, where that differs, as a browser on this machine does."""
    if not local or public_url == local:
        return [link]
    return [link, f"{link.replace(public_url, local, 1)}  (on this machine)"]


def ways_as_served(link: str, public_url: str, settings: Settings) -> list[str]:
    """`ways` to the server that ran last on this folder."""
    written = _served(settings)
    return ways(link, public_url, written.local_url if written else "")


def write_served(settings: Settings, secure: bool) -> None:
    """Write the addresses of these settings down for other commands."""
    local = local_url(settings, secure)
    serving = Serving(public_url=settings.public_url, ocpp_url=settings.ocpp_url, local_url=local)
    (settings.folder / SERVER).write_bytes(msgspec.json.encode(serving))
