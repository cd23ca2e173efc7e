"""A schema that would keep the validator busy without end is found before it is used."""

import time
from typing import Any

import pytest
from tests.requirements import requirement

from toolmarket.kit.json_schema import SchemaBroken, Validator


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def chain(keyword: str, length: int) -> dict[str, Any]:
    """Definitions each of which asks twice for the next one."""
    definitions: dict[str, Any] = {f"A{n}": {keyword: [ref(f"A{n + 1}")] * 2} for n in range(length)}
    return {**ref("A0"), "$defs": {**definitions, f"A{length}": {"type": "string"}}}


def recursive(definition: dict[str, Any]) -> dict[str, Any]:
    return {**ref("A"), "$defs": {"A": definition}}


ENDLESS = {
    "alternatives": chain("anyOf", 40),
    "parts": chain("allOf", 40),
    "exclusive": chain("oneOf", 40),
    "members": recursive({"allOf": [{"properties": {"a": ref("A")}}] * 2}),
    "patterns": recursive({"properties": {"a": ref("A")}, "patternProperties": {"^a": ref("A")}}),
    "items": recursive({"items": ref("A"), "contains": ref("A")}),
    "conditions": recursive({"if": {"properties": {"a": ref("A")}}, "then": {"properties": {"a": ref("A")}}}),
}
FINE = {
    "tree": recursive({"properties": {"left": ref("A"), "right": ref("A")}}),
    "filter": recursive(
        {"oneOf": [{"properties": {name: {"items": ref("A")}}} for name in ("and", "or", "not")]}
    ),
    "schemas": recursive({"properties": {"a": ref("A"), "b": ref("A")}, "additionalProperties": ref("A")}),
    "tuple": recursive({"prefixItems": [ref("A"), ref("A")], "items": ref("A")}),
    "alternatives": chain("anyOf", 8),
    "itself": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
    "nowhere": {"anyOf": [{"$ref": "#/$defs/A"}], "$defs": {"A": {"type": "object"}}},
}


@requirement("1.d/no-schema-stops-a-process")
@pytest.mark.parametrize("schema", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_schema_without_end_is_refused_at_once(schema: dict[str, Any]) -> None:
    began = time.monotonic()

    with pytest.raises(SchemaBroken):
        Validator(schema)

    assert time.monotonic() - began < 1


@pytest.mark.parametrize("schema", FINE.values(), ids=FINE.keys())
def test_schemas_that_refer_to_themselves_as_usual_are_taken(schema: dict[str, Any]) -> None:
    Validator(schema).accepts({"a": {"b": [{}]}})
