"""OCPP 2.0.1: our commands as its calls, its answers as their outcomes, and the device model as configuration keys.

A key is written `Component.Variable`, with the EVSE and connector where it is theirs and instances in brackets:
`OCPPCommCtrlr.HeartbeatInterval`, `EVSE/2.Power`, `Connector/2/1.Available`,
`OCPPCommCtrlr.MessageAttempts(TransactionEvent)`. The names that OCPP 1.6 has for the same things are understood too.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count
from typing import Any

from msgspec.structs import replace
from ocpp.v201 import call
from ocpp.v201.datatypes import (
    ComponentType,
    EVSEType,
    GetVariableDataType,
    IdTokenType,
    SetVariableDataType,
    VariableType,
)
from ocpp.v201.enums import (
    Action,
    IdTokenEnumType,
    MessageTriggerEnumType,
    MutabilityEnumType,
    ReportBaseEnumType,
    ResetEnumType,
)

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
from app.ocpp.payloads import LONGEST_TEXT, Payload, Schemas, listed

SCHEMAS = Schemas("2.0.1")
MOST_KEYS = 2000
MOST_REPORTS = 4

OUTCOMES = {
    "Accepted": CommandState.ACCEPTED,
    "EmptyResultSet": CommandState.ACCEPTED,
    "RebootRequired": CommandState.ACCEPTED,
    "Scheduled": CommandState.ACCEPTED,
    "Unlocked": CommandState.ACCEPTED,
    "OngoingAuthorizedTransaction": CommandState.REJECTED,
    "Rejected": CommandState.REJECTED,
    "UnknownConnector": CommandState.REJECTED,
    "UnlockFailed": CommandState.REJECTED,
    "NotImplemented": CommandState.NOT_IMPLEMENTED,
    "NotSupported": CommandState.NOT_IMPLEMENTED,
    "NotSupportedAttributeType": CommandState.NOT_IMPLEMENTED,
    "UnknownComponent": CommandState.NOT_IMPLEMENTED,
    "UnknownVariable": CommandState.NOT_IMPLEMENTED,
}
"""By the station's word, of whatever command; what is not here is an error."""

MESSAGES = {
    Message.BOOT: MessageTriggerEnumType.boot_notification,
    Message.STATUS: MessageTriggerEnumType.status_notification,
    Message.HEARTBEAT: MessageTriggerEnumType.heartbeat,
    Message.METER: MessageTriggerEnumType.meter_values,
}

PASSWORD = "AuthorizationKey"
NAMES_OF_16 = {
    "AllowOfflineTxForUnknownId": "AuthCtrlr.OfflineTxForUnknownIdEnabled",
    PASSWORD: "SecurityCtrlr.BasicAuthPassword",
    "AuthorizationCacheEnabled": "AuthCacheCtrlr.Enabled",
    "AuthorizeRemoteTxRequests": "AuthCtrlr.AuthorizeRemoteStart",
    "ClockAlignedDataInterval": "AlignedDataCtrlr.Interval",
    "ConnectionTimeOut": "TxCtrlr.EVConnectionTimeOut",
    "CpoName": "SecurityCtrlr.OrganizationName",
    "HeartbeatInterval": "OCPPCommCtrlr.HeartbeatInterval",
    "LocalAuthListEnabled": "LocalAuthListCtrlr.Enabled",
    "LocalAuthorizeOffline": "AuthCtrlr.LocalAuthorizeOffline",
    "LocalPreAuthorize": "AuthCtrlr.LocalPreAuthorize",
    "MeterValueSampleInterval": "SampledDataCtrlr.TxUpdatedInterval",
    "MeterValuesAlignedData": "AlignedDataCtrlr.Measurands",
    "MeterValuesSampledData": "SampledDataCtrlr.TxUpdatedMeasurands",
    "ResetRetries": "OCPPCommCtrlr.ResetRetries",
    "SecurityProfile": "SecurityCtrlr.SecurityProfile",
    "StopTransactionOnEVSideDisconnect": "TxCtrlr.StopTxOnEVSideDisconnect",
    "StopTransactionOnInvalidId": "TxCtrlr.StopTxOnInvalidId",
    "TransactionMessageAttempts": "OCPPCommCtrlr.MessageAttempts(TransactionEvent)",
    "TransactionMessageRetryInterval": "OCPPCommCtrlr.MessageAttemptInterval(TransactionEvent)",
    "UnlockConnectorOnEVSideDisconnect": "OCPPCommCtrlr.UnlockOnEVSideDisconnect",
    "WebSocketPingInterval": "OCPPCommCtrlr.WebSocketPingInterval",
}
KEY = re.compile(
    r"(?P<component>[^./()]+)(?:\((?P<component_instance>[^()]+)\))?(?:/(?P<evse>\d+)(?:/(?P<connector>\d+))?)?"
    r"\.(?P<variable>[^()]+)(?:\((?P<variable_instance>[^()]+)\))?"
)


