"""The log says as much as it is asked to, in one format, and never a secret."""

from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.live import LiveServer, location_body, sent, station_body, template_body


def log_of(tmp_path: Path, level: str) -> tuple[str, str]:
    """What a server wrote while a station came and went; and the station's password."""
    server = LiveServer(tmp_path / "data", log_level=level).start()
    try:
        server.make_cpo()
        with server.api(server.token()) as api:
            place = sent(api, "POST", "/api/2.0/Locations", location_body())
            sent(api, "POST", "/api/1.0/ChargeStations/ChargestationTemplate", template_body())
            sent(api, "POST", "/api/1.0/ChargeStations", station_body("UTR-1", place["id"]))
        password = server.app("password", "UTR-1")
        url = f"ws://UTR-1:{password}@127.0.0.1:{server.ocpp_port}/ocpp/UTR-1"
        with connect(url, subprotocols=["ocpp1.6"]) as station:  # type: ignore[list-item]
            station.send('[2,"1","Heartbeat",{}]')
            station.recv(10)
    finally:
        server.stop()
    return (tmp_path / "server.log").read_text(), password


@pytest.mark.parametrize(("level", "told"), [("INFO", True), ("WARNING", False)])
def test_the_level_decides_what_is_told(tmp_path: Path, level: str, told: bool) -> None:
    log, password = log_of(tmp_path, level)
    assert (" INFO stationlink.ocpp: UTR-1 connected" in log) is told
    assert password not in log
