"""Headers that every page and answer carries, and the check that a write comes from our own pages."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import NotAllowed

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""wasm-unsafe-eval is for the barcode reader, which is WebAssembly; there is no inline script or style anywhere."""

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

PHONE_HEADER = "X-Stationlink"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def require_phone_header(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A foreign page can send our cookie but not a header of its own (beside SameSite=Lax). Raises NotAllowed."""
    if connection.scope.get("method") not in SAFE_METHODS and PHONE_HEADER not in connection.headers:
        raise NotAllowed(f"the header {PHONE_HEADER} is missing")


ANSWER_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""Of an answer that is no page and shows nothing, such as the platform API's."""


def with_headers(app: ASGIApp, *, apart: str | None = None) -> ASGIApp:
    """Every response carries the headers, refusals and static files too: so it is done outside the framework.

    Answers to paths that begin with `apart` have their own.
    """
    extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if apart is not None and scope["type"] == ScopeType.HTTP and scope["path"].startswith(apart):
            await app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await app(scope, receive, send_with_headers)

    return guarded
