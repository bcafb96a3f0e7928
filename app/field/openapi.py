"""The phone's API in the OpenAPI document; the phone's own types are generated from it.

A handler that is missing here, and an answer that is not as it says here, fail `tests/field/test_openapi.py`.
"""

from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from app.actions.lookup import Lookup
from app.actions.operations import Wanted
from app.actions.views import CommissioningView
from app.field import commands, commissionings, join, lookup, stream, sync, trials
from app.field.answers import (
    ConsentBody,
    Home,
    InviteInfo,
    JoinBody,
    Locations,
    Me,
    SeenBody,
    Synced,
    Templates,
    TrialBody,
)
from app.web.nouns import components
from app.web.openapi import (
    TIME,
    Part,
    Schema,
    array,
    content,
    nullable,
    operations,
    path_parameters,
    record,
    ref,
    route_of,
)
from app.web.security import PHONE_HEADER
from app.web.sessions import COOKIE

PREFIX = "/field"
SECURITY = "device"
SENT: tuple[type[Struct], ...] = (CommissioningView, Home, InviteInfo, Locations, Lookup, Me, Synced, Templates)
TAKEN: tuple[type[Struct], ...] = (
    JoinBody,
    SeenBody,
    TrialBody,
    ConsentBody,
    *dict.fromkeys(body for body, _ in sync.KINDS.values()),
)
MESSAGES = {
    400: "A parameter is missing or wrong, or the body is not JSON",
    401: "No device cookie, or one that was revoked",
    403: f"The header {PHONE_HEADER} is missing",
    404: "Not known to this person",
    409: "Understood, and not now or not like this: `code` says why",
    413: "The body is too large",
    422: "A field is wrong or missing; it is named",
    429: "Too many wrong codes; `detail.retry_after` has the seconds",
    500: "Our fault",
    503: "Nothing was done; try again",
}
EVENTS = """Server-sent events, each with the number of its last fact as its id; `Last-Event-ID` goes on after it.

`hello` with `{}` begins, then `commissioning` with a CommissioningView for each change of one. Comments keep it alive.
"""


class Row(Struct, frozen=True, kw_only=True):
    """A handler with what it takes and answers; `stranger` is one that asks for no device."""

    handler: HTTPRouteHandler
    answers: Schema
    status: int = 200
    takes: str | None = None
    media_type: str = "application/json"
    told: str = "Done"
    statuses: tuple[int, ...] = ()
    stranger: bool = False


ROWS = (
    Row(handler=join.show_invite, answers=ref("InviteInfo"), statuses=(400, 404, 422), stranger=True),
    Row(handler=join.join, answers=ref("Me"), takes="JoinBody", statuses=(400, 403, 404, 413, 422, 429), stranger=True),
    Row(handler=join.leave, answers={"type": "object"}, statuses=(403,), stranger=True),
    Row(handler=join.me, answers=ref("Me")),
    Row(handler=commissionings.home, answers=ref("Home")),
    Row(handler=commissionings.one, answers=ref("CommissioningView"), statuses=(400, 404)),
    Row(handler=commissionings.locations, answers=ref("Locations"), statuses=(400, 404)),
    Row(handler=commissionings.templates, answers=ref("Templates"), statuses=(400, 404)),
    Row(handler=lookup.lookup, answers=ref("Lookup"), statuses=(400,)),
    Row(handler=sync.sync, answers=ref("Synced"), takes="SyncBody", statuses=(400, 403, 413, 422)),
    Row(handler=stream.follow, answers={"type": "string"}, media_type="text/event-stream", told=EVENTS),
    Row(
        handler=trials.start,
        answers=ref("CommissioningView"),
        status=202,
        takes="TrialBody",
        statuses=(400, 403, 404, 409, 413, 422, 429),
    ),
    Row(
        handler=trials.seen,
        answers=ref("CommissioningView"),
        status=202,
        takes="SeenBody",
        statuses=(400, 403, 404, 409, 413, 422),
    ),
    Row(
        handler=commands.answer,
        answers=ref("CommissioningView"),
        takes="ConsentBody",
        statuses=(400, 403, 404, 409, 413, 422),
    ),
)


def part() -> Part:
    paths: dict[str, Schema] = {}
    for row in ROWS:
        route = route_of(PREFIX, row.handler)
        paths[route.path] = operations(route, _described(row, path_parameters(route)))
    return Part(paths, schemas(), {SECURITY: {"type": "apiKey", "in": "cookie", "name": COOKIE}})


def schemas() -> dict[str, Schema]:
    found = components(SENT, TAKEN)
    for name in ("CommissioningView", "Lookup"):
        found[name]["properties"]["station"] = nullable(ref("ChargeStation"))
    problem = record(code={"type": "string"}, message={"type": "string"}, detail={"type": "object"})
    wanted = {"anyOf": [_operation(kind, body) for kind, (body, _) in sync.KINDS.items()]}
    listed = {**array(ref("Operation")), "maxItems": sync.MOST_OPERATIONS}
    return {**found, "Problem": problem, "Operation": wanted, "SyncBody": record(operations=listed)}


def _operation(kind: str, body: type) -> Schema:
    """What the phone wants done, with the body that its kind has."""
    text: Schema = {"type": "string"}
    fields = {"id": text, "kind": {"const": kind}, "made_at": TIME}
    schema = record(**fields, commissioning_id=nullable(text), body=ref(body.__name__))
    optional = {field.name for field in msgspec.structs.fields(Wanted) if not field.required}
    return {**schema, "required": [name for name in schema["required"] if name not in optional]}


def _described(row: Row, parameters: list[Schema]) -> Schema:
    writes = "POST" in row.handler.http_methods
    described: Schema = {
        "tags": ["field"],
        "security": [] if row.stranger else [{SECURITY: []}],
        "parameters": [*parameters, *_query(row.handler), *([PHONE] if writes else [])],
        "responses": {
            str(row.status): {"description": row.told, "content": content(row.answers, media_type=row.media_type)}
        },
    }
    if row.takes is not None:
        described["requestBody"] = {"required": True, "content": content(ref(row.takes))}
    for status in sorted((*row.statuses, *(() if row.stranger else (401,)), 500, 503)):
        described["responses"][str(status)] = {"description": MESSAGES[status], "content": content(ref("Problem"))}
    return described


PHONE: Schema = {"name": PHONE_HEADER, "in": "header", "required": True, "schema": {"type": "string"}}


def _query(handler: HTTPRouteHandler) -> list[Schema]:
    """What the handler asks of the query, from its own signature."""
    path = {name for own in handler.paths for name in own.replace(":", "{").split("{")}
    return [
        {"name": name, "in": "query", "required": field.is_required, "schema": _schema(field.annotation)}
        for name, field in handler.parsed_fn_signature.parameters.items()
        if type(field.kwarg_definition).__name__ == "QueryParameter" and name not in path
    ]


def _schema(annotation: Any) -> Schema:
    schema = msgspec.json.schema(annotation)
    kept = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return kept[0] if kept else schema
