"""Calls that schemathesis makes from an OpenAPI document, as it says and against it: bounded, with a fixed seed."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 30
PHASES = [Phase.generate, Phase.shrink]
HELD = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def operations_of(document: dict[str, Any]) -> dict[str, Any]:
    """By method and path."""
    return {found.ok().label: found.ok() for found in openapi.from_dict(document).get_all_operations()}


def request_of(case: Case, client: httpx.AsyncClient, own: dict[str, str]) -> httpx.Request:
    """`own` are the headers of who calls; they go before what was made up."""
    sent = case.as_transport_kwargs(base_url=str(client.base_url))
    headers = {name.lower(): str(value).encode("latin-1") for name, value in sent["headers"].items()}
    headers |= {name.lower(): value.encode() for name, value in own.items()}
    body = {"json": sent["json"]} if "json" in sent else {"content": sent.get("data")}
    return client.build_request(sent["method"], sent["url"], params=sent.get("params"), headers=headers, **body)


async def tried(
    operation: Any,
    mode: GenerationMode,
    client: httpx.AsyncClient,
    own: dict[str, str],
    *,
    aim: Callable[[Case], None],
    after: Callable[[httpx.Response], None],
) -> None:
    """Makes the calls, half of them aimed at what is there. Each answer is no 5xx and as the document says."""
    loop = asyncio.get_running_loop()

    @seed(1)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def call(case: Case, aimed: bool) -> None:
        if aimed:
            aim(case)
        sending = client.send(request_of(case, client, own))
        answer = asyncio.run_coroutine_threadsafe(sending, loop).result()
        case.validate_response(answer, checks=HELD)
        after(answer)

    await asyncio.to_thread(call)
