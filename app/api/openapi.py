"""The platform API in the OpenAPI document: its handlers with what they take and answer.

A handler that is missing here, and an answer that is not as it says here, fail `tests/api/test_openapi.py`.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct, json

from app.actions.batches import MOST_ITEMS
from app.api import batch, customers, examples, locations, remotecommands, stations, templates
from app.api.envelope import BAD_PARAMETERS, CLIENT_ERROR, SERVER_ERROR, SUCCESS, UNKNOWN_LOCATION
from app.api.parameters import CustomerParameters, LocationParameters, OneLocationParameters, StationParameters
from app.domain.remotecommands import BODIES, CommandResponse, CommandResult, RemoteCommand
from app.web.nouns import NOUNS, components
from app.web.openapi import (
    TIME,
    Part,
    Route,
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

STATIONS = "/api/1.0/ChargeStations"
LOCATIONS = "/api/2.0/Locations"
CUSTOMERS = "/api/2.0/CpoCustomers"
COMMANDS = "/api/1.0/remotecommands"
SECURITY = "subscription"
WIRE_NAMES: dict[type[Struct], dict[str, str]] = {
    StationParameters: {"cpo_id": "cpoId"},
    LocationParameters: {"cpo_id": "cpoId"},
    CustomerParameters: {},
    OneLocationParameters: {"exclude_evses": "excludeEvses"},
}
"""Query parameters are read with and without underscores; these are written as the platform writes them, which has
`exclude_evses` in its list."""
FORMS: dict[str, Schema] = {
    "date_from": TIME,
    "date_to": TIME,
    "cursor": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
}
"""What their types leave open."""

MESSAGES = {
    400: "A query parameter is wrong (2001), or the body is not JSON",
    401: "No key, or one that is not known, revoked or expired",
    403: "The key's subscription may not do this",
    404: "Not known to this subscription; a location 2003",
    413: "The body is too large",
    429: "Too many requests: wait `Retry-After` seconds",
    500: "Our fault",
    503: "Nothing was done; try again",
}
DONE: Schema = {"type": "integer", "const": SUCCESS}
FAILED: Schema = {"type": "integer", "enum": [CLIENT_ERROR, BAD_PARAMETERS, UNKNOWN_LOCATION, SERVER_ERROR]}
ALWAYS = (401, 403, 429, 500, 503)


class Row(Struct, frozen=True, kw_only=True):
    """A route with what it takes and answers. `refuses` is what a write's error shows of the stored object."""

    route: Route
    answers: str
    takes: str | None = None
    headers: tuple[Schema, ...] = ()
    query: type[Struct] | None = None
    refuses: Schema | None = None
    statuses: tuple[int, ...] = ()


def _batch(collection: str) -> Route:
    return Route(path=f"{collection}/batch", methods=("post",), name="batch", summary=batch.SUMMARY)


IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes the call repeatable: the same key and body again get the first answer, each item with its "
    "etag. The newest 5,000 keyed calls of all subscriptions are remembered.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
NOTHING: Schema = {"type": "null"}
TAKEN_OR_NOT = (CommandResponse, CommandResult)
STATION = nullable(array(ref("ChargeStation")))
LOCATION, TEMPLATE = nullable(ref("Location")), nullable(ref("HardwareTemplate"))
CUSTOMER = nullable(ref("CpoCustomer"))
CREATES, CHANGES = (400, 413), (400, 404, 413)


def _name_of(command: RemoteCommand) -> str | None:
    body: Any = BODIES.get(command)
    return None if body is None else str(body.__name__)


def _command(command: RemoteCommand) -> Row:
    """One that we do not carry out looks at no body."""
    words = command.value.lower().split("_")
    name = words[0] + "".join(word.capitalize() for word in words[1:])
    summary = remotecommands.summary_of(command)
    takes = _name_of(command)
    return Row(
        route=Route(path=f"{COMMANDS}/{command.value}", methods=("post",), name=name, summary=summary),
        answers="CommandResponseAnswer",
        takes=takes,
        refuses=ref("CommandResponse"),
        statuses=CREATES if takes else (),
    )


