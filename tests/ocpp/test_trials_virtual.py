"""The tests of a commissioning on virtual stations: all of them in a row, and what real stations get wrong in 1.6."""

from collections.abc import Iterator

import pytest

from app.actions.trials import charge, stage
from app.domain.commands import CommandState, GetConfiguration
from app.domain.errors import StationInUse
from app.domain.trials import Trial, TrialKind
from tests.ocpp.bench import Bench, bench
from tests.ocpp.conftest import STATION, World, until
from tests.ocpp.test_virtual import Process, station

__all__ = ["bench"]

VERSIONS = ("1.6", "2.0.1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(stage, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(charge, "ENERGY_SECONDS", 2.0)
    monkeypatch.setattr(charge, "METER_EVERY", 0.3)
    yield


def of(world: World, protocol: str, behaviour: str = "normal", *flags: str):  # type: ignore[no-untyped-def]
    return station(world, "--protocol", protocol, "--behaviour", behaviour, *flags)


def verdict(trial: Trial) -> tuple[str | None, str | None]:
    return trial.outcome, trial.cause


@pytest.mark.parametrize("protocol", VERSIONS)
async def test_a_good_station_passes_every_test(bench: Bench, protocol: str) -> None:
    async with of(bench.world, protocol) as virtual:
        await virtual.saw("reported")
        assert verdict(await bench.run(TrialKind.REACH)) == ("answered", None)
        assert verdict(await bench.run(TrialKind.SOCKETS)) == ("all_reported", None)
        assert verdict(await bench.run(TrialKind.CONFIGURATION)) == ("as_expected", None)
        bench.clock.forward(minutes=2)
        assert verdict(await plugged(bench, virtual, 2, meant=2)) == ("this_one", None)
        charged = await bench.run(TrialKind.CHARGE, evse=2, how="remote")
        assert verdict(charged) == ("charged", None) and charged.detail["energy_wh"] > 0, charged
        with pytest.raises(StationInUse):
            await bench.start(TrialKind.REBOOT)
        virtual.tell("unplug 2")
        await until(lambda: unplugged(bench.world))
        assert verdict(await bench.run(TrialKind.REBOOT)) == ("rebooted", None)


async def test_a_station_that_does_not_come_back_from_a_restart(bench: Bench) -> None:
    bench.trials._times = stage.Times(command=5, reboot=2)
    for behaviour, wanted in (("no-reset", "did_not_go"), ("no-return", "did_not_return")):
        async with of(bench.world, "1.6", behaviour) as virtual:
            await virtual.saw("reported")
            assert (await bench.run(TrialKind.REBOOT)).outcome == wanted
        await until_away(bench.world)


async def test_extra_connectors_are_named_and_the_absurd_one_is_clamped(bench: Bench) -> None:
    async with of(bench.world, "1.6", "extra-connector") as virtual:
        await virtual.saw("reported")
        trial = await bench.run(TrialKind.SOCKETS)
        assert trial.outcome == "sockets_extra"
        assert [row["connector"] for row in trial.detail["rows"]] == ["1", "2", "3", "4"]
        assert "connector_extra" in await bench.findings()


async def unplugged(world: World) -> bool:
    return all(state.status == "Available" for state in (await world.live()).connectors.values())


async def plugged(bench: Bench, virtual: Process, socket: int, *, meant: int) -> Trial:
    await bench.start(TrialKind.WHICH, evse=meant)
    await bench.waits_for("plug")
    virtual.tell(f"plug {socket}")
    return await bench.ended()


async def until_away(world: World) -> None:
    answer = await world.gateway.send(STATION, GetConfiguration(("HeartbeatInterval",)), timeout=0.2)
    assert answer.state in (CommandState.OFFLINE, CommandState.TIMEOUT)
