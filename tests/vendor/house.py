"""A CPO of a real Stationlink server on the vendor's platform, and a phone that does not give up."""

import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.live import LiveServer, location_body, template_body
from tests.vendor.books import Books, Document
from tests.vendor.server import Vendor

ABC = "ABC Charging"
KEY = "vendor-key-1"
YARD = "5b8a1d6e-2f60-4f0c-9a57-0c7d1b5e9f21"
NEWER = "EMPLOYEES"
"""A parking restriction of OCPI 2.3.0 that we have no word for."""
TRIES = 6


def furnish(vendor: Vendor) -> None:
    """A key for the CPO, a location and two station models: what an operator has who comes with a platform."""
    vendor.give_key(KEY, ABC)

    def change(books: Books) -> None:
        books.create_location(location_body(id=YARD, name="Yard", address="Werf 9"))
        books.save_template(template_body())
        books.save_template(template_body("twin-ac-22-b") | {"name": "Twin AC 22 kW, second edition"})

    vendor.in_portal(change)


def stock(vendor: Vendor, station_id: str) -> Document:
    """A station that the operator prepared in the portal: a text for one socket, a newer restriction for both."""
    body = {
        "charge_station_id": station_id,
        "location_id": YARD,
        "deploy_state": "Stock",
        "default_charge_station_tariff_id": "T-AC",
        "charger_type": "Public",
        "charge_station_template_id": "twin-ac-22",
        "remarks": "prepared in the portal",
    }
    vendor.in_portal(lambda books: books.create_station(body))
    vendor.describe_in_portal(station_id, 1, "Van kantoor")
    stored = vendor.books.stations[station_id]
    for evse in stored["evses"]:
        evse["parking_restrictions"] = [NEWER]
    return stored


def settle_on(server: LiveServer, vendor: Vendor) -> None:
    """The CPO is made on the vendor's platform by its address, by the command line."""
    make_cpo_on(server, vendor.url, "--platform-ocpp-url", vendor.ocpp_url)


def make_cpo_on(server: LiveServer, platform: str, *more: str) -> None:
    server.app(
        "cpo", "create", "--country", "NL", "--party", "ABC", "--name", ABC, "--tariff", "T-AC", "--charger-type",
        "Public", "--support-phone", "+31301234567", "--platform", platform, "--platform-token", "-", *more,
        stdin=f"{KEY}\n",
    )  # fmt: skip


class Phone:
    """One commissioning on a phone: each operation is sent, the very same again, until it is answered for good.

    `meanwhile` happens before a repeat.
    """

    def __init__(self, server: LiveServer, client: httpx.Client) -> None:
        self._server, self._client = server, client
        self.commissioning = str(uuid.uuid4())
        self.sent: list[dict[str, Any]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def operation(self, kind: str, **body: Any) -> dict[str, Any]:
        made = {"id": str(uuid.uuid4()), "kind": kind, "made_at": "2026-03-02T08:00:00Z", "body": body}
        self.sent.append(made | {"commissioning_id": self.commissioning})
        return self.sent[-1]

    def ok(self, kind: str, **body: Any) -> None:
        operation = self.operation(kind, **body)
        for _ in range(TRIES):
            answer = self.once(operation)
            if answer is not None and answer["state"] != "later":
                assert answer["state"] == "accepted", (kind, answer)
                return
            self.meanwhile()
        raise AssertionError(f"{kind} is never done")

    def once(self, operation: dict[str, Any]) -> dict[str, Any] | None:
        """None when the server died of it: it is started again."""
        try:
            return self.all([operation])[0]
        except httpx.TransportError:
            self._server.kill()
            self._server.start()
            return None

    def all(self, operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self._client.post("/field/sync", json={"operations": operations})
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def view(self) -> dict[str, Any]:
        answer = self._client.get(f"/field/commissionings/{self.commissioning}")
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view


def last_fact(data: Path) -> int:
    with sqlite3.connect(data / "stationlink.sqlite") as database:
        seq: int = database.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0]
    return seq


def told_since(data: Path, seq: int) -> list[str]:
    """The kinds of what phones' operations brought after this number, as the file itself has it."""
    asked = "SELECT kind FROM facts WHERE seq > ? AND json_extract(body, '$.operation_id') IS NOT NULL ORDER BY seq"
    with sqlite3.connect(data / "stationlink.sqlite") as database:
        return [kind for (kind,) in database.execute(asked, (seq,))]


def open_intents(data: Path) -> int:
    with sqlite3.connect(data / "stationlink.sqlite") as database:
        count: int = database.execute("SELECT count(*) FROM remote_intents").fetchone()[0]
    return count
