"""Each documented behaviour of the virtual station, in both OCPP versions, against the live listener."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.cli.virtual import link
from app.cli.virtual.behaviours import BEHAVIOURS
from app.cli.virtual.charger import Plate
from app.cli.virtual.charger16 import SUBPROTOCOL as OCPP16
from app.cli.virtual.charger201 import SUBPROTOCOL as OCPP201
from app.cli.virtual.station import Plan, Station
from app.domain.commands import CommandState, GetConfiguration, Message, Reset, Trigger
from app.domain.facts import FactKind
from app.domain.live import Knock, KnockReason
from app.domain.model import ProtocolVersion
from app.domain.stations import Rung
from app.ports import Ports
from tests.ocpp.conftest import PATIENT, QUICK, SECRET, STATION, World, make_world, until

PINGS = ("half-open", "never-pong")
"""Behaviours that only a ping finds: their listener asks often."""

SOON = msgspec.structs.replace(PATIENT, ocpp_settle_seconds=0.3)

VERSIONS = {OCPP16: ProtocolVersion.OCPP16, OCPP201: ProtocolVersion.OCPP201}


@dataclass
class Shown:
    """One virtual station that runs, and all that it told."""

    world: World
    station: Station
    subprotocol: str
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def told(self, event: str) -> list[dict[str, Any]]:
        return [fields for word, fields in self.events if word == event]

    def key(self, number: int) -> str:
        """A connector's key, each being an EVSE of its own."""
        return f"{number}.1" if self.subprotocol == OCPP201 else str(number)

    async def ended(self, reason: str) -> int:
        facts = await self.world.facts(FactKind.STATION_DISCONNECTED)
        return sum(fact.data["reason"] == reason for fact in facts)

    async def knock(self) -> Knock | None:
        found = await self.world.ports.store.find(Knock)
        return next((knock for knock, _ in found if knock.reason is not KnockReason.ACCEPTED), None)

    async def online(self) -> None:
        await until(self.world.online)
        await until(lambda: self.told("reported"))

    async def booted_when_asked(self) -> None:
        """It says no BootNotification before the server, which has waited a while, asks for one."""
        await until(self.world.online)
        await until(lambda: self.told("booted"))
        words = [word for word, _ in self.events]
        assert self.told("triggered")[0]["message"] == "BootNotification"
        assert words.index("triggered") < words.index("booted")


@asynccontextmanager
async def shown(ports: Ports, name: str, subprotocol: str) -> AsyncIterator[Shown]:
    world = make_world(ports, QUICK if name in PINGS else SOON)
    await world.gateway.start()
    await world.add_station()
    events: list[tuple[str, dict[str, Any]]] = []
    plan = Plan(
        url=world.url + STATION,
        behaviour=replace(BEHAVIOURS[name], stays=0.3),
        password=SECRET,
        subprotocol=subprotocol,
        connectors=2,
        plate=Plate(vendor="Alfen", model="Eve Double"),
        charge_seconds=0.03,
        reboot_seconds=0.05,
        retry_seconds=0.05,
    )
    station = Station(plan, lambda event, **fields: events.append((event, fields)))
    running = asyncio.create_task(station.stay())
    try:
        yield Shown(world, station, subprotocol, events)
        assert not running.done()
    finally:
        station.stop.set()
        await running
        await world.gateway.stop()


async def normal(it: Shown) -> None:
    await it.online()
    assert [evse["status"] for evse in (await it.world.wire())["evses"]] == ["AVAILABLE", "AVAILABLE"]
    assert (await it.world.live()).protocol_version is VERSIONS[it.subprotocol]


async def silent(it: Shown) -> None:
    await it.booted_when_asked()
    assert [word for word, _ in it.events][:2] == ["connected", "triggered"]


async def noboot(it: Shown) -> None:
    await it.booted_when_asked()
    assert [word for word, _ in it.events][:3] == ["connected", "reported", "triggered"]
    assert it.key(2) in (await it.world.live()).connectors


async def deaf(it: Shown) -> None:
    await it.online()
    outcome = await it.world.gateway.send(STATION, GetConfiguration(("HeartbeatInterval",)), timeout=0.3)
    assert outcome.state is CommandState.TIMEOUT and await it.world.online()
    assert (await it.world.view()).rung is Rung.DEAF


async def refusing(it: Shown) -> None:
    await it.online()
    outcome = await it.world.gateway.send(STATION, Reset(), timeout=5)
    assert (outcome.state, outcome.status) == (CommandState.NOT_IMPLEMENTED, "NotSupported")


async def late(it: Shown) -> None:
    await it.online()
    asked = GetConfiguration(("HeartbeatInterval",))
    for _ in range(2):
        assert (await it.world.gateway.send(STATION, asked, timeout=0.25)).state is CommandState.TIMEOUT
    assert await it.world.online()


async def flapping(it: Shown) -> None:
    async def twice() -> bool:
        return await it.ended("closed") >= 2

    await until(twice)
    await until(lambda: len(it.told("connected")) >= 3)


