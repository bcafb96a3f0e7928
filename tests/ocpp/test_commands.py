"""Commands to connected stations, and a store that fails under them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from app.domain.commands import CommandState, Message, Reset, Trigger
from app.domain.errors import StoreUnavailable
from app.domain.live import OfflineReason, Registration
from app.domain.profiles import Profile
from app.ocpp import gateway as gateway_module
from app.ocpp.gateway import Gateway
from app.platforms.host import OcppHost
from app.ports import Ports
from tests.ocpp.conftest import PATIENT, SECRET, STATION, Client, World, make_world, until

# --- a store that fails ----------------------------------------------------------------------------------------------


class Failing(OcppHost):
    """Fails as often as `failures` says."""

    failures = 0
    error: Exception = StoreUnavailable("the disk is full")

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error

    async def booted(self, *args: Any) -> Registration:
        self._fail()
        return await super().booted(*args)

    async def disconnected(self, *args: Any) -> None:
        self._fail()
        await super().disconnected(*args)


@pytest.fixture
async def failing(ports: Ports) -> AsyncIterator[World]:
    world = make_world(ports)
    world.host = Failing(ports.store, ports.clock, ports.ids, ports.digest_key, Profile.PASSWORD)
    world.gateway = Gateway(world.host, PATIENT, ports.clock)
    await world.gateway.start()
    await world.add_station()
    yield world
    await world.gateway.stop()


@pytest.mark.parametrize("error", [StoreUnavailable("the disk is full"), KeyError("a fault of ours")])
async def test_what_could_not_be_stored_is_not_acknowledged(failing: World, error: Exception) -> None:
    host: Any = failing.host
    async with failing.client() as client:
        host.failures, host.error = 1, error
        answer = await client.ask("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        assert answer[0] == 4 and answer[2] == "InternalError"
        assert "disk" not in str(answer) and "fault" not in str(answer)
        assert not await failing.online()
        await client.boot()
        assert await failing.online()


async def test_a_disconnection_is_said_until_it_is_stored(failing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_module, "RETRY_SECONDS", 0.01)
    host: Any = failing.host
    async with failing.client() as client:
        await client.boot()
        host.failures, host.error = 3, StoreUnavailable("the disk is full")
    await until(failing.offline)
    assert host.failures == 0


# --- commands --------------------------------------------------------------------------------------------------------


async def asked(client: Client, action: str) -> str:
    """The id of the CALL that the station hears now."""
    frame = await client.hear()
    assert (frame[0], frame[2]) == (2, action)
    return str(frame[1])


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ([3, {"status": "Accepted"}], CommandState.ACCEPTED),
        ([3, {"status": "Rejected"}], CommandState.REJECTED),
        ([3, {"status": "NotImplemented"}], CommandState.NOT_IMPLEMENTED),
        ([4, "NotImplemented", "", {}], CommandState.NOT_IMPLEMENTED),
        ([4, "NotSupported", "", {}], CommandState.NOT_IMPLEMENTED),
        ([4, "GenericError", "", {}], CommandState.ERROR),
        ([3, {"status": "Perhaps"}], CommandState.ERROR),
        ([3, "nonsense"], CommandState.ERROR),
    ],
)
async def test_a_command_has_the_stations_answer_as_its_outcome(
    world: World, reply: list[Any], state: CommandState
) -> None:
    async with world.client() as client:
        await client.boot()
        command = asyncio.create_task(world.gateway.send(STATION, Trigger(Message.STATUS, "1"), timeout=5))
        frame = await client.hear()
        assert frame[2:] == ["TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 1}]
        await client.say([reply[0], frame[1], *reply[1:]])
        outcome = await command
    assert outcome.state is state
    assert [json.loads(text) for text in outcome.raw] == [frame, [reply[0], frame[1], *reply[1:]]]


async def test_a_command_without_an_answer_times_out_and_a_late_answer_is_nobodys(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        outcome = await world.gateway.send(STATION, Trigger(Message.HEARTBEAT), timeout=0.1)
        assert outcome.state is CommandState.TIMEOUT and len(outcome.raw) == 1 and not outcome.never_sent
        late = await asked(client, "TriggerMessage")
        next_one = asyncio.create_task(world.gateway.send(STATION, Reset(), timeout=5))
        current = await asked(client, "Reset")
        await client.say([3, late, {"status": "Accepted"}])
        await client.say([3, current, {"status": "Rejected"}])
        assert (await next_one).state is CommandState.REJECTED


async def test_a_command_to_nobody_and_one_whose_socket_breaks_are_offline(world: World) -> None:
    assert (await world.gateway.send(STATION, Reset(hard=True), timeout=5)).state is CommandState.OFFLINE
    async with world.client() as client:
        await client.boot()
        command = asyncio.create_task(world.gateway.send(STATION, Reset(hard=True), timeout=30))
        await asked(client, "Reset")
        client.socket.transport.abort()
        assert (await command).state is CommandState.OFFLINE


async def test_disconnecting_closes_the_socket_and_the_station_is_offline_when_it_returns(world: World) -> None:
    await world.gateway.disconnect(STATION, OfflineReason.ABANDONED)
    async with world.client() as client:
        await client.boot()
        await world.gateway.disconnect(STATION, OfflineReason.ABANDONED)
        assert await world.offline() and (await world.live()).offline_reason is OfflineReason.ABANDONED
        with pytest.raises(ConnectionClosed):
            await client.hear()


async def test_no_frame_and_no_password_is_ever_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with world.client() as client:
        await client.boot()
        await client.ask("Authorize", {"idTag": "04A2B3C4D5E6"})
        await client.send("[2, broken 04A2B3C4D5E6")
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("stationlink")]
    assert any(STATION in line for line in ours)
    assert not any("04A2B3C4D5E6" in line or SECRET in line or "Authorization" in line for line in ours)
