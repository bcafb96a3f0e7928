"""Commands by support and machines: sent now or never, with the installer's yes where hands may be inside."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from app.actions.commanding import Asked, Commanding
from app.bus import Bus
from app.domain.commanding import PER_MINUTE, CommandRequest, RequestState
from app.domain.commands import (
    ChangeConfiguration,
    Command,
    CommandOutcome,
    CommandState,
    GetConfiguration,
    Reset,
    Stop,
    Unlock,
)
from app.domain.commissioning import Before, Commissioning, CommissioningKind, begin, take_over
from app.domain.errors import (
    CommandRunning,
    NotAllowed,
    NotYours,
    RequestOver,
    StationInUse,
    StationOffline,
    TooManyCommands,
    TrialRunning,
    UnknownCpo,
    UnknownRequest,
    UnknownStation,
)
from app.domain.facts import FactKind
from app.domain.live import ConnectorState, Live, Transaction
from app.domain.people import Actor, Cpo
from app.domain.trial_rules import Ending, Policy, end, start
from app.domain.trials import Outcome, Trial, TrialKind
from app.ports import Change, Ports, Put, PutLive
from tests.conftest import ABC, XYZ
from tests.fakes import FakeClock, FakeCommands
from tests.field.test_sync import stock_station

UTR = "UTR-1"


@pytest.fixture
async def bus(ports: Ports) -> AsyncIterator[Bus]:
    """With its tailer at work."""
    bus = Bus(ports.store, poll_seconds=0.02)
    task = asyncio.create_task(bus.run())
    yield bus
    bus.stop()
    await task


@pytest.fixture
async def commanding(ports: Ports, bus: Bus) -> AsyncIterator[Commanding]:
    running = Commanding(ports, bus, seconds=5)
    yield running
    await running.stop()


async def put_live(ports: Ports, *, online: bool = True, **connectors: str) -> None:
    """As the OCPP listener would leave the station's live row."""
    row = await ports.store.station(UTR)
    assert row is not None
    now = ports.clock.now()
    states = {key.removeprefix("c"): ConnectorState(status=status, at=now) for key, status in connectors.items()}
    body = msgspec.json.encode(Live(charge_station_id=UTR, connectors=states))
    shown = {"shown": row.shown, "shown_evses": row.shown_evses}
    put = PutLive(charge_station_id=UTR, body=body, online=online, changed=now, rev=row.live_rev, **shown)
    await ports.store.commit(Change(writes=(put,)))


@pytest.fixture
async def station(ports: Ports) -> str:
    """Online, free, and nobody commissions it."""
    await stock_station(ports)
    await put_live(ports, c1="Available", c2="Available")
    return UTR


@pytest.fixture
async def begun(ports: Ports, station: str) -> str:
    """The same in Anna's hands."""
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    current = begin(
        id="c-0000-1",
        cpo=found[0],
        charge_station_id=UTR,
        kind=CommissioningKind.NEW,
        person_id="anna",
        before=Before(existed=True),
        now=ports.clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(current),)))
    return UTR


async def begun_work(ports: Ports) -> tuple[Commissioning, int]:
    found = await ports.store.get(Commissioning, "c-0000-1")
    assert found is not None
    return found


def want(command: Command | None = None, cpo_id: str = ABC, **fields: Any) -> Asked:
    return Asked(cpo_id=cpo_id, charge_station_id=UTR, command=command or Reset(), **fields)


async def read(ports: Ports, request: CommandRequest) -> CommandRequest:
    found = await ports.store.get(CommandRequest, request.id)
    assert found is not None
    return found[0]


async def over(ports: Ports, request: CommandRequest) -> CommandRequest:
    async with asyncio.timeout(5):
        while (now := await read(ports, request)).ended is None:
            await asyncio.sleep(0)
    return now


async def told(ports: Ports) -> list[tuple[FactKind, str | None, dict[str, Any]]]:
    facts = await ports.store.facts(charge_station_id=UTR)
    commands = (FactKind.COMMAND_ASKED, FactKind.COMMAND_ANSWERED, FactKind.COMMAND_ENDED)
    return [(fact.kind, fact.person_id, fact.data) for fact in facts if fact.kind in commands]


