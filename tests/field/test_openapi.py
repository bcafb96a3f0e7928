"""The phone's part of the OpenAPI document is true. Every call of the other tests in this folder is held to it, too."""

import json
from typing import Any

import pytest
from litestar import Litestar

from app.actions.commanding import Asked, Commanding
from app.actions.people import invite
from app.actions.trials.running import Trials
from app.bus import Bus
from app.domain.commands import Unlock
from app.domain.errors import StoreUnavailable
from app.domain.people import Actor, Role
from app.field.openapi import part
from app.field.routes import router
from app.field.stream import Told, _messages
from app.field.sync import KINDS
from app.ports import Ports
from app.settings import Settings
from app.web.openapi import document
from tests.conftest import ABC, TWIN, YARD
from tests.fakes import FakeClock
from tests.field.conftest import Phone, Phones
from tests.field.test_join import token_of
from tests.field.test_sync import begin, stock_station
from tests.field.test_trials import ended, set_live
from tests.schemas import Schemas, served

DOCUMENT = document("0", [part()])
SCHEMAS = Schemas(DOCUMENT)
READS = (
    "/me",
    "/home",
    "/commissionings/c-0000-1",
    f"/locations?cpo={ABC}",
    f"/templates?cpo={ABC}",
    "/lookup?text=UTR-1",
)
SEEN = {"id": "t-0000-1", "commissioning_id": "c-0000-1", "evse": 1}
TRIAL = {"id": "t-0000-1", "commissioning_id": "c-0000-1", "kind": "reboot"}


