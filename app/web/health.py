"""Whether the process lives, and whether it can do its work: what supervisors and load balancers ask."""

from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from app.domain.errors import StoreUnavailable
from app.ports import Store

Answer = Response[dict[str, str]]


def health_routes(store: Store, listening: Callable[[], bool]) -> list[HTTPRouteHandler]:
    """`/health/live` and `/health/ready`; not ready is 503 and names what fails: the store, or the OCPP listener."""

    @get("/health/live", include_in_schema=False, sync_to_thread=False)
    def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready", include_in_schema=False)
    async def ready() -> Answer:
        try:
            await store.ready()
        except StoreUnavailable:
            return _not_ready("store")
        return Response({"status": "ready", "version": version("stationlink")}) if listening() else _not_ready("ocpp")

    return [live, ready]


def _not_ready(because: str) -> Answer:
    return Response({"status": "not_ready", "because": because}, status_code=HTTPStatus.SERVICE_UNAVAILABLE)
