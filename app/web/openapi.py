"""OpenAPI 3.1 from the Structs and handlers that do the work, so that the document says what the code does.

What we send and what we take are two sets of components: in what we send every field is always there, in what we take
it is the Struct and the rules that say what may be left out. A noun that is in both has `Input` behind its name there.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from inspect import cleandoc
from typing import Any, get_args

import msgspec
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct, inspect

Schema = dict[str, Any]

PREFIX = "#/components/schemas/"
JSON = "application/json"
OWN_NOTES = re.compile(r" \((?:platform-api|connectivity)[^)]*\)")
"""References to documents that the reader does not have."""
TIME: Schema = {"type": "string", "format": "date-time"}
LEAST = {"string": "minLength", "array": "minItems"}
"""What says that there is something in it."""


def ref(name: str) -> Schema:
    return {"$ref": PREFIX + name}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def array(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def record(**properties: Schema) -> Schema:
    """An object that always has these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def content(schema: Schema, example: Any = None, media_type: str = JSON) -> Schema:
    return {media_type: {"schema": schema} if example is None else {"schema": schema, "example": example}}


# --- Components ------------------------------------------------------------------------------------------------------


def sent(kinds: Iterable[type]) -> dict[str, Schema]:
    """Components of what we answer: all properties are required, times are date-times."""
    kinds = list(kinds)
    found = _components(kinds)
    for kind in _structs(kinds):
        schema = found[kind.__name__]
        schema["required"] = list(schema["properties"])
        for field in msgspec.structs.fields(kind):
            shown = schema["properties"][field.encode_name]
            shown.pop("default", None)
            if field.type is datetime or datetime in get_args(field.type):
                _mark_times(shown)
    return found


def taken(kinds: Iterable[type], beside: Mapping[str, Schema]) -> dict[str, Schema]:
    """Components of what we read; what `beside` has under the same name and otherwise is renamed."""
    found = _components(list(kinds))
    other = {name for name, schema in found.items() if name in beside and schema != beside[name]}
    text = msgspec.json.encode({f"{name}Input" if name in other else name: found[name] for name in found})
    for name in other:
        text = text.replace(f'"{PREFIX}{name}"'.encode(), f'"{PREFIX}{name}Input"'.encode())
    renamed: dict[str, Schema] = msgspec.json.decode(text)
    return renamed


def require(schema: Schema, names: Collection[str]) -> None:
    """These fields must be there, with a value: what the rules say of a write, which its Struct leaves open."""
    for name in names:
        schema["properties"][name] = _with_value(schema["properties"][name])
    schema["required"] = sorted({*schema.get("required", ()), *names})


def mark_read_only(schema: Schema, names: Iterable[str]) -> None:
    for name in names:
        schema["properties"][name]["readOnly"] = True


def _components(kinds: list[type]) -> dict[str, Schema]:
    _, found = msgspec.json.schema_components(kinds, ref_template=PREFIX + "{name}")
    for schema in found.values():
        if "description" in schema:
            schema["description"] = OWN_NOTES.sub("", cleandoc(schema["description"]))
    return found


def _with_value(schema: Schema) -> Schema:
    kept = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    (only,) = kept
    least = LEAST.get(only.get("type", ""))
    return {**only, least: 1} if least else only


def _mark_times(schema: Schema) -> None:
    for each in schema.get("anyOf", [schema]):
        if each.get("type") == "string":
            each.update(TIME)


def _structs(kinds: Sequence[type]) -> set[type[Struct]]:
    """All Structs that these consist of."""
    found: set[type[Struct]] = set()
    waiting: list[inspect.Type] = [inspect.type_info(kind) for kind in kinds]
    while waiting:
        node = waiting.pop()
        if isinstance(node, inspect.StructType):
            if node.cls in found:
                continue
            found.add(node.cls)
            waiting += [field.type for field in node.fields]
        waiting += getattr(node, "types", ())
        waiting += [part for name in ("item_type", "value_type") if (part := getattr(node, name, None)) is not None]
    return found


# --- Operations ------------------------------------------------------------------------------------------------------


class Route(Struct, frozen=True, kw_only=True):
    """A handler as the document names it."""

    path: str
    methods: tuple[str, ...]
    name: str
    summary: str


def route_of(prefix: str, handler: HTTPRouteHandler) -> Route:
    """The summary is the handler's own, else the first line of its docstring, else its name."""
    (own,) = handler.paths
    words = handler.fn.__name__.rstrip("_").split("_")
    told = cleandoc(handler.fn.__doc__ or "").partition("\n")[0].rstrip(".")
    return Route(
        path=(prefix + own.replace(":str}", "}")).rstrip("/"),
        methods=tuple(sorted(method.lower() for method in handler.http_methods)),
        name=words[0] + "".join(word.capitalize() for word in words[1:]),
        summary=handler.summary or told or " ".join(words).capitalize(),
    )


def operations(route: Route, described: Schema) -> dict[str, Schema]:
    """The route's entry under `paths`, one operation for each of its methods."""
    several = len(route.methods) > 1
    (tag,) = described["tags"]
    return {
        method: {
            "operationId": f"{tag}_{route.name}" + (method.capitalize() if several else ""),
            "summary": route.summary,
            **described,
        }
        for method in route.methods
    }


def path_parameters(route: Route) -> list[Schema]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


# --- The document ----------------------------------------------------------------------------------------------------


class Part(Struct, frozen=True):
    """What one edge adds to the document."""

    paths: dict[str, Schema]
    schemas: dict[str, Schema]
    security: dict[str, Schema]


def document(version: str, parts: Iterable[Part]) -> Schema:
    parts = list(parts)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stationlink", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": _together(part.paths for part in parts),
        "components": {
            "schemas": _together(part.schemas for part in parts),
            "securitySchemes": _together(part.security for part in parts),
        },
    }


def _together(parts: Iterable[Mapping[str, Schema]]) -> dict[str, Schema]:
    """Raises ValueError where two edges mean different things by one name."""
    result: dict[str, Schema] = {}
    for part in parts:
        for name, value in part.items():
            if result.setdefault(name, value) != value:
                raise ValueError(f"two meanings of {name}")
    return result


def schema_routes(written: Callable[[], bytes]) -> list[HTTPRouteHandler]:
    """The document is written when somebody asks for it first."""

    @get(["/schema", "/schema/openapi.json"], sync_to_thread=False)
    def schema() -> Response[bytes]:
        return Response(written(), media_type=MediaType.JSON)

    return [schema]
