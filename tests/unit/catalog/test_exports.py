"""What model providers get of an operation."""

from typing import Any

import pytest
from tests import provider_limits
from tests.requirements import requirement

from toolmarket.catalog import exports
from toolmarket.catalog.schemas import Effects, HttpImplementation, McpImplementation, Operation
from toolmarket.kit.json_schema import Validator

HTTP = HttpImplementation(method="POST", server="https://api.example.com", path="/things")
PET: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "parent": {"$ref": "#/$defs/Pet"},
        "@type": {"type": "string"},
    },
    "required": ["name"],
    "additionalProperties": False,
}
INPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "body": {"$ref": "#/$defs/Pet", "description": "The pet."},
        "limit": {"type": ["integer", "null"], "format": "int32", "enum": [1, 2, None]},
        "tags": {"type": "array"},
        "kind": {"oneOf": [{"type": "string", "const": "a"}, {"type": "null"}]},
        "secret": {"type": "string"},
    },
    "required": ["body", "secret"],
    "additionalProperties": False,
    "$defs": {"Pet": PET},
}


def operation(schema: dict[str, Any] = INPUT, **members: Any) -> Operation:
    return Operation.model_validate(
        {"name": "make", "implementation": HTTP, "input_schema": schema, **members}
    )


@requirement("2.2.c/accepted-by-providers")
def test_every_provider_takes_the_schema() -> None:
    made = operation(fixed_inputs={"secret": "x"})

    assert provider_limits.openai_refusals(exports.openai_function("a_make", made)) == []
    assert provider_limits.anthropic_refusals(exports.anthropic_tool("a_make", made)) == []
    assert provider_limits.gemini_refusals(exports.gemini_function("a_make", made)) == []


def test_references_are_written_out_and_end() -> None:
    schema = exports.openai_function("a", operation())["function"]["parameters"]

    body = schema["properties"]["body"]
    assert body["description"] == "The pet."
    assert body["required"] == ["name"]
    assert body["properties"]["parent"] == {
        "type": "object",
        "description": "Nested like the one it is part of.",
    }


def test_names_that_anthropic_refuses_are_told_and_stay_possible() -> None:
    schema = exports.anthropic_tool("a", operation())["input_schema"]

    body = schema["properties"]["body"]
    assert "@type" not in body["properties"]
    assert "@type" in body["description"]
    assert Validator(schema).accepts({"body": {"name": "x", "@type": "y"}, "secret": "s"})


def test_gemini_gets_one_type_and_nullable() -> None:
    schema = exports.gemini_function("a", operation())["parameters"]

    assert schema["properties"]["limit"] == {
        "type": "integer", "format": "int32", "nullable": True, "description": "One of: 1, 2, None.",
    }  # fmt: skip
    assert schema["properties"]["kind"] == {"type": "string", "enum": ["a"], "nullable": True}
    assert schema["properties"]["tags"] == {"type": "array", "items": {"type": "string"}}


def test_without_arguments_gemini_gets_no_parameters() -> None:
    assert "parameters" not in exports.gemini_function("a", operation({"type": "object", "properties": {}}))


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_choices_at_the_top_become_one_object(keyword: str) -> None:
    choices = [
        {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"]},
        {"properties": {"b": {"type": "string"}, "c": {"type": "string"}}, "required": ["b"]},
    ]

    schema = exports.anthropic_tool("a", operation({"type": "object", keyword: choices}))["input_schema"]

    assert set(schema["properties"]) == {"a", "b", "c"}
    assert schema["required"] == ["b"]
    assert keyword not in schema


def test_what_is_too_deep_becomes_an_open_object_with_its_names() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for level in range(30):
        schema = {"type": "object", "properties": {f"level{level}": schema}, "required": [f"level{level}"]}

    made = exports.openai_function("a", operation(schema))

    assert provider_limits.openai_refusals(made) == []
    assert "An object with the fields: level" in str(made)


def test_what_is_too_much_becomes_smaller() -> None:
    choice = {"type": "string", "enum": [f"v{number}" for number in range(30)]}
    inner = {"type": "object", "properties": {f"q{number}": choice for number in range(30)}}
    wide = {f"p{number}": inner for number in range(300)}
    made = operation({"type": "object", "properties": {"body": {"type": "object", "properties": wide}}})

    assert provider_limits.openai_refusals(exports.openai_function("a", made)) == []
    assert provider_limits.gemini_refusals(exports.gemini_function("a", made)) == []


@pytest.mark.parametrize("name", ["a.b", "ä" * 80, "", "1a"])
def test_names_fit(name: str) -> None:
    made = operation()

    assert provider_limits.NAME.fullmatch(exports.openai_function(name, made)["function"]["name"])
    assert provider_limits.NAME.fullmatch(exports.anthropic_tool(name, made)["name"])
    assert not exports.gemini_function(name, made)["name"][0].isdigit()


def test_long_descriptions_are_cut_and_missing_ones_replaced() -> None:
    assert len(exports.anthropic_tool("a", operation(description="x" * 5_000))["description"]) == 1_024
    assert exports.anthropic_tool("a", operation(title="Make a thing"))["description"] == "Make a thing"


@requirement("2.2.c/honest-annotations")
@pytest.mark.parametrize("destructive", [True, False])
def test_mcp_annotations_tell_the_effects(destructive: bool) -> None:
    effects = Effects(kind="update", destructive=destructive, idempotent=True, open_world=False)

    tool = exports.mcp_tool("a_make", operation(effects=effects, title="Make"))

    assert tool["annotations"] == {
        "title": "Make", "readOnlyHint": False, "destructiveHint": destructive, "idempotentHint": True,
        "openWorldHint": False,
    }  # fmt: skip


def test_an_upstreams_tool_keeps_what_we_do_not_know() -> None:
    upstream = {"name": "theirs", "_meta": {"x": 1}, "annotations": {"readOnlyHint": True, "other": 2}}
    implementation = McpImplementation(server="https://x.example/mcp", tool="theirs", upstream=upstream)

    tool = exports.mcp_tool("a_make", operation(implementation=implementation))

    assert (tool["name"], tool["_meta"]) == ("a_make", {"x": 1})
    assert tool["annotations"]["readOnlyHint"] is False
    assert tool["annotations"]["other"] == 2


def test_the_shape_of_an_answer_is_told_without_promising_it() -> None:
    output = {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 3, "description": "d"}},
        "required": ["a"],
    }

    tool = exports.mcp_tool("a", operation(output_schema=output))

    assert tool["outputSchema"] == {
        "type": "object", "x-type": "object", "properties": {"a": {"x-type": "integer", "description": "d"}},
    }  # fmt: skip
    assert Validator(tool["outputSchema"]).accepts({"a": "no integer"})
    assert "outputSchema" not in exports.mcp_tool("a", operation(output_schema={"type": "array"}))


def test_an_installation_is_an_openapi_document() -> None:
    output = {"$ref": "#/$defs/Pet", "$defs": {"Pet": PET}}

    document = exports.openapi_document(
        title="Pets",
        version="1.0.0",
        server="https://host.example/v1/installations/1",
        operations=[
            ("make", operation(output_schema=output)),
            ("other", operation({"type": "object", "properties": {}})),
        ],
    )

    assert list(document["paths"]) == ["/operations/make/runs", "/operations/other/runs"]
    assert "#/$defs/" not in str(document)
    schemas = document["components"]["schemas"]
    assert schemas["make_Pet"]["properties"]["parent"] == {"$ref": "#/components/schemas/make_Pet"}
    assert "make_answer_Pet" in schemas
