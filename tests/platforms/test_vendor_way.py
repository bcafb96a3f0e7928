"""The installer's way on a platform with the vendor's habits: every write meets a fault, and all is done once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from app.actions.operations import Answer, Wanted, perform_all
from app.domain.environments import Endpoint, Environment
from app.domain.facts import FactKind
from app.domain.intents import RemoteIntent
from app.domain.people import Actor, Cpo, Person, actor_for
from app.field.sync import KINDS
from app.platforms.remote import RemotePlatform
from app.platforms.remote.choice import client_of
from app.platforms.remote.wire import Timing, Wire
from app.ports import Change, Ports, Put
from tests.conftest import ABC, OnePlatform, twin
from tests.vendor import Vendor
from tests.vendor.books import Books
from tests.vendor.dress import PLAIN

HOME = "22222222-0000-4000-8000-000000000001"
PLACE = {
    "id": HOME,
    "cpo_id": ABC,
    "name": "New depot",
    "address": "Dijk 1",
    "city": "Utrecht",
    "postal_code": "3542AD",
    "country": "NLD",
    "coordinates": {"latitude": "52.100000", "longitude": "5.100000"},
}
TEXT = {"language": "nl", "text": "Tweede rij"}
CHECKS = ("location", "hardware", "texts", "online", "tests")
TRIES = 8


@dataclass
class Way:
    """Anna's operations, each sent until it is answered; the platform's pauses are over as soon as they begin."""

    vendor: Vendor
    ports: Ports
    anna: Actor
    template_id: str
    fault: str = ""
    count: int = 0

    async def send(self, kind: str, **body: Any) -> Answer:
        self.count += 1
        raw = msgspec.Raw(msgspec.json.encode(body))
        made_at = self.ports.clock.now()
        wanted = Wanted(id=f"operation-{self.count}", kind=kind, made_at=made_at, commissioning_id="c-0000-1", body=raw)
        if self.fault:
            self.vendor.fault(self.fault)
        for _ in range(TRIES):
            (answer,) = await perform_all(self.ports, self.anna, [wanted], KINDS)
            if answer.state != "later":
                return answer
        raise AssertionError(answer)

    async def ok(self, kind: str, **body: Any) -> None:
        answer = await self.send(kind, **body)
        assert answer.state == "accepted", answer

    async def built(self) -> None:
        await self.ok("begin", station_id="UTR-9", cpo_id=ABC)
        await self.ok("create_location", location=PLACE)
        await self.ok("choose_location", location_id=HOME)
        await self.ok("apply_template", template_id=self.template_id)

    async def facts(self, kind: FactKind) -> int:
        return len(await self.ports.store.facts(kind=kind))


class Hours:
    """A clock of the wire in which every sleep, and every look at it, lasts long."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        self.passed += 0.001
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


@pytest.fixture
async def way(ports: Ports) -> AsyncIterator[Way]:
    cpo, rev = await _of(ports, Cpo, ABC)
    anna, _ = await _of(ports, Person, "anna")
    hours = Hours()
    with Vendor().serving() as vendor:
        vendor.give_key("key", ABC)
        moved = msgspec.structs.replace(cpo, platform=vendor.url)
        await ports.store.commit(Change(writes=(Put(moved, rev),)))
        endpoint = Endpoint(environment=Environment.OTHER, url=vendor.url, ocpp_url=None)
        async with client_of(endpoint, "key", 0.5) as client:
            wire = Wire(client, Timing(sleep=hours.sleep, monotonic=hours.monotonic))
            remote = RemotePlatform(wire, ports.store, ports.clock, ports.ids, ABC)
            actor = actor_for(anna, "anna-phone")
            template = await remote.save_template(actor, twin())
            chosen = OnePlatform(ports.platforms.builtin, {ABC: remote})
            yield Way(vendor, replace(ports, platforms=chosen), actor, template.template_id or "")


async def _of(ports: Ports, kind: type, key: str) -> Any:
    found = await ports.store.get(kind, key)
    assert found is not None
    return found


FAULTS = ("fail_before", "fail_after", "drop", "hang", "hang_before", "html", "limited")