class Checked:
    """Calls and notes operation and status of each answer, which is as the document says."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.seen: set[tuple[str, int]] = set()

    async def get(self, path: str) -> None:
        self.seen.add(SCHEMAS.check(await self.phone.get(path)))

    async def post(self, path: str, body: Any, *, fits: bool = True) -> None:
        if fits and body:
            SCHEMAS.check_body("POST", f"/field{path}", body)
        self.seen.add(SCHEMAS.check(await self.phone.post(path, body)))

    async def raw(self, path: str, content: bytes, headers: dict[str, str]) -> None:
        sent = await self.phone.client.post(f"/field{path}", content=content, headers=headers)
        self.seen.add(SCHEMAS.check(sent))


def test_every_route_is_in_the_document(ports: Ports, trials: Trials, commanding: Commanding) -> None:
    app = Litestar([router(ports, Bus(ports.store), Settings(), trials, commanding)], openapi_config=None)
    assert SCHEMAS.routes() == served(app)
    SCHEMAS.check_document()


def test_every_kind_of_operation_is_described() -> None:
    kinds = [each["properties"]["kind"]["const"] for each in DOCUMENT["components"]["schemas"]["Operation"]["anyOf"]]
    assert kinds == list(KINDS)


async def test_what_the_stream_sends_is_described(phone: Phone, ports: Ports, tailing: Bus, anna: Actor) -> None:
    await begin(phone)
    async for message in _messages(ports, tailing, Told(ports), anna, 0, 0.2):
        if b"event: commissioning" in message:
            data = next(line for line in message.decode().splitlines() if line.startswith("data: "))
            SCHEMAS.fits_closed(json.loads(data.removeprefix("data: ")), "CommissioningView")
            return


async def test_every_declared_status_is_one_that_happens(
    phones: Phones,
    ports: Ports,
    commanding: Commanding,
    sue: Actor,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna, nobody = Checked(await phones.of("anna")), Checked(phones.nobody())
    await work(anna, ports, clock)
    clock.forward(minutes=10)
    await consent(anna, commanding, sue)
    clock.forward(minutes=10)
    await seven_at_once(anna)
    ben = Checked(await phones.of("ben"))
    await ben.post("/trials/seen", SEEN)
    await join(nobody, ports, sue)
    await ask_wrongly(anna)
    for path in (*READS, "/stream"):
        await nobody.get(path)
    await nobody.post("/sync", {"operations": []})
    await nobody.post("/trials", TRIAL)
    await nobody.post("/trials/seen", SEEN)
    await nobody.post("/commands/none", {"allow": True})
    for _ in range(6):
        await nobody.post("/join", {"code": "000000", "name": "Eve"})
    for error in (StoreUnavailable("the disk is full"), RuntimeError("a bug of ours")):
        await fail_within(anna, ports, monkeypatch, error)
    streams = {("field_follow", 200)}
    seen = anna.seen | ben.seen | nobody.seen
    assert SCHEMAS.declared() - seen == streams, "a stream that never ends is in a test of its own"


async def work(anna: Checked, ports: Ports, clock: FakeClock) -> None:
    await stock_station(ports)
    of = anna.phone.operation
    operations = [
        of("begin", station_id="UTR-1", cpo_id=ABC, source="scan"),
        of("choose_location", location_id=YARD),
        of("apply_template", template_id=TWIN),
        of("describe_evse", evse_sequence_numbers=[1], directions=[{"language": "nl", "text": "Links"}]),
        of("waive_check", check="tests", reason="later"),
        of("apply_template", template_id="of nobody"),
    ]
    await anna.post("/sync", {"operations": operations})
    for path in (*READS, f"/locations?cpo={ABC}&lat=52.1&lon=5.1", "/lookup?text=NEW-1"):
        await anna.get(path)
    await anna.post("/trials", TRIAL)
    await set_live(ports, clock, online=True)
    await anna.post("/trials", TRIAL)


async def consent(anna: Checked, commanding: Commanding, sue: Actor) -> None:
    asked = Asked(cpo_id=ABC, charge_station_id="UTR-1", command=Unlock("1"))
    request = await commanding.ask(sue, asked)
    await anna.post(f"/commands/{request.id}", {"allow": False})
    await anna.post(f"/commands/{request.id}", {"allow": True})
    await anna.post("/commands/none", {"allow": True})


async def seven_at_once(anna: Checked) -> None:
    for number in range(7):
        body = {**TRIAL, "id": f"t-000{number}-2", "kind": "reach"}
        await anna.post("/trials", body)
        await ended(anna.phone)
    await anna.post("/trials/seen", {**SEEN, "id": "t-0000-2"})


async def join(nobody: Checked, ports: Ports, sue: Actor) -> None:
    made = await invite(ports, sue, role=Role.INSTALLER, cpo_ids=[ABC], name="Dirk")
    await nobody.get(f"/invite?token={token_of(made.link)}")
    await nobody.post("/join", {"token": token_of(made.link), "phone": "+31 6 1234"})
    nobody.phone.client.cookies.clear()
    await nobody.post("/leave", {})
    await nobody.get("/invite")
    await nobody.get("/invite?token=of-nobody")
    await nobody.get(f"/invite?token={token_of(made.link)}")
    await nobody.post("/join", {"token": "of-nobody"})


async def ask_wrongly(anna: Checked) -> None:
    for path in ("/commissionings/none", "/locations?cpo=none", "/templates?cpo=none"):
        await anna.get(path)
    for path in ("/locations", "/templates", "/lookup", "/commissionings/c-0000-1?look=perhaps"):
        await anna.get(path)
    await anna.post("/trials", {**TRIAL, "commissioning_id": "none"})
    await anna.post("/trials/seen", {**SEEN, "commissioning_id": "none"})
    for path in ("/join", "/sync", "/trials", "/trials/seen", "/commands/none"):
        await anna.post(path, {"operations": 1, "kind": 1, "token": 1}, fits=False)
        await anna.raw(path, b"{", anna.phone.headers)
        await anna.raw(path, b" " * 20_000_000, anna.phone.headers)
    for path in ("/join", "/sync", "/trials", "/trials/seen", "/commands/none", "/leave"):
        await anna.raw(path, b"{}", {"Cookie": anna.phone.headers["Cookie"]})


async def fail_within(anna: Checked, ports: Ports, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def failing(*_: Any, **__: Any) -> Any:
        raise error

    for name in ("get", "find", "commit", "last_fact"):
        monkeypatch.setattr(ports.store, name, failing)
    for path in (*READS, "/stream", "/invite?token=any"):
        await anna.get(path)
    await anna.post("/join", {"token": "any"})
    await anna.post("/leave", {})
    await anna.post("/sync", {"operations": []})
    await anna.post("/trials", TRIAL)
    await anna.post("/trials/seen", SEEN)
    await anna.post("/commands/none", {"allow": True})
