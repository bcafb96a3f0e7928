"""Keys over their lives: their last day, their replacement, their rate, and when they were used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from app.actions.subscriptions import (
    change_subscription,
    create_subscription,
    list_subscriptions,
    revoke_subscription,
    rotate_subscription,
)
from app.actions.uses import Uses
from app.api.auth import Keys
from app.api.routes import router
from app.bus import Bus
from app.domain.errors import NotSignedIn
from app.domain.people import SYSTEM, SubscriptionUse
from app.ports import Ports
from app.settings import Settings
from app.store.sqlite import SqliteStore
from tests.api.conftest import FULL, LOCATIONS, STATIONS, Api
from tests.conftest import ABC, XYZ
from tests.fakes import FakeClock

BURST = 3


@pytest.fixture
def uses(ports: Ports) -> Uses:
    return Uses(ports)


@pytest.fixture
async def client(ports: Ports, uses: Uses) -> AsyncIterator[httpx.AsyncClient]:
    """The API, which lets a subscription ask three times a minute unless it has a rate of its own."""
    settings = Settings(requests_per_minute=BURST)
    app = Litestar([router(ports, Bus(ports.store), settings, uses)], openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://house.example") as opened:
        yield opened


async def get(client: httpx.AsyncClient, key: str, path: str = STATIONS) -> httpx.Response:
    return await client.get(path, headers={"Authorization": f"Token {key}"})


async def test_a_key_is_good_through_its_last_day(client: httpx.AsyncClient, ports: Ports, clock: FakeClock) -> None:
    today = clock.now().date()
    made = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL, expires=today)
    clock.forward(hours=15, minutes=59, seconds=59)
    assert clock.now() == datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    assert (await get(client, made.key)).status_code == 200
    clock.forward(seconds=1)
    late = await get(client, made.key)
    assert (late.status_code, late.json()["status_code"], late.headers["www-authenticate"]) == (401, 2000, "Token")
    assert "expired" in late.json()["status_message"] and str(today) in late.json()["status_message"]
    longer = today + timedelta(days=1)
    await change_subscription(ports, SYSTEM, made.subscription.id, expires=longer)
    assert (await get(client, made.key)).status_code == 200


async def test_a_replaced_key_is_good_beside_the_new_one_for_its_grace(
    client: httpx.AsyncClient, ports: Ports, clock: FakeClock
) -> None:
    first = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL)
    second = await rotate_subscription(ports, SYSTEM, first.subscription.id, timedelta(hours=1))
    assert second.key != first.key
    clock.forward(minutes=59)
    assert [(await get(client, each.key)).status_code for each in (first, second)] == [200, 200]
    clock.forward(minutes=1)
    late = await get(client, first.key)
    assert late.status_code == 401 and "replaced" in late.json()["status_message"]
    assert (await get(client, second.key)).status_code == 200


async def test_a_key_can_be_ended_at_once_and_a_third_one_ends_the_first(
    client: httpx.AsyncClient, ports: Ports
) -> None:
    first = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL, per_minute=0)
    second = await rotate_subscription(ports, SYSTEM, first.subscription.id)
    third = await rotate_subscription(ports, SYSTEM, first.subscription.id)
    assert [(await get(client, each.key)).status_code for each in (first, second, third)] == [401, 200, 200]
    fourth = await rotate_subscription(ports, SYSTEM, first.subscription.id, timedelta(0))
    assert [(await get(client, each.key)).status_code for each in (third, fourth)] == [401, 200]
    await revoke_subscription(ports, SYSTEM, first.subscription.id)
    assert (await get(client, fourth.key)).status_code == 401


async def test_a_revocation_by_another_process_counts_as_soon_as_the_store_tells(
    client: httpx.AsyncClient, ports: Ports, tmp_path: Path, clock: FakeClock
) -> None:
    """The other process is another store on the same file: nothing in memory is shared."""
    made = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL, per_minute=0)
    assert (await get(client, made.key)).status_code == 200
    beside = await SqliteStore.open(tmp_path / "stationlink.sqlite", clock)
    found = await beside.get(type(made.subscription), made.subscription.id)
    assert found is not None
    other = Ports(**{**vars(ports), "store": beside})
    await change_subscription(other, SYSTEM, made.subscription.id, per_minute=0, modules={"locations": "r"})
    await answered(client, made.key, 403)
    await revoke_subscription(other, SYSTEM, made.subscription.id)
    await answered(client, made.key, 401)
    await beside.close()


async def answered(client: httpx.AsyncClient, key: str, status: int) -> None:
    """While the clock of the house stands still: it is the store that tells, and not the second that is over."""
    async with asyncio.timeout(1):
        while (await get(client, key)).status_code != status:
            await asyncio.sleep(0.001)


async def test_a_store_that_hears_of_others_late_lets_a_revoked_key_in_for_a_second_at_most(
    ports: Ports, clock: FakeClock
) -> None:
    class Deaf:
        """The store as it would be without news of other processes."""

        def __getattr__(self, name: str) -> object:
            return getattr(ports.store, name)

        def version(self) -> int:
            return 1

    deaf = Ports(**{**vars(ports), "store": Deaf()})
    made = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL)
    keys = Keys(deaf, Uses(deaf), 0)
    header = f"Token {made.key}".encode()
    assert (await keys.opened(header)).subscription == made.subscription
    await revoke_subscription(ports, SYSTEM, made.subscription.id)
    clock.forward(seconds=1)
    with pytest.raises(NotSignedIn):
        await keys.opened(header)


async def test_a_burst_is_let_through_and_then_the_rate_holds(client: httpx.AsyncClient, clock: FakeClock) -> None:
    api = Api(client)
    for _ in range(BURST):
        await api.ok("GET", STATIONS)
    answer = await api.send("GET", LOCATIONS)
    assert (answer.status_code, answer.json()["status_code"], answer.headers["retry-after"]) == (429, 2000, "20")
    assert "rate limit" in answer.json()["status_message"]
    await api.ok("GET", STATIONS, who="other CPO")
    clock.forward(seconds=20)
    await api.ok("GET", STATIONS)
    assert (await api.refused("GET", STATIONS))[0] == 429
    clock.forward(hours=1)
    for _ in range(BURST):
        await api.ok("GET", STATIONS)
    assert (await api.refused("GET", STATIONS))[0] == 429


async def test_a_subscription_may_have_a_rate_of_its_own_for_all_its_keys(
    client: httpx.AsyncClient, ports: Ports
) -> None:
    made = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL, per_minute=5)
    id = made.subscription.id
    new = await rotate_subscription(ports, SYSTEM, id)
    answers = [(await get(client, key)).status_code for key in (made.key, new.key) * 3]
    assert answers == [200] * 5 + [429]
    await change_subscription(ports, SYSTEM, id, per_minute=0)
    assert {(await get(client, new.key)).status_code for _ in range(20)} == {200}


async def test_a_refused_permission_counts_too(client: httpx.AsyncClient) -> None:
    api = Api(client)
    answers = [(await api.refused("GET", STATIONS, who="no module"))[0] for _ in range(BURST + 1)]
    assert answers == [403] * BURST + [429]


async def test_one_subscription_for_several_cpos_is_narrowed_by_a_header_and_never_widened(
    client: httpx.AsyncClient, ports: Ports
) -> None:
    made = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL)
    headers = {"Authorization": f"Token {made.key}", "cpsoIds": XYZ}
    body = {"cpo_id": XYZ, "name": "Depot", "address": "A 1", "city": "B", "postal_code": "1234AB", "country": "NLD"}
    refused = await client.post(LOCATIONS, json=body, headers=headers)
    assert refused.json()["status_code"] == 2000 and XYZ in refused.json()["status_message"]
    await change_subscription(ports, SYSTEM, made.subscription.id, cpo_ids=[ABC, XYZ])
    assert (await client.post(LOCATIONS, json=body, headers=headers)).json()["status_code"] == 1000


async def test_a_use_is_written_at_most_once_a_minute_and_only_for_who_was_let_in(
    client: httpx.AsyncClient, ports: Ports, uses: Uses, clock: FakeClock
) -> None:
    made = await create_subscription(ports, SYSTEM, cpo_ids=[ABC], modules=FULL, per_minute=0)
    begin = clock.now()

    async def used() -> dict[str, tuple[datetime, int]]:
        await uses.flush()
        return {use.id: (use.used, rev) for use, rev in await ports.store.find(SubscriptionUse)}

    assert await used() == {}
    for _ in range(3):
        await get(client, made.key)
        assert await used() == {made.subscription.id: (begin, 1)}
        clock.forward(seconds=15)
    await get(client, "nobody's")
    later = clock.forward(seconds=15)
    await get(client, made.key)
    assert await used() == {made.subscription.id: (later, 2)}
    listed = {each.subscription.id: each.used for each in await list_subscriptions(ports, SYSTEM)}
    assert listed[made.subscription.id] == later and set(listed.values()) == {None, later}


async def test_a_request_does_not_wait_for_its_use_to_be_written(
    client: httpx.AsyncClient, ports: Ports, uses: Uses
) -> None:
    written = asyncio.Event()
    ports.store.on_commit(written.set)
    answer = await get(client, "key-of-right")
    assert answer.status_code == 200 and not written.is_set()
    task = asyncio.create_task(uses.run())
    await asyncio.wait_for(written.wait(), 5)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert await ports.store.get(SubscriptionUse, "sub-right") is not None
