"""CPOs: the list, and one plain form to make or change one."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.connecting import platform_info
from app.actions.cpos import change_cpo, cpo_mistakes, create_cpo
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.domain.errors import CpoExists, Invalid, NotAllowed, PartyTaken, UnknownCpo
from app.domain.model import ChargerType
from app.domain.people import Cpo, ReleaseOn
from app.domain.trials import OFFERED, TrialKind

FORM_FIELDS = {"party": "party_id", "country": "country_code", "tariff": "default_tariff_id"}
"""What the action calls a field, and what the form does."""

REQUIRED = ("name", "country_code", "party_id", "default_tariff_id", "charger_type")


@get("/cpos")
async def cpos_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    infos = {cpo.cpo_id: await platform_info(visit.ports, cpo) for cpo in visit.cpos}
    return page(visit, "cpos.html", infos=infos)


def _form_of(cpo: Cpo) -> Form:
    return Form(
        {
            "name": cpo.name,
            "country_code": cpo.country_code,
            "party_id": cpo.party_id,
            "default_tariff_id": cpo.default_tariff_id,
            "charger_type": cpo.charger_type.value,
            "language": cpo.language,
            "time_zone": cpo.time_zone,
            "release_on": cpo.release_on.value,
            "support_phone": cpo.support_phone or "",
            "test_cards": "\n".join(cpo.test_cards),
            "required_trials": [kind.value for kind in cpo.required_trials],
            "accepts_no_load": "1" if cpo.accepts_no_load else "",
            "findings_block": "1" if cpo.findings_block else "",
            "may_create_stations": "1" if cpo.may_create_stations else "",
            "may_create_locations": "1" if cpo.may_create_locations else "",
        }
    )


NEW = {
    "country_code": "NL",
    "charger_type": ChargerType.PUBLIC.value,
    "language": "nl",
    "release_on": ReleaseOn.HAND_OVER.value,
    "may_create_stations": "1",
    "may_create_locations": "1",
}


def _show(visit: Visit, form: Form, cpo_id: str) -> Response[str]:
    status = 422 if form.errors else 200
    types, releases = visit.words.charger_types.items(), visit.words.releases.items()
    shown = {"form": form, "cpo_id": cpo_id, "charger_types": types, "releases": releases, "offered": OFFERED}
    return page(visit, "cpo.html", status, **shown)


@get("/cpo")
async def cpo_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    _require_admin(visit)
    cpo_id = str(request.query_params.get("id", ""))
    if not cpo_id:
        return _show(visit, Form(NEW), "")
    cpo = visit.cpo(cpo_id)
    if cpo is None:
        raise UnknownCpo(cpo_id)
    return _show(visit, _form_of(cpo), cpo_id)


def _require_admin(visit: Visit) -> None:
    if not visit.admin:
        raise NotAllowed("only an admin may change a CPO")


@post("/cpo")
async def save_cpo(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    _require_admin(visit)
    cpo_id = str(request.query_params.get("id", ""))
    form = Form.sent(await request.form(), lists=("required_trials",))
    for error in cpo_mistakes(form.values):
        form.refuse(visit.words, error, FORM_FIELDS)
    if not form.require(visit.words, *(name for name in REQUIRED if not cpo_id or name in CHANGEABLE)):
        return _show(visit, form, cpo_id)
    if not _chosen(form):
        form.errors[""] = visit.words.errors["invalid_field"]
        return _show(visit, form, cpo_id)
    try:
        saved = await _save(visit, form, cpo_id)
    except PartyTaken as error:
        said = visit.words.party_taken.format(party=error.detail["party"], name=error.detail["cpo_id"])
        form.errors["party_id"] = said
        return _show(visit, form, cpo_id)
    except (Invalid, CpoExists) as error:
        form.refuse(visit.words, error, FORM_FIELDS)
        return _show(visit, form, cpo_id)
    return done(visit, "/desk/cpos", "cpo_saved", saved.name)


def _chosen(form: Form) -> bool:
    """Whether what can only be chosen is one of its choices."""
    known = form.text("charger_type") in set(ChargerType) and form.text("release_on") in set(ReleaseOn)
    return known and set(OFFERED) >= set(form.many("required_trials"))


CHANGEABLE = frozenset({"name", "default_tariff_id", "charger_type"})


async def _save(visit: Visit, form: Form, cpo_id: str) -> Cpo:
    if cpo_id:
        changes = {"name": form.text("name"), **_terms(form), **_options(form)}
        return await change_cpo(visit.ports, visit.actor, cpo_id, **changes)
    return await create_cpo(
        visit.ports,
        visit.actor,
        country_code=form.text("country_code"),
        party_id=form.text("party_id"),
        name=form.text("name"),
        **_terms(form),
        **_options(form),
    )


def _terms(form: Form) -> dict[str, Any]:
    return {
        "default_tariff_id": form.text("default_tariff_id"),
        "charger_type": ChargerType(form.text("charger_type")),
    }


def _options(form: Form) -> dict[str, Any]:
    return {
        **{name: form.text(name) for name in ("language", "time_zone") if form.text(name)},
        "release_on": ReleaseOn(form.text("release_on")),
        "support_phone": form.optional("support_phone"),
        "test_cards": form.text("test_cards").split(),
        "required_trials": [TrialKind(kind) for kind in form.many("required_trials")],
        "accepts_no_load": form.checked("accepts_no_load"),
        "findings_block": form.checked("findings_block"),
        "may_create_stations": form.checked("may_create_stations"),
        "may_create_locations": form.checked("may_create_locations"),
    }
