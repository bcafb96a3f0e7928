"""The main job, end to end: a label is filmed, a station is described, comes online, is tested and handed over."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import DESK, film, phone_context
from tests.journeys.steps import WAIT, Desk, Phone
from tests.live import LiveServer, VirtualStation, sent, station_body

DUTCH = "Tweede rij rechts, naast de wasstraat"


class Site:
    """One station's visit: server, desk and phone, with the desk's board open all the way."""

    def __init__(self, server: LiveServer, launch: Callable[..., Browser], folder: Path, station_id: str) -> None:
        self.server, self.station_id = server, station_id
        self.desk = Desk(launch().new_context(viewport=DESK), server)
        self.desk.sign_in()
        self.code, picture = self.desk.label_of(station_id)
        self.desk.board()
        feed = film(picture, folder / "camera.mjpeg")
        self.phone = Phone(phone_context(launch(feed)), station_id)
        self.phone.join(server)

    def scan(self) -> None:
        self.phone.tap("home-scan")
        self.phone.sees("lookup-use")
        assert self.phone.text("lookup-id") == self.station_id

    def place(self, name: str) -> None:
        phone = self.phone
        phone.tap("check-location")
        phone.page.locator('[data-test="location-item"]', has_text=name).click()
        phone.shots("location")
        phone.tap("location-use")
        phone.check("location", "done")

    def hardware(self) -> None:
        phone = self.phone
        phone.tap("check-hardware")
        phone.tap("template-item")
        phone.shots("hardware")
        phone.tap("template-use")
        phone.check("hardware", "done")

    def describe(self) -> None:
        """The first socket by hand, with restrictions; the second has none, and somebody looked."""
        phone = self.phone
        phone.tap("check-texts")
        phone.fill("evse-directions", DUTCH)
        phone.tap("evse-restriction-EV_ONLY")
        phone.shots("texts")
        phone.tap("evse-save")
        expect(phone.page.locator('[data-test="evse-tab-2"]')).to_have_attribute("aria-current", "true", timeout=WAIT)
        phone.fill("evse-directions", "Links ervan")
        phone.tap("evse-none")
        phone.tap("evse-save")
        phone.check("texts", "done")

    def connect(self) -> str:
        """What must be typed into the station; the password is made here."""
        phone = self.phone
        phone.tap("station-connect")
        phone.tap("connect-new-password")
        phone.sees("connect-password")
        phone.shots("connect")
        assert phone.text("connect-identity") == self.station_id
        password = "".join(phone.text("connect-password").split())
        assert len(password) == 20 and password.isalnum()
        phone.tap("connect-next")
        phone.sees("online-state")
        phone.shots("online-waiting")
        return password

    def come_online(self, password: str, stations: Callable[..., VirtualStation]) -> VirtualStation:
        """A wrong password is seen and explained on the phone first; then the right one."""
        url = f"ws://127.0.0.1:{self.server.ocpp_port}/ocpp/{self.station_id}"
        wrong = stations(url, "x" * 20, "--connectors", "2")
        expect(self.phone.page.locator('[data-test="online-attempt"]').first).to_have_attribute(
            "data-reason", "wrong_password", timeout=WAIT
        )
        self.phone.shots("online-wrong-password")
        self.desk.column_of(self.station_id, "help")
        wrong.stop()
        station = stations(url, password, "--connectors", "2")
        expect(self.phone.page.locator('[data-test="online-state"]')).to_have_attribute(
            "data-state", "online", timeout=WAIT
        )
        self.phone.shots("online")
        return station

    def test_and_hand_over(self, kind: str) -> None:
        phone = self.phone
        phone.tap("online-to-tests")
        phone.tap(f"trial-{kind}")
        phone.tap("trial-start")
        if kind == "reboot":
            phone.shots("reboot-sure")
            phone.tap("trial-confirm")
        expect(phone.page.locator('[data-test="trial-outcome"]')).to_have_attribute(
            "data-state", "passed", timeout=60_000
        )
        phone.shots("tests")
        phone.tap("tests-to-station")
        for check in ("location", "hardware", "texts", "online", "tests"):
            phone.check(check, "done")
        expect(phone.page.locator('[data-test="check-tests"]')).to_contain_text("1 passed, enough for the hand-over")
        phone.shots("checklist")
        self.desk.column_of(self.station_id, "ready")
        phone.tap("handover-open")
        phone.sees("handover-ready")
        phone.shots("hand-over")
        phone.tap("handover-submit")
        phone.sees("handover-done")
        phone.shots("handed-over")
        self.desk.column_of(self.station_id, "done")


def once_each(data: Path) -> Counter[str]:
    """Operation rows by kind, after the server has stopped: what the file itself says."""
    with sqlite3.connect(data / "stationlink.sqlite") as database:
        return Counter(kind for (kind,) in database.execute("SELECT json_extract(body, '$.kind') FROM operations"))


def rows_survive(site: Site, expected: Counter[str]) -> None:
    """Restart: the file has every step, once, and the station is not shown online before it is."""
    site.server.stop()
    assert once_each(site.server.data) == expected
    site.server.start()
    with site.server.api(site.server.token()) as api:
        station = api.get(f"/api/1.0/ChargeStations/{site.station_id}").json()["data"]
    assert station["deploy_state"] == "Production"
    assert [evse["directions"][0]["text"] for evse in station["evses"]] == [DUTCH, "Links ervan"]
    assert [evse["parking_restrictions"] for evse in station["evses"]] == [["EV_ONLY"], []]


def test_a_station_from_stock(
    filled: LiveServer,
    launch: Callable[..., Browser],
    stations: Callable[..., VirtualStation],
    tmp_path: Path,
) -> None:
    with filled.api(filled.token()) as api:
        warehouse = next(p for p in api.get("/api/2.0/Locations").json()["data"] if p["name"] == "Warehouse")
        sent(api, "POST", "/api/1.0/ChargeStations", station_body("UTR-DEPOT-017", warehouse["id"]))
    site = Site(filled, launch, tmp_path, "UTR-DEPOT-017")
    site.scan()
    site.phone.shots("lookup")
    site.phone.tap("lookup-use")
    site.phone.check("location", "open")
    site.phone.shots("checklist-begun")
    site.desk.column_of("UTR-DEPOT-017", "progress")
    site.place("Utrecht bus depot")
    site.hardware()
    site.describe()
    site.desk.column_of("UTR-DEPOT-017", "online")
    password = site.connect()
    site.come_online(password, stations)
    site.test_and_hand_over("reboot")
    assert site.phone.errors == [] and site.desk.errors == []
    rows_survive(
        site,
        Counter(begin=1, choose_location=1, apply_template=1, describe_evse=2, set_password=1, hand_over=1),
    )


def test_a_station_that_nobody_knows_yet(
    filled: LiveServer,
    launch: Callable[..., Browser],
    stations: Callable[..., VirtualStation],
    tmp_path: Path,
) -> None:
    with filled.api(filled.token()) as api:
        place = api.get("/api/2.0/Locations").json()["data"][0]
        sent(api, "POST", "/api/1.0/ChargeStations", station_body("UTR-NEW-002", place["id"]))
    site = Site(filled, launch, tmp_path, "UTR-NEW-001")
    site.scan()
    assert "UTR-NEW-002" in site.phone.text("lookup-nearest"), "a near miss is shown before anything is created"
    site.phone.shots("lookup-new")
    site.phone.tap("lookup-use")
    site.phone.check("location", "open")
    site.phone.tap("check-location")
    site.phone.tap("location-new")
    site.phone.fill("location-name", "Wasstraat Houten")
    site.phone.fill("location-address", "Dorpsstraat 3")
    site.phone.fill("location-postal-code", "3991BX")
    site.phone.fill("location-city", "Houten")
    site.phone.shots("location-new")
    site.phone.tap("location-create")
    site.phone.shots("location-twice")
    site.phone.tap("location-create-anyway")
    site.phone.check("location", "done")
    site.hardware()
    site.describe()
    password = site.connect()
    site.come_online(password, stations)
    site.test_and_hand_over("reach")
    assert site.phone.errors == [] and site.desk.errors == []
    rows_survive(
        site,
        Counter(
            begin=1,
            create_location=1,
            choose_location=1,
            apply_template=1,
            describe_evse=2,
            set_password=1,
            hand_over=1,
        ),
    )
