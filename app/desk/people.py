"""People and their devices, and the invitations that let them in."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Struct

from app.actions.devices import in_scope, list_people, restore_device, revoke_device
from app.actions.people import Invited, invite
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.domain.errors import Invalid, NotAllowed, UnknownCpo
from app.domain.people import Device, Invite, Person, Role
from app.labels.codes import screen_code, svg

INVITE_MINUTES = (15, 60, 1440)


class Member(Struct, frozen=True, kw_only=True):
    """Somebody as this viewer may see them: `cpos` are those of the viewer's scope, `mine` is whether they may act."""

    person: Person
    devices: list[Device]
    cpos: str
    mine: bool


class OpenInvite(Struct, frozen=True, kw_only=True):
    invite: Invite
    cpos: str


async def read_people(visit: Visit) -> list[Member]:
    people = await list_people(visit.ports, visit.actor)
    found = await visit.ports.store.find(Device, person_id={person.id for person in people}, limit=10_000)
    by_person: dict[str, list[Device]] = {}
    for device, _ in sorted(found, key=lambda item: item[0].seen, reverse=True):
        by_person.setdefault(device.person_id, []).append(device)
    return [
        Member(
            person=person,
            devices=by_person.get(person.id, []),
            cpos=_cpo_names(visit, person.cpo_ids),
            mine=in_scope(visit.actor, person),
        )
        for person in people
    ]


def _cpo_names(visit: Visit, cpo_ids: list[str]) -> str:
    """Those that this person may know of."""
    return ", ".join(filter(visit.actor.covers, cpo_ids)) if cpo_ids else visit.words.everything


async def open_invites(visit: Visit) -> list[OpenInvite]:
    """Not used and not too old yet, for CPOs of this person."""
    found = await visit.ports.store.find(Invite, used_at=None, limit=10_000)
    mine = [record for record, _ in found if record.expires > visit.say.now and _covers(visit, record)]
    by_end = sorted(mine, key=lambda record: record.expires)
    return [OpenInvite(invite=record, cpos=_cpo_names(visit, record.cpo_ids)) for record in by_end]


def _covers(visit: Visit, record: Invite) -> bool:
    scope = visit.actor.cpo_ids
    return scope is None or not scope.isdisjoint(record.cpo_ids)


@get("/people")
async def people_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    members = await read_people(visit)
    return page(visit, "people.html", members=members, invites=await open_invites(visit))


def _roles(visit: Visit) -> list[Role]:
    return list(Role) if visit.admin else [Role.INSTALLER, Role.SUPPORT]


@get("/people/invite")
async def invite_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    cpos = [visit.cpos[0].cpo_id] if len(visit.cpos) == 1 else []
    minutes = str(visit.settings.invite_minutes)
    return _form(visit, Form({"role": Role.INSTALLER.value, "cpos": cpos, "minutes": minutes}))


def _form(visit: Visit, form: Form) -> Response[str]:
    minutes = [(str(each), _spoken(visit, each)) for each in sorted({visit.settings.invite_minutes, *INVITE_MINUTES})]
    status = 422 if form.errors else 200
    return page(visit, "invite.html", status, form=form, roles=_roles(visit), minutes=minutes)


@post("/people/invite")
async def make_invite(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    """Link and code are in this one answer and nowhere else."""
    form = Form.sent(await request.form(), lists=("cpos",))
    roles = {role.value: role for role in _roles(visit)}
    role = roles.get(form.text("role"))
    everything = role is Role.ADMIN and visit.everything
    if role is None:
        form.errors["role"] = visit.words.errors["missing_field"]
    if not form.many("cpos") and not everything:
        form.errors["cpos"] = visit.words.errors["missing_field"]
    if form.errors or role is None:
        return _form(visit, form)
    try:
        made = await invite(
            visit.ports,
            visit.actor,
            role=role,
            cpo_ids=form.many("cpos"),
            name=form.optional("name"),
            phone=form.optional("phone"),
            minutes=_minutes(form.text("minutes"), visit.settings.invite_minutes),
        )
    except (Invalid, NotAllowed, UnknownCpo) as error:
        form.refuse(visit.words, error, {"cpo": "cpos"})
        return _form(visit, form)
    return _invited(visit, made, _here(request))


def _spoken(visit: Visit, minutes: int) -> str:
    if minutes < 120:
        return visit.words.age_minutes.format(n=minutes)
    return visit.words.age_hours.format(n=minutes // 60)


def _minutes(given: str, usual: int) -> int:
    minutes = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else usual
    return minutes if 1 <= minutes <= max(usual, *INVITE_MINUTES) else usual


LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def _here(request: AnyRequest) -> str:
    """How this very browser reaches us, when it runs on the server's own machine; else empty."""
    return str(request.base_url).rstrip("/") if request.url.hostname in LOCAL_NAMES else ""


def _invited(visit: Visit, made: Invited, here: str) -> Response[str]:
    code = Markup(svg(screen_code(made.link), visit.words.invite_qr))
    public = visit.ports.public_url
    local = made.link.replace(public, here, 1) if here and here != public else ""
    return page(visit, "invited.html", made=made, qr=code, local=local)


@post("/people/devices/revoke")
async def revoke(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Redirect:
    device = await revoke_device(visit.ports, visit.actor, str((await request.form()).get("device", "")))
    return done(visit, "/desk/people", "device_revoked", device.id)


@post("/people/devices/restore")
async def restore(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Redirect:
    device = await restore_device(visit.ports, visit.actor, str((await request.form()).get("device", "")))
    return done(visit, "/desk/people", "device_restored", device.id)
