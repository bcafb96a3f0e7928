"""Which platform a CPO is on, and the way in there: its address and its token."""

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from app.domain.copies import home_of
from app.domain.environments import Endpoint, Endpoints
from app.domain.errors import InvalidField, PlatformKeyRefused
from app.domain.people import Cpo
from app.platforms.remote.admission import admit
from app.platforms.remote.guard import Guarded, leads_inside
from app.platforms.remote.platform import RemotePlatform
from app.platforms.remote.wire import Wire
from app.ports import Admitted, Clock, Ids, OwnPlatform, Platform, Store, Vault

LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0)


class Opened(NamedTuple):
    """A CPO's platform under the choice that it was opened for."""

    endpoint: Endpoint
    sealed: str
    patches_evses: bool
    client: httpx.AsyncClient
    platform: RemotePlatform


def client_of(endpoint: Endpoint, token: str, seconds: float) -> httpx.AsyncClient:
    """Follows no redirect, and no .netrc puts another key in the token's place: it goes to this host and no other."""
    headers = {"Authorization": f"Token {token}", "Accept": "application/json"}
    timeout = httpx.Timeout(connect=min(5.0, seconds), read=seconds, write=seconds, pool=min(5.0, seconds))
    return httpx.AsyncClient(
        base_url=endpoint.url, headers=headers, timeout=timeout, transport=Guarded(LIMITS), trust_env=False
    )


@dataclass
class PlatformChoice:
    """See `ports.Platforms`. A Cpo that was changed, by another process too, counts from its next use on."""

    builtin: OwnPlatform
    store: Store
    clock: Clock
    ids: Ids
    vault: Vault
    endpoints: Endpoints
    seconds: float = 20.0
    holder: str = ""
    _opened: dict[tuple[str, str], Opened] = field(default_factory=dict)
    _replaced: list[httpx.AsyncClient] = field(default_factory=list)

    def of(self, cpo: Cpo) -> Platform:
        endpoint = self.endpoints.of(cpo.platform, cpo.platform_ocpp_url)
        return self.builtin if endpoint is None else self._remote(cpo, endpoint)

    def _remote(self, cpo: Cpo, endpoint: Endpoint) -> RemotePlatform:
        sealed = cpo.sealed_tokens.get(endpoint.environment.value, "")
        known = self._opened.get((cpo.cpo_id, cpo.platform))
        wanted = (endpoint, sealed, cpo.platform_patches_evses)
        if known is not None and (known.endpoint, known.sealed, known.patches_evses) == wanted:
            return known.platform
        if known is not None:
            self._replaced.append(known.client)
        opened = self._open(cpo, endpoint, sealed)
        self._opened[cpo.cpo_id, cpo.platform] = opened
        return opened.platform

    def _open(self, cpo: Cpo, endpoint: Endpoint, sealed: str) -> Opened:
        if not sealed:
            raise PlatformKeyRefused(f"{cpo.cpo_id} has no token for {endpoint.host}")
        client = client_of(endpoint, self.vault.unseal(sealed, purpose(cpo.cpo_id, endpoint)), self.seconds)
        home = home_of(cpo.platform, cpo.cpo_id)
        platform = RemotePlatform(Wire(client), self.store, self.clock, self.ids, cpo.cpo_id, home)
        platform.patches_evses = cpo.platform_patches_evses
        platform.holder, platform.lease = self.holder, timedelta(seconds=60 + 4 * self.seconds)
        return Opened(endpoint, sealed, cpo.platform_patches_evses, client, platform)

    async def admit(self, cpo_id: str, endpoint: Endpoint, token: str) -> Admitted:
        if await leads_inside(urlsplit(endpoint.url).hostname or ""):
            raise InvalidField("platform", "the address of a platform, and this name leads to a link-local one")
        async with client_of(endpoint, token, self.seconds) as client:
            access = await admit(Wire(client), cpo_id, self.clock.now())
        return Admitted(sealed=self.vault.seal(token, purpose(cpo_id, endpoint)), access=access)

    async def close(self) -> None:
        """Of every platform that was used; it may be used again."""
        gone = [*self._replaced, *(opened.client for opened in self._opened.values())]
        self._replaced, self._opened = [], {}
        for client in gone:
            with contextlib.suppress(httpx.HTTPError):
                await client.aclose()


def purpose(cpo_id: str, endpoint: Endpoint) -> str:
    """A token is good for one CPO on one environment; one for an address goes to no other address."""
    where = endpoint.url if endpoint.environment.value == "other" else endpoint.environment.value
    return f"token|{cpo_id}|{where}"
