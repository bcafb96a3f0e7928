"""What the CPO's platform keeps us from doing is answered `later`, holds up its own commissioning and no other."""

from app.domain.commissioning import Operation
from app.platforms.remote import RemotePlatform
from app.platforms.remote.wire import Wire
from app.ports import Ports
from tests.conftest import ABC, OnePlatform
from tests.contract.platform_fixtures import client_of
from tests.field.conftest import Phone


async def test_later_holds_up_its_own_commissioning_and_no_other(phone: Phone, ports: Ports) -> None:
    await phone.ok("begin", "c-0000-1", station_id="UTR-1", cpo_id=ABC)
    assert isinstance(ports.platforms, OnePlatform)
    begin = phone.operation("begin", "c-0000-2", station_id="UTR-2", cpo_id=ABC)
    behind = phone.operation("park", "c-0000-2", reason="sim")
    other = phone.operation("park", "c-0000-1", reason="sim")
    async with client_of("http://127.0.0.1:1") as client:
        ports.platforms.chosen[ABC] = RemotePlatform(Wire(client), ports.store, ports.clock, ports.ids, ABC)
        results = await phone.do(begin, behind, other)
    told = [(result["state"], result["code"]) for result in results]
    assert told == [("later", "platform_unavailable"), ("later", "waits_for_earlier"), ("accepted", None)]
    assert await ports.store.get(Operation, begin["id"]) is None
    ports.platforms.chosen.clear()
    assert [result["state"] for result in await phone.do(begin, behind)] == ["accepted", "accepted"]
