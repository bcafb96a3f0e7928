"""What a hardware template must say, and the id that it gets."""

import msgspec
import pytest

from app.domain import templates
from app.domain.errors import InvalidField, MissingField
from app.domain.model import ConnectorFormat, ConnectorTemplate, EvseTemplate, HardwareTemplate
from tests.domain.documents import template


def saved(**fields: object) -> HardwareTemplate:
    return templates.valid(msgspec.structs.replace(template(), **fields), "k3p9")


@pytest.mark.parametrize(
    "name, made",
    [
        ("Twin AC 22 kW RFID", "twin-ac-22-kw-rfid_k3p9"),
        ("  Säule (2×CCS) ", "saule-2ccs_k3p9"),
        ("充電", "template_k3p9"),
        ("x" * 300, "x" * 80 + "_k3p9"),
    ],
)
def test_an_id_is_made_of_the_name_and_the_suffix(name: str, made: str) -> None:
    assert saved(template_id=None, name=name).template_id == made


def test_an_id_of_its_own_is_kept() -> None:
    assert saved(template_id="ABBT2-hardware-template_gfx7HW").template_id == "ABBT2-hardware-template_gfx7HW"
    with pytest.raises(InvalidField, match="template_id"):
        saved(template_id=" x")


@pytest.mark.parametrize("field", ["name", "evse_templates"])
@pytest.mark.parametrize("empty", [None, "empty"])
def test_a_template_needs_a_name_and_evses(field: str, empty: object) -> None:
    value = {"name": " ", "evse_templates": []}[field] if empty else None
    with pytest.raises(MissingField, match=field):
        saved(**{field: value})


@pytest.mark.parametrize("numbers", [(1, 1), (0, 1), (-1, 2)])
def test_evses_have_different_numbers_from_one(numbers: tuple[int, int]) -> None:
    connectors = (template().evse_templates or [])[0].connector_templates
    evses = [EvseTemplate(evse_sequence_number=n, connector_templates=connectors) for n in numbers]
    with pytest.raises(InvalidField, match="evse_sequence_number"):
        saved(evse_templates=evses)


@pytest.mark.parametrize("connectors", [None, []])
def test_an_evse_needs_a_connector(connectors: list[ConnectorTemplate] | None) -> None:
    with pytest.raises(MissingField, match="connector_templates"):
        saved(evse_templates=[EvseTemplate(evse_sequence_number=1, connector_templates=connectors)])


@pytest.mark.parametrize("field", ["standard", "format", "power_type", "voltage", "amperage"])
def test_a_connector_needs_its_five_facts(field: str) -> None:
    broken = template()
    setattr(((broken.evse_templates or [])[0].connector_templates or [])[0], field, None)
    with pytest.raises(MissingField, match=rf"evse_templates\.connector_templates\.{field} "):
        templates.valid(broken, "k3p9")


@pytest.mark.parametrize("field, value", [("standard", "TESLA_S"), ("voltage", 0), ("max_electric_power", -1)])
def test_a_connector_that_cannot_be_is_refused(field: str, value: object) -> None:
    broken = template()
    setattr(((broken.evse_templates or [])[0].connector_templates or [])[0], field, value)
    with pytest.raises(InvalidField, match=field):
        templates.valid(broken, "k3p9")


def test_a_pair_that_does_not_exist_is_refused() -> None:
    broken = template()
    connector = ((broken.evse_templates or [])[0].connector_templates or [])[0]
    connector.standard, connector.format = "CHADEMO", ConnectorFormat.SOCKET
    with pytest.raises(InvalidField, match="standard"):
        templates.valid(broken, "k3p9")


def test_an_unknown_capability_is_refused() -> None:
    broken = template()
    (broken.evse_templates or [])[0].capabilities = ["FLYING"]
    with pytest.raises(InvalidField, match="capabilities"):
        templates.valid(broken, "k3p9")


@pytest.mark.parametrize("own, kept", [([2, 1], [2, 1]), ([1, 1], [1, 2]), ([None, None], [1, 2])])
def test_connectors_are_numbered_across_the_station(own: list[int | None], kept: list[int]) -> None:
    made = templates.valid(template(2, own), "k3p9")
    assert [c.id for evse in made.evse_templates or [] for c in evse.connector_templates or []] == kept


def test_the_template_that_was_handed_in_is_left_as_it_was() -> None:
    sent = template(2, [None, None])
    templates.valid(sent, "k3p9")
    assert sent == template(2, [None, None])
