"""Pitfalls of stations that come back: without a boot, all at once, deaf, with old news, or asked too early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec.structs import replace

from app.domain.commands import CommandState, Message, Reset, Trigger
from app.domain.errors import StationInUse
from app.domain.facts import FactKind
from app.domain.model import EvseStatus
from app.domain.stations import Rung
from app.ocpp.gateway import Gateway
from app.platforms import host as host_module
from app.platforms.host import OcppHost
from app.ports import Ports
from tests.ocpp import v201
from tests.ocpp.conftest import PATIENT, STATION, Client, World, make_world, until

SETTLE = 0.3


@pytest.fixture
async def settling(ports: Ports) -> AsyncIterator[World]:
    """A world where stations settle soon."""
    made = make_world(ports, replace(PATIENT, ocpp_settle_seconds=SETTLE))
    await made.gateway.start()
    await made.add_station()
    yield made
    await made.gateway.stop()


async def trigger(client: Client) -> tuple[str, dict[str, Any]]:
    """The id and payload of the TriggerMessage that the station hears now."""
    frame = await client.hear()
    assert (frame[0], frame[2]) == (2, "TriggerMessage"), frame
    return str(frame[1]), frame[3]


async def nothing_more(world: World, client: Client) -> None:
    """The next that the station hears is what it is told now: nothing was on its way."""
    asked = asyncio.create_task(world.gateway.send(STATION, Trigger(Message.HEARTBEAT), timeout=10))
    call, payload = await trigger(client)
    assert payload == {"requestedMessage": "Heartbeat"}
    await client.say([3, call, {"status": "Accepted"}])
    assert (await asked).state is CommandState.ACCEPTED


async def let_in(world: World) -> None:
    """A client has its handshake a moment before its socket is the station's."""
    await until(lambda: STATION in world.gateway._sessions)


async def booted_before(world: World, *connectors: int) -> None:
    async with world.client() as client:
        await client.boot()
        for connector in connectors:
            await client.status(connector, "Charging")
    await until(world.offline)
    world.ports.clock.forward(hours=1)  # type: ignore[attr-defined]


# --- 9: reconnect without BootNotification ---------------------------------------------------------------------------


async def test_pitfall_09_a_station_that_returns_silent_is_online_and_asked_once_for_boot_and_status(
    settling: World,
) -> None:
    await booted_before(settling, 1)
    async with settling.client() as client:
        await let_in(settling)
        view = await settling.view()
        assert (view.connectivity_status, view.rung) == ("Online", Rung.SILENT)
        call, payload = await trigger(client)
        assert payload == {"requestedMessage": "BootNotification"}
        await client.say([3, call, {"status": "Accepted"}])
        await client.boot()
        assert (await settling.view()).rung is Rung.ONLINE
        call, payload = await trigger(client)
        assert payload == client.asked_status(1)
        await client.say([3, call, {"status": "Accepted"}])
        await client.status(1, "Available")
        await nothing_more(settling, client)


async def test_pitfall_09_its_first_message_is_told_to_whoever_works_on_it(world: World) -> None:
    await booted_before(world)
    await world.commissioning()
    async with world.client() as client:
        await let_in(world)
        assert (await world.view()).rung is Rung.SILENT
        for _ in range(2):
            await client.ask("Heartbeat", {})
        assert (await world.view()).rung is Rung.ONLINE
    [fact] = await world.facts(FactKind.STATION_SPOKE)
    assert fact.commissioning_id == f"commissioning-of-{STATION}"


async def test_pitfall_09_one_that_refuses_is_not_asked_again(settling: World) -> None:
    await booted_before(settling, 1)
    async with settling.client() as client:
        for _ in (Message.BOOT, Message.STATUS):
            call, _payload = await trigger(client)
            await client.say([3, call, {"status": "NotImplemented"}])
        await nothing_more(settling, client)


async def test_pitfall_09_one_that_does_not_answer_is_not_asked_for_the_rest(ports: Ports) -> None:
    world = make_world(ports, replace(PATIENT, ocpp_settle_seconds=SETTLE, ocpp_command_seconds=0.2))
    await world.gateway.start()
    await world.add_station()
    async with v201.station(world) as client:
        await v201.status(client, 1, 1, "Available")
        await v201.status(client, 2, 1, "Available")
    await until(world.offline)
    world.ports.clock.forward(hours=1)  # type: ignore[attr-defined]
    async with v201.station(world) as client:
        _call, payload = await trigger(client)
        assert payload["requestedMessage"] == "StatusNotification" and payload["evse"]["id"] == 1
        for _ in range(2):  # the first of these waits until the time to answer is over
            await nothing_more(world, client)
    await world.gateway.stop()


async def test_pitfall_09_a_station_that_said_all_by_itself_is_asked_nothing(settling: World) -> None:
    await booted_before(settling, 1)
    async with settling.client() as client:
        await client.boot()
        await client.status(1, "Available")
        session = settling.gateway._sessions[STATION]
        asked = asyncio.create_task(settling.gateway._settling.settle(session))
        await asked  # the same as what runs beside it: both have settled now
        await nothing_more(settling, client)