def asked(command: Command, reports: "Reports") -> tuple[str, Payload]:
    """The action and payload of a CALL. Raises ValueError for what breaks a limit of the standard."""
    action, message = _message(command, reports)
    return action, SCHEMAS.call(action, message)


def _message(command: Command, reports: "Reports") -> tuple[str, Any]:
    match command:
        case Reset():  # OnIdle would be a restart that the station keeps for later, when hands may be inside
            return Action.reset, call.Reset(type=ResetEnumType.immediate)
        case Trigger(message, connector):
            return Action.trigger_message, call.TriggerMessage(MESSAGES[message], _evse(connector))
        case GetConfiguration(()):
            report = call.GetBaseReport(reports.begin(), ReportBaseEnumType.configuration_inventory)
            return Action.get_base_report, report
        case GetConfiguration(keys):
            return Action.get_variables, call.GetVariables([GetVariableDataType(*_variable(key)) for key in keys])
        case ChangeConfiguration(key, value):
            component, variable = _variable(key)
            data = SetVariableDataType(_value(key, value), component, variable)
            return Action.set_variables, call.SetVariables([data])
        case Unlock(connector):
            return Action.unlock_connector, call.UnlockConnector(*_numbers(connector))
        case Start(connector, id_tag):
            token = IdTokenType(id_token=id_tag, type=IdTokenEnumType.central)
            return Action.request_start_transaction, call.RequestStartTransaction(
                token, reports.number(), _numbers(connector)[0]
            )
        case Stop(_, None):
            raise ValueError("a transaction of OCPP 2.0.1 is stopped by the station's own id for it")
        case Stop(_, own_id):
            return Action.request_stop_transaction, call.RequestStopTransaction(transaction_id=own_id)


def _numbers(connector: str) -> tuple[int, int]:
    """EVSE and connector of a key; the first connector where the key names an EVSE only."""
    evse, _, number = connector.partition(".")
    return int(evse), int(number or 1)


def _evse(connector: str | None) -> EVSEType | None:
    """None asks the whole station."""
    if connector is None or connector == "0":
        return None
    evse, number = _numbers(connector)
    return EVSEType(id=evse, connector_id=number)


# --- what a station answers ------------------------------------------------------------------------------------------


def outcome(command: Command, payload: object) -> CommandOutcome:
    """What a station's CALLRESULT means."""
    said = payload if isinstance(payload, dict) else {}
    if isinstance(command, GetConfiguration) and command.keys:
        return _variables(command.keys, said.get("getVariableResult"))
    if isinstance(command, ChangeConfiguration):
        first = next(iter(listed(said.get("setVariableResult"))), None)
        return _judged(first.get("attributeStatus") if isinstance(first, dict) else None)
    return _judged(said.get("status"))


def _judged(status: object) -> CommandOutcome:
    known = OUTCOMES.get(status, CommandState.ERROR) if isinstance(status, str) else CommandState.ERROR
    return CommandOutcome(state=known, status=status[:50] if isinstance(status, str) else None)


def _variables(keys: tuple[str, ...], results: object) -> CommandOutcome:
    """Keys come back as they were asked for; one that the station refuses to tell has no value."""
    as_asked = {_full_name(key): key for key in keys}
    found, unknown = [], []
    for result in listed(results):
        if not isinstance(result, dict) or (name := name_of(result)) is None:
            continue
        key, status = as_asked.get(name, name), result.get("attributeStatus")
        if status in ("Accepted", "Rejected"):
            value = result.get("attributeValue") if status == "Accepted" else None
            found.append(ConfigurationKey(key=key, value=_told(value)))
        else:
            unknown.append(key)
    state = CommandState.ACCEPTED if found or unknown else CommandState.ERROR
    return CommandOutcome(state=state, configuration=tuple(found), unknown=tuple(unknown))


