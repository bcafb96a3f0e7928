"""Commands from the desk: confirmed by name, or shown with the reason why not; their outcome in words."""

import asyncio
import re
from typing import Any

import msgspec
import pytest

from app.actions.commanding import Commanding
from app.bus import Bus
from app.desk.commands import BUTTONS
from app.desk.commands_en import COMMAND_EXPLAINS, COMMAND_RESULTS, COMMANDS
from app.domain.commanding import CommandRequest, RequestState, word_of
from app.domain.commands import CommandOutcome, CommandState, ConfigurationKey
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.live import ConnectorState, Live, Registration, Transaction
from app.domain.people import Actor
from app.platforms.heard import put_live
from app.ports import Change, Ports, Put
from tests.desk.conftest import Desk, Page, Work
from tests.domain.test_commanding import EVERY
from tests.fakes import FakeClock, FakeCommands

STATION = "UTR-DEPOT-018"
URL = f"/desk/station?id={STATION}"


def question(command: str) -> str:
    return f"/desk/station/command?id={STATION}&command={command}"


def why_not(page: Page, name: str) -> str:
    """The sentence that a command's button points to, empty where it can be sent."""
    pointed = page.one(f"command-{name}").attributes.get("aria-describedby")
    return next((each.text for each in page.elements if pointed and each.attributes.get("id") == pointed), "")


async def live(ports: Ports, clock: FakeClock, *, status: str = "Available", deaf: bool = False) -> None:
    """Online, as the listener leaves it."""
    row = await ports.store.station(STATION)
    assert row is not None
    now = clock.now()
    heard = Live(
        charge_station_id=STATION,
        registration=Registration.ACCEPTED,
        booted=now,
        connection_id="c-1",
        online_since=now,
        seen=now,
        spoke=now,
        deaf_since=now if deaf else None,
        connectors={key: ConnectorState(status=status, at=now) for key in ("1", "2")},
    )
    await ports.store.commit(put_live(row, heard, now))


@pytest.fixture
async def begun(work: Work) -> Work:
    """In Anna's hands, and offline."""
    await work.begin(STATION)
    await work.locate()
    await work.template()
    return work


@pytest.fixture
async def free(begun: Work, ports: Ports, clock: FakeClock) -> str:
    """A station that nobody commissions: its hand-over is long ago."""
    current, rev = (await ports.store.find(Commissioning))[0]
    closed = msgspec.structs.replace(current, state=CommissioningState.HANDED_OVER, handed_over=clock.now())
    await ports.store.commit(Change(writes=(Put(closed, rev),)))
    await live(ports, clock)
    return STATION


async def over(ports: Ports) -> CommandRequest:
    async with asyncio.timeout(5):
        while (newest := (await ports.store.find(CommandRequest, order="-asked"))[0][0]).ended is None:
            await asyncio.sleep(0)
    return newest


@pytest.fixture
async def tailing(bus: Bus) -> Any:
    task = asyncio.create_task(bus.run())
    yield bus
    bus.stop()
    await task


async def test_every_command_is_asked_for_by_the_stations_name_first(
    sue_desk: Desk, free: str, commands: FakeCommands, ports: Ports, clock: FakeClock
) -> None:
    await charge(ports, clock)
    for name in BUTTONS:
        asked = await sue_desk.page(question(name))
        assert STATION in next(each.text for each in asked.tags("h1"))
        assert COMMAND_EXPLAINS[name] in asked.one("confirm").text
    assert commands.sent == []


