"""Keys with which other systems use the platform API: the list, what each may, and their replacement."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from msgspec import Struct

from app.actions.subscriptions import (
    Issued,
    Listed,
    change_subscription,
    create_subscription,
    elsewhere,
    list_subscriptions,
    read_subscription,
    revoke_subscription,
    rotate_subscription,
)
from app.desk.forms import Form
from app.desk.front import AnyRequest, Visit, done, page
from app.domain.errors import Invalid, InvalidField, UnknownCpo
from app.domain.people import Subscription
from app.domain.subscriptions import MODULES, PERMISSIONS

LISTS = ("cpos", *MODULES)
GRACES = ("0", "1", "24", "168")
"""Hours that an old key may stay good."""

FORM_FIELDS = {"cpo": "cpos", "module": "modules"}


class Row(Struct, frozen=True, kw_only=True):
    """A subscription as the desk shows it; `beside` is until when its old key is good, if it still is."""

    each: Subscription
    used: datetime | None
    state: str
    beside: datetime | None


def _row(visit: Visit, listed: Listed) -> Row:
    each, now = listed.subscription, visit.say.now
    expired = each.expires is not None and now.date() > each.expires
    state = "revoked" if each.revoked_at else "expired" if expired else "valid"
    until = each.previous_until
    beside = until if state == "valid" and until is not None and until > now else None
    return Row(each=each, used=listed.used, state=state, beside=beside)


@get("/subscriptions")
async def subscriptions_page(visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    return await _show_all(visit, Form({**{module: ["r"] for module in MODULES}, "cpos": _only(visit)}))


def _only(visit: Visit) -> list[str]:
    return [visit.cpos[0].cpo_id] if len(visit.cpos) == 1 else []


async def _show_all(visit: Visit, form: Form) -> Response[str]:
    rows = [_row(visit, each) for each in await list_subscriptions(visit.ports, visit.actor)]
    return page(visit, "subscriptions.html", 422 if form.errors else 200, rows=rows, **_choices(visit, form))


def _choices(visit: Visit, form: Form) -> dict[str, Any]:
    usual = visit.settings.requests_per_minute
    return {"form": form, "modules": MODULES, "letters": list(PERMISSIONS), "usual": usual}


def _terms(form: Form) -> dict[str, Any]:
    """What the form says, by the names that the actions take. Raises InvalidField."""
    letters = {module: "".join(form.many(module)) for module in MODULES}
    return {
        "name": form.text("name"),
        "cpo_ids": form.many("cpos"),
        "modules": {module: given for module, given in letters.items() if given},
        "expires": _day(form.text("expires")),
        "per_minute": _rate(form.text("per_minute")),
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidField("expires", "a day such as 2027-01-31") from error


def _rate(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidField("per_minute", "a whole number")
    return int(text) if text else None


def _refuse(visit: Visit, form: Form, error: Invalid | UnknownCpo) -> None:
    form.values.setdefault("modules", "")
    form.refuse(visit.words, error, FORM_FIELDS)


@post("/subscriptions")
async def make_subscription(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    """The key is in this one answer and nowhere else."""
    form = Form.sent(await request.form(), lists=LISTS)
    if not form.require(visit.words, "name", "cpos"):
        return await _show_all(visit, form)
    try:
        made = await create_subscription(visit.ports, visit.actor, **_terms(form))
    except (Invalid, UnknownCpo) as error:
        _refuse(visit, form, error)
        return await _show_all(visit, form)
    return await _told(visit, made)


async def _told(visit: Visit, made: Issued) -> Response[str]:
    row = _row(visit, Listed(subscription=made.subscription, used=None))
    others = await elsewhere(visit.ports, made.subscription)
    return page(visit, "key.html", made=made, row=row, others=others)


@get("/subscription")
async def subscription_page(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    listed = await read_subscription(visit.ports, visit.actor, _id(request.query_params))
    return _show(visit, listed, _form_of(listed.subscription))


def _id(source: Mapping[str, Any]) -> str:
    return str(source.get("id", ""))


def _form_of(each: Subscription) -> Form:
    rate = "" if each.per_minute is None else str(each.per_minute)
    expires = each.expires.isoformat() if each.expires else ""
    letters = {module: list(each.modules.get(module, "")) for module in MODULES}
    return Form({"name": each.name, "cpos": each.cpo_ids, "expires": expires, "per_minute": rate, **letters})


def _show(visit: Visit, listed: Listed, form: Form) -> Response[str]:
    status, choices = 422 if form.errors else 200, _choices(visit, form)
    return page(visit, "subscription.html", status, row=_row(visit, listed), graces=GRACES, **choices)


@post("/subscription")
async def change(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str] | Redirect:
    listed = await read_subscription(visit.ports, visit.actor, _id(request.query_params))
    form = Form.sent(await request.form(), lists=LISTS)
    if not form.require(visit.words, "name", "cpos"):
        return _show(visit, listed, form)
    try:
        changed = await change_subscription(visit.ports, visit.actor, listed.subscription.id, **_terms(form))
    except (Invalid, UnknownCpo) as error:
        _refuse(visit, form, error)
        return _show(visit, listed, form)
    return done(visit, "/desk/subscriptions", "subscription_changed", changed.name)


@post("/subscription/rotate")
async def rotate(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Response[str]:
    """The new key is in this one answer and nowhere else."""
    given = str((await request.form()).get("grace", ""))
    if given not in GRACES:
        raise InvalidField("grace", "one of the choices")
    grace = timedelta(hours=int(given))
    return await _told(visit, await rotate_subscription(visit.ports, visit.actor, _id(request.query_params), grace))


@post("/subscriptions/revoke")
async def revoke(request: AnyRequest, visit: NamedDependency[SkipValidation[Visit]]) -> Redirect:
    revoked = await revoke_subscription(visit.ports, visit.actor, _id(await request.form()))
    return done(visit, "/desk/subscriptions", "subscription_revoked", revoked.name)
