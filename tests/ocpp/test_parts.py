"""The listener's pure parts: frames, ids and credentials of a handshake, and what is forgiven in OCPP 1.6."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
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
from app.ocpp import frames, knocks, v16
from app.ocpp.frames import CallFrame, CallRefused, ErrorFrame, Malformed, ResultFrame
from app.ocpp.payloads import heartbeat_interval, moment
from app.ports import Attempt


def test_a_call_a_result_and_an_error_are_read() -> None:
    assert frames.read('[2,"a","Heartbeat",{}]') == CallFrame("a", "Heartbeat", {})
    assert frames.read('[2,7,"Heartbeat",null]') == CallFrame(7, "Heartbeat", {})
    assert frames.read('[3,"a",{"status":"Accepted"}]') == ResultFrame("a", {"status": "Accepted"})
    assert frames.read('[4,"a","NotSupported","",{}]') == ErrorFrame("a", "NotSupported")


@pytest.mark.parametrize(
    ("frame", "message_id"),
    [
        ("", "-1"),
        ("hello", "-1"),
        ("{}", "-1"),
        ("[]", "-1"),
        ("[2]", "-1"),
        ('[2,null,"Heartbeat",{}]', "-1"),
        ('[2,"","Heartbeat",{}]', "-1"),
        ('[2,true,"Heartbeat",{}]', "-1"),
        ('["2","a","Heartbeat",{}]', "-1"),
        ("[NaN]", "-1"),
        ('"\\ud800"', "-1"),
        ("[" * 5000, "-1"),
        ("[" * 5000 + "]" * 5000, "-1"),
        ('[2,"a"]', "a"),
        ('[2,"a","Heartbeat"]', "a"),
        ('[2,"a",7,{}]', "a"),
        ('[2,"a","Heartbeat",[]]', "a"),
        ('[2,"a","Heartbeat",{},1]', "a"),
        (b'[2,"a","Heartbeat",{}]', "-1"),
        ("[2," + "9" * 400 + ',"Heartbeat",{}]', "-1"),
    ],
)
def test_what_is_no_message_is_malformed_and_keeps_the_id_that_can_be_read(frame: str | bytes, message_id: str) -> None:
    with pytest.raises(Malformed) as caught:
        frames.read(frame)
    code = "RpcFrameworkError" if message_id == "-1" else "FormationViolation"
    assert (caught.value.code, caught.value.message_id) == (code, message_id)


@pytest.mark.parametrize("frame", ['[5,"a",{}]', "[9]", "[3]", '[3,"a"]', "[4,null,{}]"])
def test_unknown_message_types_and_broken_replies_are_ignored(frame: str) -> None:
    assert frames.read(frame) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ocpp/NL-ABC-1", ("NL-ABC-1", True)),
        ("/ocpp/NL-ABC-1/", ("NL-ABC-1", True)),
        ("/OCPP/NL-ABC-1?token=x", ("NL-ABC-1", True)),
        ("/ocpp/RDAM%7C123", ("RDAM|123", True)),
        ("/ocpp/RDAM|123", ("RDAM|123", True)),
        ("/ocpp/A%20b/C", ("A b/C", True)),
        ("/ocpp/A%252FB", ("A%2FB", True)),
        ("/ocpp/A%2FB%2F", ("A/B/", True)),
        ("/ocpp/%C3%A9", ("é", True)),
        ("/ocpp/50%", ("50%", False)),
        ("/ocpp/A%zz", ("A%zz", False)),
        ("/ocpp/%FF", ("\ufffd", False)),
        ("/ocpp/A%00B", ("A\ufffdB", False)),
        ("/ocpp/", ("", False)),
        ("/NL-ABC-1", ("NL-ABC-1", False)),
        ("/other/NL-ABC-1/", ("NL-ABC-1", False)),
        ("/ocpp/" + "x" * 300, ("x" * 255, False)),
    ],
)
def test_an_id_is_decoded_once_and_refused_when_it_cannot_be_one(path: str, expected: tuple[str, bool]) -> None:
    assert knocks.identity(path) == expected


def test_credentials_are_the_decoded_bytes() -> None:
    assert knocks.credentials(None) is None
    assert knocks.credentials("Basic " + base64.b64encode(b"a:b:\xff").decode()) == b"a:b:\xff"
    assert knocks.credentials("basic YTpi") == b"a:b"
    assert knocks.credentials("Bearer YTpi") == b""
    assert knocks.credentials("Basic !!") == b""


def test_the_address_behind_a_trusted_proxy_is_the_forwarded_one() -> None:
    trusted = knocks.networks("10.0.0.0/8, 192.168.1.1")
    assert knocks.address("10.0.0.5", ["203.0.113.7, 10.1.1.1"], trusted) == "203.0.113.7"
    assert knocks.address("203.0.113.9", ["198.51.100.1"], trusted) == "203.0.113.9"
    assert knocks.address("10.0.0.5", [], trusted) == "10.0.0.5"


def test_an_attempt_says_what_was_dialled() -> None:
    headers = Headers()
    headers["Host"] = "csms.example:9000"
    headers["Sec-WebSocket-Protocol"] = "ocpp2.0.1, ocpp1.6"
    attempt, readable = knocks.attempt(Request("/ocpp/A%7C1", headers), "203.0.113.7", [], secure=False)
    assert readable
    assert attempt == Attempt(
        identity="A|1",
        raw_path="/ocpp/A%7C1",
        address="203.0.113.7",
        endpoint="ws://csms.example:9000/ocpp/A%7C1",
        subprotocols=("ocpp2.0.1", "ocpp1.6"),
    )


def test_a_hammering_station_is_noted_a_few_times_and_leaves_room_for_its_neighbours() -> None:
    now = 0.0
    book = knocks.KnockBook(lambda: now)

    def knock(identity: str) -> int:
        return book.worth_a_row(Attempt(identity=identity, raw_path="", address="203.0.113.7", endpoint=""))

    assert [knock("mad") for _ in range(100)] == [1] * 5 + [0] * 95
    assert knock("calm")
    now = 10.0
    assert [knock("mad") for _ in range(3)] == [96, 0, 0], "the row says how many got none"


def test_many_names_from_one_address_are_bounded_and_so_is_the_memory_of_them() -> None:
    limiter = knocks.Limiter(1, 0.001, lambda: 0.0, most_keys=100)
    book = knocks.KnockBook(lambda: 0.0)
    attempts = [Attempt(identity=str(n), raw_path="", address="203.0.113.7", endpoint="") for n in range(500)]
    assert [book.worth_a_row(attempt) for attempt in attempts].count(1) == 60
    for n in range(1000):
        limiter.allows(n)
    assert len(limiter._buckets) <= 100


def test_the_addresses_of_one_ipv6_host_count_as_one() -> None:
    book = knocks.KnockBook(lambda: 0.0)
    same = [f"2001:db8:0:1::{number:x}" for number in range(200)]
    attempts = [Attempt(identity=each, raw_path="", address=each, endpoint="") for each in same]
    assert sum(book.worth_a_row(attempt) for attempt in attempts) == 60
    assert book.worth_a_row(Attempt(identity="S", raw_path="", address="2001:db8:0:2::1", endpoint="")) == 1
    assert knocks.neighbourhood("no address") == "no address"


def test_the_heartbeat_interval_differs_a_little_and_is_never_0() -> None:
    beats = {heartbeat_interval(300, f"S{n}") for n in range(200)}
    assert len(beats) > 10 and min(beats) >= 270 and max(beats) <= 300
    assert heartbeat_interval(0, "S1") == 1


def test_long_serials_own_fields_and_nulls_are_forgiven() -> None:
    said = {"chargePointVendor": "V", "chargePointModel": "M", "iccid": None, "own": 1}
    said["chargePointSerialNumber"] = "S" * 33
    assert v16.SCHEMAS.lenient("BootNotification", said) == {k: v for k, v in said.items() if k != "iccid"}


def test_numbers_and_texts_are_taken_for_each_other() -> None:
    said = {"chargePointVendor": "V", "chargePointModel": 12, "firmwareVersion": 3.5}
    assert v16.SCHEMAS.lenient("BootNotification", said) == {
        "chargePointVendor": "V",
        "chargePointModel": "12",
        "firmwareVersion": "3.5",
    }
    start = {"connectorId": "1", "idTag": "A", "meterStart": 12.7, "timestamp": "2026-03-02T08:00:00Z"}
    mended = v16.SCHEMAS.lenient("StartTransaction", start)
    assert (mended["connectorId"], mended["meterStart"]) == (1, 13)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("BootNotification", {"chargePointVendor": "V"}, "ProtocolError"),
        ("BootNotification", {"chargePointVendor": "V", "chargePointModel": {}}, "TypeConstraintViolation"),
        ("StatusNotification", {"connectorId": "x", "status": "A", "errorCode": "N"}, "TypeConstraintViolation"),
        ("StatusNotification", {"connectorId": True, "status": "A", "errorCode": "N"}, "TypeConstraintViolation"),
        (
            "StartTransaction",
            {"connectorId": 1, "idTag": "A", "meterStart": 2**70, "timestamp": ""},
            "PropertyConstraintViolation",
        ),
    ],
)
def test_a_payload_that_cannot_be_used_gets_the_standards_code(
    action: str, payload: dict[str, object], code: str
) -> None:
    with pytest.raises(CallRefused) as caught:
        v16.SCHEMAS.lenient(action, payload)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T10:00:00+02", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00.123", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_stations_time_is_read_in_every_spelling(text: str | None, expected: datetime | None) -> None:
    assert moment(text) == expected


def test_the_energy_register_is_found_among_other_values() -> None:
    def values(*samples: dict[str, object]) -> list[object]:
        return [{"timestamp": "2026-03-02T08:00:00Z", "sampledValue": list(samples)}]

    assert v16.energy_wh(values({"value": "1500"})) == 1500
    register = {"measurand": "Energy.Active.Import.Register"}
    assert (
        v16.energy_wh(values(register | {"value": "1.5", "unit": "kWh"}, {"measurand": "Voltage", "value": "230"}))
        == 1500
    )
    assert v16.energy_wh(values(register | {"value": "7", "phase": "L1"})) is None
    assert v16.energy_wh(values(register | {"value": 12})) == 12
    for nonsense in (None, {}, [None], [{"sampledValue": [3, {"value": "x"}, {"value": "inf"}, {"value": "1e300"}]}]):
        assert v16.energy_wh(nonsense) is None


COMMANDS = [
    (Reset(hard=True), "Reset", {"type": "Hard"}),
    (Reset(), "Reset", {"type": "Soft"}),
    (
        Trigger(Message.STATUS, "1"),
        "TriggerMessage",
        {"requestedMessage": "StatusNotification", "connectorId": 1},
    ),
    (Trigger(Message.HEARTBEAT), "TriggerMessage", {"requestedMessage": "Heartbeat"}),
    (GetConfiguration(), "GetConfiguration", {}),
    (GetConfiguration(("HeartbeatInterval",)), "GetConfiguration", {"key": ["HeartbeatInterval"]}),
    (ChangeConfiguration("K", "5"), "ChangeConfiguration", {"key": "K", "value": "5"}),
    (Unlock("2"), "UnlockConnector", {"connectorId": 2}),
    (Start("1", "TAG"), "RemoteStartTransaction", {"idTag": "TAG", "connectorId": 1}),
    (Stop(7), "RemoteStopTransaction", {"transactionId": 7}),
]


@pytest.mark.parametrize(("command", "action", "payload"), COMMANDS)
def test_each_command_has_its_call(command: Command, action: str, payload: dict[str, Any]) -> None:
    assert v16.asked(command) == (action, payload)


@pytest.mark.parametrize("command", [ChangeConfiguration("K" * 51, "5"), Start("1", "T" * 21)])
def test_what_breaks_a_limit_of_the_standard_is_not_sent(command: Command) -> None:
    with pytest.raises(ValueError, match="maxLength"):
        v16.asked(command)


@pytest.mark.parametrize(
    ("command", "status", "state"),
    [
        (ChangeConfiguration("K", "5"), "RebootRequired", CommandState.ACCEPTED),
        (ChangeConfiguration("K", "5"), "NotSupported", CommandState.NOT_IMPLEMENTED),
        (Unlock("1"), "Unlocked", CommandState.ACCEPTED),
        (Unlock("1"), "UnlockFailed", CommandState.REJECTED),
        (Reset(), "Perhaps", CommandState.ERROR),
        (Reset(), None, CommandState.ERROR),
        (Reset(), ["Accepted"], CommandState.ERROR),
    ],
)
def test_each_word_of_a_station_has_its_state(command: Command, status: object, state: CommandState) -> None:
    heard = v16.outcome(command, {"status": status})
    assert heard.state is state and heard.status == (status if isinstance(status, str) else None)


def test_a_configuration_is_read_leniently() -> None:
    lines = [{"key": "A", "readonly": True, "value": 5}, {"key": "B"}, {"value": "no key"}, "nonsense"]
    heard = v16.outcome(GetConfiguration(), {"configurationKey": lines, "unknownKey": ["C"]})
    assert heard.configuration == (ConfigurationKey("A", "5", True), ConfigurationKey("B", None)) and heard.unknown == (
        "C",
    )
    for nothing in ({}, {"configurationKey": None, "unknownKey": 3}):
        assert v16.outcome(GetConfiguration(), nothing) == CommandOutcome(state=CommandState.ACCEPTED)
    assert v16.outcome(GetConfiguration(), "nonsense").state is CommandState.ERROR
