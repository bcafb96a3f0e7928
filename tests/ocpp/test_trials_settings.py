"""The test of the configuration over the live listener: looked at, mended, and read back."""

import msgspec

from app.actions.trials import stage
from app.domain.expectations import ExpectedKey
from app.domain.trials import TrialKind
from tests.ocpp.bench import Bench, bench, expect, prepare, quick
from tests.ocpp.scripted import configured, scripted

__all__ = ["bench", "quick"]


async def test_without_a_word_about_the_model_the_intervals_are_looked_at(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        values = {"HeartbeatInterval": "300", "MeterValueSampleInterval": "0", "ConnectionTimeOut": "60"}
        station.answers["GetConfiguration"] = configured(**values)
        trial = await bench.run(TrialKind.CONFIGURATION)
    assert (trial.outcome, trial.cause) == ("differs", "setting")
    lines = {line["key"]: (line["about"], line["state"], line["expected"]) for line in trial.detail["lines"]}
    assert lines["MeterValueSampleInterval"] == ("interval", "wrong", "1–900")
    assert lines["HeartbeatInterval"][1] == lines["ConnectionTimeOut"][1] == "ok"


async def test_fix_all_writes_reads_back_and_restarts_where_the_station_asks(bench: Bench) -> None:
    await expect(
        bench,
        ExpectedKey(key="MaxCurrent", value="32"),
        ExpectedKey(key="MeterPassword", value="s3cret-value", secret=True),
        ExpectedKey(key="MeterValueSampleInterval", minimum=10, maximum=60, value="30"),
        ExpectedKey(key="Locked", value="true", may_fix=False),
    )
    values = {
        "MaxCurrent": "16",
        "MeterValueSampleInterval": "900",
        "Locked": "true",
        "MeterPassword": "x",
    }
    async with scripted(bench.world) as station:
        prepare(station, values, reboots=True)
        station.then["Reset"] = lambda _: station.leave()
        await bench.start(TrialKind.CONFIGURATION, how="fix")
        await bench.waits_for("back")
        written = [(p["key"], p["value"]) for action, p in station.asked if action == "ChangeConfiguration"]
    async with scripted(bench.world, prepare=lambda again: prepare(again, values)):
        trial = await bench.ended()
    assert written == [
        ("MaxCurrent", "32"),
        ("MeterPassword", "s3cret-value"),
        ("MeterValueSampleInterval", "30"),
    ]
    states = {line["key"]: line["state"] for line in trial.detail["lines"]}
    assert (trial.outcome, trial.detail["rebooted"]) == ("fixed", True)
    assert states == {
        "MaxCurrent": "fixed",
        "MeterPassword": "fixed",
        "MeterValueSampleInterval": "fixed",
        "Locked": "ok",
    }
    current, _ = await bench.world.current()
    assert b"s3cret-value" not in msgspec.json.encode(current)


async def test_what_is_refused_or_does_not_stay_is_not_called_fixed(bench: Bench) -> None:
    await expect(bench, *(ExpectedKey(key=key, value="1") for key in "ABC"))
    async with scripted(bench.world) as station:
        station.answers["GetConfiguration"] = configured(A="0", B="0")
        refused = {"A": "Rejected"}
        station.answers["ChangeConfiguration"] = lambda asked: {"status": refused.get(asked["key"], "Accepted")}
        trial = await bench.run(TrialKind.CONFIGURATION, how="fix")
    assert (trial.outcome, trial.cause) == ("not_fixed", "read_only")
    states = {line["key"]: line["state"] for line in trial.detail["lines"]}
    assert states == {"A": "refused", "B": "not_fixed", "C": "missing"}


async def test_nobodys_charge_is_cut_off_for_a_setting(bench: Bench) -> None:
    await expect(bench, ExpectedKey(key="MaxCurrent", value="32"))
    values = {"MaxCurrent": "16"}
    async with scripted(bench.world) as station:
        prepare(station, values, reboots=True)
        station.before["ChangeConfiguration"] = lambda: station.status(1, "Charging")
        trial = await bench.run(TrialKind.CONFIGURATION, how="fix")
        assert (trial.outcome, trial.cause) == ("not_fixed", "in_use")
        assert "Reset" not in [action for action, _ in station.asked]


async def test_a_station_that_falls_silent_while_it_is_written_ends_the_test(bench: Bench) -> None:
    await expect(bench, *(ExpectedKey(key=key, value="1") for key in "AB"))
    async with scripted(bench.world) as station:
        station.answers["GetConfiguration"] = configured(A="0", B="0")
        station.answers["ChangeConfiguration"] = None
        bench.trials._times = stage.Times(command=0.3, reboot=1)
        trial = await bench.run(TrialKind.CONFIGURATION, how="fix")
        assert (trial.outcome, trial.cause) == ("no_answer", "deaf")
        assert [action for action, _ in station.asked].count("ChangeConfiguration") == 1
