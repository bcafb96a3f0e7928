"""Remote commands: taken or refused at once, the result by asking, and nothing behind an installer's back."""

import asyncio
from typing import Any

import msgspec
import pytest

from app.actions.commanding import Commanding
from app.bus import Bus
from app.domain.commanding import CommandRequest
from app.domain.commands import CommandOutcome, CommandState, ConfigurationKey
from app.domain.commissioning import Before, CommissioningKind, begin
from app.domain.live import Transaction
from app.domain.people import Actor, Cpo, Role
from app.ports import Change, Ports, Put
from tests.api.conftest import COMMANDS, STATIONS, Api, one, station_body, station_reports
from tests.conftest import ABC, XYZ
from tests.fakes import FakeClock, FakeCommands

UTR = "UTR-017"
ANNA = Actor(person_id="anna", name="Anna", role=Role.INSTALLER, cpo_ids=frozenset({ABC}))
RESET = {"charge_station_id": UTR, "type": "Soft"}


@pytest.fixture
async def station(api: Api, ports: Ports, station: dict[str, Any]) -> dict[str, Any]:
    """Online and free."""
    await station_reports(ports, UTR, "Available")
    return station


@pytest.fixture
async def begun(ports: Ports, station: dict[str, Any]) -> dict[str, Any]:
    """The same in Anna's hands."""
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    current = begin(
        id="c-1",
        cpo=found[0],
        charge_station_id=UTR,
        kind=CommissioningKind.NEW,
        person_id="anna",
        before=Before(existed=True),
        now=ports.clock.now(),
    )
    await ports.store.commit(Change(writes=(Put(current),)))
    return station


async def taken(api: Api, command: str, body: dict[str, Any]) -> str:
    data = await api.ok("POST", f"{COMMANDS}/{command}", body)
    assert data["result"] == "ACCEPTED"
    made: str = data["charge_station_notification_id"]
    return made


async def result(api: Api, station: dict[str, Any], made: str, **more: Any) -> dict[str, Any]:
    """Asked for again until there is one."""
    path = f"{one(COMMANDS, station['evses'][0]['uid'])}/{made}"
    async with asyncio.timeout(5):
        while (told := await api.ok("GET", path, **more))["result"] == "PENDING":
            await asyncio.sleep(0)
    read: dict[str, Any] = told
    return read


async def no(api: Api, command: str, body: Any = None, **more: Any) -> tuple[int, int, str, str]:
    """HTTP status, OCPI status, the word in `data`, and the message of a refusal."""
    answer = await api.send("POST", f"{COMMANDS}/{command}", body, **more)
    said = answer.json()
    assert said["data"]["charge_station_notification_id"] is None
    return answer.status_code, said["status_code"], said["data"]["result"], said["status_message"]


