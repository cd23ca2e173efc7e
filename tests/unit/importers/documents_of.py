"""Small documents for the tests of the importer."""

import json
from typing import Any

from toolmarket.catalog.schemas import HttpImplementation, Operation
from toolmarket.importers.openapi import import_openapi
from toolmarket.importers.schemas import Imported

HEAD = {
    "openapi": "3.0.3",
    "info": {"title": "Test", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
}


def imported(paths: dict[str, Any], **members: Any) -> Imported:
    """An OpenAPI 3 document of these paths, imported."""
    return import_openapi(json.dumps({**HEAD, "paths": paths, **members}).encode())


def swagger(paths: dict[str, Any], **members: Any) -> Imported:
    """A Swagger 2 document of these paths, imported."""
    head = {
        "swagger": "2.0",
        "info": {"title": "Test", "version": "1"},
        "host": "api.example.com",
        "schemes": ["https"],
    }
    return import_openapi(json.dumps({**head, "paths": paths, **members}).encode())


def only(result: Imported) -> Operation:
    """The one operation of a document."""
    (operation,) = result.manifest.operations
    return operation


def http(operation: Operation) -> HttpImplementation:
    """Its request."""
    assert isinstance(operation.implementation, HttpImplementation)
    return operation.implementation


def body_of(schema: dict[str, Any], content_type: str = "application/json", **media: Any) -> dict[str, Any]:
    """The paths of one POST with this body."""
    content = {content_type: {"schema": schema, **media}}
    return {"/things": {"post": {"operationId": "makeThing", "requestBody": {"content": content}}}}
