"""Cards and transactions, as a station reports them."""

from typing import Any

import msgspec
import pytest

from app.domain.checks import CheckState
from app.domain.evidence import masked
from app.domain.facts import FactKind
from app.domain.live import Transaction
from app.ports import Change, Put
from tests.ocpp.conftest import Client, World


async def authorized(client: Client, card: str) -> str:
    answer = await client.ask("Authorize", {"idTag": card})
    assert answer[0] == 3
    return str(answer[2]["idTagInfo"]["status"])


async def test_only_the_cpos_test_cards_are_accepted_in_any_case(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        assert await authorized(client, "testcard") == "Accepted"
        assert await authorized(client, "04A2B3C4D5E6") == "Invalid"
    facts = await world.facts(FactKind.CARD_SHOWN)
    assert [fact.data for fact in facts] == [
        {"card": "…card", "accepted": True},
        {"card": "…D5E6", "accepted": False},
    ]


async def test_any_card_is_accepted_while_the_tests_are_open(world: World) -> None:
    begun = await world.commissioning()
    async with world.client() as client:
        await client.boot()
        assert await authorized(client, "04A2B3C4D5E6") == "Accepted"
        current, rev = await world.current()
        for check in current.checks:
            check.state = CheckState.DONE
        await world.ports.store.commit(Change(writes=(Put(current, rev),)))
        assert await authorized(client, "04A2B3C4D5E6") == "Invalid"
    assert begun.id == current.id


async def test_a_station_whose_commissioning_was_left_lying_gives_no_energy_away(world: World) -> None:
    clock: Any = world.ports.clock
    await world.commissioning()
    async with world.client() as client:
        await client.boot()
        clock.forward(hours=2, seconds=1)
        assert await authorized(client, "04A2B3C4D5E6") == "Invalid"
        assert await authorized(client, "TESTCARD") == "Accepted"
        current, rev = await world.current()
        resumed = msgspec.structs.replace(current, changed=clock.now())
        await world.ports.store.commit(Change(writes=(Put(resumed, rev),)))
        assert await authorized(client, "04A2B3C4D5E6") == "Accepted"


def test_a_card_in_a_fact_cannot_be_copied_from_it() -> None:
    assert masked("04A2B3C4D5E6") == "…D5E6" and masked("123") == "…"


START = {"connectorId": 1, "idTag": "TESTCARD", "meterStart": 1000, "timestamp": "2026-03-02T08:00:00Z"}


async def started(client: Client, **more: Any) -> dict[str, Any]:
    answer = await client.ask("StartTransaction", START | more)
    assert answer[0] == 3
    return dict(answer[2])


async def transaction(world: World, number: int) -> Transaction:
    found = await world.ports.store.get(Transaction, number)
    assert found is not None
    return found[0]


async def test_a_charge_is_stored_from_start_to_stop(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        begun = await started(client)
        assert begun["idTagInfo"] == {"status": "Accepted"} and begun["transactionId"] > 0
        number = begun["transactionId"]
        values = [{"timestamp": "x", "sampledValue": [{"value": "1.2", "unit": "kWh"}]}]
        meter = {"connectorId": 1, "transactionId": number, "meterValue": values}
        assert await client.ask("MeterValues", meter) == [3, "m3", {}]
        assert (await transaction(world, number)).meter_last == 1200
        stop = {"transactionId": number, "meterStop": 1500, "timestamp": "2026-03-02T08:30:00Z", "reason": "Local"}
        assert await client.ask("StopTransaction", stop) == [3, "m4", {}]
        stopped = await transaction(world, number)
        assert (stopped.meter_stop, stopped.reason, stopped.stopped) == (1500, "Local", world.ports.clock.now())
        assert (await client.ask("StopTransaction", stop | {"meterStop": 9}))[0] == 3
        assert await transaction(world, number) == stopped
    first, last = await world.facts(FactKind.TRANSACTION_STARTED, FactKind.TRANSACTION_STOPPED)
    assert first.data == {"transaction_id": number, "connector_id": "1", "card": "…CARD", "accepted": True}
    assert last.data == {"transaction_id": number, "connector_id": "1", "energy_wh": 500, "reason": "Local"}


async def test_a_start_said_again_is_the_same_transaction(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        first = await started(client)
        assert await started(client) == first
        assert (await started(client, connectorId=2))["transactionId"] != first["transactionId"]
    assert len(await world.facts(FactKind.TRANSACTION_STARTED)) == 2


async def test_an_unknown_card_gets_its_transaction_and_is_invalid(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        begun = await started(client, idTag="STRANGER")
    assert begun["idTagInfo"] == {"status": "Invalid"}
    assert (await transaction(world, begun["transactionId"])).accepted is False


async def test_a_meter_value_without_a_transaction_counts_for_the_one_at_its_connector(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        number = (await started(client, connectorId=2))["transactionId"]
        values = [{"timestamp": "x", "sampledValue": [{"value": "1300"}]}]
        for connector in (0, 1, 2, 99999):
            assert (await client.ask("MeterValues", {"connectorId": connector, "meterValue": values}))[0] == 3
        assert (await transaction(world, number)).meter_last == 1300


@pytest.mark.parametrize("number", [0, -1, 424242, 2**40])
async def test_a_stop_of_nothing_we_know_is_answered_and_stored_nowhere(world: World, number: int) -> None:
    async with world.client() as client:
        await client.boot()
        stop = {"transactionId": number, "meterStop": 1, "timestamp": "2026-03-02T08:30:00Z"}
        assert (await client.ask("StopTransaction", stop))[0] == 3
    assert await world.facts(FactKind.TRANSACTION_STOPPED) == []


async def test_one_station_cannot_stop_anothers_charge(world: World) -> None:
    await world.add_station("NL-ABC-2")
    async with world.client() as mine, world.client("NL-ABC-2") as other:
        await mine.boot()
        number = (await started(mine))["transactionId"]
        stop = {"transactionId": number, "meterStop": 1, "timestamp": "2026-03-02T08:30:00Z"}
        assert (await other.ask("StopTransaction", stop))[0] == 3
        assert (await transaction(world, number)).stopped is None
