"""Paging as OCPI 2.1.1 has it: three headers, and the next page's address with every filter kept.

That address carries a cursor (where the next page begins, and the total that the first page counted), so that following
it costs the same on every page and rows that come or go meanwhile shift nothing. `offset` is taken all the same.
"""

import base64
from collections.abc import Callable, Iterable
from typing import TypeAlias
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

WINDOW = frozenset({"offset", "limit", "cursor"})

Header: TypeAlias = tuple[bytes, bytes]
"""As ASGI has it."""


class Cursor(Struct, frozen=True, array_like=True):
    """`after` is a Page's."""

    after: str
    total: int


def encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """Raises ValueError for what was never handed out."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(packed, type=Cursor)
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError("the cursor of a Link as it was given") from error


def filters(query: Iterable[tuple[str, str]], limit: int) -> str:
    """What the addresses of all pages share: the query without its window, and the limit that was applied."""
    kept = [(name, value) for name, value in query if name.lower() not in WINDOW]
    return urlencode([*kept, ("limit", limit)])


def page_headers(url: Callable[[], str], shared: str, *, limit: int, total: int, after: str | None) -> list[Header]:
    """`url` is absolute and without its query, `shared` comes from `filters`. The last page has no Link."""
    headers = [(b"x-total-count", b"%d" % total), (b"x-limit", b"%d" % limit)]
    if after is not None:
        link = f'<{url()}?{shared}&cursor={encode(Cursor(after, total))}>; rel="next"'
        headers.append((b"link", link.encode("latin-1")))
    return headers
