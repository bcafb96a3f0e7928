"""Stations, as every platform keeps them."""

from typing import Any

import msgspec
import pytest

from app.domain.errors import (
    EtagMismatch,
    InvalidField,
    MissingField,
    OtherCpo,
    StationExists,
    UnknownLocation,
    UnknownStation,
    UnknownTemplate,
)
from app.domain.facts import FactKind
from app.domain.model import (
    Connector,
    ConnectorFormat,
    DeployState,
    DisplayText,
    Evse,
    EvsePatch,
    EvseStatus,
    ParkingRestriction,
    PowerType,
)
from app.domain.stations import PatchChargeStation
from app.ports import Ports, StationQuery
from tests.conftest import FOREIGN_YARD, GARAGE, TWIN, XYZ, YARD, twin
from tests.contract.platform_fixtures import (
    House,
    created,
    post,
    put,
    read,
    read_place,
)

ODD_IDS = ["UTR 017", "RDAM|123", "a/b/c", "50%", "ümlaut-1", "x?y=1&z#2", "batch-1"]


DUTCH = DisplayText("nl", "Tweede rij, rechts van de wasstraat")


async def test_a_created_station_reads_the_same_with_its_evses_and_an_etag(house: House) -> None:
    made = await created(house)
    assert read(await house.platform.station(house.actor, "UTR-017")) == made
    assert made.etag
    assert [evse.uid for evse in made.evses] == ["NL-ABC-EUTR-017-1", "NL-ABC-EUTR-017-2"]
    assert {evse.status for evse in made.evses} == {made.status} == {EvseStatus.UNKNOWN}


@pytest.mark.parametrize("charge_station_id", ODD_IDS)
async def test_an_odd_station_id_is_kept_as_written(house: House, charge_station_id: str) -> None:
    await created(house, charge_station_id)
    found = read(await house.platform.station(house.actor, charge_station_id))
    assert found.charge_station_id == charge_station_id
    patch = PatchChargeStation(charge_station_id=charge_station_id, remarks="seen")
    assert read(await house.platform.patch_station(house.actor, charge_station_id, patch)).remarks == "seen"


async def test_an_unknown_station_and_a_foreign_one_are_the_same(house: House) -> None:
    await created(house)
    for actor, wanted in ((house.actor, "UTR-018"), (house.foreign, "UTR-017")):
        with pytest.raises(UnknownStation):
            await house.platform.station(actor, wanted)
        with pytest.raises(UnknownStation):
            patch = PatchChargeStation(charge_station_id=wanted, remarks="mine")
            await house.platform.patch_station(actor, wanted, patch)
        with pytest.raises(UnknownStation):
            await house.platform.apply_template(actor, wanted, TWIN)
    assert read(await house.platform.station(house.actor, "UTR-017")).remarks is None


async def test_a_station_of_a_foreign_location_cannot_be_reached(house: House, ports: Ports) -> None:
    builtin = ports.platforms.builtin
    await builtin.save_template(house.foreign, msgspec.structs.replace(twin("xyz"), tenant_id=XYZ))
    await builtin.create_station(
        house.foreign, post("XYZ-1", location_id=FOREIGN_YARD, charge_station_template_id="xyz")
    )
    with pytest.raises(UnknownStation):
        await house.platform.station(house.actor, "XYZ-1")
    assert (await house.platform.stations(house.actor, StationQuery())).total == 0


async def test_a_second_station_with_the_same_id_is_refused(house: House) -> None:
    made = await created(house)
    with pytest.raises(StationExists):
        await created(house, remarks="second")
    assert read(await house.platform.station(house.actor, "UTR-017")) == made


@pytest.mark.parametrize("field", ["location_id", "deploy_state", "default_charge_station_tariff_id"])
async def test_a_station_without_a_required_field_is_refused_by_its_name(house: House, field: str) -> None:
    with pytest.raises(MissingField) as refused:
        await created(house, **{field: msgspec.UNSET})
    assert refused.value.detail["field"] == field


async def test_a_station_needs_a_known_location_of_its_cpo_and_a_known_template(house: House) -> None:
    for wanted in ("5b8a1d6e-0000-4000-8000-000000000000", FOREIGN_YARD):
        with pytest.raises(UnknownLocation):
            await created(house, location_id=wanted)
    with pytest.raises(UnknownTemplate):
        await created(house, charge_station_template_id="no-such-model")
    with pytest.raises(UnknownStation):
        await house.platform.station(house.actor, "UTR-017")


async def test_a_put_needs_the_current_etag_and_shows_what_is_stored(house: House) -> None:
    made = await created(house)
    first = read(await house.platform.replace_station(house.actor, "UTR-017", put(made, name="first")))
    with pytest.raises(EtagMismatch) as stale:
        await house.platform.replace_station(house.actor, "UTR-017", put(made, name="second"))
    assert read(stale.value.current) == first
    with pytest.raises(MissingField, match="etag"):
        await house.platform.replace_station(house.actor, "UTR-017", put(made, etag=None))
    assert read(await house.platform.station(house.actor, "UTR-017")).name == "first"


async def test_a_put_clears_what_it_leaves_out_and_keeps_the_evses(house: House) -> None:
    made = await created(house, name="Depot 17", remarks="by the gate")
    after = read(await house.platform.replace_station(house.actor, "UTR-017", put(made, name="Depot 18")))
    assert (after.name, after.remarks) == ("Depot 18", None)
    assert [evse.uid for evse in after.evses] == [evse.uid for evse in made.evses]
    assert after.etag != made.etag


