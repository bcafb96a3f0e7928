"""The platform of a CPO: our own, or a vendor's under a token that was tried before it is kept."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Struct

from app.domain.addresses import is_inside, is_loopback, is_numeric
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.customers import CustomerRecord
from app.domain.environments import BUILTIN, Endpoint, Environment
from app.domain.errors import InvalidField, MissingField, NotAllowed, PlatformInUse, RevConflict, UnknownCpo
from app.domain.facts import Fact, FactKind
from app.domain.people import Access, Actor, Cpo, Role
from app.ports import Change, LocationQuery, Ports, Put, StationQuery

T = TypeVar("T")

NAMED = ("builtin", "acceptance", "production")
ATTEMPTS = 3


class Chosen(Struct, kw_only=True, frozen=True):
    """What was found: the environments whose tokens were tried now, with what each of them opens.

    `ocpp_url` is what its stations connect to, without the id, None if nobody said; `evses_in_patch` whether the
    platform takes EVSEs in a PATCH.
    """

    cpo_id: str
    platform: str
    ocpp_url: str | None
    evses_in_patch: bool
    access: dict[str, Access]


async def choose_platform(
    ports: Ports,
    actor: Actor,
    cpo_id: str,
    *,
    platform: str,
    token: str | None = None,
    ocpp_url: str | None = None,
    other_tokens: Mapping[str, str] | None = None,
    plain_http: bool = False,
    local_http: bool = False,
    patches_evses: bool = False,
) -> Chosen:
    """Put a CPO on a platform. `token` is for that platform (without one the kept one stays), `other_tokens` are by
    environment (acceptance, production); each is tried at once and kept encrypted, or nothing is changed. With
    `plain_http` an address without TLS is taken, with `local_http` or from the command line one of this machine;
    `patches_evses` is for a platform that takes EVSEs in a PATCH.

    Raises UnknownCpo, NotAllowed, InvalidField, MissingField, PlatformInUse, TokenRefused, TokenOfOthers,
    PlatformUnavailable.
    """
    cpo, _ = await _administered(ports, actor, cpo_id)
    asked = Asked(
        platform=platform,
        token=token,
        ocpp_url=ocpp_url,
        plain_http=plain_http,
        local_http=local_http or actor.role is None or platform == cpo.platform,
        patches_evses=patches_evses,
    )
    if checked_platform(platform, plain_http=plain_http, local_http=asked.local_http) != cpo.platform:
        await _require_movable(ports, actor, cpo)
    tried, fields = await tried_platform(ports, cpo_id, asked, other_tokens or {}, cpo)
    await _keep(ports, actor, cpo_id, cpo, fields)
    return tried


class Asked(Struct, kw_only=True, frozen=True):
    """A platform as a person names it; see `choose_platform`."""

    platform: str
    token: str | None = None
    ocpp_url: str | None = None
    plain_http: bool = False
    local_http: bool = False
    patches_evses: bool = False


async def tried_platform(
    ports: Ports, cpo_id: str, asked: Asked, other_tokens: Mapping[str, str], kept: Cpo | None = None
) -> tuple[Chosen, dict[str, Any]]:
    """Try the tokens of a CPO, which may not exist yet: what was found, and the fields of the Cpo that say so."""
    platform = checked_platform(asked.platform, plain_http=asked.plain_http, local_http=asked.local_http)
    endpoint = ports.endpoints.of(platform, checked_ocpp_url(asked.ocpp_url))
    wanted = _wanted(ports, endpoint, asked.token, other_tokens)
    _require_token(kept, platform, endpoint, wanted)
    tried = {each.environment.value: await ports.platforms.admit(cpo_id, each, secret) for each, secret in wanted}
    sealed = {name: admitted.sealed for name, admitted in tried.items()}
    access = {name: admitted.access for name, admitted in tried.items()}
    other = endpoint is not None and endpoint.environment is Environment.OTHER
    fields = {
        "platform": platform,
        "platform_ocpp_url": endpoint.ocpp_url if endpoint and other else None,
        "platform_patches_evses": asked.patches_evses and endpoint is not None,
        "sealed_tokens": _still_good(kept.sealed_tokens if kept else {}, endpoint) | sealed,
        "access": _still_good(kept.access if kept else {}, endpoint) | access,
    }
    chosen = Chosen(
        cpo_id=cpo_id,
        platform=platform,
        ocpp_url=endpoint.ocpp_url if endpoint else ports.ocpp_url,
        evses_in_patch=endpoint is None or asked.patches_evses,
        access=access,
    )
    return chosen, fields


async def _administered(ports: Ports, actor: Actor, cpo_id: str) -> tuple[Cpo, int]:
    """Raises UnknownCpo; and NotAllowed, since an address chosen here is one that this server will talk to."""
    found = await ports.store.get(Cpo, cpo_id) if actor.covers(cpo_id) else None
    if found is None:
        raise UnknownCpo(cpo_id)
    if actor.role not in (None, Role.ADMIN):
        raise NotAllowed("only an admin may choose the platform of a CPO")
    return found


def checked_platform(platform: str, *, plain_http: bool = False, local_http: bool = False) -> str:
    """A name, or an address without query and credentials: https, or http where that is let (see `choose_platform`).

    Raises InvalidField.
    """
    if (named := platform.strip().lower()) in NAMED:
        return named
    url = _url(platform, "platform", {"http", "https"})
    let = plain_http or (local_http and is_loopback(url.hostname or ""))
    if url.scheme == "http" and not let:
        raise InvalidField("platform", "an https address: the token would travel in the clear")
    return platform.strip().rstrip("/")


def checked_ocpp_url(url: str | None) -> str | None:
    """As it is typed into stations. Raises InvalidField."""
    if not url or not url.strip():
        return None
    _url(url, "platform_ocpp_url", {"ws", "wss"})
    return url.strip().rstrip("/")


def _url(text: str, field: str, schemes: set[str]) -> SplitResult:
    expected = f"an address such as {max(schemes)}://platform.example.com"
    try:
        url = urlsplit(text.strip())
        sound = url.scheme in schemes and url.hostname and url.port != 0
    except ValueError as error:
        raise InvalidField(field, expected) from error
    strange = url.query or url.fragment or not url.netloc.isascii() or any(sign in url.netloc for sign in "@%")
    if not sound or strange or is_inside(url.hostname or "") or is_numeric(url.hostname or ""):
        raise InvalidField(field, expected)
    return url


async def _require_movable(ports: Ports, actor: Actor, cpo: Cpo) -> None:
    """What stands on one platform does not follow to another. Raises PlatformInUse."""
    state = CommissioningState.OPEN.value
    commissionings = len(await ports.store.find(Commissioning, cpo_id=cpo.cpo_id, state=state))
    stations = locations = customers = 0
    if cpo.platform == BUILTIN:
        scope, own = actor.cpo_ids, cpo.cpo_id
        stations = (await ports.store.stations(StationQuery(cpo_ids=scope, cpo_id=own, limit=1))).total or 0
        places = LocationQuery(cpo_ids=scope, cpo_id=own, limit=1, exclude_evses=True)
        locations = (await ports.store.locations(places)).total or 0
        customers = len(await ports.store.column(CustomerRecord, "id", cpo_id=own))
    counts = {"stations": stations, "locations": locations, "customers": customers, "commissionings": commissionings}
    if any(counts.values()):
        raise PlatformInUse(cpo.cpo_id, **counts)


def _wanted(
    ports: Ports, endpoint: Endpoint | None, token: str | None, others: Mapping[str, str]
) -> list[tuple[Endpoint, str]]:
    """The tokens to try, each with where it is for."""
    found = [(endpoint, _token(token))] if endpoint is not None and token else []
    for name, secret in others.items():
        if name not in (Environment.ACCEPTANCE, Environment.PRODUCTION):
            raise InvalidField("token", "one for acceptance or production")
        if (other := ports.endpoints.of(name)) is not None:
            found.append((other, _token(secret)))
    return found


def _still_good(kept: Mapping[str, T], endpoint: Endpoint | None) -> dict[str, T]:
    """What is kept by environment and still of use: nothing here, and one for an address only while on an address."""
    if endpoint is None:
        return {}
    here = endpoint.environment is Environment.OTHER
    return {name: value for name, value in kept.items() if here or name != Environment.OTHER}


def _token(text: str) -> str:
    """Printable ASCII without spaces (platform-api 2.1). Raises InvalidField, which does not repeat it."""
    token = text.strip().removeprefix("Token ").strip()
    if not token or len(token) > 1000 or not all("!" <= letter <= "~" for letter in token):
        raise InvalidField("token", "the key as the platform gave it, without spaces")
    return token


def _require_token(
    kept: Cpo | None, platform: str, endpoint: Endpoint | None, wanted: list[tuple[Endpoint, str]]
) -> None:
    """A kept token is good for its own environment, and for the same address only."""
    if endpoint is None or any(each.environment is endpoint.environment for each, _ in wanted):
        return
    moved = endpoint.environment is Environment.OTHER and (kept is None or platform != kept.platform)
    if kept is None or moved or endpoint.environment.value not in kept.sealed_tokens:
        raise MissingField("token")


async def _keep(ports: Ports, actor: Actor, cpo_id: str, seen: Cpo, fields: dict[str, Any]) -> None:
    """What somebody changed of the CPO meanwhile stays, unless it is its platform. Raises RevConflict."""
    for _ in range(ATTEMPTS):
        cpo, rev = await _administered(ports, actor, cpo_id)
        if (cpo.platform, cpo.sealed_tokens) != (seen.platform, seen.sealed_tokens):
            raise RevConflict("somebody else chose a platform for this CPO meanwhile")
        changed = msgspec.structs.replace(cpo, **fields)
        try:
            await ports.store.commit(Change(writes=(Put(changed, rev),), facts=(_fact(ports, actor, changed),)))
            return
        except RevConflict:
            continue
    raise RevConflict("too many people change this CPO at once")


def _fact(ports: Ports, actor: Actor, cpo: Cpo) -> Fact:
    data = {"what": "platform", "platform": cpo.platform, "tokens": sorted(cpo.sealed_tokens)}
    return Fact(
        kind=FactKind.CPO_CHANGED,
        at=ports.clock.now(),
        cpo_id=cpo.cpo_id,
        person_id=actor.person_id,
        device_id=actor.device_id,
        data=data,
    )
