"""OCPP-J framing (1.6 chapter 4; the same in 2.0.1): three kinds of JSON arrays, and what is answered to anything else.

Nothing of a frame is ever logged: AuthorizationKey and cards travel in them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

CALL, CALL_RESULT, CALL_ERROR = 2, 3, 4
UNREADABLE_ID = "-1"
"""Stands for the id of a message whose own id could not be read (as OCPP 2.0.1 has it; 1.6 names none)."""

FORMATION_VIOLATION = "FormationViolation"
RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
NOT_IMPLEMENTED = "NotImplemented"
NOT_SUPPORTED = "NotSupported"
INTERNAL_ERROR = "InternalError"
SECURITY_ERROR = "SecurityError"
PROTOCOL_ERROR = "ProtocolError"
TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"

GREATEST_INTEGER = 2**53
"""Whole numbers beyond this are no measurement and no id."""

MessageId = str | int


class CallFrame(Struct, frozen=True):
    id: MessageId
    action: str
    payload: dict[str, Any]


class ResultFrame(Struct, frozen=True):
    id: MessageId
    payload: Any


class ErrorFrame(Struct, frozen=True):
    id: MessageId
    code: str


class CallRefused(Exception):
    """A CALL that gets a CALLERROR: one of the standard's codes and a sentence for whoever reads the station's log."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Malformed(CallRefused):
    """A frame that is no message; `message_id` is its own id where that could be read."""

    def __init__(self, description: str, message_id: MessageId = UNREADABLE_ID) -> None:
        super().__init__(RPC_FRAMEWORK_ERROR if message_id == UNREADABLE_ID else FORMATION_VIOLATION, description)
        self.message_id = message_id


def read(frame: str | bytes) -> CallFrame | ResultFrame | ErrorFrame | None:
    """The message in a frame; None for a message type that the standard says to ignore. Raises Malformed."""
    if isinstance(frame, bytes):
        raise Malformed("OCPP messages are text frames")
    parts = _array(frame)
    kind = parts[0]
    if kind == CALL:
        return _call(parts)
    if isinstance(kind, bool) or not isinstance(kind, int):
        raise Malformed("the message type is not a number")
    return _reply(parts) if kind in (CALL_RESULT, CALL_ERROR) else None


def _array(frame: str) -> list[Any]:
    try:
        parts = msgspec.json.decode(frame)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Malformed("the frame is not JSON") from None
    if not isinstance(parts, list) or not parts:
        raise Malformed("the frame is not a JSON array")
    return parts


def _call(parts: list[Any]) -> CallFrame:
    message_id = _message_id(parts)
    if message_id is None:
        raise Malformed("the message id is missing or is not a text")
    if len(parts) != 4:
        raise Malformed("a CALL has four elements", message_id)
    action, payload = parts[2], {} if parts[3] is None else parts[3]
    if not isinstance(action, str):
        raise Malformed("the action is not a text", message_id)
    if not isinstance(payload, dict):
        raise Malformed("the payload is not an object", message_id)
    return CallFrame(message_id, action, payload)


def _reply(parts: list[Any]) -> ResultFrame | ErrorFrame | None:
    """A reply that cannot be read is ignored: nothing may be answered to an answer."""
    message_id = _message_id(parts)
    if message_id is None or len(parts) < 3:
        return None
    if parts[0] == CALL_RESULT:
        return ResultFrame(message_id, parts[2])
    return ErrorFrame(message_id, str(parts[2]))


def _message_id(parts: list[Any]) -> MessageId | None:
    """Numbers are taken too and echoed as they came: some stations count."""
    message_id = parts[1] if len(parts) > 1 else None
    if isinstance(message_id, int) and not isinstance(message_id, bool) and abs(message_id) <= GREATEST_INTEGER:
        return message_id
    return message_id if isinstance(message_id, str) and message_id else None


def call(message_id: str, action: str, payload: Mapping[str, Any]) -> str:
    return _text([CALL, message_id, action, payload])


def result(message_id: MessageId, payload: Mapping[str, Any]) -> str:
    return _text([CALL_RESULT, message_id, payload])


def error(message_id: MessageId, code: str, description: str) -> str:
    return _text([CALL_ERROR, message_id, code, description[:255], {}])


def _text(parts: list[Any]) -> str:
    return msgspec.json.encode(parts).decode()
