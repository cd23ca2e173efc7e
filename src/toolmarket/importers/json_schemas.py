"""Schemas of any OpenAPI version become self-contained JSON Schema 2020-12.

What is referred to goes into `$defs`, once for each document and direction; each operation then carries
what it can reach (`closures`).
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from toolmarket.importers import schema_keywords as keywords
from toolmarket.importers.closures import Definitions
from toolmarket.importers.references import References, escape
from toolmarket.importers.reports import Report

Schema = dict[str, Any]
Direction = Literal["input", "output"]
_DEEPEST = 40
_ANNOTATIONS = {"title", "description", "default", "deprecated", "examples"}
_APPLICATORS = ("allOf", "anyOf", "oneOf")
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class Converter:
    """Converts the schemas of one document.

    Args:
        references: of the document.
        report: takes what is left out.
        siblings: whether keywords beside `$ref` count (from OpenAPI 3.1 on); before, only annotations do.
        direction: `input` leaves out readOnly properties, `output` writeOnly ones.
    """

    def __init__(
        self, references: References, report: Report, *, siblings: bool, direction: Direction
    ) -> None:
        self.definitions = Definitions(report)
        self._references = references
        self._report = report
        self._siblings = siblings
        self._hidden = "readOnly" if direction == "input" else "writeOnly"
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._queued: set[str] = set()
        self._pending: list[tuple[str, str, Any]] = []

    def convert(self, node: Any, pointer: str) -> Schema:
        """One schema, whose references point to `#/$defs/...`."""
        schema = self._schema(node, pointer, 0)
        fresh: list[str] = []
        while self._pending:
            name, target, value = self._pending.pop()
            self.definitions.add(name, self._schema(value, target, 0))
            fresh.append(name)
        self.definitions.break_endless(fresh)
        return schema

    def _schema(self, node: Any, pointer: str, depth: int) -> Schema:
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        if not isinstance(node, dict):
            self._report.warning("A schema is no object; anything is accepted there.", pointer)
            return {}
        if depth > _DEEPEST:
            self._report.warning("Schemas are nested too deeply; below, anything is accepted.", pointer)
            return {}
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(node.get(keyword), str):
                return self._reference(node, node[keyword], pointer, depth)
        return self._own(node, pointer, depth)

    def _reference(self, node: Schema, reference: str, pointer: str, depth: int) -> Schema:
        rest = {key: value for key, value in node.items() if not key.startswith("$")}
        beside = self._own(rest, pointer, depth) if rest else {}
        nullable = keywords.flag(node.get("nullable", node.get("x-nullable"))) is True
        if not self._siblings:
            beside = {key: value for key, value in beside.items() if key in _ANNOTATIONS}
        target = self._references.find(reference)
        if target.missing or not isinstance(target.value, dict | bool) or target.pointer == "":
            why = target.missing or f"{reference[:120]} is no schema"
            self._report.warning(
                f"Anything is accepted here: {why}.", pointer, kind="schemas that are missing"
            )
            return beside
        name = self._name(target.pointer)
        if name not in self._queued:
            self._queued.add(name)
            self._pending.append((name, target.pointer, target.value))
        schema = {"$ref": f"#/$defs/{name}"}
        if nullable and not self._siblings:
            return {"anyOf": [schema, {"type": "null"}], **beside}
        return schema | beside

    def _own(self, node: Schema, pointer: str, depth: int) -> Schema:
        out = keywords.scalar_keywords(node)
        self._types(node, out)
        for keyword, convert in _STRUCTURE.items():
            if keyword in node:
                convert(self, node, out, f"{pointer}/{escape(keyword)}", depth + 1)
        _limits(node, out)
        self._pattern(node, out, pointer)
        self._values(node, out)
        self._discriminator(node, out, pointer)
        if keywords.flag(node.get("nullable", node.get("x-nullable"))) is True:
            out = nullable_schema(out)
        return _simplified(out)

    def _types(self, node: Schema, out: Schema) -> None:
        names, implied = keywords.type_names(node.get("type"))
        if "type" not in node:
            names = []
        if names:
            out["type"] = names[0] if len(names) == 1 else names
        if implied and "format" not in out:
            out["format"] = implied
        media = out.get("contentMediaType", "")
        bytes_in = out.get("format") == "binary" or (
            media == "application/octet-stream" and "contentEncoding" not in out
        )
        if bytes_in and names in ([], ["string"], ["string", "null"]):
            out.pop("format", None)
            out.pop("maxLength", None)
            out.setdefault("type", "string")
            out["contentEncoding"] = "base64"
        elif out.get("format") == "byte" and "string" in names:
            out.setdefault("contentEncoding", "base64")

    def _pattern(self, node: Schema, out: Schema, pointer: str) -> None:
        expression = node.get("pattern")
        if not isinstance(expression, str) or not expression:
            return
        found = keywords.pattern(expression)
        if found is None:
            self._report.info(
                f"The pattern {expression[:80]!r} is left out: validators do not take it.",
                pointer,
                kind="patterns left out",
            )
        else:
            out["pattern"] = found

    def _values(self, node: Schema, out: Schema) -> None:
        types = [out["type"]] if isinstance(out.get("type"), str) else out.get("type", [])
        if isinstance(node.get("enum"), list) and node["enum"]:
            out["enum"] = keywords.enumeration(node["enum"], types)
            if types and not any(keywords.fits(value, types) for value in out["enum"]):
                out.pop("type")
        if "const" in node:
            out["const"] = node["const"]
        if keywords.is_plain(node.get("default")):
            (told,) = keywords.enumeration([node["default"]], types)
            if keywords.fits(told, types):
                out["default"] = told
        examples = keywords.example_values(node.get("examples"))
        if not examples and keywords.is_small(node.get("example")):
            examples = [node["example"]]
        if examples:
            out["examples"] = examples

    def _discriminator(self, node: Schema, out: Schema, pointer: str) -> None:
        found = node.get("discriminator")
        if not found:
            return
        choices = out.get("oneOf") or out.get("anyOf")
        mapping = found.get("mapping") if isinstance(found, dict) else None
        field = found.get("propertyName") if isinstance(found, dict) else found
        if isinstance(choices, list) and isinstance(mapping, dict) and isinstance(field, str):
            self._pin(choices, mapping, field)
        elif choices is None:
            self._report.info(
                "Subtypes of a discriminator are not listed; their fields are accepted undescribed.",
                pointer,
                kind="discriminators of inheritance",
            )

    def _pin(self, choices: list[Schema], mapping: Schema, field: str) -> None:
        """Say in each choice which value of the discriminating property selects it."""
        values: dict[str, list[str]] = {}
        for value, reference in mapping.items():
            target = self._references.find(reference) if isinstance(reference, str) else None
            if target is not None and target.missing and "/" not in reference:
                target = self._references.find(f"#/components/schemas/{reference}")
            if target is not None and not target.missing and target.pointer:
                values.setdefault(f"#/$defs/{self._name(target.pointer)}", []).append(value)
        for index, choice in enumerate(choices):
            told = values.get(choice.get("$ref", ""))
            if told and "properties" not in choice:
                choices[index] = {**choice, "properties": {field: {"enum": told}}, "required": [field]}

    def _name(self, pointer: str) -> str:
        """A short unique name for a definition, from where it stands."""
        known = self._names.get(pointer)
        if known is not None:
            return known
        steps = [step.replace("~1", "_").replace("~0", "_") for step in pointer.split("/")[1:]]
        told = [step for step in steps if step not in _PLACES] or steps[-1:]
        words = [_UNSAFE_IN_NAME.sub("_", step).strip("_") for step in told[-3:]]
        base = "_".join(word for word in words if word)[-60:].strip("_.-") or "schema"
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        self._names[pointer] = name
        return name

    def properties(self, node: Schema, out: Schema, pointer: str, depth: int) -> None:
        """`properties`, without those that this direction never carries."""
        members = node["properties"]
        if isinstance(members, dict) and isinstance(members.get("$ref"), str):
            members = self._references.find(members["$ref"]).value
        if not isinstance(members, dict):
            return
        kept: Schema = {}
        dropped: set[str] = set()
        for name, member in members.items():
            if self._is_hidden(member):
                dropped.add(name)
            else:
                kept[name] = self._schema(member, f"{pointer}/{escape(name)}", depth)
        out["properties"] = kept
        if dropped and "required" in out:
            out["required"] = [name for name in out["required"] if name not in dropped]
            if not out["required"]:
                del out["required"]

    def _is_hidden(self, member: Any) -> bool:
        if not isinstance(member, dict):
            return False
        if keywords.flag(member.get(self._hidden)) is True:
            return True
        reference = member.get("$ref")
        if not isinstance(reference, str):
            return False
        value = self._references.find(reference).value
        return isinstance(value, dict) and keywords.flag(value.get(self._hidden)) is True

    def single(self, node: Schema, out: Schema, pointer: str, depth: int) -> None:
        """A keyword that holds one schema."""
        keyword = pointer.rsplit("/", 1)[1]
        value = node[keyword]
        if isinstance(value, bool):
            out[keyword] = value
        elif isinstance(value, dict):
            out[keyword] = self._schema(value, pointer, depth)

    def several(self, node: Schema, out: Schema, pointer: str, depth: int) -> None:
        """A keyword that holds a list of schemas."""
        keyword = pointer.rsplit("/", 1)[1]
        value = node[keyword] if isinstance(node[keyword], list) else [node[keyword]]
        parts = [
            self._schema(part, f"{pointer}/{index}", depth)
            for index, part in enumerate(value)
            if isinstance(part, dict | bool)
        ]
        if parts:
            out[keyword] = parts

    def named(self, node: Schema, out: Schema, pointer: str, depth: int) -> None:
        """A keyword that holds schemas by name."""
        keyword = pointer.rsplit("/", 1)[1]
        if isinstance(node[keyword], dict):
            out[keyword] = {
                name: self._schema(part, f"{pointer}/{escape(name)}", depth)
                for name, part in node[keyword].items()
                if keyword != "patternProperties" or keywords.compiles(name)
            }

    def items(self, node: Schema, out: Schema, pointer: str, depth: int) -> None:
        """`items`: one schema, or a list of them as before 2020-12."""
        value = node["items"]
        if isinstance(value, list):
            parts = [self._schema(part, f"{pointer}/{index}", depth) for index, part in enumerate(value)]
            if parts:
                out["prefixItems"] = parts
            rest = node.get("additionalItems")
            if isinstance(rest, dict | bool):
                out["items"] = rest if isinstance(rest, bool) else self._schema(rest, pointer, depth)
        else:
            self.single(node, out, pointer, depth)

    def dependencies(self, node: Schema, out: Schema, pointer: str, depth: int) -> None:
        """`dependencies`, which 2019-09 split in two."""
        value = node["dependencies"] if isinstance(node["dependencies"], dict) else {}
        for name, part in value.items():
            if isinstance(part, list):
                out.setdefault("dependentRequired", {})[name] = keywords.names(part) or []
            elif isinstance(part, dict):
                found = self._schema(part, f"{pointer}/{escape(name)}", depth)
                out.setdefault("dependentSchemas", {})[name] = found

    def dependent_required(self, node: Schema, out: Schema, _pointer: str, _depth: int) -> None:
        """`dependentRequired`."""
        value = node["dependentRequired"]
        if isinstance(value, dict):
            out["dependentRequired"] = {name: keywords.names(part) or [] for name, part in value.items()}


_Structure = Callable[[Converter, Schema, Schema, str, int], None]
_STRUCTURE: dict[str, _Structure] = {
    "properties": Converter.properties,
    "patternProperties": Converter.named,
    "dependentSchemas": Converter.named,
    "dependencies": Converter.dependencies,
    "dependentRequired": Converter.dependent_required,
    "items": Converter.items,
    "allOf": Converter.several,
    "anyOf": Converter.several,
    "oneOf": Converter.several,
    "prefixItems": Converter.several,
}
_STRUCTURE |= dict.fromkeys(
    ("additionalProperties", "propertyNames", "not", "if", "then", "else", "contains", "unevaluatedItems",
     "unevaluatedProperties", "contentSchema"),
    Converter.single,
)  # fmt: skip
_PLACES = {
    "components", "schemas", "definitions", "properties", "paths", "content", "schema", "items", "responses",
    "parameters", "requestBody", "application_json", "$defs", "allOf", "oneOf", "anyOf", "requestBodies",
}  # fmt: skip


def _limits(node: Schema, out: Schema) -> None:
    """`exclusiveMinimum: true` of OpenAPI 2 and 3.0, and the number it is since."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        value = node.get(exclusive)
        if keywords.flag(value) is True and bound in out:
            out[exclusive] = out.pop(bound)
        elif (found := keywords.number(value)) is not None:
            out[exclusive] = found


def nullable_schema(schema: Schema) -> Schema:
    """The schema, with null allowed besides."""
    if any(key in schema for key in (*_APPLICATORS, "$ref", "const")):
        choices = schema.get("anyOf") or schema.get("oneOf") or []
        if any(choice.get("type") == "null" for choice in choices) and "type" not in schema:
            return schema
        core = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
        told = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
        return {"anyOf": [core, {"type": "null"}], **told}
    types = schema.get("type")
    changed = dict(schema)
    if types is not None:
        listed = [types] if isinstance(types, str) else list(types)
        changed["type"] = listed if "null" in listed else [*listed, "null"]
    if "enum" in schema and None not in schema["enum"]:
        changed["enum"] = [*schema["enum"], None]
    return changed


def _simplified(schema: Schema) -> Schema:
    """An `allOf` of one is that one, where nothing but annotations stands beside it."""
    for keyword in _APPLICATORS:
        parts = schema.get(keyword)
        if isinstance(parts, list) and len(parts) == 1 and not (set(schema) - _ANNOTATIONS - {keyword}):
            told = {key: value for key, value in schema.items() if key != keyword}
            return {**parts[0], **told}
    return schema
