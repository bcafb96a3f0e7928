"""Errors in the phone's words: one shape, one status for each class, and none forgotten."""

from collections.abc import Iterator

import pytest

from app.domain import errors
from app.domain.errors import StationlinkError
from app.web.problems import status_of


def tree(kind: type[StationlinkError]) -> Iterator[type[StationlinkError]]:
    for child in kind.__subclasses__():
        yield child
        yield from tree(child)


@pytest.mark.parametrize("kind", list(tree(StationlinkError)), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status(kind: type[StationlinkError]) -> None:
    error = kind.__new__(kind)
    assert 400 <= status_of(error) < 600


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Malformed("x"), 400),
        (errors.NotSignedIn("x"), 401),
        (errors.NotAllowed("x"), 403),
        (errors.UnknownStation("x"), 404),
        (errors.ChecksOpen("x"), 409),
        (errors.MissingField("x"), 422),
        (errors.TooManyTries("x"), 429),
        (errors.StoreUnavailable("x"), 503),
    ],
)
def test_the_most_specific_class_decides(error: StationlinkError, status: int) -> None:
    assert status_of(error) == status


def test_codes_are_unique() -> None:
    """On the page of errors; what the wire to a platform tells apart for itself is its base class to everybody else."""
    codes = [kind.code for kind in tree(StationlinkError) if kind.__module__ == errors.__name__]
    assert sorted(codes) == sorted(set(codes))


def test_only_the_wire_to_a_platform_tells_errors_apart_beyond_that_page() -> None:
    apart = {kind.__name__ for kind in tree(StationlinkError) if kind.__module__.startswith("app.")}
    assert apart - set(vars(errors)) <= {"Unsent", "OutcomeUnknown"}
