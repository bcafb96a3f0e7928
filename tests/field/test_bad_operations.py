"""Operations that cannot be: each is refused in words and harms nothing."""

import asyncio

import msgspec
import pytest

from app.domain.commissioning import Commissioning, CommissioningState, Operation
from app.domain.live import StationPassword
from app.domain.model import DeployState
from app.domain.people import SYSTEM, Cpo, keyed_digest
from app.ports import Change, Ports, Put, StationQuery
from tests.conftest import ABC, FOREIGN_YARD, XYZ, YARD
from tests.fakes import FakeClock
from tests.field.conftest import Phone, Phones
from tests.field.test_sync import DUTCH, HOME, NEW_HOME, abc, begin, stock_station


async def test_a_station_in_production_is_not_begun(phone: Phone, ports: Ports) -> None:
    await stock_station(ports, state=DeployState.PRODUCTION)
    refused = await phone.refused("begin", station_id="UTR-1", cpo_id=ABC)
    assert (refused["code"], refused["detail"]["deploy_state"]) == ("in_production", "Production")


async def test_another_cpos_station_cannot_be_begun_or_created(phones: Phones, ports: Ports) -> None:
    await stock_station(ports)
    carl = await phones.of("carl")
    assert (await carl.refused("begin", station_id="UTR-1", cpo_id=XYZ))["code"] == "station_exists"
    assert (await carl.refused("begin", station_id="UTR-1", cpo_id=ABC))["code"] == "unknown_cpo"


async def test_another_cpos_commissioning_does_not_exist_for_you(phones: Phones) -> None:
    anna, carl = await phones.of("anna"), await phones.of("carl")
    await begin(anna, "NEW-1")
    assert (await carl.get("/commissionings/c-0000-1")).status_code == 404
    assert (await carl.refused("continue"))["code"] == "unknown_commissioning"
    synced = await carl.post("/sync", {"operations": [carl.operation("hand_over")]})
    assert synced.json()["commissionings"] == []


async def test_a_foreign_commissioning_of_the_same_id_is_not_told(phones: Phones) -> None:
    anna, carl = await phones.of("anna"), await phones.of("carl")
    await begin(anna, "NEW-1")
    refused = await carl.refused("begin", "c-0000-2", station_id="NEW-1", cpo_id=XYZ)
    assert (refused["code"], refused["detail"]) == ("station_exists", {"charge_station_id": "NEW-1"})


@pytest.mark.parametrize("station_id", ["", " x ", "batch", "ChargestationTemplate", "a\nb", "x" * 300, "a//b"])
async def test_an_id_that_no_station_can_have_is_refused_at_once(phone: Phone, station_id: str) -> None:
    refused = await phone.refused("begin", station_id=station_id, cpo_id=ABC)
    assert refused["code"] in ("invalid_field", "missing_field")
    assert refused["detail"]["field"] == "charge_station_id"


async def test_what_is_not_said_about_parking_limits_stays_said(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH], none_checked=True)
    await phone.ok("describe_evse", evse_sequence_numbers=[1], floor_level="1")
    assert (await phone.view())["none_checked"] == [1]


