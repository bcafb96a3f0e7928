"""A live listener on a free port over the real store, and clients that say anything."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from app.actions.live import LiveView, read_standing
from app.domain.commissioning import Before, Commissioning, CommissioningKind, begin
from app.domain.facts import Fact, FactKind
from app.domain.live import Live, StationPassword, StationTuning
from app.domain.model import ChargerType, DeployState
from app.domain.people import SYSTEM, Cpo, keyed_digest
from app.domain.profiles import Profile
from app.domain.stations import PostChargeStation
from app.ocpp.gateway import Gateway
from app.platforms.host import OcppHost
from app.ports import Change, Ports, Put, StationRow
from app.settings import Settings
from tests.conftest import ABC, TWIN, YARD

STATION = "NL-ABC-1"
SECRET = "Zq7Kc2Wm9Xt4Rb6Yd8Lp"
PATIENT = Settings(host="127.0.0.1", ocpp_port=0, ocpp_close_seconds=1.0)
"""A busy machine must not look like a dead station."""

QUICK = msgspec.structs.replace(PATIENT, ocpp_ping_seconds=0.4, ocpp_pong_seconds=0.4, ocpp_close_seconds=0.2)
"""For tests of the sign of life itself."""

BOOT = {"chargePointVendor": "Alfen", "chargePointModel": "Eve Double"}
BOOT_201 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Alfen", "model": "Eve Double"}}
OCPP201 = "ocpp2.0.1"

SPOKEN = "ocpp1.6"
"""What clients speak that are not told otherwise; tests of both versions set it."""


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `condition` gives, as soon as it is true; it may be a coroutine function."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            found = await found if asyncio.iscoroutine(found) else found
            if found:
                return found
            await asyncio.sleep(0.01)


@dataclass
class World:
    """The listener with all that stands behind it, and what a test wants to look up."""

    ports: Ports
    host: OcppHost
    gateway: Gateway
    settings: Settings = field(default_factory=lambda: PATIENT)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.gateway.port}/ocpp/"

    async def add_station(self, charge_station_id: str = STATION, password: str | None = SECRET) -> None:
        post = PostChargeStation(
            charge_station_id=charge_station_id,
            location_id=YARD,
            deploy_state=DeployState.STOCK,
            default_charge_station_tariff_id="T-AC",
            charger_type=ChargerType.PUBLIC,
            charge_station_template_id=TWIN,
        )
        await self.ports.platforms.of(await self.cpo()).create_station(SYSTEM, post)
        if password is not None:
            await self.set_password(charge_station_id, password)

    async def set_password(self, charge_station_id: str, password: str = SECRET, cpo_id: str | None = None) -> None:
        digest = keyed_digest(self.ports.digest_key, f"{charge_station_id}:{password}")
        record = StationPassword(
            charge_station_id=charge_station_id, digest=digest, set_at=self.ports.clock.now(), cpo_id=cpo_id
        )
        await self.ports.store.commit(Change(writes=(Put(record),)))

    async def cpo(self) -> Cpo:
        found = await self.ports.store.get(Cpo, ABC)
        assert found is not None
        return found[0]

    async def commissioning(
        self, charge_station_id: str = STATION, kind: CommissioningKind = CommissioningKind.NEW
    ) -> Commissioning:
        """Anna begins to work on the station."""
        begun = begin(
            id=f"commissioning-of-{charge_station_id}",
            cpo=await self.cpo(),
            charge_station_id=charge_station_id,
            kind=kind,
            person_id="anna",
            before=Before(existed=True),
            now=self.ports.clock.now(),
        )
        await self.ports.store.commit(Change(writes=(Put(begun),)))
        return begun

    async def current(self, charge_station_id: str = STATION) -> tuple[Commissioning, int]:
        """The commissioning as it is stored, with its rev."""
        found = await self.ports.store.get(Commissioning, f"commissioning-of-{charge_station_id}")
        assert found is not None
        return found

    async def row(self, charge_station_id: str = STATION) -> StationRow:
        row = await self.ports.store.station(charge_station_id)
        assert row is not None
        return row

    async def live(self, charge_station_id: str = STATION) -> Live:
        return msgspec.json.decode((await self.row(charge_station_id)).live, type=Live)

    async def view(self, charge_station_id: str = STATION) -> LiveView:
        """The station as phone and desk show it."""
        return (await read_standing(self.ports, await self.cpo(), charge_station_id)).live

    async def tune(self, charge_station_id: str = STATION, **different: Any) -> None:
        """What is different for this station, from its next connection on."""
        tuning = StationTuning(charge_station_id=charge_station_id, **different)
        await self.ports.store.commit(Change(writes=(Put(tuning),)))

    async def wire(self, charge_station_id: str = STATION) -> dict[str, Any]:
        """The station as the platform API shows it."""
        platform = self.ports.platforms.of(await self.cpo())
        return json.loads(await platform.station(SYSTEM, charge_station_id))

    async def online(self, charge_station_id: str = STATION) -> bool:
        return (await self.row(charge_station_id)).online

    async def offline(self, charge_station_id: str = STATION) -> bool:
        return not await self.online(charge_station_id)

    async def facts(self, *kinds: FactKind, station: str | None = STATION) -> list[Fact]:
        found = await self.ports.store.facts(charge_station_id=station)
        return [fact for fact in found if not kinds or fact.kind in kinds]

    @asynccontextmanager
    async def client(
        self,
        charge_station_id: str = STATION,
        password: str | None = SECRET,
        *,
        user: str | None = None,
        path: str | None = None,
        subprotocols: list[str] | None = None,
    ) -> AsyncIterator["Client"]:
        """A WebSocket client of this station, by default one that is let in."""
        headers = {}
        if password is not None:
            pair = f"{user if user is not None else charge_station_id}:{password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        where = quote(charge_station_id, safe="") if path is None else path
        async with connect(
            urljoin(self.url, where) if where.startswith("/") else self.url + where,
            subprotocols=[SPOKEN] if subprotocols is None else subprotocols or None,
            additional_headers=headers,
            proxy=None,
            ping_interval=None,
            close_timeout=1,
        ) as socket:
            yield Client(socket)


@dataclass
class Client:
    """Speaks frames and nothing else; answers pings because the library does."""

    socket: ClientConnection
    number: int = 0

    async def ask(self, action: str, payload: Any, message_id: Any = None) -> list[Any]:
        self.number += 1
        return await self.send([2, message_id or f"m{self.number}", action, payload])

    async def send(self, frame: Any) -> list[Any]:
        """Send a frame (a str goes as it is) and give the next one that comes."""
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
        return await self.hear()

    async def hear(self) -> list[Any]:
        async with asyncio.timeout(10):
            return json.loads(await self.socket.recv())

    async def say(self, frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    @property
    def newer(self) -> bool:
        """Whether it speaks OCPP 2.0.1, where each connector is an EVSE of its own here."""
        return self.socket.subprotocol == OCPP201

    @property
    def plate(self) -> dict[str, Any]:
        """What its BootNotification says."""
        return BOOT_201 if self.newer else BOOT

    async def boot(self) -> dict[str, Any]:
        answer = await self.ask("BootNotification", self.plate)
        assert answer[0] == 3, answer
        return answer[2]

    def asked_status(self, connector: int) -> dict[str, Any]:
        """What a TriggerMessage asks of a station whose only stale connector is this one."""
        where = {"evse": {"id": connector, "connectorId": 1}} if self.newer else {}
        return {"requestedMessage": "StatusNotification"} | where

    async def status(self, connector: int, status: str, **more: Any) -> list[Any]:
        if self.newer:
            word = status if status in ("Available", "Reserved", "Unavailable", "Faulted") else "Occupied"
            said = {"evseId": connector, "connectorId": 1, "connectorStatus": word, "timestamp": "2026-03-02T08:00:00Z"}
        else:
            said = {"connectorId": connector, "status": status, "errorCode": "NoError"}
        return await self.ask("StatusNotification", said | more)


def make_world(ports: Ports, settings: Settings = PATIENT) -> World:
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, Profile(settings.ocpp_profile))
    return World(ports, host, Gateway(host, settings, ports.clock), settings)


@pytest.fixture
async def world(ports: Ports) -> AsyncIterator[World]:
    made = make_world(ports)
    await made.gateway.start()
    await made.add_station()
    yield made
    await made.gateway.stop()


@pytest.fixture
async def quick(ports: Ports) -> AsyncIterator[World]:
    made = make_world(ports, QUICK)
    await made.gateway.start()
    await made.add_station()
    yield made
    await made.gateway.stop()
