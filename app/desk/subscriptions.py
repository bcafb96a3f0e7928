"""Keys with which other systems use the platform API."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from app.actions.subscriptions import create_subscription, list_subscriptions, revoke_subscription
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.domain.errors import Invalid, UnknownCpo
from app.domain.subscriptions import MODULES

PERMISSIONS = ("", "r", "w", "rw")


@get("/subscriptions")
async def subscriptions_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    return await _show(visit, Form(dict.fromkeys(MODULES, "r")))


async def _show(visit: Visit, form: Form) -> Response[str]:
    known = [each.subscription for each in await list_subscriptions(visit.ports, visit.actor)]
    status = 422 if form.errors else 200
    return page(visit, "subscriptions.html", status, known=known, form=form, modules=MODULES, permissions=PERMISSIONS)


@post("/subscriptions")
async def make_subscription(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    """The key is in this one answer and nowhere else."""
    form = Form.sent(await request.form(), lists=("cpos",))
    modules = {module: form.text(module) for module in MODULES if form.text(module)}
    form.require(visit.words, "name", "cpos")
    if form.errors:
        return await _show(visit, form)
    try:
        made = await create_subscription(
            visit.ports, visit.actor, cpo_ids=form.many("cpos"), modules=modules, name=form.text("name")
        )
    except (Invalid, UnknownCpo) as error:
        form.refuse(visit.words, error, {"cpo": "cpos", "module": MODULES[0]})
        return await _show(visit, form)
    return page(visit, "subscription.html", name=form.text("name"), key=made.key)


@post("/subscriptions/revoke")
async def revoke(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Redirect:
    revoked = await revoke_subscription(visit.ports, visit.actor, str((await request.form()).get("id", "")))
    return done(visit, "/desk/subscriptions", "subscription_revoked", revoked.name)
