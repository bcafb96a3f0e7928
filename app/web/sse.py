"""Server-sent events: named messages with the fact number as id, keep-alives, and an end when the server stops."""

from collections.abc import AsyncIterator
from typing import Any

from litestar.connection import ASGIConnection
from litestar.response import Stream

KEEP_ALIVE = b": still here\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(name: str, data: bytes, number: int | None = None) -> bytes:
    """One message; `data` may have several lines."""
    head = f"id: {number}\n" if number is not None else ""
    lines = b"".join(b"data: " + line + b"\n" for line in data.split(b"\n"))
    return f"{head}event: {name}\n".encode() + lines + b"\n"


def last_event_id(connection: ASGIConnection[Any, Any, Any, Any]) -> int | None:
    """Where a browser that reconnects left off; nonsense counts as a new start."""
    given = connection.headers.get("last-event-id", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def stream(messages: AsyncIterator[bytes]) -> Stream:
    return Stream(messages, media_type="text/event-stream", headers=HEADERS)
