"""What evidence keeps of a message: cards masked, secrets left out, in both OCPP versions."""

import json
from typing import Any

import pytest

from app.domain.evidence import LONGEST, shown_frame

CARD = "04A1B2C3D4E5F6"


@pytest.mark.parametrize(
    ("payload", "hidden"),
    [
        ({"idTag": CARD}, CARD),
        ({"idToken": {"idToken": CARD, "type": "ISO14443"}}, CARD),
        ({"idTagInfo": {"status": "Accepted", "parentIdTag": CARD}}, CARD),
        ({"key": "AuthorizationKey", "value": "c0ffee"}, "c0ffee"),
        ({"configurationKey": [{"key": "WifiPassword", "readonly": False, "value": "hunter22"}]}, "hunter22"),
        (
            {
                "getVariableResult": [
                    {
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                        "attributeValue": "hunter22",
                    }
                ]
            },
            "hunter22",
        ),
        ({"key": "PinOfTheMeter", "value": "4711"}, "4711"),
    ],
)
def test_no_card_and_no_secret_is_kept(payload: dict[str, Any], hidden: str) -> None:
    frame = json.dumps([2, "7", "Whatever", payload])
    shown = shown_frame(frame, frozenset({"PinOfTheMeter"}))
    assert hidden in frame and hidden not in shown
    assert json.loads(shown)[:3] == [2, "7", "Whatever"]


def test_the_rest_is_kept_as_it_was_and_what_is_long_or_no_json_is_bounded() -> None:
    plain = [3, "7", {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]}]
    assert json.loads(shown_frame(json.dumps(plain))) == plain
    assert len(shown_frame(json.dumps([2, "7", "DataTransfer", {"data": "x" * 100_000}]))) == LONGEST
    for unreadable in ("{secret: hunter22", "[" * 100_000):
        assert shown_frame(unreadable) == "(not readable)"