ROWS = (
    Row(
        route=route_of(STATIONS, stations.list_stations),
        answers="ChargeStationList",
        query=StationParameters,
        statuses=(400,),
    ),
    Row(
        route=route_of(STATIONS, stations.create_station),
        answers="ChargeStationAnswer",
        takes="PostChargeStation",
        refuses=STATION,
        statuses=CREATES,
    ),
    Row(route=route_of(STATIONS, stations.read_station), answers="ChargeStationAnswer", statuses=(404,)),
    Row(
        route=route_of(STATIONS, stations.replace_station),
        answers="ChargeStationAnswer",
        takes="PutChargeStation",
        refuses=STATION,
        statuses=CHANGES,
    ),
    Row(
        route=route_of(STATIONS, stations.patch_station),
        answers="ChargeStationAnswer",
        takes="PatchChargeStation",
        refuses=STATION,
        statuses=CHANGES,
    ),
    Row(route=route_of(STATIONS, templates.list_templates), answers="HardwareTemplateList"),
    Row(
        route=route_of(STATIONS, templates.save_template),
        answers="HardwareTemplateAnswer",
        takes="HardwareTemplateInput",
        refuses=TEMPLATE,
        statuses=CHANGES,
    ),
    Row(
        route=route_of(LOCATIONS, locations.list_locations),
        answers="LocationList",
        query=LocationParameters,
        statuses=(400,),
    ),
    Row(
        route=route_of(LOCATIONS, locations.create_location),
        answers="LocationAnswer",
        takes="PostLocation",
        refuses=LOCATION,
        statuses=CREATES,
    ),
    Row(
        route=route_of(LOCATIONS, locations.read_location),
        answers="LocationAnswer",
        query=OneLocationParameters,
        statuses=(400, 404),
    ),
    Row(
        route=route_of(LOCATIONS, locations.replace_location),
        answers="LocationAnswer",
        takes="PutLocation",
        refuses=LOCATION,
        statuses=CHANGES,
    ),
    Row(
        route=route_of(LOCATIONS, locations.patch_location),
        answers="LocationAnswer",
        takes="PatchLocation",
        refuses=LOCATION,
        statuses=CHANGES,
    ),
    Row(
        route=_batch(STATIONS),
        answers="ChargeStationBatchAnswer",
        takes="ChargeStationBatch",
        headers=(IDEMPOTENCY_KEY,),
        refuses=NOTHING,
        statuses=CREATES,
    ),
    Row(
        route=_batch(LOCATIONS),
        answers="LocationBatchAnswer",
        takes="LocationBatch",
        headers=(IDEMPOTENCY_KEY,),
        refuses=NOTHING,
        statuses=CREATES,
    ),
    Row(
        route=route_of(CUSTOMERS, customers.list_customers),
        answers="CpoCustomerList",
        query=CustomerParameters,
        statuses=(400,),
    ),
    Row(
        route=route_of(CUSTOMERS, customers.create_customer),
        answers="CpoCustomerAnswer",
        takes="PostCpoCustomer",
        refuses=CUSTOMER,
        statuses=CREATES,
    ),
    Row(route=route_of(CUSTOMERS, customers.read_customer), answers="CpoCustomerAnswer", statuses=(404,)),
    Row(
        route=route_of(CUSTOMERS, customers.replace_customer),
        answers="CpoCustomerAnswer",
        takes="PutCpoCustomer",
        refuses=CUSTOMER,
        statuses=CHANGES,
    ),
    *(_command(command) for command in RemoteCommand),
    Row(
        route=Route(
            path=f"{COMMANDS}/{{evse_uid}}/{{charge_station_notification_id}}",
            methods=("get",),
            name="result",
            summary="Read the result of a command",
        ),
        answers="CommandResultAnswer",
        statuses=(404,),
    ),
)


