"""The desk's router: every page of it, what they need, and how a refusal looks in a browser."""

import shlex
from collections.abc import Callable

from litestar import Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from app.actions.commanding import Commanding
from app.bus import Bus
from app.desk import (
    adopting,
    board,
    commanding,
    connections,
    cpos,
    entry,
    labels,
    landing,
    locations,
    models,
    people,
    platforms,
    rotating,
    station,
    stations,
    stream,
    subscriptions,
    tuning,
)
from app.desk.front import AnyRequest, Front, Look, Visit, front_of, look_of, page, visit_of
from app.domain.errors import NotSignedIn, StationlinkError
from app.domain.people import Role
from app.ports import Ports
from app.settings import Settings
from app.web.csrf import require_same_origin
from app.web.limits import Tries
from app.web.problems import status_of

PAGES_OF_THE_DESK = [
    board.board_page,
    board.board_part,
    stream.desk_stream,
    station.station_page,
    station.station_part,
    station.release_station,
    station.new_password,
    station.switch_virtual,
    commanding.command_page,
    commanding.send_command,
    commanding.configuration_page,
    rotating.rotate_page,
    rotating.rotate_now,
    tuning.tuning_page,
    tuning.save_tuning,
    stations.stations_page,
    locations.locations_page,
    locations.location_page,
    models.models_page,
    models.model_page,
    models.save_model,
    labels.labels_page,
    labels.make_labels,
    labels.print_page,
    labels.label_file,
    connections.connections_page,
    connections.connections_part,
    adopting.adopt_page,
    adopting.adopt_now,
    people.people_page,
    people.invite_page,
    people.make_invite,
    people.revoke,
    people.restore,
    cpos.cpos_page,
    cpos.cpo_page,
    cpos.save_cpo,
    platforms.platform_page,
    platforms.save_platform,
    subscriptions.subscriptions_page,
    subscriptions.make_subscription,
    subscriptions.subscription_page,
    subscriptions.change,
    subscriptions.rotate,
    subscriptions.revoke,
    entry.join_page,
    entry.join_desk,
    entry.leave,
    entry.change_look,
]


VISIT = "visit"
"""Where a request keeps who visits, so that a page that says what went wrong still names the platform."""


def router(ports: Ports, bus: Bus, settings: Settings, carrier: Commanding | None = None) -> Router:
    """`/desk` and the labels' `/S/{code}`; `carrier` is what sends its commands."""
    carried = carrier or Commanding(ports, bus, seconds=settings.ocpp_command_seconds)
    tries = landing.misses(ports.clock)

    def provide_front(request: AnyRequest) -> Front:
        return front_of(request, ports, settings)

    async def provide_visit(request: AnyRequest) -> Visit:
        request.state[VISIT] = visit = await visit_of(request, ports, settings)
        return visit

    def provide_bus() -> Bus:
        return bus

    def provide_tries() -> Tries:
        return tries

    return Router(
        path="/",
        route_handlers=[Router(path="/desk", route_handlers=PAGES_OF_THE_DESK), landing.landing_page],
        dependencies={
            "front": Provide(provide_front, sync_to_thread=False),
            "visit": Provide(provide_visit),
            "bus": Provide(provide_bus, sync_to_thread=False),
            "commanding": Provide(lambda: carried, sync_to_thread=False),
            "tries": Provide(provide_tries, sync_to_thread=False),
        },
        guards=[require_same_origin],
        exception_handlers={StationlinkError: _refusals(ports, settings), HTTPException: desk_http_error},
        include_in_schema=False,
    )


def _refusals(ports: Ports, settings: Settings) -> Callable[[AnyRequest, StationlinkError], Response[str]]:
    def answer(request: AnyRequest, error: StationlinkError) -> Response[str]:
        front: Front = request.state.get(VISIT) or front_of(request, ports, settings)
        if isinstance(error, NotSignedIn):
            return page(front, "signin.html", 401, folder=_folder(settings))
        if error.detail.get("role") == Role.INSTALLER.value:
            return page(front, "installer.html", 403, link="/")
        return refusal(front, status_of(error), error.code)

    return answer


def _folder(settings: Settings) -> str:
    """The data folder as it was given; where on the machine one lies is nobody's business who is not signed in."""
    return "DIR" if settings.folder.is_absolute() else shlex.quote(settings.data)


def refusal(look: Look, status: int, code: str) -> Response[str]:
    """What went wrong, why, and where to go next, in words."""
    return page(look, "error.html", status, code=code, said=look.words.errors[code])


def desk_http_error(request: AnyRequest, error: HTTPException) -> Response[str]:
    """The framework's own refusals, and paths of the desk that do not exist."""
    codes = {404: "not_found", 405: "not_found", 413: "invalid", 429: "too_many_tries"}
    return refusal(look_of(request), error.status_code, codes.get(error.status_code, "malformed"))
