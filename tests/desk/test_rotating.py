"""A station's password, changed over OCPP from its page: confirmed, and told as far as it came."""

import asyncio

import msgspec
import pytest

from app.actions.passwords import set_station_password
from app.desk.words_en import ENGLISH
from app.domain.commanding import CommandRequest, RequestState
from app.domain.commands import CommandOutcome, CommandState
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.live import StationPassword
from app.domain.people import SYSTEM
from app.ports import Change, Ports, Put
from tests.desk.conftest import Desk, Page, Work
from tests.desk.test_commands import live
from tests.fakes import FakeClock, FakeCommands

STATION = "UTR-DEPOT-018"
URL = f"/desk/station?id={STATION}"
ROTATE = f"/desk/station/rotate?id={STATION}"


@pytest.fixture
async def ready(ports: Ports, clock: FakeClock, work: Work) -> str:
    """Online, with a password, and in nobody's hands."""
    await work.begin(STATION)
    await work.locate()
    await work.template()
    current, rev = (await ports.store.find(Commissioning, charge_station_id=STATION))[0]
    closed = msgspec.structs.replace(current, state=CommissioningState.HANDED_OVER, handed_over=clock.now())
    await ports.store.commit(Change(writes=(Put(closed, rev),)))
    await set_station_password(ports, SYSTEM, STATION)
    await live(ports, clock)
    return STATION


async def password(ports: Ports) -> StationPassword:
    found = await ports.store.get(StationPassword, STATION)
    assert found is not None
    return found[0]


async def over(ports: Ports) -> CommandRequest:
    async with asyncio.timeout(5):
        while (newest := (await ports.store.find(CommandRequest, order="-asked"))[0][0]).ended is None:
            await asyncio.sleep(0)
    return newest


async def test_it_is_sent_after_a_page_that_says_what_happens_and_shows_as_not_used_yet(
    ports: Ports, sue_desk: Desk, ready: str, commands: FakeCommands
) -> None:
    page = await sue_desk.page(URL)
    assert page.one("rotate").attributes["href"] == ROTATE and not page.all("next-password")
    page = await sue_desk.page(ROTATE)
    assert ENGLISH.rotation["explains"] in page.one("confirm").text and page.one("rotate-confirm")
    before = await password(ports)
    answer = await sue_desk.post(ROTATE)
    assert (answer.status_code, answer.headers["Location"]) == (303, URL)
    done = await over(ports)
    assert done.state is RequestState.DONE and commands.sent == [("ChangeConfiguration", STATION)]
    after = await password(ports)
    assert after.digest == before.digest and after.next_digest not in (None, before.digest)
    page = await sue_desk.page(URL)
    told = page.one("next-password")
    assert told.attributes["data-result"] == "accepted" and ENGLISH.rotation["unused"] in told.text
    assert ENGLISH.rotation["command"] in page.one("command").text
    assert "AuthorizationKey" not in page.one("commands").text
    assert str(after.next_digest) not in (await sue_desk.get(URL)).text


async def test_another_one_leaves_the_first_good_that_the_station_may_have(
    ports: Ports, sue_desk: Desk, ready: str, commands: FakeCommands
) -> None:
    commands.answer = CommandOutcome(state=CommandState.TIMEOUT, raw=('[2,"1","ChangeConfiguration",{}]',))
    await sue_desk.post(ROTATE)
    await over(ports)
    first = await password(ports)
    assert (await sue_desk.post(ROTATE)).status_code == 303
    await over(ports)
    after = await password(ports)
    assert after.digest == first.digest and after.earlier == [first.next_digest] and len(commands.sent) == 2


async def test_one_that_the_station_refused_may_be_tried_again(
    ports: Ports, sue_desk: Desk, ready: str, commands: FakeCommands
) -> None:
    commands.answer = CommandOutcome(state=CommandState.REJECTED)
    await sue_desk.post(ROTATE)
    await over(ports)
    told = (await sue_desk.page(URL)).one("next-password")
    assert told.attributes["data-result"] == "rejected" and ENGLISH.rotation["unused"] not in told.text
    assert (await sue_desk.page(ROTATE)).one("rotate-confirm")
    assert (await sue_desk.post(ROTATE)).status_code == 303


async def test_where_it_cannot_be_sent_the_page_says_why_and_nothing_is_kept(
    ports: Ports, sue_desk: Desk, work: Work, commands: FakeCommands
) -> None:
    assert (await sue_desk.get(ROTATE)).status_code == 404
    await work.begin(STATION)
    await work.locate()
    await work.template()
    assert ENGLISH.rotation["first"] in (await sue_desk.page(ROTATE)).one("stops").text
    await set_station_password(ports, SYSTEM, STATION)
    refused = await sue_desk.post(ROTATE)
    assert refused.status_code == 409 and ENGLISH.errors["station_offline"] in Page(refused.text).one("stops").text
    assert (await password(ports)).next_digest is None and commands.sent == []


async def test_while_an_installer_is_at_it_they_are_asked(
    ports: Ports, sue_desk: Desk, clock: FakeClock, work: Work, commands: FakeCommands
) -> None:
    await work.begin(STATION)
    await work.locate()
    await work.template()
    await set_station_password(ports, SYSTEM, STATION)
    await live(ports, clock)
    assert "Anna" in (await sue_desk.page(ROTATE)).one("asks-installer").text
    assert (await sue_desk.post(ROTATE)).status_code == 303
    assert (await sue_desk.page(URL)).one("next-password").attributes["data-result"] == "waiting"
    assert commands.sent == []
