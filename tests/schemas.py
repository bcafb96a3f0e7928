"""Holds what the APIs say against the OpenAPI document."""

import re
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from litestar import Litestar

JSON = "application/json"


def closed(node: Any) -> Any:
    """The same schemas, with nothing allowed that they do not name: so a field that the document forgot is found."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {key: closed(value) for key, value in node.items()}
    return {**inner, "additionalProperties": False} if isinstance(node.get("properties"), dict) else inner


def served(app: Litestar) -> set[tuple[str, str]]:
    """Path and method of every route, in the document's spelling."""
    return {
        (route.path.replace(":str}", "}"), method.lower())
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }


class Schemas:
    def __init__(self, document: dict[str, Any]) -> None:
        self._paths: dict[str, dict[str, Any]] = document["paths"]
        self._schemas = document["components"]["schemas"]
        self._closed = closed(self._schemas)
        self._made: dict[tuple[str, int], Draft202012Validator] = {}

    def routes(self) -> set[tuple[str, str]]:
        return {(path, method) for path, operations in self._paths.items() for method in operations}

    def declared(self) -> set[tuple[str, int]]:
        """Every operation with every status that it says it may have."""
        found = [each for operations in self._paths.values() for each in operations.values()]
        return {(each["operationId"], int(status)) for each in found for status in each["responses"]}

    def check_document(self) -> None:
        found = [each for operations in self._paths.values() for each in operations.values()]
        assert len({each["operationId"] for each in found}) == len(found)
        assert all(each["summary"] for each in found)
        for schema in self._schemas.values():
            Draft202012Validator.check_schema(schema)

    def check(self, answer: httpx.Response) -> tuple[str, int]:
        """The operation and status of this answer, which is as the document says. Raises ValidationError, or fails."""
        method, path = answer.request.method, answer.request.url.path
        operation = self._operation(method, path)
        declared = operation["responses"].get(str(answer.status_code))
        assert declared, f"{method} {path} answers {answer.status_code}: {answer.text}"
        ((media_type, content),) = declared["content"].items()
        assert answer.headers["content-type"].startswith(media_type)
        if media_type == JSON:
            self._of(operation["operationId"], answer.status_code, content["schema"]).validate(answer.json())
        for name, header in declared.get("headers", {}).items():
            assert name in answer.headers or not header["required"], (path, name)
        return operation["operationId"], answer.status_code

    async def hold(self, answer: httpx.Response) -> None:
        """A hook of an HTTP client: whatever a test asks of a route, the answer is as the document says."""
        known = self._find(answer.request.method, answer.request.url.path) is not None
        if known and not answer.headers["content-type"].startswith("text/event-stream"):
            await answer.aread()
            self.check(answer)

    def check_body(self, method: str, path: str, body: Any) -> None:
        self.fits(body, self._operation(method, path)["requestBody"]["content"][JSON]["schema"])

    def fits(self, value: Any, schema: dict[str, Any]) -> None:
        """Raises ValidationError."""
        self._validate(value, schema, self._schemas)

    def fits_closed(self, value: Any, name: str) -> None:
        """The component of this name, and nothing that it does not name."""
        self._validate(value, self._closed[name], self._closed)

    def _of(self, name: str, status: int, schema: dict[str, Any]) -> Draft202012Validator:
        """Made once for each answer: that takes longer than to use it."""
        if (name, status) not in self._made:
            self._made[name, status] = Draft202012Validator({**closed(schema), "components": {"schemas": self._closed}})
        return self._made[name, status]

    def _validate(self, value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
        Draft202012Validator({**schema, "components": {"schemas": schemas}}).validate(value)

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        found = self._find(method, path)
        assert found is not None, f"{method} {path} is not in the document"
        return found

    def _find(self, method: str, path: str) -> dict[str, Any] | None:
        """Literal paths go before those with an id."""
        for template in sorted(self._paths, key=lambda template: "{" in template):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path, re.IGNORECASE):
                found: dict[str, Any] | None = self._paths[template].get(method.lower())
                return found
        return None
