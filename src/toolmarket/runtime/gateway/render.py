"""How an operation looks to an MCP client."""

from typing import Any

import orjson

from toolmarket.catalog.schemas import McpImplementation, Operation

_KEPT = frozenset({"title", "description", "$ref", "$anchor", "$comment", "examples", "deprecated"})
_MAPS = ("properties", "$defs", "patternProperties")
_ONE = ("items", "additionalProperties")


def tool_json(operation: Operation, mcp_name: str) -> bytes:
    """The tool object of an operation, as sent in `tools/list`.

    What an upstream MCP server said of its tool is kept, unknown members too; its claims about
    effects give way to the manifest's, which were reviewed.
    """
    implementation = operation.implementation
    tool: dict[str, Any] = {}
    if isinstance(implementation, McpImplementation):
        tool = {**implementation.upstream}
    tool |= {
        "name": mcp_name,
        "description": operation.description or operation.title or operation.name,
        "inputSchema": visible_input(operation),
        "annotations": {**(tool.get("annotations") or {}), **annotations(operation)},
    }
    if operation.title:
        tool["title"] = operation.title
    if not isinstance(implementation, McpImplementation):
        output = operation.output_schema
        if output is not None and output.get("type") == "object":
            tool["outputSchema"] = {"type": "object", **described(output)}
    return orjson.dumps(tool)


def visible_input(operation: Operation) -> dict[str, Any]:
    """The input schema without the inputs that the tool sets itself."""
    schema = operation.input_schema
    if not operation.fixed_inputs:
        return schema
    shown = {
        name: sub for name, sub in schema.get("properties", {}).items() if name not in operation.fixed_inputs
    }
    required = [name for name in schema.get("required", ()) if name not in operation.fixed_inputs]
    return {**schema, "properties": shown, **({"required": required} if "required" in schema else {})}


def annotations(operation: Operation) -> dict[str, Any]:
    """The hints, all four told, because their defaults frighten."""
    effects = operation.effects
    return {
        **({"title": operation.title} if operation.title else {}),
        "readOnlyHint": effects.read_only,
        "destructiveHint": effects.destructive,
        "idempotentHint": effects.idempotent,
        "openWorldHint": effects.open_world,
    }


def described(schema: Any) -> Any:
    """A schema that tells the shape of an answer without promising it.

    Clients refuse a result that its `outputSchema` does not accept, although the call was made; real
    services stray from their own descriptions. So names and texts stay, assertions go, and the
    type is told in `x-type`.
    """
    if not isinstance(schema, dict):
        return True
    kept = {key: value for key, value in schema.items() if key in _KEPT}
    if "type" in schema:
        kept["x-type"] = schema["type"]
    for key in _MAPS:
        if isinstance(schema.get(key), dict):
            kept[key] = {name: described(sub) for name, sub in schema[key].items()}
    for key in _ONE:
        if isinstance(schema.get(key), dict):
            kept[key] = described(schema[key])
    return kept
