"""Pitfalls of which socket is the station's: ghosts, replacements, answers on the wrong one, rows that lie."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed

from app.domain.commands import CommandState, Message, Reset, Trigger
from app.domain.facts import FactKind
from app.domain.live import Boot, ConnectorState, Live, OfflineReason, Registration
from app.domain.people import SYSTEM
from app.domain.stations import Rung, reach
from app.ocpp.gateway import Gateway
from app.ocpp.session import Session
from app.platforms.host import OcppHost
from app.ports import Connection, Entrance, Ports
from tests.ocpp.conftest import PATIENT, STATION, Client, World, make_world, until


async def asked(client: Client, action: str) -> str:
    """The id of the CALL that the station hears now."""
    frame = await client.hear()
    assert (frame[0], frame[2]) == (2, action)
    return str(frame[1])


# --- 3: the second socket --------------------------------------------------------------------------------------------


async def test_pitfall_03_the_newest_socket_wins_and_both_addresses_are_told(world: World) -> None:
    async with world.client() as old:
        await old.boot()
        async with world.client() as new:
            with pytest.raises(ConnectionClosed) as caught:
                await old.hear()
            assert caught.value.rcvd is not None and caught.value.rcvd.reason == "replaced by a newer connection"
            assert (await new.ask("Heartbeat", {}))[0] == 3
            assert await world.online()
    told = await world.facts(FactKind.STATION_CONNECTED, FactKind.STATION_DISCONNECTED)
    here = "127.0.0.1"
    assert [(fact.kind, fact.data) for fact in told][:3] == [
        (FactKind.STATION_CONNECTED, {"replaced": False, "address": here}),
        (FactKind.STATION_DISCONNECTED, {"reason": "replaced", "seconds": 0, "address": here}),
        (FactKind.STATION_CONNECTED, {"replaced": True, "address": here}),
    ]


# --- 4: the old handler's clean-up -----------------------------------------------------------------------------------


async def test_pitfall_04_what_the_old_socket_does_late_changes_nothing(world: World) -> None:
    async with world.client() as old:
        await old.boot()
        first = (await world.live()).connection_id
        assert first is not None
        async with world.client() as new:
            assert (await new.ask("Heartbeat", {}))[0] == 3
            before = await world.row()
            assert before.online and (await world.live()).connection_id not in (None, first)
            await world.host.disconnected(STATION, first, OfflineReason.LOST)
            await world.host.booted(STATION, first, Boot(charge_point_vendor="late"), 1)
            await world.host.seen(STATION, first)
            await world.host.spoke(STATION, first)
            await world.host.ear(STATION, first, answered=False)
            state = ConnectorState(status="Faulted", at=world.ports.clock.now())
            await world.host.connector_status(STATION, first, "1", state)
            assert await world.row() == before
            assert await world.ports.store.sockets() == {STATION: (await world.live()).connection_id}


class SlowToConnect(OcppHost):
    """Stores the first connection only when it is told to."""

    async def connected(self, connection: Connection) -> Entrance:
        if not hasattr(self, "release"):
            self.release, self.waiting = asyncio.Event(), asyncio.Event()
            self.waiting.set()
            await self.release.wait()
        return await super().connected(connection)


class CountingGateway(Gateway):
    """Counts the sockets that were let in, also while they wait for their turn."""

    entered = 0

    async def _enter(self, session: Session) -> None:
        self.entered += 1
        await super()._enter(session)


async def test_pitfall_04_of_two_sockets_at_once_the_one_that_came_last_is_stored_last(ports: Ports) -> None:
    world = make_world(ports)
    slow = SlowToConnect(ports.store, ports.clock, ports.ids, ports.digest_key, True)
    world.gateway = gateway = CountingGateway(slow, PATIENT, ports.clock)
    await world.gateway.start()
    try:
        await world.add_station()
        async with world.client() as first:
            await until(lambda: getattr(slow, "waiting", None))
            async with world.client() as second:
                await until(lambda: gateway.entered == 2)
                slow.release.set()
                await second.boot()
                with pytest.raises(ConnectionClosed):
                    await first.hear()
                assert await world.online()
    finally:
        await world.gateway.stop()


# --- 5: a reply on the wrong socket ----------------------------------------------------------------------------------


async def test_pitfall_05_a_reply_belongs_to_the_socket_that_carried_the_call(world: World) -> None:
    async with world.client() as old:
        await old.boot()
        command = asyncio.create_task(world.gateway.send(STATION, Reset(), timeout=30))
        call = await asked(old, "Reset")
        async with world.client() as new:
            assert (await command).state is CommandState.OFFLINE, "its socket is gone, and with it the answer"
            await new.say([3, call, {"status": "Accepted"}])
            assert (await new.ask("Heartbeat", {}))[0] == 3
            second = asyncio.create_task(world.gateway.send(STATION, Reset(hard=True), timeout=30))
            again = await asked(new, "Reset")
            assert again == call, "ids of two sockets may be the same; each counts for its own"
            await new.say([3, again, {"status": "Rejected"}])
            assert (await second).state is CommandState.REJECTED


async def test_pitfall_05_nobody_else_can_answer_for_a_station(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as one, world.client("NL-ABC-2") as other:
        await one.boot()
        await other.boot()
        command = asyncio.create_task(world.gateway.send(STATION, Trigger(Message.STATUS), timeout=30))
        call = await asked(one, "TriggerMessage")
        await other.say([3, call, {"status": "Accepted"}])
        assert (await other.ask("Heartbeat", {}))[0] == 3
        assert not command.done()
        await one.say([3, call, {"status": "Rejected"}])
        assert (await command).state is CommandState.REJECTED


# --- 6: the very first connection ------------------------------------------------------------------------------------


async def test_pitfall_06_the_very_first_connection_is_online_at_once(world: World) -> None:
    assert (await world.view()).rung is Rung.NEVER
    async with world.client() as client:
        await client.boot()
        assert await world.online() and (await world.wire())["connectivity_status"] == "Online"


async def test_pitfall_06_a_row_that_lost_its_socket_is_mended(world: World) -> None:
    """Another process that starts on this database believes that all sockets are gone."""
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Charging")
        await world.host.all_offline(OfflineReason.SERVER_RESTART)
        assert not await world.online()
        await world.gateway.reconciling.once()
        assert await world.online() and (await world.wire())["evses"][0]["status"] == "CHARGING"
        before = await world.row()
        await world.gateway.reconciling.once()
        assert await world.row() == before, "what agrees is left alone"
        assert (await client.ask("Heartbeat", {}))[0] == 3
        assert (await world.view()).rung is Rung.ONLINE


async def test_pitfall_06_a_row_without_its_socket_is_mended_and_another_nodes_is_left_alone(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as client:
        await client.boot()
        ours = (await world.live()).connection_id
    await until(world.offline)
    assert ours is not None
    for station, connection_id in ((STATION, ours), ("NL-ABC-2", "0123abcd/of-another-node")):
        ghost = Connection(
            id=connection_id,
            charge_station_id=station,
            address="10.0.0.9",
            endpoint="ws://x",
            protocol_version=(await world.live(STATION)).protocol_version,  # type: ignore[arg-type]
        )
        await world.host.connected(ghost)
    assert await world.online()
    await world.gateway.reconciling.once()
    view = await world.view()
    assert (view.rung, view.cause) == (Rung.LOST, "lost")
    assert await world.ports.store.sockets() == {"NL-ABC-2": "0123abcd/of-another-node"}


async def test_pitfall_06_one_that_was_withdrawn_keeps_nobody_else_from_being_mended(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as gone, world.client("NL-ABC-2") as client:
        await gone.boot()
        await client.boot()
        await world.ports.platforms.of(await world.cpo()).withdraw_station(SYSTEM, STATION)
        await world.host.all_offline(OfflineReason.SERVER_RESTART)
        await world.gateway.reconciling.once()
        assert await world.online("NL-ABC-2")


async def test_pitfall_06_they_are_compared_now_and_then(ports: Ports) -> None:
    world = make_world(ports, replace(PATIENT, ocpp_reconcile_seconds=0.05))
    await world.gateway.start()
    await world.add_station()
    async with world.client() as client:
        await client.boot()
        await world.host.all_offline(OfflineReason.SERVER_RESTART)
        await until(world.online)
    await world.gateway.stop()


# --- 7: registered or not --------------------------------------------------------------------------------------------


async def test_pitfall_07_a_station_that_never_booted_is_connected_and_not_online(world: World) -> None:
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        view = await world.view()
        assert (view.connectivity_status, view.rung) == ("Offline", Rung.SILENT)
        assert (await world.wire())["connectivity_status"] == "Offline" and not await world.online()
        await client.boot()
        assert await world.online() and (await world.view()).rung is Rung.ONLINE


@pytest.mark.parametrize("answer", [Registration.PENDING, Registration.REJECTED])
def test_pitfall_07_a_pending_or_rejected_station_is_never_online(answer: Registration) -> None:
    known: dict[str, Any] = {"charge_station_id": STATION, "connection_id": "c", "registration": answer}
    found = reach(Live(**known))
    assert (found.rung.value, found.online) == (answer.value, False)


# --- 8: a restart of the server --------------------------------------------------------------------------------------


async def test_pitfall_08_after_a_restart_nothing_is_online_until_it_returns(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as client, world.client("NL-ABC-2") as unbooted:
        await client.boot()
        await client.status(1, "Charging")
        await unbooted.ask("Heartbeat", {})
        documents = (await world.row()).live
        after = make_world(world.ports)
        await after.gateway.start()
        row = await after.row()
        assert (row.online, row.offline_reason, row.live) == (False, OfflineReason.SERVER_RESTART, documents)
        assert (await after.wire())["connectivity_status"] == "Offline"
        for station in (STATION, "NL-ABC-2"):
            view = await after.view(station)
            assert (view.rung, view.cause) == (Rung.LOST, "server_restart"), "also of one that was not yet online"
        async with after.client() as returned:
            await returned.ask("Heartbeat", {})
            assert await after.online(), "a known station that reconnects without booting is online"
        await until(after.offline)
        await after.gateway.stop()
