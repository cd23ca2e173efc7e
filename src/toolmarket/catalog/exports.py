"""An operation as model providers and programs want to see it: MCP, OpenAI, Anthropic, Gemini, OpenAPI.

The providers' limits, and what is simplified to keep them, stand in `plain_schemas`.

Source:
    OpenAI, "Function calling" and "Structured outputs: supported schemas"; Anthropic, "Tool use";
    Google, "Gemini API: FunctionDeclaration and Schema"; MCP 2025-11-25, "Tools".
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from toolmarket.catalog.plain_schemas import Limits, plain
from toolmarket.catalog.schemas import JsonSchema, McpImplementation, Operation

OPENAI = Limits()
ANTHROPIC = Limits(names=re.compile(r"[a-zA-Z0-9_.-]{1,64}"))
GEMINI = Limits(depth=8, total_bytes=40_000)
DESCRIPTION_LENGTH = 1_024
_NOT_IN_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_KEPT_OF_OUTPUT = frozenset({"title", "description", "$ref", "examples", "deprecated"})
_GEMINI_FORMATS = {
    "string": {"enum", "date-time"},
    "integer": {"int32", "int64"},
    "number": {"float", "double"},
}
_GEMINI_COPIED = (
    "title", "description", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems",
    "minProperties", "maxProperties", "default",
)  # fmt: skip


def mcp_tool(name: str, operation: Operation) -> dict[str, Any]:
    """The tool object of `tools/list`.

    What an upstream MCP server said of its tool is kept, unknown members too; its claims about effects
    give way to the manifest's, which were reviewed. The shape of the answer is told without promising it
    (`told_shape`): clients refuse a result that `outputSchema` does not accept, after the call was made.
    """
    implementation = operation.implementation
    upstream = implementation.upstream if isinstance(implementation, McpImplementation) else {}
    tool: dict[str, Any] = {
        **upstream,
        "name": name,
        "description": operation.description or operation.title or operation.name,
        "inputSchema": visible_input(operation),
        "annotations": {**(upstream.get("annotations") or {}), **annotations(operation)},
    }
    if operation.title:
        tool["title"] = operation.title
    output = operation.output_schema
    shaped = getattr(implementation, "shape", None)
    if not upstream and not shaped and output is not None and output.get("type") == "object":
        tool["outputSchema"] = {**told_shape(output), "type": "object"}
    return tool


def annotations(operation: Operation) -> dict[str, Any]:
    """MCP's hints from the effects; all four are told, because their defaults frighten."""
    effects = operation.effects
    return {
        **({"title": operation.title} if operation.title else {}),
        "readOnlyHint": effects.read_only,
        "destructiveHint": effects.destructive,
        "idempotentHint": effects.idempotent,
        "openWorldHint": effects.open_world,
    }


def visible_input(operation: Operation) -> JsonSchema:
    """The input schema without the inputs that the tool sets by itself."""
    schema = operation.input_schema
    fixed = operation.fixed_inputs
    if not fixed:
        return schema
    shown = {name: part for name, part in (schema.get("properties") or {}).items() if name not in fixed}
    required = [name for name in schema.get("required") or [] if name not in fixed]
    changed = {**schema, "properties": shown, "required": required}
    return changed if required else {key: value for key, value in changed.items() if key != "required"}


def told_shape(schema: Any) -> Any:
    """A schema that tells names and texts of an answer and accepts any; types are in `x-type`."""
    if not isinstance(schema, dict):
        return {}
    kept = {key: value for key, value in schema.items() if key in _KEPT_OF_OUTPUT}
    if "type" in schema:
        kept["x-type"] = schema["type"]
    for key in ("properties", "$defs"):
        if isinstance(schema.get(key), dict):
            kept[key] = {name: told_shape(part) for name, part in schema[key].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            kept[key] = told_shape(schema[key])
    return kept


def openai_function(name: str, operation: Operation) -> dict[str, Any]:
    """A function tool of OpenAI's chat completions; not strict, since optional arguments stay optional."""
    return {
        "type": "function",
        "function": {
            "name": function_name(name),
            "description": _description(operation),
            "parameters": plain(visible_input(operation), OPENAI),
            "strict": False,
        },
    }


def anthropic_tool(name: str, operation: Operation) -> dict[str, Any]:
    """A tool of Anthropic's messages API; property names it refuses are told in the description."""
    return {
        "name": function_name(name),
        "description": _description(operation),
        "input_schema": plain(visible_input(operation), ANTHROPIC),
    }


def gemini_function(name: str, operation: Operation) -> dict[str, Any]:
    """A function declaration of Gemini; without arguments it has no parameters."""
    declared: dict[str, Any] = {
        "name": _lettered(function_name(name)),
        "description": _description(operation),
    }
    parameters = _gemini(plain(visible_input(operation), GEMINI))
    return {**declared, "parameters": parameters} if parameters["properties"] else declared


def function_name(name: str) -> str:
    """The name in the alphabet that all providers share, at most 64 characters."""
    return _NOT_IN_NAME.sub("_", name)[:64] or "tool"


def _lettered(name: str) -> str:
    return name if name[0].isalpha() or name[0] == "_" else f"_{name}"[:64]


def _description(operation: Operation) -> str:
    text = operation.description or operation.title or operation.name
    return text if len(text) <= DESCRIPTION_LENGTH else text[: DESCRIPTION_LENGTH - 3] + "..."


def _gemini(schema: JsonSchema) -> dict[str, Any]:
    """A plain schema in Gemini's subset of OpenAPI 3.0: one type each, `nullable`, text enums."""
    found: dict[str, Any] = {key: schema[key] for key in _GEMINI_COPIED if key in schema}
    types = _types(schema)
    kinds = [kind for kind in types if kind != "null"] or (["string"] if types == ["null"] else [])
    if "null" in types:
        found["nullable"] = True
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if len(choices) < len(schema.get("anyOf", [])):
        found["nullable"] = True
    if len(choices) == 1 and not kinds:
        return {**_gemini(choices[0]), **found}
    if choices:
        found["anyOf"] = [_gemini(choice) for choice in choices]
    elif len(kinds) > 1:
        found["anyOf"] = [_gemini({**schema, "type": kind}) for kind in kinds]
        return found
    if kinds and not choices:
        found["type"] = kinds[0]
        _gemini_of_type(schema, kinds[0], found)
    return found


def _types(schema: JsonSchema) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, list):
        return kind
    if isinstance(kind, str):
        return [kind]
    if "properties" in schema:
        return ["object"]
    values = schema.get("enum") or [schema.get("const")]
    return ["string"] if all(isinstance(value, str) for value in values) or "anyOf" not in schema else []


