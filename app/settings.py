"""Every setting, in one frozen Struct, read from STATIONLINK_* variables once. The only reader of os.environ."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from app.domain.environments import GREENFLUX, Endpoint, Endpoints, Environment
from app.domain.tuning import Bounds

PREFIX = "STATIONLINK_"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names are those of the variables, in lower case without the prefix. The README documents each."""

    data: str = "data"
    database: str = ""
    host: str = "0.0.0.0"
    port: int = 8000
    ocpp_port: int = 9000
    ocpp_tls_port: int | None = None
    ocpp_tls_cert: str = ""
    ocpp_tls_key: str = ""
    ocpp_tls_url: str = ""
    public_url: str = ""
    ocpp_url: str = ""
    acceptance_url: str = GREENFLUX.acceptance.url
    acceptance_ocpp_url: str = GREENFLUX.acceptance.ocpp_url or ""
    production_url: str = GREENFLUX.production.url
    production_ocpp_url: str = GREENFLUX.production.ocpp_url or ""
    ocpp_profile: Annotated[int, Meta(ge=0, le=2)] = 1
    ocpp_hold_unknown: bool = False
    ocpp_ping_seconds: float = 20.0
    ocpp_pong_seconds: float = 20.0
    ocpp_close_seconds: float = 5.0
    ocpp_settle_seconds: float = 30.0
    ocpp_reconcile_seconds: float = 60.0
    ocpp_heartbeat_seconds: int = 300
    ocpp_command_seconds: float = 30.0
    trial_seconds: float = 180.0
    platform_seconds: float = 20.0
    invite_minutes: int = 15
    session_days: int = 30
    max_body_bytes: int = 1_000_000
    requests_per_minute: int = 6000
    max_batch_bytes: int = 16_000_000
    trusted_proxies: str = ""
    demo: bool = False
    log_level: str = "INFO"
    poll_seconds: float = 0.5
    sse_keepalive_seconds: float = 15.0

    @property
    def folder(self) -> Path:
        return Path(self.data)

    @property
    def endpoints(self) -> Endpoints:
        """Where acceptance and production are."""
        acceptance, production = Environment.ACCEPTANCE, Environment.PRODUCTION
        return Endpoints(
            acceptance=_endpoint(acceptance, self.acceptance_url, self.acceptance_ocpp_url),
            production=_endpoint(production, self.production_url, self.production_ocpp_url),
        )

    @property
    def ocpp_bounds(self) -> Bounds:
        """How long a half-open socket can pass for online."""
        return Bounds(
            ping=self.ocpp_ping_seconds,
            pong=self.ocpp_pong_seconds,
            close=self.ocpp_close_seconds,
            heartbeat=self.ocpp_heartbeat_seconds,
        )


def _endpoint(environment: Environment, url: str, ocpp_url: str) -> Endpoint:
    return Endpoint(environment=environment, url=url.rstrip("/"), ocpp_url=ocpp_url.rstrip("/"))


class SettingsError(Exception):
    """A variable that is unknown or not of its type; the message names it."""


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises SettingsError naming the variable."""
    source = os.environ if environ is None else environ
    given = {name[len(PREFIX) :].lower(): value for name, value in source.items() if name.startswith(PREFIX)}
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_named(str(error))) from error


def _named(message: str) -> str:
    """The variable as it was set, and what it should be."""
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", message):
        return f"{PREFIX}{unknown[1].upper()} is not a setting; the README lists them"
    if wrong := re.fullmatch(r"(.+) - at `\$\.(.+)`", message):
        return f"{PREFIX}{wrong[2].upper()} is wrong: {wrong[1][0].lower()}{wrong[1][1:]}"
    return f"a {PREFIX}* variable is wrong: {message}"


def bare() -> dict[str, str]:
    """This process's environment without our variables, for one that must begin from the defaults."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
