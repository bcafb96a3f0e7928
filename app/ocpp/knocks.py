"""A station's knock: reading who it is from an HTTP handshake, and how many refused ones are worth a row.

Pitfalls 20 to 22 of real stations: percent-encoded ids, slashes, user names with colons, passwords that are not text.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import unquote_to_bytes

from websockets.http11 import Request

from app.ports import Attempt

PREFIX = "/ocpp/"
LONGEST_ID = 255
LONGEST_PATH = 512
MOST_UNSAID = 10_000
REPLACEMENT = "\ufffd"
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

Networks = Sequence[IPv4Network | IPv6Network]


def networks(text: str) -> Networks:
    """Comma-separated addresses or networks, as the setting for trusted proxies has them. Raises ValueError."""
    return [ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]


def identity(path: str) -> tuple[str, bool]:
    """The id that a request path names, decoded once, and whether it may be one.

    The query and slashes at the end are no part of it; slashes inside and encoded ones are. A path outside the
    listener's names its last segment, so that somebody who looks for this station sees it knock.
    """
    bare = path.split("?", 1)[0]
    inside = bare[: len(PREFIX)].lower() == PREFIX
    raw = (bare[len(PREFIX) :] if inside else bare.rstrip("/").rpartition("/")[2]).rstrip("/")
    text = unquote_to_bytes(raw).decode(errors="replace")
    printable = "".join(character if character.isprintable() else REPLACEMENT for character in text)
    readable = not BAD_ESCAPE.search(raw) and 0 < len(text) <= LONGEST_ID and REPLACEMENT not in printable
    return printable[:LONGEST_ID], inside and readable


def credentials(header: str | None) -> bytes | None:
    """The decoded bytes of a Basic Authorization header; None when there is none, b"" when it cannot be read."""
    if not header:
        return None
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def address(peer: str, forwarded: Sequence[str], trusted: Networks) -> str:
    """Where a station is: the nearest address that is not one of our own proxies."""
    hops = [part.strip() for header in forwarded for part in header.split(",") if part.strip()]
    here = peer
    while hops and _within(here, trusted):
        here = hops.pop()
    return here[:64]


def _within(text: str, trusted: Networks) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return any(found in network for network in trusted)


def _secured(forwarded: Sequence[str]) -> bool:
    """Whether the nearest proxy was spoken to with TLS: what stands before its own word may be the station's claim."""
    return ",".join(forwarded).rpartition(",")[2].strip().lower() in ("https", "wss")


def attempt(request: Request, peer: str, trusted: Networks, secure: bool) -> tuple[Attempt, bool]:
    """The attempt that this handshake is, and whether its id is one."""
    headers = request.headers
    name, readable = identity(request.path)
    offered = [part.strip() for value in headers.get_all("Sec-WebSocket-Protocol") for part in value.split(",")]
    proxied = _within(peer, trusted) and _secured(headers.get_all("X-Forwarded-Proto"))
    path = request.path.split("?", 1)[0]  # a query may hold a secret, and says nothing that is read here
    scheme = "wss" if secure or proxied else "ws"
    host = next(iter(headers.get_all("Host")), "")
    return (
        Attempt(
            identity=name,
            raw_path=path[:LONGEST_PATH],
            address=address(peer, headers.get_all("X-Forwarded-For"), trusted),
            endpoint=f"{scheme}://{host}{path}"[:LONGEST_PATH],
            subprotocols=tuple(part[:64] for part in offered if part)[:16],
            credentials=credentials(next(iter(headers.get_all("Authorization")), None)),
            tls=scheme == "wss",
        ),
        readable,
    )


class Limiter:
    """Token buckets: `burst` at once, then `per_second`, each key for itself; forgets the keys that are full again."""

    def __init__(self, burst: float, per_second: float, time: Callable[[], float], most_keys: int = 10_000) -> None:
        self._burst = burst
        self._rate = per_second
        self._time = time
        self._most = most_keys
        self._buckets: dict[object, tuple[float, float]] = {}

    def allows(self, key: object) -> bool:
        now = self._time()
        tokens, since = self._buckets.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        if len(self._buckets) >= self._most and key not in self._buckets:
            self._forget(now)
        self._buckets[key] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    def _forget(self, now: float) -> None:
        """Drop full buckets, and the oldest half when all are in use: the memory stays bounded under any flood."""
        kept = {k: v for k, v in self._buckets.items() if v[0] + (now - v[1]) * self._rate < self._burst}
        newest = sorted(kept.items(), key=lambda item: item[1][1])[-(self._most // 2) :]
        self._buckets = dict(newest)


def neighbourhood(address: str) -> str:
    """What counts as one address: one of IPv4, the /64 of IPv6, which a single host has all of."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_network((int(found) >> 64 << 64, 64)))


class KnockBook:
    """Which refused knocks are worth a row: a station that hammers must not drown the ones beside it."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._stations = Limiter(5, 0.1, time)
        self._addresses = Limiter(60, 1.0, time)
        self._unsaid: dict[tuple[str, str], int] = {}

    def worth_a_row(self, attempt: Attempt) -> int:
        """For how many attempts the row would stand, with those that got none since the last; 0 for no row."""
        key = (neighbourhood(attempt.address), attempt.identity)
        mine = self._stations.allows(key)
        if mine and self._addresses.allows(key[0]):
            return self._unsaid.pop(key, 0) + 1
        self._unsaid[key] = self._unsaid.get(key, 0) + 1
        if len(self._unsaid) > MOST_UNSAID:
            del self._unsaid[next(iter(self._unsaid))]
        return 0
