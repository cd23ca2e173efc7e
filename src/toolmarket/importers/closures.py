"""Definitions of one document, and what of them a schema has to carry to stand alone."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson

from toolmarket.importers.reports import Report

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PREFIX = "#/$defs/"
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE = ("not", "if", "then", "else")


class Definitions:
    """Converted definitions by name, with what each refers to and how large it is."""

    def __init__(self, report: Report) -> None:
        self._schemas: dict[str, Schema] = {}
        self._reach: dict[str, tuple[list[str], int]] = {}
        self._report = report

    def __contains__(self, name: str) -> bool:
        return name in self._schemas

    def add(self, name: str, schema: Schema) -> None:
        """Keep a definition. It may refer to ones that follow."""
        self._schemas[name] = self.sound(schema)

    def sound(self, schema: Schema) -> Schema:
        """The schema, or an open one with a note where 2020-12 does not take it."""
        if jsonschema_rs.meta.is_valid(schema | {"$schema": _DIALECT}):
            return schema
        self._report.warning("A schema cannot be understood; anything is accepted there.")
        return {key: schema[key] for key in ("description",) if key in schema}

    def opened(self, schema: Schema) -> Schema:
        """The schema with the reference at its top written out, so that its type is told there."""
        for _ in range(8):
            name = str(schema.get("$ref", "")).removeprefix(_PREFIX)
            if name not in self._schemas:
                break
            schema = {**self._schemas[name], **{key: part for key, part in schema.items() if key != "$ref"}}
        return schema

    def closed(self, schema: Schema, *, budget_bytes: int) -> tuple[Schema, int]:
        """The schema with all that it reaches under `$defs`, nearest first.

        Returns:
            The schema, and how many definitions were replaced by "anything" because the nearer ones
            fill `budget_bytes` of JSON.
        """
        names = dict.fromkeys(references(schema))
        queue = list(names)
        defs: Schema = {}
        left = budget_bytes - len(orjson.dumps(schema))
        cut = 0
        for name in queue:
            if name not in self._schemas:
                continue
            further, size = self._measure(name)
            if size > left:
                cut += 1
                defs[name] = {"description": "Left out because of its size: anything is accepted."}
                continue
            left -= size
            defs[name] = self._schemas[name]
            fresh = [other for other in further if other not in names]
            names.update(dict.fromkeys(fresh))
            queue.extend(fresh)
        return ({**schema, "$defs": defs} if defs else schema), cut

    def _measure(self, name: str) -> tuple[list[str], int]:
        known = self._reach.get(name)
        if known is None:
            schema = self._schemas[name]
            known = (list(dict.fromkeys(references(schema))), len(orjson.dumps(schema)))
            self._reach[name] = known
        return known

    def break_endless(self, fresh: list[str]) -> None:
        """Cut references by which a definition would contain itself in the same place, without an end.

        Definitions made earlier cannot refer to these, so a new circle runs through new ones only.
        """
        state: dict[str, int] = {}
        new = set(fresh)
        for start in fresh:
            if start in state:
                continue
            stack: list[tuple[str, Iterator[Schema]]] = [(start, iter(list(_in_place(self._schemas[start]))))]
            state[start] = 1
            while stack:
                name, holders = stack[-1]
                holder = next(holders, None)
                if holder is None:
                    state[name] = 2
                    stack.pop()
                    continue
                target = holder["$ref"].removeprefix(_PREFIX)
                if target not in new:
                    continue
                if state.get(target) == 1:
                    del holder["$ref"]
                    self._report.warning(f"The schema {target} contains itself endlessly; cut there.")
                elif target not in state:
                    state[target] = 1
                    stack.append((target, iter(list(_in_place(self._schemas[target])))))


def references(schema: Any) -> Iterator[str]:
    """Names of the definitions that a converted schema refers to."""
    pending = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str) and target.startswith(_PREFIX):
                yield target.removeprefix(_PREFIX)
            pending.extend(value for value in node.values() if isinstance(value, dict | list))
        elif isinstance(node, list):
            pending.extend(value for value in node if isinstance(value, dict | list))


def _in_place(schema: Schema) -> Iterator[Schema]:
    """The parts of a schema that apply to the same value and hold a reference."""
    pending = [schema]
    while pending:
        node = pending.pop()
        if not isinstance(node, dict):
            continue
        if isinstance(node.get("$ref"), str):
            yield node
        for keyword in _IN_PLACE_LISTS:
            pending.extend(node.get(keyword, []))
        pending.extend(node[keyword] for keyword in _IN_PLACE if keyword in node)
        pending.extend(node.get("dependentSchemas", {}).values())
