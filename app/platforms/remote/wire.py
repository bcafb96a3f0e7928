"""The platform API from the caller's side: requests, its envelope read tolerantly, and its refusals as our errors.

Whatever is not an answer of that API (no connection, timeout, 5xx, a refused key, no JSON) is PlatformUnavailable.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from msgspec import Raw, Struct

from app.domain.errors import (
    Invalid,
    InvalidField,
    MissingField,
    OtherCpo,
    PlatformBusy,
    PlatformKeyRefused,
    PlatformUnavailable,
    Refused,
    StationlinkError,
    UnknownLocation,
    UnknownTemplate,
)

SUCCESS = 1000
UNKNOWN_LOCATION = 2003
MOST = 1000
PAUSE = 60

MISSING = re.compile(r"^(.+?) not provided\b", re.IGNORECASE)
INVALID = re.compile(r"^(.+?) is not valid: expected (.+)$", re.DOTALL)
OTHER_CPO = re.compile(r"\b(another|other|its) CPO\b", re.IGNORECASE)
NO_TEMPLATE = re.compile(
    r"template\b.*\b(not known|unknown|not found|not exist|cannot find|can't find)", re.IGNORECASE | re.DOTALL
)


class Envelope(Struct):
    """The code comes as a number or as text; `data` as an array, an object, null or not at all."""

    data: Raw = Raw(b"null")
    status_code: int | str | None = None
    status_message: str | None = None


class Answer(Struct, frozen=True):
    http: int
    code: int
    message: str
    data: bytes
    headers: Mapping[str, str]

    @property
    def accepted(self) -> bool:
        return self.http < 300 and self.code == SUCCESS

    @property
    def missing(self) -> bool:
        """The object in the path is not there for us."""
        return self.http == 404

    def rows(self) -> list[bytes]:
        """The objects in `data`, each as its own bytes; an object alone is a list of one."""
        text = self.data.lstrip()
        if text.startswith(b"["):
            return [bytes(row) for row in msgspec.json.decode(text, type=list[Raw])]
        return [text] if text.startswith(b"{") else []

    def one(self) -> bytes:
        """Raises PlatformUnavailable when an accepted answer holds no object."""
        rows = self.rows()
        if not rows:
            raise PlatformUnavailable("the platform answered without the object")
        return rows[0]


class Wire:
    """`client` has the platform's base URL, its `Authorization: Token` and its timeouts."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        """One request; `body` is encoded as JSON. Raises PlatformUnavailable."""
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        try:
            response = await self._client.request(method, path, params=params, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise PlatformUnavailable(f"the platform cannot be reached: {type(error).__name__}") from error
        _require_answer(response)
        return _read(response)


def _require_answer(response: httpx.Response) -> None:
    status = response.status_code
    if status in (401, 403):
        raise PlatformKeyRefused("the platform refuses our token, or a module of it")
    if status == 429:
        raise PlatformBusy(int(response.headers.get("Retry-After", PAUSE)))
    if status >= 500 or 300 <= status < 400:
        raise PlatformUnavailable("the platform does not work right now", status=status)


def _read(response: httpx.Response) -> Answer:
    try:
        envelope = msgspec.json.decode(response.content, type=Envelope)
        code = int(envelope.status_code or 0)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        if response.status_code == 404:
            return Answer(404, 0, "", b"null", response.headers)
        raise PlatformUnavailable("the platform answered something else than its API") from error
    message = envelope.status_message or ""
    if code != SUCCESS and "rate limit" in message.lower():
        raise PlatformBusy(PAUSE)
    if code >= 3000:
        raise PlatformUnavailable("the platform does not work right now", status_code=code)
    return Answer(response.status_code, code, message, bytes(envelope.data), response.headers)


def refusal(answer: Answer, *, location_id: str = "", template_id: str = "") -> StationlinkError:
    """Our error for a 2xxx, by its code and words; what nobody foresaw is Refused with the platform's own words."""
    message = answer.message
    if match := MISSING.match(message):
        return MissingField(match[1].strip().lower().replace(" ", "_"))
    if match := INVALID.match(message):
        return InvalidField(match[1], match[2])
    if answer.code == UNKNOWN_LOCATION:
        return UnknownLocation(location_id)
    if NO_TEMPLATE.search(message):
        return UnknownTemplate(template_id)
    if OTHER_CPO.search(message):
        return OtherCpo(message)
    if answer.http == 400:
        return Invalid(message or "the platform could not read the request")
    return Refused(message or "the platform refused this", status_code=answer.code)
