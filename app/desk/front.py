"""What every page of the desk rests on: who looks, in which language and theme, and how a page is made."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.response import Redirect

from app.actions.connecting import World, world_of
from app.actions.cpos import list_cpos
from app.desk.languages import LANGUAGES, pick
from app.desk.say import Say, zone_of
from app.desk.words import Words
from app.domain.errors import NotAllowed, PlatformKeyRefused
from app.domain.people import Actor, Cpo, Role
from app.ports import Platform, Ports
from app.settings import Settings
from app.web.sessions import is_secure, request_actor

AnyRequest = Request[Any, Any, Any]

ROLES = frozenset({Role.SUPPORT, Role.ADMIN})
LANGUAGE_COOKIE = "stationlink_language"
THEME_COOKIE = "stationlink_theme"
NOTICE_COOKIE = "stationlink_notice"
YEAR = 365 * 86400
HOME_ZONE = "Europe/Amsterdam"


def station_url(charge_station_id: str) -> str:
    """Ids may hold any printable character, so they travel in the query."""
    return "/desk/station?id=" + quote(charge_station_id, safe="")


PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters["station_url"] = station_url
PAGES.filters["q"] = lambda text: quote(str(text), safe="")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How anybody sees a page. `theme` is light, dark or empty for the system's own; `here` is path and query."""

    words: Words
    language: str
    theme: str
    here: str
    notice: str = ""


@dataclass(frozen=True, kw_only=True)
class Front(Look):
    """A look at a page that reads from the house. `secure` is whether this request came over HTTPS."""

    ports: Ports
    settings: Settings
    say: Say
    secure: bool


@dataclass(frozen=True)
class Source:
    """A platform, and which of somebody's CPOs it is the platform of."""

    platform: Platform
    cpo_ids: list[str]


@dataclass(frozen=True, kw_only=True)
class Visit(Front):
    """A look by somebody who is signed in, and the CPOs in their scope."""

    actor: Actor
    cpos: list[Cpo] = field(default_factory=list)

    @property
    def everything(self) -> bool:
        """An admin of the whole installation, who also makes CPOs."""
        return self.actor.role is Role.ADMIN and self.actor.cpo_ids is None

    @property
    def admin(self) -> bool:
        return self.actor.role is Role.ADMIN

    @property
    def scope(self) -> dict[str, Any]:
        """The `equals` of a Store.find that reads only what this person may see."""
        return {} if self.actor.cpo_ids is None else {"cpo_id": sorted(self.actor.cpo_ids)}

    def cpo(self, cpo_id: str | None) -> Cpo | None:
        return next((cpo for cpo in self.cpos if cpo.cpo_id == cpo_id), None)

    def worlds(self, cpo_id: str = "") -> list[World]:
        """What a page about this CPO, or about all of them, speaks to: each platform and environment once."""
        wanted = [cpo for cpo in self.cpos if cpo_id in ("", cpo.cpo_id)]
        return list(dict.fromkeys(world_of(self.ports, cpo) for cpo in wanted))

    def world(self, cpo_id: str) -> World | None:
        """To be said beside an object of this CPO; None where all CPOs live in one world."""
        return next(iter(self.worlds(cpo_id)), None) if len(self.worlds()) > 1 else None

    def sources(self, cpo_id: str = "") -> list[Source]:
        """The platforms behind this CPO, or behind all, in the order of the CPOs; one without a key hides no other.

        Raises PlatformKeyRefused when there is none at all.
        """
        found: dict[int, Source] = {}
        refused: PlatformKeyRefused | None = None
        for cpo in self.cpos:
            if cpo_id not in ("", cpo.cpo_id):
                continue
            try:
                platform = self.ports.platforms.of(cpo)
            except PlatformKeyRefused as error:
                refused = error
            else:
                found.setdefault(id(platform), Source(platform, [])).cpo_ids.append(cpo.cpo_id)
        if refused is not None and not found:
            raise refused
        return list(found.values())

    def platforms(self) -> list[Platform]:
        """Those of all CPOs, each once."""
        return [source.platform for source in self.sources()]


def language_of(request: AnyRequest) -> str:
    """The one that was chosen, else the first that the browser asks for and we speak, else English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((each for each in (chosen, *asked) if each in LANGUAGES), "en")


def look_of(request: AnyRequest) -> Look:
    language, theme = language_of(request), request.cookies.get(THEME_COOKIE, "")
    query = f"?{request.url.query}" if request.url.query else ""
    return Look(
        words=pick(language),
        language=language,
        theme=theme if theme in ("light", "dark") else "",
        here=request.url.path + query if request.method == "GET" else "/desk",
        notice=unquote(request.cookies.get(NOTICE_COOKIE, "")),
    )


def front_of(request: AnyRequest, ports: Ports, settings: Settings, zone: str = HOME_ZONE) -> Front:
    look = look_of(request)
    say = Say(look.words, zone_of(zone), ports.clock.now())
    return Front(**vars(look), ports=ports, settings=settings, say=say, secure=is_secure(request))


async def visit_of(request: AnyRequest, ports: Ports, settings: Settings) -> Visit:
    """Raises NotSignedIn, or NotAllowed for an installer, who works with the phone app."""
    actor = await request_actor(request, ports, days=settings.session_days, roles=frozenset(Role))
    if actor.role not in ROLES:
        raise NotAllowed("the desk is for support and admins", role=Role.INSTALLER.value)
    cpos = await list_cpos(ports, actor)
    front = front_of(request, ports, settings, cpos[0].time_zone if cpos else HOME_ZONE)
    return Visit(**vars(front), actor=actor, cpos=cpos)


def fragment(visit: Visit, template: str, **context: Any) -> Response[str]:
    """A part of a page, for htmx."""
    return _respond(visit, template, 200, context)


def page(look: Look, template: str, status: int = 200, **context: Any) -> Response[str]:
    """A whole page; it shows the notice that the last write left, once."""
    key, _, subject = look.notice.partition("~")
    known = key if key in look.words.notices else ""
    response = _respond(look, template, status, {**context, "notice": known, "notice_subject": subject})
    if look.notice:
        response.delete_cookie(NOTICE_COOKIE, path="/desk")
    return response


def _respond(look: Look, template: str, status: int, context: dict[str, Any]) -> Response[str]:
    """`say` is in the templates of those pages that show moments: they have a clock."""
    said = {"say": look.say} if isinstance(look, Front) else {}
    visit = look if isinstance(look, Visit) else None
    html = PAGES.get_template(template).render(look=look, visit=visit, w=look.words, **said, **context)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers={"Cache-Control": "no-store"})


def done(front: Front, to: str, notice: str, subject: str = "") -> Redirect:
    """After a write: back to a page, which says what was done and perhaps offers to undo it."""
    response = Redirect(to, status_code=303)
    value = quote(f"{notice}~{subject}" if subject else notice, safe="")
    response.set_cookie(
        key=NOTICE_COOKIE, value=value, max_age=60, path="/desk", httponly=True, samesite="lax", secure=front.secure
    )
    return response
