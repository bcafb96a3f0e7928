"""Our side of a vendor's platform: a store of our own, a clock that is moved by hand, and the vendor's server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.commissioning import Commissioning, CommissioningKind, begin
from app.domain.environments import Endpoint, Endpoints, Environment
from app.domain.people import Actor, Cpo
from app.platforms.builtin import BuiltinPlatform
from app.platforms.remote import RemotePlatform
from app.platforms.remote.choice import PlatformChoice, purpose
from app.ports import Change, Ports, Put
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from app.store.vault import Vault
from tests.conftest import make_cpo
from tests.fakes import FakeClock, FakeCommands, FakeIds
from tests.vendor import Vendor
from tests.vendor.house import ABC, KEY

ANNA = Actor(person_id="anna", name="Anna", cpo_ids=frozenset({ABC}))


@dataclass
class Ours:
    """`cpo` lives on the vendor's platform called acceptance; production is `other`, when there is one."""

    ports: Ports
    clock: FakeClock
    cpo: Cpo
    folder: Path

    @property
    def platform(self) -> RemotePlatform:
        found = self.ports.platforms.of(self.cpo)
        assert isinstance(found, RemotePlatform)
        return found

    async def commissioning(self, charge_station_id: str) -> Commissioning:
        begun = begin(
            id=f"c-{charge_station_id}",
            cpo=self.cpo,
            charge_station_id=charge_station_id,
            kind=CommissioningKind.NEW,
            person_id="anna",
            before=None,
            now=self.clock.now(),
            label=None,
            source="typed",
        )
        await self.ports.store.commit(Change(writes=(Put(begun),)))
        return begun

    async def told(self) -> list[tuple[str, str | None]]:
        return [(fact.kind.value, fact.charge_station_id) for fact in await self.ports.store.facts()]


@asynccontextmanager
async def ours(folder: Path, vendor: Vendor, other: Vendor | None = None) -> AsyncIterator[Ours]:
    """The same folder again is the same server after a restart."""
    migrate(folder / "ours.sqlite")
    store, clock, ids = await SqliteStore.open(folder / "ours.sqlite"), FakeClock(), FakeIds()
    vault = Vault(b"k" * 32)
    endpoints = Endpoints(
        acceptance=Endpoint(environment=Environment.ACCEPTANCE, url=vendor.url, ocpp_url="ws://ocpp-a.example.com"),
        production=Endpoint(
            environment=Environment.PRODUCTION,
            url=other.url if other else "http://127.0.0.1:1",
            ocpp_url="wss://ocpp.example.com",
        ),
    )
    choice = PlatformChoice(BuiltinPlatform(store, clock, ids), store, clock, ids, vault, endpoints, 5.0)
    cpo = make_cpo(ABC, "ABC", clock.now())
    cpo.platform = "acceptance"
    places = [endpoints.acceptance, *([endpoints.production] if other else [])]
    cpo.sealed_tokens = {each.environment.value: vault.seal(KEY, purpose(ABC, each)) for each in places}
    if await store.get(Cpo, ABC) is None:
        await store.commit(Change(writes=(Put(cpo),)))
    ports = Ports(
        store=store,
        platforms=choice,
        commands=FakeCommands(),
        clock=clock,
        ids=ids,
        digest_key=b"k" * 32,
        public_url="http://localhost",
        ocpp_url="ws://localhost/ocpp",
        endpoints=endpoints,
    )
    yield Ours(ports, clock, cpo, folder)
    await choice.close()
    await store.close()
