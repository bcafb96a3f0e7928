"""Where a CPO's stations live: here, on one of the vendor's two environments, or at any other address of the same API.

Acceptance and production keep separate data under separate tokens (platform-api 2.4).
"""

from enum import StrEnum
from urllib.parse import urlsplit

from msgspec import Struct

BUILTIN = "builtin"


class Environment(StrEnum):
    OWN = "own"
    ACCEPTANCE = "acceptance"
    PRODUCTION = "production"
    OTHER = "other"


OTHER_ONE = {"acceptance": "production", "production": "acceptance"}
"""Where a station may be that was given the wrong address."""


class Endpoint(Struct, frozen=True, kw_only=True):
    """`url` is the base of the API, `ocpp_url` what its stations connect to, without the id; None if nobody said."""

    environment: Environment
    url: str
    ocpp_url: str | None

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


class Endpoints(Struct, frozen=True, kw_only=True):
    """The two that have names; a gateway in front of them, or a test, gives others."""

    acceptance: Endpoint = Endpoint(
        environment=Environment.ACCEPTANCE,
        url="https://platform-a.greenflux.com",
        ocpp_url="ws://ocpp-public-a.greenflux.com",
    )
    production: Endpoint = Endpoint(
        environment=Environment.PRODUCTION,
        url="https://platform.greenflux.com",
        ocpp_url="wss://ocpp-public.greenflux.com",
    )

    def of(self, platform: str, ocpp_url: str | None = None) -> Endpoint | None:
        """None for our own platform. `ocpp_url` counts for an address only."""
        if platform == BUILTIN:
            return None
        if platform in (Environment.ACCEPTANCE, Environment.PRODUCTION):
            return self.acceptance if platform == Environment.ACCEPTANCE else self.production
        return Endpoint(environment=Environment.OTHER, url=platform.rstrip("/"), ocpp_url=ocpp_url)


GREENFLUX = Endpoints()


def environment_of(platform: str) -> Environment:
    """Of a Cpo's `platform`."""
    if platform == BUILTIN:
        return Environment.OWN
    return Environment(platform) if platform in ("acceptance", "production") else Environment.OTHER
