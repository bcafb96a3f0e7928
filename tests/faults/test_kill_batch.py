"""SIGKILL in the middle of a batch under a key: the repeat does the rest, and nothing twice."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live import LiveServer, location_body, sent, station_body, template_body

STATIONS = "/api/1.0/ChargeStations"
COUNT = 500


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data").start()
    live.make_cpo()
    yield live
    live.kill()


def items(location_id: str) -> list[dict[str, Any]]:
    """Each station is created, and then told something that the next item builds on."""
    created = [{"op": "create", **station_body(f"UTR-{n}", location_id)} for n in range(COUNT)]
    return created + [{"op": "patch", "charge_station_id": f"UTR-{n}", "remarks": "painted"} for n in range(COUNT)]


def send(api: httpx.Client, wanted: list[dict[str, Any]]) -> httpx.Response:
    return api.post(f"{STATIONS}/batch", json=wanted, headers={"Idempotency-Key": "import-1"}, timeout=60)


def total(api: httpx.Client) -> int:
    return int(api.get(STATIONS, params={"limit": 1}).headers["X-Total-Count"])


def etags(api: httpx.Client) -> dict[str, str]:
    """Of the stations that both of their items are done for: nothing may write them again."""
    rows = api.get(STATIONS, params={"limit": 1000}).json()["data"]
    return {row["charge_station_id"]: row["etag"] for row in rows if row["remarks"] == "painted"}


def kill_in_the_middle(server: LiveServer, key: str, wanted: list[dict[str, Any]]) -> None:
    def until_the_line_is_dead() -> None:
        with server.api(key) as crm, pytest.raises(httpx.HTTPError):
            send(crm, wanted)

    caller = threading.Thread(target=until_the_line_is_dead)
    caller.start()
    with server.api(key) as watcher:
        while total(watcher) < COUNT // 10:
            assert caller.is_alive()
    server.kill()
    caller.join(30)
    server.start()


def test_a_batch_that_was_killed_goes_on_when_it_is_sent_again(server: LiveServer) -> None:
    key = server.token()
    with server.api(key) as crm:
        place = sent(crm, "POST", "/api/2.0/Locations", location_body())
        sent(crm, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
    wanted = items(place["id"])
    kill_in_the_middle(server, key, wanted)
    with server.api(key) as crm:
        assert COUNT // 10 <= total(crm) < COUNT, "it was not in the middle"
        before = etags(crm)
        outcomes = send(crm, wanted).json()["data"]
        assert [outcome["status_code"] for outcome in outcomes] == [1000] * len(wanted)
        after = etags(crm)
        assert len(after) == COUNT and after.items() >= before.items()
        last = {outcome["data"]["charge_station_id"]: outcome["data"]["etag"] for outcome in outcomes[COUNT:]}
        assert last == after, "what was done before the kill is answered with its etag, too"
    server.stop()
    with sqlite3.connect(server.data / "stationlink.sqlite") as database:
        kinds = database.execute("SELECT kind, count(*) FROM facts WHERE charge_station_id LIKE 'UTR-%' GROUP BY kind")
        assert dict(kinds.fetchall()) == {"station_created": COUNT, "station_changed": COUNT}
