"""`bench` on a small scale: each line is there, ours beside a floor. How fast it is, is for people to read."""

import json
from pathlib import Path

import pytest

from tests.live import run_app

LINES = {
    "read": ["list of 50 stations", "one station", "process start to the first answer", "memory of the idle server"],
    "write": ["PATCH of one EVSE a second", "server CPU of one such PATCH"],
    "pull": [
        "a page 100 rows in, by Link",
        "date_from of the last hour, a page by Link",
        "date_from of the last hour, first page",
        "first page with its count",
        "memory after a pull of 1 pages",
        "nearest 20 locations",
    ],
}


@pytest.mark.parametrize("name", LINES)
def test_each_line_stands_beside_a_floor_of_the_same_run(name: str, tmp_path: Path) -> None:
    rows = json.loads(run_app(tmp_path, "bench", name, "--stations", "200", "--seconds", "0.2", "--json"))
    assert [row["what"].startswith(wanted) for row, wanted in zip(rows, LINES[name], strict=True)].count(False) == 0
    for row in rows:
        assert row["ours"] > 0 and row["floor"] > 0 and row["ratio"] > 0, row
