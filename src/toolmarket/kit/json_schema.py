"""Compiled JSON Schemas: one check, the same words for every mistake, no network."""

import re
from typing import Any

import jsonschema_rs
import orjson

from toolmarket.kit.schema_cost import too_costly

MOST_MISTAKES = 20
MOST_CHARACTERS = 400
# Without references each subschema is checked once at each place, whatever the value.
_REFERENCES = re.compile(rb'"\$(?:ref|dynamicRef)":')


class SchemaBroken(ValueError):
    """The schema itself is not valid."""


class Validator:
    """A compiled schema of draft 2020-12.

    Raises:
        SchemaBroken: it cannot be compiled, refers outside itself, or would take without end.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        if _REFERENCES.search(orjson.dumps(schema)) and too_costly(schema):
            raise SchemaBroken("its references ask for more checks than can be made")
        try:
            self._compiled = jsonschema_rs.Draft202012Validator(schema, retriever=_refuse)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise SchemaBroken(str(error).split("\n", 1)[0]) from error

    def accepts(self, value: object) -> bool:
        """Whether the value fits."""
        return bool(self._compiled.is_valid(value))

    def mistakes(self, value: object, *, prefix: str = "") -> list[dict[str, str]]:
        """What is wrong, each with a JSON pointer; empty when the value fits."""
        found: list[dict[str, str]] = []
        for error in self._compiled.iter_errors(value):
            pointer = "".join(f"/{_escape(part)}" for part in error.instance_path)
            found.append({"pointer": prefix + pointer, "message": _short(error.message)})
            if len(found) == MOST_MISTAKES:
                break
        return found


def _short(message: str) -> str:
    """The message, cut in its middle: it quotes the value, which may be of any length."""
    half = MOST_CHARACTERS // 2
    return message if len(message) <= MOST_CHARACTERS else f"{message[:half]} ... {message[-half:]}"


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _refuse(address: str) -> Any:
    raise ValueError(f"the schema refers to {address}, outside itself")
