"""OCPP security profiles over real sockets, TLS ones too, and a password that changes over OCPP."""

import asyncio
import base64
import dataclasses
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from msgspec.structs import replace
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from app.actions.commanding import Commanding
from app.actions.passwords import rotate_station_password, set_station_password
from app.bus import Bus
from app.cli import tls
from app.domain.commanding import CommandRequest, RequestState
from app.domain.errors import InvalidField, RequestOver, StationOffline, UnknownStation
from app.domain.facts import FactKind
from app.domain.live import Arrivals, AuthOutcome, Knock, KnockReason, StationPassword, StationTuning
from app.domain.people import SYSTEM, Actor
from app.domain.profiles import Profile, offered, opening, used, verdict
from app.ocpp.gateway import tls_context
from app.ports import Change, Ports, Put
from tests.conftest import ABC
from tests.ocpp import v201
from tests.ocpp.conftest import PATIENT, SECRET, STATION, Client, World, make_world, until

AUTHS = [(auth, tls) for auth in AuthOutcome for tls in (False, True)]


@pytest.mark.parametrize(("auth", "secure"), AUTHS)
def test_what_each_profile_asks_for(auth: AuthOutcome, secure: bool) -> None:
    right = auth is AuthOutcome.RIGHT
    assert verdict(Profile.OPEN, auth, tls=secure) is KnockReason.ACCEPTED
    assert (verdict(Profile.PASSWORD, auth, tls=secure) is KnockReason.ACCEPTED) == right
    assert (verdict(Profile.TLS, auth, tls=secure) is KnockReason.ACCEPTED) == (right and secure)
    assert (verdict(Profile.TLS, auth, tls=secure) is KnockReason.NO_TLS) == (not secure)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tls.Certificates:
    return tls.ensure(tmp_path_factory.mktemp("tls"), ["127.0.0.1", "localhost"])


@asynccontextmanager
async def secured(ports: Ports, made: tls.Certificates, profile: int) -> AsyncIterator[World]:
    """A listener with TLS beside the plain one."""
    files = {"ocpp_tls_cert": str(made.cert), "ocpp_tls_key": str(made.key)}
    world = make_world(ports, replace(PATIENT, ocpp_profile=profile, ocpp_tls_port=0, **files))
    await world.gateway.start()
    try:
        await world.add_station()
        yield world
    finally:
        await world.gateway.stop()


@asynccontextmanager
async def over_tls(world: World, made: tls.Certificates, password: str | None = SECRET) -> AsyncIterator[Client]:
    trusting = ssl.create_default_context(cadata=made.ca_der)
    headers = {}
    if password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{STATION}:{password}".encode()).decode()
    url = f"wss://127.0.0.1:{world.gateway.tls_port}/ocpp/{STATION}"
    async with connect(
        url,
        ssl=trusting,
        additional_headers=headers,
        subprotocols=["ocpp1.6"],
        proxy=None,  # type: ignore[list-item]
    ) as socket:
        yield Client(socket)


async def ask_profile(world: World, profile: int | None) -> None:
    """Of this station alone."""
    found = await world.ports.store.get(StationTuning, STATION)
    tuning = StationTuning(charge_station_id=STATION, security_profile=profile)
    await world.ports.store.commit(Change(writes=(Put(tuning, found[1] if found else 0),)))


async def last_knock(world: World) -> Knock:
    return (await world.ports.store.find(Knock, order="-at", limit=1))[0][0]


async def test_profile_2_lets_in_over_tls_only_and_says_so_to_others(
    ports: Ports, certificates: tls.Certificates
) -> None:
    async with secured(ports, certificates, profile=2) as world:
        with pytest.raises(InvalidStatus) as refusal:
            async with world.client():
                pass
        assert refusal.value.response.status_code == 403
        knock = await last_knock(world)
        assert (knock.reason, knock.tls) == (KnockReason.NO_TLS, False)
        async with over_tls(world, certificates) as client:
            await client.boot()
            await until(world.online)
            found = await ports.store.get(Arrivals, STATION)
            assert found is not None and found[0].last[0].tls
            assert str((await world.wire())["endpoint"]).startswith("wss://")


