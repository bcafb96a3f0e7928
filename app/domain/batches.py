"""What makes a batch of writes repeatable: the call under its caller's key, each item's outcome until it has ended."""

from datetime import datetime

import msgspec
from msgspec import Struct


class BatchCall(Struct, kw_only=True):
    """One call with an Idempotency-Key. `id` is a digest of caller and key; `answer` is the whole one once `ended`."""

    id: str
    subscription_id: str
    body_hash: str
    begun: datetime
    ended: datetime | None = None
    answer: msgspec.Raw = msgspec.Raw(b"null")


class BatchResult(Struct, kw_only=True):
    """The outcome of one item of a call that has not ended, committed with the item's effect; `id`: call and place."""

    id: str
    call_id: str
    answer: msgspec.Raw


def result_id(call_id: str, place: int) -> str:
    return f"{call_id}/{place:04}"
