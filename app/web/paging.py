"""Offset paging as OCPI 2.1.1 has it: three headers, and the next page's address with every filter kept."""

from collections.abc import Iterable
from urllib.parse import urlencode

WINDOW = frozenset({"offset", "limit"})


def page_headers(url: str, query: Iterable[tuple[str, str]], *, offset: int, limit: int, total: int) -> dict[str, str]:
    """`url` is absolute and without its query; `limit` is the one that was applied. The last page has no Link."""
    headers = {"X-Total-Count": str(total), "X-Limit": str(limit)}
    if offset + limit < total:
        kept = [(name, value) for name, value in query if name.lower() not in WINDOW]
        following = urlencode([*kept, ("offset", offset + limit), ("limit", limit)])
        headers["Link"] = f'<{url}?{following}>; rel="next"'
    return headers
