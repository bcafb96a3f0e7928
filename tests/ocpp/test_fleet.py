"""A fleet of virtual stations as a process of its own, against the live listener."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.cli.parser import main
from app.cli.station import numbered
from app.cli.virtual.behaviours import BEHAVIOURS
from app.cli.virtual.fleet import Tally
from app.domain.facts import FactKind
from app.domain.live import OfflineReason
from tests.ocpp.conftest import SECRET, World, until
from tests.ocpp.test_virtual import Process


@asynccontextmanager
async def fleet(world: World, count: int, *flags: str) -> AsyncIterator[Process]:
    """Stations SIM-1 to SIM-count, all with one password."""
    for number in range(1, count + 1):
        await world.add_station(f"SIM-{number}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli.station", "--url", world.url + "SIM-{n}", "--password-stdin", "--json"),
        *("--count", str(count), "--connectors", "2", "--retry-seconds", "0.2", "--charge-seconds", "0", *flags),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    running = Process(process)
    running.tell(SECRET)
    following = asyncio.create_task(running.follow())
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await following


async def standing(world: World, count: int) -> list[bool]:
    return [await world.online(f"SIM-{number}") for number in range(1, count + 1)]


async def test_a_fleet_says_how_many_are_how_and_ends_cleanly(world: World) -> None:
    flags = ("--behaviour", "normal,wrong-password,silent", "--protocol", "2.0.1")
    async with fleet(world, 6, *flags) as running:
        settled = {"stations": 6, "connected": 4, "booted": 2, "refused": 2, "gone": 0}
        await running.saw("fleet", **settled)
        assert await standing(world, 6) == [True, False, False] * 2
        assert {event["event"] for event in running.events} == {"fleet"}
        running.process.send_signal(signal.SIGINT)
        assert await running.code() == 0
    assert running.events[-1]["connected"] == 0

    async def all_gone() -> bool:
        return not any(await standing(world, 6))

    await until(all_gone)
    assert (await world.live("SIM-1")).offline_reason is OfflineReason.CLOSED
    assert SECRET not in str(running.events)


async def test_a_fleet_does_what_it_is_told_all_of_it_or_one(world: World) -> None:
    async with fleet(world, 3, "--events", "--until-eof") as running:
        await running.saw("fleet", booted=3)
        await running.saw("reported", 3)
        running.tell("@2 charge 1 TESTCARD 400")
        assert (await running.saw("stopped"))["station"] == 2
        running.tell("fault 2 GroundFailure")
        await running.saw("status", 3, connector=2, status="Faulted")
        assert running.process.stdin is not None
        running.process.stdin.close()
        assert await running.code() == 0
    [fact] = await world.facts(FactKind.TRANSACTION_STOPPED, station=None)
    assert (fact.charge_station_id, fact.data["energy_wh"]) == ("SIM-2", 400)


async def test_with_once_a_fleet_leaves_when_all_have_done_their_errand(world: World) -> None:
    async with fleet(world, 3, "--once", "--plug-in", "2") as running:
        assert await running.code() == 0
    assert len(await world.facts(FactKind.TRANSACTION_STOPPED, station=None)) == 3


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--url", "ws://h/ocpp/A", "--count", "2"], "with --count, --url has {n}"),
        (["--url", "ws://h/ocpp/A", "--behaviour", "normal,moody"], "no such behaviour: moody; one of normal, "),
        (["--url", "ws://h/ocpp/{n}", "--count", "0"], "--count is a number from 1 to"),
        (["--url", "ws://h/ocpp/{n}", "--per-second", "0"], "are more than 0"),
    ],
)
def test_what_cannot_be_started_is_said_in_one_sentence(
    flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["station", *flags]) == 2
    assert said in capsys.readouterr().err


def test_each_station_has_its_number_where_the_pattern_says() -> None:
    assert numbered("ws://h/ocpp/SIM-{n}", 7) == "ws://h/ocpp/SIM-7"
    assert numbered("SIM-{n:04}/{n}", 7) == "SIM-0007/7"


def test_a_tally_is_one_entry_for_each_station_whatever_it_tells() -> None:
    tally = Tally()
    for number in range(3):
        for _ in range(100):
            tally.note(number, "connected", {})
            tally.note(number, "booted", {"status": "Pending" if number else "Accepted"})
            tally.note(number, "heartbeat", {})
    assert len(tally.standing) == 3
    assert tally.counts() == {"connected": 3, "booted": 1, "refused": 0, "gone": 0}


def test_the_readme_shows_each_behaviour_by_hand() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    table = readme[readme.index("### Show a pitfall by hand") :].split("\n## ")[0]
    rows = [line.split("|")[1].strip(" `") for line in table.splitlines() if line.startswith("| `")]
    assert rows == ["--behaviour", *BEHAVIOURS]