def _gemini_of_type(schema: JsonSchema, kind: str, found: dict[str, Any]) -> None:
    if schema.get("format") in _GEMINI_FORMATS.get(kind, ()):
        found["format"] = schema["format"]
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    words = [value for value in values if isinstance(value, str) and value]
    if kind == "string" and words:
        found["enum"] = words
    elif values and kind != "string":
        told = ", ".join(str(value) for value in values[:50])
        found["description"] = f"{found.get('description', '')} One of: {told}.".strip()
    if kind == "array":
        items = schema.get("items") or {}
        found["items"] = _gemini(items) if items else {"type": "string"}
    if kind == "object":
        found["properties"] = {name: _gemini(part) for name, part in schema.get("properties", {}).items()}
        required = [name for name in schema.get("required", []) if name in found["properties"]]
        if required:
            found["required"] = required


def openapi_document(
    *, title: str, version: str, server: str, operations: Sequence[tuple[str, Operation]]
) -> dict[str, Any]:
    """An OpenAPI 3.1 document of an installation: each operation a route of our REST gateway.

    Args:
        server: URL of the installation, such as `https://host/v1/installations/{id}`.
        operations: with the names that the routes have.
    """
    components: dict[str, Any] = {"RunResult": _RUN_RESULT, "Problem": _PROBLEM}
    paths = {
        f"/operations/{name}/runs": {"post": _route(name, operation, components)}
        for name, operation in operations
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        },
    }


def _route(name: str, operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    arguments = _placed(visible_input(operation), name, components)
    required = bool(arguments.get("required"))
    route: dict[str, Any] = {
        "operationId": name,
        "summary": operation.title or name,
        "description": operation.description,
        "requestBody": {"required": required, "content": {"application/json": {"schema": arguments}}},
        "responses": {
            "200": {
                "description": "The call was made; `outcome` tells how it ended.",
                "content": {"application/json": {"schema": _result(name, operation, components)}},
            },
            "default": {
                "description": "The call was refused.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if operation.tags:
        route["tags"] = operation.tags
    return {**route, "deprecated": True} if operation.deprecated else route


def _result(name: str, operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    common = {"$ref": "#/components/schemas/RunResult"}
    if operation.output_schema is None:
        return common
    value = _placed(operation.output_schema, f"{name}_answer", components)
    return {"allOf": [common, {"type": "object", "properties": {"value": value}}]}


def _placed(schema: JsonSchema, prefix: str, components: dict[str, Any]) -> JsonSchema:
    """A schema whose `$defs` became components; in a document, `#/$defs` would mean the document's."""
    definitions = schema.get("$defs") or {}
    names: dict[str, str] = {}
    for name in definitions:
        names[name] = _component_name(f"{prefix}_{name}", components)
        components[names[name]] = {}
    for name, definition in definitions.items():
        components[names[name]] = _redirected(definition, names)
    found: JsonSchema = _redirected({key: value for key, value in schema.items() if key != "$defs"}, names)
    return found


def _component_name(wish: str, taken: Iterable[str]) -> str:
    name = base = re.sub(r"[^a-zA-Z0-9._-]", "_", wish)
    number = 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _redirected(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_redirected(part, names) for part in node]
    if not isinstance(node, dict):
        return node
    found = {key: _redirected(value, names) for key, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        target = reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        found["$ref"] = f"#/components/schemas/{names.get(target, target)}"
    return found


_RUN_RESULT: JsonSchema = {
    "type": "object",
    "required": ["id", "outcome"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "outcome": {
            "type": "string",
            "enum": [
                "ok",
                "tool_error",
                "upstream_error",
                "denied",
                "pending_approval",
                "timeout",
                "unknown",
            ],
        },
        "value": {"description": "What the operation answered."},
    },
}
_PROBLEM: JsonSchema = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
