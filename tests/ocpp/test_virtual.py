"""The virtual station as a process of its own, against the live listener."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from app.cli.virtual.station import address
from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
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
from app.domain.facts import FactKind
from app.domain.live import OfflineReason, Transaction
from tests.ocpp.conftest import SECRET, STATION, World, until


@dataclass
class Process:
    """A running station: its events as they come, and a way to tell it things."""

    process: asyncio.subprocess.Process
    events: list[dict[str, Any]] = field(default_factory=list)

    async def follow(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.events.append(json.loads(line))

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")

    def count(self, event: str, **fields: Any) -> int:
        return sum(1 for e in self.events if e["event"] == event and fields.items() <= e.items())

    async def saw(self, event: str, times: int = 1, **fields: Any) -> dict[str, Any]:
        await until(lambda: self.count(event, **fields) >= times, 20)
        return [e for e in self.events if e["event"] == event and fields.items() <= e.items()][-1]

    async def code(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()


@asynccontextmanager
async def station(
    world: World, *flags: str, charge_station_id: str = STATION, password: str = SECRET
) -> AsyncIterator[Process]:
    """The password goes by stdin, as the demo sends it."""
    url = world.url + quote(charge_station_id, safe="/")
    quick = ("--reboot-seconds", "0.1", "--retry-seconds", "0.1", "--charge-seconds", "0")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli.station", "--url", url, "--password-stdin", "--json", "--connectors", "2"),
        *quick,
        *flags,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    running = Process(process)
    running.tell(password)
    following = asyncio.create_task(running.follow())
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await following


async def test_it_boots_reports_its_connectors_and_leaves_cleanly(world: World) -> None:
    async with station(world, "--vendor", "Alfen", "--serial", "A" * 25, "--firmware", "4.1") as virtual:
        await virtual.saw("reported")
        shown = await world.wire()
        assert (shown["connectivity_status"], shown["charge_point_vendor"]) == ("Online", "Alfen")
        assert (shown["charge_point_serial_number"], shown["firmware_version"]) == ("A" * 25, "4.1")
        assert [evse["status"] for evse in shown["evses"]] == ["AVAILABLE", "AVAILABLE"]
        virtual.process.send_signal(signal.SIGTERM)
        assert await virtual.code() == 0
        await until(world.offline)
    assert (await world.live()).offline_reason is OfflineReason.CLOSED
    assert SECRET not in str(virtual.events)


async def test_a_reset_is_seen_through_the_commands_from_its_answer_to_its_return(world: World) -> None:
    async with station(world) as virtual:
        await virtual.saw("reported")
        outcome = await world.gateway.send(STATION, Reset(), timeout=10)
        assert outcome.state is CommandState.ACCEPTED
        assert [json.loads(text)[0] for text in outcome.raw] == [2, 3]
        await virtual.saw("reported", 2)
        assert await world.online()
    kinds = [fact.kind for fact in await world.facts(*STEPS)]
    assert kinds[:5] == [*STEPS[:2], FactKind.STATION_DISCONNECTED, *STEPS[:2]]


STEPS = (FactKind.STATION_CONNECTED, FactKind.STATION_BOOTED, FactKind.STATION_DISCONNECTED)


async def test_it_answers_triggers_and_does_what_they_ask(world: World) -> None:
    async with station(world) as virtual:
        await virtual.saw("reported")
        boots = len(await world.facts(FactKind.STATION_BOOTED))
        outcome = await world.gateway.send(STATION, Trigger(Message.BOOT), timeout=10)
        assert outcome.state is CommandState.ACCEPTED

        async def booted_again() -> bool:
            return len(await world.facts(FactKind.STATION_BOOTED)) == boots + 1

        await until(booted_again)
        outcome = await world.gateway.send(STATION, Trigger(Message.STATUS, "9"), timeout=10)
        assert outcome.state is CommandState.NOT_IMPLEMENTED


async def test_it_charges_with_a_card_as_the_flags_say_and_leaves(world: World) -> None:
    async with station(world, "--once", "--plug-in", "2", "--card", "TESTCARD", "--energy-wh", "700") as virtual:
        assert await virtual.code() == 0
    [fact] = await world.facts(FactKind.TRANSACTION_STOPPED)
    assert fact.data["energy_wh"] == 700 and fact.data["connector_id"] == "2"
    found = await world.ports.store.get(Transaction, fact.data["transaction_id"])
    assert found is not None and found[0].meter_last == 700


async def test_a_refused_card_is_no_success(world: World) -> None:
    async with station(world, "--once", "--plug-in", "1", "--card", "STRANGER") as virtual:
        assert await virtual.code() == 1
    assert virtual.count("card", accepted=False) == 1 and virtual.count("started") == 0


async def test_it_does_what_it_is_told_on_stdin(world: World) -> None:
    await world.commissioning()
    async with station(world) as virtual:
        virtual.tell("plug 1")
        virtual.tell("card 04A2B3C4D5E6")
        await virtual.saw("started", connector=1)
        await until(lambda: in_state(world, "CHARGING", "AVAILABLE"))
        virtual.tell("card 04A2B3C4D5E6")
        await virtual.saw("stopped", connector=1)
        virtual.tell("unplug 1")
        virtual.tell("fault 2 GroundFailure")
        await until(lambda: in_state(world, "AVAILABLE", "OUTOFORDER"))
        virtual.tell("fault 2 NoError")
        virtual.tell("charge 2 04A2B3C4D5E6 300")
        assert (await virtual.saw("stopped", connector=2))["meter"] == 300
        for nonsense in ("dance", "plug 9", "plug x", "fault 1 Tiredness", "charge 1"):
            virtual.tell(nonsense)
        await virtual.saw("not_understood", 5)
        virtual.tell("quit")
        assert await virtual.code() == 0


async def test_a_visit_charges_where_it_plugged_in_though_another_socket_waits(world: World) -> None:
    async with station(world) as virtual:
        virtual.tell("plug 1")
        virtual.tell("charge 2 TESTCARD 300")
        assert (await virtual.saw("stopped"))["connector"] == 2
        assert virtual.count("started", connector=1) == 0


async def in_state(world: World, *statuses: str) -> bool:
    return [evse["status"] for evse in (await world.wire())["evses"]] == list(statuses)


async def test_it_says_why_it_was_refused_and_gets_in_when_the_cause_is_gone(world: World) -> None:
    await world.add_station("LATE/1|x", password=None)
    async with station(world, charge_station_id="LATE/1|x") as virtual:
        refused = await virtual.saw("refused", 2)
        assert refused["why"] == "HTTP 401 Refused: wrong_password"
        await world.set_password("LATE/1|x")
        await virtual.saw("reported")
        assert await world.online("LATE/1|x")


async def test_with_once_a_refusal_is_the_end(world: World) -> None:
    async with station(world, "--once", password="wrong") as virtual:
        assert await virtual.code() == 1


async def test_it_leaves_with_its_starter_when_it_was_told_to(world: World) -> None:
    async with station(world, "--until-eof") as virtual:
        await virtual.saw("reported")
        assert virtual.process.stdin is not None
        virtual.process.stdin.close()
        assert await virtual.code() == 0
    await until(world.offline)


async def test_a_lost_connection_comes_back_without_a_boot(world: World) -> None:
    async with station(world) as virtual:
        await virtual.saw("reported")
        await world.gateway.disconnect(STATION, OfflineReason.CLOSED)
        await virtual.saw("reported", 2)
        assert virtual.count("booted") == 1 and virtual.count("connected") == 2
        await until(world.online)


async def ask(world: World, command: Command) -> CommandOutcome:
    return await world.gateway.send(STATION, command, timeout=10)


async def test_it_knows_its_configuration(world: World) -> None:
    async with station(world) as virtual:
        await virtual.saw("reported")
        said = await ask(world, GetConfiguration(("NumberOfConnectors", "Nonsense")))
        assert said.configuration == (ConfigurationKey("NumberOfConnectors", "2", readonly=True),)
        assert said.unknown == ("Nonsense",)
        for key, value, status in (
            ("HeartbeatInterval", "1", "Accepted"),
            ("NumberOfConnectors", "9", "Rejected"),
            ("Nonsense", "1", "NotSupported"),
        ):
            assert (await ask(world, ChangeConfiguration(key, value))).status == status
        assert len((await ask(world, GetConfiguration())).configuration) == 6


async def test_a_secret_is_written_and_shown_nowhere(world: World) -> None:
    async with station(world) as virtual:
        await virtual.saw("reported")
        outcome = await ask(world, ChangeConfiguration("HeartbeatInterval", "777", secret=True))
        assert outcome.status == "Accepted" and "777" not in str(outcome)
        assert (await ask(world, GetConfiguration(("HeartbeatInterval",)))).configuration[0].value == "777"


async def test_it_starts_and_stops_from_afar_and_unlocks(world: World) -> None:
    async with station(world) as virtual:
        await virtual.saw("reported")
        assert (await ask(world, Start("1", "TESTCARD"))).status == "Accepted"
        number = (await virtual.saw("started"))["transaction"]
        assert (await ask(world, Start("1", "TESTCARD"))).status == "Rejected"
        assert (await ask(world, Stop(number))).status == "Accepted"
        await virtual.saw("stopped", transaction=number)
        assert (await ask(world, Stop(number))).status == "Rejected"
        assert (await ask(world, Unlock("2"))).status == "Unlocked"
        assert (await ask(world, Unlock("7"))).state is CommandState.NOT_IMPLEMENTED


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://h:9000/ocpp/NL-1", ("ws://h:9000/ocpp/NL-1", "NL-1")),
        ("ws://h:9000/ocpp/A b|c/d", ("ws://h:9000/ocpp/A%20b%7Cc/d", "A b|c/d")),
        ("ws://h:9000/ocpp/A%20b", ("ws://h:9000/ocpp/A%20b", "A b")),
        ("wss://h/NL-1", ("wss://h/NL-1", "NL-1")),
    ],
)
def test_the_id_is_the_end_of_the_url(url: str, expected: tuple[str, str]) -> None:
    assert address(url) == expected
