"""A small fixed cast over a real SQLite store: Anna and Ben install for ABC, Carl for another CPO, Sue supports."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from app.domain.locations import PostLocation
from app.domain.model import (
    ChargerType,
    ConnectorFormat,
    ConnectorTemplate,
    EvseTemplate,
    GeoLocation,
    HardwareTemplate,
    PowerType,
)
from app.domain.people import SYSTEM, Actor, Cpo, Person, Role, actor_for
from app.platforms.builtin import BuiltinPlatform
from app.ports import Change, Platform, Ports, Put, Store
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.fakes import FakeClock, FakeCommands, FakeIds
from tests.postgres import ADDRESS, Cluster, make_migrated

ABC, XYZ = "ABC Charging", "XYZ Power"
TWIN = "twin-ac-22"
YARD, GARAGE = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
FOREIGN_YARD = "11111111-0000-4000-8000-000000000003"


@dataclass
class OnePlatform:
    builtin: Platform
    chosen: dict[str, Platform] = field(default_factory=dict)

    def of(self, cpo: Cpo) -> Platform:
        return self.chosen.get(cpo.cpo_id, self.builtin)


def make_cpo(name: str, party: str, now: datetime) -> Cpo:
    return Cpo(
        cpo_id=name,
        country_code="NL",
        party_id=party,
        name=name,
        language="nl",
        default_tariff_id="T-AC",
        charger_type=ChargerType.PUBLIC,
        test_cards=["TESTCARD"],
        created=now,
    )


def person(id: str, role: Role, *cpos: str, now: datetime) -> Person:
    return Person(id=id, name=id.capitalize(), phone=None, role=role, cpo_ids=list(cpos), created=now)


def twin(template_id: str = TWIN, sockets: int = 2) -> HardwareTemplate:
    """An AC station with Type 2 sockets of 22 kW."""
    parts = [
        EvseTemplate(
            evse_sequence_number=number,
            capabilities=["RFID_READER", "REMOTE_START_STOP_CAPABLE"],
            connector_templates=[
                ConnectorTemplate(
                    id=number,
                    amperage=32,
                    voltage=230,
                    max_electric_power=22000,
                    standard="IEC_62196_T2",
                    format=ConnectorFormat.SOCKET,
                    power_type=PowerType.AC_3_PHASE,
                )
            ],
        )
        for number in range(1, sockets + 1)
    ]
    return HardwareTemplate(template_id=template_id, name="Twin AC 22 kW", tenant_id=ABC, evse_templates=parts)


def place(
    id: str, name: str, cpo_id: str = ABC, latitude: str = "52.090740", longitude: str = "5.121420"
) -> PostLocation:
    return PostLocation(
        id=id,
        cpo_id=cpo_id,
        name=name,
        address="Industrieweg 12",
        city="Utrecht",
        postal_code="3542AD",
        country="NLD",
        coordinates=GeoLocation(latitude, "5.121420"),
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ids() -> FakeIds:
    return FakeIds()


@pytest.fixture
def commands() -> FakeCommands:
    return FakeCommands()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[SqliteStore]:
    path = tmp_path / "stationlink.sqlite"
    migrate(path)
    opened = await SqliteStore.open(path, clock)
    yield opened
    await opened.close()


@pytest.fixture
async def ports(store: Store, clock: FakeClock, ids: FakeIds, commands: FakeCommands) -> Ports:
    """The house with its cast, two locations of ABC, one of XYZ, and one station model."""
    platform = BuiltinPlatform(store, clock, ids)
    now = clock.now()
    cast = [
        make_cpo(ABC, "ABC", now),
        make_cpo(XYZ, "XYZ", now),
        person("anna", Role.INSTALLER, ABC, now=now),
        person("ben", Role.INSTALLER, ABC, now=now),
        person("carl", Role.INSTALLER, XYZ, now=now),
        person("sue", Role.SUPPORT, ABC, now=now),
        person("ada", Role.ADMIN, now=now),
    ]
    await store.commit(Change(writes=tuple(Put(record) for record in cast)))
    await platform.create_location(SYSTEM, place(YARD, "Utrecht bus depot"))
    await platform.create_location(SYSTEM, place(GARAGE, "Garage Noord", latitude="52.100000"))
    await platform.create_location(SYSTEM, place(FOREIGN_YARD, "Foreign yard", cpo_id=XYZ))
    await platform.save_template(SYSTEM, twin())
    return Ports(
        store=store,
        platforms=OnePlatform(platform),
        commands=commands,
        clock=clock,
        ids=ids,
        digest_key=b"k" * 32,
        public_url="http://localhost:8000",
        ocpp_url="ws://localhost:9000/ocpp",
    )


async def actor(ports: Ports, person_id: str) -> Actor:
    found = await ports.store.get(Person, person_id)
    assert found is not None
    return actor_for(found[0], f"{person_id}-phone")


@pytest.fixture
async def anna(ports: Ports) -> Actor:
    return await actor(ports, "anna")


@pytest.fixture
async def ben(ports: Ports) -> Actor:
    return await actor(ports, "ben")


@pytest.fixture
async def carl(ports: Ports) -> Actor:
    return await actor(ports, "carl")


@pytest.fixture
async def sue(ports: Ports) -> Actor:
    return await actor(ports, "sue")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The one server of the session; a test that needs another one's death makes its own."""
    with Cluster(fsync="off", max_connections="200") as cluster:
        os.environ[ADDRESS] = cluster.address
        asyncio.run(make_migrated())
        yield cluster
        del os.environ[ADDRESS]
