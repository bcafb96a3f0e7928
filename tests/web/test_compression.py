"""What goes around the whole application: gzip for who takes it, and headers on every answer."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar, MediaType, get
from litestar.types import ASGIApp

from app.web.compression import with_gzip
from app.web.security import HEADERS, with_headers

TEXT = "the same words again and again " * 100


@get(["/page", "/api/list"], media_type=MediaType.TEXT)
async def long() -> str:
    return TEXT


@get("/field/stream", media_type=MediaType.TEXT)
async def stream() -> str:
    return TEXT


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app: ASGIApp = Litestar([long, stream], openapi_config=None)
    around = with_headers(with_gzip(app, streams=["^/field/stream"]), apart="/api/")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=around), base_url="http://house.example") as opened:
        yield opened


async def test_who_takes_gzip_gets_it(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/page", headers={"Accept-Encoding": "br, gzip;q=0.8"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed) == int(answer.headers["content-length"]) < 200
    assert gzip.decompress(packed).decode() == TEXT


@pytest.mark.parametrize(("path", "accepted"), [("/page", "br"), ("/page", ""), ("/field/stream", "gzip")])
async def test_nobody_else_does_and_events_never_wait(client: httpx.AsyncClient, path: str, accepted: str) -> None:
    answer = await client.get(path, headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers and answer.text == TEXT


async def test_every_page_carries_the_headers_refusals_too(client: httpx.AsyncClient) -> None:
    for path in ("/page", "/nowhere"):
        headers = (await client.get(path)).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
    assert not set(map(str.lower, HEADERS)) & set((await client.get("/api/list")).headers)
