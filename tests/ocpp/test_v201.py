"""Stations of OCPP 2.0.1 on the same address: the same truths about them as about those of 1.6."""

import asyncio
import json
from typing import Any

import pytest

from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
    CommandState,
    ConfigurationKey,
    GetConfiguration,
    Message,
    Reset,
    Trigger,
)
from app.domain.facts import FactKind
from app.domain.live import OfflineReason, Transaction
from app.domain.model import ProtocolVersion
from tests.ocpp.conftest import BOOT as BOOT_16
from tests.ocpp.conftest import STATION, Client, World, until
from tests.ocpp.v201 import BOOT, NOW, energy, event, station, status, token

# --- which version ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "spoken"),
    [
        (["ocpp1.6", "ocpp2.0.1"], "ocpp2.0.1"),
        (["ocpp2.0.1", "ocpp1.6"], "ocpp2.0.1"),
        (["ocpp2.1", "ocpp1.6"], "ocpp1.6"),
        (["ocpp2.0.1"], "ocpp2.0.1"),
    ],
)
async def test_the_best_version_that_both_know_is_spoken(world: World, offered: list[str], spoken: str) -> None:
    async with world.client(subprotocols=offered) as client:
        assert client.socket.subprotocol == spoken
        boot = BOOT if spoken == "ocpp2.0.1" else BOOT_16
        assert (await client.ask("BootNotification", boot))[2]["status"] == "Accepted"
        version = ProtocolVersion.OCPP201 if spoken == "ocpp2.0.1" else ProtocolVersion.OCPP16
        assert (await world.live()).protocol_version is version
        assert (await world.wire())["protocol_version"] == version.value


async def test_a_boot_says_what_the_station_is(world: World) -> None:
    async with station(world):
        shown = await world.wire()
    assert {key: shown[key] for key in ("charge_point_vendor", "charge_point_model", "iccid", "imsi")} == {
        "charge_point_vendor": "Alfen",
        "charge_point_model": "Eve Double",
        "iccid": "8931",
        "imsi": "2040",
    }
    assert (shown["charge_point_serial_number"], shown["firmware_version"]) == ("ACE-1", "7.1")
    assert (shown["connectivity_status"], shown["charge_box_serial_number"]) == ("Online", None)


async def test_after_another_version_the_connectors_are_counted_anew(world: World) -> None:
    async with world.client() as old:
        await old.boot()
        await old.status(1, "Charging")
    await until(world.offline)
    async with station(world) as new:
        assert (await world.live()).connectors == {}
        await status(new, 2, 1, "Occupied")
        assert list((await world.live()).connectors) == ["2.1"]
    await until(world.offline)
    async with world.client() as old:
        await old.boot()
        assert (await world.live()).connectors == {}


# --- what it tells ---------------------------------------------------------------------------------------------------


async def test_each_evse_shows_its_connectors_word(world: World) -> None:
    async with station(world) as client:
        for evse, word in ((1, "Occupied"), (2, "Faulted")):
            assert (await status(client, evse, 1, word))[0] == 3
        shown = [evse["status"] for evse in (await world.wire())["evses"]]
        assert shown == ["CHARGING", "OUTOFORDER"]
        for word, expected in (("Available", "AVAILABLE"), ("Reserved", "RESERVED"), ("Unavailable", "INOPERATIVE")):
            await status(client, 1, 1, word)
            assert (await world.wire())["evses"][0]["status"] == expected


async def test_a_connectors_state_may_come_as_an_event_of_the_device_model(world: World) -> None:
    def told(value: object, name: str = "AvailabilityState", **evse: object) -> dict[str, Any]:
        component = {"name": "Connector", "evse": {"id": 1, "connectorId": 1} | evse}
        common = {"eventId": 1, "timestamp": NOW, "trigger": "Delta", "eventNotificationType": "HardWiredNotification"}
        return common | {"component": component, "variable": {"name": name}, "actualValue": value}

    events = [told("Occupied"), told("Perhaps"), told("Faulted", "Other"), told("Faulted", id="x"), "nonsense", {}]
    async with station(world) as client:
        answer = await client.ask("NotifyEvent", {"generatedAt": NOW, "seqNo": 0, "eventData": events})
        assert answer[2] == {}
        assert (await world.wire())["evses"][0]["status"] == "CHARGING"
        assert list((await world.live()).connectors) == ["1.1"]


