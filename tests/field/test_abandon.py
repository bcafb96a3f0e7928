"""Not my station: what was there before is there again, and nothing of others is touched."""

import msgspec

from app.actions.passwords import set_station_password
from app.domain.live import StationPassword
from app.domain.model import DeployState
from app.domain.people import SYSTEM
from app.ports import Change, Ports, Put
from tests.conftest import ABC, GARAGE, TWIN, XYZ, YARD
from tests.fakes import FakeCommands
from tests.field.conftest import Phone
from tests.field.test_sync import DUTCH, begin, patch, station, stock_station


async def test_not_my_station_restores_what_was(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    before = await station(ports)
    await begin(phone)
    await phone.ok("choose_location", location_id=YARD)
    await phone.ok("describe_evse", evse_sequence_numbers=[1, 2], directions=[DUTCH], parking_restrictions=["EV_ONLY"])
    await phone.ok("abandon")
    after = await station(ports)
    assert after.location_id == before.location_id
    assert [e.directions for e in after.evses] == [e.directions for e in before.evses]
    assert after.deploy_state is DeployState.STOCK
    assert (await phone.view())["state"] == "abandoned"


async def test_not_my_station_takes_back_a_station_that_was_created(
    phone: Phone, ports: Ports, commands: FakeCommands
) -> None:
    await begin(phone, "TYPO-1")
    await phone.ok("choose_location", location_id=YARD)
    await phone.ok("apply_template", template_id=TWIN)
    await phone.ok("set_password", password="abcdefghij0123456789")
    await phone.ok("abandon")
    assert await ports.store.station("TYPO-1") is None
    assert await ports.store.get(StationPassword, "TYPO-1") is None
    assert ("disconnect abandoned", "TYPO-1") in commands.sent
    await begin(phone, "TYPO-1", "c-0000-2")


async def test_not_my_station_leaves_alone_what_others_changed(phone: Phone, ports: Ports) -> None:
    await stock_station(ports)
    await begin(phone)
    await phone.ok("choose_location", location_id=YARD)
    crm = {"charge_station_id": "UTR-1", "remarks": "Ordered by the city", "default_charge_station_tariff_id": "T-NEW"}
    await patch(ports, crm)
    newer = [{"language": "nl", "text": "Door het CRM geschreven"}]
    await patch(ports, {"charge_station_id": "UTR-1", "evses": [{"evse_sequence_number": 1, "directions": newer}]})
    await phone.ok("abandon")
    after = await station(ports)
    assert (after.location_id, after.remarks) == (GARAGE, "Ordered by the city")
    assert after.default_charge_station_tariff_id == "T-NEW"
    assert msgspec.to_builtins(after.evses[0].directions) == newer


async def test_not_my_station_gives_the_real_station_its_password_back(
    phone: Phone, ports: Ports, commands: FakeCommands
) -> None:
    await stock_station(ports)
    await set_station_password(ports, SYSTEM, "UTR-1", "the0real0password000")
    former = await ports.store.get(StationPassword, "UTR-1")
    await begin(phone)
    await phone.ok("set_password", password="abcdefghij0123456789")
    await phone.ok("abandon")
    restored = await ports.store.get(StationPassword, "UTR-1")
    assert former is not None and restored is not None and restored[0] == former[0]
    assert ("disconnect abandoned", "UTR-1") in commands.sent


async def test_not_my_station_leaves_the_password_that_another_cpo_set_for_this_id_meanwhile(
    phone: Phone, ports: Ports, commands: FakeCommands
) -> None:
    await begin(phone, "TYPO-1")
    await phone.ok("set_password", password="abcdefghij0123456789")
    ours = await ports.store.get(StationPassword, "TYPO-1")
    assert ours is not None and ours[0].cpo_id == ABC
    theirs = StationPassword(charge_station_id="TYPO-1", digest="theirs", set_at=ports.clock.now(), cpo_id=XYZ)
    await ports.store.commit(Change(writes=(Put(theirs, ours[1]),)))
    await phone.ok("abandon")
    left = await ports.store.get(StationPassword, "TYPO-1")
    assert left is not None and left[0] == theirs
    assert commands.sent == []