async def test_a_restart_is_sent_and_its_outcome_told(
    sue_desk: Desk, free: str, commands: FakeCommands, ports: Ports
) -> None:
    answer = await sue_desk.post(question("reset"), {"why": "it hangs"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{URL}#commands")
    await over(ports)
    page = await sue_desk.page(URL)
    shown = page.one("command")
    assert shown.attributes["data-result"] == "accepted"
    for said in (COMMAND_RESULTS["accepted"], "Restart", "Sue", "it hangs"):
        assert said in shown.text
    assert commands.sent == [("Reset", STATION)]
    kinds = [each.attributes["data-kind"] for each in page.all("fact")]
    assert kinds[:2] == ["command_ended", "command_asked"]


@pytest.mark.parametrize(
    ("name", "sent", "form"),
    [
        ("reset_hard", "Reset", {}),
        ("unlock", "Unlock", {"connector": "2"}),
        ("trigger", "Trigger", {}),
        ("read_configuration", "GetConfiguration", {}),
        ("change_configuration", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}),
    ],
)
async def test_every_button_sends_its_command(
    sue_desk: Desk, free: str, commands: FakeCommands, ports: Ports, name: str, sent: str, form: dict[str, str]
) -> None:
    assert (await sue_desk.post(question(name), form)).status_code == 303
    done = await over(ports)
    assert (word_of(done.command), done.state) == (name, RequestState.DONE)
    assert commands.sent == [(sent, STATION)]


async def charge(ports: Ports, clock: FakeClock) -> None:
    running = Transaction(
        id=7, charge_station_id=STATION, connector_id="1", id_tag="CARD", started=clock.now(), meter_start=0
    )
    await ports.store.commit(Change(writes=(Put(running),)))


async def test_a_session_is_ended_and_nothing_else_is_offered_meanwhile(
    sue_desk: Desk, free: str, commands: FakeCommands, ports: Ports, clock: FakeClock
) -> None:
    await charge(ports, clock)
    page = await sue_desk.page(URL)
    blocked = [name for name in BUTTONS if why_not(page, name)]
    assert blocked == [name for name in BUTTONS if name not in ("stop", "unlock")]
    assert "Somebody is charging" in why_not(page, "reset")
    assert "Socket 1" in (await sue_desk.page(question("stop"))).one("confirm").text
    assert (await sue_desk.post(question("stop"), {"session": "7"})).status_code == 303
    await over(ports)
    assert commands.sent == [("Stop", STATION)]


async def test_what_became_impossible_meanwhile_is_said_on_the_same_page(
    sue_desk: Desk, free: str, commands: FakeCommands, ports: Ports, clock: FakeClock
) -> None:
    await charge(ports, clock)
    answer = await sue_desk.post(question("reset"), {"why": "it hangs"})
    page = Page(answer.text)
    assert answer.status_code == 409 and "Somebody is charging" in page.one("error-form").text
    assert (
        next(each for each in page.tags("input") if each.attributes["name"] == "why").attributes["value"] == "it hangs"
    )
    assert commands.sent == []


async def test_an_offline_station_says_so_at_every_button(sue_desk: Desk, begun: Work) -> None:
    page = await sue_desk.page(URL)
    for name in BUTTONS:
        assert "offline" in why_not(page, name)
        assert page.one(f"command-{name}").tag == "span"


async def test_a_deaf_station_may_only_be_asked_whether_it_hears(
    sue_desk: Desk, free: str, ports: Ports, clock: FakeClock
) -> None:
    await live(ports, clock, deaf=True)
    page = await sue_desk.page(URL)
    assert "hears nothing" in why_not(page, "reset")
    assert page.one("command-trigger").tag == "a"


async def test_with_an_installer_there_it_waits_with_the_time_that_is_left(
    sue_desk: Desk, begun: Work, commands: FakeCommands, ports: Ports, clock: FakeClock, anna: Actor,
    commanding: Commanding, tailing: Bus,
) -> None:  # fmt: skip
    await live(ports, clock)
    assert "Anna is working on this station" in (await sue_desk.page(question("reset"))).one("asks-installer").text
    await sue_desk.post(question("reset"))
    page = await sue_desk.page(URL)
    assert page.one("command").attributes["data-result"] == "waiting"
    assert page.one("left").attributes["data-until"] == "2026-03-02T08:01:00Z"
    assert "under way" in why_not(page, "reset")
    assert commands.sent == []
    waiting = (await ports.store.find(CommandRequest))[0][0]
    await commanding.answer(anna, waiting.id, True)
    await over(ports)
    assert (await sue_desk.page(URL)).one("command").attributes["data-result"] == "accepted"


async def test_the_configuration_is_a_table_with_a_way_to_change_each_key(
    sue_desk: Desk, free: str, commands: FakeCommands, ports: Ports
) -> None:
    lines = (
        ConfigurationKey("HeartbeatInterval", "300"),
        ConfigurationKey("NumberOfConnectors", "2", readonly=True),
        ConfigurationKey("AuthorizationKey", "hush"),
    )
    commands.answer = CommandOutcome(state=CommandState.ACCEPTED, configuration=lines)
    assert (await sue_desk.get(f"/desk/station/configuration?id={STATION}")).status_code == 404
    await sue_desk.post(question("read_configuration"))
    await over(ports)
    assert "3 keys" in (await sue_desk.page(URL)).one("configuration").text
    page = await sue_desk.page(f"/desk/station/configuration?id={STATION}")
    assert [re.sub(r"\s+", " ", each.text).strip() for each in page.all("key")] == [
        "HeartbeatInterval300Change HeartbeatInterval",
        "NumberOfConnectors2read only",
        "AuthorizationKeynot shownChange AuthorizationKey",
    ]
    change = await sue_desk.page(page.all("change")[0].attributes["href"])
    values = {each.attributes["name"]: each.attributes["value"] for each in change.tags("input")}
    assert (values["key"], values["value"]) == ("HeartbeatInterval", "300")


async def test_a_key_that_is_missing_or_the_password_is_refused_beside_its_field(
    sue_desk: Desk, free: str, commands: FakeCommands
) -> None:
    for key in ("", "AuthorizationKey"):
        answer = await sue_desk.post(question("change_configuration"), {"key": key, "value": "1"})
        assert answer.status_code == 422 and Page(answer.text).one("error-key").text
    assert commands.sent == []


async def test_too_many_say_how_long_to_wait(sue_desk: Desk, free: str, ports: Ports) -> None:
    for _ in range(6):
        await sue_desk.post(question("trigger"))
        await over(ports)
    answer = await sue_desk.post(question("trigger"))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


async def test_unknown_commands_and_foreign_stations_are_not_there(sue_desk: Desk, free: str) -> None:
    assert (await sue_desk.get(question("explode"))).status_code == 404
    assert (await sue_desk.post("/desk/station/command?id=NOBODYS&command=reset")).status_code == 404


async def test_another_sites_form_sends_nothing(sue_desk: Desk, free: str, commands: FakeCommands) -> None:
    answer = await sue_desk.post(question("reset"), Origin="https://evil.example")
    assert answer.status_code == 403 and commands.sent == []


def test_every_command_and_result_has_words() -> None:
    assert {word_of(each) for each in EVERY} | {"reset_hard"} == set(COMMANDS) == set(COMMAND_EXPLAINS)
    assert set(COMMAND_RESULTS) == {each.value for each in (*RequestState, *CommandState)}
