"""One page of a list: rows as they come, the three paging headers, and the time before the reading began."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, quote

from litestar.types import Scope
from msgspec import Struct

from app.api.envelope import BadQuery, Envelope, Sent
from app.api.parameters import WindowParameters, cursor_of, read
from app.domain.errors import InvalidField
from app.ports import CustomerQuery, LocationQuery, Page, StationQuery
from app.web.paging import filters, page_headers

Q = TypeVar("Q", StationQuery, LocationQuery, CustomerQuery)
P = TypeVar("P", bound=WindowParameters)
SAME = 256
"""So many query strings are read once: who polls asks the same again and again."""


class Asked(Struct, Generic[Q], frozen=True):
    """What a query string asks for; `shared` is what the pages' addresses share, `total` what its cursor carries."""

    query: Q
    shared: str
    total: int


@lru_cache(maxsize=SAME)
def asked(
    query_string: bytes, kind: type[P], made: Callable[[P, frozenset[str] | None], Q], cpo_ids: frozenset[str] | None
) -> Asked[Q]:
    """`made` makes a query of the parameters and the scope. Raises BadQuery."""
    sent = sent_in(query_string)
    query = made(read(sent, kind), cpo_ids)
    cursor = cursor_of(sent)
    return Asked(query, filters(sent, query.limit), cursor.total if cursor else 0)


def sent_in(query_string: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)


async def listed(
    scope: Scope, envelope: Envelope, asked: Asked[Q], page_of: Callable[[Q], Awaitable[Page[bytes]]]
) -> Sent:
    """The answer's timestamp is safe as the next `date_from`: what was written after the reading is later than it."""
    query, begun = asked.query, envelope.now()
    page = await _read(query, page_of)
    total = page.total or 0 if query.count else asked.total
    headers = page_headers(lambda: _address(scope), asked.shared, limit=query.limit, total=total, after=page.after)
    return envelope.list(page.rows, headers, at=begun)


async def _read(query: Q, page_of: Callable[[Q], Awaitable[Page[bytes]]]) -> Page[bytes]:
    try:
        return await page_of(query)
    except InvalidField as error:
        raise BadQuery(error.message) from error


def _address(scope: Scope) -> str:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return f"{scope['scheme']}://{host}{quote(scope.get('root_path', '') + scope['path'])}"