@pytest.mark.parametrize("honours_ids", [True, False])
@pytest.mark.parametrize("fault", ["", *FAULTS])
async def test_the_whole_way_with_a_fault_at_every_write(way: Way, fault: str, honours_ids: bool) -> None:
    way.vendor.books.honours_ids, way.fault = honours_ids, fault
    if fault == "limited":
        way.vendor.quirks = PLAIN
    await way.built()
    await way.ok("describe_evse", evse_sequence_numbers=[1], directions=[TEXT], parking_restrictions=["CUSTOMERS"])
    await way.ok("apply_template", template_id=way.template_id)
    for check in CHECKS:
        await way.ok("waive_check", check=check, reason="not part of this test")
    await way.ok("hand_over")
    books = way.vendor.books
    station = books.stations["UTR-9"]
    assert (len(books.locations), list(books.stations)) == (1, ["UTR-9"])
    assert station["deploy_state"] == "Production"
    assert station["evses"][0]["directions"] == [TEXT]
    assert station["evses"][0]["parking_restrictions"] == ["CUSTOMERS"]
    assert await way.ports.store.find(RemoteIntent) == []
    assert await way.facts(FactKind.LOCATION_CREATED) == 3 + 1
    assert (await way.facts(FactKind.STATION_CREATED), await way.facts(FactKind.HANDED_OVER)) == (1, 1)


async def test_what_is_the_vendors_own_survives_and_nothing_read_only_is_sent(way: Way) -> None:
    await way.built()
    await way.ok("describe_evse", evse_sequence_numbers=[1, 2], directions=[TEXT])
    station = way.vendor.books.stations["UTR-9"]
    assert station["site_asset_number"] == "asset UTR-9"
    assert [evse["bay_marking"] for evse in station["evses"]] == ["bay 1", "bay 2"]
    assert {connector["cable_colour"] for evse in station["evses"] for connector in evse["connectors"]} == {"black"}
    assert not way.vendor.books.read_only_sent


@pytest.mark.parametrize("fault", ["", *FAULTS])
async def test_two_sockets_change_places_once_and_back(way: Way, fault: str) -> None:
    if fault == "limited":
        way.vendor.quirks = PLAIN
    await way.built()
    other = {"language": "nl", "text": "Rechts"}
    await way.ok("describe_evse", evse_sequence_numbers=[1], directions=[TEXT], parking_restrictions=["CUSTOMERS"])
    await way.ok("describe_evse", evse_sequence_numbers=[2], directions=[other])
    before = words(way)
    way.fault = fault
    await way.ok("swap_sockets", evses=[1, 2])
    assert words(way) == list(reversed(before))
    evses = way.vendor.books.stations["UTR-9"]["evses"]
    assert [[connector["id"] for connector in evse["connectors"]] for evse in evses] == [["1"], ["2"]]
    assert [evse["bay_marking"] for evse in evses] == ["bay 1", "bay 2"]
    assert not way.vendor.books.read_only_sent
    await way.ok("swap_sockets", evses=[2, 1])
    assert words(way) == before


def words(way: Way) -> list[tuple[Any, ...]]:
    evses = way.vendor.books.stations["UTR-9"]["evses"]
    return [(evse["evse_id"], evse["directions"], evse.get("parking_restrictions") or []) for evse in evses]


async def test_an_old_station_without_an_etag_is_described(way: Way) -> None:
    await way.built()
    way.vendor.in_portal(lambda books: books.stations["UTR-9"].update(etag=None))
    await way.ok("describe_evse", evse_sequence_numbers=[1], directions=[TEXT])
    assert way.vendor.books.stations["UTR-9"]["evses"][0]["directions"] == [TEXT]


@pytest.mark.parametrize("fault", ["", "drop", "fail_before"])
async def test_not_my_station_takes_back_what_was_made(way: Way, fault: str) -> None:
    await way.built()
    way.fault = fault
    await way.ok("abandon")
    assert way.vendor.books.stations["UTR-9"]["deploy_state"] == "Deprecated"


