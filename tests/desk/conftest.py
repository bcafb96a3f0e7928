"""A browser at the desk in a test: a signed-in client of all its pages over the real store."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar

from app.actions.commanding import Commanding
from app.actions.commissionings import begin
from app.actions.hardware import apply_template, choose_location, describe_evse
from app.actions.intents import ApplyTemplate, Begin, ChooseLocation, DescribeEvse, Doing
from app.actions.people import TOKEN_ALPHABET
from app.bus import Bus
from app.desk.routes import router
from app.domain.model import DisplayText
from app.domain.people import Actor, Device, keyed_digest
from app.ports import Change, Ports, Put
from app.settings import Settings
from app.web.sessions import COOKIE
from tests.conftest import ABC, TWIN, YARD

ORIGIN = {"Origin": "http://testserver.local"}


class Element:
    """One start tag and the text inside it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""


class Page(HTMLParser):
    """A rendered page as its elements; what a test looks up by data-test and by tag."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "path", "rect", "circle"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data.replace("\N{NO-BREAK SPACE}", " ")

    def all(self, name: str) -> list[Element]:
        return [each for each in self.elements if each.attributes.get("data-test") == name]

    def one(self, name: str) -> Element:
        found = self.all(name)
        assert len(found) == 1, f"{len(found)} elements {name}"
        return found[0]

    def tags(self, tag: str) -> list[Element]:
        return [each for each in self.elements if each.tag == tag]


class Desk:
    """One person's browser at the desk."""

    def __init__(self, client: AsyncClient, cookie: str | None = None, language: str = "en") -> None:
        self.client = client
        self.headers = {"Accept-Language": language} | ({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})

    async def get(self, path: str, **query: Any) -> Response:
        return await self.client.get(path, params=query or None, headers=self.headers, follow_redirects=False)

    async def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Response:
        return await self.client.post(
            path, data=body or {}, headers={**ORIGIN, **self.headers, **headers}, follow_redirects=False
        )

    async def page(self, path: str, **query: Any) -> Page:
        answer = await self.get(path, **query)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:400]}"
        return Page(answer.text)


@pytest.fixture
async def bus(ports: Ports) -> Bus:
    return Bus(ports.store, poll_seconds=0.02)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
async def commanding(ports: Ports, bus: Bus) -> AsyncIterator[Commanding]:
    running = Commanding(ports, bus, seconds=5)
    yield running
    await running.stop()


@pytest.fixture
async def client(ports: Ports, bus: Bus, settings: Settings, commanding: Commanding) -> AsyncIterator[AsyncClient]:
    app = Litestar(route_handlers=[router(ports, bus, settings, commanding)])
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://testserver.local") as opened:
        yield opened


async def sign_in(ports: Ports, client: AsyncClient, person_id: str, language: str = "en") -> Desk:
    cookie = ports.ids.text(TOKEN_ALPHABET, 40)
    now = ports.clock.now()
    device = Device(
        digest=keyed_digest(ports.digest_key, f"device:{cookie}"),
        id=f"{person_id}-desk",
        person_id=person_id,
        name="Firefox, Linux",
        created=now,
        seen=now,
    )
    await ports.store.commit(Change(writes=(Put(device),)))
    return Desk(client, cookie, language)


@pytest.fixture
async def guest(client: AsyncClient) -> Desk:
    return Desk(client)


@pytest.fixture
async def sue_desk(ports: Ports, client: AsyncClient) -> Desk:
    return await sign_in(ports, client, "sue")


@pytest.fixture
async def ada_desk(ports: Ports, client: AsyncClient) -> Desk:
    return await sign_in(ports, client, "ada")


class Work:
    """An installer's steps, one operation each."""

    def __init__(self, ports: Ports, actor: Actor, commissioning_id: str = "c-1") -> None:
        self.ports = ports
        self.actor = actor
        self.id = commissioning_id
        self._count = 0

    def doing(self, kind: str, late: timedelta = timedelta()) -> Doing:
        self._count += 1
        return Doing(
            id=f"op-{self.id}-{self._count}",
            kind=kind,
            made_at=self.ports.clock.now() - late,
            commissioning_id=self.id,
            body_hash=str(self._count),
        )

    async def begin(self, station_id: str = "UTR-DEPOT-018", cpo_id: str = ABC) -> None:
        intent = Begin(station_id=station_id, cpo_id=cpo_id, source="typed")
        await begin(self.ports, self.actor, self.doing("begin"), intent)

    async def locate(self, location_id: str = YARD, late: timedelta = timedelta()) -> None:
        intent = ChooseLocation(location_id=location_id)
        await choose_location(self.ports, self.actor, self.doing("choose_location", late), intent)

    async def template(self, template_id: str = TWIN) -> None:
        intent = ApplyTemplate(template_id=template_id)
        await apply_template(self.ports, self.actor, self.doing("apply_template"), intent)

    async def describe(self, *numbers: int, text: str = "Left of the gate") -> None:
        intent = DescribeEvse(
            evse_sequence_numbers=list(numbers),
            directions=[DisplayText("en", text)],
            none_checked=True,
        )
        await describe_evse(self.ports, self.actor, self.doing("describe_evse"), intent)


@pytest.fixture
def work(ports: Ports, anna: Actor) -> Work:
    return Work(ports, anna)