def part() -> Part:
    paths: dict[str, Schema] = {}
    for row in ROWS:
        paths.setdefault(row.route.path, {}).update(operations(row.route, _described(row)))
    scheme = {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token KEY`, with the key of a subscription.",
    }
    return Part(paths, schemas(), {SECURITY: scheme})


# --- Schemas ---------------------------------------------------------------------------------------------------------


def schemas() -> dict[str, Schema]:
    found = components(TAKEN_OR_NOT, tuple(BODIES.values()))
    found["CommandResult"]["properties"]["request"] = {"type": "object"}
    batches = _batches("ChargeStation", "charge_station_id", array) | _batches("Location", "id", lambda kept: kept)
    return {**found, **_envelopes(), **batches, "Failure": _failure(NOTHING)}


def _batches(noun: str, key: str, shape: Callable[[Schema], Schema]) -> dict[str, Schema]:
    """A batch of these: its items, and what becomes of each; a stale etag brings the stored object in its `shape`."""
    bodies = {batch.Op.CREATE: "Post", batch.Op.UPDATE: "Put", batch.Op.PATCH: "Patch"}
    items = [{"allOf": [record(op={"const": op.value}), ref(kind + noun)]} for op, kind in bodies.items()]
    op, said = {"type": "string", "enum": list(batch.Op)}, {"type": "string"}
    written = nullable({"type": "object", "properties": {key: said, "etag": said}})
    done = record(op=op, status_code=DONE, status_message=said, data=written)
    failed = record(op=nullable(op), status_code=FAILED, status_message=said, data=nullable(shape(ref(noun))))
    outcomes = array({"anyOf": [done, failed]})
    return {
        f"{noun}Batch": {**array({"anyOf": items}), "maxItems": MOST_ITEMS},
        f"{noun}BatchAnswer": _envelope(outcomes, DONE),
    }


def _envelopes() -> dict[str, Schema]:
    kinds: tuple[type[Struct], ...] = (*NOUNS, *TAKEN_OR_NOT)
    named = {kind.__name__: ref(kind.__name__) for kind in kinds}
    answers = {f"{name}Answer": _success(data) for name, data in named.items()}
    return answers | {f"{name}List": _success(array(data)) for name, data in named.items()}


def _success(data: Schema) -> Schema:
    return _envelope(data, DONE)


def _failure(data: Schema) -> Schema:
    return _envelope(data, FAILED)


def _envelope(data: Schema, status_code: Schema) -> Schema:
    return record(timestamp=TIME, data=data, status_code=status_code, status_message={"type": "string"})


# --- Operations ------------------------------------------------------------------------------------------------------


def _described(row: Row) -> Schema:
    described: Schema = {
        "tags": [row.route.path.split("/")[3]],
        "security": [{SECURITY: []}],
        "parameters": [*path_parameters(row.route), *_query(row.query), *row.headers, CPSO_IDS],
        "responses": {"200": _success_response(row)},
    }
    if row.takes is not None:
        described["requestBody"] = {"required": True, "content": content(ref(row.takes), examples.TAKEN[row.takes])}
    for status in sorted((*row.statuses, *ALWAYS)):
        described["responses"][str(status)] = _failure_response(status)
    return described


CPSO_IDS: Schema = {
    "name": "cpsoIds",
    "in": "header",
    "description": "CPOs, separated by commas, to narrow what the key opens.",
    "schema": {"type": "string"},
}


def _query(kind: type[Struct] | None) -> list[Schema]:
    if kind is None:
        return []
    _, found = json.schema_components([kind])
    properties = found[kind.__name__]["properties"]
    names = WIRE_NAMES[kind]
    return [
        {"name": names.get(name, name), "in": "query", "schema": FORMS.get(name) or _without_null(schema)}
        for name, schema in properties.items()
    ]


def _without_null(schema: Schema) -> Schema:
    kept = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return kept[0] if kept else schema


def _success_response(row: Row) -> Schema:
    answer = ref(row.answers)
    schema = answer if row.refuses is None else {"anyOf": [answer, _failure(row.refuses)]}
    listed = row.answers.endswith("List") and row.query is not None
    response = {
        "description": "Done" if row.refuses is None else "Done (1000), or refused with the stored object (2000, 2003)",
        "content": content(schema, examples.SENT[row.answers]),
    }
    return {**response, "headers": PAGING} if listed else response


def _failure_response(status: int) -> Schema:
    response: Schema = {"description": MESSAGES[status], "content": content(ref("Failure"), _failed(status))}
    if status == 429:
        response["headers"] = {"Retry-After": _header("Seconds to wait.", "integer", required=True)}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": _header("Token", "string", required=True)}
    return response


def _failed(status: int) -> dict[str, Any]:
    code = SERVER_ERROR if status >= 500 else BAD_PARAMETERS if status == 400 else CLIENT_ERROR
    return {"timestamp": examples.AT, "data": None, "status_code": code, "status_message": MESSAGES[status]}


def _header(description: str, kind: str, *, required: bool) -> Schema:
    return {"description": description, "required": required, "schema": {"type": kind}}


PAGING = {
    "Link": _header('The next page, `<...>; rel="next"`; the last page has none.', "string", required=False),
    "X-Total-Count": _header("How many there are in all.", "integer", required=True),
    "X-Limit": _header("How many a page has at most.", "integer", required=True),
}
