"""Hardware templates: what one must say before stations are made from it (platform-api 6)."""

import re
import unicodedata
from collections.abc import Iterator

from msgspec.structs import replace

from app.domain.errors import InvalidField, MissingField, NotAllowed, UnknownTemplate
from app.domain.evses import INT32, connector_numbers, require_capabilities, require_connector
from app.domain.model import EvseTemplate, HardwareTemplate
from app.domain.people import Actor
from app.domain.writing import is_blank, normal

ID_LENGTH = 100


def valid(template: HardwareTemplate, suffix: str) -> HardwareTemplate:
    """The template as it is kept: connectors numbered across the station, an id made of its name where it has none.

    `suffix` keeps a made id apart from another template of the same name. Raises MissingField, InvalidField.
    """
    if template.name is None or is_blank(template.name):
        raise MissingField("name")
    normal("name", template.name)
    if not template.evse_templates:
        raise MissingField("evse_templates")
    _require_numbers(template.evse_templates)
    for evse in template.evse_templates:
        _require_evse(evse)
    numbers = connector_numbers(template)
    return replace(
        template,
        template_id=check_id(template.template_id) if template.template_id else made_id(template.name, suffix),
        name=template.name.strip(),
        evse_templates=[_numbered(evse, numbers) for evse in template.evse_templates],
    )


def may_see(template: HardwareTemplate, actor: Actor) -> bool:
    return template.tenant_id is None or actor.covers(template.tenant_id)


def require_own(template: HardwareTemplate, actor: Actor) -> None:
    """Raises UnknownTemplate for another CPO's, NotAllowed for one of all CPOs."""
    if not may_see(template, actor):
        raise UnknownTemplate(str(template.template_id))
    if template.tenant_id is None and actor.cpo_ids is not None:
        raise NotAllowed(f"the hardware template {template.template_id} belongs to all CPOs")


def made_id(name: str, suffix: str) -> str:
    """`twin-ac22-rfid_k3p9`: the name in plain lower-case letters and digits, and the suffix."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: ID_LENGTH - 20].rstrip("-")
    return f"{slug or 'template'}_{suffix}"


def check_id(template_id: str) -> str:
    fits = template_id.isprintable() and template_id == template_id.strip() and len(template_id) <= ID_LENGTH
    if not fits:
        raise InvalidField("template_id", f"up to {ID_LENGTH} printable characters without blanks at the ends")
    return template_id


def _require_numbers(evses: list[EvseTemplate]) -> None:
    numbers = [evse.evse_sequence_number for evse in evses]
    if len(set(numbers)) != len(numbers) or not all(1 <= number <= INT32 for number in numbers):
        raise InvalidField("evse_templates.evse_sequence_number", "a different number from 1 for each EVSE")


def _require_evse(evse: EvseTemplate) -> None:
    if not evse.connector_templates:
        raise MissingField("evse_templates.connector_templates")
    require_capabilities("evse_templates.capabilities", evse.capabilities)
    for connector in evse.connector_templates:
        require_connector(connector, "evse_templates.connector_templates")


def _numbered(evse: EvseTemplate, numbers: Iterator[int]) -> EvseTemplate:
    connectors = [replace(connector, id=next(numbers)) for connector in evse.connector_templates or []]
    return replace(evse, capabilities=evse.capabilities or [], connector_templates=connectors)
