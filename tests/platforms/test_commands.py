"""Commands through a vendor's module: each in its words, sent once, with the result that it tells."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.actions.commanding import Asked, Commanding
from app.bus import Bus
from app.domain.commanding import CommandRequest, result_of
from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandState,
    ConfigurationKey,
    GetConfiguration,
    Message,
    Reset,
    Start,
    Stop,
    Trigger,
    Unlock,
)
from app.domain.errors import StationInUse, StationOffline
from app.domain.people import Actor, Role
from app.platforms.remote import commands
from tests.conftest import ABC
from tests.fakes import FakeCommands
from tests.platforms.house import Ours, ours
from tests.vendor import Vendor
from tests.vendor.dress import Quirks
from tests.vendor.house import YARD, furnish, stock

ONE = "UTR-001"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOOK_EVERY", 0.01)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor(Quirks())
    furnish(vendor)
    stock(vendor, ONE)
    with vendor.serving():
        vendor.station_online(ONE)
        yield vendor


@pytest.fixture
async def house(vendor: Vendor, tmp_path: Path) -> AsyncIterator[Ours]:
    async with ours(tmp_path, vendor) as house:
        yield house


def uid(vendor: Vendor, number: int) -> str:
    found: str = vendor.books.stations[ONE]["evses"][number - 1]["uid"]
    return found


def socket_id(vendor: Vendor, number: int) -> str:
    return str(vendor.books.stations[ONE]["evses"][number - 1]["connectors"][0]["id"])


@pytest.mark.parametrize(
    ("command", "word", "body"),
    [
        (Reset(), "RESET", {"charge_station_id": ONE, "type": "Soft"}),
        (Reset(hard=True), "RESET", {"charge_station_id": ONE, "type": "Hard"}),
        (GetConfiguration(("A",)), "GET_CONFIGURATION", {"charge_station_id": ONE, "keys": ["A"]}),
        (
            ChangeConfiguration("HeartbeatInterval", "60"),
            "CHANGE_CONFIGURATION",
            {"charge_station_id": ONE, "key": "HeartbeatInterval", "value": "60"},
        ),
        (Stop(7), "STOP_SESSION", {"session_id": "7"}),
    ],
    ids=str,
)
async def test_a_command_goes_in_the_modules_words(
    house: Ours, vendor: Vendor, command: Command, word: str, body: dict[str, Any]
) -> None:
    vendor.commands.sessions = {"7"}
    outcome = await house.platform.send(ONE, command, timeout=1.0)
    assert outcome.state is CommandState.ACCEPTED
    assert vendor.commands.sent == [(word, body)]


async def test_a_socket_is_named_as_the_platform_names_it(house: Ours, vendor: Vendor) -> None:
    second = socket_id(vendor, 2)
    here = {"location_id": YARD, "evse_uid": uid(vendor, 2), "connector_id": second}
    for connector in (second, "2.1"):
        assert (await house.platform.send(ONE, Unlock(connector), timeout=1.0)).state is CommandState.ACCEPTED
        assert vendor.commands.sent.pop() == ("UNLOCK_CONNECTOR", here)
    assert (await house.platform.send(ONE, Start(second, "CARD"), timeout=1.0)).state is CommandState.ACCEPTED
    word, body = vendor.commands.sent.pop()
    token = body.pop("token")
    assert (word, body) == ("START_SESSION", here | {"chargestation_id": ONE})
    assert (token["uid"], token["valid"]) == ("CARD", True)


@pytest.mark.parametrize("command", [Trigger(Message.STATUS), Unlock("9"), Start("9", "CARD")], ids=str)
async def test_what_the_module_or_the_station_has_not_is_not_asked_for(
    house: Ours, vendor: Vendor, command: Command
) -> None:
    assert (await house.platform.send(ONE, command, timeout=1.0)).state is CommandState.NOT_IMPLEMENTED
    assert vendor.commands.sent == []


async def test_a_configuration_comes_with_the_result(house: Ours, vendor: Vendor) -> None:
    outcome = await house.platform.send(ONE, GetConfiguration(("HeartbeatInterval", "Nonsense")), timeout=1.0)
    assert outcome.configuration == (ConfigurationKey("HeartbeatInterval", "300"),)
    assert outcome.unknown == ("Nonsense",)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("REJECTED", CommandState.REJECTED),
        ("EVSE_OCCUPIED", CommandState.REJECTED),
        ("NOT_SUPPORTED", CommandState.NOT_IMPLEMENTED),
        ("FAILED", CommandState.ERROR),
        ("TIMEOUT", CommandState.TIMEOUT),
    ],
)
async def test_every_result_has_its_outcome(house: Ours, vendor: Vendor, told: str, state: CommandState) -> None:
    vendor.commands.result_told = told
    outcome = await house.platform.send(ONE, Unlock(socket_id(vendor, 1)), timeout=1.0)
    assert (outcome.state, outcome.status) == (state, told)


async def test_what_is_pending_at_the_end_is_no_success_but_for_a_restart_on_its_way(
    house: Ours, vendor: Vendor
) -> None:
    for command, state in ((Unlock(socket_id(vendor, 1)), CommandState.TIMEOUT), (Reset(), CommandState.ACCEPTED)):
        outcome = await house.platform.send(ONE, command, timeout=0.01)
        assert (outcome.state, outcome.status) == (state, "PENDING")


async def test_an_unknown_session_and_an_unknown_station_are_refusals(house: Ours, vendor: Vendor) -> None:
    stop = await house.platform.send(ONE, Stop(8), timeout=1.0)
    assert (stop.state, stop.status) == (CommandState.REJECTED, "UNKNOWN_SESSION")
    reset = await house.platform.send("UTR-NONE", Reset(), timeout=1.0)
    assert reset.state is CommandState.REJECTED and "Can't find chargeStation" in reset.raw[-1]


@pytest.mark.parametrize("fault", ["drop", "hang"])
@pytest.mark.parametrize("command", [Reset(), Start("1", "CARD")], ids=str)
async def test_one_whose_answer_is_lost_is_never_sent_again(
    house: Ours, vendor: Vendor, command: Command, fault: str
) -> None:
    if isinstance(command, Start):
        command = Start(socket_id(vendor, 1), "CARD")
    vendor.fault(fault, methods=("POST",), path="remotecommands")
    outcome = await house.platform.send(ONE, command, timeout=1.0)
    assert outcome.state is CommandState.TIMEOUT and len(vendor.commands.sent) == 1
    posts = [path for method, path in vendor.log if method == "POST" and "remotecommands" in path]
    assert len(posts) == 1


async def test_a_token_that_lost_the_module_sends_nothing(house: Ours, vendor: Vendor) -> None:
    vendor.keys = {
        token: type(key)(key.cpos, frozenset({"chargestations", "locations"})) for token, key in vendor.keys.items()
    }
    assert (await house.platform.send(ONE, Reset(), timeout=1.0)).state is CommandState.NOT_IMPLEMENTED
    assert vendor.commands.sent == []


async def test_a_secret_is_in_no_evidence(house: Ours, vendor: Vendor) -> None:
    outcome = await house.platform.send(ONE, ChangeConfiguration("WifiPassword", "hush", secret=True), timeout=1.0)
    assert vendor.commands.keys["WifiPassword"] == "hush"
    assert "hush" not in "".join(outcome.raw)


async def test_supports_command_goes_by_the_platform_and_not_to_a_station_in_use_there(
    house: Ours, vendor: Vendor
) -> None:
    commanding = Commanding(house.ports, Bus(house.ports.store), seconds=2)
    sue = Actor(person_id="sue", name="Sue", role=Role.SUPPORT, cpo_ids=frozenset({ABC}))
    asked = Asked(cpo_id=ABC, charge_station_id=ONE, command=GetConfiguration())
    request = await commanding.ask(sue, asked)
    async with asyncio.timeout(10):
        while (done := (await house.ports.store.find(CommandRequest, id=request.id))[0][0]).ended is None:
            await asyncio.sleep(0.01)
    assert result_of(done) == "accepted" and done.outcome is not None
    assert done.outcome.configuration == (ConfigurationKey("HeartbeatInterval", "300"),)
    assert isinstance(house.ports.commands, FakeCommands) and house.ports.commands.sent == []
    vendor.charging(ONE, 2)
    with pytest.raises(StationInUse):
        await commanding.ask(sue, asked)
    vendor.station_online(ONE, online=False)
    with pytest.raises(StationOffline):
        await commanding.ask(sue, asked)
    assert len(vendor.commands.sent) == 1