def bodies(station: dict[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """Every command that we carry out, and what our gateway is asked for."""
    evse, place = station["evses"][0]["uid"], station["location_id"]
    here = {"location_id": place, "evse_uid": evse}
    start = here | {"chargestation_id": UTR, "token": {"uid": "CARD"}}
    return {
        "START_SESSION": (start | {"connector_id": "1"}, "Start"),
        "STOP_SESSION": ({"session_id": "7"}, "Stop"),
        "UNLOCK_CONNECTOR": (here | {"connector_id": "1"}, "Unlock"),
        "RESET": (RESET, "Reset"),
        "GET_CONFIGURATION": ({"charge_station_id": UTR, "keys": []}, "GetConfiguration"),
        "CHANGE_CONFIGURATION": (
            {"charge_station_id": UTR, "key": "HeartbeatInterval", "value": "60"},
            "ChangeConfiguration",
        ),
    }


async def charge(ports: Ports, number: int = 7) -> None:
    running = Transaction(
        id=number, charge_station_id=UTR, connector_id="1", id_tag="CARD", started=ports.clock.now(), meter_start=0
    )
    await ports.store.commit(Change(writes=(Put(running),)))


COMMANDED = (
    "START_SESSION",
    "STOP_SESSION",
    "UNLOCK_CONNECTOR",
    "RESET",
    "GET_CONFIGURATION",
    "CHANGE_CONFIGURATION",
)


@pytest.mark.parametrize("command", COMMANDED)
async def test_a_command_is_taken_and_its_result_asked_for(
    api: Api, ports: Ports, commands: FakeCommands, station: dict[str, Any], command: str
) -> None:
    body, name = bodies(station)[command]
    if command == "STOP_SESSION":
        await charge(ports)
    told = await result(api, station, await taken(api, command, body))
    assert (told["result"], told["message"]) == ("ACCEPTED", "the station accepted it")
    assert {key: told["request"][key] for key in body if key != "token"} | {"token": body.get("token")} == {
        "token": None
    } | body
    assert commands.sent == [(name, UTR)]


@pytest.mark.parametrize(
    ("state", "status", "word"),
    [
        (CommandState.REJECTED, "Rejected", "REJECTED"),
        (CommandState.REJECTED, "UnlockFailed", "FAILED"),
        (CommandState.NOT_IMPLEMENTED, "NotSupported", "NOT_SUPPORTED"),
        (CommandState.ERROR, "InternalError", "FAILED"),
        (CommandState.TIMEOUT, None, "TIMEOUT"),
        (CommandState.OFFLINE, None, "FAILED"),
    ],
)
async def test_every_outcome_has_its_word(
    api: Api, commands: FakeCommands, station: dict[str, Any], state: CommandState, status: str | None, word: str
) -> None:
    commands.answer = CommandOutcome(state=state, status=status, raw=('[2,"1","Reset",{}]',))
    told = await result(api, station, await taken(api, "RESET", RESET))
    assert told["result"] == word and (status or "") in told["message"]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (CommandState.TIMEOUT, "the station was not ready for commands in time"),
        (CommandState.OFFLINE, "station_offline"),
    ],
)
async def test_of_a_command_that_never_went_out_nobody_is_told_that_it_may_have_been_done(
    api: Api, commands: FakeCommands, station: dict[str, Any], state: CommandState, why: str
) -> None:
    commands.answer = CommandOutcome(state=state)
    told = await result(api, station, await taken(api, "RESET", RESET))
    assert (told["result"], told["message"]) == ("FAILED", f"nothing was sent: {why}")


async def test_a_configuration_is_read_without_its_secrets(
    api: Api, commands: FakeCommands, station: dict[str, Any]
) -> None:
    lines = (ConfigurationKey("HeartbeatInterval", "300"), ConfigurationKey("AuthorizationKey", "hush", readonly=True))
    commands.answer = CommandOutcome(state=CommandState.ACCEPTED, configuration=lines, unknown=("Nonsense",))
    body = {"charge_station_id": UTR, "keys": ["HeartbeatInterval", "AuthorizationKey", "Nonsense"]}
    told = await result(api, station, await taken(api, "GET_CONFIGURATION", body))
    assert told["configuration"] == [
        {"key": "HeartbeatInterval", "value": "300", "readonly": False},
        {"key": "AuthorizationKey", "value": None, "readonly": True},
    ]
    assert told["unknown_keys"] == ["Nonsense"]


async def test_a_secret_that_is_written_is_kept_nowhere(api: Api, ports: Ports, station: dict[str, Any]) -> None:
    body = {"charge_station_id": UTR, "key": "WifiPassword", "value": "hush"}
    told = await result(api, station, await taken(api, "CHANGE_CONFIGURATION", body))
    kept = await ports.store.find(CommandRequest)
    assert b"hush" not in msgspec.json.encode([told, *kept, *await ports.store.facts()])


async def test_literal_segments_come_in_any_case(api: Api, station: dict[str, Any]) -> None:
    data = await api.ok("POST", "/API/1.0/RemoteCommands/reset/", RESET)
    path = f"/api/1.0/REMOTECOMMANDS/{station['evses'][0]['uid']}/{data['charge_station_notification_id']}"
    assert (await api.ok("GET", path))["charge_station_notification_id"] == data["charge_station_notification_id"]


async def test_a_result_is_found_by_the_station_too_and_by_no_other_evse(api: Api, station: dict[str, Any]) -> None:
    made = await taken(api, "RESET", {"evse_uid": station["evses"][0]["uid"], "type": "Hard"})
    assert (await api.ok("GET", f"{COMMANDS}/{UTR}/{made}"))["request"]["type"] == "Hard"
    assert (await api.refused("GET", f"{COMMANDS}/NL-ABC-EOTHER-1/{made}"))[0] == 404
    assert (await api.refused("GET", f"{COMMANDS}/{UTR}/nothing"))[0] == 404


