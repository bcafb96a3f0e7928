"""Headers that every page and answer carries, and the check that a write comes from our own pages."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader
from litestar.handlers import BaseRouteHandler

from app.domain.errors import NotAllowed

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""wasm-unsafe-eval is for the barcode reader, which is WebAssembly; there is no inline script or style anywhere."""

HEADERS = [
    ResponseHeader(name="Content-Security-Policy", value=CSP),
    ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
    ResponseHeader(name="Referrer-Policy", value="same-origin"),
    ResponseHeader(name="Permissions-Policy", value="camera=(self), geolocation=(self), microphone=()"),
    ResponseHeader(name="Cross-Origin-Opener-Policy", value="same-origin"),
]

PHONE_HEADER = "X-Stationlink"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def require_phone_header(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A foreign page can send our cookie but not a header of its own (beside SameSite=Lax). Raises NotAllowed."""
    if connection.scope.get("method") not in SAFE_METHODS and PHONE_HEADER not in connection.headers:
        raise NotAllowed(f"the header {PHONE_HEADER} is missing")
