"""Scanned and typed texts: every kind of code ends in a clear answer, and what is foreign is unknown."""

import pytest

from app.actions.labels import make_label
from app.domain.model import DeployState
from app.domain.people import Actor
from app.ports import Ports
from tests.conftest import ABC
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import begin, ready_to_hand_over, stock_station


async def test_our_label_of_a_stock_station_in_any_spelling(phone: Phone, ports: Ports, sue: Actor) -> None:
    await stock_station(ports)
    label = await make_label(ports, sue, charge_station_id="UTR-1", evse_sequence_number=2, cpo_id=ABC)
    for text in (f"HTTP://LOCALHOST:8000/S/{label.code}", f"http://other.host/s/{label.code.lower()}", label.code):
        found = (await phone.get("/lookup", text=text)).json()
        assert (found["outcome"], found["reason"], found["station_id"]) == ("station", "stock", "UTR-1"), text
        assert (found["label"], found["evse_sequence_number"]) == (label.code, 2)
        assert found["station"]["charge_station_id"] == "UTR-1"
        assert found["location"]["name"] == "Garage Noord"


async def test_a_label_may_point_to_a_station_that_is_not_known_yet(phone: Phone, ports: Ports, sue: Actor) -> None:
    label = await make_label(ports, sue, charge_station_id="NEW-7", cpo_id=ABC)
    found = (await phone.get("/lookup", text=label.code)).json()
    assert (found["outcome"], found["station_id"], found["cpo_id"]) == ("new_station", "NEW-7", ABC)
    assert found["may_create"] is True


async def test_a_damaged_label_says_so(phone: Phone, ports: Ports, sue: Actor) -> None:
    label = await make_label(ports, sue, charge_station_id="NEW-7", cpo_id=ABC)
    wrong = ("2" if label.code[0] != "2" else "3") + label.code[1:]
    for text in (f"HTTP://LOCALHOST:8000/S/{wrong}", wrong, wrong.lower()):
        found = (await phone.get("/lookup", text=text)).json()
        assert (found["outcome"], found["reason"], found["may_create"]) == ("unreadable", "bad_check", False)


async def test_a_label_of_another_cpo_is_unknown(phones: Phones, ports: Ports, sue: Actor) -> None:
    await stock_station(ports)
    label = await make_label(ports, sue, charge_station_id="UTR-1", cpo_id=ABC)
    carl = await phones.of("carl")
    found = (await carl.get("/lookup", text=label.code)).json()
    assert (found["outcome"], found["reason"], found["station"]) == ("unknown", "label_unknown", None)
    typed = (await carl.get("/lookup", text="UTR-1")).json()
    assert (typed["outcome"], typed["station"], typed["nearest"]) == ("new_station", None, [])


@pytest.mark.parametrize("text", ["https://shop.example/buy?x=1", "https://pay.example/evse/12345"])
async def test_a_foreign_code_is_not_followed_and_its_parts_are_offered(phone: Phone, text: str) -> None:
    found = (await phone.get("/lookup", text=text)).json()
    assert (found["outcome"], found["reason"]) == ("unknown", "foreign_code")
    assert found["candidates"]


async def test_a_foreign_url_whose_last_part_is_a_known_station_is_that_station(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    found = (await phone.get("/lookup", text="https://maker.example/charge/UTR-1")).json()
    assert (found["outcome"], found["station_id"]) == ("station", "UTR-1")


async def test_secrets_in_makers_codes_never_come_back(phone: Phone) -> None:
    answer = await phone.get("/lookup", text="SN=EH123456;PIN=4711")
    assert "EH123456" in answer.text
    assert answer.json()["candidates"] in ([], ["EH123456"])
    assert "4711" not in answer.text.replace("SN=EH123456;PIN=4711", "")


async def test_an_empty_code_is_unreadable(phone: Phone) -> None:
    found = (await phone.get("/lookup", text="  ")).json()
    assert (found["outcome"], found["reason"]) == ("unreadable", "empty")


async def test_an_id_in_other_case_or_with_a_blank_names_the_known_one(phone: Phone, ports: Ports) -> None:
    await stock_station(ports, "UTR-DEPOT-1")
    cased = (await phone.get("/lookup", text="utr-depot-1")).json()
    assert (cased["outcome"], cased["reason"], cased["nearest"]) == ("new_station", "other_case", ["UTR-DEPOT-1"])
    blank = (await phone.get("/lookup", text="UTR DEPOT 1")).json()
    assert blank["nearest"] == ["UTR-DEPOT-1"]


async def test_mine_and_begun_by_other_show_how_far_it_is(phones: Phones, ports: Ports) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    await stock_station(ports)
    await begin(anna)
    mine = (await anna.get("/lookup", text="UTR-1")).json()
    assert (mine["reason"], mine["commissioning"]["mine"]) == ("mine", True)
    other = (await ben.get("/lookup", text="UTR-1")).json()
    assert (other["reason"], other["commissioning"]["begun_by"]["name"]) == ("begun_by_other", "Anna")
    assert other["commissioning"]["mine"] is False


async def test_a_commissioning_of_a_station_not_yet_created_is_found_by_its_id(phones: Phones) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    await begin(anna, "NEW-1")
    found = (await ben.get("/lookup", text="NEW-1")).json()
    assert (found["outcome"], found["reason"], found["cpo_id"]) == ("station", "begun_by_other", ABC)


async def test_in_production_says_who_handed_it_over_and_when(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await ready_to_hand_over(phone)
    await phone.ok("hand_over")
    found = (await phone.get("/lookup", text="UTR-1")).json()
    assert (found["reason"], found["last"]["by"]["name"]) == ("in_production", "Anna")
    assert found["last"]["handed_over"] == "2026-03-02T08:00:00Z"


async def test_a_station_taken_out_of_use_is_not_stock(phone: Phone, ports: Ports) -> None:
    await stock_station(ports, state=DeployState.DEPRECATED)
    assert (await phone.get("/lookup", text="UTR-1")).json()["reason"] == "in_production"


@pytest.mark.parametrize("where", ["lat=nan&lon=5", "lat=inf&lon=inf", "lat=1e308&lon=-1e308", "lat=91&lon=5"])
async def test_a_place_that_is_nowhere_is_refused(phone: Phone, where: str) -> None:
    answer = await phone.get(f"/locations?cpo={ABC}&{where}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_half_a_place_and_any_limit_are_taken(phone: Phone) -> None:
    answer = await phone.get(f"/locations?cpo={ABC}&lat=52&limit=99999999999999999999")
    assert len(answer.json()["items"]) == 2
