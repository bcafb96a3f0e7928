"""One page of a list: rows as they come, the three paging headers, and the time before the reading began."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote

from litestar import Response

from app.api.envelope import AnyRequest, BadQuery, Envelope
from app.api.parameters import cursor_of
from app.domain.errors import InvalidField
from app.ports import LocationQuery, Page, StationQuery
from app.web.paging import page_headers

Q = TypeVar("Q", StationQuery, LocationQuery)


async def listed(
    request: AnyRequest, envelope: Envelope, query: Q, read: Callable[[Q], Awaitable[Page[bytes]]]
) -> Response[bytes]:
    """The answer's timestamp is safe as the next `date_from`: what was written after the reading is later than it."""
    sent, begun = list(request.query_params.multi_items()), envelope.now()
    page = await _read(query, read)
    total = page.total if query.count else _first_total(sent)
    headers = page_headers(lambda: _address(request), sent, limit=query.limit, total=total or 0, after=page.after)
    return envelope.list(page.rows, headers, at=begun)


async def _read(query: Q, read: Callable[[Q], Awaitable[Page[bytes]]]) -> Page[bytes]:
    try:
        return await read(query)
    except InvalidField as error:
        raise BadQuery(error.message) from error


def _first_total(sent: list[tuple[str, str]]) -> int:
    cursor = cursor_of(sent)
    return 0 if cursor is None else cursor.total


def _address(request: AnyRequest) -> str:
    scope = request.scope
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return f"{scope['scheme']}://{host}{quote(scope.get('root_path', '') + scope['path'])}"
