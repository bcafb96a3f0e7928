"""Every error has one answer, and every answer has the envelope."""

import logging

import httpx
import pytest
from litestar import Litestar, get
from litestar.exceptions import HTTPException

from app.api.envelope import TABLE, Envelope, Rejected, answer_for, serves
from app.domain import errors
from app.web.security import ANSWER_HEADERS
from tests.api.conftest import STATIONS, Api
from tests.fakes import FakeClock

TREE = [
    (errors.Invalid("x"), 200, 2000),
    (errors.Malformed("x"), 400, 2000),
    (errors.UnknownStation("x"), 404, 2000),
    (errors.UnknownLocation("x"), 404, 2003),
    (errors.EtagMismatch("location", b"{}"), 200, 2000),
    (errors.NotSignedIn("x"), 401, 2000),
    (errors.NotAllowed("x"), 403, 2000),
    (errors.TooManyTries("x"), 429, 2000),
    (errors.StoreUnavailable("x"), 503, 3000),
    (Rejected(errors.UnknownLocation("x"), b"null"), 200, 2003),
    (Rejected(errors.UnknownTemplate("x"), b"null"), 200, 2000),
    (Rejected(errors.StoreUnavailable("x"), b"null"), 503, 3000),
    (HTTPException(status_code=405), 405, 2000),
    (HTTPException(status_code=503), 503, 3000),
    (ZeroDivisionError(), 500, 3000),
]


def every_kind(kind: type[errors.StationlinkError]) -> list[type[errors.StationlinkError]]:
    return [found for child in kind.__subclasses__() for found in (child, *every_kind(child))]


@pytest.mark.parametrize("kind", every_kind(errors.StationlinkError), ids=lambda kind: kind.__name__)
def test_no_domain_error_is_unmapped(kind: type[errors.StationlinkError]) -> None:
    assert any(ancestor in TABLE for ancestor in kind.__mro__)


@pytest.mark.parametrize(("error", "http", "status_code"), TREE, ids=lambda value: type(value).__name__)
def test_the_table_of_answers(error: Exception, http: int, status_code: int) -> None:
    answer = answer_for(error)
    assert (answer.http, answer.status_code) == (http, status_code)


async def test_a_success_has_all_four_keys_and_whole_seconds(api: Api, clock: FakeClock) -> None:
    clock.forward(microseconds=250_000)
    answer = await api.send("GET", STATIONS)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "timestamp": "2026-03-02T08:00:00Z",
        "data": [],
        "status_code": 1000,
        "status_message": "Success",
    }


@pytest.mark.parametrize(("path", "status"), [(STATIONS, 200), (f"{STATIONS}/NOBODY", 404), ("/api/3.0/None", 404)])
async def test_an_answer_is_no_page_and_says_so(api: Api, path: str, status: int) -> None:
    answer = await api.send("GET", path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ANSWER_HEADERS} == ANSWER_HEADERS


async def test_an_unexpected_error_says_nothing_of_itself_but_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("the secret is 42")

    envelope = Envelope(FakeClock())
    app = Litestar([broken], exception_handlers={Exception: envelope.failure}, logging_config=None)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    with caplog.at_level(logging.ERROR):
        async with httpx.AsyncClient(transport=transport, base_url="http://stationlink.example") as client:
            answer = await client.get("/api/broken")
    assert answer.status_code == 500
    assert answer.json() == {
        "timestamp": "2026-03-02T08:00:00Z",
        "data": None,
        "status_code": 3000,
        "status_message": "internal server error",
    }
    assert "the secret is 42" in caplog.text


def test_the_envelope_serves_the_paths_under_api_alone() -> None:
    assert serves("/api") and serves("/api/") and serves("/api/9.9/x")
    assert not serves("/apis") and not serves("/field/api/x") and not serves("/")
