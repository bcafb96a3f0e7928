"""The envelope around every answer under /api, and the one table from errors to HTTP and OCPI statuses.

Platform bytes are spliced in as they come, never decoded (platform-api 1.2, 1.5 to 1.8).
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from app.domain import errors
from app.domain.model import utc
from app.domain.writing import iso
from app.ports import Clock
from app.web.paging import Header
from app.web.security import ANSWER_HEADERS

ROOT = "/api"
SUCCESS = 1000
CLIENT_ERROR = 2000
BAD_PARAMETERS = 2001
UNKNOWN_LOCATION = 2003
SERVER_ERROR = 3000

AnyRequest = Request[Any, Any, Any]

log = logging.getLogger("stationlink.api")


class BadQuery(Exception):
    """A query parameter is wrong or missing; the message names it."""


class Rejected(Exception):
    """A write that reached its object and failed: HTTP 200 even where `cause` says that something is not known,
    since that something stands in the body and not in the path. `data` is the stored object, if there is one.
    """

    def __init__(self, cause: errors.StationlinkError, data: bytes) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.data = data


class Answer(Struct, frozen=True):
    http: int
    status_code: int


TABLE: dict[type[Exception], Answer] = {
    errors.Invalid: Answer(200, CLIENT_ERROR),
    errors.Malformed: Answer(400, CLIENT_ERROR),
    errors.NotFound: Answer(404, CLIENT_ERROR),
    errors.UnknownLocation: Answer(404, UNKNOWN_LOCATION),
    errors.Refused: Answer(200, CLIENT_ERROR),
    errors.Denied: Answer(403, CLIENT_ERROR),
    errors.NotSignedIn: Answer(401, CLIENT_ERROR),
    errors.TooManyTries: Answer(429, CLIENT_ERROR),
    errors.TooManyRequests: Answer(429, CLIENT_ERROR),
    errors.Unavailable: Answer(503, SERVER_ERROR),
    BadQuery: Answer(400, BAD_PARAMETERS),
}
"""The most specific class wins; a test walks the whole tree."""


def answer_for(error: Exception) -> Answer:
    """What this error answers; an error that is in nobody's tree is a server error."""
    if isinstance(error, Rejected):
        direct = answer_for(error.cause)
        return Answer(200, direct.status_code) if direct.http == 404 else direct
    if isinstance(error, HTTPException):
        return Answer(error.status_code, CLIENT_ERROR if error.status_code < 500 else SERVER_ERROR)
    known = (TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    return next(known, Answer(500, SERVER_ERROR))


def message_for(request: AnyRequest, error: Exception) -> str:
    """What and where, in plain English; nothing of an unexpected error's text leaves the house."""
    if isinstance(error, errors.StationlinkError):
        return error.message
    if isinstance(error, HTTPException) and error.status_code < 500:
        return f"{error.detail}: {request.method} {request.url.path}"
    return str(error) if isinstance(error, (BadQuery, Rejected)) else "internal server error"


def headers_for(error: Exception) -> dict[str, str]:
    """What a 401, 405 or 429 owes its reader beside the body."""
    if isinstance(error, errors.NotSignedIn):
        return {"WWW-Authenticate": "Token"}
    if isinstance(error, RETRIED) and "retry_after" in error.detail:
        return {"Retry-After": str(error.detail["retry_after"])}
    return dict(error.headers or {}) if isinstance(error, HTTPException) else {}


RETRIED = (errors.TooManyTries, errors.TooManyRequests, errors.PlatformBusy)


@asynccontextmanager
async def writing(
    shape: Callable[[bytes], bytes],
    stored: Callable[[], Awaitable[bytes]] | None = None,
    *,
    addressed: type[errors.NotFound] | None = None,
) -> AsyncIterator[None]:
    """Turns what a write refuses into Rejected, with the stored object in its noun's `shape` (platform-api 1.7).

    `stored` reads that object, once something was refused; where it is not there for the caller, that comes out. An
    etag mismatch brings its own along. `addressed` is not turned: the error of a write whose own object is named in the
    body only.
    """
    try:
        yield
    except errors.Malformed:
        if stored is not None:
            await stored()
        raise
    except errors.EtagMismatch as error:
        raise Rejected(error, shape(error.current)) from error
    except errors.StationlinkError as error:
        if addressed is not None and isinstance(error, addressed):
            raise
        raise Rejected(error, b"null" if stored is None else shape(await stored())) from error


def serves(path: str) -> bool:
    """Whether an answer at this path must be in the envelope, be it a route or not."""
    return path == ROOT or path.startswith(ROOT + "/")


HEAD: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in ANSWER_HEADERS.items()),
)


class Sent:
    """A success, ready to go out: what a handler returns, and Litestar calls with what uvicorn gave it.

    Litestar's own Response would be taken apart and put together once more for each answer.
    """

    __slots__ = ("_body", "_headers")

    def __init__(self, body: bytes, headers: Iterable[Header] = ()) -> None:
        self._body = body
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*HEAD, (b"content-length", b"%d" % len(self._body)), *self._headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class Envelope:
    """`{"timestamp", "data", "status_code", "status_message"}` around bytes or errors."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return utc(self._clock.now())

    def success(self, data: bytes, message: str = "Success") -> Sent:
        """`data` is one encoded JSON value."""
        return Sent(_wrapped((data,), Answer(200, SUCCESS), message, self.now()))

    def list(self, rows: Sequence[bytes], headers: Iterable[Header], *, at: datetime) -> Sent:
        """Rows as one array, which is put together once; `at` is the answer's timestamp."""
        commas = [b","] * (2 * len(rows) - 1) if rows else []
        commas[::2] = rows
        return Sent(_wrapped((b"[", *commas, b"]"), Answer(200, SUCCESS), "Success", at), headers)

    def failure(self, request: AnyRequest, error: Exception) -> Response[bytes]:
        """A Litestar exception handler, for the router and for all other paths that `serves` claims."""
        answer = answer_for(error)
        if answer.http >= 500:
            log.error("the platform API failed", exc_info=error)
        data = error.data if isinstance(error, Rejected) else b"null"
        body = _wrapped((data,), answer, message_for(request, error), self.now())
        headers = ANSWER_HEADERS | headers_for(error)
        return Response(body, status_code=answer.http, media_type=MediaType.JSON, headers=headers)


def _wrapped(data: Iterable[bytes], answer: Answer, message: str, at: datetime) -> bytes:
    head = b'{"timestamp":"%b","data":' % iso(at)
    tail = b',"status_code":%d,"status_message":%b}' % (answer.status_code, msgspec.json.encode(message))
    return b"".join((head, *data, tail))
