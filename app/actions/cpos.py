"""CPOs: who operates the stations, and what their installers may do."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec

from app.domain.countries import ZONES, alpha3, driver_language, time_zone
from app.domain.errors import CpoExists, InvalidField, MissingField, NotAllowed, PartyTaken, UnknownCpo
from app.domain.facts import Fact, FactKind
from app.domain.languages import ISO_639_1
from app.domain.model import ChargerType
from app.domain.people import Actor, Cpo, Role
from app.ports import Change, Ports, Put

FIXED = frozenset({"cpo_id", "country_code", "party_id", "created"})
TRIED = frozenset({"platform", "platform_ocpp_url", "platform_patches_evses", "sealed_tokens", "access"})
"""What only `choose_platform` changes, since it tries them first."""
PARTY = re.compile(r"[A-Z0-9]{3}")
PHONE = re.compile(r"(?=(?:\D*\d){5})[0-9 +()/-]+")


def require_admin(actor: Actor) -> None:
    """Raises NotAllowed for anyone but an admin of the whole installation, or the command line."""
    if actor.cpo_ids is not None or actor.role not in (None, Role.ADMIN):
        raise NotAllowed("only an admin of the whole installation may do this")


def _text(field: str, value: str) -> str:
    if not value.strip():
        raise MissingField(field)
    return value.strip()


@cache
def _time_zones() -> frozenset[str]:
    """Those of this machine; the ones that we suggest ourselves count also where it has none."""
    return (frozenset(available_timezones()) | frozenset(ZONES.values())) - {"localtime", "Factory"}


def _party(value: str) -> None:
    if not PARTY.fullmatch(value.strip().upper()):
        raise InvalidField("party", "three letters or digits")


def _language(value: str) -> None:
    if value not in ISO_639_1:
        raise InvalidField("language", "two small letters (ISO 639-1), such as nl")


def _time_zone(value: str) -> None:
    if value not in _time_zones():
        raise InvalidField("time_zone", "a name of the IANA database, such as Europe/Amsterdam")


def _phone(value: str) -> None:
    if not PHONE.fullmatch(value):
        raise InvalidField("support_phone", "a phone number of five digits or more, such as +31 30 123 4567")


CHECKS: dict[str, Callable[[str], object]] = {
    "country_code": alpha3,
    "party_id": _party,
    "language": _language,
    "time_zone": _time_zone,
    "support_phone": _phone,
}


def cpo_mistakes(values: Mapping[str, str | None]) -> list[InvalidField]:
    """What is wrong with these fields of a CPO, each by itself; an empty field is left alone."""
    found = []
    for name, check in CHECKS.items():
        try:
            check(given) if (given := values.get(name)) else None
        except InvalidField as error:
            found.append(error)
    return found


def _checked(cpo: Cpo) -> Cpo:
    """Raises InvalidField for a language or time zone that does not exist, or a number that nobody can call."""
    _language(cpo.language)
    _time_zone(cpo.time_zone)
    if cpo.support_phone:
        _phone(cpo.support_phone)
    return cpo


async def _require_own_party(ports: Ports, cpo: Cpo) -> None:
    """It is part of EVSE ids, so two CPOs of a country cannot share it. Raises PartyTaken."""
    for other, _ in await ports.store.find(Cpo, limit=10_000):
        if (other.country_code, other.party_id) == (cpo.country_code, cpo.party_id):
            raise PartyTaken(other.name, f"{cpo.country_code}-{cpo.party_id}")


async def create_cpo(
    ports: Ports,
    actor: Actor,
    *,
    country_code: str,
    party_id: str,
    name: str,
    default_tariff_id: str,
    charger_type: ChargerType,
    **options: Any,
) -> Cpo:
    """A new CPO whose id is its name; `options` are further fields of Cpo.

    Raises CpoExists, PartyTaken, InvalidField.

    Language and time zone are those of its country unless they are among the options.
    """
    require_admin(actor)
    _party(party_id)
    habits = {
        "country": alpha3(country_code),
        "language": driver_language(country_code),
        "time_zone": time_zone(country_code),
    }
    cpo = Cpo(
        cpo_id=_text("name", name),
        country_code=country_code.strip().upper(),
        party_id=party_id.strip().upper(),
        name=_text("name", name),
        default_tariff_id=_text("tariff", default_tariff_id),
        charger_type=charger_type,
        created=ports.clock.now(),
        **{**habits, **options},
    )
    _checked(cpo)
    if await ports.store.get(Cpo, cpo.cpo_id) is not None:
        raise CpoExists(cpo.cpo_id)
    await _require_own_party(ports, cpo)
    await _commit(ports, actor, cpo, 0, "created")
    return cpo


async def change_cpo(ports: Ports, actor: Actor, cpo_id: str, **changes: Any) -> Cpo:
    """Change what may change of a CPO; its id, party and country code never do.

    Raises UnknownCpo, NotAllowed, InvalidField.
    """
    found = await ports.store.get(Cpo, cpo_id) if actor.covers(cpo_id) else None
    if found is None:
        raise UnknownCpo(cpo_id)
    if actor.role not in (None, Role.ADMIN):
        raise NotAllowed("only an admin may change a CPO")
    fixed = (FIXED | TRIED) & changes.keys()
    unknown = changes.keys() - set(Cpo.__struct_fields__)
    if fixed or unknown:
        raise InvalidField(min(fixed | unknown), "a field of the CPO that may change")
    changed = _checked(msgspec.structs.replace(found[0], **changes))
    await _commit(ports, actor, changed, found[1], "changed", fields=sorted(changes))
    return changed


async def _commit(ports: Ports, actor: Actor, cpo: Cpo, rev: int, what: str, **data: Any) -> None:
    fact = Fact(
        kind=FactKind.CPO_CHANGED,
        at=ports.clock.now(),
        cpo_id=cpo.cpo_id,
        person_id=actor.person_id,
        device_id=actor.device_id,
        data={"what": what, **data},
    )
    await ports.store.commit(Change(writes=(Put(cpo, rev),), facts=(fact,)))


async def list_cpos(ports: Ports, actor: Actor) -> list[Cpo]:
    """The CPOs in the actor's scope, by name."""
    found = [cpo for cpo, _ in await ports.store.find(Cpo, limit=10_000) if actor.covers(cpo.cpo_id)]
    return sorted(found, key=lambda cpo: cpo.name.casefold())
