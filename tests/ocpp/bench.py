"""Anna before her station, over the live listener: what the tests of the tests have in common."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from app.actions.findings import read_findings
from app.actions.trials import reboot, stage
from app.actions.trials.running import Asked, Seen, Trials
from app.bus import Bus
from app.domain.expectations import Expectation, ExpectedKey
from app.domain.model import DisplayText, EvsePatch
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import ChargeStation, PatchChargeStation
from app.domain.trials import Trial, TrialKind, TrialState
from app.ports import Change, Put
from tests.conftest import ABC, TWIN
from tests.fakes import FakeClock
from tests.ocpp.conftest import STATION, World, until
from tests.ocpp.scripted import Scripted, configured

CARD = "04A1B2C3D4E5F6"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(stage, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(reboot, "BOOT_GRACE_SECONDS", 5.0)
    yield


@dataclass
class Bench:
    """Anna before her station, and what she asks of it."""

    world: World
    trials: Trials
    anna: Actor
    clock: FakeClock
    number: int = 0

    async def start(self, kind: TrialKind, evse: int | None = None, how: str | None = None) -> None:
        self.number += 1
        asked = Asked(id=f"t-{self.number}", kind=kind, evse=evse, how=how)
        await self.trials.start(self.anna, f"commissioning-of-{STATION}", asked)

    async def seen(self, evse: int | None, here: bool = True) -> None:
        seen = Seen(evse=evse, here=here)
        await self.trials.answer(self.anna, f"commissioning-of-{STATION}", f"t-{self.number}", seen)

    async def last(self) -> Trial:
        return (await self.world.current())[0].trials[0]

    async def waits_for(self, word: str) -> None:
        async def waits() -> bool:
            trial = await self.last()
            assert trial.state is TrialState.RUNNING, trial
            return trial.waits_for == word

        await until(waits)

    async def ended(self) -> Trial:
        async def over() -> Trial | None:
            trial = await self.last()
            return trial if trial.state is not TrialState.RUNNING else None

        trial: Trial = await until(over, 30)
        return trial

    async def run(self, kind: TrialKind, evse: int | None = None, how: str | None = None) -> Trial:
        await self.start(kind, evse, how)
        return await self.ended()

    async def findings(self) -> list[str]:
        current, _ = await self.world.current()
        station = msgspec.json.decode(msgspec.json.encode(await self.world.wire()), type=ChargeStation)
        return [each.id for each in await read_findings(self.world.ports, await self.world.cpo(), current, station)]

    async def policy(self, **changes: Any) -> None:
        found = await self.world.ports.store.get(Cpo, ABC)
        assert found is not None
        changed = msgspec.structs.replace(found[0], **changes)
        await self.world.ports.store.commit(Change(writes=(Put(changed, found[1]),)))


@pytest.fixture
async def bench(world: World, anna: Actor, clock: FakeClock) -> AsyncIterator[Bench]:
    await world.commissioning()
    ports = replace(world.ports, commands=world.gateway)
    bus = Bus(ports.store, 0.02)
    tail = asyncio.create_task(bus.run())
    trials = Trials(ports, bus, seconds=10, command_seconds=5)
    yield Bench(world, trials, anna, clock)
    await trials.stop()
    bus.stop()
    await tail


def said(trial: Trial) -> list[str]:
    """The actions in the evidence, in order: of the CALLs on either side."""
    frames = [msgspec.json.decode(line["text"]) for line in trial.evidence if line["what"] == "frame"]
    return [frame[2] for frame in frames if frame[0] == 2]


def prepare(station: Scripted, values: dict[str, str], *, reboots: bool = False) -> None:
    def write(payload: dict[str, Any]) -> dict[str, Any]:
        values[payload["key"]] = payload["value"]
        return {"status": "RebootRequired" if reboots else "Accepted"}

    station.answers["ChangeConfiguration"] = write
    station.answers["GetConfiguration"] = lambda payload: configured(**values)(payload)  # type: ignore[operator, misc]


async def expect(bench: Bench, *keys: ExpectedKey) -> None:
    current, rev = await bench.world.current()
    chosen = msgspec.structs.replace(current, template_id=TWIN)
    wanted = Expectation(id=f"{ABC}|{TWIN}", template_id=TWIN, cpo_id=ABC, keys=list(keys))
    await bench.world.ports.store.commit(Change(writes=(Put(chosen, rev), Put(wanted))))


async def described(world: World, texts: dict[int, str]) -> None:
    patches = [
        EvsePatch(evse_sequence_number=number, directions=[DisplayText("en", text)]) for number, text in texts.items()
    ]
    patch = PatchChargeStation(charge_station_id=STATION, evses=patches)
    await world.ports.platforms.of(await world.cpo()).patch_station(SYSTEM, STATION, patch)
