"""The installer's way on a vendor's platform, with every write struck by the same fault: all is done, and done once.

A real server in a process of its own, the vendor's platform over real HTTP, SIGKILL from within its call.
"""

import os
import signal
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.live import LiveServer, location_body
from tests.vendor import Vendor
from tests.vendor.faults import Fault
from tests.vendor.house import NEWER, YARD, Phone, furnish, last_fact, open_intents, settle_on, stock, told_since

DUTCH = "Tweede rij rechts, naast de wasstraat"
WAIVED = ("online", "tests")


class Way:
    """Two visits: a new station at a new location, and one from stock that turns out to be the wrong one."""

    def __init__(self, server: LiveServer, vendor: Vendor, client: httpx.Client, fault: dict[str, Any] | None) -> None:
        self.server, self.vendor, self.client, self._fault = server, vendor, client, fault
        tag = uuid.uuid4().hex[:6].upper()
        self.new, self.wrong, self.place = f"NEW-{tag}", f"OLD-{tag}", f"Depot {tag}"
        self.location_id = str(uuid.uuid4())
        self.faults: list[Fault] = []
        self.phones: list[Phone] = []

    def walk(self) -> "Way":
        stock(self.vendor, self.wrong)
        self._since = last_fact(self.server.data)
        self.vendor.done.clear()
        self._install(Phone(self.server, self.client))
        self._mistake(Phone(self.server, self.client))
        return self

    def _do(self, phone: Phone, kind: str, **body: Any) -> None:
        phone.meanwhile = self.vendor.arrive
        if self._fault is not None:
            self.faults.append(self.vendor.fault(**self._fault))
        phone.ok(kind, **body)
        self.vendor.well()

    def _install(self, phone: Phone) -> None:
        self.phones.append(phone)
        body = location_body(id=self.location_id, name=self.place, address=f"{self.place} 1")
        self._do(phone, "begin", station_id=self.new, cpo_id="ABC Charging")
        self._do(phone, "create_location", location=body)
        self._do(phone, "choose_location", location_id=self.location_id)
        self._do(phone, "apply_template", template_id="twin-ac-22")
        for number, text in enumerate((DUTCH, "Links ervan"), 1):
            self._do(phone, "describe_evse", evse_sequence_numbers=[number], **_texts(text))
        self._do(phone, "apply_template", template_id="twin-ac-22-b")
        for check in WAIVED:
            self._do(phone, "waive_check", check=check, reason="no power yet")
        self._do(phone, "hand_over", note="gate code 1234")

    def _mistake(self, phone: Phone) -> None:
        self.phones.append(phone)
        self._do(phone, "begin", station_id=self.wrong, cpo_id="ABC Charging")
        self._do(phone, "choose_location", location_id=self.location_id)
        self._do(phone, "describe_evse", evse_sequence_numbers=[1], **_texts("Niet deze"))
        self._do(phone, "abandon")

    def written(self) -> list[tuple[str, str]]:
        """What the vendor has done, in order, with this way's own ids left out."""
        names = {self.new: "NEW", self.wrong: "OLD", self.location_id: "PLACE"}
        return [(method, names.get(path.rsplit("/", 1)[-1], path)) for method, path in self.vendor.done]

    def told(self) -> list[str]:
        return told_since(self.server.data, self._since)


def _texts(text: str) -> dict[str, Any]:
    return {"directions": [{"language": "nl", "text": text}], "parking_restrictions": ["EV_ONLY", "CUSTOMERS"]}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor().serving() as running:
        furnish(running)
        yield running


@pytest.fixture(scope="module")
def server(vendor: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("ours") / "data", platform_seconds="0.7").start()
    settle_on(live, vendor)
    vendor.hooks.kill = lambda: os.kill(live.pid, signal.SIGKILL)
    yield live
    live.kill()


@pytest.fixture(scope="module")
def client(server: LiveServer) -> Iterator[httpx.Client]:
    signed_in = server.phone()
    yield signed_in
    signed_in.close()


@pytest.fixture(scope="module")
def undisturbed(server: LiveServer, vendor: Vendor, client: httpx.Client) -> tuple[list[tuple[str, str]], list[str]]:
    """The writes and the facts of the way when nothing goes wrong."""
    way = Way(server, vendor, client, None).walk()
    _check(way)
    return way.written(), way.told()


