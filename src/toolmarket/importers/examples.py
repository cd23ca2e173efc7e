"""Example inputs from a document, kept where they satisfy the input schema."""

from typing import Any

from toolmarket.catalog import schemas as catalog
from toolmarket.importers.arguments import Arguments
from toolmarket.importers.schema_keywords import as_json
from toolmarket.kit.json_schema import SchemaBroken, Validator

_LARGEST_BYTES = 4_000


def from_document(arguments: Arguments) -> list[catalog.Example]:
    """One example made of what the document shows; none where it shows nothing or a wrong value."""
    properties: dict[str, Any] = arguments.schema["properties"]
    required: list[str] = arguments.schema.get("required", [])
    given: dict[str, Any] = {}
    shown = False
    for name, schema in properties.items():
        values = arguments.examples.get(name) or schema.get("examples") or []
        if values:
            given[name], shown = values[0], True
        elif name in required:
            values = [schema["default"]] if "default" in schema else schema.get("enum", [])[:1]
            if not values:
                return []
            given[name] = values[0]
    if not shown or len(as_json(given)) > _LARGEST_BYTES:
        return []
    if not _fits(arguments.schema, given):
        return []
    return [catalog.Example(title="From the document", input=given)]


def _fits(schema: dict[str, Any], given: dict[str, Any]) -> bool:
    try:
        return Validator(schema).accepts(given)
    except SchemaBroken:
        return False
