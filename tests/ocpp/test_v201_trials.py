"""The tests of a commissioning over OCPP 2.0.1, each with the virtual station at the other end of a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.actions.trials import charge
from app.cli.virtual.behaviours import BEHAVIOURS
from app.cli.virtual.charger import Plate
from app.cli.virtual.charger201 import SUBPROTOCOL
from app.cli.virtual.station import Plan, Station
from app.domain.expectations import ExpectedKey
from app.domain.model import ProtocolVersion
from app.domain.trials import TrialKind, TrialState
from tests.ocpp.bench import Bench, bench, expect, quick, said
from tests.ocpp.conftest import SECRET, STATION, World, until

__all__ = ["bench", "quick"]

CARD = "04A1B2C3D4E5F6"


@asynccontextmanager
async def virtual(world: World, behaviour: str = "normal") -> AsyncIterator[Station]:
    """A 2.0.1 station that has booted and reported."""
    reported = asyncio.Event()

    def tell(event: str, **fields: Any) -> None:
        if event == "reported":
            reported.set()

    plan = Plan(
        url=world.url + STATION,
        behaviour=BEHAVIOURS[behaviour],
        password=SECRET,
        subprotocol=SUBPROTOCOL,
        connectors=2,
        plate=Plate(vendor="Alfen", model="Eve Double"),
        charge_seconds=0.05,
        reboot_seconds=0.05,
        retry_seconds=0.05,
    )
    station = Station(plan, tell)
    running = asyncio.create_task(station.stay())
    try:
        await until(reported.is_set)
        assert (await world.live()).protocol_version is ProtocolVersion.OCPP201
        yield station
    finally:
        station.stop.set()
        await running


async def test_reach_is_a_variable_that_is_read(bench: Bench) -> None:
    async with virtual(bench.world):
        trial = await bench.run(TrialKind.REACH)
    assert (trial.outcome, said(trial)) == ("answered", ["GetVariables"])


async def test_a_refusal_is_an_answer_too_and_silence_is_none(bench: Bench) -> None:
    async with virtual(bench.world, "refusing"):
        assert (await bench.run(TrialKind.REACH)).outcome == "answered_not_supported"
    await until(bench.world.offline)
    bench.trials._times = type(bench.trials._times)(command=0.2, reboot=5)
    async with virtual(bench.world, "deaf"):
        trial = await bench.run(TrialKind.REACH)
    assert (trial.outcome, trial.cause) == ("no_answer", "deaf")


async def test_every_socket_reports_under_its_evse_with_its_kind(bench: Bench) -> None:
    async with virtual(bench.world):
        trial = await bench.run(TrialKind.SOCKETS)
    rows = [(row["connector"], row["evse"], row["state"], row["kind"]) for row in trial.detail["rows"]]
    assert rows == [("1.1", 1, "reported", "same"), ("2.1", 2, "reported", "same")]
    assert trial.outcome == "all_reported"


async def test_a_socket_that_the_model_has_not_is_named(bench: Bench) -> None:
    async with virtual(bench.world, "extra-connector"):
        trial = await bench.run(TrialKind.SOCKETS)
        assert "connector_extra" in await bench.findings()
    assert trial.outcome == "sockets_extra"
    assert [(row["connector"], row["state"]) for row in trial.detail["rows"]][-1] == ("3.1", "extra")


@pytest.mark.parametrize(("behaviour", "outcome", "evse"), [("normal", "this_one", 1), ("swapped", "other_socket", 2)])
async def test_plugging_in_shows_which_socket_it_is(bench: Bench, behaviour: str, outcome: str, evse: int) -> None:
    async with virtual(bench.world, behaviour) as station:
        await bench.start(TrialKind.WHICH, evse=1)
        await bench.waits_for("plug")
        await station.perform("plug 1")
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["reacted"]["evse"]) == (outcome, evse)
    assert trial.detail["reacted"]["connector"] == f"{evse}.1"


async def test_a_lock_is_opened_by_evse_and_connector(bench: Bench) -> None:
    async with virtual(bench.world):
        await bench.start(TrialKind.WHICH, evse=2, how="unlock")
        await bench.waits_for("person")
        await bench.seen(2)
        trial = await bench.ended()
    assert (trial.outcome, said(trial)) == ("this_one", ["UnlockConnector"])


async def test_a_card_at_the_reader_is_shown_masked(bench: Bench) -> None:
    async with virtual(bench.world) as station:
        await bench.start(TrialKind.READER)
        await bench.waits_for("card")
        await station.perform(f"card {CARD}")
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["card"]) == ("card_read", "…E5F6")
    assert said(trial) == ["Authorize"] and CARD not in str(trial.evidence)


async def test_a_charge_by_card_begins_rises_and_ends(bench: Bench) -> None:
    async with virtual(bench.world) as station:
        await bench.start(TrialKind.CHARGE, evse=2, how="card")
        await bench.waits_for("card")
        assert await station.perform(f"charge 2 {CARD} 900")
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["energy_wh"]) == ("charged", 900)
    assert CARD not in str(trial.evidence) and "TransactionEvent" in said(trial)


async def test_a_charge_from_afar_without_load_is_an_outcome_of_its_own_and_is_stopped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charge, "ENERGY_SECONDS", 0.4)
    monkeypatch.setattr(charge, "METER_EVERY", 0.15)
    async with virtual(bench.world, "no-load") as station:
        await station.perform("plug 1")
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
        assert station.charger.sockets[1].transaction is None
    assert (trial.outcome, trial.cause) == ("started_no_load", "no_load")
    ours = [action for action in said(trial) if action.startswith(("Request", "Trigger"))]
    assert ours[0] == "RequestStartTransaction" and ours[-1] == "RequestStopTransaction"
    assert "TriggerMessage" in ours


async def test_a_charge_at_the_other_socket_is_stopped_and_named(bench: Bench) -> None:
    async with virtual(bench.world, "swapped") as station:
        await bench.start(TrialKind.CHARGE, evse=1, how="card")
        await bench.waits_for("card")
        await station.perform("plug 1")
        await station.perform(f"card {CARD}")
        trial = await bench.ended()
    assert (trial.outcome, trial.cause) == ("other_socket", "swapped")


@pytest.mark.parametrize(
    ("behaviour", "state", "outcome"),
    [
        ("normal", TrialState.PASSED, "rebooted"),
        ("no-reset", TrialState.FAILED, "did_not_go"),
        ("no-return", TrialState.FAILED, "did_not_return"),
    ],
)
async def test_a_restart_is_watched_from_its_answer_to_its_return(
    bench: Bench, behaviour: str, state: TrialState, outcome: str
) -> None:
    if behaviour != "normal":
        bench.trials._times = type(bench.trials._times)(command=0.5, reboot=0.7)
    async with virtual(bench.world, behaviour):
        trial = await bench.run(TrialKind.REBOOT)
    assert (trial.state, trial.outcome) == (state, outcome)


async def test_settings_are_read_written_and_read_back_by_either_name(bench: Bench) -> None:
    keys = [
        ExpectedKey(key="OCPPCommCtrlr.HeartbeatInterval", value="120"),
        ExpectedKey(key="ConnectionTimeOut", value="60"),
    ]
    await expect(bench, *keys)
    async with virtual(bench.world) as station:
        assert (await bench.run(TrialKind.CONFIGURATION)).outcome == "differs"
        trial = await bench.run(TrialKind.CONFIGURATION, how="fix")
        assert trial.outcome == "fixed" and station.charger.configuration["HeartbeatInterval"] == "120"
    assert [line["state"] for line in trial.detail["lines"]] == ["fixed", "ok"]
    assert said(trial) == ["GetVariables", "SetVariables", "GetVariables"]
