"""The test of a charge over the live listener: by card and from afar, and each way in which it fails."""

from typing import Any

import pytest

from app.actions.trials import charge
from app.domain.errors import InvalidField
from app.domain.trials import TrialKind, TrialState
from tests.ocpp.bench import CARD, Bench, bench, quick, said
from tests.ocpp.scripted import scripted

__all__ = ["bench", "quick"]


async def test_a_charge_begun_by_us_is_measured_and_stopped_by_us(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        await station.status(2, "Preparing")
        numbers: list[int] = []

        async def begin(payload: dict[str, Any]) -> None:
            numbers.append(await station.begin(payload["connectorId"], payload["idTag"], 100))
            await station.meter(2, numbers[0], 350)

        station.then["RemoteStartTransaction"] = begin
        station.then["RemoteStopTransaction"] = lambda payload: station.finish(2, payload["transactionId"], 400)
        trial = await bench.run(TrialKind.CHARGE, evse=2, how="remote")
        assert (trial.outcome, trial.detail["energy_wh"]) == ("charged", 300)
        assert [action for action, _ in station.asked] == ["RemoteStartTransaction", "RemoteStopTransaction"]
        wanted = ["RemoteStartTransaction", "StartTransaction", "StatusNotification", "MeterValues"]
        assert said(trial)[:4] == wanted and said(trial)[-1] in ("StopTransaction", "StatusNotification")
        assert "TESTCARD" not in str(trial.evidence) and trial.detail["card"] == "…CARD"


async def test_a_charge_begun_by_card_is_stopped_by_card(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        await bench.start(TrialKind.CHARGE, evse=1)
        await bench.waits_for("card")
        number = await station.begin(1, CARD)
        await bench.waits_for("energy")
        await station.meter(1, number, 120)
        await bench.waits_for("stop")
        await station.finish(1, number, 150)
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["energy_wh"], station.asked) == ("charged", 150, [])


@pytest.mark.parametrize(("accepts", "state"), [(False, TrialState.FAILED), (True, TrialState.PASSED)])
async def test_a_charge_that_draws_nothing_is_an_outcome_that_a_policy_may_accept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, accepts: bool, state: TrialState
) -> None:
    monkeypatch.setattr(charge, "ENERGY_SECONDS", 0.5)
    monkeypatch.setattr(charge, "METER_EVERY", 0.2)
    await bench.policy(accepts_no_load=accepts)
    async with scripted(bench.world) as station:
        numbers: list[int] = []

        async def begin(payload: dict[str, Any]) -> None:
            numbers.append(await station.begin(1, payload["idTag"], 100))

        station.then["RemoteStartTransaction"] = begin
        station.then["TriggerMessage"] = lambda payload: station.meter(payload["connectorId"], numbers[0], 100)
        station.then["RemoteStopTransaction"] = lambda payload: station.finish(1, payload["transactionId"], 100)
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
    assert (trial.state, trial.outcome, trial.detail["energy_wh"]) == (state, "started_no_load", 0)
    assert trial.cause == (None if accepts else "no_load")
    assert ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}) in station.asked


async def test_a_start_that_is_refused_names_the_likely_cause(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        station.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
        assert (trial.outcome, trial.cause) == ("refused", "not_plugged_in")
        await station.status(1, "Preparing")
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
        assert (trial.outcome, trial.cause) == ("refused", "unwilling")


async def test_a_charge_that_does_not_begin_or_does_not_stop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charge, "START_SECONDS", 0.2)
    async with scripted(bench.world) as station:
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
        assert (trial.outcome, trial.cause) == ("did_not_start", "not_plugged_in")
        monkeypatch.setattr(charge, "START_SECONDS", 10)
        monkeypatch.setattr(charge, "STOP_SECONDS", 0.2)

        async def begin(payload: dict[str, Any]) -> None:
            await station.meter(1, await station.begin(1), 10)

        station.then["RemoteStartTransaction"] = begin
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
        assert (trial.outcome, trial.cause) == ("did_not_stop", "unwilling")


async def test_another_socket_that_charges_is_stopped_and_is_a_finding(bench: Bench) -> None:
    async with scripted(bench.world) as station:

        async def begin(payload: dict[str, Any]) -> None:
            await station.begin(2)

        station.then["RemoteStartTransaction"] = begin
        station.then["RemoteStopTransaction"] = lambda payload: station.finish(2, payload["transactionId"], 0)
        trial = await bench.run(TrialKind.CHARGE, evse=1, how="remote")
        assert (trial.outcome, trial.cause, trial.detail["reacted"]["evse"]) == ("other_socket", "swapped", 2)
        assert station.asked[-1][0] == "RemoteStopTransaction"
        assert await bench.findings() == ["swapped:1:2"]


async def test_a_charge_without_a_card_needs_a_test_card(bench: Bench) -> None:
    await bench.policy(test_cards=[])
    async with scripted(bench.world) as station:
        with pytest.raises(InvalidField):
            await bench.start(TrialKind.CHARGE, evse=1, how="remote")
        with pytest.raises(InvalidField):
            await bench.start(TrialKind.CHARGE, evse=9)
        assert station.asked == []
