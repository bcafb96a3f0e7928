"""Tests on a station: sent now or refused now, one at a time, with one outcome that is kept."""

import asyncio
from typing import Any

import pytest

from app.actions.trials.running import Asked, Trials
from app.bus import Bus
from app.domain.commands import CommandOutcome, CommandState
from app.domain.errors import StoreUnavailable
from app.domain.facts import Fact, FactKind
from app.domain.live import ConnectorState, Live, Registration, StationPassword
from app.domain.model import DeployState
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.stations import PostChargeStation
from app.domain.trials import TrialKind
from app.platforms.heard import put_live
from app.ports import Change, Ports
from tests.conftest import FOREIGN_YARD, TWIN, XYZ
from tests.fakes import FakeClock, FakeCommands
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import begin, stock_station


async def set_live(ports: Ports, clock: FakeClock, *, online: bool, status: str = "Available") -> None:
    """As the OCPP listener would leave the station's live row."""
    row = await ports.store.station("UTR-1")
    assert row is not None
    live = Live(
        charge_station_id="UTR-1",
        connection_id="c-1" if online else None,
        online_since=clock.now(),
        spoke=clock.now(),
        registration=Registration.ACCEPTED,
        connectors={"1": ConnectorState(status=status, at=clock.now())},
    )
    await ports.store.commit(put_live(row, live, clock.now()))


async def station_did(ports: Ports, clock: FakeClock, *kinds: FactKind) -> None:
    facts = tuple(Fact(kind=kind, at=clock.now(), charge_station_id="UTR-1") for kind in kinds)
    await ports.store.commit(Change(facts=facts))


async def ended(phone: Phone) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while (trial := (await phone.view())["trials"][0])["state"] == "running":
            await asyncio.sleep(0)
    return trial


async def ask(phone: Phone, kind: str, id: str = "trial-0001") -> Any:
    return await phone.post("/trials", {"id": id, "commissioning_id": "c-0000-1", "kind": kind})


@pytest.fixture
async def connected(phone: Phone, ports: Ports, clock: FakeClock) -> Phone:
    await stock_station(ports)
    await begin(phone)
    await set_live(ports, clock, online=True)
    return phone


async def test_an_answer_proves_that_the_station_hears(connected: Phone, ports: Ports) -> None:
    answer = await ask(connected, "reach")
    assert answer.status_code == 202
    assert answer.json()["trials"][0]["state"] in ("running", "passed")
    trial = await ended(connected)
    assert (trial["state"], trial["outcome"], trial["by"]["name"]) == ("passed", "answered", "Anna")
    assert [e["what"] for e in trial["evidence"]] == ["frame", "frame", "accepted"]
    assert (await connected.check("tests"))["state"] == "done"
    kinds = [f.kind for f in await ports.store.facts(commissioning_id="c-0000-1")]
    assert kinds[-2:] == [FactKind.TRIAL_STARTED, FactKind.TRIAL_ENDED]


@pytest.mark.parametrize(
    ("state", "outcome", "passed"),
    [
        (CommandState.REJECTED, "answered_not_supported", True),
        (CommandState.NOT_IMPLEMENTED, "answered_not_supported", True),
        (CommandState.TIMEOUT, "no_answer", False),
        (CommandState.OFFLINE, "station_offline", False),
    ],
)
async def test_every_answer_has_its_word(
    connected: Phone, commands: FakeCommands, state: CommandState, outcome: str, passed: bool
) -> None:
    commands.answer = CommandOutcome(state=state, raw=('[2,"1","GetConfiguration",{}]',))
    await ask(connected, "reach")
    trial = await ended(connected)
    assert (trial["outcome"], trial["state"]) == (outcome, "passed" if passed else "failed")
    assert (await connected.check("tests"))["state"] == ("done" if passed else "failed")


async def test_of_a_station_that_did_not_boot_in_time_nothing_is_said_but_that_nothing_was_sent(
    connected: Phone, commands: FakeCommands
) -> None:
    commands.answer = CommandOutcome(state=CommandState.TIMEOUT)
    await ask(connected, "reach")
    trial = await ended(connected)
    assert (trial["state"], trial["outcome"], trial["cause"]) == ("failed", "not_ready", "slow_restart")
    assert [each["what"] for each in trial["evidence"]] == ["not_sent"]


async def test_a_reboot_is_seen_gone_back_and_booted(
    connected: Phone, ports: Ports, clock: FakeClock, tailing: Bus, commands: FakeCommands
) -> None:
    await ask(connected, "reboot")
    gone, back, booted = FactKind.STATION_DISCONNECTED, FactKind.STATION_CONNECTED, FactKind.STATION_BOOTED
    await station_did(ports, clock, gone)
    await station_did(ports, clock, back, booted)
    trial = await ended(connected)
    assert (trial["state"], trial["outcome"]) == ("passed", "rebooted")
    assert [e["what"] for e in trial["evidence"]][-3:] == [gone.value, back.value, booted.value]
    assert commands.sent == [("Reset", "UTR-1")]


async def test_a_boot_before_it_went_away_is_not_the_reboot(
    connected: Phone, ports: Ports, clock: FakeClock, tailing: Bus, anna: Actor
) -> None:
    quick = Trials(ports, tailing, seconds=0.3, command_seconds=1)
    await quick.start(anna, "c-0000-1", Asked(id="trial-0001", kind=TrialKind.REBOOT))
    await station_did(ports, clock, FactKind.STATION_BOOTED)
    assert (await ended(connected))["outcome"] == "did_not_go"


