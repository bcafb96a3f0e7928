"""Gzip for who asks for it, around the whole application: who does not is served as if this were not there."""

from collections.abc import Sequence

from litestar.config.compression import CompressionConfig
from litestar.enums import ScopeType
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send


def with_gzip(app: ASGIApp, *, streams: Sequence[str]) -> ASGIApp:
    """`streams` are patterns of paths whose events must not wait in a compressor."""
    packing = CompressionMiddleware(app, CompressionConfig(backend="gzip", exclude=list(streams)))

    async def chosen(scope: Scope, receive: Receive, send: Send) -> None:
        await (packing if _takes_gzip(scope) else app)(scope, receive, send)

    return chosen


def _takes_gzip(scope: Scope) -> bool:
    if scope["type"] != ScopeType.HTTP:
        return False
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
