"""Each kind of test over the live listener: what it sends, what it waits for, its outcome, its cause, its evidence."""

import pytest

from app.actions.trials import reader, sockets, which
from app.actions.trials.running import Trials
from app.domain.checks import CheckState
from app.domain.errors import StationInUse, StationOffline
from app.domain.facts import FactKind
from app.domain.people import SYSTEM
from app.domain.stations import PatchChargeStation
from app.domain.trials import TrialKind, TrialState
from tests.conftest import GARAGE
from tests.ocpp.bench import CARD, Bench, bench, described, quick, said
from tests.ocpp.conftest import STATION, until
from tests.ocpp.scripted import configured, scripted

__all__ = ["bench", "quick"]


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


async def test_what_had_to_wait_is_not_sent_to_a_station_that_somebody_uses_by_then(bench: Bench) -> None:
    world = bench.world
    async with world.client() as client:
        await client.boot()
    await until(world.offline)
    async with world.client() as client:
        await until(world.online)
        await bench.start(TrialKind.REBOOT)
        assert (await client.status(1, "Charging"))[0] == 3, (
            "it had said nothing since it came back, so the test waited"
        )
        trial = await bench.ended()
        assert (trial.outcome, trial.cause) == ("not_sent", "in_use")
        assert "Reset" not in said(trial)
        assert (await client.ask("Heartbeat", {}))[0] == 3, "and it heard nothing in between"