def _told(value: object) -> str | None:
    return None if value is None else str(value)[:LONGEST_TEXT]


# --- keys ------------------------------------------------------------------------------------------------------------


def _variable(key: str) -> tuple[ComponentType, VariableType]:
    """A key that is none of the device model is asked for as it stands: the station says that it does not know it."""
    name = NAMES_OF_16.get(key, key)
    found = KEY.fullmatch(name)
    if found is None:
        return ComponentType(name=name), VariableType(name=name)
    evse, connector = found["evse"], found["connector"]
    place = EVSEType(id=int(evse), connector_id=int(connector) if connector else None) if evse else None
    component = ComponentType(name=found["component"], instance=found["component_instance"], evse=place)
    return component, VariableType(name=found["variable"], instance=found["variable_instance"])


def _full_name(key: str) -> str:
    """As `name_of` has it."""
    name = NAMES_OF_16.get(key, key)
    return name if KEY.fullmatch(name) else f"{name}.{name}"


def _value(key: str, value: str) -> str:
    """A password is hexadecimal in OCPP 1.6 (security whitepaper 2.1) and the text itself in 2.0.1 (A01)."""
    if key != PASSWORD:
        return value
    with suppress(ValueError):
        return bytes.fromhex(value).decode()
    return value


def name_of(line: Mapping[str, Any]) -> str | None:
    """The key of a line that names a component and a variable; None when it does not."""
    component, variable = line.get("component"), line.get("variable")
    if not isinstance(component, dict) or not isinstance(variable, dict):
        return None
    evse = component.get("evse")
    place = [evse.get("id"), evse.get("connectorId")] if isinstance(evse, dict) else []
    numbers = "".join(f"/{number}" for number in place if number is not None)
    return f"{_named(component)}{numbers}.{_named(variable)}"[:LONGEST_TEXT]


def _named(thing: Mapping[str, Any]) -> str:
    instance = thing.get("instance")
    return f"{thing.get('name')}({instance})" if instance else str(thing.get("name"))


# --- reports ---------------------------------------------------------------------------------------------------------


class Report:
    """One report under way: the lines that came, and whether the last part was among them."""

    def __init__(self) -> None:
        self.keys: dict[str, ConfigurationKey] = {}
        self.complete = asyncio.Event()

    def add(self, lines: Iterator[ConfigurationKey], more: bool) -> None:
        for line in lines:
            if len(self.keys) < MOST_KEYS:
                self.keys[line.key] = line
        if not more:
            self.complete.set()


class Reports:
    """The reports that a station was asked for; a part of one that nobody asked for, or waits for no more, is lost."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._open: dict[int, Report] = {}

    def number(self) -> int:
        """A number that this connection has not used: of a report, or of a start from afar."""
        return next(self._numbers)

    def begin(self) -> int:
        for oldest in list(self._open)[: len(self._open) - MOST_REPORTS + 1]:
            del self._open[oldest]
        number = self.number()
        self._open[number] = Report()
        return number

    def add(self, said: Payload) -> None:
        report = self._open.get(said["requestId"])
        if report is not None:
            report.add(_reported(said.get("reportData")), said.get("tbc") is True)

    async def of(self, asked: Payload, outcome: CommandOutcome, seconds: float) -> CommandOutcome:
        """The outcome with the report that it announced, as far as it came in so many seconds."""
        report = self._open.get(asked.get("requestId", 0))
        if report is None or outcome.status != "Accepted":
            return outcome
        with suppress(TimeoutError):
            await asyncio.wait_for(report.complete.wait(), seconds)
        return replace(outcome, configuration=tuple(report.keys.values()))


def _reported(lines: object) -> Iterator[ConfigurationKey]:
    for line in listed(lines):
        if not isinstance(line, dict) or (name := name_of(line)) is None:
            continue
        attributes = [each for each in listed(line.get("variableAttribute")) if isinstance(each, dict)]
        actual = next((each for each in attributes if each.get("type", "Actual") == "Actual"), None)
        if actual is not None:
            readonly = actual.get("mutability") == MutabilityEnumType.read_only
            yield ConfigurationKey(key=name, value=_told(actual.get("value")), readonly=readonly)