# --- 10: commands before the boot ------------------------------------------------------------------------------------


async def test_pitfall_10_a_command_waits_until_the_boot_is_accepted(world: World) -> None:
    assert world.settings.ocpp_settle_seconds == 30
    async with world.client() as client:
        await let_in(world)
        command = asyncio.create_task(world.gateway.send(STATION, Reset(), timeout=20))
        await client.ask("Heartbeat", {})
        assert (await client.boot())["status"] == "Accepted", "its answer is the next that the station hears"
        frame = await client.hear()
        assert frame[2] == "Reset"
        await client.say([3, frame[1], {"status": "Accepted"}])
        assert (await command).state is CommandState.ACCEPTED


async def test_pitfall_10_a_command_that_ran_out_of_time_before_the_boot_was_never_sent(world: World) -> None:
    async with world.client() as client:
        await let_in(world)
        outcome = await world.gateway.send(STATION, Reset(), timeout=0.05)
        assert (outcome.state, outcome.raw, outcome.never_sent) == (CommandState.TIMEOUT, (), True)
        await client.boot()
        assert (await world.live()).deaf_since is None, "nobody asked it anything"
        await nothing_more(world, client)


async def test_pitfall_10_a_command_that_waited_is_not_sent_where_it_must_not_be_by_then(world: World) -> None:
    async def still() -> None:
        raise StationInUse("somebody is charging at this station")

    async with world.client() as client:
        await let_in(world)
        command = asyncio.create_task(world.gateway.send(STATION, Reset(), timeout=20, still=still))
        await client.ask("Heartbeat", {})
        await client.boot()
        with pytest.raises(StationInUse):
            await command
        at_once = asyncio.create_task(world.gateway.send(STATION, Reset(), timeout=20, still=still))
        frame = await client.hear()
        assert frame[2] == "Reset", "what does not wait is not asked about again"
        await client.say([3, frame[1], {"status": "Accepted"}])
        assert (await at_once).state is CommandState.ACCEPTED


async def test_pitfall_10_a_station_that_never_boots_hears_commands_after_the_fallback(settling: World) -> None:
    async with settling.client() as client:
        await let_in(settling)
        command = asyncio.create_task(settling.gateway.send(STATION, Reset(), timeout=20))
        heard = []
        for _ in range(3):
            frame = await client.hear()
            heard.append(frame[3].get("requestedMessage", frame[2]))
            await client.say([3, frame[1], {"status": "Rejected"}])
        assert sorted(heard) == ["BootNotification", "Reset", "StatusNotification"]
        assert (await command).state is CommandState.REJECTED


async def test_pitfall_10_no_burst_of_triggers_on_each_reconnect(settling: World) -> None:
    await booted_before(settling, 1)
    for _ in range(5):
        async with settling.client() as client:
            assert (await client.ask("Heartbeat", {}))[0] == 3, "the first that it hears is its answer"
        await until(settling.offline)
    async with settling.client() as client:
        _call, payload = await trigger(client)
        assert payload == {"requestedMessage": "BootNotification"}


async def test_pitfall_10_a_command_ends_with_its_socket_also_while_it_waits(world: World) -> None:
    async with world.client():
        await let_in(world)
        command = asyncio.create_task(world.gateway.send(STATION, Reset(), timeout=20))
    assert (await command).state is CommandState.OFFLINE


# --- 15: alive but deaf ----------------------------------------------------------------------------------------------


async def test_pitfall_15_a_station_that_beats_and_answers_nothing_is_deaf(world: World) -> None:
    clock: Any = world.ports.clock
    async with world.client() as client:
        await client.boot()
        first = clock.forward(minutes=1)
        for _ in range(2):
            outcome = await world.gateway.send(STATION, Trigger(Message.STATUS), timeout=0.05)
            assert outcome.state is CommandState.TIMEOUT
            await trigger(client)
            assert (await client.ask("Heartbeat", {}))[0] == 3
            clock.forward(minutes=1)
        view = await world.view()
        assert (view.rung, view.rung_since, view.connectivity_status) == (Rung.DEAF, first, "Online")
        assert (view.ear, view.deaf_since) == (None, first), "since the first that it did not answer"
        command = asyncio.create_task(world.gateway.send(STATION, Trigger(Message.STATUS), timeout=10))
        call, _ = await trigger(client)
        await client.say([4, call, "GenericError", "", {}])
        assert (await command).state is CommandState.ERROR
        view = await world.view()
        assert (view.rung, view.ear, view.deaf_since) == (Rung.ONLINE, clock.now(), None), "an error is an answer too"
    told = await world.facts(FactKind.STATION_DEAF, FactKind.STATION_HEARS)
    assert [(fact.kind, fact.at) for fact in told] == [
        (FactKind.STATION_DEAF, first),
        (FactKind.STATION_HEARS, clock.now()),
    ]


