"""Values of JSON Schema keywords as 2020-12 wants them, from what documents hold."""

import math
import re
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from toolmarket.importers import wording

TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}
_TYPE_WORDS: dict[str, tuple[str, str | None]] = {
    "int": ("integer", None), "int32": ("integer", "int32"), "int64": ("integer", "int64"),
    "long": ("integer", "int64"), "short": ("integer", None), "bool": ("boolean", None),
    "float": ("number", "float"), "double": ("number", "double"), "decimal": ("number", None),
    "numeric": ("number", None), "str": ("string", None), "text": ("string", None),
    "date": ("string", "date"), "datetime": ("string", "date-time"), "date-time": ("string", "date-time"),
    "timestamp": ("string", "date-time"), "uuid": ("string", "uuid"), "uri": ("string", "uri"),
    "url": ("string", "uri"), "email": ("string", "email"), "file": ("string", "binary"),
    "binary": ("string", "binary"), "byte": ("string", "byte"), "list": ("array", None),
    "map": ("object", None), "dict": ("object", None), "json": ("object", None),
}  # fmt: skip
_JSON_TYPES: dict[type, set[str]] = {
    str: {"string"}, bool: {"boolean"}, int: {"integer", "number"}, float: {"number"},
    list: {"array"}, dict: {"object"}, type(None): {"null"},
}  # fmt: skip
_LONGEST_EXAMPLE = 400


def type_names(value: Any) -> tuple[list[str], str | None]:
    """The known types that a `type` names, and the format that an invented one implies."""
    names: list[str] = []
    implied: str | None = None
    for word in value if isinstance(value, list) else [value]:
        name = word.strip() if isinstance(word, str) else "null" if word is None else ""
        if name not in TYPES:
            name, hint = _TYPE_WORDS.get(name.casefold(), (name.casefold(), None))
            implied = implied or hint
        if name in TYPES and name not in names:
            names.append(name)
    return names, implied


def number(value: Any) -> int | float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value) if len(value) < 40 else None
        except ValueError:
            return None
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def count(value: Any) -> int | None:
    """A whole number from zero up."""
    found = number(value)
    return found if isinstance(found, int) and found >= 0 else None


def multiple(value: Any) -> int | float | None:
    """A `multipleOf`: a number above zero."""
    found = number(value)
    return found if found is not None and found > 0 else None


def flag(value: Any) -> bool | None:
    """A boolean, also where it is written as text."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.casefold())
    return value if isinstance(value, bool) else None


def names(value: Any) -> list[str] | None:
    """A list of different texts, such as `required` holds; nothing where it would be empty."""
    if not isinstance(value, list):
        return None
    return list(dict.fromkeys(name for name in value if isinstance(name, str))) or None


@lru_cache(maxsize=20_000)
def pattern(value: str) -> str | None:
    """A regular expression that validators take, mended where that keeps its meaning."""
    if len(value) > 2_000:
        return None
    tries = [value]
    if len(value) > 3 and value.startswith("/^") and re.search(r"\$/[a-z]*$", value):
        tries.insert(0, value[1 : value.rindex("/")])
    for attempt in tries:
        mended = attempt.replace(r"\A", "^").replace(r"\Z", "$").replace(r"\z", "$")
        hyphened = re.sub(r"(\\[wdsWDS])-(?=[^\]])", r"\1\\-", mended)
        for candidate in (attempt, mended, hyphened):
            if compiles(candidate):
                return candidate
    return None


def compiles(expression: str) -> bool:
    """Whether the validator that runs calls takes the regular expression."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": expression})
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


def example_values(value: Any) -> list[Any]:
    """At most two small examples out of a list, or out of a map of Example objects."""
    if isinstance(value, dict):
        value = [entry.get("value", entry) if isinstance(entry, dict) else entry for entry in value.values()]
    if not isinstance(value, list):
        return []
    return [entry for entry in value[:6] if is_small(entry)][:2]


def is_small(value: Any) -> bool:
    """Worth showing to a model."""
    return value is not None and is_plain(value) and len(as_json(value)) <= _LONGEST_EXAMPLE


def is_plain(value: Any) -> bool:
    """A value to keep as it is: not too long, and no misplaced reference."""
    told = as_json(value)
    return value is not None and len(told) <= 2_000 and b'"$ref"' not in told


def as_json(value: Any) -> bytes:
    """Compact JSON."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)


def fits(value: Any, types: list[str]) -> bool:
    """Whether a value is of one of the types; no types admit all."""
    if not types or _JSON_TYPES.get(type(value), set()) & set(types):
        return True
    return isinstance(value, float) and value.is_integer() and "integer" in types


def enumeration(values: list[Any], types: list[str]) -> list[Any]:
    """Different values of an `enum`, written in the declared type where that is possible."""
    kept: dict[bytes, Any] = {}
    for value in values:
        told = value if fits(value, types) else _retyped(value, types)
        kept.setdefault(as_json(told), told)
    return list(kept.values())


def _retyped(value: Any, types: list[str]) -> Any:
    if "string" in types and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, str):
        return value
    found = number(value) if {"integer", "number"} & set(types) else None
    if found is not None and fits(found, types):
        return found
    told = flag(value) if "boolean" in types else None
    return value if told is None else told


def scalar_keywords(node: dict[str, Any]) -> dict[str, Any]:
    """All keywords of a schema that hold no schemas, valid ones only."""
    out: dict[str, Any] = {}
    for key, read in _READERS.items():
        if key in node:
            value = read(node[key])
            if value is not None:
                out[key] = value
    return out


def _text_of(longest: int) -> Any:
    return lambda value: wording.clean(value, longest) or None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 200 else None


_READERS: dict[str, Any] = {
    "title": _text_of(200),
    "description": _text_of(1_200),
    "format": _word,
    "contentEncoding": _word,
    "contentMediaType": _word,
    "deprecated": lambda value: True if flag(value) else None,
    "multipleOf": multiple,
    "maximum": number,
    "minimum": number,
    "maxLength": count,
    "minLength": count,
    "maxItems": count,
    "minItems": count,
    "uniqueItems": lambda value: True if flag(value) else None,
    "maxProperties": count,
    "minProperties": count,
    "maxContains": count,
    "minContains": count,
    "required": names,
}
