"""Whatever is said to the platform API, its answer is in the envelope, is none of 5xx, and is as the document says.

Bodies come from the document's own examples, each time with something in them made odd, cut off or of wrong bytes: near
to what is right, where `test_schemathesis.py` goes far from it. The seeds are fixed. The client holds every answer to
the document (`HOOKS`).
"""

import random
from typing import Any

import pytest

from tests.api.conftest import LOCATIONS, STATIONS, Api
from tests.api.test_openapi import CALLS, TAKEN
from tests.faults.test_fuzz import bytes_of, mutated

ROUNDS = 100
WRITES = [each for each in CALLS if each[2]]


def body_of(taken: str, chance: random.Random) -> Any:
    body = TAKEN[taken]
    return [mutated(each, chance) for each in body] if isinstance(body, list) else mutated(body, chance)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_the_document_describes_is_answered_as_it_says_however_odd_it_is(api: Api, seed: int) -> None:
    chance = random.Random(seed)
    for method, path, taken in CALLS[:3]:
        await api.ok(method, path, TAKEN[taken or ""])
    for _ in range(ROUNDS):
        method, path, taken = chance.choice(WRITES)
        sent = bytes_of(body_of(str(taken), chance), chance)
        answer = await api.send(method, path, content=sent)
        assert answer.status_code < 500, (method, path, sent, answer.text)
        assert {"timestamp", "data", "status_code", "status_message"} == answer.json().keys()


@pytest.mark.parametrize(
    "key", ["..", "%2e%2e", "a%2Fb", "%00", "%ff", "a|b", "100%25", "%E2%80%AE%F0%9F%94%8C", "x" * 3000]
)
@pytest.mark.parametrize("collection", [STATIONS, LOCATIONS])
async def test_whatever_id_is_asked_for_the_answer_is_in_the_envelope(api: Api, collection: str, key: str) -> None:
    for method, body in (("GET", None), ("PUT", b"{}"), ("PATCH", b"[]")):
        answer = await api.send(method, f"{collection}/{key}", content=body)
        assert answer.status_code < 500, answer.text
        assert answer.json()["status_code"] != 1000 or answer.status_code == 200