async def test_a_foreign_location_does_not_exist_for_you(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    assert (await phone.refused("choose_location", location_id=FOREIGN_YARD))["code"] == "unknown_location"


async def test_a_template_that_does_not_exist_changes_nothing(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    assert (await phone.refused("apply_template", template_id="no-such"))["code"] == "unknown_template"
    assert (await phone.view())["template"] is None


async def test_texts_need_the_hardware_first(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    refused = await phone.refused("describe_evse", evse_sequence_numbers=[1], directions=[DUTCH])
    assert refused["code"] == "hardware_first"


async def test_a_socket_that_is_not_there_is_named(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    refused = await phone.refused("describe_evse", evse_sequence_numbers=[3], directions=[DUTCH])
    assert (refused["code"], refused["message"]) == (
        "invalid_field",
        "evse_sequence_numbers is not valid: expected one of [1, 2]",
    )


async def test_installers_create_stations_only_where_they_may(phone: Phone, ports: Ports) -> None:
    found = await ports.store.get(Cpo, ABC)
    assert found is not None
    strict = msgspec.structs.replace(found[0], may_create_stations=False, may_create_locations=False)
    await ports.store.commit(Change(writes=(Put(strict, found[1]),)))
    assert (await phone.refused("begin", station_id="NEW-1", cpo_id=ABC))["code"] == "may_not_create"
    home = {"id": NEW_HOME, **HOME}
    assert (await phone.refused("create_location", None, location=home))["code"] == "may_not_create"


async def test_a_location_without_its_fields_names_the_first_that_misses(phone: Phone, ports: Ports) -> None:
    refused = await phone.refused("create_location", None, location={"id": NEW_HOME, "cpo_id": ABC, "name": "x"})
    assert (refused["code"], refused["detail"]["field"]) == ("missing_field", "address")
    assert await ports.store.location(NEW_HOME) is None


async def test_a_location_id_that_exists_is_refused(phone: Phone) -> None:
    home = {"id": YARD.upper(), **HOME}
    assert (await phone.refused("create_location", None, location=home))["code"] == "location_exists"


async def test_a_password_is_stored_as_digest_and_fixed_after_first_use(
    phone: Phone, ports: Ports, clock: FakeClock
) -> None:
    await begin(phone, "NEW-1")
    await phone.ok("set_password", password="abcdefghij0123456789")
    stored = await ports.store.get(StationPassword, "NEW-1")
    assert stored is not None
    assert stored[0].digest == keyed_digest(ports.digest_key, "NEW-1:abcdefghij0123456789")
    everything = repr([await ports.store.find(Operation), await ports.store.facts(), stored])
    assert "abcdefghij0123456789" not in everything
    assert (await phone.view())["connect"]["password_changeable"] is True
    used = msgspec.structs.replace(stored[0], used=clock.now())
    await ports.store.commit(Change(writes=(Put(used, stored[1]),)))
    assert (await phone.view())["connect"]["password_changeable"] is False
    assert (await phone.refused("set_password", password="zzzzzzzzzz0123456789"))["code"] == "password_in_use"


async def test_a_short_password_is_refused(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    assert (await phone.refused("set_password", password="short"))["code"] == "invalid_field"


async def test_unknown_kinds_and_wrong_bodies_are_refused_by_name(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    unknown = await phone.refused("explode")
    assert unknown["code"] == "invalid_field" and "hand_over" in unknown["message"]
    wrong = await phone.refused("choose_location", location_id=7)
    assert wrong["code"] == "invalid_field" and "location_id" in wrong["message"]


async def test_broken_json_is_malformed_and_a_wrong_list_is_invalid(phone: Phone) -> None:
    headers = phone.headers | {"Content-Type": "application/json"}
    broken = await phone.client.post("/field/sync", content=b'{"operations": [', headers=headers)
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed")
    nested = await phone.client.post("/field/sync", content=b'{"operations":' + b"[" * 5000, headers=headers)
    assert (nested.status_code, nested.json()["code"]) in ((400, "malformed"), (422, "invalid_field"))
    wrong = await phone.post("/sync", {"operations": [{"id": 7}]})
    assert (wrong.status_code, wrong.json()["detail"]["field"]) == (422, "operations[0].id")
    many = await phone.post("/sync", {"operations": [phone.operation("resume") for _ in range(201)]})
    assert many.status_code == 422
    zoneless = phone.operation("resume") | {"made_at": "2026-03-02T08:00:00"}
    assert (await phone.post("/sync", {"operations": [zoneless]})).json()["detail"]["field"] == "operations.made_at"


async def test_a_closed_commissioning_takes_no_more_changes(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("abandon")
    refused = await phone.refused("waive_check", check="tests", reason="late")
    assert (refused["code"], refused["detail"]["state"]) == ("commissioning_closed", "abandoned")


async def test_one_open_commissioning_for_each_station(phones: Phones, ports: Ports) -> None:
    anna, ben = await phones.of("anna"), await phones.of("ben")
    await stock_station(ports)
    begins = [
        anna.do(anna.operation("begin", "c-0000-1", station_id="UTR-1", cpo_id=ABC)),
        ben.do(ben.operation("begin", "c-0000-2", station_id="UTR-1", cpo_id=ABC)),
    ]
    results = [answer[0]["state"] for answer in await asyncio.gather(*begins)]
    assert sorted(results) == ["accepted", "refused"]
    state = CommissioningState.OPEN.value
    assert len(await ports.store.find(Commissioning, charge_station_id="UTR-1", state=state)) == 1


async def test_an_id_of_a_commissioning_begins_no_second_one(phone: Phone) -> None:
    await begin(phone, "NEW-1")
    refused = await phone.refused("begin", station_id="NEW-2", cpo_id=ABC)
    assert (refused["code"], refused["detail"]["field"]) == ("invalid_field", "commissioning_id")


async def test_nothing_was_written_by_refusals(phone: Phone, ports: Ports) -> None:
    before = (await ports.platforms.of(await abc(ports)).stations(SYSTEM, StationQuery(cpo_ids=None))).total
    await phone.refused("begin", station_id="NEW-1", cpo_id="Nobody")
    await phone.refused("continue", "c-none-1")
    after = (await ports.platforms.of(await abc(ports)).stations(SYSTEM, StationQuery(cpo_ids=None))).total
    assert (before, await ports.store.find(Commissioning)) == (after, [])
