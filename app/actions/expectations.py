"""What stations of a model should say of themselves: support writes it, tests and findings are held to it."""

from app.actions.findings import expectation_of
from app.actions.work import read_cpo
from app.domain.errors import NotAllowed, UnknownTemplate
from app.domain.expectations import Expectation, expectation_key
from app.domain.expected_lines import read_expectation, written
from app.domain.facts import Fact, FactKind
from app.domain.model import HardwareTemplate
from app.domain.people import Actor, Role
from app.ports import Change, Ports, Put


async def read_expected(ports: Ports, actor: Actor, cpo_id: str, template_id: str) -> tuple[HardwareTemplate, str]:
    """The model, and the lines of what is expected of it, without secrets. Raises UnknownTemplate."""
    template = await _template(ports, actor, cpo_id, template_id)
    known = await expectation_of(ports, cpo_id, template_id)
    return template, written(known) if known else ""


async def save_expected(ports: Ports, actor: Actor, cpo_id: str, template_id: str, text: str) -> Expectation:
    """Raises NotAllowed for an installer, UnknownTemplate, InvalidField naming the line."""
    if actor.role is Role.INSTALLER:
        raise NotAllowed("installers read what a model should be, and do not write it")
    await _template(ports, actor, cpo_id, template_id)
    found = await ports.store.get(Expectation, expectation_key(cpo_id, template_id))
    read = read_expectation(template_id, cpo_id, text, found[0] if found else None)
    fact = Fact(
        kind=FactKind.EXPECTATION_CHANGED,
        at=ports.clock.now(),
        cpo_id=cpo_id,
        person_id=actor.person_id,
        device_id=actor.device_id,
        data={"template_id": template_id, "keys": len(read.keys)},
    )
    await ports.store.commit(Change(writes=(Put(read, found[1] if found else 0),), facts=(fact,)))
    return read


async def _template(ports: Ports, actor: Actor, cpo_id: str, template_id: str) -> HardwareTemplate:
    """One that this CPO's stations can be made of."""
    cpo = await read_cpo(ports, actor, cpo_id)
    for template in await ports.platforms.of(cpo).templates(actor):
        if template.template_id == template_id:
            return template
    raise UnknownTemplate(template_id)
