"""How a strange id differs from a known one, and which known one it means."""

import pytest

from app.domain.knocks import Difference, canonical, difference, meant


@pytest.mark.parametrize(
    ("called", "known", "how"),
    [
        ("nl-abc-1", "NL-ABC-1", Difference.CASE),
        ("NLABC 1", "NL-ABC-1", Difference.BLANKS),
        ("NL-ABC-O1", "NL-ABC-01", Difference.LOOK_ALIKE),
        ("NL-ABC-12", "NL-ABC-21", Difference.SWAPPED),
        ("NL-ABC-124", "NL-ABC-123", Difference.CHARACTER),
        ("NL-ABC-12", "NL-ABC-123", Difference.MISSING),
        ("NL-ABC-1234", "NL-ABC-123", Difference.EXTRA),
        ("NL-XYZ-9", "NL-ABC-1", Difference.SEVERAL),
    ],
)
def test_how_an_id_differs_is_said_in_one_word(called: str, known: str, how: Difference) -> None:
    assert difference(called, known) is how


def test_of_equally_near_ids_the_one_that_somebody_waits_for_is_meant() -> None:
    known = ["NL-ABC-1", "NL-ABC-2"]
    assert meant("NL-ABC-3", known, set()) == "NL-ABC-1"
    assert meant("NL-ABC-3", known, {"NL-ABC-2"}) == "NL-ABC-2"
    assert meant("nl-abc-1", known, {"NL-ABC-2"}) == "NL-ABC-1", "a nearer one is meant, whoever waits"
    assert meant("something else altogether", known, set()) is None


def test_one_spelling_of_an_id_is_kept() -> None:
    assert canonical("  NL ABC\u0301 ") == "NL AB\u0106"