async def test_tls_does_not_stand_for_the_password(ports: Ports, certificates: tls.Certificates) -> None:
    async with secured(ports, certificates, profile=2) as world:
        for password, reason in ((None, KnockReason.NO_PASSWORD), ("wrong-wrong-wrong", KnockReason.WRONG_PASSWORD)):
            with pytest.raises(InvalidStatus) as refusal:
                async with over_tls(world, certificates, password):
                    pass
            assert refusal.value.response.status_code == 401
            knock = await last_knock(world)
            assert (knock.reason, knock.tls) == (reason, True)


async def test_both_ports_serve_and_a_station_has_a_profile_of_its_own(
    ports: Ports, certificates: tls.Certificates
) -> None:
    async with secured(ports, certificates, profile=1) as world:
        async with world.client() as client:
            await client.boot()
        await ask_profile(world, 2)
        with pytest.raises(InvalidStatus):
            async with world.client():
                pass
        await ask_profile(world, 0)
        async with world.client(password=None) as client:
            await client.boot()
        await ask_profile(world, None)
        with pytest.raises(InvalidStatus):
            async with world.client(password=None):
                pass


@pytest.mark.parametrize(
    ("trusted", "forwarded", "let_in"),
    [
        ("127.0.0.1", ["https"], True),
        ("127.0.0.1", ["wss"], True),
        ("127.0.0.1", ["http, HTTPS"], True),
        ("127.0.0.1", ["https", "http"], False),
        ("127.0.0.1", ["https, http"], False),
        ("127.0.0.1", [], False),
        ("192.0.2.7", ["https"], False),
        ("", ["https"], False),
    ],
)
async def test_only_the_word_of_a_proxy_that_is_trusted_stands_for_tls(
    ports: Ports, trusted: str, forwarded: list[str], let_in: bool
) -> None:
    world = make_world(ports, replace(PATIENT, ocpp_profile=2, trusted_proxies=trusted))
    await world.gateway.start()
    try:
        await world.add_station()
        headers = [("Authorization", "Basic " + base64.b64encode(f"{STATION}:{SECRET}".encode()).decode())]
        headers += [("X-Forwarded-Proto", each) for each in forwarded]
        opening = connect(world.url + STATION, additional_headers=headers, subprotocols=["ocpp1.6"], proxy=None)  # type: ignore[list-item]
        if not let_in:
            with pytest.raises(InvalidStatus):
                await opening
            assert (await last_knock(world)).reason is KnockReason.NO_TLS
            return
        async with opening as socket:
            await Client(socket).boot()
            await until(world.online)
    finally:
        await world.gateway.stop()


async def test_what_is_no_tls_leaves_the_listener_to_others(ports: Ports, certificates: tls.Certificates) -> None:
    async with secured(ports, certificates, profile=2) as world:
        _, writer = await asyncio.open_connection("127.0.0.1", world.gateway.tls_port)
        writer.write(b"GET /ocpp/X HTTP/1.1\r\n\r\n")
        with pytest.raises(ssl.SSLCertVerificationError):  # a station whose clock or list of authorities is wrong
            await connect(f"wss://127.0.0.1:{world.gateway.tls_port}/ocpp/{STATION}", proxy=None)
        async with over_tls(world, certificates) as client:
            await client.boot()
            await until(world.online)
        writer.close()


