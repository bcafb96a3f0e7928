"""Reading JSON bodies so that broken JSON, a wrong field and a good body are three different answers."""

from typing import Any, TypeVar

import msgspec
from litestar import Request

from app.domain.errors import InvalidField, Malformed

T = TypeVar("T")


async def read_body(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """The body as `kind`. Raises Malformed for what is not JSON, InvalidField for a field that does not fit."""
    return decode(await request.body(), kind)


def decode(body: bytes, kind: type[T]) -> T:
    """As `read_body`, for bytes at hand."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        expected, _, path = str(error).partition(" - at ")
        raise InvalidField(path.strip("`").removeprefix("$.") or "body", expected) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the body is not valid JSON: {error}") from error
