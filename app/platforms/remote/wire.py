"""The platform API from the caller's side: requests at its pace, its envelope read tolerantly, its refusals as errors.

Whatever is not an answer of that API is PlatformUnavailable. A read is repeated after it; a write only when it was
certainly not sent or refused for its pace, since nobody knows whether a write without an answer was done.
"""

import asyncio
import math
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
from app.platforms.remote.cleaning import noun_at, readable

SUCCESS = 1000
UNKNOWN_LOCATION = 2003
MOST = 1000

ATTEMPTS = 4
FIRST_PAUSE = 0.25
WAITED_OUT = 3.0
"""A pause that the platform asks for is waited out within the call up to this many seconds, else told to the caller."""
PATIENCE = 20.0
"""Nothing is tried again later than this after its first try."""
PAUSE = 30
LONGEST_PAUSE = 3600

MISSING = re.compile(r"^(.+?) not provided\b", re.IGNORECASE)
INVALID = re.compile(r"^(.+?) is not valid: expected (.+)$", re.DOTALL)
OTHER_CPO = re.compile(r"\b(another|other|its) CPO\b", re.IGNORECASE)
NO_TEMPLATE = re.compile(
    r"template\b.*\b(not known|unknown|not found|not exist|cannot find|can't find)", re.IGNORECASE | re.DOTALL
)


class Unsent(PlatformUnavailable):
    """The request did not get there: nothing was done."""


class OutcomeUnknown(PlatformUnavailable):
    """The request got there, perhaps, and what became of it nobody said."""


@dataclass(frozen=True)
class Timing:
    """Time and chance, as the wire needs them."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random


REAL = Timing()


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
    noun: type | None = None

    @property
    def accepted(self) -> bool:
        return self.http < 300 and self.code == SUCCESS

    @property
    def missing(self) -> bool:
        """The object in the path is not there for us."""
        return self.http == 404

    def received(self) -> list[bytes]:
        """The objects in `data`, each as its own bytes as they came; an object alone is a list of one."""
        text = self.data.lstrip()
        if text.startswith(b"["):
            return [bytes(row) for row in msgspec.json.decode(text, type=list[Raw])]
        return [text] if text.startswith(b"{") else []

    def rows(self) -> list[bytes]:
        """The objects in `data` in the form of our own Structs."""
        return [readable(row, self.noun) for row in self.received()]

    def one(self) -> bytes:
        """Raises PlatformUnavailable when an accepted answer holds no object."""
        rows = self.rows()
        if not rows:
            raise PlatformUnavailable("the platform answered without the object")
        return rows[0]


class Wire:
    """`client` has the platform's base URL, its `Authorization: Token` and its timeouts.

    A pause that the platform asked for holds for every call, until it is over.
    """

    def __init__(self, client: httpx.AsyncClient, timing: Timing = REAL) -> None:
        self._client = client
        self._timing = timing
        self._paused_until = 0.0

    async def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        """One request, and as many repeats as are safe; `body` is encoded as JSON.

        Raises OutcomeUnknown (a write that may have been done), PlatformBusy, PlatformKeyRefused, and
        PlatformUnavailable: nothing was done.
        """
        content = None if body is None else msgspec.json.encode(body)
        start, pause = self._timing.monotonic(), FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._wait_out_pause()
                return await self._once(method, path, params, content)
            except PlatformUnavailable as error:
                late = self._timing.monotonic() - start + pause > PATIENCE
                if attempt == ATTEMPTS or late or not self._repeatable(method, error):
                    raise
            await self._timing.sleep(pause * (0.5 + self._timing.chance()))
            pause *= 2
        raise AssertionError("the last attempt returns or raises")

    async def pause(self, seconds: float) -> None:
        """Between two looks of the same caller."""
        await self._timing.sleep(seconds)

    def _repeatable(self, method: str, error: PlatformUnavailable) -> bool:
        if isinstance(error, PlatformBusy):
            return self._paused_until - self._timing.monotonic() <= WAITED_OUT
        return isinstance(error, Unsent) or (isinstance(error, OutcomeUnknown) and method == "GET")

    async def _wait_out_pause(self) -> None:
        left = self._paused_until - self._timing.monotonic()
        if left > WAITED_OUT:
            raise PlatformBusy(math.ceil(left))
        if left > 0:
            await self._timing.sleep(left)

    async def _once(self, method: str, path: str, params: Mapping[str, str] | None, content: bytes | None) -> Answer:
        headers = {"Content-Type": "application/json"} if content is not None else {}
        try:
            response = await self._client.request(method, path, params=params, content=content, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unsent(f"the platform cannot be reached: {type(error).__name__}") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise PlatformUnavailable("the platform's address is wrong") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise OutcomeUnknown(f"the platform did not answer: {type(error).__name__}") from error
        return self._read(response, path)

    def _read(self, response: httpx.Response, path: str) -> Answer:
        status = response.status_code
        if status in (401, 403):
            raise PlatformKeyRefused("the platform refuses our token, or a module of it")
        if status == 429:
            raise self._busy(response)
        if status >= 500:
            raise OutcomeUnknown("the platform does not work right now", status=status)
        if 300 <= status < 400:
            raise PlatformUnavailable("the platform sends us elsewhere", status=status)
        answer = _answer(response, path)
        if answer.code != SUCCESS and "rate limit" in answer.message.lower():
            raise self._busy(response)
        if answer.code >= 3000:
            raise OutcomeUnknown("the platform does not work right now", status_code=answer.code)
        return answer

    def _busy(self, response: httpx.Response) -> PlatformBusy:
        seconds = _retry_after(response.headers.get("Retry-After"), self._timing.now())
        self._paused_until = max(self._paused_until, self._timing.monotonic() + seconds)
        return PlatformBusy(math.ceil(seconds))


def _retry_after(text: str | None, now: datetime) -> float:
    """Seconds, or a date of HTTP; what is neither counts as PAUSE."""
    if text is None:
        return PAUSE
    try:
        seconds = float(text) if text.strip().isdigit() else (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):
        return PAUSE
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _answer(response: httpx.Response, path: str) -> Answer:
    """The envelope, tolerantly: a bare list is one that succeeded, and data without a code, too (platform-api 1.2)."""
    status, noun = response.status_code, noun_at(path)
    try:
        if response.content.lstrip().startswith(b"["):
            return Answer(status, SUCCESS if status < 300 else 0, "", response.content, response.headers, noun)
        envelope = msgspec.json.decode(response.content, type=Envelope)
        untold = SUCCESS if status < 300 and bytes(envelope.data) != b"null" else 0
        code = untold if envelope.status_code is None else int(float(envelope.status_code))
    except (msgspec.DecodeError, ValueError, RecursionError, OverflowError) as error:
        if status == 404:
            return Answer(404, 0, "", b"null", response.headers)
        broken = PlatformUnavailable if status >= 400 else OutcomeUnknown
        raise broken("the platform answered something else than its API") from error
    return Answer(status, code, envelope.status_message or "", bytes(envelope.data), response.headers, noun)


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
