"""Counting wrong guesses: for each address, and for all together."""

from datetime import timedelta

import pytest

from app.domain.errors import TooManyTries
from app.web.limits import Tries
from tests.fakes import FakeClock


def tries(clock: FakeClock, allowed: int = 2, overall: int = 4) -> Tries:
    return Tries(clock, allowed=allowed, overall=overall, window=timedelta(minutes=15))


def test_an_address_is_closed_after_its_failures_and_opens_with_time(clock: FakeClock) -> None:
    door = tries(clock)
    door.failed("a")
    door.check("a")
    clock.forward(minutes=1)
    door.failed("a")
    with pytest.raises(TooManyTries) as closed:
        door.check("a")
    assert closed.value.detail["retry_after"] == 14 * 60 + 1
    door.check("b")
    clock.forward(minutes=14, seconds=1)
    door.check("a")


def test_many_addresses_together_close_the_door_to_all(clock: FakeClock) -> None:
    door = tries(clock)
    for address in "abcd":
        door.failed(address)
    with pytest.raises(TooManyTries):
        door.check("nobody-yet")
    clock.forward(minutes=16)
    door.check("nobody-yet")
