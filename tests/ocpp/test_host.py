"""What OCPP messages make of a station: its fields, its EVSEs' status, its checklist, cards and charging."""

from typing import Any

import pytest

from app.domain.checks import CheckState
from app.domain.facts import FactKind
from app.domain.live import ConnectorState
from app.domain.people import SYSTEM
from app.domain.stations import PatchChargeStation
from app.platforms.host import OcppHost
from app.ports import Change, PutEvses, StationRow
from tests.ocpp.conftest import STATION, World


def revs(row: StationRow) -> tuple[int, int, int]:
    return row.master_rev, row.evses_rev, row.live_rev


async def statuses(world: World) -> list[str]:
    return [evse["status"] for evse in (await world.wire())["evses"]]


# --- configuration and status ----------------------------------------------------------------------------------------


async def test_a_boot_fills_the_read_only_fields(world: World) -> None:
    before = await world.wire()
    async with world.client() as client:
        answer = await client.ask(
            "BootNotification",
            {
                "chargePointVendor": "Schneider",
                "chargePointModel": "EVlink Pro",
                "chargePointSerialNumber": "3N2045000000000000000000000000033",
                "chargeBoxSerialNumber": "BOX-1",
                "firmwareVersion": "6.5.1",
                "iccid": "8931",
                "imsi": "204",
                "meterType": "SDM",
                "meterSerialNumber": None,
            },
        )
        assert answer[0] == 3 and answer[2]["status"] == "Accepted"
        assert answer[2]["currentTime"] == "2026-03-02T08:00:00Z" and 270 <= answer[2]["interval"] <= 300
        shown = await world.wire()
    expected = {
        "charge_point_vendor": "Schneider",
        "charge_point_model": "EVlink Pro",
        "charge_point_serial_number": "3N2045000000000000000000000000033",
        "charge_box_serial_number": "BOX-1",
        "firmware_version": "6.5.1",
        "iccid": "8931",
        "imsi": "204",
        "meter_type": "SDM",
        "meter_serial_number": None,
        "heartbeat_interval": answer[2]["interval"],
        "protocol_version": "Ocpp16",
        "client_ip_address": "127.0.0.1",
        "endpoint": world.url + STATION,
        "connectivity_status": "Online",
        "etag": before["etag"],
    }
    assert {key: shown[key] for key in expected} == expected
    [fact] = await world.facts(FactKind.STATION_BOOTED)
    assert fact.data == {"vendor": "Schneider", "model": "EVlink Pro", "firmware_version": "6.5.1"}


