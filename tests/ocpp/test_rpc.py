"""An independent station over the live listener: `ocpp-rpc` for Node, which holds both sides to the standard's schemas.

`make test` installs it into `tests/ocpp/rpc`.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandState,
    GetConfiguration,
    Message,
    Reset,
    Start,
    Stop,
    Trigger,
    Unlock,
)
from app.domain.facts import FactKind
from app.domain.live import Knock, KnockReason, OfflineReason, Transaction
from app.ports import Ports
from tests.ocpp.conftest import PATIENT, SECRET, STATION, World, make_world, until
from tests.ocpp.test_virtual import Process

HERE = Path(__file__).parent / "rpc"
VERSIONS = ["ocpp1.6", "ocpp2.0.1"]


@pytest.fixture
async def settling(ports: Ports) -> AsyncIterator[World]:
    """Where a station that came back is soon asked for what it has not said."""
    made = make_world(ports, msgspec.structs.replace(PATIENT, ocpp_settle_seconds=0.5))
    await made.gateway.start()
    await made.add_station()
    yield made
    await made.gateway.stop()


@asynccontextmanager
async def independent(
    world: World, subprotocol: str, charge_station_id: str = STATION, password: str = SECRET
) -> AsyncIterator[Process]:
    """The client as a process, with the Node that `make` found or installed."""
    node = shutil.which("node", path=f"{Path(sys.prefix) / 'node'}{os.pathsep}{os.environ['PATH']}")
    assert node is not None and (HERE / "node_modules" / "ocpp-rpc").is_dir(), "make test installs the client"
    process = await asyncio.create_subprocess_exec(
        *(node, "client.mjs", world.url.rstrip("/"), charge_station_id, subprotocol),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    running = Process(process)
    running.tell(password)
    following = asyncio.create_task(running.follow())
    try:
        yield running
        assert [event for event in running.events if event["event"] in ("invalid", "bad")] == []
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await following


@pytest.mark.parametrize("subprotocol", VERSIONS)
async def test_a_whole_visit_keeps_to_the_schemas_both_ways_and_is_stored(world: World, subprotocol: str) -> None:
    async with independent(world, subprotocol) as station:
        boot = await station.saw("answered", method="BootNotification")
        assert boot["answer"]["status"] == "Accepted" and (await station.saw("open"))["protocol"] == subprotocol
        station.tell("work")
        await station.saw("worked")
        wire = await world.wire()
        assert (wire["connectivity_status"], wire["charge_point_vendor"]) == ("Online", "ocpp-rpc")
        assert [evse["status"] for evse in wire["evses"]] == ["CHARGING", "AVAILABLE"]
        station.tell("end")
        assert await station.code() == 0
    [(known, _)] = await world.ports.store.find(Transaction, charge_station_id=STATION)
    last = 400 if subprotocol == "ocpp2.0.1" else 350
    assert (known.meter_start, known.meter_last, known.meter_stop, known.accepted) == (100, last, 400, True)
    assert [f.data["accepted"] for f in await world.facts(FactKind.CARD_SHOWN)] == [True]
    await until(world.offline)
    assert (await world.live()).offline_reason is OfflineReason.CLOSED


@pytest.mark.parametrize("subprotocol", VERSIONS)
async def test_every_command_of_ours_keeps_to_the_schemas(world: World, subprotocol: str) -> None:
    newer = subprotocol == "ocpp2.0.1"
    connector = "2.1" if newer else "2"
    commands: list[tuple[Command, CommandState]] = [
        (GetConfiguration(("HeartbeatInterval", "Nonsense")), CommandState.ACCEPTED),
        (GetConfiguration(), CommandState.ACCEPTED),
        (ChangeConfiguration("HeartbeatInterval", "60"), CommandState.ACCEPTED),
        *((Trigger(message, connector), CommandState.ACCEPTED) for message in Message),
        *((Trigger(message), CommandState.ACCEPTED) for message in Message),
        (Unlock(connector), CommandState.ACCEPTED),
        (Start(connector, "TESTCARD"), CommandState.ACCEPTED),
        (Stop(7, "independent-7"), CommandState.REJECTED),
        (Reset(), CommandState.ACCEPTED),
        (Reset(hard=True), CommandState.ACCEPTED),
    ]
    async with independent(world, subprotocol) as station:
        await station.saw("answered", method="BootNotification")
        outcomes = [await world.gateway.send(STATION, command, timeout=10) for command, _ in commands]
        assert [outcome.state for outcome in outcomes] == [state for _, state in commands]
        assert outcomes[0].configuration[0].value == "300" and outcomes[0].unknown == ("Nonsense",)
        assert outcomes[2].status == "RebootRequired"
        assert len([event for event in station.events if event["event"] == "asked"]) == len(commands)


@pytest.mark.parametrize("subprotocol", VERSIONS)
@pytest.mark.parametrize("name", ["RDAM|123", "A/B/é 1", "100%", "who:is:it"])
async def test_odd_ids_come_in_with_their_password_as_another_client_encodes_them(
    world: World, name: str, subprotocol: str
) -> None:
    await world.add_station(name)
    async with independent(world, subprotocol, name) as station:
        await station.saw("answered", method="BootNotification")
        assert await world.online(name)
        station.tell("end")
        assert await station.code() == 0


@pytest.mark.parametrize("subprotocol", VERSIONS)
async def test_a_client_that_returns_by_itself_is_online_without_another_boot(
    settling: World, subprotocol: str
) -> None:
    world = settling
    async with independent(world, subprotocol) as station:
        await station.saw("answered", method="BootNotification")
        world.ports.clock.forward(hours=1)  # type: ignore[attr-defined]
        await world.gateway.disconnect(STATION, OfflineReason.SERVER_RESTART)
        assert (await station.saw("disconnect"))["code"] == 1012
        await station.saw("open", 2)
        await until(world.online)
        await station.saw("asked", method="TriggerMessage", params={"requestedMessage": "BootNotification"})
        assert station.count("answered", method="BootNotification") == 1
        outcome = await world.gateway.send(STATION, GetConfiguration(("HeartbeatInterval",)), timeout=10)
        assert outcome.state is CommandState.ACCEPTED


@pytest.mark.parametrize("subprotocol", VERSIONS)
async def test_a_wrong_password_is_refused_and_recorded(world: World, subprotocol: str) -> None:
    async with independent(world, subprotocol, password="wrong") as station:
        await station.saw("failed")
        assert await station.code() == 0
    found = [knock for knock, _ in await world.ports.store.find(Knock)]
    assert [knock.reason for knock in found] == [KnockReason.WRONG_PASSWORD]
    assert await world.offline()
