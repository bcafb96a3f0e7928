import pytest

from app.domain.places import same_text, stands_at


@pytest.mark.parametrize(
    ("street", "housenumber", "true"),
    [
        ("Kanaalweg", "58 bis", True),
        ("KANAALWEG", None, True),
        (" kanaalweg ", None, True),
        (None, "58 BIS", True),
        (None, None, True),
        ("Kanaal", None, False),
        ("Kanaalweg 58", None, False),
        ("Kanaalweg", "58", False),
        (None, "58", False),
        (None, "bis", False),
        (None, "8 bis", False),
        ("", None, False),
    ],
)
def test_street_and_house_number_match_as_a_whole(street: str | None, housenumber: str | None, true: bool) -> None:
    assert stands_at("Kanaalweg 58 bis", street, housenumber) is true


def test_a_street_may_hold_numbers_and_an_address_may_have_none() -> None:
    assert stands_at("Plein 1944 12", "plein 1944", "12") and stands_at("Plein 1944 12", "plein 1944", None)
    assert stands_at("Haven", "haven", None) and not stands_at("Haven", None, "1")
    assert not stands_at("Kanaalweg West 58", "Kanaalweg", None) and not stands_at(None, "Haven", None)


def test_texts_compare_in_any_case_of_any_script() -> None:
    assert same_text("Łódź", " łÓDŹ ") and not same_text("Łódź", "Łód") and not same_text(None, "x")