async def test_pitfall_15_an_answer_after_its_deadline_is_nobodys_and_proves_that_it_hears(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        assert (await world.gateway.send(STATION, Reset(), timeout=0.05)).state is CommandState.TIMEOUT
        frame = await client.hear()
        assert (await world.view()).rung is Rung.DEAF
        await client.say([3, "never-asked", {}])
        assert (await client.ask("Heartbeat", {}))[0] == 3
        assert (await world.view()).rung is Rung.DEAF
        await client.say([3, frame[1], {"status": "Accepted"}])
        assert (await client.ask("Heartbeat", {}))[0] == 3
        assert (await world.view()).rung is Rung.ONLINE


# --- 16: the reconnect storm -----------------------------------------------------------------------------------------


class CountingHost(OcppHost):
    """Counts the changes of connections and boots that are in hand at one time."""

    now = most = 0

    async def _apply(self, charge_station_id: str, rule: Any) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await super()._apply(charge_station_id, rule)
        self.now -= 1


async def test_pitfall_16_when_all_return_at_once_few_are_in_hand_and_all_get_in(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "MOST_AT_ONCE", 4)
    world = make_world(ports)
    host = CountingHost(ports.store, ports.clock, ports.ids, ports.digest_key, True)
    world.gateway = Gateway(host, PATIENT, ports.clock)
    await world.gateway.start()
    names = [f"STORM-{number}" for number in range(40)]
    for name in names:
        await world.add_station(name)
    async with AsyncExitStack() as stack:

        async def returns(name: str) -> dict[str, Any]:
            client = await stack.enter_async_context(world.client(name))
            return await client.boot()

        answers = await asyncio.gather(*map(returns, names))
        assert {answer["status"] for answer in answers} == {"Accepted"}
        assert [name for name in names if not await world.online(name)] == []
        assert 1 < host.most <= 4
    await world.gateway.stop()


async def test_pitfall_16_a_handshake_costs_no_slow_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> bytes:
        raise AssertionError("a slow hash at the door")

    for name in ("hashlib.scrypt", "hashlib.pbkdf2_hmac"):
        monkeypatch.setattr(name, slow)
    async with world.client() as client:
        assert (await client.boot())["status"] == "Accepted"


# --- 18: stale connector status --------------------------------------------------------------------------------------


async def test_pitfall_18_the_last_status_of_an_offline_station_is_kept_with_its_age_and_reads_unknown(
    world: World,
) -> None:
    before = world.ports.clock.now()
    await booted_before(world, 1)
    [connector] = (await world.view()).connectors
    assert (connector.at, connector.reads) == (before, EvseStatus.UNKNOWN)
    assert connector.status in ("Charging", "Occupied")
    assert {evse["status"] for evse in (await world.wire())["evses"]} == {"UNKNOWN"}


async def test_pitfall_18_what_a_returning_station_does_not_say_again_is_asked_for_once_it_has_settled(
    settling: World,
) -> None:
    before = settling.ports.clock.now()
    await booted_before(settling, 1, 2)
    async with settling.client() as client:
        await client.boot()
        await client.status(1, "Available")
        one, two = (await settling.view()).connectors
        assert (two.at, one.at) == (before, settling.ports.clock.now()), "its age is shown"
        assert two.status in ("Charging", "Occupied")
        call, payload = await trigger(client)
        assert payload == client.asked_status(2)
        await client.say([3, call, {"status": "Accepted"}])
        await client.status(2, "Available")
        assert [c.at for c in (await settling.view()).connectors] == [settling.ports.clock.now()] * 2


# --- 25: one CALL at a time, in each direction -----------------------------------------------------------------------


async def test_pitfall_25_one_call_waits_in_each_direction_and_neither_for_the_other(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        both = [asyncio.create_task(world.gateway.send(STATION, Reset(hard=hard), timeout=5)) for hard in (True, False)]
        first = await client.hear()
        assert first[3] == {"type": "Immediate" if client.newer else "Hard"}
        assert (await client.ask("Heartbeat", {}, "meanwhile"))[:2] == [3, "meanwhile"]
        await client.say([3, first[1], {"status": "Accepted"}])
        second = await client.hear()
        assert second[3] == {"type": "Immediate" if client.newer else "Soft"}, "not before the first one is settled"
        await client.say([3, second[1], {"status": "Rejected"}])
        assert [(await each).state for each in both] == [CommandState.ACCEPTED, CommandState.REJECTED]


async def test_pitfall_25_a_deaf_station_delays_only_itself(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as deaf, world.client("NL-ABC-2") as lively:
        await deaf.boot()
        await lively.boot()
        slow = asyncio.create_task(world.gateway.send(STATION, Trigger(Message.HEARTBEAT), timeout=30))
        pending, _ = await trigger(deaf)
        quick = asyncio.create_task(world.gateway.send("NL-ABC-2", Trigger(Message.HEARTBEAT), timeout=5))
        own, _ = await trigger(lively)
        await lively.say([3, own, {"status": "Accepted"}])
        assert (await quick).state is CommandState.ACCEPTED and not slow.done()
        await deaf.say([3, pending, {"status": "Rejected"}])
        assert (await slow).state is CommandState.REJECTED