@pytest.mark.parametrize("fault", ["", "drop", "fail_before"])
async def test_not_my_station_gives_a_known_one_back_as_it_was(way: Way, fault: str) -> None:
    await way.built()
    theirs = way.vendor.books.stations["UTR-9"]

    def moved(books: Books) -> None:
        books.stations["OLD-1"] = msgspec.json.decode(msgspec.json.encode(theirs | {"charge_station_id": "OLD-1"}))
        for number, evse in enumerate(books.stations["OLD-1"]["evses"], 1):
            evse |= {"uid": f"OLD-{number}", "directions": [{"language": "nl", "text": f"Vak {number}"}]}

    way.vendor.in_portal(moved)
    before = msgspec.json.decode(msgspec.json.encode(way.vendor.books.stations["OLD-1"]))
    await way.ok("abandon")
    raw = msgspec.json.encode({"station_id": "OLD-1", "cpo_id": ABC})
    for number, (kind, body) in enumerate(
        [
            ("begin", raw),
            ("describe_evse", msgspec.json.encode({"evse_sequence_numbers": [1], "directions": [TEXT]})),
            ("abandon", b"{}"),
        ]
    ):
        if fault and kind != "begin":
            way.vendor.fault(fault)
        wanted = Wanted(
            id=f"second-{number}",
            kind=kind,
            made_at=way.ports.clock.now(),
            commissioning_id="c-0000-2",
            body=msgspec.Raw(body),
        )
        answers = [(await perform_all(way.ports, way.anna, [wanted], KINDS))[0] for _ in range(2)]
        assert answers[-1].state == "accepted", answers
    after = way.vendor.books.stations["OLD-1"]
    apart = {"etag", "modified"}
    assert {k: v for k, v in after.items() if k not in apart | {"evses"}} == {
        k: v for k, v in before.items() if k not in apart | {"evses"}
    }
    assert [evse["directions"] for evse in after["evses"]] == [evse["directions"] for evse in before["evses"]]
    assert [evse["bay_marking"] for evse in after["evses"]] == ["bay 1", "bay 2"]


async def test_a_colleague_in_the_portal_is_told_not_overwritten(way: Way) -> None:
    await way.built()
    way.vendor.describe_in_portal("UTR-9", 1, "Van een collega")
    base = {"1": {"directions": []}}
    answer = await way.send("describe_evse", evse_sequence_numbers=[1], directions=[TEXT], base=base)
    assert (answer.state, answer.code) == ("refused", "changed_meanwhile")
    assert way.vendor.books.stations["UTR-9"]["evses"][0]["directions"][0]["text"] == "Van een collega"


async def test_a_colleague_between_our_reading_and_writing_is_seen(way: Way) -> None:
    await way.built()

    def meanwhile(method: str, path: str) -> None:
        way.vendor.hooks.before_write = None
        way.vendor.describe_in_portal("UTR-9", 1, "Van een collega")

    way.vendor.hooks.before_write = meanwhile
    base = {"1": {"directions": []}}
    answer = await way.send("describe_evse", evse_sequence_numbers=[1], directions=[TEXT], base=base)
    assert (answer.state, answer.code) == ("refused", "changed_meanwhile")
    assert await way.ports.store.find(RemoteIntent) == []


async def test_a_token_that_expires_leaves_the_work_waiting_until_there_is_a_new_one(way: Way) -> None:
    await way.built()
    way.vendor.expire("key")
    raw = msgspec.Raw(msgspec.json.encode({"evse_sequence_numbers": [1], "directions": [TEXT]}))
    made_at = way.ports.clock.now()
    wanted = Wanted(id="operation-x", kind="describe_evse", made_at=made_at, commissioning_id="c-0000-1", body=raw)
    (answer,) = await perform_all(way.ports, way.anna, [wanted], KINDS)
    assert (answer.state, answer.code) == ("later", "platform_key_refused")
    way.vendor.keys["key"].expired = False
    (answer,) = await perform_all(way.ports, way.anna, [wanted], KINDS)
    assert answer.state == "accepted"


async def test_a_busy_platform_says_when_to_come_back(way: Way) -> None:
    await way.built()
    way.vendor.fault("busy_plain")
    raw = msgspec.Raw(msgspec.json.encode({"evse_sequence_numbers": [1], "directions": [TEXT]}))
    made_at = way.ports.clock.now()
    wanted = Wanted(id="operation-x", kind="describe_evse", made_at=made_at, commissioning_id="c-0000-1", body=raw)
    (answer,) = await perform_all(way.ports, way.anna, [wanted], KINDS)
    assert (answer.state, answer.code, answer.detail) == ("later", "platform_busy", {"retry_after": 30})
    assert await way.ports.store.find(RemoteIntent) == []
