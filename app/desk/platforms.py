"""The platform of a CPO: which one, and its tokens, which are tried at once and never shown again."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.connecting import platform_info
from app.actions.platforms import choose_platform
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.domain.environments import BUILTIN, Environment, environment_of
from app.domain.errors import Invalid, MissingField, NotAllowed, Refused, StationlinkError, Unavailable, UnknownCpo
from app.domain.people import Cpo

ADDRESS = "address"
"""The choice of a platform that has no name here."""

CHOICES = (BUILTIN, Environment.ACCEPTANCE.value, Environment.PRODUCTION.value, ADDRESS)
TOKENS = (Environment.ACCEPTANCE.value, Environment.PRODUCTION.value, Environment.OTHER.value)
SECRET = "token_"


def _asked(request: AnyRequest, visit: Visit) -> Cpo:
    if not visit.admin:
        raise NotAllowed("only an admin may choose the platform of a CPO")
    cpo_id = str(request.query_params.get("id", ""))
    cpo = visit.cpo(cpo_id)
    if cpo is None:
        raise UnknownCpo(cpo_id)
    return cpo


def _form_of(cpo: Cpo) -> Form:
    address = environment_of(cpo.platform) is Environment.OTHER
    return Form(
        {
            "platform": ADDRESS if address else cpo.platform,
            "address": cpo.platform if address else "",
            "platform_ocpp_url": cpo.platform_ocpp_url or "",
            "patches_evses": "1" if cpo.platform_patches_evses else "",
        }
    )


async def _show(visit: Visit, cpo: Cpo, form: Form) -> Response[str]:
    context = {"cpo": cpo, "info": await platform_info(visit.ports, cpo), "choices": CHOICES, "tokens": TOKENS}
    return page(visit, "platform.html", 422 if form.errors else 200, form=form, **context)


@get("/cpo/platform")
async def platform_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    cpo = _asked(request, visit)
    return await _show(visit, cpo, _form_of(cpo))


@post("/cpo/platform")
async def save_platform(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    """What was found is on the page that follows; a token that was refused changes nothing."""
    cpo = _asked(request, visit)
    form = Form.sent(await request.form())
    chosen = form.text("platform")
    if chosen not in CHOICES or (chosen == ADDRESS and not form.text("address")):
        form.errors["address" if chosen == ADDRESS else ""] = visit.words.errors["missing_field"]
        return await _show(visit, cpo, form)
    try:
        wanted = _wanted(form, chosen)
        await choose_platform(visit.ports, visit.actor, cpo.cpo_id, local_http=visit.settings.demo, **wanted)
    except (Invalid, Refused, Unavailable) as error:
        _refuse(visit, form, chosen, error)
        return await _show(visit, cpo, form)
    return done(visit, "/desk/cpo/platform?id=" + quote(cpo.cpo_id, safe=""), "platform_saved", cpo.name)


def _wanted(form: Form, chosen: str) -> dict[str, Any]:
    own = Environment.OTHER.value if chosen == ADDRESS else chosen
    named = (Environment.ACCEPTANCE.value, Environment.PRODUCTION.value)
    return {
        "platform": form.text("address") if chosen == ADDRESS else chosen,
        "token": form.optional(SECRET + own),
        "ocpp_url": form.optional("platform_ocpp_url") if chosen == ADDRESS else None,
        "patches_evses": form.checked("patches_evses"),
        "other_tokens": {name: form.text(SECRET + name) for name in named if name != own and form.text(SECRET + name)},
    }


def _refuse(visit: Visit, form: Form, chosen: str, error: StationlinkError) -> None:
    """A token's error stands beside the token that was typed, or is missing; that of an address beside the address."""
    own = Environment.OTHER.value if chosen == ADDRESS else chosen
    typed = [name for name in TOKENS if form.text(SECRET + name)]
    at = own if isinstance(error, MissingField) or own in typed or not typed else typed[0]
    form.refuse(visit.words, error, {"token": SECRET + at, "platform": "address" if chosen == ADDRESS else ""})
