"""Joining, leaving, and who I am: an invite is used up once, and wrong codes are counted for each address.

Links are not counted: nobody guesses 26 characters, and somebody else's wrong codes must not close the door to them.
"""

from importlib.metadata import version
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from app.actions import people
from app.domain.errors import InvalidCode, NotSignedIn
from app.domain.people import Actor, Cpo, Person
from app.field.answers import InviteInfo, JoinBody, Me, ServerInfo, cpo_info, person_info
from app.ports import Ports
from app.settings import Settings
from app.web.bodies import read_body
from app.web.devices import device_name
from app.web.limits import Tries
from app.web.sessions import COOKIE, is_secure, session_cookie

PortsOf = NamedDependency[SkipValidation[Ports]]
SettingsOf = NamedDependency[SkipValidation[Settings]]
TriesOf = NamedDependency[SkipValidation[Tries]]
ActorOf = NamedDependency[SkipValidation[Actor]]

Incoming = Request[Any, Any, Any]


@get("/invite")
async def show_invite(ports: PortsOf, token: FromQuery[str]) -> InviteInfo:
    """Who is invited, to greet them by name; looking does not use the invite up."""
    invite, _ = await people.find_invite(ports, token=token)
    return InviteInfo(
        known=invite.person_id is not None,
        role=invite.role.value,
        cpos=invite.cpo_ids,
        name=invite.name,
        phone=invite.phone,
        expires=invite.expires,
    )


async def _require_code(request: Incoming, tries: Tries, ports: Ports, code: str | None) -> None:
    """Raises TooManyTries before it even looks, and InvalidCode."""
    address = request.client.host if request.client else "?"
    tries.check(address)
    try:
        await people.find_invite(ports, code=code)
    except InvalidCode:
        tries.failed(address)
        raise


@post("/join")
async def join(ports: PortsOf, tries: TriesOf, settings: SettingsOf, request: Incoming) -> Response[Me]:
    """Use up a link or a code; the cookie that comes back is this device."""
    body = await read_body(request, JoinBody)
    if body.token is None:
        await _require_code(request, tries, ports, body.code)
    joined = await people.join(
        ports,
        token=body.token,
        code=body.code,
        name=body.name,
        phone=body.phone,
        language=body.language,
        device_name=device_name(request.headers.get("user-agent", "")),
    )
    cookie = session_cookie(joined.cookie, days=settings.session_days, secure=is_secure(request))
    me = await _me(ports, settings, joined.person, secure=is_secure(request))
    return Response(me, status_code=200, cookies=[cookie])


@post("/leave", status_code=200)
async def leave(ports: PortsOf, request: Incoming) -> Response[bytes]:
    if cookie := request.cookies.get(COOKIE):
        await people.sign_out(ports, cookie)
    gone = session_cookie("", days=0, secure=is_secure(request))
    return Response(b"{}", media_type="application/json", cookies=[gone])


@get("/me")
async def me(ports: PortsOf, settings: SettingsOf, actor: ActorOf, request: Incoming) -> Me:
    found = await ports.store.get(Person, actor.person_id or "")
    if found is None:
        raise NotSignedIn("sign in first")
    return await _me(ports, settings, found[0], secure=is_secure(request))


async def _me(ports: Ports, settings: Settings, person: Person, *, secure: bool) -> Me:
    cpos = [found[0] for cpo_id in person.cpo_ids if (found := await ports.store.get(Cpo, cpo_id))]
    return Me(
        person=person_info(person),
        cpos=[await cpo_info(ports, cpo) for cpo in cpos],
        server=ServerInfo(
            version=version("stationlink"),
            ocpp_url=ports.ocpp_url,
            public_url=ports.public_url,
            ocpp_bound_seconds=settings.ocpp_bounds.published,
            secure=secure,
            demo=settings.demo,
        ),
        now=ports.clock.now(),
    )
