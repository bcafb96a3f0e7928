"""The shapes that the phone's API sends; the phone's types are generated from the same names."""

from datetime import datetime

from msgspec import Struct

from app.actions.connecting import PlatformInfo, platform_info
from app.actions.operations import Answer, Wanted
from app.actions.views import CommissioningView, LocationItem
from app.domain.environments import Environment
from app.domain.model import EvseTemplate
from app.domain.people import Cpo, Person, ReleaseOn
from app.ports import Ports


class CpoInfo(Struct, kw_only=True):
    cpo_id: str
    name: str
    country: str
    language: str
    charger_type: str
    default_tariff_id: str
    may_create_stations: bool
    may_create_locations: bool
    release_on: ReleaseOn
    support_phone: str | None
    environment: Environment
    platform: PlatformInfo


class PersonInfo(Struct, kw_only=True):
    id: str
    name: str
    phone: str | None
    role: str
    language: str


class ServerInfo(Struct, kw_only=True):
    """`secure` is whether this connection is HTTPS; `ocpp_bound_seconds` how long a lost station passes for online."""

    version: str
    ocpp_url: str
    public_url: str
    ocpp_bound_seconds: float
    secure: bool
    demo: bool


class Me(Struct, kw_only=True):
    person: PersonInfo
    cpos: list[CpoInfo]
    server: ServerInfo
    now: datetime


class InviteInfo(Struct, kw_only=True):
    """`known`: somebody who exists is meant, and keeps name and number whatever is typed."""

    known: bool
    role: str
    cpos: list[str]
    name: str | None
    phone: str | None
    expires: datetime


class JoinBody(Struct, kw_only=True):
    token: str | None = None
    code: str | None = None
    name: str | None = None
    phone: str | None = None
    language: str = "en"


class Home(Struct, kw_only=True):
    open: list[CommissioningView]
    recent: list[CommissioningView]
    stamp: int


class Locations(Struct):
    items: list[LocationItem]


class TemplateItem(Struct, kw_only=True):
    template_id: str
    name: str
    used: int
    evse_templates: list[EvseTemplate]


class Templates(Struct):
    items: list[TemplateItem]


class SyncBody(Struct):
    operations: list[Wanted]


class Synced(Struct):
    results: list[Answer]
    commissionings: list[CommissioningView]


class TrialBody(Struct, kw_only=True):
    """`evse` is the sequence number of the one that it is about, `how` one of the ways of its kind."""

    id: str
    commissioning_id: str
    kind: str
    evse: int | None = None
    how: str | None = None


class SeenBody(Struct, kw_only=True):
    """What the person before the station saw while a test ran: `evse` None is that nothing there did anything.

    `here` is False when another station than the one in front of them reacted.
    """

    id: str
    commissioning_id: str
    evse: int | None
    here: bool = True


class ConsentBody(Struct):
    allow: bool


async def cpo_info(ports: Ports, cpo: Cpo) -> CpoInfo:
    platform = await platform_info(ports, cpo)
    return CpoInfo(
        cpo_id=cpo.cpo_id,
        name=cpo.name,
        country=cpo.country,
        language=cpo.language,
        charger_type=cpo.charger_type.value,
        default_tariff_id=cpo.default_tariff_id,
        may_create_stations=cpo.may_create_stations,
        may_create_locations=cpo.may_create_locations,
        release_on=cpo.release_on,
        support_phone=cpo.support_phone,
        environment=platform.environment,
        platform=platform,
    )


def person_info(person: Person) -> PersonInfo:
    return PersonInfo(
        id=person.id, name=person.name, phone=person.phone, role=person.role.value, language=person.language
    )
