"""Every command all the way: the remote platform, real HTTP, our own platform API, a socket, and a virtual station."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.commands import (
    ChangeConfiguration,
    CommandOutcome,
    CommandState,
    ConfigurationKey,
    GetConfiguration,
    Message,
    Reset,
    Start,
    Stop,
    Trigger,
    Unlock,
)
from app.platforms.remote import RemotePlatform, commands
from app.platforms.remote.admission import admit
from app.platforms.remote.wire import Wire
from app.store.migrations import migrate
from app.store.sqlite import SqliteStore
from tests.charger import Charger
from tests.conftest import ABC
from tests.fakes import FakeClock, FakeIds
from tests.live import LiveServer, location_body, sent, station_body, template_body

STATION = "UTR-CMD-001"
WAIT = 20.0
READS = ("chargestations:r", "locations:r")
KEYS = {"1.6": "HeartbeatInterval", "2.0.1": "OCPPCommCtrlr.HeartbeatInterval"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path / "theirs").start()
    live.app(
        "cpo", "create", "--country", "NL", "--party", "ABC", "--name", ABC, "--tariff", "T-AC", "--charger-type",
        "Public", "--test-card", "TESTCARD",
    )  # fmt: skip
    with live.api(live.token()) as api:
        place = sent(api, "POST", "/api/2.0/Locations", location_body())
        sent(api, "POST", "/api/1.0/ChargeStations/ChargestationTemplate", template_body())
        sent(api, "POST", "/api/1.0/ChargeStations", station_body(STATION, place["id"]))
    yield live
    live.kill()


@pytest.fixture(params=list(KEYS))
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def charger(server: LiveServer, protocol: str) -> Iterator[Charger]:
    started = Charger(server, STATION, protocol)
    yield started
    started.stop()


@pytest.fixture
async def wire(server: LiveServer) -> AsyncIterator[Wire]:
    modules = [word for module in (*READS, "remotecommands:rw") for word in ("--module", module)]
    key = server.app("token", "create", "--cpo", ABC, *modules)
    headers = {"Authorization": f"Token {key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=WAIT) as client:
        yield Wire(client)


@pytest.fixture
async def remote(wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RemotePlatform]:
    monkeypatch.setattr(commands, "LOOK_EVERY", 0.1)
    migrate(tmp_path / "ours.sqlite")
    store = await SqliteStore.open(tmp_path / "ours.sqlite")
    yield RemotePlatform(wire, store, FakeClock(), FakeIds(), ABC)
    await store.close()


async def until(condition: Callable[[], Any]) -> Any:
    async with asyncio.timeout(WAIT):
        while not (found := condition()):
            await asyncio.sleep(0.05)
    return found


def stored(server: LiveServer, sql: str) -> list[Any]:
    with sqlite3.connect(server.data / "stationlink.sqlite") as database:
        return [json.loads(body) for (body,) in database.execute(sql)]


def told(server: LiveServer, kind: str) -> list[Any]:
    return [fact for fact in stored(server, "SELECT body FROM facts ORDER BY seq") if fact["kind"] == kind]


async def test_every_command_reaches_the_station_and_its_result_comes_back(
    server: LiveServer, charger: Charger, remote: RemotePlatform, protocol: str
) -> None:
    async def send(command: Any) -> CommandOutcome:
        return await remote.send(STATION, command, timeout=WAIT)

    await until(lambda: told(server, "station_booted"))
    key = KEYS[protocol]
    assert (await send(ChangeConfiguration(key, "77"))).state is CommandState.ACCEPTED
    read = await send(GetConfiguration((key, "Nonsense")))
    assert (read.state, read.configuration) == (CommandState.ACCEPTED, (ConfigurationKey(key, "77"),))
    assert [each.rpartition(".")[2] for each in read.unknown] == ["Nonsense"]
    assert (await send(Unlock("2"))).state is CommandState.ACCEPTED
    charger.tell("plug 1")
    await until(lambda: _connector(server, "1") in ("Preparing", "Occupied"))
    assert (await send(Start("1", "TESTCARD"))).state is CommandState.ACCEPTED
    await until(lambda: charger.heard("started"))
    (session,) = await until(lambda: stored(server, "SELECT body FROM transactions WHERE stopped IS NULL"))
    assert (await send(Reset())).raw[-1].startswith("REJECTED: somebody is charging")
    assert (await send(Stop(session["id"]))).state is CommandState.ACCEPTED
    await until(lambda: stored(server, "SELECT body FROM transactions WHERE stopped IS NOT NULL"))
    charger.tell("unplug 1")
    await until(lambda: _connector(server, "1") == "Available")
    booted = len(told(server, "station_booted"))
    assert (await send(Reset())).state is CommandState.ACCEPTED
    await until(lambda: len(told(server, "station_booted")) > booted)
    assert (await send(Trigger(Message.STATUS))).state is CommandState.NOT_IMPLEMENTED
    ended = [fact["data"]["result"] for fact in told(server, "command_ended")]
    assert ended == ["accepted"] * 6


def _connector(server: LiveServer, number: str) -> str:
    (live,) = stored(server, "SELECT body FROM station_live")
    found = {key.split(".")[0]: state["status"] for key, state in live["connectors"].items()}
    return str(found.get(number, ""))


async def test_a_token_with_the_module_is_seen_to_have_it(server: LiveServer, wire: Wire) -> None:
    assert "remotecommands" in (await admit(wire, ABC, datetime.now(UTC))).modules
    without = server.app("token", "create", "--cpo", ABC, *(w for m in READS for w in ("--module", m)))
    headers = {"Authorization": f"Token {without}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=WAIT) as client:
        assert "remotecommands" not in (await admit(Wire(client), ABC, datetime.now(UTC))).modules
