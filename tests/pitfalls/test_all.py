"""No pitfall of connectivity.md is forgotten."""

import re
from pathlib import Path


def test_each_of_the_27_pitfalls_is_played() -> None:
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    played = {int(number) for number in re.findall(r"^(?:async )?def test_pitfall_(\d\d)_", text, re.MULTILINE)}
    assert played == set(range(1, 28))
