"""Pitfalls of what stations say: connectors that are none, strange texts, wrong clocks, another version."""

from typing import Any

import pytest

from app.actions.views import commissioning_view
from app.domain.commands import ChangeConfiguration
from app.domain.findings import FindingKind
from app.domain.people import Actor
from tests.ocpp import v201
from tests.ocpp.conftest import BOOT, STATION, World, until

# --- 17: connector 0 -------------------------------------------------------------------------------------------------


async def test_pitfall_17_connector_0_is_the_station_and_never_an_evse(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        assert (await client.status(0, "Unavailable"))[0] == 3
        assert list((await world.live()).connectors) == ["0"]
        assert [evse["status"] for evse in (await world.wire())["evses"]] == ["UNKNOWN", "UNKNOWN"]


# --- 19: more, or other, connectors ----------------------------------------------------------------------------------


async def test_pitfall_19_a_connector_too_many_is_a_finding_and_creates_nothing(world: World, anna: Actor) -> None:
    begun = await world.commissioning()
    async with world.client() as client:
        await client.boot()
        for connector in (1, 2, 3):
            assert (await client.status(connector, "Available"))[0] == 3
        assert len((await world.wire())["evses"]) == 2
        view = await commissioning_view(world.ports, anna, begun.id)
    found = [finding for finding in view.findings if finding.kind is FindingKind.CONNECTOR_EXTRA]
    assert len(found) == 1 and "3" in str(found[0].found)


@pytest.mark.parametrize("connector", [-1, 101, 1634030126])
async def test_pitfall_19_an_absurd_connector_is_acknowledged_and_not_stored(world: World, connector: int) -> None:
    async with world.client() as client:
        await client.boot()
        before = await world.row()
        assert (await client.status(connector, "Available"))[0] == 3
        assert await world.row() == before


# --- 23: schemas -----------------------------------------------------------------------------------------------------


async def test_pitfall_23_what_real_stations_say_is_taken_as_it_comes_and_flagged(world: World, anna: Actor) -> None:
    begun = await world.commissioning()
    said = BOOT | {
        "chargePointSerialNumber": "3N2045000000000000000000000000033",
        "chargeBoxSerialNumber": "26 characters, and it is ours",
        "meterType": None,
        "firmwareVersion": 7,
        "schneiderExtension": {"own": True},
    }
    async with world.client() as client:
        assert (await client.ask("BootNotification", said))[2]["status"] == "Accepted"
        shown = await world.wire()
        assert shown["charge_point_serial_number"] == "3N2045000000000000000000000000033"
        assert (shown["firmware_version"], shown["meter_type"]) == ("7", None)
        answer = await client.status(1, "Faulted", errorCode="OurOwnCode", info="x" * 400, vendorId="V")
        assert answer[0] == 3
    state = (await world.live()).connectors["1"]
    assert (state.error_code, state.info) == ("OurOwnCode", "x" * 400)
    view = await commissioning_view(world.ports, anna, begun.id)
    (flagged,) = [finding for finding in view.findings if finding.kind is FindingKind.TOO_LONG]
    assert flagged.found == "3N2045000000000000000000000000033 / 26 characters, and it is ours"


async def test_pitfall_23_what_we_send_keeps_every_limit(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        with pytest.raises(ValueError, match="maxLength"):
            await world.gateway.send(STATION, ChangeConfiguration("k" * 51, "v"), timeout=5)
        assert (await client.ask("Heartbeat", {}))[0] == 3, "and nothing of it went out"


# --- 24: time --------------------------------------------------------------------------------------------------------


async def test_pitfall_24_our_time_counts_and_the_stations_is_kept_beside_it(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        await client.status(1, "Available", timestamp="1970-01-01T00:00:07+01:00")
    state = (await world.live()).connectors["1"]
    assert state.at == world.ports.clock.now()
    assert state.station_at is not None and state.station_at.isoformat() == "1969-12-31T23:00:07+00:00"


@pytest.mark.parametrize(
    ("said", "skew"),
    [
        (["2026-03-02T08:00:00Z"], 0),
        (["2026-03-02T09:00:00+01:00", "2026-03-02T08:00:02"], 2),
        (["2026-03-02T10:00:00"], 7200),
        (["2026-03-02T10:00:00+02"], 0),
        (["1970-01-01T00:00:00Z"], -1772438400),
        (["2026-03-01T08:00:00Z", "2026-03-02T08:00:01Z"], 1),
        (["yesterday"], None),
        ([], None),
    ],
)
async def test_pitfall_24_how_far_the_clock_is_off_is_kept(world: World, said: list[str], skew: int | None) -> None:
    """Local time without zone reads as UTC; what a station says may be old news, so its latest claim counts."""
    async with world.client() as client:
        await client.boot()
        for connector, timestamp in enumerate(said):
            assert (await client.status(connector, "Available", timestamp=timestamp))[0] == 3
        assert (await world.view()).skew_seconds == skew


async def test_pitfall_24_a_boot_sets_the_clock_and_a_wrong_one_after_it_is_a_finding(
    world: World, anna: Actor
) -> None:
    begun = await world.commissioning()

    async def clocks() -> list[Any]:
        view = await commissioning_view(world.ports, anna, begun.id)
        return [finding for finding in view.findings if finding.kind is FindingKind.CLOCK]

    async with world.client() as client:
        await client.status(1, "Available", timestamp="1970-01-01T00:00:00Z")
        await client.boot()
        assert (await world.view()).skew_seconds is None and await clocks() == []
        await client.status(1, "Preparing", timestamp="2026-03-02T05:00:00Z")
        assert (await world.view()).skew_seconds == -3 * 3600
        assert len(await clocks()) == 1


# --- 26: another version ---------------------------------------------------------------------------------------------


async def test_pitfall_26_connectors_of_the_version_before_are_dropped_with_it(world: World) -> None:
    async with world.client() as client:
        await client.boot()
        await client.status(2, "Faulted")
        await client.status(0, "Available")
        assert [evse["status"] for evse in (await world.wire())["evses"]] == ["UNKNOWN", "OUTOFORDER"]
    await until(world.offline)
    async with v201.station(world) as client:
        assert (await world.live()).connectors == {}
        await v201.status(client, 1, 1, "Occupied")
        assert [evse["status"] for evse in (await world.wire())["evses"]] == ["CHARGING", "UNKNOWN"]
        assert (await world.wire())["protocol_version"] == "Ocpp201"
        assert list((await world.live()).connectors) == ["1.1"]
    await until(world.offline)
    async with world.client() as client:
        await client.boot()
        assert (await world.live()).connectors == {}
        assert [evse["status"] for evse in (await world.wire())["evses"]] == ["UNKNOWN", "UNKNOWN"]
        assert (await world.wire())["protocol_version"] == "Ocpp16"
