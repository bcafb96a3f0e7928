"""What somebody else wants to send, as the phone sees it, and its word on it."""

import asyncio
from typing import Any

import pytest

from app.actions.commanding import Asked, Commanding
from app.bus import Bus
from app.domain.commands import ChangeConfiguration, Command, Reset, Unlock
from app.domain.people import Actor, Subscription
from app.field.stream import Told, _messages
from app.ports import Change, Ports, Put
from tests.conftest import ABC
from tests.fakes import FakeClock, FakeCommands
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import begin, stock_station
from tests.field.test_trials import set_live


@pytest.fixture
async def held(phone: Phone, ports: Ports, clock: FakeClock) -> Phone:
    """Anna's phone, with an online station in her hands."""
    await stock_station(ports)
    await begin(phone)
    await set_live(ports, clock, online=True)
    return phone


def reset(command: Command | None = None, **more: Any) -> Asked:
    return Asked(cpo_id=ABC, charge_station_id="UTR-1", command=command or Reset(), **more)


async def asked(phone: Phone) -> dict[str, Any]:
    (request,) = (await phone.view())["requests"]
    found: dict[str, Any] = request
    return found


async def ended(phone: Phone) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while (request := await asked(phone))["ended"] is None:
            await asyncio.sleep(0)
    return request


async def test_the_view_says_who_wants_what_why_and_until_when(held: Phone, commanding: Commanding, sue: Actor) -> None:
    await commanding.ask(sue, reset(Unlock("2"), why="the plug is stuck"))
    request = await asked(held)
    assert (request["command"], request["detail"], request["why"]) == (
        "unlock",
        {"connector": "2"},
        "the plug is stuck",
    )
    assert (request["by"]["name"], request["system"], request["state"]) == ("Sue", None, "waiting")
    assert (request["asked"], request["expires"]) == ("2026-03-02T08:00:00Z", "2026-03-02T08:01:00Z")


async def test_a_system_is_named_by_its_key_and_a_secret_by_nothing(
    held: Phone, ports: Ports, commanding: Commanding, clock: FakeClock
) -> None:
    key = Subscription(
        id="s-1",
        key_digest="d",
        name="Fleet portal",
        cpo_ids=[ABC],
        modules={"remotecommands": "w"},
        created=clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(key),)))
    machine = Actor(subscription_id="s-1", name="Fleet portal", cpo_ids=frozenset({ABC}))
    await commanding.ask(machine, reset(ChangeConfiguration("WifiPassword", "hush")))
    request = await asked(held)
    assert (request["by"], request["system"]) == (None, "Fleet portal")
    assert request["detail"] == {"key": "WifiPassword"}


@pytest.mark.parametrize(("allow", "result"), [(True, "accepted"), (False, "refused")])
async def test_the_phones_word_decides(
    held: Phone, commanding: Commanding, commands: FakeCommands, tailing: Bus, sue: Actor, allow: bool, result: str
) -> None:
    request = await commanding.ask(sue, reset())
    answer = await held.post(f"/commands/{request.id}", {"allow": allow})
    assert answer.status_code == 200
    assert answer.json()["requests"][0]["state"] in ("allowed", "done", "refused")
    assert (await ended(held))["result"] == result
    assert commands.sent == ([("Reset", "UTR-1")] if allow else [])


async def test_another_phone_has_no_word(
    held: Phone, phones: Phones, commanding: Commanding, commands: FakeCommands, sue: Actor
) -> None:
    request = await commanding.ask(sue, reset())
    for who, code in (("ben", "not_yours"), ("carl", "unknown_request")):
        answer = await (await phones.of(who)).post(f"/commands/{request.id}", {"allow": True})
        assert answer.json()["code"] == code
    assert commands.sent == [] and (await asked(held))["state"] == "waiting"


async def test_the_question_and_its_end_come_by_the_stream(
    held: Phone, ports: Ports, commanding: Commanding, tailing: Bus, anna: Actor, sue: Actor
) -> None:
    start = await ports.store.last_fact()
    request = await commanding.ask(sue, reset())
    await commanding.answer(anna, request.id, False)
    seen: list[bytes] = []
    async with asyncio.timeout(5):
        async for message in _messages(ports, tailing, Told(ports), anna, start, 0.2):
            seen.append(message)
            if b'"refused"' in message:
                break
    assert any(request.id.encode() in message for message in seen)


async def test_what_is_long_over_is_no_part_of_the_view(
    held: Phone, commanding: Commanding, clock: FakeClock, sue: Actor, anna: Actor
) -> None:
    request = await commanding.ask(sue, reset())
    await commanding.answer(anna, request.id, False)
    clock.forward(minutes=16)
    assert (await held.view())["requests"] == []
