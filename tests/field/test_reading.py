"""What the phone reads: home, locations near me, station models."""

import msgspec

from app.domain.people import Person
from app.ports import Change, Ports, Put
from tests.conftest import ABC, GARAGE, TWIN, YARD
from tests.fakes import FakeClock
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import begin, ready_to_hand_over, stock_station


async def test_home_has_my_open_ones_and_what_i_finished_lately(phones: Phones, ports: Ports, clock: FakeClock) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    await stock_station(ports)
    await begin(anna, "UTR-1", "c-0000-1")
    await begin(anna, "NEW-2", "c-0000-2")
    await begin(ben, "NEW-3", "c-0000-3")
    await ready_to_hand_over(anna, "c-0000-1")
    await anna.ok("hand_over", "c-0000-1")
    home = (await anna.get("/home")).json()
    assert [c["id"] for c in home["open"]] == ["c-0000-2"]
    assert [c["id"] for c in home["recent"]] == ["c-0000-1"]
    clock.forward(days=15)
    assert (await anna.get("/home")).json()["recent"] == []


async def test_locations_come_nearest_first_with_their_distance(phone: Phone) -> None:
    near = (await phone.get("/locations", cpo=ABC, lat=52.0907, lon=5.1214)).json()["items"]
    assert [item["id"] for item in near] == [YARD, GARAGE]
    assert near[0]["distance_m"] < 10 and 1000 < near[1]["distance_m"] < 1100
    found = (await phone.get("/locations", cpo=ABC, text="noord")).json()["items"]
    assert [(item["id"], item["distance_m"]) for item in found] == [(GARAGE, None)]


async def test_locations_of_another_cpo_do_not_exist(phone: Phone) -> None:
    answer = await phone.get("/locations", cpo="XYZ Power")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_cpo")


async def test_station_models_say_how_often_this_cpo_uses_them(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW-1")
    await phone.ok("apply_template", template_id=TWIN)
    (item,) = (await phone.get("/templates", cpo=ABC)).json()["items"]
    assert (item["template_id"], item["used"], len(item["evse_templates"])) == (TWIN, 1, 2)


async def test_a_forgotten_person_has_no_name_left(phone: Phone, ports: Ports) -> None:
    await begin(phone, "NEW-1")
    found = await ports.store.get(Person, "anna")
    assert found is not None
    await ports.store.commit(Change(writes=(Put(msgspec.structs.replace(found[0], name=""), found[1]),)))
    assert (await phone.view())["begun_by"] == {"id": "anna", "name": ""}
