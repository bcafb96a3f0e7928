import pytest

from app.actions.labels import make_label
from app.domain.errors import InvalidField, MissingField, NotAllowed, OtherCpo, UnknownCpo
from app.domain.facts import FactKind
from app.domain.model import ChargerType, DeployState
from app.domain.people import SYSTEM, Actor, Cpo
from app.domain.scan import Label, parse_label
from app.domain.stations import PostChargeStation
from app.ports import Ports
from tests.conftest import ABC, FOREIGN_YARD, TWIN, XYZ


async def test_a_label_points_to_a_station_that_need_not_exist(ports: Ports, sue: Actor) -> None:
    label = await make_label(ports, sue, charge_station_id="NL-ABC-9", cpo_id=ABC)
    found = await ports.store.get(Label, parse_label(label.code))
    assert found is not None and found[0] == label
    last = (await ports.store.facts(newest_first=True, limit=1))[0]
    assert (last.kind, last.data["code"]) == (FactKind.LABEL_MADE, label.code)


async def test_the_same_place_has_one_label_and_each_socket_its_own(ports: Ports) -> None:
    station = await make_label(ports, SYSTEM, charge_station_id="NL-ABC-9", cpo_id=ABC)
    socket = await make_label(ports, SYSTEM, charge_station_id="NL-ABC-9", evse_sequence_number=2, cpo_id=ABC)
    assert await make_label(ports, SYSTEM, charge_station_id="NL-ABC-9", cpo_id=ABC) == station
    assert socket.code != station.code and socket.evse_sequence_number == 2
    assert len(await ports.store.find(Label)) == 2


async def test_a_label_says_the_truth_about_whose_station_it_is(ports: Ports, sue: Actor, anna: Actor) -> None:
    cpo = await ports.store.get(Cpo, XYZ)
    assert cpo is not None
    post = PostChargeStation(
        charge_station_id="NL-XYZ-1",
        location_id=FOREIGN_YARD,
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id="T-AC",
        charger_type=ChargerType.PUBLIC,
        charge_station_template_id=TWIN,
    )
    await ports.platforms.of(cpo[0]).create_station(SYSTEM, post)
    with pytest.raises(OtherCpo):
        await make_label(ports, SYSTEM, charge_station_id="NL-XYZ-1", cpo_id=ABC)
    with pytest.raises(UnknownCpo):
        await make_label(ports, sue, charge_station_id="NL-XYZ-1", cpo_id=XYZ)
    with pytest.raises(NotAllowed):
        await make_label(ports, anna, charge_station_id="NL-ABC-9", cpo_id=ABC)


@pytest.mark.parametrize(
    ("station", "socket", "error"),
    [("  ", None, MissingField), ("A\nB", None, InvalidField), ("A", 0, InvalidField)],
)
async def test_a_label_without_a_printable_id_is_refused(
    ports: Ports, station: str, socket: int | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await make_label(ports, SYSTEM, charge_station_id=station, evse_sequence_number=socket, cpo_id=ABC)