async def test_a_result_is_read_in_scope_and_for_a_day(api: Api, clock: FakeClock, station: dict[str, Any]) -> None:
    made = await taken(api, "RESET", RESET)
    path = f"{COMMANDS}/{UTR}/{made}"
    assert (await api.refused("GET", path, who="other CPO"))[0] == 404
    await api.ok("GET", path, who="both CPOs")
    assert (await api.refused("GET", path, who="both CPOs", headers={"cpsoIds": XYZ}))[0] == 404
    clock.forward(hours=24, seconds=1)
    assert (await api.refused("GET", path))[0] == 404


@pytest.mark.parametrize("command", ["RESERVE_NOW", "CANCEL_RESERVATION", "INSTALL_CERTIFICATE", "SET_NETWORK_PROFILE"])
async def test_what_we_do_not_carry_out_says_so(api: Api, command: str) -> None:
    assert (await no(api, command, {"reservation_id": "1"}))[:3] == (200, 2000, "NOT_SUPPORTED")


async def test_nothing_is_kept_for_an_idle_moment(api: Api, station: dict[str, Any]) -> None:
    assert (await no(api, "RESET", RESET | {"scheduled": "OnIdle"}))[:3] == (200, 2000, "NOT_SUPPORTED")
    await taken(api, "RESET", RESET | {"scheduled": "Immediate"})


async def test_a_foreign_station_is_as_unknown_as_none(api: Api, station: dict[str, Any]) -> None:
    for who, body in (("other CPO", RESET), ("right", RESET | {"charge_station_id": "NONE"})):
        said = await no(api, "RESET", body, who=who)
        assert said == (200, 2000, "REJECTED", "Can't find chargeStation")
    for command in ("START_SESSION", "UNLOCK_CONNECTOR", "GET_CONFIGURATION", "CHANGE_CONFIGURATION"):
        assert (await no(api, command, bodies(station)[command][0], who="other CPO"))[2] == "REJECTED"


async def test_a_session_that_is_foreign_unknown_or_over_is_unknown(
    api: Api, ports: Ports, station: dict[str, Any]
) -> None:
    await charge(ports)
    over = Transaction(
        id=8,
        charge_station_id=UTR,
        connector_id="1",
        id_tag="CARD",
        started=ports.clock.now(),
        stopped=ports.clock.now(),
        meter_start=0,
    )
    await ports.store.commit(Change(writes=(Put(over),)))
    for session, who in (("7", "other CPO"), ("8", "right"), ("9", "right"), ("x", "right"), ("9" * 40, "right")):
        assert (await no(api, "STOP_SESSION", {"session_id": session}, who=who))[:3] == (200, 2000, "UNKNOWN_SESSION")


@pytest.mark.parametrize(
    ("command", "change", "named"),
    [
        ("RESET", {"type": None}, "type"),
        ("RESET", {"type": "Warm"}, "type"),
        ("RESET", {"charge_station_id": None}, "charge_station_id"),
        ("START_SESSION", {"token": {}}, "token.uid"),
        ("START_SESSION", {"token": {"uid": "CARD", "valid": False}}, "token.valid"),
        ("START_SESSION", {"evse_uid": "NL-ABC-EOTHER-1"}, "evse_uid"),
        ("START_SESSION", {"connector_id": "9"}, "connector_id"),
        ("START_SESSION", {"location_id": "elsewhere"}, "elsewhere"),
        ("UNLOCK_CONNECTOR", {"location_id": "elsewhere"}, "elsewhere"),
        ("UNLOCK_CONNECTOR", {"evse_uid": "NL-ABC-EOTHER-1"}, "evse_uid"),
        ("CHANGE_CONFIGURATION", {"key": "AuthorizationKey"}, "key"),
        ("CHANGE_CONFIGURATION", {"key": ""}, "key"),
    ],
)
async def test_what_is_wrong_with_a_body_is_named(
    api: Api, commands: FakeCommands, station: dict[str, Any], command: str, change: dict[str, Any], named: str
) -> None:
    http, _, word, message = await no(api, command, bodies(station)[command][0] | change)
    assert (http, word) == (200, "REJECTED") and named in message
    assert commands.sent == []


async def test_a_missing_field_is_named(api: Api, station: dict[str, Any]) -> None:
    said = await no(api, "CHANGE_CONFIGURATION", {"charge_station_id": UTR, "key": "HeartbeatInterval"})
    assert said == (200, 2000, "REJECTED", "value not provided, and is a required field")


