"""Answers in place of real services: values that fit the output schema of what was called."""

import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from toolmarket.catalog.schemas import HttpImplementation, Manifest, Operation

DEPTH = 6


def add_service(app: FastAPI, slug: str, manifest: Manifest) -> None:
    """Serve every operation of a description below `/services/{slug}`."""
    routes = [
        (operation.implementation.method, _pattern(operation.implementation.path), operation)
        for operation in manifest.operations
        if isinstance(operation.implementation, HttpImplementation)
    ]

    async def answer(request: Request, path: str) -> JSONResponse:
        for method, pattern, operation in routes:
            if method == request.method and pattern.match("/" + path):
                return JSONResponse(_answer(operation))
        return JSONResponse({"error": {"code": "no_route", "message": "Not part of the description."}}, 404)

    app.add_api_route(
        f"/services/{slug}/{{path:path}}",
        answer,
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        include_in_schema=False,
    )


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]+\}", path)
    return re.compile("^" + "[^/]+".join(re.escape(part) for part in parts) + "/?$")


def _answer(operation: Operation) -> Any:
    schema = operation.output_schema
    return {"ok": True} if not schema else example_of(schema, schema.get("$defs", {}), DEPTH)


def example_of(schema: Any, definitions: dict[str, Any], depth: int) -> Any:
    """A small value that fits a schema, taken from its own examples where it has some."""
    if not isinstance(schema, dict) or depth == 0:
        return None
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
        return example_of(target, definitions, depth - 1)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum", "oneOf", "anyOf"):
        if schema.get(word):
            first = schema[word][0]
            return first if word in {"examples", "enum"} else example_of(first, definitions, depth - 1)
    if "allOf" in schema:
        return _merged(schema["allOf"], definitions, depth)
    return _by_type(schema, definitions, depth)


def _merged(parts: list[Any], definitions: dict[str, Any], depth: int) -> Any:
    values = [example_of(part, definitions, depth - 1) for part in parts]
    objects = [value for value in values if isinstance(value, dict)]
    if not objects:
        return values[0] if values else None
    return {name: value for each in objects for name, value in each.items()}


def _by_type(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {name: example_of(each, definitions, depth - 1) for name, each in properties.items()}
    if kind == "array":
        item = example_of(schema.get("items", {}), definitions, depth - 1)
        return [] if item is None else [item]
    plain = {"string": "sample", "integer": schema.get("minimum", 1), "number": 1.5, "boolean": True}
    return plain.get(str(kind))
