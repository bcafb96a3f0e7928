import pytest

from app.actions.cpos import change_cpo, create_cpo, list_cpos
from app.domain.errors import CpoExists, InvalidField, MissingField, NotAllowed, UnknownCpo
from app.domain.facts import FactKind
from app.domain.model import ChargerType
from app.domain.people import SYSTEM, Actor, Cpo, Role
from app.ports import Ports
from tests.conftest import ABC, XYZ

NEW = {
    "country_code": "nl",
    "party_id": "dsl",
    "name": " Domstad Laden ",
    "default_tariff_id": "T-AC",
    "charger_type": ChargerType.PUBLIC,
}


async def test_a_cpo_is_called_by_its_name_and_gets_its_country_in_three_letters(ports: Ports) -> None:
    made = await create_cpo(ports, SYSTEM, **NEW, language="nl")
    found = await ports.store.get(Cpo, "Domstad Laden")
    assert found is not None and found[0] == made
    assert (made.country_code, made.party_id, made.country, made.language) == ("NL", "DSL", "NLD", "nl")
    last = (await ports.store.facts(newest_first=True, limit=1))[0]
    assert (last.kind, last.cpo_id) == (FactKind.CPO_CHANGED, "Domstad Laden")


async def test_a_second_cpo_of_the_same_name_is_refused(ports: Ports) -> None:
    with pytest.raises(CpoExists):
        await create_cpo(ports, SYSTEM, **{**NEW, "name": ABC})


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("country_code", "Holland", InvalidField),
        ("party_id", "DSL1", InvalidField),
        ("name", "  ", MissingField),
        ("default_tariff_id", "", MissingField),
    ],
)
async def test_what_is_missing_or_wrong_is_named(ports: Ports, field: str, value: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"country|party|name|tariff"):
        await create_cpo(ports, SYSTEM, **{**NEW, field: value})
    assert len(await list_cpos(ports, SYSTEM)) == 2


async def test_language_and_time_zone_are_the_countrys_unless_said(ports: Ports) -> None:
    britain = await create_cpo(ports, SYSTEM, **{**NEW, "country_code": "gb"})
    assert (britain.country, britain.language, britain.time_zone) == ("GBR", "en", "Europe/London")
    said = {"name": "Azores", "country_code": "PT", "language": "en", "time_zone": "Atlantic/Azores"}
    azores = await create_cpo(ports, SYSTEM, **{**NEW, **said})
    assert (azores.language, azores.time_zone) == ("en", "Atlantic/Azores")


@pytest.mark.parametrize("field", ["language", "time_zone"])
@pytest.mark.parametrize("value", ["", "zz", "english", "NL", "Nowhere/Zone", "europe/amsterdam", "localtime"])
async def test_a_language_or_time_zone_that_does_not_exist_is_refused(ports: Ports, field: str, value: str) -> None:
    with pytest.raises(InvalidField, match=field):
        await create_cpo(ports, SYSTEM, **NEW, **{field: value})
    before = await ports.store.get(Cpo, ABC)
    with pytest.raises(InvalidField, match=field):
        await change_cpo(ports, SYSTEM, ABC, **{field: value})
    assert await ports.store.get(Cpo, ABC) == before and len(await list_cpos(ports, SYSTEM)) == 2


@pytest.mark.parametrize(
    "actor",
    [
        Actor(role=Role.SUPPORT, cpo_ids=frozenset({ABC})),
        Actor(role=Role.ADMIN, cpo_ids=frozenset({ABC})),
        Actor(role=Role.INSTALLER, cpo_ids=frozenset({ABC})),
    ],
)
async def test_only_an_admin_of_everything_makes_a_cpo(ports: Ports, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        await create_cpo(ports, actor, **NEW)


async def test_an_admin_changes_a_cpo_of_theirs_but_never_its_id(ports: Ports) -> None:
    admin = Actor(role=Role.ADMIN, cpo_ids=frozenset({ABC}), person_id="ada")
    changed = await change_cpo(ports, admin, ABC, may_create_stations=False, support_phone="+31 30 1")
    assert (await ports.store.get(Cpo, ABC))[0] == changed
    assert changed.may_create_stations is False
    with pytest.raises(UnknownCpo):
        await change_cpo(ports, admin, XYZ, support_phone="1")
    with pytest.raises(InvalidField, match="party_id"):
        await change_cpo(ports, admin, ABC, party_id="XXX")
    with pytest.raises(InvalidField, match="nonsense"):
        await change_cpo(ports, admin, ABC, nonsense=1)


async def test_support_reads_its_cpos_and_changes_none(ports: Ports, sue: Actor) -> None:
    assert [cpo.cpo_id for cpo in await list_cpos(ports, sue)] == [ABC]
    with pytest.raises(NotAllowed):
        await change_cpo(ports, sue, ABC, support_phone="1")
