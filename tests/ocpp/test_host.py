"""What OCPP messages make of a station: its fields, its EVSEs' status, its checklist, cards and charging."""

from typing import Any

import pytest

from app.domain.commissioning import Check, CheckState, Commissioning, Trial, TrialKind, TrialState
from app.domain.facts import FactKind
from app.domain.live import ConnectorState, Transaction
from app.domain.people import SYSTEM, CheckKind
from app.domain.stations import PatchChargeStation
from app.platforms.heard import any_card_charges, masked
from app.platforms.host import OcppHost
from app.ports import Change, Put, StationRow
from tests.conftest import ABC
from tests.ocpp.conftest import STATION, Client, World


def revs(row: StationRow) -> tuple[int, int, int]:
    return row.master_rev, row.evses_rev, row.live_rev


async def statuses(world: World) -> list[str]:
    return [evse["status"] for evse in (await world.wire())["evses"]]


async def the_commissioning(world: World) -> tuple[Commissioning, int]:
    found = await world.ports.store.get(Commissioning, f"commissioning-of-{STATION}")
    assert found is not None
    return found


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


async def test_our_time_counts_and_the_stations_is_kept_beside_it(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Available", timestamp="1970-01-01T00:00:07+01:00")
    state = (await world.live()).connectors["1"]
    assert state.at == world.ports.clock.now()
    assert state.station_at is not None and state.station_at.isoformat() == "1969-12-31T23:00:07+00:00"


async def test_connector_0_is_the_station_and_never_an_evse(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        assert (await client.status(0, "Unavailable"))[0] == 3
        assert list((await world.live()).connectors) == ["0"]
        assert await statuses(world) == ["UNKNOWN", "UNKNOWN"]


@pytest.mark.parametrize("connector", [-1, 101, 1634030126])
async def test_an_absurd_connector_is_acknowledged_and_not_stored(world: World, connector: int) -> None:
    async with world.client() as client:
        await client.boot()
        before = await world.row()
        assert (await client.status(connector, "Available"))[0] == 3
        assert await world.row() == before


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
        await host.connector_status(STATION, connection_id, 1, state)
        assert (await world.wire())["name"] == "Renamed"
        assert await statuses(world) == ["CHARGING", "UNKNOWN"]


# --- commissioning ---------------------------------------------------------------------------------------------------


async def test_coming_online_answers_the_online_check_in_the_same_change(world: World) -> None:
    await world.commissioning()
    async with world.client() as client:
        await client.ask("Heartbeat", {})
        before, _ = await the_commissioning(world)
        assert {check.state for check in before.checks} == {CheckState.OPEN}
        await client.boot()
        after, rev = await the_commissioning(world)
        [online] = [check for check in after.checks if check.key == "online"]
        assert online.state is CheckState.DONE
        await client.boot()
        assert (await the_commissioning(world))[1] == rev
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
        after, _ = await the_commissioning(world)
    assert [c.key for c in after.checks if c.state is CheckState.DONE] == ["online"]


async def test_a_status_is_a_fact_only_while_somebody_works_on_the_station(world: World) -> None:
    await world.commissioning()
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Preparing")
    [fact] = await world.facts(FactKind.EVSE_STATUS_CHANGED)
    assert fact.data == {"connector_id": 1, "status": "Preparing", "error_code": "NoError"}
    assert fact.commissioning_id == f"commissioning-of-{STATION}"


# --- cards and charging ----------------------------------------------------------------------------------------------


async def authorized(client: Client, card: str) -> str:
    answer = await client.ask("Authorize", {"idTag": card})
    assert answer[0] == 3
    return str(answer[2]["idTagInfo"]["status"])


async def test_only_the_cpos_test_cards_are_accepted_in_any_case(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        assert await authorized(client, "testcard") == "Accepted"
        assert await authorized(client, "04A2B3C4D5E6") == "Invalid"
    facts = await world.facts(FactKind.CARD_SHOWN)
    assert [fact.data for fact in facts] == [
        {"card": "…card", "accepted": True},
        {"card": "…D5E6", "accepted": False},
    ]


async def test_any_card_is_accepted_while_the_tests_are_open(world: World) -> None:
    begun = await world.commissioning()
    async with world.client() as client:
        await client.boot()
        assert await authorized(client, "04A2B3C4D5E6") == "Accepted"
        current, rev = await the_commissioning(world)
        for check in current.checks:
            check.state = CheckState.DONE
        await world.ports.store.commit(Change(writes=(Put(current, rev),)))
        assert await authorized(client, "04A2B3C4D5E6") == "Invalid"
    assert begun.id == current.id


def test_a_running_trial_opens_the_station_for_any_card(clock: Any) -> None:
    now = clock.now()
    done = Check(key="tests", kind=CheckKind.TESTS, state=CheckState.DONE)
    running = Trial(id="t", kind=TrialKind.TRIGGER, started=now, deadline=now)
    ended = Trial(id="t", kind=TrialKind.TRIGGER, started=now, deadline=now, state=TrialState.PASSED)
    base = {"id": "c", "cpo_id": ABC, "charge_station_id": STATION, "begun": now, "begun_by": "a", "person_id": "a"}
    assert any_card_charges(Commissioning(**base, changed=now, checks=[done], trials=[running]))
    assert not any_card_charges(Commissioning(**base, changed=now, checks=[done], trials=[ended]))


def test_a_card_in_a_fact_cannot_be_copied_from_it() -> None:
    assert masked("04A2B3C4D5E6") == "…D5E6" and masked("123") == "…"


START = {"connectorId": 1, "idTag": "TESTCARD", "meterStart": 1000, "timestamp": "2026-03-02T08:00:00Z"}


async def started(client: Client, **more: Any) -> dict[str, Any]:
    answer = await client.ask("StartTransaction", START | more)
    assert answer[0] == 3
    return dict(answer[2])


async def transaction(world: World, number: int) -> Transaction:
    found = await world.ports.store.get(Transaction, number)
    assert found is not None
    return found[0]


async def test_a_charge_is_stored_from_start_to_stop(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        begun = await started(client)
        assert begun["idTagInfo"] == {"status": "Accepted"} and begun["transactionId"] > 0
        number = begun["transactionId"]
        values = [{"timestamp": "x", "sampledValue": [{"value": "1.2", "unit": "kWh"}]}]
        meter = {"connectorId": 1, "transactionId": number, "meterValue": values}
        assert await client.ask("MeterValues", meter) == [3, "m3", {}]
        assert (await transaction(world, number)).meter_last == 1200
        stop = {"transactionId": number, "meterStop": 1500, "timestamp": "2026-03-02T08:30:00Z", "reason": "Local"}
        assert await client.ask("StopTransaction", stop) == [3, "m4", {}]
        stopped = await transaction(world, number)
        assert (stopped.meter_stop, stopped.reason, stopped.stopped) == (1500, "Local", world.ports.clock.now())
        assert (await client.ask("StopTransaction", stop | {"meterStop": 9}))[0] == 3
        assert await transaction(world, number) == stopped
    first, last = await world.facts(FactKind.TRANSACTION_STARTED, FactKind.TRANSACTION_STOPPED)
    assert first.data == {"transaction_id": number, "connector_id": 1, "card": "…CARD", "accepted": True}
    assert last.data == {"transaction_id": number, "connector_id": 1, "energy_wh": 500, "reason": "Local"}


async def test_a_start_said_again_is_the_same_transaction(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        first = await started(client)
        assert await started(client) == first
        assert (await started(client, connectorId=2))["transactionId"] != first["transactionId"]
    assert len(await world.facts(FactKind.TRANSACTION_STARTED)) == 2


async def test_an_unknown_card_gets_its_transaction_and_is_invalid(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        begun = await started(client, idTag="STRANGER")
    assert begun["idTagInfo"] == {"status": "Invalid"}
    assert (await transaction(world, begun["transactionId"])).accepted is False


async def test_a_meter_value_without_a_transaction_counts_for_the_one_at_its_connector(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        number = (await started(client, connectorId=2))["transactionId"]
        values = [{"timestamp": "x", "sampledValue": [{"value": "1300"}]}]
        for connector in (0, 1, 2, 99999):
            assert (await client.ask("MeterValues", {"connectorId": connector, "meterValue": values}))[0] == 3
        assert (await transaction(world, number)).meter_last == 1300


@pytest.mark.parametrize("number", [0, -1, 424242, 2**40])
async def test_a_stop_of_nothing_we_know_is_answered_and_stored_nowhere(world: World, number: int) -> None:
    async with world.client() as client:
        await client.boot()
        stop = {"transactionId": number, "meterStop": 1, "timestamp": "2026-03-02T08:30:00Z"}
        assert (await client.ask("StopTransaction", stop))[0] == 3
    assert await world.facts(FactKind.TRANSACTION_STOPPED) == []


async def test_one_station_cannot_stop_anothers_charge(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as mine, world.client("NL-ABC-2") as other:
        await mine.boot()
        number = (await started(mine))["transactionId"]
        stop = {"transactionId": number, "meterStop": 1, "timestamp": "2026-03-02T08:30:00Z"}
        assert (await other.ask("StopTransaction", stop))[0] == 3
        assert (await transaction(world, number)).stopped is None


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
