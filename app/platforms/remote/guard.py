"""A name may lead anywhere: before a platform is spoken to, where its name leads to is looked at."""

import asyncio
import socket

import httpx

from app.domain.addresses import is_inside

LOOKED_AT_SECONDS = 30.0


async def leads_inside(host: str) -> bool:
    """Whether any address of this name is where no platform can be. One without addresses fails when it connects."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(is_inside(str(entry[4][0])) for entry in found)


class Guarded(httpx.AsyncHTTPTransport):
    """Speaks to no name that leads inside, nor to one that does so later; raises ConnectError, so nothing was sent."""

    def __init__(self, limits: httpx.Limits) -> None:
        super().__init__(limits=limits, trust_env=False)
        self._fine_until: dict[str, float] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, now = request.url.host, asyncio.get_running_loop().time()
        if self._fine_until.get(host, 0.0) <= now:
            if await leads_inside(host):
                raise httpx.ConnectError(f"{host} leads to a link-local address", request=request)
            self._fine_until[host] = now + LOOKED_AT_SECONDS
        return await super().handle_async_request(request)
