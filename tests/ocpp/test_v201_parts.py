"""The 2.0.1 edge in pieces: commands to calls, answers to outcomes, keys of the device model."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from app.domain.charging import ChargingEvent, opened
from app.domain.commands import (
    ChangeConfiguration,
    Command,
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
from app.domain.live import ConnectorState, Registration, connector_order
from app.ocpp.frames import CallRefused
from app.ocpp.v201 import Dialect201, energies_wh
from app.ocpp.v201_commands import MOST_KEYS, NAMES_OF_16, Reports, asked, name_of, outcome
from tests.fakes import FakeClock
from tests.ocpp.v201 import BOOT, NOW, energy, event, token


def variable(component: str, name: str, **more: Any) -> dict[str, Any]:
    return {"component": {"name": component} | more, "variable": {"name": name}}


WRITE = ChangeConfiguration("A.B", "5")
HEARTBEAT = variable("OCPPCommCtrlr", "HeartbeatInterval")

COMMANDS = [
    (Reset(hard=True), "Reset", {"type": "Immediate"}),
    (Reset(), "Reset", {"type": "Immediate"}),
    (Trigger(Message.BOOT), "TriggerMessage", {"requestedMessage": "BootNotification"}),
    (Trigger(Message.STATUS, "0"), "TriggerMessage", {"requestedMessage": "StatusNotification"}),
    (
        Trigger(Message.METER, "2.1"),
        "TriggerMessage",
        {"requestedMessage": "MeterValues", "evse": {"id": 2, "connectorId": 1}},
    ),
    (GetConfiguration(), "GetBaseReport", {"requestId": 1, "reportBase": "ConfigurationInventory"}),
    (GetConfiguration(("HeartbeatInterval",)), "GetVariables", {"getVariableData": [HEARTBEAT]}),
    (GetConfiguration(("OCPPCommCtrlr.HeartbeatInterval",)), "GetVariables", {"getVariableData": [HEARTBEAT]}),
    (
        ChangeConfiguration("Connector/2/1.Available", "true"),
        "SetVariables",
        {
            "setVariableData": [
                variable("Connector", "Available", evse={"id": 2, "connectorId": 1}) | {"attributeValue": "true"}
            ]
        },
    ),
    (Unlock("2.1"), "UnlockConnector", {"evseId": 2, "connectorId": 1}),
    (Unlock("2"), "UnlockConnector", {"evseId": 2, "connectorId": 1}),
    (
        Start("2.1", "TAG"),
        "RequestStartTransaction",
        {"idToken": {"idToken": "TAG", "type": "Central"}, "remoteStartId": 1, "evseId": 2},
    ),
    (Stop(7, "T-1"), "RequestStopTransaction", {"transactionId": "T-1"}),
]


@pytest.mark.parametrize(("command", "action", "payload"), COMMANDS)
def test_each_command_has_its_call(command: Command, action: str, payload: dict[str, Any]) -> None:
    assert asked(command, Reports()) == (action, payload)


@pytest.mark.parametrize(
    "command",
    [ChangeConfiguration("C." + "v" * 51, "5"), Start("1", "T" * 37), Stop(7), Stop(7, "T" * 37), Unlock("left")],
)
def test_what_breaks_a_limit_of_the_standard_is_not_sent(command: Command) -> None:
    with pytest.raises(ValueError):
        asked(command, Reports())


@pytest.mark.parametrize(
    ("key", "asked_for"),
    [
        ("A.B", variable("A", "B")),
        ("EVSE/3.Power", variable("EVSE", "Power", evse={"id": 3})),
        (
            "C(x)/1/2.V(y)",
            {
                "component": {"name": "C", "instance": "x", "evse": {"id": 1, "connectorId": 2}},
                "variable": {"name": "V", "instance": "y"},
            },
        ),
        ("NumberOfConnectors", variable("NumberOfConnectors", "NumberOfConnectors")),
    ],
)
def test_a_key_names_a_variable_and_comes_back_from_it(key: str, asked_for: dict[str, Any]) -> None:
    _, payload = asked(GetConfiguration((key,)), Reports())
    assert payload["getVariableData"] == [asked_for]
    if "." in key:
        assert name_of(asked_for) == key


@pytest.mark.parametrize("key", NAMES_OF_16)
def test_every_name_that_1_6_has_is_a_key_that_can_be_read_and_written(key: str) -> None:
    _, payload = asked(ChangeConfiguration(key, "1"), Reports())
    assert name_of(payload["setVariableData"][0]) == NAMES_OF_16[key]


@pytest.mark.parametrize(
    ("command", "answer", "state"),
    [
        (Reset(), {"status": "Rejected"}, CommandState.REJECTED),
        (Reset(), {"status": "Perhaps"}, CommandState.ERROR),
        (Reset(), "nonsense", CommandState.ERROR),
        (Unlock("1.1"), {"status": "Unlocked"}, CommandState.ACCEPTED),
        (Unlock("1.1"), {"status": "OngoingAuthorizedTransaction"}, CommandState.REJECTED),
        (ChangeConfiguration("A.B", "5"), {"setVariableResult": [{"attributeStatus": "RebootRequired"}]}, "accepted"),
        (
            ChangeConfiguration("A.B", "5"),
            {"setVariableResult": [{"attributeStatus": "UnknownVariable"}]},
            "not_implemented",
        ),
        (ChangeConfiguration("A.B", "5"), {"setVariableResult": []}, CommandState.ERROR),
        (ChangeConfiguration("A.B", "5"), {"setVariableResult": ["x"]}, CommandState.ERROR),
        (GetConfiguration(("A.B",)), {"getVariableResult": 5}, CommandState.ERROR),
        (GetConfiguration(("A.B",)), {}, CommandState.ERROR),
    ],
)
def test_each_word_of_a_station_has_its_state(command: Command, answer: object, state: str) -> None:
    assert outcome(command, answer).state == state


async def test_reports_are_bounded_and_read_leniently() -> None:
    reports = Reports()
    for _ in range(20):
        number = reports.begin()
    lines: list[Any] = [
        variable("C", f"V{n}") | {"variableAttribute": [{"value": "x" * 3000}]} for n in range(MOST_KEYS + 50)
    ]
    odd = [None, {}, {"component": 1}, variable("C", "V"), variable("C", "W") | {"variableAttribute": [7]}]
    reports.add({"requestId": number, "reportData": odd + lines})
    reports.add({"requestId": 1, "reportData": lines})
    accepted = outcome(GetConfiguration(), {"status": "Accepted"})
    full = await reports.of({"requestId": number}, accepted, 5)
    assert len(full.configuration) == MOST_KEYS and len(full.configuration[0].value or "") == 500
    assert (await reports.of({"requestId": 1}, accepted, 5)).configuration == ()


def test_a_refused_value_is_a_key_without_one() -> None:
    results = [variable("A", "B") | {"attributeStatus": "Rejected", "attributeValue": "secret"}]
    heard = outcome(GetConfiguration(("A.B",)), {"getVariableResult": results})
    assert heard.configuration == (ConfigurationKey("A.B", None),)


def test_keys_come_back_as_they_were_asked_for() -> None:
    keys = ("HeartbeatInterval", "NumberOfConnectors", "A.B")
    _, payload = asked(GetConfiguration(keys), Reports())
    results = [each | {"attributeStatus": "UnknownVariable"} for each in payload["getVariableData"]]
    assert outcome(GetConfiguration(keys), {"getVariableResult": results}).unknown == keys


class Deaf:
    """A host that takes everything; what it is given must be what it is promised."""

    async def booted(self, *given: Any) -> Registration:
        assert all(text is None or text[0] not in "{[" for text in msgspec.structs.astuple(given[2]))
        return Registration.ACCEPTED

    async def connector_status(self, station: str, connection: str, connector: str, state: ConnectorState) -> None:
        assert connector_order(connector) and isinstance(state.status, str)

    async def authorize(self, station: str, card: str) -> bool:
        assert isinstance(card, str)
        return False

    async def transaction_event(self, station: str, event: ChargingEvent) -> bool | None:
        assert ChargingEvent(**msgspec.structs.asdict(event)) == msgspec.convert(
            msgspec.to_builtins(event), ChargingEvent
        )
        assert opened(event, 1, station, True, FakeClock().now()).connector_id
        return None if event.id_tag is None else True

    async def metered(self, station: str, connector: str, transaction_id: int | None, wh: int) -> None:
        assert isinstance(wh, int)


ODD: list[Any] = [None, [], {}, [[]], [None], {"a": 1}, "", "x" * 5000, 2**70, -1, 0, 1.5, 1e308, True, False]

SAID = [
    ("BootNotification", BOOT),
    ("StatusNotification", {"timestamp": NOW, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}),
    ("Authorize", {"idToken": token("TESTCARD")}),
    (
        "TransactionEvent",
        event("Started", 0, evse={"id": 1, "connectorId": 1}, idToken=token("C"), meterValue=energy(5))
        | {"offline": True},
    ),
    ("TransactionEvent", event("Ended", 3, info={"chargingState": "Idle", "stoppedReason": "Local"})),
    ("MeterValues", {"evseId": 1, "meterValue": energy(5, unitOfMeasure={"unit": "Wh", "multiplier": 1})}),
    (
        "NotifyEvent",
        {
            "generatedAt": NOW,
            "seqNo": 0,
            "eventData": [
                {
                    "timestamp": NOW,
                    "actualValue": "Occupied",
                    "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
                    "variable": {"name": "AvailabilityState"},
                }
            ],
        },
    ),
    (
        "NotifyReport",
        {
            "requestId": 1,
            "generatedAt": NOW,
            "seqNo": 0,
            "tbc": False,
            "reportData": [
                {
                    "component": {"name": "A", "evse": {"id": 1}},
                    "variable": {"name": "B"},
                    "variableAttribute": [{"value": "1"}],
                }
            ],
        },
    ),
]


def mutated(said: Any) -> Iterator[Any]:
    """The message with each of its parts in turn taken away, or something odd in its place."""
    if not isinstance(said, dict | list):
        return
    for key, value in said.items() if isinstance(said, dict) else enumerate(said):
        fresh: Any = dict(said) if isinstance(said, dict) else list(said)
        del fresh[key]
        yield fresh
        for other in [*ODD, *mutated(value)]:
            fresh = dict(said) if isinstance(said, dict) else list(said)
            fresh[key] = other
            yield fresh


@pytest.mark.parametrize(("action", "said"), SAID)
async def test_whatever_is_wrong_inside_a_message_is_answered_or_refused(action: str, said: dict[str, Any]) -> None:
    host: Any = Deaf()
    dialect = Dialect201(host, FakeClock(), "NL-ABC-1", "c-1", 300)
    dialect.ask(GetConfiguration())
    tried = 0
    for payload in [said, *mutated(said)]:
        tried += 1
        with suppress(CallRefused):
            assert isinstance(await dialect.answer(action, payload), dict)
    assert tried > 20
    heard = await dialect.completed({"requestId": 1}, outcome(GetConfiguration(), {"status": "Accepted"}), 0.01)
    assert all(isinstance(line.value, str | None) for line in heard.configuration)


def test_energy_is_read_in_its_unit_and_power_of_ten() -> None:
    def values(*samples: object) -> list[object]:
        return [{"timestamp": "2026-03-02T08:00:00Z", "sampledValue": list(samples)}]

    assert energies_wh(values({"value": 1500})) == [1500]
    assert energies_wh(values({"value": 1.5, "unitOfMeasure": {"unit": "kWh"}})) == [1500]
    assert energies_wh(values({"value": 15, "unitOfMeasure": {"unit": "Wh", "multiplier": 2}})) == [1500]
    assert energies_wh(values({"value": 1}, {"value": 7, "measurand": "Voltage"}, {"value": 2})) == [1, 2]
    for odd in (
        {"value": "x"},
        {"value": 7, "phase": "L1"},
        {"value": 1e300},
        {"value": 1, "unitOfMeasure": {"multiplier": 999}},
        3,
    ):
        assert energies_wh(values(odd)) == []
    assert energies_wh(None) == energies_wh([None]) == energies_wh([{"sampledValue": 5}]) == []
