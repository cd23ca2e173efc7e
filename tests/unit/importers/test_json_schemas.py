"""Schemas of every version become self-contained 2020-12."""

from typing import Any

import pytest
from tests.requirements import requirement
from tests.unit.importers.documents_of import body_of, imported, only, swagger

from toolmarket.kit.json_schema import Validator


def converted(schema: dict[str, Any], version: str = "3.0.3", **components: Any) -> dict[str, Any]:
    """The schema as it becomes the argument `body`, with its definitions."""
    result = imported(body_of(schema), openapi=version, components={"schemas": components})
    whole = only(result).input_schema
    Validator(whole)
    body: dict[str, Any] = whole["properties"]["body"]
    return {**body, "$defs": whole["$defs"]} if "$defs" in whole else body


@requirement("2.2.c/schemas-become-2020-12")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "string", "nullable": True, "enum": ["a"]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 1},
        ),
        ({"type": "integer", "maximum": 1, "exclusiveMaximum": False}, {"type": "integer", "maximum": 1}),
        ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ({"type": "string", "format": "binary"}, {"type": "string", "contentEncoding": "base64"}),
        ({"type": "int", "maxLength": "5", "minLength": -1}, {"type": "integer", "maxLength": 5}),
        ({"type": "string", "enum": [1, True, "a"]}, {"type": "string", "enum": ["1", "true", "a"]}),
        ({"type": "integer", "enum": ["1", "2"]}, {"type": "integer", "enum": [1, 2]}),
        (
            {"type": "array", "items": [{"type": "string"}]},
            {"type": "array", "prefixItems": [{"type": "string"}]},
        ),
        ({"type": "string", "pattern": "(["}, {"type": "string"}),
        ({"type": "string", "pattern": "/^a+$/i"}, {"type": "string", "pattern": "^a+$"}),
        ({"type": "object", "required": True, "enum": [], "xml": {"name": "x"}}, {"type": "object"}),
        ({"allOf": [{"type": "string"}], "description": "d"}, {"type": "string", "description": "d"}),
        (
            {"type": "object", "dependencies": {"a": ["b"]}},
            {"type": "object", "dependentRequired": {"a": ["b"]}},
        ),
    ],
)
def test_old_words_become_new_ones(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert converted(old) == new


def test_references_become_definitions_that_are_reached_only() -> None:
    pet = {"type": "object", "properties": {"owner": {"$ref": "#/components/schemas/Owner"}}}

    found = converted(
        {"$ref": "#/components/schemas/Pet"}, Pet=pet, Owner={"type": "string"}, Unused={"type": "null"}
    )

    assert found["$ref"] == "#/$defs/Pet"
    assert set(found["$defs"]) == {"Pet", "Owner"}


def test_circles_are_kept_and_endless_ones_cut() -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    }
    loop = {"allOf": [{"$ref": "#/components/schemas/Pool"}]}
    pool = {"anyOf": [{"$ref": "#/components/schemas/Loop"}, {"type": "string"}]}
    schema = {
        "type": "object",
        "properties": {
            "tree": {"$ref": "#/components/schemas/Tree"},
            "loop": {"$ref": "#/components/schemas/Loop"},
        },
    }

    found = converted(schema, Tree=tree, Loop=loop, Pool=pool)

    validator = Validator(found)
    assert validator.accepts({"tree": {"children": [{"children": []}]}, "loop": "x"})
    assert not validator.accepts({"tree": {"children": [5]}})


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("#/components/schemas/a~1b", "a/b"),
        ("#/components/schemas/a~0b", "a~b"),
        ("#/components/schemas/%7Bid%7D", "{id}"),
        ("#/components/schemas/caf%C3%A9", "café"),
        ("Pet", "Pet"),
    ],
)
def test_escaped_pointers_are_followed(reference: str, key: str) -> None:
    found = converted({"$ref": reference}, **{key: {"type": "integer"}})

    assert Validator(found).accepts(1)
    assert not Validator(found).accepts("x")


def test_a_reference_to_the_documents_own_name_is_local() -> None:
    paths = body_of({"$ref": "https://api.example.com/spec.json#/components/schemas/A"})
    result = imported(paths, components={"schemas": {"A": {"type": "integer"}}}, openapi="3.2.0",
                      **{"$self": "https://api.example.com/spec.json"})  # fmt: skip

    assert only(result).input_schema["$defs"] == {"A": {"type": "integer"}}


@requirement("2.2.c/external-references-are-told")
@pytest.mark.parametrize(
    "reference", ["https://example.com/a.json#/A", "other.yaml#/A", "#/components/schemas/Nobody"]
)
def test_what_cannot_be_referred_to_accepts_anything_and_is_told(reference: str) -> None:
    result = imported(body_of({"$ref": reference}))

    assert only(result).input_schema["properties"]["body"] == {}
    assert any(reference in note.message and note.level == "warning" for note in result.notes)


def test_siblings_of_a_reference_count_since_3_1() -> None:
    schema = {"$ref": "#/components/schemas/A", "description": "told", "maxLength": 3}

    old, new = converted(schema, A={"type": "string"}), converted(schema, "3.1.0", A={"type": "string"})

    assert {key: old[key] for key in old if key != "$defs"} == {"$ref": "#/$defs/A", "description": "told"}
    assert {key: new[key] for key in new if key != "$defs"} == {
        "$ref": "#/$defs/A",
        "description": "told",
        "maxLength": 3,
    }


def test_what_only_an_answer_carries_is_no_input() -> None:
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "name": {"type": "string"},
            "key": {"$ref": "#/components/schemas/Key"},
        },
    }

    found = converted(schema, Key={"type": "string", "readOnly": True})

    assert found == {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def test_anchors_and_ids_are_found() -> None:
    found = converted(
        {"type": "object", "properties": {"a": {"$ref": "#here"}, "b": {"$ref": "https://x.example/b"}}},
        "3.1.0",
        A={"$anchor": "here", "type": "integer"},
        B={"$id": "https://x.example/b", "type": "boolean"},
    )

    assert Validator(found).accepts({"a": 1, "b": True})
    assert not Validator(found).accepts({"a": "x"})


def test_a_mapped_discriminator_selects_by_value() -> None:
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/components/schemas/Cat", "dog": "Dog"},
        },
    }
    animal = {"type": "object", "properties": {"kind": {"type": "string"}}}

    validator = Validator(converted(schema, Cat=animal, Dog=animal))

    assert validator.accepts({"kind": "cat"})
    assert not validator.accepts({"kind": "bird"})


def test_very_large_inputs_are_cut_with_a_note() -> None:
    def shape(number: int) -> dict[str, Any]:
        names = {f"p{j}": {"$ref": f"#/components/schemas/S{(number * 7 + j) % 300}"} for j in range(40)}
        return {"type": "object", "properties": names}

    many = {f"S{i}": shape(i) for i in range(300)}
    result = imported(body_of({"$ref": "#/components/schemas/S0"}), components={"schemas": many})

    schema = only(result).input_schema

    assert len(str(schema)) < 200_000
    assert Validator(schema).accepts({"body": {"p1": {"p2": {}}}})
    assert any("very large" in note.message for note in result.notes)


def test_swagger_files_and_nullables_are_understood() -> None:
    paths = {
        "/a": {
            "post": {
                "parameters": [{"in": "body", "name": "b", "schema": {"type": "string", "x-nullable": True}}]
            }
        }
    }

    assert only(swagger(paths)).input_schema["properties"]["body"] == {"type": ["string", "null"]}