@pytest.mark.parametrize(("evse", "connector"), [(1634030126, 1), (1, 1634030126), (-1, 1), (1, 0)])
async def test_absurd_connectors_are_acknowledged_and_leave_no_trace(world: World, evse: int, connector: int) -> None:
    async with station(world) as client:
        assert (await status(client, evse, connector, "Available"))[2] == {}
        assert (await world.live()).connectors == {}


async def test_evse_0_is_the_station_itself(world: World) -> None:
    async with station(world) as client:
        await status(client, 0, 0, "Unavailable")
        assert list((await world.live()).connectors) == ["0"]
        assert [evse["status"] for evse in (await world.wire())["evses"]] == ["UNKNOWN", "UNKNOWN"]


ACKNOWLEDGED = [
    ("Heartbeat", {}),
    ("SecurityEventNotification", {"type": "StartupOfTheDevice", "timestamp": NOW}),
    ("FirmwareStatusNotification", {"status": "Installed"}),
    ("LogStatusNotification", {"status": "Uploaded"}),
    ("NotifyReport", {"requestId": 99, "generatedAt": NOW, "seqNo": 0}),
    ("NotifyMonitoringReport", {"requestId": 99, "generatedAt": NOW, "seqNo": 0}),
    ("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}}),
    ("ClearedChargingLimit", {"chargingLimitSource": "EMS"}),
    ("NotifyCustomerInformation", {"data": "", "seqNo": 0, "generatedAt": NOW, "requestId": 1}),
    ("NotifyDisplayMessages", {"requestId": 1}),
    ("PublishFirmwareStatusNotification", {"status": "Idle"}),
    ("ReservationStatusUpdate", {"reservationId": 1, "reservationUpdateStatus": "Expired"}),
    ("ReportChargingProfiles", {"requestId": 1, "chargingLimitSource": "EMS", "chargingProfile": [], "evseId": 1}),
]
REFUSED = [
    ("DataTransfer", {"vendorId": "V", "data": [1]}, "UnknownVendorId"),
    ("SignCertificate", {"csr": "x"}, "Rejected"),
    ("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": {}}, "Rejected"),
    ("NotifyEVChargingSchedule", {"timeBase": NOW, "chargingSchedule": {}, "evseId": 1}, "Accepted"),
    ("GetCertificateStatus", {"ocspRequestData": {}}, "Failed"),
    (
        "Get15118EVCertificate",
        {"iso15118SchemaVersion": "x", "action": "Install", "exiRequest": "x"},
        "Failed",
    ),
]


async def test_what_a_station_may_say_is_acknowledged(world: World) -> None:
    async with station(world) as client:
        for action, payload in ACKNOWLEDGED:
            answer = await client.ask(action, payload)
            assert answer[0] == 3 and set(answer[2]) <= {"currentTime"}, (action, answer)
        for action, payload, verdict in REFUSED:
            assert (await client.ask(action, payload))[2]["status"] == verdict, action


@pytest.mark.parametrize(
    ("frame", "answered"),
    [
        ([2, "1", "Reset", {"type": "OnIdle"}], [4, "1", "NotSupported"]),
        ([2, "1", "StartTransaction", {}], [4, "1", "NotImplemented"]),
        ([2, "1", "../../etc/passwd", {}], [4, "1", "NotImplemented"]),
        ([2, "1", "Heartbeat", []], [4, "1", "FormatViolation"]),
        ([2, "1", "Heartbeat"], [4, "1", "FormatViolation"]),
        ("[2, not json", [4, "-1", "RpcFrameworkError"]),
        ([2, "1", "BootNotification", {"reason": "PowerUp"}], [4, "1", "ProtocolError"]),
        ([2, "1", "BootNotification", BOOT | {"chargingStation": "x"}], [4, "1", "TypeConstraintViolation"]),
        ([2, "1", "TransactionEvent", event("Began", 0)], [4, "1", "PropertyConstraintViolation"]),
        ([2, "1", "TransactionEvent", event("Started", 0) | {"transactionInfo": {}}], [4, "1", "ProtocolError"]),
    ],
)
async def test_what_cannot_be_used_gets_the_standards_code(world: World, frame: Any, answered: list[Any]) -> None:
    async with station(world) as client:
        before = await world.live()
        assert (await client.send(frame))[:3] == answered
        assert (await client.ask("Heartbeat", {}))[0] == 3
        assert await world.live() == before


