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
    "ocpp": [
        "storm of 200: all booted",
        "p99 of a boot",
        "p99 of an HTTP answer",
        "stations in at their first try",
        "stations still connected",
        "memory of an idle station",
        "a message of a driver's visit",
        "a heartbeat",
        "a status change, stored",
    ],
    "online": [
        "Online on 200 phones, p99",
        "Online on 200 phones, median",
        "Offline after a clean close on 200 phones, p99",
        "Offline after a clean close on 200 phones, median",
    ],
}


@pytest.mark.parametrize("name", LINES)
def test_each_line_stands_beside_a_floor_of_the_same_run(name: str, tmp_path: Path) -> None:
    rows = json.loads(
        run_app(
            tmp_path,
            "bench",
            name,
            "--phones" if name == "online" else "--stations",
            "200",
            "--seconds",
            "0.2",
            "--json",
        )
    )
    assert [row["what"].startswith(wanted) for row, wanted in zip(rows, LINES[name], strict=True)].count(False) == 0
    for row in rows:
        assert row["ours"] > 0 and row["floor"] > 0 and row["ratio"] > 0, row
