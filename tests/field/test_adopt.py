"""This is my station: a stranger at the real door becomes the station of a commissioning, and nobody else's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from app.actions.adopting import adopt_for
from app.actions.labels import make_label
from app.actions.live import live_view
from app.actions.passwords import set_station_password
from app.actions.strangers import strangers_for
from app.domain.commissioning import Commissioning
from app.domain.errors import CannotAdopt
from app.domain.facts import FactKind
from app.domain.live import Knock, Live, StationPassword
from app.domain.model import ParkingRestriction
from app.domain.people import SYSTEM, Cpo, keyed_digest
from app.domain.scan import Label
from app.ports import Attempt, Ports
from tests.conftest import ABC, TWIN, XYZ, YARD, actor
from tests.fakes import FakeClock, FakeCommands
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import DUTCH, begin, station, stock_station
from tests.ocpp.conftest import World, make_world

TYPED, REAL = "UTR-0071", "UTR-0017"
SECRET = "Zq7Kc2Wm9Xt4Rb6Yd8Lp"


@pytest.fixture
async def door(ports: Ports) -> AsyncIterator[World]:
    """The listener over the same store as the phone."""
    made = make_world(ports)
    await made.gateway.start()
    yield made
    await made.gateway.stop()


async def knock(door: World, identity: str = REAL, password: str | None = SECRET, user: str | None = None) -> Knock:
    with pytest.raises(InvalidStatus):
        async with door.client(identity, password, user=user):
            raise AssertionError("it was let in")
    [(knock, _)] = await door.ports.store.find(Knock, identity=identity, order="-at", limit=1)
    return knock


async def gets_in(door: World, identity: str = REAL, password: str = SECRET) -> None:
    async with door.client(identity, password) as client:
        await client.boot()
        assert await door.online(identity)


async def set_up(phone: Phone, station_id: str = TYPED) -> None:
    """Begun with a mistyped id, and all but online."""
    await begin(phone, station_id)
    await phone.ok("choose_location", location_id=YARD)
    await phone.ok("apply_template", template_id=TWIN)
    await phone.ok("describe_evse", evse_sequence_numbers=[1, 2], directions=[DUTCH], parking_restrictions=["EV_ONLY"])


async def test_the_real_station_is_seen_adopted_and_gets_in_next_time(phone: Phone, door: World) -> None:
    await set_up(phone)
    await knock(door)
    seen = await phone.view()
    [stranger] = seen["strangers"]
    assert (seen["live"]["rung"], seen["live"]["cause"]) == ("other_id", "unknown_id")
    assert (stranger["identity"], stranger["nearest"], stranger["differs"]) == (REAL, TYPED, "swapped")
    assert (stranger["address"], stranger["auth"], stranger["tls"]) == ("127.0.0.1", "offered", False)
    assert "digest" not in str(stranger)
    await phone.ok("adopt", knock_id=stranger["id"])
    seen = await phone.view()
    assert (seen["station_id"], seen["strangers"], seen["connect"]["identity"]) == (REAL, [], REAL)
    assert (seen["adopted"]["station_id"], seen["adopted"]["password"]) == (TYPED, True)
    assert seen["connect"]["password_set_at"] == seen["adopted"]["at"]
    assert (seen["knocks"], seen["live"]["rung"]) == ([], "never"), "that it was unknown is past"
    await gets_in(door)
    seen = await phone.view()
    assert next(check for check in seen["checks"] if check["key"] == "online")["state"] == "done"


async def test_everything_moves_along(phone: Phone, ports: Ports, door: World) -> None:
    label = await make_label(ports, await actor(ports, "sue"), charge_station_id=TYPED, cpo_id=ABC)
    await set_up(phone)
    await phone.ok("set_password", password="abcdefghij0123456789")
    before = await station(ports, TYPED)
    await phone.ok("adopt", knock_id=(await knock(door)).id)
    after = await station(ports, REAL)
    assert await ports.store.station(TYPED) is None
    assert [evse.uid for evse in after.evses] == [f"NL-ABC-E{REAL}-1", f"NL-ABC-E{REAL}-2"]
    assert [evse.evse_id for evse in after.evses] == [f"NL-ABC-E{REAL}-1", f"NL-ABC-E{REAL}-2"]
    assert [evse.directions for evse in after.evses] == [evse.directions for evse in before.evses]
    assert [evse.parking_restrictions for evse in after.evses] == [[ParkingRestriction.EV_ONLY]] * 2
    assert (after.location_id, after.created, after.etag != before.etag) == (YARD, before.created, True)
    moved = await ports.store.get(Label, label.code)
    assert moved is not None and moved[0].charge_station_id == REAL
    assert await ports.store.get(StationPassword, TYPED) is None
    password = await ports.store.get(StationPassword, REAL)
    assert password is not None and password[0].digest == keyed_digest(ports.digest_key, f"{REAL}:{SECRET}")
    assert (password[0].set_by, password[0].used) == ("anna", None)
    for station_id in (TYPED, REAL):
        [fact] = await ports.store.facts(kind=FactKind.STATION_ADOPTED, charge_station_id=station_id)
        assert (fact.data["from"], fact.data["to"], fact.data["password"]) == (TYPED, REAL, "taken")
        assert fact.person_id == "anna" and SECRET not in str(fact)


async def test_it_is_done_once_however_often_it_is_sent(phone: Phone, ports: Ports, door: World) -> None:
    await set_up(phone)
    operation = phone.operation("adopt", knock_id=(await knock(door)).id)
    first, again, *_ = [*(await phone.do(operation)), *(await phone.do(operation))]
    assert (first["state"], again) == ("accepted", first)
    assert len(await ports.store.facts(kind=FactKind.STATION_ADOPTED)) == 2


async def test_without_a_station_yet_the_commissioning_takes_the_id_and_creates_it(phone: Phone, door: World) -> None:
    await begin(phone, TYPED)
    await phone.ok("adopt", knock_id=(await knock(door)).id)
    assert (await phone.view())["station_id"] == REAL
    await knock(door)
    await phone.ok("choose_location", location_id=YARD)
    await phone.ok("apply_template", template_id=TWIN)
    assert await door.ports.store.station(TYPED) is None
    await gets_in(door)


async def test_an_attempt_without_credentials_leaves_the_password_to_be_set(phone: Phone, door: World) -> None:
    await set_up(phone)
    await phone.ok("set_password", password="abcdefghij0123456789")
    await phone.ok("adopt", knock_id=(await knock(door, password=None)).id)
    seen = await phone.view()
    assert (seen["connect"]["password_set_at"], seen["adopted"]["password"]) == (None, False)
    await knock(door, password="abcdefghij0123456789")
    await phone.ok("set_password", password="abcdefghij0123456789")
    await gets_in(door, password="abcdefghij0123456789")


async def test_credentials_under_another_user_name_are_not_kept(phone: Phone, door: World) -> None:
    await set_up(phone)
    await knock(door, user="admin")
    [stranger] = (await phone.view())["strangers"]
    assert (stranger["auth"], stranger["password"]) == ("wrong", False)
    await phone.ok("adopt", knock_id=stranger["id"])
    assert (await phone.view())["connect"]["password_set_at"] is None


async def test_a_second_look_may_correct_the_first(phone: Phone, ports: Ports, door: World) -> None:
    await set_up(phone)
    await phone.ok("adopt", knock_id=(await knock(door, "UTR-0018")).id)
    await phone.ok("adopt", knock_id=(await knock(door)).id)
    assert await ports.store.station("UTR-0018") is None
    await gets_in(door)


# --- Undo ------------------------------------------------------------------------------------------------------------


async def test_not_my_station_after_an_adoption_leaves_nothing_of_it(
    phone: Phone, ports: Ports, door: World, commands: FakeCommands
) -> None:
    label = await make_label(ports, await actor(ports, "sue"), charge_station_id=TYPED, cpo_id=ABC)
    await set_up(phone)
    await phone.ok("adopt", knock_id=(await knock(door)).id)
    await phone.ok("abandon")
    assert [await ports.store.station(each) for each in (TYPED, REAL)] == [None, None]
    assert [await ports.store.get(StationPassword, each) for each in (TYPED, REAL)] == [None, None]
    back = await ports.store.get(Label, label.code)
    assert back is not None and back[0].charge_station_id == TYPED
    assert ("disconnect abandoned", REAL) in commands.sent
    assert (await phone.view())["station_id"] == TYPED
    await knock(door)


async def test_not_my_station_gives_an_existing_one_its_id_texts_and_password_back(
    phone: Phone, ports: Ports, door: World
) -> None:
    await stock_station(ports, TYPED)
    await set_station_password(ports, SYSTEM, TYPED, "the0office0password0")
    before, former = await station(ports, TYPED), await ports.store.get(StationPassword, TYPED)
    await begin(phone, TYPED)
    await phone.ok("choose_location", location_id=YARD)
    await phone.ok("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH])
    await phone.ok("adopt", knock_id=(await knock(door)).id)
    await gets_in(door)
    await phone.ok("abandon")
    after = await station(ports, TYPED)
    assert await ports.store.station(REAL) is None
    assert (after.location_id, after.evses[0].uid) == (before.location_id, before.evses[0].uid)
    assert [evse.directions for evse in after.evses] == [evse.directions for evse in before.evses]
    restored = await ports.store.get(StationPassword, TYPED)
    assert former is not None and restored is not None and restored[0] == former[0]
    assert await ports.store.get(StationPassword, REAL) is None
    await gets_in(door, TYPED, "the0office0password0")


# --- Whose it may be -------------------------------------------------------------------------------------------------


async def test_strangers_near_anothers_station_do_not_exist_for_me(
    phone: Phone, phones: Phones, ports: Ports, door: World
) -> None:
    carl = await phones.of("carl")
    await carl.ok("begin", "c-carl-1", station_id="XYZ-900", cpo_id=XYZ)
    theirs = await knock(door, "XYZ-901")
    anybodys = await knock(door, "what is this even")
    await set_up(phone)
    assert [each["identity"] for each in (await phone.view())["strangers"]] == ["what is this even"]
    seen = await carl.view("c-carl-1")
    assert [each["identity"] for each in seen["strangers"]] == ["XYZ-901", "what is this even"]
    assert (await phone.refused("adopt", knock_id=theirs.id))["code"] == "unknown_knock"
    assert (await phone.refused("adopt", knock_id="no-such-knock"))["code"] == "unknown_knock"
    await phone.ok("adopt", knock_id=anybodys.id)


async def test_an_id_that_is_somebodys_is_refused(phone: Phone, phones: Phones, ports: Ports, door: World) -> None:
    await set_up(phone)
    seen = await knock(door)
    await (await phones.of("carl")).ok("begin", "c-carl-1", station_id=REAL, cpo_id=XYZ)
    assert (await phone.refused("adopt", knock_id=seen.id))["code"] == "station_exists", "in somebody's hands"
    await (await phones.of("carl")).ok("abandon", "c-carl-1")
    await stock_station(ports, REAL)
    assert (await phone.refused("adopt", knock_id=seen.id))["code"] == "station_exists"
    assert (await phone.view())["station_id"] == TYPED


async def test_a_station_that_was_online_or_in_use_keeps_its_id(phone: Phone, ports: Ports, door: World) -> None:
    await set_up(phone)
    seen = await knock(door)
    await phone.ok("set_password", password="abcdefghij0123456789")
    await gets_in(door, TYPED, "abcdefghij0123456789")
    assert (await phone.view())["strangers"] == []
    assert (await phone.refused("adopt", knock_id=seen.id))["code"] == "station_was_online"


async def test_only_who_holds_it_may(phone: Phone, phones: Phones, door: World) -> None:
    await set_up(phone)
    seen = await knock(door)
    ben = await phones.of("ben")
    assert (await ben.refused("adopt", knock_id=seen.id))["code"] == "not_yours"


async def test_strangers_near_nothing_do_not_hide_the_one_that_i_wait_for(phone: Phone, door: World) -> None:
    await set_up(phone)
    await knock(door)
    for number in range(150):
        name = f"scanner number {number} of many"
        attempt = Attempt(identity=name, raw_path=f"/ocpp/{name}", address=f"203.0.113.{number}", endpoint="ws://x")
        await door.host.knocked(attempt, await door.host.admit(attempt))
    seen = (await phone.view())["strangers"]
    assert len(seen) == 8 and seen[0]["identity"] == REAL


async def test_on_a_vendors_platform_no_id_is_adopted(phone: Phone, ports: Ports, door: World) -> None:
    """Its stations do not call here, and the platform cannot correct ids: the capability is absent."""
    await set_up(phone)
    seen = await knock(door)

    class Elsewhere:
        def of(self, cpo: Cpo) -> object:
            return object()

    elsewhere: Any = Elsewhere()
    sue = await actor(ports, "sue")
    with pytest.raises(CannotAdopt):
        await adopt_for(replace(ports, platforms=elsewhere), sue, "c-0000-1", seen.id)
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    cpo = msgspec.structs.replace(found[0], platform="acceptance")
    current = await ports.store.get(Commissioning, "c-0000-1")
    assert current is not None
    live = live_view(Live(charge_station_id=TYPED))
    assert await strangers_for(ports, sue, found[0], current[0], live) != []
    assert await strangers_for(ports, sue, cpo, current[0], live) == []


async def test_what_is_older_than_a_quarter_of_an_hour_is_not_offered(
    phone: Phone, door: World, clock: FakeClock
) -> None:
    await set_up(phone)
    await knock(door)
    clock.forward(minutes=14)
    assert len((await phone.view())["strangers"]) == 1
    clock.forward(minutes=2)
    assert (await phone.view())["strangers"] == []
