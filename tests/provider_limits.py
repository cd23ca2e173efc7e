"""What model providers refuse in a tool's schema, checked without asking them.

Source:
    OpenAI, "Structured outputs: supported schemas" (10 levels, 5,000 properties, 1,000 enum values,
    120,000 characters of names and values) and its errors for functions; Anthropic's errors for
    `input_schema`; Google, "Gemini API: Schema".
"""

import re
from collections.abc import Iterator
from typing import Any

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
ANTHROPIC_PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
GEMINI_PROPERTY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
GEMINI_KEYS = {
    "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties",
    "required", "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf",
    "propertyOrdering", "default", "items", "minimum", "maximum",
}  # fmt: skip
TYPES = {"string", "number", "integer", "boolean", "array", "object"}
REFUSED_AT_TOP = {"oneOf", "anyOf", "allOf", "enum", "not"}


def openai_refusals(tool: dict[str, Any]) -> list[str]:
    """Why OpenAI would refuse a function tool."""
    function = tool["function"]
    schema = function["parameters"]
    found = [*_common(function["name"], function["description"], schema)]
    nodes = list(_nodes(schema))
    properties = [name for _, node in nodes for name in node.get("properties", {})]
    enums = [node["enum"] for _, node in nodes if "enum" in node]
    characters = sum(map(len, properties)) + sum(len(str(value)) for values in enums for value in values)
    if max((depth for depth, _ in nodes), default=0) > 10:
        found.append("more than 10 levels")
    if len(properties) > 5_000:
        found.append("more than 5,000 properties")
    if sum(map(len, enums)) > 1_000:
        found.append("more than 1,000 enum values")
    if characters > 120_000:
        found.append("more than 120,000 characters of names and values")
    for values in enums:
        if len(values) > 250 and sum(len(value) for value in values if isinstance(value, str)) > 15_000:
            found.append("a large enum of more than 15,000 characters")
    return found


def anthropic_refusals(tool: dict[str, Any]) -> list[str]:
    """Why Anthropic would refuse a tool."""
    schema = tool["input_schema"]
    found = [*_common(tool["name"], tool["description"], schema)]
    for _, node in _nodes(schema):
        found.extend(
            f"property name {name!r}"
            for name in node.get("properties", {})
            if not ANTHROPIC_PROPERTY.fullmatch(name)
        )
    return found


def gemini_refusals(declaration: dict[str, Any]) -> list[str]:
    """Why Gemini would refuse a function declaration."""
    schema = declaration.get("parameters")
    if schema is None:
        return []
    found = [*_common(declaration["name"], declaration["description"], schema)]
    found.extend(
        f"argument name {name!r}" for name in schema["properties"] if not GEMINI_PROPERTY.fullmatch(name)
    )
    for _, node in _nodes(schema):
        found.extend(f"keyword {key}" for key in node.keys() - GEMINI_KEYS)
        if "type" in node and node["type"] not in TYPES:
            found.append(f"type {node['type']!r}")
        if "type" not in node and "anyOf" not in node:
            found.append("neither type nor anyOf")
        if any(not isinstance(value, str) or not value for value in node.get("enum", [])):
            found.append("an enum value that is no text")
        if set(node.get("required", [])) - set(node.get("properties", {})):
            found.append("required names without a property")
    return found


def _common(name: str, description: str, schema: dict[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"name {name!r}"
    if not 1 <= len(description) <= 1_024:
        yield f"description of {len(description)} characters"
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        yield "the top is no object with properties"
    if REFUSED_AT_TOP & schema.keys():
        yield f"{sorted(REFUSED_AT_TOP & schema.keys())} at the top"
    for _, node in _nodes(schema):
        if node.keys() & {"$ref", "$defs", "$dynamicRef"}:
            yield "a reference"
        kind = node.get("type")
        if (kind == "array" or (isinstance(kind, list) and "array" in kind)) and "items" not in node:
            yield "an array without items"


def _nodes(schema: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """All schemas inside, with their level; the top is level 1."""
    pending = [(1, schema)]
    while pending:
        depth, node = pending.pop()
        if not isinstance(node, dict):
            continue
        yield depth, node
        below = [*node.get("properties", {}).values(), *node.get("anyOf", []), *node.get("oneOf", [])]
        below += [
            *node.get("allOf", []),
            node.get("items"),
            node.get("additionalProperties"),
            node.get("not"),
        ]
        pending.extend((depth + 1, part) for part in below if isinstance(part, dict))
