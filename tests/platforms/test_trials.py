"""Tests on a station of a vendor's platform: restarted through its module, or seen to charge; never one in use."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.actions.connecting import platform_info
from app.actions.trials import charge, reboot
from app.actions.trials.running import Asked, Seen, Trials
from app.bus import Bus
from app.domain.commands import CommandState, Reset
from app.domain.commissioning import Commissioning
from app.domain.errors import InvalidField, StationInUse, StationOffline
from app.domain.people import Access
from app.domain.trials import Trial, TrialKind, TrialState
from app.platforms.remote import commands
from app.platforms.remote.watcher import Watcher
from app.ports import Change, Put
from tests.fakes import FakeCommands
from tests.platforms.house import ANNA, Ours, ours
from tests.vendor import Vendor
from tests.vendor.dress import Quirks
from tests.vendor.house import furnish, stock

ONE = "UTR-001"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(reboot, "BOOT_GRACE_SECONDS", 0.05)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor(Quirks())
    furnish(vendor)
    stock(vendor, ONE)
    with vendor.serving():
        yield vendor


@pytest.fixture
async def house(vendor: Vendor, tmp_path: Path) -> AsyncIterator[Ours]:
    async with ours(tmp_path, vendor) as house:
        access = Access(
            modules=["chargestations", "locations", "templates", "remotecommands"], checked=house.clock.now()
        )
        house.cpo.access = {"acceptance": access}
        await house.ports.store.commit(Change(writes=(Put(house.cpo, 1),)))
        house.ports = replace(house.ports, watch=Watcher(house.ports.store, house.ports.platforms, house.clock))
        await house.commissioning(ONE)
        yield house


@pytest.fixture
async def trials(house: Ours) -> AsyncIterator[Trials]:
    bus = Bus(house.ports.store, 0.01)
    tail = asyncio.create_task(bus.run())
    trials = Trials(house.ports, bus, seconds=20, command_seconds=5)
    yield trials
    bus.stop()
    await trials.stop()
    await tail


async def trial_of(house: Ours) -> Trial:
    found = await house.ports.store.get(Commissioning, f"c-{ONE}")
    assert found is not None
    return found[0].trials[0]


async def ended(house: Ours) -> Trial:
    """Time passes, and the watcher looks, until the trial has its outcome."""
    watcher = house.ports.watch
    assert isinstance(watcher, Watcher)
    async with asyncio.timeout(20):
        while (trial := await trial_of(house)).state is TrialState.RUNNING:
            watcher.look()
            await watcher.turns.idle()
            house.clock.forward(seconds=1)
            await asyncio.sleep(0)
    return trial


async def test_a_restart_goes_through_the_platform_and_is_seen(house: Ours, trials: Trials, vendor: Vendor) -> None:
    vendor.station_online(ONE)
    assert (await platform_info(house.ports, house.cpo)).trials == ["reboot", "reach", "charge", "which"]
    await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.REBOOT))
    trial = await ended(house)
    assert (trial.state, trial.outcome) == (TrialState.PASSED, "returned_without_boot")
    assert vendor.commands.resets == [ONE]
    assert isinstance(house.ports.commands, FakeCommands) and house.ports.commands.sent == []
    steps = [step["what"] for step in trial.evidence]
    assert steps[-3:] == ["accepted", "station_disconnected", "station_connected"]
    assert trial.evidence[0]["text"] == 'RESET {"charge_station_id":"UTR-001","type":"Soft"}'


async def test_a_station_is_asked_through_the_platform_whether_it_hears(
    house: Ours, trials: Trials, vendor: Vendor
) -> None:
    vendor.station_online(ONE)
    await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.REACH))
    trial = await ended(house)
    assert (trial.state, trial.outcome) == (TrialState.PASSED, "answered")
    assert vendor.commands.sent == [
        ("GET_CONFIGURATION", {"charge_station_id": ONE, "keys": ["HeartbeatInterval"]}),
    ]


async def test_a_restart_that_the_station_refuses_has_failed(house: Ours, trials: Trials, vendor: Vendor) -> None:
    vendor.station_online(ONE)
    vendor.commands.result_told = "NOT_SUPPORTED"
    await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.REBOOT))
    assert (await ended(house)).outcome == "not_supported"


async def test_a_lock_is_opened_through_the_platform_and_the_person_says_which(
    house: Ours, trials: Trials, vendor: Vendor
) -> None:
    vendor.station_online(ONE)
    assert (await platform_info(house.ports, house.cpo)).ways["which"] == ["unlock", "reboot"]
    with pytest.raises(InvalidField):
        await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.WHICH, evse=1, how="plug"))
    await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.WHICH, evse=1))
    async with asyncio.timeout(20):
        while (await trial_of(house)).waits_for != "person":
            house.clock.forward(seconds=1)
            await asyncio.sleep(0)
    assert [word for word, _ in vendor.commands.sent] == ["UNLOCK_CONNECTOR"]
    await trials.answer(ANNA, f"c-{ONE}", "t-1", Seen(evse=2, here=True))
    trial = await ended(house)
    assert (trial.outcome, trial.cause, trial.detail["reacted"]["evse"]) == ("other_socket", "swapped", 2)


async def test_a_command_whose_answer_is_lost_is_not_sent_again(house: Ours, vendor: Vendor) -> None:
    vendor.station_online(ONE)
    vendor.fault("drop", methods=("POST",), path="remotecommands")
    answer = await house.platform.send(ONE, Reset(), timeout=1.0)
    assert (answer.state, vendor.commands.resets) == (CommandState.TIMEOUT, [ONE])


async def test_a_station_that_begins_to_charge_has_passed(house: Ours, trials: Trials, vendor: Vendor) -> None:
    vendor.station_online(ONE)
    await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.CHARGE))
    assert (await trial_of(house)).state is TrialState.RUNNING
    vendor.charging(ONE, 2)
    trial = await ended(house)
    assert (trial.state, trial.outcome) == (TrialState.PASSED, "charged")
    assert [(step["what"], step["text"]) for step in trial.evidence] == [("charging", "2")]
    assert vendor.commands.resets == []


async def test_a_station_where_nobody_charges_has_failed(
    house: Ours, trials: Trials, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charge, "SECONDS", 0.1)
    vendor.station_online(ONE)
    await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.CHARGE))
    assert (await ended(house)).outcome == "did_not_charge"


async def test_no_test_of_a_station_in_use_or_away_or_of_a_kind_that_is_not_there(
    house: Ours, trials: Trials, vendor: Vendor
) -> None:
    with pytest.raises(StationOffline):
        await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.REBOOT))
    vendor.station_online(ONE)
    vendor.charging(ONE)
    for kind in (TrialKind.REBOOT, TrialKind.CHARGE):
        with pytest.raises(StationInUse):
            await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=kind))
    with pytest.raises(InvalidField):
        await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.SOCKETS))
    assert vendor.commands.resets == []


async def test_a_token_without_remote_commands_leaves_charging(house: Ours, trials: Trials, vendor: Vendor) -> None:
    house.cpo.access = {}
    await house.ports.store.commit(Change(writes=(Put(house.cpo, 2),)))
    vendor.station_online(ONE)
    assert (await platform_info(house.ports, house.cpo)).trials == ["charge"]
    with pytest.raises(InvalidField):
        await trials.start(ANNA, f"c-{ONE}", Asked(id="t-1", kind=TrialKind.REBOOT))
