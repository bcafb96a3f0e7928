"""Each kind of test over the live listener: what it sends, what it waits for, its outcome, its cause, its evidence."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from app.actions.findings import read_findings
from app.actions.trials import charge, reader, reboot, sockets, stage, which
from app.actions.trials.running import Asked, Seen, Trials
from app.bus import Bus
from app.domain.checks import CheckState
from app.domain.errors import InvalidField, StationInUse, StationOffline
from app.domain.expectations import Expectation, ExpectedKey
from app.domain.facts import FactKind
from app.domain.model import DisplayText, EvsePatch
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import ChargeStation, PatchChargeStation
from app.domain.trials import Trial, TrialKind, TrialState
from app.ports import Change, Put
from tests.conftest import ABC, GARAGE, TWIN
from tests.fakes import FakeClock
from tests.ocpp.conftest import STATION, World, until
from tests.ocpp.scripted import Scripted, configured, scripted

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


# --- reach -----------------------------------------------------------------------------------------------------------


async def test_any_answer_to_a_question_proves_the_ear_and_silence_is_deafness(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        station.answers["GetConfiguration"] = configured(HeartbeatInterval="300")
        trial = await bench.run(TrialKind.REACH)
        assert (trial.outcome, trial.cause, said(trial)) == ("answered", None, ["GetConfiguration"])
        assert station.asked == [("GetConfiguration", {"key": ["HeartbeatInterval"]})]
        station.answers["GetConfiguration"] = None
        quiet = Trials(bench.trials._ports, bench.trials._bus, seconds=5, command_seconds=0.2)
        deaf = await Bench(bench.world, quiet, bench.anna, bench.clock, number=7).run(TrialKind.REACH)
        assert (deaf.state, deaf.outcome, deaf.cause) == (TrialState.FAILED, "no_answer", "deaf")


# --- sockets ---------------------------------------------------------------------------------------------------------


async def test_sockets_that_reported_are_not_asked_again_and_kinds_that_nobody_tells_are_said_to_be_untold(
    bench: Bench,
) -> None:
    async with scripted(bench.world) as station:
        station.answers["GetConfiguration"] = configured(NumberOfConnectors="2")
        trial = await bench.run(TrialKind.SOCKETS)
    assert (trial.outcome, said(trial)) == ("all_reported", ["GetConfiguration"])
    assert (trial.detail["expected"], trial.detail["told"]) == (2, 2)
    rows = [(row["connector"], row["evse"], row["state"], row["kind"]) for row in trial.detail["rows"]]
    assert rows == [("1", 1, "reported", "not_told"), ("2", 2, "reported", "not_told")]


async def test_a_socket_that_has_not_reported_is_asked_to_and_missed_when_it_does_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scripted(bench.world, STATION, 1) as station:
        station.then["TriggerMessage"] = lambda payload: station.status(payload["connectorId"])
        trial = await bench.run(TrialKind.SOCKETS)
        assert (trial.outcome, said(trial)[:2]) == ("all_reported", ["GetConfiguration", "TriggerMessage"])
        assert "StatusNotification" in said(trial)
    monkeypatch.setattr(sockets, "REPORT_SECONDS", 0.2)
    bench.clock.forward(seconds=5)
    async with scripted(bench.world, STATION, 1):
        trial = await bench.run(TrialKind.SOCKETS)
    assert (trial.outcome, trial.cause) == ("sockets_missing", "other_model")
    assert [row["state"] for row in trial.detail["rows"]] == ["reported", "missing"]


async def test_sockets_beyond_the_model_of_another_kind_or_broken_are_named(bench: Bench) -> None:
    async with scripted(bench.world, STATION, 1, 2, 3) as station:
        assert (await bench.run(TrialKind.SOCKETS)).outcome == "sockets_extra"
        assert "connector_extra" in await bench.findings()
        await station.leave()
    bench.clock.forward(seconds=90)
    async with scripted(bench.world) as station:
        told = {"NumberOfConnectors": "1634030126", "ConnectorType1": "sType2", "ConnectorType2": "cCCS2"}
        station.answers["GetConfiguration"] = configured(**told)
        trial = await bench.run(TrialKind.SOCKETS)
        assert (trial.outcome, trial.cause) == ("kind_differs", "other_model")
        assert (trial.detail["told"], trial.detail["absurd"]) == (None, "1634030126")
        assert [row["kind"] for row in trial.detail["rows"]] == ["same", "differs"]
        assert await bench.findings() == ["connector_kind:2"]
        station.answers["GetConfiguration"] = configured()
        await station.status(2, "Faulted", "GroundFailure")
        trial = await bench.run(TrialKind.SOCKETS)
        assert (trial.outcome, trial.cause) == ("socket_faulted", "broken_socket")
        assert trial.detail["rows"][1]["error_code"] == "GroundFailure"


# --- which -----------------------------------------------------------------------------------------------------------


async def test_plugging_in_shows_the_socket_that_is_meant(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        await bench.start(TrialKind.WHICH, evse=2)
        await bench.waits_for("plug")
        await station.status(2, "Preparing")
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["reacted"]["connector"], station.asked) == ("this_one", "2", [])
    assert said(trial) == ["StatusNotification"]


async def test_left_and_right_mixed_up_is_seen_and_named_with_the_words_that_drivers_read(bench: Bench) -> None:
    await described(bench.world, {1: "Left of the door", 2: "Right of the door"})
    async with scripted(bench.world) as station:
        await bench.start(TrialKind.WHICH, evse=1)
        await bench.waits_for("plug")
        await station.status(2, "Preparing")
        trial = await bench.ended()
        assert (trial.outcome, trial.cause, trial.evse) == ("other_socket", "swapped", 1)
        reacted = trial.detail["reacted"]
        assert (reacted["station_id"], reacted["evse"]) == (STATION, 2)
        assert reacted["directions"] == [{"language": "en", "text": "Right of the door"}]
        assert await bench.findings() == ["swapped:1:2"]


async def test_another_station_of_the_place_that_reacts_instead_is_named(bench: Bench) -> None:
    await bench.world.add_station("NL-ABC-2")
    async with scripted(bench.world), scripted(bench.world, "NL-ABC-2") as neighbour:
        await bench.start(TrialKind.WHICH, evse=1)
        await bench.waits_for("plug")
        await neighbour.status(1, "Preparing")
        trial = await bench.ended()
    assert (trial.outcome, trial.cause) == ("other_station", "wrong_station")
    assert trial.detail["reacted"]["station_id"] == "NL-ABC-2"


async def test_a_station_elsewhere_that_the_same_person_has_open_is_watched_too_and_a_strangers_is_not(
    bench: Bench,
) -> None:
    for number, name in enumerate(("NL-ABC-2", "NL-ABC-3")):
        await bench.world.add_station(name)
        moved = PatchChargeStation(charge_station_id=name, location_id=GARAGE)
        await bench.world.ports.platforms.of(await bench.world.cpo()).patch_station(SYSTEM, name, moved)
        assert number or await bench.world.commissioning(name)
    async with (
        scripted(bench.world),
        scripted(bench.world, "NL-ABC-2") as hers,
        scripted(bench.world, "NL-ABC-3") as strangers,
    ):
        await bench.start(TrialKind.WHICH, evse=1)
        await bench.waits_for("plug")
        await strangers.status(1, "Preparing")
        await hers.status(2, "Preparing")
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["reacted"]["station_id"]) == ("other_station", "NL-ABC-2")


async def test_nothing_that_reacts_is_an_outcome(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(which, "PLUG_SECONDS", 0.2)
    async with scripted(bench.world):
        trial = await bench.run(TrialKind.WHICH, evse=1)
    assert (trial.outcome, trial.cause) == ("nothing_reacted", "nobody_there")


@pytest.mark.parametrize(
    ("seen", "outcome", "cause"),
    [
        ((1, True), "this_one", None),
        ((2, True), "other_socket", "swapped"),
        ((None, True), "nothing_reacted", "broken_socket"),
        ((None, False), "other_station", "wrong_station"),
    ],
)
async def test_what_the_person_saw_when_a_lock_opened_is_the_outcome(
    bench: Bench, seen: tuple[int | None, bool], outcome: str, cause: str | None
) -> None:
    async with scripted(bench.world) as station:
        await bench.start(TrialKind.WHICH, evse=1, how="unlock")
        await bench.waits_for("person")
        assert station.asked == [("UnlockConnector", {"connectorId": 1})]
        await bench.seen(*seen)
        trial = await bench.ended()
    assert (trial.outcome, trial.cause) == (outcome, cause)
    assert trial.detail["seen"] == {"evse": seen[0], "here": seen[1]}


async def test_a_restart_shows_whether_it_is_the_one_before_the_person(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        station.then["Reset"] = lambda _: station.leave()
        await bench.start(TrialKind.WHICH, evse=1, how="reboot")
        await bench.waits_for("person")
        await bench.seen(None, here=False)
        trial = await bench.ended()
    assert (trial.outcome, trial.cause) == ("other_station", "wrong_station")


# --- reader ----------------------------------------------------------------------------------------------------------


async def test_a_card_that_is_held_before_it_is_shown_masked_with_our_answer(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        await bench.start(TrialKind.READER)
        await bench.waits_for("card")
        await station.ask("Authorize", {"idTag": CARD})
        trial = await bench.ended()
    assert (trial.outcome, trial.detail["accepted"], trial.detail["card"]) == ("card_read", True, "…E5F6")
    assert said(trial) == ["Authorize"] and CARD not in str(trial.evidence)


async def test_no_card_in_time_points_at_the_reader(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SECONDS", 0.2)
    async with scripted(bench.world):
        trial = await bench.run(TrialKind.READER)
    assert (trial.outcome, trial.cause) == ("no_card", "reader")


# --- charge ----------------------------------------------------------------------------------------------------------


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


# --- reboot ----------------------------------------------------------------------------------------------------------


async def test_a_restart_is_seen_gone_back_and_booted(bench: Bench) -> None:
    async with scripted(bench.world) as station:
        station.then["Reset"] = lambda _: station.leave()
        await bench.start(TrialKind.REBOOT)
        await bench.waits_for("back")
    async with scripted(bench.world):
        trial = await bench.ended()
    assert (trial.outcome, said(trial)[0], said(trial)[1]) == ("rebooted", "Reset", "BootNotification")
    steps = ["station_disconnected", "station_connected", "station_booted"]
    assert [line["what"] for line in trial.evidence if line["what"] in steps] == steps


# --- configuration ---------------------------------------------------------------------------------------------------


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


# --- what holds for all ----------------------------------------------------------------------------------------------


async def test_no_test_reaches_a_station_that_is_away_or_charges(bench: Bench) -> None:
    with pytest.raises(StationOffline):
        await bench.start(TrialKind.REACH)
    async with scripted(bench.world) as station:
        number = await station.begin(1)
        for kind in TrialKind:
            if kind is not TrialKind.TRIGGER:
                with pytest.raises(StationInUse):
                    await bench.start(kind)
        await station.status(1, "Preparing")
        with pytest.raises(StationInUse):
            await bench.start(TrialKind.REBOOT)
        await station.finish(1, number, 10)
        assert station.asked == []
        await bench.run(TrialKind.REACH)
        assert len(station.asked) == 1


async def test_the_policy_of_the_operator_closes_the_check(bench: Bench) -> None:
    await bench.policy(required_trials=[TrialKind.REACH, TrialKind.READER])
    async with scripted(bench.world) as station:
        station.answers["GetConfiguration"] = configured(HeartbeatInterval="300")
        await bench.run(TrialKind.REACH)
        check = next(c for c in (await bench.world.current())[0].checks if c.key == "tests")
        assert (check.state, check.detail["left"]) == (CheckState.OPEN, ["reader"])
        await bench.start(TrialKind.READER)
        await bench.waits_for("card")
        await station.ask("Authorize", {"idTag": CARD})
        await bench.ended()
    check = next(c for c in (await bench.world.current())[0].checks if c.key == "tests")
    assert check.state is CheckState.DONE
    told = await bench.world.facts(FactKind.TRIAL_ENDED)
    assert [fact.data["outcome"] for fact in told] == ["answered", "card_read"]


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