async def test_a_certificate_that_does_not_do_stops_the_start(ports: Ports, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    files = {"ocpp_tls_cert": str(tmp_path / "no.pem"), "ocpp_tls_key": str(tmp_path / "no.pem")}
    world = make_world(ports, replace(PATIENT, ocpp_tls_port=0, **files))
    with pytest.raises(OSError, match="PEM"):
        await world.gateway.start()
    assert not world.gateway.listening


def test_a_key_with_a_passphrase_is_an_error_and_nothing_is_asked(tmp_path: Path) -> None:
    made = tls.ensure(tmp_path, ["127.0.0.1"])
    key = serialization.load_pem_private_key(made.key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"a passphrase")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    made.key.write_bytes(key.private_bytes(pem, pkcs8, locked))
    with pytest.raises(ssl.SSLError):
        tls_context(str(made.cert), str(made.key))


# --- A password that changes over OCPP -------------------------------------------------------------------------------


@pytest.fixture
async def commanding(world: World) -> AsyncIterator[Commanding]:
    ports = replace_commands(world)
    bus = Bus(ports.store, 0.05)
    tailing = asyncio.create_task(bus.run())
    made = Commanding(ports, bus, seconds=5)
    yield made
    await made.stop()
    bus.stop()
    await tailing


def replace_commands(world: World) -> Ports:
    return dataclasses.replace(world.ports, commands=world.gateway)


async def told(client: Client, status: str) -> str:
    """The password in the CALL that the station hears, answered with this status."""
    call: list[Any] = await client.hear()
    while call[2] != "ChangeConfiguration":
        await client.say([3, call[1], {"status": "Rejected"}])
        call = await client.hear()
    assert call[3]["key"] == "AuthorizationKey"
    await client.say([3, call[1], {"status": status}])
    return bytes.fromhex(call[3]["value"]).decode()


async def stored(world: World) -> StationPassword:
    found = await world.ports.store.get(StationPassword, STATION)
    assert found is not None
    return found[0]


async def ended(world: World, request: CommandRequest) -> CommandRequest:
    async def over() -> CommandRequest | None:
        found = await world.ports.store.get(CommandRequest, request.id)
        return found[0] if found and found[0].state is RequestState.DONE else None

    return await until(over)


async def until_over(world: World, request: CommandRequest) -> CommandRequest:
    async def over() -> CommandRequest | None:
        found = await world.ports.store.get(CommandRequest, request.id)
        return found[0] if found and found[0].ended else None

    return await until(over)


async def refused_with(world: World, password: str) -> bool:
    try:
        async with world.client(password=password):
            return False
    except InvalidStatus as error:
        return error.response.status_code == 401


async def test_the_old_password_is_good_until_the_new_one_was_used(world: World, commanding: Commanding) -> None:
    ports = replace_commands(world)
    async with world.client() as client:
        await client.boot()
        request = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        new = await told(client, "Accepted")
        done = await ended(world, request)
    assert new != SECRET and new not in str(done) and new.encode().hex() not in str(done)
    assert new not in str(await world.facts()) and new.encode().hex() not in str(await world.facts())
    async with world.client() as client:
        await client.boot()
    assert (await stored(world)).next_digest is not None
    async with world.client(password=new) as client:
        await client.boot()
    after = await stored(world)
    assert after.next_digest is None and after.used is not None
    assert await refused_with(world, SECRET)
    assert len(await world.facts(FactKind.PASSWORD_ROTATED)) == 1


async def test_a_station_that_refuses_keeps_its_password(world: World, commanding: Commanding) -> None:
    ports = replace_commands(world)
    async with world.client() as client:
        await client.boot()
        request = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        await told(client, "Rejected")
        await ended(world, request)
    async with world.client() as client:
        await client.boot()
    assert not await world.facts(FactKind.PASSWORD_ROTATED)


async def test_one_that_the_station_took_stays_good_when_it_refuses_another(
    world: World, commanding: Commanding
) -> None:
    ports = replace_commands(world)
    async with world.client() as client:
        await client.boot()
        first = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        taken = await told(client, "Accepted")
        await ended(world, first)
        second = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        refused = await told(client, "Rejected")
        await ended(world, second)
    async with world.client(password=taken) as client:
        await client.boot()
    assert await refused_with(world, SECRET)
    async with world.client(password=refused) as client:  # it was on its way; once used it is the only one
        await client.boot()
    assert await refused_with(world, taken)
    assert (await stored(world)).earlier == []


async def test_one_that_was_not_sent_leaves_the_one_before_it(world: World, commanding: Commanding) -> None:
    ports = replace_commands(world)
    async with world.client() as client:
        await client.boot()
        request = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        taken = await told(client, "Accepted")
        await ended(world, request)
    await until(world.offline)
    before = await stored(world)
    with pytest.raises(StationOffline):
        await rotate_station_password(ports, commanding, SYSTEM, STATION)
    assert await stored(world) == before
    async with world.client(password=taken) as client:
        await client.boot()


async def test_one_that_waited_for_the_line_is_not_sent_to_a_station_that_charges_by_then(
    world: World, commanding: Commanding
) -> None:
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Available")
        line = world.gateway._sessions[STATION]._speaking
        async with line:
            request = await rotate_station_password(replace_commands(world), commanding, SYSTEM, STATION)
            await until(lambda: line._waiters)
            await client.status(1, "Charging")
        done = await until_over(world, request)
        assert (done.state, done.error, done.sent) == (RequestState.NOT_SENT, "station_in_use", None)
        assert (await client.ask("Heartbeat", {}))[0] == 3, "the first that it hears is its answer"


async def test_a_station_of_2_0_1_is_given_the_password_itself(world: World, commanding: Commanding) -> None:
    ports = replace_commands(world)
    async with v201.station(world) as client:
        request = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        call = await client.hear()
        while call[2] != "SetVariables":
            await client.say([3, call[1], {"status": "Rejected"}])
            call = await client.hear()
        [asked] = call[3]["setVariableData"]
        names = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        new = asked.pop("attributeValue")
        assert asked == names and 16 <= len(new) <= 40
        await client.say([3, call[1], {"setVariableResult": [names | {"attributeStatus": "Accepted"}]}])
        assert new not in str(await ended(world, request))
    async with v201.station(world, password=new):
        assert await refused_with(world, SECRET)


async def test_one_that_waits_for_a_yes_is_not_sent_once_a_person_has_set_another(
    world: World, commanding: Commanding
) -> None:
    ports = replace_commands(world)
    await world.commissioning()
    async with world.client() as client:
        await client.boot()
        request = await rotate_station_password(ports, commanding, SYSTEM, STATION)
        assert request.state is RequestState.WAITING
        await set_station_password(world.ports, SYSTEM, STATION, "SetByAPerson2026")
        with pytest.raises(RequestOver):
            await commanding.answer(Actor(person_id="anna", cpo_ids=frozenset({ABC})), request.id, True)
        found = await ports.store.get(CommandRequest, request.id)
        assert found is not None and (found[0].state, found[0].sent) == (RequestState.NOT_SENT, None)


def test_of_many_that_were_offered_one_that_is_used_ends_those_before_it() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    kept = StationPassword(charge_station_id=STATION, digest="old", set_at=now)
    for number in range(12):
        kept = offered(kept, str(number), now)
    assert opening(kept) == ["old", *["4", "5", "6", "7", "8", "9", "10", "11"]]
    assert opening(used(kept, "old", now)) == opening(kept)
    assert opening(used(kept, "9", now)) == ["9", "10", "11"]
    assert opening(used(kept, "11", now)) == ["11"]


async def test_a_password_is_not_changed_for_later_nor_by_strangers(world: World, commanding: Commanding) -> None:
    ports = replace_commands(world)
    with pytest.raises(StationOffline):
        await rotate_station_password(ports, commanding, SYSTEM, STATION)
    with pytest.raises(UnknownStation):
        await rotate_station_password(ports, commanding, Actor(cpo_ids=frozenset({"Another"})), STATION)
    await world.add_station("BARE-1", password=None)
    with pytest.raises(InvalidField):
        await rotate_station_password(ports, commanding, SYSTEM, "BARE-1")
