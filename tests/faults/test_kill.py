"""SIGKILL while operations and patches stream in: after the restart every acknowledged one is there, once."""

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live import LiveServer, location_body, sent, station_body, template_body

STATIONS = "/api/1.0/ChargeStations"


class Streams:
    """Two writers that never pause, and what each of them was promised."""

    def __init__(self, phone: httpx.Client, api: httpx.Client, location_id: str) -> None:
        self._phone, self._api, self._location_id = phone, api, location_id
        self.acknowledged: list[dict[str, Any]] = []
        self.unanswered: list[dict[str, Any]] = []
        self.remarks: dict[str, str] = {}
        self.enough = threading.Event()
        self._threads = [threading.Thread(target=self._operate), threading.Thread(target=self._patch)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(30)

    def _operate(self) -> None:
        """As an outbox does: one begin after the other, each under an id of its own, until the line goes dead."""
        while True:
            wanted = {
                "id": str(uuid.uuid4()),
                "kind": "begin",
                "made_at": "2026-03-02T08:00:00Z",
                "commissioning_id": str(uuid.uuid4()),
                "body": {"station_id": f"NEW-{uuid.uuid4().hex[:8]}", "cpo_id": "ABC Charging"},
            }
            try:
                answer = self._phone.post("/field/sync", json={"operations": [wanted]})
            except httpx.HTTPError:
                self.unanswered.append(wanted)
                return
            assert answer.json()["results"][0]["state"] == "accepted", answer.text
            self.acknowledged.append(wanted)
            if len(self.acknowledged) >= 40:
                self.enough.set()

    def _patch(self) -> None:
        number = 0
        while True:
            station_id, remark = f"UTR-{number % 4}", f"patch {number}"
            body = {"charge_station_id": station_id, "remarks": remark}
            try:
                sent(self._api, "PATCH", f"{STATIONS}/{station_id}", body)
            except httpx.HTTPError:
                return
            self.remarks[station_id] = remark
            number += 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "data").start()
    live.make_cpo()
    yield live
    live.kill()


def kill_once(server: LiveServer) -> Streams:
    """Fill, stream, kill in the middle, start again."""
    api = server.api(server.token())
    place = sent(api, "POST", "/api/2.0/Locations", location_body())
    sent(api, "POST", f"{STATIONS}/ChargestationTemplate", template_body())
    for number in range(4):
        sent(api, "POST", STATIONS, station_body(f"UTR-{number}", place["id"]))
    streams = Streams(server.phone(), api, place["id"])
    streams.start()
    assert streams.enough.wait(30), "the streams did not get going"
    server.kill()
    streams.join()
    server.start()
    return streams


def test_every_acknowledged_operation_and_patch_survives_a_kill_once(server: LiveServer) -> None:
    streams = kill_once(server)
    assert len(streams.acknowledged) >= 40 and streams.remarks
    for station_id, remark in streams.remarks.items():
        body = streams._api.get(f"{STATIONS}/{station_id}").json()["data"]
        number = int(body["remarks"].removeprefix("patch "))
        assert number >= int(remark.removeprefix("patch ")), "an acknowledged patch is gone"
    again = streams._phone.post("/field/sync", json={"operations": streams.acknowledged + streams.unanswered})
    assert [r["state"] for r in again.json()["results"]] == ["accepted"] * (
        len(streams.acknowledged) + len(streams.unanswered)
    )
    server.stop()
    with sqlite3.connect(server.data / "stationlink.sqlite") as database:
        once = database.execute("SELECT count(*), count(DISTINCT id) FROM operations").fetchone()
        begun = database.execute("SELECT count(*) FROM facts WHERE kind = 'commissioning_begun'").fetchone()[0]
        stations = database.execute("SELECT count(DISTINCT charge_station_id) FROM commissionings").fetchone()[0]
    expected = len(streams.acknowledged) + len(streams.unanswered)
    assert once == (expected, expected)
    assert (begun, stations) == (expected, expected)


def test_a_second_server_on_the_same_data_is_refused_until_the_first_is_killed(server: LiveServer) -> None:
    second = LiveServer(server.data)
    with pytest.raises(AssertionError, match=r"the data folder is in use by serve"):
        second.start()
    server.kill()
    second.start()
    second.stop()


@pytest.mark.soak
@pytest.mark.parametrize("round", range(8))
def test_again_and_again(server: LiveServer, round: int) -> None:
    test_every_acknowledged_operation_and_patch_survives_a_kill_once(server)
