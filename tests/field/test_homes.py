"""Homes: seen by the person who works there and by support, whatever anybody calls themselves."""

from typing import Any

import msgspec
import pytest

from app.domain.model import ChargerType
from app.domain.people import Cpo, Person, Role
from app.ports import Change, Ports, Put
from tests.conftest import ABC, GARAGE, TWIN, YARD, person
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import NEW_HOME, begin, stock_station

ADDRESS, TEXT = "Kanaalweg 58", "Behind the blue gate"
HOME = {"id": NEW_HOME, "cpo_id": ABC, "name": ADDRESS, "address": ADDRESS, "city": "Utrecht", "postal_code": "3526KM"}
PLACE = {"country": "NLD", "coordinates": {"latitude": "52.071234", "longitude": "5.101234"}}


async def rename(ports: Ports, person_id: str, name: str) -> None:
    found = await ports.store.get(Person, person_id)
    assert found is not None
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(found[0], name=name), found[1]),)))


@pytest.fixture
async def cast(phones: Phones, ports: Ports) -> dict[str, Phone]:
    """ABC is a CPO of homes with two installers called Jan, and one who joined as "system", who makes locations too."""
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    homes = msgspec.structs.replace(found[0], charger_type=ChargerType.HOME)
    new = person("third", Role.INSTALLER, ABC, now=ports.clock.now())
    await ports.store.commit(Change(writes=(Put(homes, found[1]), Put(new))))
    for person_id, name in (("anna", "Jan"), ("ben", "Jan"), ("third", "system")):
        await rename(ports, person_id, name)
    return {person_id: await phones.of(person_id) for person_id in ("anna", "ben", "third", "sue")}


async def picks(phone: Phone) -> list[str]:
    return [item["id"] for item in (await phone.get("/locations", cpo=ABC)).json()["items"]]


async def at_home(phone: Phone, station_id: str = "HOME-104") -> None:
    """Everything up to the hand-over, at a home that this phone made."""
    await begin(phone, station_id)
    await phone.ok("create_location", None, location=HOME | PLACE)
    await phone.ok("choose_location", location_id=NEW_HOME)
    await phone.ok("apply_template", template_id=TWIN)
    directions = [{"language": "en", "text": TEXT}]
    await phone.ok("describe_evse", evse_sequence_numbers=[1, 2], directions=directions, none_checked=True)


async def handed_over(phone: Phone) -> None:
    for check in ("online", "tests"):
        await phone.ok("waive_check", check=check, reason="not part of this test")
    await phone.ok("hand_over")


def tells(answer: Any) -> bool:
    return any(secret in answer.text for secret in (ADDRESS, TEXT, "52.071234", NEW_HOME))


async def test_the_picker_shows_ones_own_homes_by_person_never_by_name(cast: dict[str, Phone], ports: Ports) -> None:
    await cast["anna"].ok("create_location", None, location=HOME | PLACE)
    assert await picks(cast["anna"]) == [NEW_HOME]
    assert await picks(cast["ben"]) == [] and await picks(cast["third"]) == []
    assert sorted(await picks(cast["sue"])) == sorted([YARD, GARAGE, NEW_HOME])
    await rename(ports, "anna", "Johanna")
    assert await picks(cast["anna"]) == [NEW_HOME], "another name, the same person"


async def test_a_home_where_one_worked_is_ones_own(cast: dict[str, Phone], ports: Ports) -> None:
    await stock_station(ports)
    await begin(cast["anna"])
    await cast["anna"].ok("choose_location", location_id=GARAGE)
    assert await picks(cast["anna"]) == [GARAGE] and await picks(cast["ben"]) == []


async def test_nobody_puts_a_station_at_somebody_elses_home(cast: dict[str, Phone]) -> None:
    await cast["anna"].ok("create_location", None, location=HOME | PLACE)
    for name, key in (("ben", "c-0000-2"), ("third", "c-0000-3")):
        await begin(cast[name], f"NEW-{name}", key)
        for place in (NEW_HOME, NEW_HOME.upper(), YARD):
            refused = await cast[name].refused("choose_location", key, location_id=place)
            assert refused["code"] == "unknown_location", place
        view = await cast[name].view(key)
        assert view["location"] is None and ADDRESS not in str(view)