async def test_a_command_to_a_station_that_nobody_commissions_goes_at_once(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, station: str
) -> None:
    request = await commanding.ask(sue, want(Reset(hard=True), why="it hangs"))
    done = await over(ports, request)
    assert (done.state, done.expires, done.outcome) == (RequestState.DONE, None, commands.answer)
    assert commands.sent == [("Reset", UTR)]
    asked, ended = await told(ports)
    assert asked == (
        FactKind.COMMAND_ASKED,
        "sue",
        {"request": request.id, "command": "reset_hard", "why": "it hangs"},
    )
    assert ended[0] is FactKind.COMMAND_ENDED and ended[2]["result"] == "accepted"


async def test_in_an_installers_hands_it_waits_for_their_yes(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, anna: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    assert (request.state, request.commissioning_id) == (RequestState.WAITING, "c-0000-1")
    await asyncio.sleep(0.05)
    assert commands.sent == []
    await commanding.answer(anna, request.id, True)
    done = await over(ports, request)
    assert (done.state, done.answered_by) == (RequestState.DONE, "anna")
    assert commands.sent == [("Reset", UTR)]
    kinds = [(kind, who) for kind, who, _ in await told(ports)]
    assert kinds == [
        (FactKind.COMMAND_ASKED, "sue"),
        (FactKind.COMMAND_ANSWERED, "anna"),
        (FactKind.COMMAND_ENDED, "sue"),
    ]


async def test_a_yes_while_their_test_runs_disturbs_no_test_and_counts_when_it_is_over(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, anna: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    now = ports.clock.now()
    trial = Trial(id="t-1", kind=TrialKind.REBOOT, started=now, deadline=now + timedelta(minutes=2))
    current, rev = await begun_work(ports)
    await ports.store.commit(Change(writes=(Put(start(current, trial, now), rev),)))
    with pytest.raises(TrialRunning):
        await commanding.answer(anna, request.id, True)
    assert ((await read(ports, request)).state, commands.sent) == (RequestState.WAITING, [])
    running, rev = await begun_work(ports)
    over_now = end(running, "t-1", Ending(outcome=Outcome.REBOOTED), Policy(), now)
    await ports.store.commit(Change(writes=(Put(over_now, rev),)))
    await commanding.answer(anna, request.id, True)
    assert (await over(ports, request)).state is RequestState.DONE
    assert commands.sent == [("Reset", UTR)]


async def test_their_no_is_the_end_of_it(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, anna: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    await commanding.answer(anna, request.id, False)
    assert (await over(ports, request)).state is RequestState.REFUSED
    with pytest.raises(RequestOver):
        await commanding.answer(anna, request.id, True)
    await asyncio.sleep(0.05)
    assert commands.sent == [] and (await read(ports, request)).state is RequestState.REFUSED


async def test_without_a_word_it_expires_unsent_and_a_late_yes_counts_for_nothing(
    ports: Ports, bus: Bus, commands: FakeCommands, sue: Actor, anna: Actor, begun: str
) -> None:
    quick = Commanding(ports, bus, seconds=5, consent_seconds=0.05)
    request = await quick.ask(sue, want())
    assert (await over(ports, request)).state is RequestState.EXPIRED
    with pytest.raises(RequestOver):
        await quick.answer(anna, request.id, True)
    assert commands.sent == []


async def test_a_yes_that_comes_to_us_after_its_time_sends_nothing(
    ports: Ports, commanding: Commanding, commands: FakeCommands, clock: FakeClock, sue: Actor, anna: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    clock.forward(seconds=60)
    with pytest.raises(RequestOver):
        await commanding.answer(anna, request.id, True)
    assert commands.sent == []


async def test_only_who_holds_it_now_may_say_yes(
    ports: Ports, commanding: Commanding, sue: Actor, anna: Actor, ben: Actor, carl: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    for other, refusal in ((ben, NotYours), (sue, NotYours), (carl, UnknownRequest)):
        with pytest.raises(refusal):
            await commanding.answer(other, request.id, True)
    current, rev = await commissioning(ports)
    await ports.store.commit(Change(writes=(Put(take_over(current, "ben", ports.clock.now()), rev),)))
    with pytest.raises(NotYours):
        await commanding.answer(anna, request.id, True)
    assert (await commanding.answer(ben, request.id, True)).state is RequestState.ALLOWED


async def commissioning(ports: Ports) -> tuple[Commissioning, int]:
    found = await ports.store.get(Commissioning, "c-0000-1")
    assert found is not None
    return found


async def test_whoever_holds_the_commissioning_is_not_asked_for_their_own_command(
    ports: Ports, commanding: Commanding, sue: Actor, begun: str
) -> None:
    current, rev = await commissioning(ports)
    await ports.store.commit(Change(writes=(Put(take_over(current, "sue", ports.clock.now()), rev),)))
    request = await commanding.ask(sue, want())
    assert (await over(ports, request)).state is RequestState.DONE


async def test_what_changed_while_it_waited_is_looked_at_again(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, anna: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    await put_live(ports, c1="Charging")
    await commanding.answer(anna, request.id, True)
    done = await over(ports, request)
    assert (done.state, done.error, done.sent) == (RequestState.NOT_SENT, "station_in_use", None)
    assert commands.sent == []


async def test_a_station_away_or_in_use_is_left_alone(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, station: str
) -> None:
    await put_live(ports, online=False)
    with pytest.raises(StationOffline):
        await commanding.ask(sue, want())
    await put_live(ports, c1="Charging", c2="Available")
    for command in (Reset(), Unlock("2"), GetConfiguration()):
        with pytest.raises(StationInUse):
            await commanding.ask(sue, want(command))
    assert commands.sent == [] and await told(ports) == []


async def test_what_ends_a_session_is_sent_to_a_station_in_use(
    ports: Ports, commanding: Commanding, commands: FakeCommands, sue: Actor, station: str
) -> None:
    running = Transaction(
        id=7, charge_station_id=UTR, connector_id="1", id_tag="CARD", started=ports.clock.now(), meter_start=0
    )
    await ports.store.commit(Change(writes=(Put(running),)))
    with pytest.raises(StationInUse):
        await commanding.ask(sue, want())
    await over(ports, await commanding.ask(sue, want(Stop(7))))
    await over(ports, await commanding.ask(sue, want(Unlock("1"))))
    assert [name for name, _ in commands.sent] == ["Stop", "Unlock"]


async def test_there_is_no_line_to_wait_in(
    ports: Ports, commanding: Commanding, sue: Actor, anna: Actor, begun: str
) -> None:
    first = await commanding.ask(sue, want())
    with pytest.raises(CommandRunning):
        await commanding.ask(sue, want())
    await commanding.answer(anna, first.id, False)
    assert (await commanding.ask(sue, want())).state is RequestState.WAITING


async def test_two_at_the_same_moment_are_one(ports: Ports, commanding: Commanding, sue: Actor, begun: str) -> None:
    both = await asyncio.gather(*(commanding.ask(sue, want()) for _ in range(2)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) == ["CommandRequest", "CommandRunning"]


async def test_a_station_gets_no_more_than_some_in_a_minute(
    ports: Ports, commanding: Commanding, clock: FakeClock, sue: Actor, station: str
) -> None:
    for _ in range(PER_MINUTE):
        await over(ports, await commanding.ask(sue, want(Unlock("1"))))
    with pytest.raises(TooManyCommands) as refused:
        await commanding.ask(sue, want())
    assert refused.value.detail["retry_after"] == 60
    clock.forward(seconds=60)
    await over(ports, await commanding.ask(sue, want()))


async def test_who_may_not_or_does_not_see_the_station_sends_nothing(
    ports: Ports, commanding: Commanding, commands: FakeCommands, anna: Actor, carl: Actor, sue: Actor, station: str
) -> None:
    with pytest.raises(NotAllowed):
        await commanding.ask(anna, want())
    machine = Actor(subscription_id="s-1", name="crm", cpo_ids=frozenset({XYZ}))
    with pytest.raises(UnknownCpo):
        await commanding.ask(machine, want())
    with pytest.raises(UnknownStation):
        await commanding.ask(machine, want(cpo_id=XYZ))
    assert commands.sent == []


async def test_what_was_waiting_or_under_way_when_the_server_stopped_is_never_sent(
    ports: Ports, bus: Bus, commanding: Commanding, commands: FakeCommands, sue: Actor, anna: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    await commanding.stop()
    again = Commanding(ports, bus, seconds=5)
    await again.close_interrupted()
    ended = await read(ports, request)
    assert (ended.state, ended.sent) == (RequestState.INTERRUPTED, None)
    with pytest.raises(RequestOver):
        await again.answer(anna, request.id, True)
    assert commands.sent == []


async def test_a_server_that_stops_says_so_and_not_that_nobody_answered(
    ports: Ports, bus: Bus, commanding: Commanding, commands: FakeCommands, sue: Actor, begun: str
) -> None:
    request = await commanding.ask(sue, want())
    bus.stop()
    assert (await over(ports, request)).state is RequestState.INTERRUPTED
    assert commands.sent == []


async def test_one_that_was_sent_when_the_server_stopped_says_so(
    ports: Ports, bus: Bus, commanding: Commanding, sue: Actor, station: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = asyncio.Event()

    async def silent(*_: Any, **__: Any) -> CommandOutcome:
        sending.set()
        return await asyncio.Future()

    monkeypatch.setattr(ports.commands, "send", silent)
    request = await commanding.ask(sue, want())
    await sending.wait()
    await commanding.stop()
    await Commanding(ports, bus, seconds=5).close_interrupted()
    ended = await read(ports, request)
    assert (ended.state, ended.sent) == (RequestState.INTERRUPTED, ports.clock.now())


async def test_a_fault_of_ours_is_an_end_too(
    ports: Ports, commanding: Commanding, sue: Actor, station: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> CommandOutcome:
        raise RuntimeError("a bug")

    monkeypatch.setattr(ports.commands, "send", broken)
    assert (await over(ports, await commanding.ask(sue, want()))).state is RequestState.INTERRUPTED


async def test_what_the_protocol_cannot_carry_is_not_sent(
    ports: Ports, commanding: Commanding, sue: Actor, station: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_long(*_: Any, **__: Any) -> CommandOutcome:
        raise ValueError("a key has at most 50 characters")

    monkeypatch.setattr(ports.commands, "send", too_long)
    ended = await over(ports, await commanding.ask(sue, want()))
    assert (ended.state, ended.error) == (RequestState.NOT_SENT, "invalid_field")


async def test_a_secret_is_sent_and_kept_nowhere(
    ports: Ports, commanding: Commanding, sue: Actor, station: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried: list[Command] = []

    async def keep(_: str, command: Command, **__: Any) -> CommandOutcome:
        carried.append(command)
        return CommandOutcome(state=CommandState.ACCEPTED, raw=('[2,"1","ChangeConfiguration",{"value":"hush"}]',))

    monkeypatch.setattr(ports.commands, "send", keep)
    ended = await over(ports, await commanding.ask(sue, want(ChangeConfiguration("WifiPassword", "hush"))))
    assert carried == [ChangeConfiguration("WifiPassword", "hush", secret=True)]
    assert b"hush" not in msgspec.json.encode([ended, *await ports.store.facts()])


async def test_a_command_that_never_went_out_is_not_sent_whatever_was_noted_before(
    ports: Ports, commanding: Commanding, sue: Actor, station: str, commands: FakeCommands
) -> None:
    commands.answer = CommandOutcome(state=CommandState.TIMEOUT)
    request = await over(ports, await commanding.ask(sue, want()))
    assert (request.state, request.sent, request.error) == (RequestState.NOT_SENT, None, None)
