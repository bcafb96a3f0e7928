"""What a model should say of itself: read from lines and told again, judged, and mended."""

import pytest

from app.domain.commands import ConfigurationKey
from app.domain.errors import InvalidField
from app.domain.expectations import (
    DEFAULT_KEYS,
    About,
    ExpectedKey,
    LineState,
    fits,
    judged,
    mended,
    target,
    to_write,
)
from app.domain.expected_lines import read_expectation, written

LINES = """vendors: Alfen BV, Alfen
models: NG910-60023
MaxCurrent = 32 # limit
MeterValueSampleInterval = 10..60 -> 30 # interval
WebSocketPingInterval = 10..
LocalAuthListEnabled = true # look
MeterPassword = 1234 # secret
"""


def test_lines_are_read_and_told_again_without_their_secrets() -> None:
    read = read_expectation("T", "ABC", LINES)
    assert (read.id, read.vendors, read.models) == ("ABC|T", ["Alfen BV", "Alfen"], ["NG910-60023"])
    assert read.keys == [
        ExpectedKey(key="MaxCurrent", value="32", about=About.CURRENT_LIMIT),
        ExpectedKey(key="MeterValueSampleInterval", value="30", minimum=10, maximum=60, about=About.INTERVAL),
        ExpectedKey(key="WebSocketPingInterval", minimum=10),
        ExpectedKey(key="LocalAuthListEnabled", value="true", may_fix=False),
        ExpectedKey(key="MeterPassword", value="1234", secret=True),
    ]
    told = written(read)
    assert told == LINES.replace("1234", "...")
    assert read_expectation("T", "ABC", told, read) == read, "a secret that is not typed again stays"


@pytest.mark.parametrize(
    "line",
    [
        "MaxCurrent",
        "= 32",
        "MaxCurrent =",
        "MaxCurrent = 32 # often",
        "MaxCurrent = 32 -> 16",
        "A = 1..x -> 3",
        "A = nan..3 -> 3",
        "NeverSaid = ... # secret",
        "A = 1\na = 2",
    ],
)
def test_a_line_that_says_nothing_clear_is_refused(line: str) -> None:
    with pytest.raises(InvalidField):
        read_expectation("T", "ABC", line)


def test_a_value_with_dots_is_a_value() -> None:
    assert read_expectation("T", "ABC", "Server = a..b").keys[0].value == "a..b"


@pytest.mark.parametrize(
    ("wanted", "value", "fit"),
    [
        (ExpectedKey(key="K", value="32"), "32.0", True),
        (ExpectedKey(key="K", value="true"), " TRUE", True),
        (ExpectedKey(key="K", value="32"), "16", False),
        (ExpectedKey(key="K", minimum=10, maximum=60), "60", True),
        (ExpectedKey(key="K", minimum=10, maximum=60), "61", False),
        (ExpectedKey(key="K", minimum=10), "many", False),
        (ExpectedKey(key="K", value="30", minimum=10, maximum=60), "45", True),
    ],
)
def test_what_fits(wanted: ExpectedKey, value: str, fit: bool) -> None:
    assert fits(wanted, value) is fit


def states(keys: list[ExpectedKey], *told: ConfigurationKey) -> list[str]:
    return [line.state.value for line in judged(keys, told)]


def test_each_key_stands_beside_what_the_station_told() -> None:
    keys = [ExpectedKey(key="A", value="1"), ExpectedKey(key="B", value="1"), ExpectedKey(key="C", value="1")]
    keys.append(ExpectedKey(key="P", value="pw", secret=True))
    told = (ConfigurationKey("a", "1"), ConfigurationKey("B", None), ConfigurationKey("P", "visible"))
    assert states(keys, *told) == ["ok", "hidden", "missing", "hidden"]
    lines = judged(keys, told)
    assert lines[3].value is None and lines[3].expected == "...", "a secret is in no line"


def test_only_what_is_wrong_and_may_be_written_is_mended() -> None:
    keys = [
        ExpectedKey(key="A", value="1"),
        ExpectedKey(key="B", value="1", may_fix=False),
        ExpectedKey(key="C", value="1"),
        ExpectedKey(key="D", value="1"),
        ExpectedKey(key="E", value="1"),
        ExpectedKey(key="P", value="pw", secret=True),
    ]
    told = [ConfigurationKey(key, "0") for key in "AB"]
    told += [ConfigurationKey("C", "0", readonly=True), ConfigurationKey("D", "1")]
    lines = judged(keys, told)
    assert [key.key for key in to_write(keys, lines)] == ["A", "P"]
    again = judged(keys, [ConfigurationKey("A", "1"), *told[1:]])
    after = {line.key: line.state for line in mended(again, {"A", "P"}, {"P"})}
    assert (after["A"], after["P"], after["B"]) == (LineState.FIXED, LineState.REFUSED, LineState.WRONG)


def test_what_is_written_is_the_value_else_the_bound_there_is() -> None:
    assert target(ExpectedKey(key="K", value="30", minimum=10)) == "30"
    assert target(ExpectedKey(key="K", minimum=10, maximum=60)) == "10"
    assert target(ExpectedKey(key="K", maximum=60)) == "60"
    assert target(ExpectedKey(key="K")) is None


def test_without_a_word_about_the_model_only_intervals_that_every_station_has_are_expected() -> None:
    assert {key.about for key in DEFAULT_KEYS} == {About.INTERVAL}
    assert all(fits(key, key.value or "") for key in DEFAULT_KEYS)
