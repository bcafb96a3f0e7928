"""Open connections: frames that are not OCPP, signs of life, the newest socket, restarts, and commands."""

import pytest
from websockets.exceptions import ConnectionClosed

from app.domain.facts import FactKind
from app.domain.live import OfflineReason
from app.ports import Ports
from tests.ocpp.conftest import QUICK, World, make_world, until

BOUND = QUICK.ocpp_bounds.published


# --- frames that are not OCPP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "message_id", "code"),
    [
        ("this is not JSON", "-1", "FormationViolation"),
        (b'[2,"a","Heartbeat",{}]', "-1", "FormationViolation"),
        ("{}", "-1", "FormationViolation"),
        ("[2]", "-1", "FormationViolation"),
        ('[2,"a","Heartbeat"]', "a", "FormationViolation"),
        ('[2,"a","Heartbeat",7]', "a", "FormationViolation"),
        ('[2,"a","Dance",{}]', "a", "NotImplemented"),
        ('[2,"a","../../secrets",{}]', "a", "NotImplemented"),
        ('[2,"a","Reset",{"type":"Soft"}]', "a", "NotSupported"),
        ('[2,"a","BootNotification",{}]', "a", "ProtocolError"),
        ('[2,"a","BootNotification",{"chargePointVendor":[],"chargePointModel":"M"}]', "a", "TypeConstraintViolation"),
        (
            '[2,"a","StatusNotification",{"connectorId":1,"status":"Dancing","errorCode":"NoError"}]',
            "a",
            "PropertyConstraintViolation",
        ),
    ],
)
async def test_a_frame_that_is_not_ocpp_gets_its_error_and_changes_nothing(
    world: World, frame: str | bytes, message_id: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.client() as client:
        await client.boot()
        before = await world.row()
        answer = await client.send(frame)
        assert answer[:3] == [4, message_id, code] and isinstance(answer[3], str) and answer[4] == {}
        assert await world.row() == before
        assert (await client.ask("Heartbeat", {}))[0] == 3
    assert "Traceback" not in caplog.text


async def test_answers_nobody_asked_for_and_unknown_types_are_ignored(world: World) -> None:
    async with world.client() as client:
        await client.say([3, "nobody-asked", {}])
        await client.say([4, "nobody-asked", "GenericError", "", {}])
        await client.say([8, "x", {}])
        assert (await client.ask("Heartbeat", {}, "after"))[:2] == [3, "after"]


async def test_the_same_message_id_twice_is_answered_twice(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        for _ in range(2):
            answer = await client.ask(
                "StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"}, "same"
            )
            assert answer == [3, "same", {}]
        assert list((await world.live()).connectors) == ["1"]


async def test_a_numeric_message_id_is_echoed_as_a_number(world: World) -> None:
    async with world.client() as client:
        assert (await client.ask("Heartbeat", {}, 17))[:2] == [3, 17]


async def test_a_huge_frame_closes_the_socket_with_1009_and_the_station_is_offline(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        with pytest.raises(ConnectionClosed) as caught:
            await client.send([2, "a", "DataTransfer", {"vendorId": "V", "data": "x" * 1_000_000}])
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009
        await until(world.offline)


# --- life ------------------------------------------------------------------------------------------------------------


async def test_a_sign_of_life_is_stored_at_most_once_a_minute(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with quick.client() as client:
        await client.boot()
        before, told = await quick.row(), await quick.facts()
        for _ in range(5):
            await client.ask("Heartbeat", {})
        assert await quick.row() == before
        monkeypatch.setattr("app.ocpp.session.SEEN_SECONDS", 0.1)
        later = quick.ports.clock.forward(seconds=90)  # type: ignore[attr-defined]

        async def seen() -> bool:
            return (await quick.live()).seen == later

        await until(seen)
        assert await quick.facts() == told


async def test_a_proper_close_and_a_cut_cable_are_told_apart(world: World) -> None:
    async with world.client() as client:
        await client.boot()
    await until(world.offline)
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        client.socket.transport.abort()
        await until(world.offline)
    reasons = [fact.data["reason"] for fact in await world.facts(FactKind.STATION_DISCONNECTED)]
    assert reasons == ["closed", "lost"]


# --- one socket, and restarts ----------------------------------------------------------------------------------------


async def test_a_stop_says_goodbye_and_leaves_everything_offline(ports: Ports) -> None:
    world = make_world(ports)
    await world.gateway.start()
    await world.add_station()
    async with world.client() as client:
        await client.boot()
        await world.gateway.stop()
        with pytest.raises(ConnectionClosed) as caught:
            await client.hear()
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 1012
    row = await world.row()
    assert (row.online, row.offline_reason) == (False, OfflineReason.SERVER_RESTART)