async def test_a_station_being_commissioned_at_a_home_is_found_without_the_home(cast: dict[str, Phone]) -> None:
    await at_home(cast["anna"])
    for name in ("ben", "third"):
        answer = await cast[name].get("/lookup", text="HOME-104")
        found = answer.json()
        assert (found["outcome"], found["reason"]) == ("station", "begun_by_other")
        assert (found["station"], found["location"], found["commissioning"]["location"]) == (None, None, None)
        assert not tells(answer)
        assert not tells(await cast[name].get("/commissionings/c-0000-1"))
    for name in ("anna", "sue"):
        answer = await cast[name].get("/lookup", text="HOME-104")
        assert answer.json()["location"]["address"] == ADDRESS and TEXT in answer.text
        view = (await cast[name].get("/commissionings/c-0000-1")).json()
        assert view["location"]["address"] == ADDRESS and view["station"]["location_id"] == NEW_HOME


async def test_who_takes_the_work_over_sees_where_it_is(cast: dict[str, Phone]) -> None:
    await at_home(cast["anna"])
    await cast["ben"].ok("continue")
    assert (await cast["ben"].view())["location"]["address"] == ADDRESS


async def test_a_station_in_use_at_a_home_says_so_and_not_where(cast: dict[str, Phone]) -> None:
    await at_home(cast["anna"])
    await handed_over(cast["anna"])
    answer = await cast["ben"].get("/lookup", text="HOME-104")
    found = answer.json()
    assert (found["outcome"], found["reason"], found["station"]) == ("station", "in_production", None)
    assert found["last"]["by"]["name"] == "Jan"
    assert not tells(answer)
    assert (await cast["anna"].get("/lookup", text="HOME-104")).json()["location"]["address"] == ADDRESS


async def test_a_station_that_waits_for_its_release_stands_at_a_home_already(
    cast: dict[str, Phone], ports: Ports
) -> None:
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    slow = msgspec.convert(msgspec.to_builtins(found[0]) | {"release_on": "support"}, Cpo)
    await ports.store.commit(Change(writes=(Put(slow, found[1]),)))
    await at_home(cast["anna"])
    await handed_over(cast["anna"])
    answer = await cast["ben"].get("/lookup", text="HOME-104")
    assert (answer.json()["reason"], answer.json()["station"]) == ("stock", None)
    assert not tells(answer)


async def test_near_ids_name_no_station_at_somebody_elses_home(cast: dict[str, Phone]) -> None:
    await at_home(cast["anna"])
    for near in ("HOME-105", "HOME-1O4"):
        assert (await cast["ben"].get("/lookup", text=near)).json()["nearest"] == [], near
        assert (await cast["anna"].get("/lookup", text=near)).json()["nearest"] == ["HOME-104"]
    spelled = (await cast["ben"].get("/lookup", text="home -104")).json()
    assert spelled["nearest"] == ["HOME-104"], "who spells the whole id has it before them"


async def test_a_station_from_the_warehouse_is_found_chosen_and_named(cast: dict[str, Phone], ports: Ports) -> None:
    await stock_station(ports, "STOCK-1")
    found = (await cast["ben"].get("/lookup", text="STOCK-1")).json()
    assert (found["outcome"], found["reason"], found["location"]["id"]) == ("station", "stock", GARAGE)
    assert found["station"]["charge_station_id"] == "STOCK-1"
    assert (await cast["ben"].get("/lookup", text="STOCK-2")).json()["nearest"] == ["STOCK-1"]
    await begin(cast["ben"], "STOCK-1")
    view = await cast["ben"].view()
    assert view["station"]["location_id"] == GARAGE
    assert await picks(cast["ben"]) == [], "the warehouse is in nobody's list of homes"