async def test_a_patch_changes_only_what_it_says(house: House) -> None:
    made = await created(house, name="Depot 17", remarks="by the gate")
    patch = PatchChargeStation(charge_station_id="UTR-017", remarks=None, deploy_state=DeployState.PRODUCTION)
    after = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert (after.name, after.remarks, after.deploy_state) == ("Depot 17", None, DeployState.PRODUCTION)
    stale = PatchChargeStation(charge_station_id="UTR-017", remarks="late", etag=made.etag)
    with pytest.raises(EtagMismatch):
        await house.platform.patch_station(house.actor, "UTR-017", stale)


async def test_the_texts_of_one_evse_are_written_and_the_other_stays(house: House) -> None:
    await created(house)
    evse = EvsePatch(
        evse_sequence_number=2, directions=[DUTCH], parking_restrictions=[ParkingRestriction.EV_ONLY], floor_level="-1"
    )
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=[evse])
    after = read(await house.platform.patch_station(house.actor, "UTR-017", patch))
    assert after.evses[1].directions == [DUTCH]
    assert (after.evses[1].parking_restrictions, after.evses[1].floor_level) == ([ParkingRestriction.EV_ONLY], "-1")
    assert (after.evses[0].directions, after.evses[0].floor_level) == ([], None)
    assert after.evses[1].connectors == read(await house.platform.station(house.actor, "UTR-017")).evses[1].connectors
    unmatched = PatchChargeStation(charge_station_id="UTR-017", evses=[EvsePatch(evse_sequence_number=3)])
    with pytest.raises(InvalidField):
        await house.platform.patch_station(house.actor, "UTR-017", unmatched)


async def test_a_new_template_keeps_the_texts_of_the_evses_that_survive(house: House) -> None:
    await house.platform.save_template(house.actor, twin("single", sockets=1))
    await created(house)
    described = [EvsePatch(evse_sequence_number=n, directions=[DUTCH], physical_reference=f"17-{n}") for n in (1, 2)]
    patch = PatchChargeStation(charge_station_id="UTR-017", evses=described)
    await house.platform.patch_station(house.actor, "UTR-017", patch)
    after = read(await house.platform.apply_template(house.actor, "UTR-017", "single"))
    assert [(e.evse_sequence_number, e.directions, e.physical_reference) for e in after.evses] == [(1, [DUTCH], "17-1")]
    applied = (await house.facts())[-1]
    assert (applied.kind, applied.data["lost_texts"]) == (FactKind.TEMPLATE_APPLIED, [2])
    with pytest.raises(UnknownTemplate):
        await house.platform.apply_template(house.actor, "UTR-017", "no-such-model")


async def test_a_station_with_evses_of_its_own_can_be_replaced_evse_by_evse(house: House) -> None:
    connector = Connector(
        standard="IEC_62196_T2_COMBO",
        format=ConnectorFormat.CABLE,
        power_type=PowerType.DC,
        voltage=920,
        amperage=500,
        max_electric_power=150_000,
    )
    made = await created(
        house, charge_station_template_id=None, evses=[Evse(connectors=[connector]), Evse(connectors=[connector])]
    )
    assert [c.id for evse in made.evses for c in evse.connectors or []] == ["1", "2"]
    after = read(await house.platform.replace_station(house.actor, "UTR-017", put(made, evses=made.evses[1:])))
    assert [(evse.evse_sequence_number, evse.uid) for evse in after.evses] == [(2, "NL-ABC-EUTR-017-2")]


async def test_a_station_moves_within_its_cpo_only(house: House) -> None:
    await created(house)
    move = PatchChargeStation(charge_station_id="UTR-017", location_id=GARAGE)
    assert read(await house.platform.patch_station(house.actor, "UTR-017", move)).location_id == GARAGE
    assert read_place(await house.platform.location(house.actor, YARD)).evses == []
    away = PatchChargeStation(charge_station_id="UTR-017", location_id=FOREIGN_YARD)
    with pytest.raises((UnknownLocation, OtherCpo)):
        await house.platform.patch_station(house.actor, "UTR-017", away)
    assert read(await house.platform.station(house.actor, "UTR-017")).location_id == GARAGE


async def test_stations_are_listed_page_by_page_and_found_by_text_state_and_place(house: House) -> None:
    for number in range(5):
        await created(house, f"UTR-00{number}", name=f"Row {number}", location_id=YARD if number else GARAGE)
    page = await house.platform.stations(house.actor, StationQuery(offset=1, limit=2))
    assert [read(row).charge_station_id for row in page.rows] == ["UTR-001", "UTR-002"]
    assert page.total == 5

    async def found(**query: Any) -> list[str]:
        rows = (await house.platform.stations(house.actor, StationQuery(**query))).rows
        return [read(row).charge_station_id for row in rows]

    assert await found(text="row 3") == ["UTR-003"]
    assert await found(location_id=GARAGE) == ["UTR-000"]
    assert await found(deploy_state="Production") == []
    assert await found(cpo_id=XYZ) == []
    assert (await house.platform.stations(house.foreign, StationQuery(text="UTR"))).total == 0


async def test_near_ids_are_offered_nearest_first_and_never_foreign_ones(house: House) -> None:
    for charge_station_id in ("UTR-017", "UTR-071", "RDAM-5"):
        await created(house, charge_station_id)
    assert await house.platform.similar_ids(house.actor, "utr 0l7") == ["UTR-017", "UTR-071"]
    assert await house.platform.similar_ids(house.foreign, "UTR-017") == []