async def test_a_boot_of_a_careless_station_is_taken(world: World) -> None:
    said = {"reason": "Because", "own": 1, "chargingStation": {"model": 12, "serialNumber": "S" * 33, "modem": None}}
    async with world.client(subprotocols=["ocpp2.0.1"]) as client:
        assert (await client.ask("BootNotification", said))[2]["status"] == "Accepted"
        boot = (await world.live()).boot
    assert boot is not None
    assert (boot.charge_point_vendor, boot.charge_point_model, boot.iccid) == (None, "12", None)
    assert boot.charge_point_serial_number == "S" * 33


# --- cards and sessions ----------------------------------------------------------------------------------------------


async def sessions(world: World) -> list[Transaction]:
    return [each for each, _ in await world.ports.store.find(Transaction, charge_station_id=STATION)]


async def test_a_card_is_judged_as_in_1_6(world: World) -> None:
    async with station(world) as client:
        for card, verdict in (("testcard", "Accepted"), ("04A2B3C4D5E6", "Invalid")):
            answer = await client.ask("Authorize", {"idToken": token(card)})
            assert answer[2] == {"idTokenInfo": {"status": verdict}}
    assert [fact.data["card"] for fact in await world.facts(FactKind.CARD_SHOWN)] == ["…card", "…D5E6"]


async def test_a_session_is_stored_from_start_to_end(world: World) -> None:
    start = event("Started", 0, evse={"id": 2, "connectorId": 1}, idToken=token("TESTCARD"), meterValue=energy(1000))
    more = event(
        "Updated", 1, meterValue=energy(1.25, unitOfMeasure={"unit": "kWh"}), info={"chargingState": "Charging"}
    )
    end = event("Ended", 2, meterValue=energy(1.5, unitOfMeasure={"unit": "Wh", "multiplier": 3}))
    async with station(world) as client:
        assert (await client.ask("TransactionEvent", start))[2] == {"idTokenInfo": {"status": "Accepted"}}
        assert (await client.ask("TransactionEvent", more))[2] == {}
        assert (await sessions(world))[0].meter_last == 1250
        assert (await client.ask("TransactionEvent", end))[2] == {}
    (known,) = await sessions(world)
    assert (known.station_transaction_id, known.connector_id, known.id_tag) == ("T-1", "2.1", "TESTCARD")
    assert (known.meter_start, known.meter_stop, known.reason) == (1000, 1500, "Local")
    begun, ended = await world.facts(FactKind.TRANSACTION_STARTED, FactKind.TRANSACTION_STOPPED)
    assert begun.data == {"transaction_id": known.id, "connector_id": "2.1", "card": "…CARD", "accepted": True}
    assert ended.data == {"transaction_id": known.id, "connector_id": "2.1", "energy_wh": 500, "reason": "Local"}


async def test_events_said_again_and_out_of_order_make_one_session(world: World) -> None:
    start = event("Started", 0, evse={"id": 1}, idToken=token("TESTCARD"), meterValue=energy(1000), offline=True)
    more = event("Updated", 1, meterValue=energy(1200), offline=True)
    end = event("Ended", 2, meterValue=energy(1500), info={"stoppedReason": "EVDisconnected"}, offline=True)
    async with station(world) as client:
        for said in (end, end, start, more, start, more, end):
            assert (await client.ask("TransactionEvent", said))[0] == 3
    (known,) = await sessions(world)
    assert (known.meter_start, known.meter_stop, known.id_tag, known.offline) == (1000, 1500, "TESTCARD", True)
    assert (known.reason, known.seq) == ("EVDisconnected", 2)
    assert len(await world.facts(FactKind.TRANSACTION_STARTED, FactKind.TRANSACTION_STOPPED)) == 2


async def test_a_car_that_waits_for_a_card_has_no_session_until_it_comes(world: World) -> None:
    plugged = event("Started", 0, evse={"id": 1, "connectorId": 1}, info={"chargingState": "EVConnected"})
    async with station(world) as client:
        assert (await client.ask("TransactionEvent", plugged))[2] == {}
        assert await sessions(world) == []
        card = event("Updated", 1, evse={"id": 1, "connectorId": 1}, idToken=token("STRANGER"))
        assert (await client.ask("TransactionEvent", card))[2] == {"idTokenInfo": {"status": "Invalid"}}
    (known,) = await sessions(world)
    assert (known.id_tag, known.accepted) == ("STRANGER", False)


