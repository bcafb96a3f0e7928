"""The routes stand in the OpenAPI document with a summary each."""

from litestar import Litestar
from litestar.openapi.config import OpenAPIConfig

from app.api.routes import router
from app.bus import Bus
from app.ports import Ports
from app.settings import Settings

ROUTES = {
    "/api/1.0/ChargeStations": {"get", "post"},
    "/api/1.0/ChargeStations/{charge_station_id}": {"get", "put", "patch"},
    "/api/1.0/ChargeStations/ChargestationTemplate": {"get", "post", "put"},
    "/api/1.0/ChargeStations/batch": {"post"},
    "/api/2.0/Locations": {"get", "post"},
    "/api/2.0/Locations/batch": {"post"},
    "/api/2.0/Locations/{location_id}": {"get", "put", "patch"},
}


def test_every_route_has_a_summary(ports: Ports) -> None:
    config = OpenAPIConfig(title="Stationlink", version="0")
    app = Litestar([router(ports, Bus(ports.store), Settings())], openapi_config=config)
    paths = app.openapi_schema.to_schema()["paths"]
    assert {path: set(operations) for path, operations in paths.items()} == ROUTES
    assert all(operation["summary"] for operations in paths.values() for operation in operations.values())
