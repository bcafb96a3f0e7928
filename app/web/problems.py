"""Domain errors as problem JSON for the phone: `{"code", "message", "detail"}` with the HTTP status that fits."""

import logging
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

from app.domain import errors

log = logging.getLogger("stationlink.web")

STATUS: dict[type[errors.StationlinkError], int] = {
    errors.NotSignedIn: 401,
    errors.TooManyTries: 429,
    errors.TooManyRequests: 429,
    errors.Denied: 403,
    errors.NotFound: 404,
    errors.Malformed: 400,
    errors.Invalid: 422,
    errors.Refused: 409,
    errors.Unavailable: 503,
}
"""The most specific class wins; a test walks the whole tree."""


def status_of(error: errors.StationlinkError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(code: str, message: str, status: int, detail: dict[str, object] | None = None) -> Response[bytes]:
    body = msgspec.json.encode({"code": code, "message": message, "detail": detail or {}})
    return Response(body, status_code=status, media_type=MediaType.JSON)


def domain_problem(_: Request[Any, Any, Any], error: errors.StationlinkError) -> Response[bytes]:
    return problem(error.code, error.message, status_of(error), error.detail)


def http_problem(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's own refusals (no such route, wrong method, too large) in the same shape."""
    code = {400: "malformed", 404: "not_found", 405: "wrong_method", 413: "too_large", 429: "too_many_tries"}
    return problem(code.get(error.status_code, "error"), error.detail, error.status_code)


def unexpected_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What is in nobody's tree is our fault: it goes to the log, and nothing of it leaves the house."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem("internal", "internal server error", 500)
