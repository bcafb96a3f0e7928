"""Coming in and going out: invitations for support and admin, signing out, language and theme."""

from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from app.actions.people import find_invite, join, sign_out
from app.desk.forms import Form
from app.desk.front import LANGUAGE_COOKIE, THEME_COOKIE, YEAR, AnyRequest, Front, page
from app.desk.languages import LANGUAGES
from app.domain.errors import Invalid, MissingField, NotFound
from app.domain.people import Role
from app.web.devices import device_name
from app.web.sessions import COOKIE, session_cookie


@get("/join/{token:str}")
async def join_page(token: FromPath[str], front: NamedDependency[SkipValidation[Front]]) -> Response[str]:
    """Reading an invitation never uses it up: messengers open links to preview them."""
    return await _show(front, token, Form())


async def _show(front: Front, token: str, form: Form) -> Response[str]:
    try:
        invite, _ = await find_invite(front.ports, token=token)
    except (NotFound, Invalid) as error:
        return page(front, "spent.html", 404 if isinstance(error, NotFound) else 410)
    if invite.role is Role.INSTALLER:
        return page(front, "installer.html", link=f"/#/join/{token}")
    form.values.setdefault("name", invite.name or "")
    status = 422 if form.errors else 200
    return page(front, "join.html", status, invite=invite, token=token, form=form)


@post("/join/{token:str}")
async def join_desk(
    request: AnyRequest, token: FromPath[str], front: NamedDependency[SkipValidation[Front]]
) -> Response[str] | Redirect:
    form = Form.sent(await request.form())
    try:
        joined = await join(
            front.ports,
            token=token,
            name=form.optional("name"),
            language=front.language,
            device_name=device_name(request.headers.get("user-agent", "")),
        )
    except MissingField as error:
        form.refuse(front.words, error)
        return await _show(front, token, form)
    except (NotFound, Invalid):
        return await _show(front, token, form)
    response = Redirect("/desk", status_code=303)
    response.set_cookie(session_cookie(joined.cookie, days=front.settings.session_days, secure=front.secure))
    return response


@post("/leave")
async def leave(request: AnyRequest, front: NamedDependency[SkipValidation[Front]]) -> Redirect:
    cookie = request.cookies.get(COOKIE)
    if cookie:
        await sign_out(front.ports, cookie)
    response = Redirect("/desk", status_code=303)
    response.set_cookie(session_cookie("", days=0, secure=front.secure))
    return response


@post("/look")
async def change_look(request: AnyRequest, front: NamedDependency[SkipValidation[Front]]) -> Redirect:
    """Language and theme of this browser; back to the page it was chosen on, never to another site."""
    form = await request.form()
    response = Redirect(_back(str(form.get("back", ""))), status_code=303)
    chosen = {
        LANGUAGE_COOKIE: (str(form.get("language", "")), LANGUAGES),
        THEME_COOKIE: (str(form.get("theme", "")), THEMES),
    }
    for key, (value, known) in chosen.items():
        if value in known:
            response.set_cookie(key=key, value=value, max_age=YEAR, path="/", samesite="lax", secure=front.secure)
    return response


THEMES = ("light", "dark", "system")


def _back(asked: str) -> str:
    parts = urlsplit(asked)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and "\\" not in asked
    return asked if ours and parts.path.lower().startswith(("/desk", "/s/")) else "/desk"
