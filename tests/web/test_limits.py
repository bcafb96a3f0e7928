"""Counting wrong guesses, for each address and for all together; and requests, for each key."""

from datetime import timedelta

import pytest

from app.domain.errors import TooManyRequests, TooManyTries
from app.web.limits import Buckets, Tries
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


def refused(buckets: Buckets, key: str, per_minute: int) -> int:
    """Seconds to wait; 0 when it was let through."""
    try:
        buckets.take(key, per_minute)
    except TooManyRequests as error:
        return int(error.detail["retry_after"])
    return 0


def test_after_the_wait_that_is_told_the_next_request_is_let_through(clock: FakeClock) -> None:
    buckets = Buckets(clock)
    for per_minute in (1, 7, 90, 6000):
        key = str(per_minute)
        assert [refused(buckets, key, per_minute) for _ in range(per_minute)] == [0] * per_minute
        wait = refused(buckets, key, per_minute)
        clock.forward(seconds=wait)
        assert wait > 0 and refused(buckets, key, per_minute) == 0


def test_a_clock_that_is_set_back_neither_fills_nor_empties_a_bucket(clock: FakeClock) -> None:
    buckets = Buckets(clock)
    assert [refused(buckets, "a", 2) for _ in range(2)] == [0, 0]
    clock.forward(hours=-1)
    assert refused(buckets, "a", 2) == 30
    clock.forward(seconds=30)
    assert refused(buckets, "a", 2) == 0


def test_a_smaller_rate_counts_at_once_and_zero_is_no_limit(clock: FakeClock) -> None:
    buckets = Buckets(clock)
    buckets.take("a", 1000)
    assert [refused(buckets, "a", 1) > 0 for _ in range(2)] == [False, True]
    assert [refused(buckets, "a", 0) for _ in range(5000)] == [0] * 5000
