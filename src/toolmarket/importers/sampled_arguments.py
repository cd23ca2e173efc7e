"""The arguments of an operation that is known by samples of its requests only."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import graphql_requests, inference, naming, secrecy
from toolmarket.importers.arguments import Arguments
from toolmarket.importers.exchanges import Content, Part
from toolmarket.importers.path_templates import Group, Place
from toolmarket.importers.reports import Report

Location = Literal["path", "query", "header"]
_LONGEST_EXAMPLE = 300
_MOST_EXAMPLES = 3
_MOST_NAMES = 200
_REQUIRED_SUPPORT = 2
FILE = {"type": "string", "contentEncoding": "base64", "description": "The file, as base64."}
Clean = Callable[[Any], Any]


class SampledArguments:
    """Builds the arguments of one operation.

    Args:
        clean: takes credentials out of a JSON value.
    """

    def __init__(self, group: Group, report: Report, clean: Clean) -> None:
        self._group, self._report, self._clean = group, report, clean
        self._taken: set[str] = set()
        self._properties: dict[str, Any] = {}
        self._required: list[str] = []
        self._built = Arguments({}, group.text())

    def build(self) -> Arguments:
        """Schema, parameters, body, examples and what the tool sets by itself."""
        exchanges = self._group.exchanges
        for item in self._group.path:
            if isinstance(item, Place):
                schema, values = inference.of_texts(item.values)
                self._add(item.name, "path", schema, values, required=True)
        self._pairs("query", [exchange.query for exchange in exchanges])
        self._headers([exchange.headers for exchange in exchanges])
        contents = [exchange.content for exchange in exchanges if exchange.content is not None]
        if self._group.query is not None:
            self._graphql(self._group.query, contents)
        elif contents:
            self._body(contents)
        whole: dict[str, Any] = {"type": "object", "properties": self._properties}
        if self._required:
            whole["required"] = self._required
        self._built.schema = {**whole, "additionalProperties": False}
        return self._built

    def _add(
        self, wire: str, location: Location, schema: dict[str, Any], values: Sequence[Any], *, required: bool
    ) -> str:
        name = naming.argument(wire, self._taken, location=location)
        many = schema.get("type") == "array"
        style = "form" if location == "query" else "simple"
        self._built.parameters.append(
            catalog.Parameter(argument=name, name=wire, location=location, style=style, explode=many)
        )
        self._keep(name, schema, values, self._told(location, wire), required=required)
        return name

    def _keep(
        self, name: str, schema: dict[str, Any], values: Iterable[Any], told: str, *, required: bool
    ) -> None:
        shown = _examples(values)
        if told:
            schema = {**schema, "description": told[:1_000]}
        if shown and schema.get("type") != "object" and "enum" not in schema:
            schema = {**schema, "examples": shown}
        self._properties[name] = schema
        self._built.examples[name] = shown
        if required:
            self._required.append(name)

    def _told(self, location: str, wire: str) -> str:
        return next((text for one in self._group.exchanges if (text := one.told.get((location, wire)))), "")

    def _pairs(self, location: Location, lists: list[list[tuple[str, str]]]) -> None:
        """Pairs of a name and a text in every exchange: a name that repeats is a list."""
        names = dict.fromkeys(name for pairs in lists for name, _ in pairs)
        for wire in list(names)[:_MOST_NAMES]:
            found = [[value for name, value in pairs if name == wire] for pairs in lists]
            schema, values = inference.of_texts(
                [value for values in found for value in values if _usable(value)]
            )
            always = len(lists) >= _REQUIRED_SUPPORT and all(found)
            if any(len(values) > 1 for values in found):
                schema, values = {"type": "array", "items": schema}, [values] if values else []
            self._add(wire, location, schema, values, required=always)

    def _headers(self, lists: list[list[tuple[str, str]]]) -> None:
        """Headers with one value are set by the tool; others are arguments."""
        varying: list[set[str]] = []
        names = dict.fromkeys(name.casefold() for pairs in lists for name, _ in pairs)
        for low in list(names)[:_MOST_NAMES]:
            wire = next(name for pairs in lists for name, _ in pairs if name.casefold() == low)
            values = [value for pairs in lists for name, value in pairs if name.casefold() == low]
            if len(set(values)) == 1 and _shown(values[0]):
                argument = naming.argument(wire, self._taken, location="header")
                self._built.parameters.append(
                    catalog.Parameter(argument=argument, name=wire, location="header")
                )
                self._built.fixed[argument] = values[0]
                self._report.info(
                    f"The header {wire[:80]} has one value; the tool sets it.", kind="fixed headers"
                )
            else:
                varying.append({low})
        keep = {low for found in varying for low in found}
        self._pairs("header", [[pair for pair in pairs if pair[0].casefold() in keep] for pairs in lists])

    def _body(self, contents: list[Content]) -> None:
        first = contents[0]
        alike = [content for content in contents if content.family == first.family]
        if len(alike) < len(contents):
            self._report.warning(
                f"The body is sent as {first.content_type[:80]}; other types are not offered."
            )
        name = "body" if "body" not in self._taken else naming.argument("request_body", self._taken)
        self._taken.add(name)
        encoding: dict[str, catalog.PartEncoding] = {}
        schema, values, binary = _file_schema(first), list[Any](), first.family == "binary"
        if first.family == "json" and all(content.is_json() for content in alike):
            bodies = [self._clean(content.json()) for content in alike]
            schema, values = inference.infer(bodies), [secrecy.without_secrets(body) for body in bodies]
        elif first.family in {"form", "multipart"} and first.parts:
            schema, values, encoding = _form([content.parts for content in alike])
        elif not binary:
            schema = {"type": "string", "description": f"{first.content_type} as text."}
            values = [content.text for content in alike if content.text and secrecy.MASK not in content.text]
        required = len(contents) == len(self._group.exchanges)
        self._built.body = catalog.Body(
            argument=name,
            content_type=first.content_type,
            required=required,
            binary=binary,
            encoding=encoding,
        )
        self._keep(name, schema, values, self._told("body", ""), required=required)

    def _graphql(self, document: str, contents: list[Content]) -> None:
        """The document is fixed; each of its variables is an argument."""
        operation = graphql_requests.operation_of(document)
        told = graphql_requests.variables_of(operation) if operation is not None else {}
        bodies = [self._clean(content.json()) for content in contents]
        samples = [body["variables"] for body in bodies if isinstance(body.get("variables"), dict)]
        places: dict[str, Any] = {}
        for wire in dict.fromkeys([*told, *(name for sample in samples for name in sample)]):
            values = [sample[wire] for sample in samples if sample.get(wire) is not None]
            schema, required = told.get(wire, ({}, False))
            if "type" not in schema and values:
                schema = {**inference.infer(values), **schema}
            name = naming.argument(wire, self._taken)
            places[wire] = {catalog.ARGUMENT_PLACE: name}
            self._keep(name, schema, map(secrecy.without_secrets, values), "", required=required)
        fixed: dict[str, Any] = {"query": document}
        if isinstance(bodies[0].get("operationName"), str):
            fixed["operationName"] = bodies[0]["operationName"]
        self._built.body = catalog.Body(template={**fixed, "variables": places}, required=True)


def _shown(value: str) -> bool:
    """Whether a text is a value of its own: it stands for nothing else and is no credential."""
    hidden = secrecy.MASK in value or "{{" in value or inference.is_stand_in(value)
    return bool(value) and not hidden and not secrecy.is_secret_value(value)


def _usable(value: str) -> bool:
    return _shown(value) or inference.is_stand_in(value)


def _examples(values: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        large = isinstance(value, str) and len(value) > _LONGEST_EXAMPLE
        if value not in kept and not large and not (isinstance(value, str) and not _shown(value)):
            kept.append(value)
        if len(kept) == _MOST_EXAMPLES:
            break
    return kept


def _file_schema(content: Content) -> dict[str, Any]:
    return {**FILE, "description": f"The {content.content_type} file, as base64."}


def _form(forms: list[list[Part]]) -> tuple[dict[str, Any], list[Any], dict[str, catalog.PartEncoding]]:
    """Schema, example values and encodings of form fields."""
    properties: dict[str, Any] = {}
    encoding: dict[str, catalog.PartEncoding] = {}
    examples: list[dict[str, Any]] = [{} for _ in forms]
    required: list[str] = []
    for name in list(dict.fromkeys(part.name for parts in forms for part in parts))[:_MOST_NAMES]:
        found = [[part for part in parts if part.name == name] for parts in forms]
        properties[name] = _field(found, examples)
        told = next((part for parts in found for part in parts), None)
        if told is not None and told.file:
            encoding[name] = catalog.PartEncoding(binary=True, content_type=told.content_type)
        elif told is not None and told.content_type:
            encoding[name] = catalog.PartEncoding(content_type=told.content_type)
        if len(forms) >= _REQUIRED_SUPPORT and all(found):
            required.append(name)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    has_file = any(part.file for parts in forms for part in parts)
    return schema, [] if has_file else [example for example in examples if example], encoding


def _field(found: list[list[Part]], examples: list[dict[str, Any]]) -> dict[str, Any]:
    """One field's schema; its values are put into the examples."""
    every = [part for parts in found for part in parts]
    name = every[0].name
    hidden = secrecy.is_secret_name(name)
    usable = [part.value for part in every if not part.file and not hidden and _usable(part.value)]
    schema, _ = (dict(FILE), None) if every[0].file else inference.of_texts(usable)
    many = any(len(parts) > 1 for parts in found)
    for parts, example in zip(found, examples, strict=True):
        texts = [part.value for part in parts if not part.file and not hidden and _shown(part.value)]
        if texts:
            values = _typed(schema, texts)
            example[name] = values if many else values[0]
    if many:
        schema = {"type": "array", "items": schema}
    if told := next((part.description for part in every if part.description), ""):
        schema = {**schema, "description": told[:1_000]}
    return schema


def _typed(schema: dict[str, Any], texts: list[str]) -> list[Any]:
    return inference.of_texts(texts)[1] if schema.get("type") != "string" else list(texts)
