from app.actions.work import open_commissioning
from app.domain.commissioning import Before, Commissioning, CommissioningKind, CommissioningState, begin
from app.domain.people import Actor, Cpo
from app.ports import Change, Ports, Put
from tests.conftest import ABC


async def begun(ports: Ports, id: str, cpo_id: str, state: CommissioningState) -> Commissioning:
    cpo = await ports.store.get(Cpo, cpo_id)
    assert cpo is not None
    made = begin(
        id=id,
        cpo=cpo[0],
        charge_station_id="UTR-1",
        kind=CommissioningKind.NEW,
        person_id="anna",
        before=Before(existed=False),
        now=ports.clock.now(),
    )
    made.state = state
    await ports.store.commit(Change(writes=(Put(made),)))
    return made


async def test_the_open_commissioning_of_a_station_is_read_in_scope(ports: Ports, anna: Actor, carl: Actor) -> None:
    await begun(ports, "c-1", ABC, CommissioningState.ABANDONED)
    assert await open_commissioning(ports, anna, "UTR-1") is None
    current = await begun(ports, "c-2", ABC, CommissioningState.OPEN)
    assert await open_commissioning(ports, anna, "UTR-1") == current
    assert await open_commissioning(ports, carl, "UTR-1") is None, "not for another CPO"
    assert await open_commissioning(ports, anna, "UTR-2") is None
