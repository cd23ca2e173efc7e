"""JSON samples become one JSON Schema 2020-12 that accepts all of them.

Support decides: what every sample has is required, a text that takes few values over many samples is an
enum. No value of a sample gets into the schema but such enums. Texts that tools write where a value is
missing, such as `<integer>` or `{{name}}`, count as that type or as any.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]
DEEPEST = 24
MOST_PROPERTIES = 300
MOST_ITEMS = 200
_REQUIRED_SUPPORT = 2
_ENUM_SAMPLES = 20
_ENUM_VALUES = 8
_ENUM_LENGTH = 40
_MAP_KEYS = 12
_ORDER = ["object", "array", "string", "integer", "number", "boolean", "null"]
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_FORMATS = {
    "uuid": _UUID,
    "date-time": re.compile(
        r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
        r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
    ),
    "date": re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"),
    "email": re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    "uri": re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!-~]*)?"),
    "ipv4": re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"),
}
_STAND_INS = {
    "<string>": "string", "<date>": "string", "<dateTime>": "string", "<uuid>": "string", "<uri>": "string",
    "<email>": "string", "<byte>": "string", "<integer>": "integer", "<long>": "integer",
    "<int32>": "integer", "<int64>": "integer", "<number>": "number", "<float>": "number",
    "<double>": "number", "<boolean>": "boolean",
}  # fmt: skip
_VARIABLE = re.compile(r"\{\{[^{}]*\}\}")
_ID_LIKE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_.:@-]*")


def infer(samples: Iterable[Any], *, required_support: int = _REQUIRED_SUPPORT) -> Schema:
    """The schema of all samples.

    Args:
        samples: JSON values; numbers must be finite.
        required_support: so many objects must be seen before a property can be required.
    """
    shape = _Shape()
    for sample in samples:
        shape.add(sample, 0)
    return shape.schema(required_support)


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID."""
    return _UUID.fullmatch(text) is not None


def looks_like_id(text: str) -> bool:
    """Whether a name is a value rather than a word: a UUID, a number, long hexadecimal or random text."""
    if is_uuid(text) or text.isdecimal():
        return True
    if len(text) >= 16 and re.fullmatch(r"[0-9a-fA-F]+", text):
        return True
    digits = sum(character.isdigit() for character in text)
    return len(text) >= 12 and digits >= 3 and _ID_LIKE.fullmatch(text) is not None


def is_stand_in(text: str) -> bool:
    """Whether a text stands for a value: a variable `{{name}}`, or a kind as `<integer>`."""
    return text in _STAND_INS or _VARIABLE.fullmatch(text) is not None


@dataclass(slots=True)
class _Shape:
    """What was seen in one place."""

    types: Counter[str] = field(default_factory=Counter)
    properties: dict[str, "_Shape"] = field(default_factory=dict)
    present: Counter[str] = field(default_factory=Counter)
    items: "_Shape | None" = None
    texts: Counter[str] = field(default_factory=Counter)
    formats: set[str] = field(default_factory=lambda: set(_FORMATS))
    open: bool = False

    def add(self, value: Any, depth: int) -> None:
        if isinstance(value, str) and is_stand_in(value):
            self.formats = set()
            self.types.update([_STAND_INS[value]] if value in _STAND_INS else [])
            return
        kind = type_of(value)
        self.types[kind] += 1
        if depth >= DEEPEST:
            self.open = True
        elif kind == "object":
            self._add_object(value, depth)
        elif kind == "array":
            self.items = self.items or _Shape()
            for item in value[:MOST_ITEMS]:
                self.items.add(item, depth + 1)
        elif kind == "string":
            self._add_text(value)

    def _add_object(self, value: dict[str, Any], depth: int) -> None:
        for name, member in value.items():
            if name not in self.properties and len(self.properties) >= MOST_PROPERTIES:
                continue
            self.present[name] += 1
            self.properties.setdefault(name, _Shape()).add(member, depth + 1)

    def _add_text(self, value: str) -> None:
        if len(self.texts) <= _ENUM_VALUES:
            self.texts[value[: _ENUM_LENGTH + 1]] += 1
        self.formats = {name for name in self.formats if _FORMATS[name].fullmatch(value)}

    def merge(self, other: "_Shape") -> None:
        self.types += other.types
        self.texts += other.texts
        self.formats &= other.formats
        self.present += other.present
        self.open |= other.open
        for name, shape in other.properties.items():
            self.properties.setdefault(name, _Shape()).merge(shape)
        if other.items is not None:
            self.items = self.items or _Shape()
            self.items.merge(other.items)

    def schema(self, support: int) -> Schema:
        kinds = set(self.types)
        if "number" in kinds:
            kinds.discard("integer")
        if not kinds:
            return {}
        names = [kind for kind in _ORDER if kind in kinds]
        schema: Schema = {"type": names[0] if len(names) == 1 else names}
        if self.open:
            return schema
        if "object" in kinds:
            schema |= self._object(support)
        if "array" in kinds and self.items is not None and (items := self.items.schema(support)):
            schema["items"] = items
        if kinds - {"null"} == {"string"}:
            schema |= self._text(nullable="null" in kinds)
        return schema

    def _object(self, support: int) -> Schema:
        if self._is_map():
            merged = _Shape()
            for shape in self.properties.values():
                merged.merge(shape)
            return {"additionalProperties": merged.schema(support)}
        schema: Schema = {
            "properties": {name: shape.schema(support) for name, shape in self.properties.items()}
        }
        seen = self.types["object"]
        always = [name for name, count in self.present.items() if count == seen]
        if always and seen >= support:
            schema["required"] = always
        return schema

    def _is_map(self) -> bool:
        """Whether the names are data: all of them ids, or many that hardly repeat."""
        names = list(self.properties)
        if names and all(looks_like_id(name) for name in names):
            return True
        if len(names) < _MAP_KEYS:
            return False
        ids = sum(looks_like_id(name) for name in names)
        return ids * 2 > len(names)

    def _text(self, *, nullable: bool) -> Schema:
        total = self.types["string"]
        if len(self.formats) == 1:
            return {"format": next(iter(self.formats))}
        values = list(self.texts)
        few = 2 <= len(values) <= _ENUM_VALUES and total >= _ENUM_SAMPLES and total >= 4 * len(values)
        plain = all(value and len(value) <= _ENUM_LENGTH and not looks_like_id(value) for value in values)
        if not few or not plain or min(self.texts.values()) < 2:
            return {}
        return {"enum": [*sorted(values), *([None] if nullable else [])]}


def type_of(value: Any) -> str:
    """The JSON Schema type of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if math.isfinite(value) and value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def of_texts(samples: list[str]) -> tuple[Schema, list[Any]]:
    """The schema of values that travel as text, as in a query, and the values in their own types."""
    if told := [_STAND_INS[sample] for sample in samples if sample in _STAND_INS]:
        return {"type": told[0]}, []
    samples = [sample for sample in samples if not is_stand_in(sample)]
    if samples and all(sample in {"true", "false"} for sample in samples):
        return {"type": "boolean"}, [sample == "true" for sample in samples]
    if samples and all(re.fullmatch(r"0|-?[1-9]\d{0,14}", sample) for sample in samples):
        return {"type": "integer"}, [int(sample) for sample in samples]
    if samples and all(re.fullmatch(r"-?(?:0|[1-9]\d{0,8})\.\d{0,5}[1-9]", sample) for sample in samples):
        return {"type": "number"}, [float(sample) for sample in samples]
    return (infer(samples) or {"type": "string"}), list(samples)
