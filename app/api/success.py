"""The message of a write that was done: `Success`, and what of it the caller should know."""

from msgspec import Struct

from app.domain.lengths import beyond

SUCCESS = "Success"


def success_of(draft: Struct, *news: str) -> str:
    """With `news`, and which of its texts are longer than OCPI 2.1.1 has them (platform-api 12.1)."""
    longer = ", ".join(beyond(draft))
    return "; ".join((SUCCESS, *news, *([f"longer than OCPI 2.1.1 has it: {longer}"] if longer else [])))
