"""The live stream: every change of mine, once, with a cursor that survives a lost connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.bus import Bus
from app.domain.people import Actor
from app.domain.profiles import Profile
from app.field import stream
from app.field.stream import Told, _messages
from app.platforms.host import OcppHost
from app.ports import Attempt, Ports
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import begin


async def next_view(messages: AsyncIterator[bytes]) -> tuple[int, dict[str, Any]]:
    """The next `commissioning` event: its number and its view."""
    async with asyncio.timeout(5):
        async for message in messages:
            lines = message.decode().splitlines()
            if "event: commissioning" in lines:
                data = next(line[6:] for line in lines if line.startswith("data: "))
                return int(lines[0].removeprefix("id: ")), json.loads(data)
    raise AssertionError("the stream ended")


async def test_a_change_arrives_as_the_whole_view(phone: Phone, ports: Ports, tailing: Bus, anna: Actor) -> None:
    await begin(phone, "NEW-1")
    messages = _messages(ports, tailing, Told(ports), anna, None, 0.2)
    assert b"event: hello" in await anext(messages)
    await phone.ok("waive_check", check="tests", reason="x")
    number, view = await next_view(messages)
    assert view["id"] == "c-0000-1"
    assert next(c for c in view["checks"] if c["key"] == "tests")["state"] == "waived"
    assert number == view["stamp"]


async def test_a_phone_that_comes_back_with_its_last_number_misses_nothing(
    phone: Phone, ports: Ports, tailing: Bus, anna: Actor
) -> None:
    await begin(phone, "NEW-1")
    last = await ports.store.last_fact()
    await phone.ok("waive_check", check="tests", reason="while the phone was away")
    _, view = await next_view(_messages(ports, tailing, Told(ports), anna, last, 0.2))
    assert next(c for c in view["checks"] if c["key"] == "tests")["state"] == "waived"


async def test_a_stranger_at_the_door_arrives_on_the_phone_that_waits(
    phone: Phone, ports: Ports, tailing: Bus, anna: Actor
) -> None:
    await begin(phone, "NEW-1")
    host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, Profile.PASSWORD)
    messages = _messages(ports, tailing, Told(ports), anna, None, 0.2)
    await anext(messages)
    for name in ("new-1", "like no other"):
        attempt = Attempt(identity=name, raw_path=f"/ocpp/{name}", address="203.0.113.7", endpoint="ws://x")
        await host.knocked(attempt, await host.admit(attempt))
        _, view = await next_view(messages)
        assert name in [stranger["identity"] for stranger in view["strangers"]], "near it, and near nothing"


async def test_others_work_is_not_in_my_stream(phones: Phones, ports: Ports, tailing: Bus, anna: Actor) -> None:
    mine, bens = await phones.of("anna"), await phones.of("ben")
    await begin(mine, "NEW-1", "c-0000-1")
    messages = _messages(ports, tailing, Told(ports), anna, None, 0.2)
    await anext(messages)
    await begin(bens, "NEW-2", "c-0000-2")
    await mine.ok("waive_check", check="tests", reason="x")
    _, view = await next_view(messages)
    assert view["id"] == "c-0000-1"


async def test_losing_a_commissioning_to_a_colleague_is_told(
    phones: Phones, ports: Ports, tailing: Bus, anna: Actor
) -> None:
    mine, bens = await phones.of("anna"), await phones.of("ben")
    await begin(mine, "NEW-1")
    messages = _messages(ports, tailing, Told(ports), anna, None, 0.2)
    await anext(messages)
    await bens.ok("continue")
    _, view = await next_view(messages)
    assert (view["mine"], view["person"]["name"]) == (False, "Ben")


async def test_an_idle_stream_is_kept_alive_and_ends_with_the_server(ports: Ports, tailing: Bus, anna: Actor) -> None:
    messages = _messages(ports, tailing, Told(ports), anna, None, 0.05)
    await anext(messages)
    assert (await anext(messages)).startswith(b":")
    tailing.stop()
    async with asyncio.timeout(5):
        assert [m async for m in messages if not m.startswith(b":")] == []


async def test_the_devices_of_a_person_share_a_message_and_nobody_an_old_one(
    phones: Phones, ports: Ports, tailing: Bus, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[str]()
    real = stream.view

    async def counted(ports: Ports, actor: Actor, *rest: Any) -> Any:
        made.append(str(actor.person_id))
        return await real(ports, actor, *rest)

    monkeypatch.setattr(stream, "view", counted)
    phone, told = await phones.of("anna"), Told(ports)
    await begin(phone, "NEW-1")
    devices = [_messages(ports, tailing, told, anna, None, 0.2) for _ in range(3)]
    for each in devices:
        await anext(each)
    for reason in ("once", "and once more"):
        await phone.ok("park", reason="power", note=reason)
        views = [(await next_view(each))[1] for each in devices]
        assert [view["parked"]["note"] for view in views] == [reason] * 3
    assert made == ["anna", "anna"]