async def test_the_first_connector_is_meant_where_none_is_named(api: Api, station: dict[str, Any]) -> None:
    body = {key: value for key, value in bodies(station)["START_SESSION"][0].items() if key != "connector_id"}
    assert (await result(api, station, await taken(api, "START_SESSION", body)))["result"] == "ACCEPTED"


async def test_a_station_away_or_in_use_is_left_alone(
    api: Api, ports: Ports, commands: FakeCommands, station: dict[str, Any]
) -> None:
    await charge(ports)
    assert (await no(api, "RESET", RESET))[2:] == ("REJECTED", "somebody is charging at this station")
    assert (await no(api, "START_SESSION", bodies(station)["START_SESSION"][0]))[2] == "REJECTED"
    assert commands.sent == []


async def test_a_station_that_never_came_is_offline(api: Api, commands: FakeCommands, location: dict[str, Any]) -> None:
    await api.ok("POST", STATIONS, station_body(location["id"], "UTR-018"))
    said = await no(api, "RESET", RESET | {"charge_station_id": "UTR-018"})
    assert said[:3] == (200, 2000, "REJECTED") and "not online" in said[3]
    assert commands.sent == []


async def test_a_station_that_had_many_commands_answers_429(
    api: Api, clock: FakeClock, station: dict[str, Any]
) -> None:
    for _ in range(6):
        await result(api, station, await taken(api, "RESET", RESET))
    answer = await api.send("POST", f"{COMMANDS}/RESET", RESET)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    clock.forward(seconds=60)
    await taken(api, "RESET", RESET)


async def test_with_an_installer_at_the_station_it_is_pending_until_they_say_yes(
    api: Api, commanding: Commanding, commands: FakeCommands, begun: dict[str, Any]
) -> None:
    made = await taken(api, "RESET", RESET)
    path = f"{COMMANDS}/{UTR}/{made}"
    told = await api.ok("GET", path)
    assert told["result"] == "PENDING" and "installer" in told["message"]
    assert (await no(api, "RESET", RESET))[2] == "REJECTED"
    await commanding.answer(ANNA, made, True)
    assert (await result(api, begun, made))["result"] == "ACCEPTED"
    assert commands.sent == [("Reset", UTR)]


async def test_their_no_is_the_result(
    api: Api, commanding: Commanding, commands: FakeCommands, begun: dict[str, Any]
) -> None:
    made = await taken(api, "RESET", RESET)
    await commanding.answer(ANNA, made, False)
    told = await result(api, begun, made)
    assert told["result"] == "REJECTED" and "said no" in told["message"]
    assert commands.sent == []


async def test_their_silence_is_a_timeout(
    api: Api, ports: Ports, bus: Bus, commands: FakeCommands, begun: dict[str, Any], commanding: Commanding
) -> None:
    commanding._consent_seconds = 0.05
    told = await result(api, begun, await taken(api, "RESET", RESET))
    assert told["result"] == "TIMEOUT" and "nothing was sent" in told["message"]
    assert commands.sent == []


async def test_a_restart_leaves_nothing_pending(
    api: Api, ports: Ports, bus: Bus, commanding: Commanding, commands: FakeCommands, begun: dict[str, Any]
) -> None:
    made = await taken(api, "RESET", RESET)
    await commanding.stop()
    await Commanding(ports, bus, seconds=5).close_interrupted()
    told = await api.ok("GET", f"{COMMANDS}/{UTR}/{made}")
    assert told["result"] == "FAILED" and "nothing was sent" in told["message"]
    assert commands.sent == []


async def test_one_whose_end_was_never_recorded_is_over_too(
    api: Api, clock: FakeClock, commanding: Commanding, begun: dict[str, Any]
) -> None:
    made = await taken(api, "RESET", RESET)
    await commanding.stop()
    clock.forward(minutes=5)
    assert (await api.ok("GET", f"{COMMANDS}/{UTR}/{made}"))["result"] == "TIMEOUT"


async def test_the_history_knows_which_system_asked(api: Api, ports: Ports, station: dict[str, Any]) -> None:
    await result(api, station, await taken(api, "RESET", RESET))
    facts = [fact for fact in await ports.store.facts(charge_station_id=UTR) if fact.kind.value.startswith("command")]
    assert [fact.data["subscription_id"] for fact in facts] == ["sub-right", "sub-right"]