async def test_a_start_said_again_keeps_the_verdict_that_it_had(world: World) -> None:
    await world.commissioning()
    start = event("Started", 0, evse={"id": 1, "connectorId": 1}, idToken=token("04A2B3C4D5E6"))
    async with station(world) as client:
        assert (await client.ask("TransactionEvent", start))[2] == {"idTokenInfo": {"status": "Accepted"}}
        world.ports.clock.forward(hours=3)  # type: ignore[attr-defined]
        assert (await client.ask("Authorize", {"idToken": token("04A2B3C4D5E6")}))[2]["idTokenInfo"] == {
            "status": "Invalid"
        }
        assert (await client.ask("TransactionEvent", start))[2] == {"idTokenInfo": {"status": "Accepted"}}
    assert len(await sessions(world)) == 1


async def test_a_session_without_a_card_needs_none(world: World) -> None:
    start = event("Started", 0, idToken=token("", "NoAuthorization"), info={"chargingState": "Charging"})
    async with station(world) as client:
        assert (await client.ask("TransactionEvent", start))[2] == {}
    (known,) = await sessions(world)
    assert (known.id_tag, known.connector_id) == ("", "0")


async def test_where_only_the_evse_is_named_the_connector_that_was_taken_last_is_meant(world: World) -> None:
    async with station(world) as client:
        await status(client, 1, 2, "Occupied")
        await client.ask("TransactionEvent", event("Started", 0, evse={"id": 1}, idToken=token("TESTCARD")))
    assert (await sessions(world))[0].connector_id == "1.2"


async def test_meter_values_outside_of_an_event_count_for_the_session_at_their_evse(world: World) -> None:
    async with station(world) as client:
        await client.ask("TransactionEvent", event("Started", 0, evse={"id": 2}, idToken=token("TESTCARD")))
        for evse, value in ((1, 700), (0, 800), (2, 1300)):
            said = {"evseId": evse, "meterValue": energy(value, unitOfMeasure={"unit": "Wh"})}
            assert (await client.ask("MeterValues", said))[2] == {}
    assert (await sessions(world))[0].meter_last == 1300


async def test_two_stations_may_use_the_same_id_for_their_sessions(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with station(world) as mine, station(world, "NL-ABC-2") as other:
        start = event("Started", 0, evse={"id": 1}, idToken=token("TESTCARD"))
        await mine.ask("TransactionEvent", start)
        await other.ask("TransactionEvent", start)
        await other.ask("TransactionEvent", event("Ended", 1))
    assert [each.stopped for each in await sessions(world)] == [None]


# --- commands --------------------------------------------------------------------------------------------------------


async def asked(world: World, client: Client, command: Command, reply: Any) -> tuple[list[Any], CommandOutcome]:
    """Send the command, let the station answer; what it heard, and what came of it."""
    sent = asyncio.create_task(world.gateway.send(STATION, command, timeout=5))
    frame = await client.hear()
    await client.say([3, frame[1], reply])
    return frame, await sent


async def test_a_command_has_the_stations_answer_as_its_outcome(world: World) -> None:
    async with station(world) as client:
        frame, outcome = await asked(world, client, Trigger(Message.STATUS, "2.1"), {"status": "Accepted"})
        expected = {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}}
        assert frame[2:] == ["TriggerMessage", expected]
        assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "Accepted")
        assert [json.loads(text) for text in outcome.raw] == [frame, [3, frame[1], {"status": "Accepted"}]]
        _, outcome = await asked(world, client, Reset(), {"status": "Scheduled"})
        assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "Scheduled")