def _check(way: Way) -> None:
    """What everybody wanted is there, at the vendor and here, once; the phone sends everything again, for nothing."""
    books = way.vendor.books
    (place,) = [each for each in books.locations if each["name"] == way.place]
    assert place["gate_system"] == f"gate of {way.place}"
    _check_new(books.stations[way.new], place)
    wrong = books.stations[way.wrong]
    assert (wrong["location_id"], wrong["deploy_state"], wrong["remarks"]) == (YARD, "Stock", "prepared in the portal")
    assert wrong["evses"][0]["directions"][0]["text"] == "Van kantoor"
    assert [evse["parking_restrictions"] for evse in wrong["evses"]] == [[NEWER], [NEWER]]
    _check_own_fields(wrong)
    states = [phone.view()["state"] for phone in way.phones]
    assert states == ["handed_over", "abandoned"]
    again = [answer["state"] for phone in way.phones for answer in phone.all(phone.sent)]
    assert again == ["accepted"] * sum(len(phone.sent) for phone in way.phones)
    assert open_intents(way.server.data) == 0
    assert not books.read_only_sent, "a key that only the platform writes was sent back to it"


def _check_new(station: dict[str, Any], place: dict[str, Any]) -> None:
    assert (station["location_id"], station["deploy_state"]) == (place["id"], "Production")
    assert [evse["directions"][0]["text"] for evse in station["evses"]] == [DUTCH, "Links ervan"]
    assert [evse["parking_restrictions"] for evse in station["evses"]] == [["EV_ONLY", "CUSTOMERS"]] * 2
    _check_own_fields(station)


def _check_own_fields(station: dict[str, Any]) -> None:
    """The vendor's own writable fields, which a PUT that leaves them out would have cleared."""
    assert station["site_asset_number"] == f"asset {station['charge_station_id']}"
    assert [evse["bay_marking"] for evse in station["evses"]] == ["bay 1", "bay 2"]
    assert {plug["cable_colour"] for evse in station["evses"] for plug in evse["connectors"]} == {"black"}


@pytest.mark.parametrize("nth", [0, 1])
@pytest.mark.parametrize("kind", ["kill_after", "kill_before", "drop", "fail_after", "fail_before", "hang", "late"])
def test_each_write_is_done_once_whatever_becomes_of_it(
    server: LiveServer,
    vendor: Vendor,
    client: httpx.Client,
    undisturbed: tuple[list[tuple[str, str]], list[str]],
    kind: str,
    nth: int,
) -> None:
    """`nth` of each operation's writes is struck: most have one, a new model under written texts has two."""
    way = Way(server, vendor, client, {"kind": kind, "skip": nth}).walk()
    _check(way)
    assert sum(fault.met for fault in way.faults) == (1 if nth else len(undisturbed[0]) - 1)
    assert way.written() == undisturbed[0]
    assert way.told() == undisturbed[1]


@pytest.mark.parametrize(
    "fault", [{"kind": "busy", "path": "Locations"}, {"kind": "limited", "path": "Locations"}, {"kind": "html"}]
)
def test_what_is_no_answer_of_the_api_is_no_answer(
    server: LiveServer,
    vendor: Vendor,
    client: httpx.Client,
    undisturbed: tuple[list[tuple[str, str]], list[str]],
    fault: dict[str, Any],
) -> None:
    """Too many requests, in both ways of saying so, and a page of some proxy."""
    way = Way(server, vendor, client, fault).walk()
    _check(way)
    assert (way.written(), way.told()) == undisturbed


@pytest.fixture
def own_ids(vendor: Vendor) -> Iterator[None]:
    vendor.books.honours_ids = False
    yield
    vendor.books.honours_ids = True


@pytest.mark.parametrize("kind", ["kill_after", "drop", "fail_before"])
def test_a_platform_that_makes_its_own_ids_has_one_location_too(
    server: LiveServer,
    vendor: Vendor,
    client: httpx.Client,
    undisturbed: tuple[list[tuple[str, str]], list[str]],
    own_ids: None,
    kind: str,
) -> None:
    way = Way(server, vendor, client, {"kind": kind, "path": "Locations"}).walk()
    assert all(place["id"] != way.location_id for place in vendor.books.locations)
    _check(way)
    assert (way.written(), way.told()) == undisturbed


@pytest.mark.parametrize("kind", ["drop", "fail_before"])
def test_a_station_from_before_there_were_etags_is_saved_first(
    server: LiveServer, vendor: Vendor, client: httpx.Client, kind: str
) -> None:
    phone = Phone(server, client)
    stored = stock(vendor, f"OLD-{kind}")
    stored["etag"] = None
    phone.ok("begin", station_id=f"OLD-{kind}", cpo_id="ABC Charging")
    vendor.fault(kind, methods=("PUT",))
    phone.ok("describe_evse", evse_sequence_numbers=[2], **_texts(DUTCH))
    assert [evse["directions"][0]["text"] for evse in stored["evses"]] == ["Van kantoor", DUTCH]
    assert stored["evses"][1]["parking_restrictions"] == ["EV_ONLY", "CUSTOMERS", NEWER]
    _check_own_fields(stored)