async def half_open(it: Shown) -> None:
    async def found() -> bool:
        return await it.ended("ping_failed") == 1

    await until(lambda: it.told("frozen"))
    await until(found)
    assert await it.world.offline() and it.told("disconnected") == []


async def ghost(it: Shown) -> None:
    async def replaced() -> bool:
        return await it.ended("replaced") >= 2

    await until(replaced)
    assert await it.ended("closed") + await it.ended("lost") == 0


async def never_pong(it: Shown) -> None:
    async def again() -> bool:
        return await it.ended("ping_failed") >= 2

    await until(again)
    assert len(it.told("booted")) == 1


def refused(reason: KnockReason, nearest: str | None = None) -> Callable[[Shown], Awaitable[None]]:
    async def check(it: Shown) -> None:
        knock = await until(it.knock)
        assert (knock.reason, knock.nearest) == (reason, nearest)
        await until(lambda: it.told("refused"))
        assert await it.world.offline()

    return check


async def hopping(it: Shown) -> None:
    def speaks(version: ProtocolVersion) -> Callable[[], Awaitable[bool]]:
        async def spoken() -> bool:
            return (await it.world.live()).protocol_version is version

        return spoken

    for version in 2 * list(VERSIONS.values()):
        await until(speaks(version))


async def wrong_model(it: Shown) -> None:
    await it.online()
    wire = await it.world.wire()
    assert (wire["charge_point_vendor"], wire["charge_point_model"]) == ("Somebody Else", "Another 22")


async def long_serial(it: Shown) -> None:
    await it.online()
    assert (await it.world.wire())["charge_point_serial_number"] == "S" * 33


async def extra_connector(it: Shown) -> None:
    await it.online()
    heard = (await it.world.live()).connectors.keys() - {"0"}
    assert heard == {it.key(1), it.key(2), it.key(3)}
    assert len((await it.world.wire())["evses"]) == 2


async def swapped(it: Shown) -> None:
    await it.online()
    await it.station.perform("plug 1")
    connectors = (await it.world.live()).connectors
    taken = {key for key, state in connectors.items() if state.status in ("Preparing", "Occupied")}
    assert taken == {it.key(2)}


async def no_load(it: Shown) -> None:
    await it.online()
    assert await it.station.perform("charge 1 TESTCARD 500")
    started, stopped = await it.world.facts(FactKind.TRANSACTION_STARTED, FactKind.TRANSACTION_STOPPED)
    assert started.data["accepted"] is True and stopped.data["energy_wh"] == 0


async def wrong_clock(it: Shown) -> None:
    await it.online()
    ahead = (await it.world.live()).connectors[it.key(1)].station_at
    assert ahead is not None and abs(ahead - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


async def no_reset(it: Shown) -> None:
    await it.online()
    before = (await it.world.live()).connection_id
    assert (await it.world.gateway.send(STATION, Reset(), timeout=5)).state is CommandState.ACCEPTED
    assert (await it.world.gateway.send(STATION, Trigger(Message.HEARTBEAT), timeout=5)).state is CommandState.ACCEPTED
    assert (await it.world.live()).connection_id == before and len(it.told("reset")) == 1


async def no_return(it: Shown) -> None:
    await it.online()
    assert (await it.world.gateway.send(STATION, Reset(), timeout=5)).state is CommandState.ACCEPTED
    await until(it.world.offline)
    with pytest.raises(TimeoutError):
        await until(it.world.online, 0.5)
    assert len(it.told("connected")) == 1


PROMISES: dict[str, Callable[[Shown], Awaitable[None]]] = {
    "normal": normal,
    "silent": silent,
    "noboot": noboot,
    "deaf": deaf,
    "refusing": refusing,
    "late": late,
    "flapping": flapping,
    "half-open": half_open,
    "ghost": ghost,
    "never-pong": never_pong,
    "wrong-password": refused(KnockReason.WRONG_PASSWORD),
    "hex-password": refused(KnockReason.HEX_PASSWORD),
    "no-password": refused(KnockReason.NO_PASSWORD),
    "wrong-id": refused(KnockReason.UNKNOWN_ID, STATION),
    "wrong-protocol": refused(KnockReason.WRONG_SUBPROTOCOL),
    "no-protocol": refused(KnockReason.NO_SUBPROTOCOL),
    "hopping": hopping,
    "wrong-model": wrong_model,
    "long-serial": long_serial,
    "extra-connector": extra_connector,
    "swapped": swapped,
    "no-load": no_load,
    "wrong-clock": wrong_clock,
    "no-reset": no_reset,
    "no-return": no_return,
}


@pytest.mark.parametrize("subprotocol", VERSIONS)
@pytest.mark.parametrize("name", BEHAVIOURS)
async def test_a_behaviour_is_what_it_promises(
    ports: Ports, name: str, subprotocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "LATE_SECONDS", 0.35)
    async with shown(ports, name, subprotocol) as it:
        await PROMISES[name](it)