async def test_variables_are_read_and_come_back_as_they_were_asked_for(world: World) -> None:
    keys = ("HeartbeatInterval", "EVSE/2.Power", "Nothing.Here", "SecurityCtrlr.BasicAuthPassword")
    async with station(world) as client:
        sent = asyncio.create_task(world.gateway.send(STATION, GetConfiguration(keys), timeout=5))
        frame = await client.hear()
        asked_for = frame[3]["getVariableData"]
        assert asked_for[0] == {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        assert asked_for[1]["component"] == {"name": "EVSE", "evse": {"id": 2}}
        words = [("Accepted", "300"), ("Accepted", "11000"), ("UnknownComponent", None), ("Rejected", None)]
        results = [
            each | {"attributeStatus": word} | ({"attributeValue": value} if value else {})
            for each, (word, value) in zip(asked_for, words, strict=True)
        ]
        await client.say([3, frame[1], {"getVariableResult": results}])
        outcome = await sent
    assert outcome.configuration == (
        ConfigurationKey("HeartbeatInterval", "300"),
        ConfigurationKey("EVSE/2.Power", "11000"),
        ConfigurationKey("SecurityCtrlr.BasicAuthPassword", None),
    )
    assert (outcome.state, outcome.unknown) == (CommandState.ACCEPTED, ("Nothing.Here",))


def part(number: int, more: bool, *names: str) -> dict[str, Any]:
    lines = [
        {
            "component": {"name": "AuthCtrlr"},
            "variable": {"name": name},
            "variableAttribute": [
                {"type": "Target", "value": "other"},
                {"value": f"{name} it is", "mutability": "ReadOnly" if name == "A" else "ReadWrite"},
            ],
        }
        for name in names
    ]
    return {"requestId": 1, "generatedAt": NOW, "seqNo": number, "tbc": more, "reportData": lines}


async def test_the_whole_configuration_is_a_report_in_parts(world: World) -> None:
    async with station(world) as client:
        sent = asyncio.create_task(world.gateway.send(STATION, GetConfiguration(), timeout=5))
        frame = await client.hear()
        assert frame[2:] == ["GetBaseReport", {"requestId": 1, "reportBase": "ConfigurationInventory"}]
        await client.say([3, frame[1], {"status": "Accepted"}])
        for said in (part(0, True, "A"), part(1, False, "B")):
            assert (await client.ask("NotifyReport", said))[2] == {}
        outcome = await sent
    assert outcome.state is CommandState.ACCEPTED
    assert outcome.configuration == (
        ConfigurationKey("AuthCtrlr.A", "A it is", True),
        ConfigurationKey("AuthCtrlr.B", "B it is"),
    )


async def test_a_report_that_does_not_end_is_what_came_by_the_deadline(world: World) -> None:
    async with station(world) as client:
        sent = asyncio.create_task(world.gateway.send(STATION, GetConfiguration(), timeout=0.5))
        frame = await client.hear()
        await client.ask("NotifyReport", part(0, True, "A"))
        await client.say([3, frame[1], {"status": "Accepted"}])
        outcome = await sent
        assert [line.key for line in outcome.configuration] == ["AuthCtrlr.A"]
        assert (await client.ask("NotifyReport", part(1, False, "B")))[0] == 3


async def test_a_station_that_makes_no_reports_says_so_at_once(world: World) -> None:
    async with station(world) as client:
        _, outcome = await asked(world, client, GetConfiguration(), {"status": "NotSupported"})
        assert (outcome.state, outcome.configuration) == (CommandState.NOT_IMPLEMENTED, ())
        _, outcome = await asked(world, client, GetConfiguration(), {"status": "EmptyResultSet"})
        assert (outcome.state, outcome.configuration) == (CommandState.ACCEPTED, ())


async def test_a_secret_goes_to_the_station_and_into_no_evidence(world: World) -> None:
    async with station(world) as client:
        secret = ChangeConfiguration("AuthorizationKey", b"Sec:ret 1".hex(), secret=True)
        reply = {"setVariableResult": [{"attributeStatus": "Accepted"}]}
        frame, outcome = await asked(world, client, secret, reply)
        assert frame[3]["setVariableData"][0] == {
            "attributeValue": "Sec:ret 1",
            "component": {"name": "SecurityCtrlr"},
            "variable": {"name": "BasicAuthPassword"},
        }
        assert outcome.state is CommandState.ACCEPTED
        assert b"Sec:ret 1".hex() not in str(outcome) and "Sec:ret" not in str(outcome)
        assert json.loads(outcome.raw[0])[3]["setVariableData"][0]["attributeValue"] == "..."


async def test_a_deaf_station_times_out_and_a_broken_socket_is_offline(world: World) -> None:
    async with station(world) as client:
        outcome = await world.gateway.send(STATION, GetConfiguration(), timeout=0.2)
        assert outcome.state is CommandState.TIMEOUT
        await client.hear()
        sent = asyncio.create_task(world.gateway.send(STATION, Reset(hard=True), timeout=30))
        assert (await client.hear())[2:] == ["Reset", {"type": "Immediate"}]
        client.socket.transport.abort()
        assert (await sent).state is CommandState.OFFLINE
    await until(world.offline)
    assert (await world.live()).offline_reason is OfflineReason.LOST
