"""The check that a form was sent by one of our own pages."""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.domain.errors import NotAllowed
from app.web.security import SAFE_METHODS


def require_same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard for pages with forms, beside the Lax cookie. Raises NotAllowed for a write that another site sent.

    Browsers say so in Sec-Fetch-Site; on plain HTTP, where that is missing, the Origin must be the host we were asked
    for. A request that says neither is no browser's form.
    """
    if connection.scope.get("method") in SAFE_METHODS:
        return
    site = connection.headers.get("sec-fetch-site")
    origin = urlsplit(connection.headers.get("origin", "")).netloc
    ours = site in ("same-origin", "none") if site else origin != "" and origin == connection.headers.get("host", "")
    if not ours:
        raise NotAllowed("this form was not sent from a page of this site")