async def test_a_station_that_stays_away_fails_with_that_word(
    connected: Phone, ports: Ports, clock: FakeClock, tailing: Bus, anna: Actor
) -> None:
    quick = Trials(ports, tailing, seconds=0.5, command_seconds=1)
    await quick.start(anna, "c-0000-1", Asked(id="trial-0001", kind=TrialKind.REBOOT))
    await station_did(ports, clock, FactKind.STATION_DISCONNECTED)
    trial = await ended(connected)
    assert (trial["state"], trial["outcome"]) == ("failed", "did_not_return")
    assert (await connected.check("tests"))["reason"] == "did_not_return"


async def test_a_command_is_never_sent_to_a_station_that_is_away_or_in_use(
    connected: Phone, ports: Ports, clock: FakeClock, commands: FakeCommands
) -> None:
    await set_live(ports, clock, online=True, status="Charging")
    busy = await ask(connected, "reboot")
    assert (busy.status_code, busy.json()["code"]) == (409, "station_in_use")
    await set_live(ports, clock, online=False)
    away = await ask(connected, "reboot")
    assert (away.status_code, away.json()["code"]) == (409, "station_offline")
    assert commands.sent == [] and (await connected.view())["trials"] == []


async def test_only_the_installer_whose_hands_may_be_inside_sends_commands(
    connected: Phone, phones: Phones, commands: FakeCommands
) -> None:
    ben, carl = await phones.of("ben"), await phones.of("carl")
    assert (await ask(ben, "reboot")).json()["code"] == "not_yours"
    assert (await ask(carl, "reboot")).json()["code"] == "unknown_commissioning"
    assert commands.sent == []


async def test_a_station_that_became_another_cpos_meanwhile_is_not_tested_nor_told_of(
    phone: Phone, ports: Ports, clock: FakeClock, commands: FakeCommands
) -> None:
    await begin(phone)
    foreign = await ports.store.get(Cpo, XYZ)
    assert foreign is not None
    post = PostChargeStation(
        charge_station_id="UTR-1",
        location_id=FOREIGN_YARD,
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id="T-AC",
        charge_station_template_id=TWIN,
    )
    await ports.platforms.of(foreign[0]).create_station(SYSTEM, post)
    await set_live(ports, clock, online=True)
    for kind in ("reach", "reboot"):
        answer = await ask(phone, kind)
        assert (answer.status_code, answer.json()["code"]) == (409, "station_offline")
    assert (await phone.refused("set_password", password="A" * 20))["code"] == "station_exists"
    assert commands.sent == [] and await ports.store.get(StationPassword, "UTR-1") is None


async def test_the_same_trial_sent_twice_runs_once(connected: Phone, commands: FakeCommands) -> None:
    await ask(connected, "reach")
    await ended(connected)
    assert (await ask(connected, "reach")).status_code == 202
    assert len(commands.sent) == 1


async def test_one_trial_at_a_time(connected: Phone, tailing: Bus, commands: FakeCommands) -> None:
    await ask(connected, "reboot", "trial-0001")
    second = await ask(connected, "reach", "trial-0002")
    assert (second.status_code, second.json()["code"]) == (409, "trial_running")


async def test_an_unknown_kind_of_test_is_named(connected: Phone) -> None:
    answer = await ask(connected, "explode")
    assert (answer.status_code, answer.json()["detail"]["field"]) == (422, "kind")


async def test_a_trial_that_was_running_when_the_server_stopped_says_so(
    connected: Phone, ports: Ports, bus: Bus, trials: Trials, tailing: Bus
) -> None:
    await ask(connected, "reboot")
    await trials.stop()
    await Trials(ports, bus, seconds=5, command_seconds=5).close_interrupted()
    trial = (await connected.view())["trials"][0]
    assert (trial["state"], trial["outcome"]) == ("failed", "interrupted")


async def test_a_fault_of_ours_ends_the_trial_too(
    connected: Phone, commands: FakeCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> CommandOutcome:
        raise RuntimeError("a bug")

    monkeypatch.setattr(commands, "send", broken)
    await ask(connected, "reach")
    trial = await ended(connected)
    assert (trial["state"], trial["outcome"]) == ("failed", "interrupted")


async def test_the_end_of_a_trial_waits_for_a_store_that_was_away(
    connected: Phone, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.actions.work.RECORD_PAUSE_SECONDS", 0)
    commit, failures = ports.store.commit, iter(["full", "full"])

    async def full_for_a_while(change: Change) -> int:
        if any(fact.kind is FactKind.TRIAL_ENDED for fact in change.facts) and next(failures, None):
            raise StoreUnavailable("the disk is full")
        return await commit(change)

    monkeypatch.setattr(ports.store, "commit", full_for_a_while)
    await ask(connected, "reach")
    assert (await ended(connected))["outcome"] == "answered"


async def test_a_commissioning_is_not_continued_by_somebody_else_while_a_test_runs(
    connected: Phone, phones: Phones, tailing: Bus, ports: Ports, clock: FakeClock
) -> None:
    ben = await phones.of("ben")
    await ask(connected, "reboot")
    assert (await ben.refused("continue"))["code"] == "trial_running"
    assert (await connected.view())["mine"] is True
    await station_did(ports, clock, FactKind.STATION_DISCONNECTED)
    await station_did(ports, clock, FactKind.STATION_CONNECTED, FactKind.STATION_BOOTED)
    await ended(connected)
    await ben.ok("continue")


async def test_a_trial_long_past_its_deadline_blocks_nothing(
    connected: Phone, tailing: Bus, trials: Trials, clock: FakeClock
) -> None:
    await ask(connected, "reboot", "trial-0001")
    await trials.stop()
    assert (await connected.refused("abandon"))["code"] == "trial_running"
    clock.forward(minutes=10)
    await connected.ok("abandon")
