"""Input schemas in the plain form that model providers take.

References are written out, nearest first; what is deeper or more than a provider allows becomes an open
object whose description names its fields. `allOf` is merged. Every simplification only widens the schema:
what the full schema accepts stays acceptable, and each call is checked against the full one.
"""

import re
from collections import deque
from dataclasses import dataclass
from typing import Any

import orjson

Schema = dict[str, Any]
_PREFIX = "#/$defs/"
_COPIED = (
    "title", "description", "type", "format", "enum", "const", "default", "examples", "deprecated", "pattern",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "contentEncoding",
    "contentMediaType", "required",
)  # fmt: skip
_CHOICES = ("anyOf", "oneOf")
_NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider takes.

    `names` is what property names have to match at every level; `large_enum` the count of values above
    which their text may have `large_enum_characters` only; `total_bytes` is our own bound of the JSON.
    """

    depth: int = 10
    properties: int = 5_000
    enum_values: int = 1_000
    name_characters: int = 120_000
    large_enum: int = 250
    large_enum_characters: int = 15_000
    names: re.Pattern[str] | None = None
    total_bytes: int = 60_000


@dataclass(slots=True)
class _Task:
    source: Any
    target: Schema
    depth: int
    trail: frozenset[str]


def plain(schema: Schema, limits: Limits) -> Schema:
    """The schema as an object without references, within the limits."""
    found: Schema = {}
    for depth in range(limits.depth, 2, -1):
        found = _Flattener(schema, limits, depth).run()
        if len(orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS)) <= limits.total_bytes:
            break
    return found


class _Flattener:
    """One walk, level by level, so that the budget goes to what is near the top."""

    def __init__(self, root: Schema, limits: Limits, depth: int) -> None:
        self._root = root
        self._definitions: Schema = root.get("$defs") or {}
        self._limits = limits
        self._depth = depth - 1
        self._properties = limits.properties
        self._enum_values = limits.enum_values
        self._characters = limits.name_characters
        self._queue: deque[_Task] = deque()

    def run(self) -> Schema:
        """The whole schema."""
        top = self._top()
        found: Schema = {}
        self._enqueue(top, found, 1, frozenset())
        while self._queue:
            self._write(self._queue.popleft())
        found["type"] = "object"
        found.setdefault("properties", {})
        return found

    def _top(self) -> Schema:
        """The root without composition: choices become one object of all their properties."""
        merged, _ = self._resolved(self._root, frozenset())
        for keyword in _CHOICES:
            choices = [self._resolved(choice, frozenset())[0] for choice in merged.get(keyword) or []]
            if not choices:
                continue
            shared = set.intersection(*(set(choice.get("required") or []) for choice in choices))
            properties = dict(merged.get("properties") or {})
            for choice in choices:
                properties = {**(choice.get("properties") or {}), **properties}
            required = sorted(set(merged.get("required") or []) | shared)
            merged = {**merged, "properties": properties, "required": required}
        left_out = {*_CHOICES, "enum", "const", "not", "$defs"}
        return {key: value for key, value in merged.items() if key not in left_out}

    def _resolved(self, node: Any, trail: frozenset[str]) -> tuple[Schema, frozenset[str]]:
        """A schema with its references followed and its `allOf` merged."""
        if not isinstance(node, dict):
            return {}, trail
        reference = node.get("$ref")
        if isinstance(reference, str):
            name = reference.removeprefix(_PREFIX).replace("~1", "/").replace("~0", "~")
            rest = {key: value for key, value in node.items() if key != "$ref"}
            definition = self._definitions.get(name)
            if name in trail or not isinstance(definition, dict):
                return self._closed(definition if isinstance(definition, dict) else {}, rest), trail
            found, trail = self._resolved(definition, trail | {name})
            return _merged(found, rest), trail
        parts = node.get("allOf")
        if not isinstance(parts, list):
            return node, trail
        merged = {key: value for key, value in node.items() if key != "allOf"}
        for part in parts:
            found, trail = self._resolved(part, trail)
            merged = _merged(found, merged)
        return merged, trail

    def _closed(self, definition: Schema, rest: Schema) -> Schema:
        """What stands for a schema inside itself, or for one that cannot be shown."""
        kind = definition.get("type")
        return {
            **({"type": kind} if kind else {}),
            **_described(definition, "Nested like the one it is part of."),
            **rest,
        }

    def _enqueue(self, source: Any, target: Schema, depth: int, trail: frozenset[str]) -> None:
        self._queue.append(_Task(source, target, depth, trail))

    def _write(self, task: _Task) -> None:
        node, trail = self._resolved(task.source, task.trail)
        target = task.target
        target.update({key: node[key] for key in _COPIED if key in node})
        self._bound_enum(target)
        has_parts = any(key in node for key in ("properties", "items", "prefixItems", *_CHOICES))
        has_parts = has_parts or isinstance(node.get("additionalProperties"), dict)
        if has_parts and (task.depth >= self._depth or not self._affordable(node)):
            target.pop("required", None)
            names = list(node.get("properties") or {})
            if names:
                target.setdefault("type", "object")
                target.update(_described(target, _listed(names)))
            if _is_array(target):
                target["items"] = {}
            return
        self._members(node, target, task.depth + 1, trail)
        self._parts(node, target, task.depth + 1, trail)

    def _affordable(self, node: Schema) -> bool:
        properties = node.get("properties") or {}
        characters = sum(map(len, properties))
        if len(properties) > self._properties or characters > self._characters:
            return False
        self._properties -= len(properties)
        self._characters -= characters
        return True

    def _bound_enum(self, target: Schema) -> None:
        values = target.get("enum")
        if not isinstance(values, list):
            return
        characters = sum(len(value) for value in values if isinstance(value, str))
        too_long = len(values) > self._limits.large_enum and characters > self._limits.large_enum_characters
        if len(values) > self._enum_values or characters > self._characters or too_long:
            del target["enum"]
            shown = ", ".join(str(value) for value in values[:_NAMES_SHOWN])
            target.update(_described(target, f"One of {len(values)} values, such as {shown}."[:600]))
            return
        self._enum_values -= len(values)
        self._characters -= characters

    def _members(self, node: Schema, target: Schema, depth: int, trail: frozenset[str]) -> None:
        properties = node.get("properties")
        if not isinstance(properties, dict):
            if isinstance(node.get("additionalProperties"), dict):
                target["additionalProperties"] = {}
                self._enqueue(node["additionalProperties"], target["additionalProperties"], depth, trail)
            target.pop("required", None)
            return
        pattern = self._limits.names
        unsaid = [name for name in properties if pattern is not None and not pattern.fullmatch(name)]
        shown: Schema = {}
        for name, member in properties.items():
            if name not in unsaid:
                shown[name] = {}
                self._enqueue(member, shown[name], depth, trail)
        target["properties"] = shown
        required = [name for name in target.pop("required", []) if name in shown]
        if required:
            target["required"] = required
        if unsaid:
            target.update(_described(target, _listed(unsaid, also=True)))
        elif node.get("additionalProperties") is False:
            target["additionalProperties"] = False

    def _parts(self, node: Schema, target: Schema, depth: int, trail: frozenset[str]) -> None:
        for keyword in _CHOICES:
            choices = node.get(keyword)
            if isinstance(choices, list) and choices:
                written: list[Schema] = [{} for _ in choices]
                for choice, found in zip(choices, written, strict=True):
                    self._enqueue(choice, found, depth, trail)
                target["anyOf"] = written
        if isinstance(node.get("items"), dict):
            target["items"] = {}
            self._enqueue(node["items"], target["items"], depth, trail)
        elif _is_array(target):
            target["items"] = {}


def _merged(base: Schema, over: Schema) -> Schema:
    """Two schemas that both apply, as one; where they differ, the second counts."""
    found = {**base, **over}
    for keyword in ("properties", "$defs"):
        if keyword in base and keyword in over:
            found[keyword] = {**base[keyword], **over[keyword]}
    if "required" in base and "required" in over:
        found["required"] = list(dict.fromkeys([*base["required"], *over["required"]]))
    for keyword in _CHOICES:
        if keyword in base and keyword in over:
            found[keyword] = over[keyword]
    if base.get("additionalProperties") is False and over.get("properties"):
        found.pop("additionalProperties", None)
    return found


def _described(schema: Schema, addition: str) -> Schema:
    text = schema.get("description") or ""
    return {"description": f"{text} {addition}".strip()}


def _listed(names: list[str], *, also: bool = False) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])[:500]
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{'Also takes the fields' if also else 'An object with the fields'}: {shown}{more}."


def _is_array(schema: Schema) -> bool:
    kind = schema.get("type")
    return kind == "array" or (isinstance(kind, list) and "array" in kind)