async def test_a_status_change_writes_one_row_and_no_fact(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        before, last = await world.row(), await world.ports.store.last_fact()
        assert await client.status(1, "Charging") == [3, "m2", {}]
        after = await world.row()
    assert revs(after) == (before.master_rev, before.evses_rev, before.live_rev + 1)
    assert await world.ports.store.last_fact() in (last, last + 1)  # the goodbye
    assert await world.facts(FactKind.EVSE_STATUS_CHANGED) == []


async def test_a_status_is_shown_at_its_own_evse(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        assert await statuses(world) == ["UNKNOWN", "UNKNOWN"]
        await client.status(1, "Charging")
        await client.status(2, "Faulted", errorCode="GroundFailure", info="leak", vendorErrorCode="E7")
        assert await statuses(world) == ["CHARGING", "OUTOFORDER"]
        state = (await world.live()).connectors["2"]
        assert (state.error_code, state.info, state.vendor_error_code) == ("GroundFailure", "leak", "E7")
    assert (await world.wire())["connectivity_status"] in ("Online", "Offline")


async def test_a_status_said_again_writes_nothing_and_after_a_reconnect_it_does(world: World) -> None:
    clock: Any = world.ports.clock
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Available")
        before = await world.row()
        clock.forward(minutes=5)
        await client.status(1, "Available", timestamp="2026-03-02T08:05:00Z")
        assert await world.row() == before
    async with world.client() as client:
        await client.status(1, "Available")
        assert (await world.live()).connectors["1"].at == clock.now()


async def test_an_unknown_error_code_and_a_long_info_are_kept(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Faulted", errorCode="VendorSaysNo", info="x" * 400)
    state = (await world.live()).connectors["1"]
    assert (state.error_code, state.info) == ("VendorSaysNo", "x" * 400)


async def test_a_person_editing_and_the_station_reporting_do_not_undo_each_other(world: World) -> None:
    platform = world.ports.platforms.of(await world.cpo())

    class Meanwhile(OcppHost):
        """Somebody renames the station between the read and the write of a message."""

        edited = False

        async def _row(self, charge_station_id: str) -> StationRow:
            row = await super()._row(charge_station_id)
            if not self.edited:
                self.edited = True
                patch = PatchChargeStation(charge_station_id=STATION, name="Renamed")
                await platform.patch_station(SYSTEM, STATION, patch)
            return row

    async with world.client() as client:
        await client.boot()
        host = Meanwhile(world.ports.store, world.ports.clock, world.ports.ids, world.ports.digest_key, True)
        connection_id = (await world.live()).connection_id
        assert connection_id is not None
        state = ConnectorState(status="Charging", at=world.ports.clock.now())
        await host.connector_status(STATION, connection_id, "1", state)
        assert (await world.wire())["name"] == "Renamed"
        assert await statuses(world) == ["CHARGING", "UNKNOWN"]


async def test_status_is_never_rendered_from_evses_that_changed_meanwhile(world: World) -> None:
    class Meanwhile(OcppHost):
        """Somebody writes the EVSEs between the read and the write of a message."""

        reads = 0

        async def _row(self, charge_station_id: str) -> StationRow:
            row = await super()._row(charge_station_id)
            self.reads += 1
            if self.reads == 1:
                put = PutEvses(
                    charge_station_id=STATION, body=row.evses, modified=row.evses_modified, rev=row.evses_rev
                )
                await world.ports.store.commit(Change(writes=(put,)))
            return row

    async with world.client() as client:
        await client.boot()
        host = Meanwhile(world.ports.store, world.ports.clock, world.ports.ids, world.ports.digest_key, True)
        connection_id = (await world.live()).connection_id
        assert connection_id is not None
        state = ConnectorState(status="Charging", at=world.ports.clock.now())
        await host.connector_status(STATION, connection_id, "1", state)
        assert host.reads == 2 and await statuses(world) == ["CHARGING", "UNKNOWN"]


# --- commissioning ---------------------------------------------------------------------------------------------------


async def test_coming_online_answers_the_online_check_in_the_same_change(world: World) -> None:
    await world.commissioning()
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        before, _ = await world.current()
        assert {check.state for check in before.checks} == {CheckState.OPEN}
        await client.boot()
        after, rev = await world.current()
        [online] = [check for check in after.checks if check.key == "online"]
        assert online.state is CheckState.DONE
        await client.boot()
        assert (await world.current())[1] == rev
    told = await world.facts(FactKind.STATION_BOOTED, FactKind.CHECK_ANSWERED)
    assert [fact.kind for fact in told] == [
        FactKind.STATION_BOOTED,
        FactKind.CHECK_ANSWERED,
        FactKind.STATION_BOOTED,
    ]
    assert told[1].seq == told[0].seq + 1
    assert told[1].data == {"check": "online", "state": "done"}
    assert {fact.commissioning_id for fact in told} == {after.id}


async def test_a_known_station_that_reconnects_answers_the_check_without_booting(world: World) -> None:
    async with world.client() as client:
        await client.boot()
    await world.commissioning()
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        after, _ = await world.current()
    assert [c.key for c in after.checks if c.state is CheckState.DONE] == ["online"]


async def test_a_status_is_a_fact_only_while_somebody_works_on_the_station(world: World) -> None:
    await world.commissioning()
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Preparing")
    [fact] = await world.facts(FactKind.EVSE_STATUS_CHANGED)
    assert fact.data == {"connector_id": "1", "status": "Preparing", "error_code": "NoError"}
    assert fact.commissioning_id == f"commissioning-of-{STATION}"


# --- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("Heartbeat", {}, {"currentTime": "2026-03-02T08:00:00Z"}),
        ("DataTransfer", {"vendorId": "com.example", "data": "x"}, {"status": "UnknownVendorId"}),
        ("DiagnosticsStatusNotification", {"status": "Idle"}, {}),
        ("FirmwareStatusNotification", {"status": "Installed"}, {}),
        ("SignedFirmwareStatusNotification", {"status": "Installed", "requestId": 1}, {}),
        ("LogStatusNotification", {"status": "Idle", "requestId": 1}, {}),
        ("SecurityEventNotification", {"type": "StartupOfTheDevice", "timestamp": "2026-03-02T08:00:00Z"}, {}),
        ("SignCertificate", {"csr": "x"}, {"status": "Rejected"}),
    ],
)
async def test_every_other_message_of_a_station_has_a_valid_answer(
    world: World, action: str, payload: dict[str, Any], answer: dict[str, Any]
) -> None:
    async with world.client() as client:
        assert await client.ask(action, payload) == [3, "m1", answer]


async def test_only_what_happened_becomes_a_fact(world: World) -> None:
    before = await world.ports.store.last_fact()
    async with world.client() as client:
        await client.boot()
        for connector in (0, 1, 2):
            await client.status(connector, "Available")
        for _ in range(3):
            await client.ask("Heartbeat", {})
        told = await world.ports.store.facts(after=before)
    assert [fact.kind for fact in told] == [FactKind.STATION_CONNECTED, FactKind.STATION_BOOTED]


async def test_a_station_withdrawn_while_connected_is_shown_the_door(world: World) -> None:
    platform: Any = world.ports.platforms.of(await world.cpo())
    async with world.client() as client:
        await client.boot()
        await platform.withdraw_station(SYSTEM, STATION)
        answer = await client.status(1, "Available")
        assert answer[0] == 4
        await client.socket.wait_closed()
