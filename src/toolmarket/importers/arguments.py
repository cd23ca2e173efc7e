"""Parameters and body of a request become the one object of arguments that a model fills in."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import naming
from toolmarket.importers.bodies import Bodies, BuiltBody
from toolmarket.importers.json_schemas import Converter
from toolmarket.importers.reading import ReadBody, ReadOperation, ReadParameter
from toolmarket.importers.reports import Report
from toolmarket.importers.securities import Securities

INPUT_BUDGET_BYTES = 100_000
_PLACE = re.compile(r"\{([^{}/?#]+)\}")
_MANAGED = naming.word_set(
    """
    accept accept-encoding authorization connection content-length content-type cookie expect host
    http2-settings keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer
    transfer-encoding upgrade
    """
)
_LOOKS_SECRET = re.compile(
    r"^(?:x[-_])?(?:api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|password)$", re.IGNORECASE
)


@dataclass(slots=True)
class Arguments:
    """What the request takes: schema, serialisation, and values that the tool sets by itself."""

    schema: dict[str, Any]
    path: str
    parameters: list[catalog.Parameter] = field(default_factory=list)
    body: catalog.Body | None = None
    fixed: dict[str, Any] = field(default_factory=dict)
    examples: dict[str, list[Any]] = field(default_factory=dict)
    security: list[dict[str, list[str]]] = field(default_factory=list)


class ArgumentBuilder:
    """Builds the arguments of one document's operations."""

    def __init__(self, converter: Converter, bodies: Bodies, securities: Securities, report: Report) -> None:
        self._converter = converter
        self._bodies = bodies
        self._securities = securities
        self._report = report

    def build(self, read: ReadOperation) -> Arguments:
        """The arguments of an operation."""
        security = self._securities.alternatives(read.security, read.pointer)
        path, fixed_query = _split_path(read.path)
        moved = {place[1]: name for name, value in fixed_query if (place := _PLACE.fullmatch(value))}
        read = replace(read, parameters=[_moved(parameter, moved) for parameter in read.parameters])
        built = Arguments({}, path, security=security)
        taken: set[str] = set()
        properties: dict[str, Any] = {}
        required: list[str] = []
        for parameter in self._wanted(read, built):
            name = naming.argument(parameter.name, taken, location=parameter.location)
            self._take(parameter, name, built, properties, required)
        for name, value in fixed_query:
            self._fix_query(name, value, built, taken, properties)
        if read.body is not None:
            self._take_body(read.body, built, taken, properties, required)
        self._undeclared(read, built, taken, properties, required)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = list(dict.fromkeys(required))
        schema["additionalProperties"] = False
        built.schema, cut = self._converter.definitions.closed(schema, budget_bytes=INPUT_BUDGET_BYTES)
        if cut:
            self._report.warning(
                f"The input is very large: {cut} of its inner schemas accept anything.", read.pointer,
                kind="inputs that are very large",
            )  # fmt: skip
        return built

    def _wanted(self, read: ReadOperation, built: Arguments) -> list[ReadParameter]:
        """The parameters that are arguments: not those that the client writes or the vault supplies."""
        kept: list[ReadParameter] = []
        for parameter in read.parameters:
            name = parameter.name.casefold()
            if parameter.location == "header" and name == "authorization":
                self._authorize(built, parameter)
            elif parameter.location == "header" and name in _MANAGED:
                self._report.info(
                    f"The header {parameter.name} is written by the client; it is no argument.",
                    parameter.pointer, kind="headers that the client writes",
                )  # fmt: skip
            elif self._securities.carries(built.security, parameter.name, parameter.location):
                self._report.info(
                    f"{parameter.name[:80]} carries the credential; it is no argument.",
                    parameter.pointer, kind="parameters that carry the credential",
                )  # fmt: skip
            else:
                kept.append(parameter)
        return [parameter for parameter in kept if self._has_place(parameter, built)]

    def _has_place(self, parameter: ReadParameter, built: Arguments) -> bool:
        if parameter.location != "path" or parameter.name in _PLACE.findall(built.path):
            return True
        for written in _PLACE.findall(built.path):
            if written.strip("+*. ").casefold() == parameter.name.casefold():
                built.path = built.path.replace("{" + written + "}", "{" + parameter.name + "}")
                return True
        self._report.warning(
            f"The path has no place for {parameter.name[:80]}; left out.", parameter.pointer,
            kind="path parameters without a place",
        )  # fmt: skip
        return False

    def _authorize(self, built: Arguments, parameter: ReadParameter) -> None:
        """A plain `Authorization` parameter is a credential, which belongs into the vault."""
        if not any(built.security):
            name = self._securities.authorization_header()
            built.security = [{name: []}] if parameter.required else [{name: []}, {}]
            self._report.info(
                "The Authorization header is a credential of the installation, not an argument.",
                parameter.pointer, kind="Authorization headers",
            )  # fmt: skip

    def _take(
        self,
        parameter: ReadParameter,
        name: str,
        built: Arguments,
        properties: dict[str, Any],
        required: list[str],
    ) -> None:
        schema = self._converter.convert(parameter.schema, parameter.schema_pointer)
        schema = self._converter.definitions.sound(schema)
        if parameter.description:
            schema = {**schema, "description": parameter.description}
        if parameter.deprecated:
            schema = {**schema, "deprecated": True}
        built.parameters.append(
            catalog.Parameter.model_validate(
                {
                    "argument": name, "name": parameter.name, "location": parameter.location,
                    "style": parameter.style, "explode": parameter.explode,
                    "allow_reserved": parameter.allow_reserved, "allow_empty": parameter.allow_empty,
                    "content_type": parameter.content_type,
                }
            )
        )  # fmt: skip
        if self._is_fixed(parameter, schema):
            built.fixed[name] = schema.get("default", (schema.get("enum") or [schema.get("const")])[0])
            return
        if _LOOKS_SECRET.match(parameter.name) and parameter.location != "path":
            self._report.warning(
                f"{parameter.name[:80]} looks like a credential, but it is described as a plain parameter.",
                parameter.pointer, kind="parameters that look like credentials",
            )  # fmt: skip
        properties[name] = schema
        built.examples[name] = parameter.examples
        if parameter.required:
            required.append(name)

    def _is_fixed(self, parameter: ReadParameter, schema: dict[str, Any]) -> bool:
        """Whether there is only one value to send: the tool sets it, the model does not see it."""
        if parameter.location == "path":
            return False
        only = "const" in schema or len(schema.get("enum", ())) == 1
        chosen = "default" in schema and (
            parameter.internal or (parameter.location == "header" and "version" in parameter.name.casefold())
        )
        fixed = (parameter.required and only) or (parameter.internal and only) or chosen
        if fixed:
            self._report.info(
                f"{parameter.name[:80]} has one value only; the tool sets it.", parameter.pointer,
                kind="parameters with one value",
            )  # fmt: skip
        return fixed

    def _fix_query(
        self, name: str, value: str, built: Arguments, taken: set[str], properties: dict[str, Any]
    ) -> None:
        """A query that the path itself holds: a constant, or `?id={id}`."""
        if any(p.location == "query" and p.name == name for p in built.parameters):
            return
        argument = naming.argument(name, taken, location="query")
        built.parameters.append(
            catalog.Parameter(argument=argument, name=name, location="query", style="form", explode=True)
        )
        if _PLACE.fullmatch(value):
            properties[argument] = {"type": "string"}
        else:
            built.fixed[argument] = value

    def _take_body(
        self,
        body: ReadBody,
        built: Arguments,
        taken: set[str],
        properties: dict[str, Any],
        required: list[str],
    ) -> None:
        name = "body" if "body" not in taken else naming.argument("request_body", taken)
        taken.add(name)
        found: BuiltBody = self._bodies.build(body, name)
        built.body = found.body
        properties[name] = self._converter.definitions.sound(found.schema)
        built.examples[name] = found.examples
        if found.body.required:
            required.append(name)

    def _undeclared(
        self,
        read: ReadOperation,
        built: Arguments,
        taken: set[str],
        properties: dict[str, Any],
        required: list[str],
    ) -> None:
        """Places in the path that no parameter describes."""
        declared = {p.name for p in built.parameters if p.location == "path"}
        for place in dict.fromkeys(_PLACE.findall(built.path)):
            if place in declared:
                continue
            name = naming.argument(place, taken, location="path")
            built.parameters.append(catalog.Parameter(argument=name, name=place, location="path"))
            properties[name] = {"type": "string"}
            required.append(name)
            self._report.info(
                f"The path's {place[:80]} is not described; taken as text.", read.pointer,
                kind="places in paths that are not described",
            )  # fmt: skip


def _split_path(written: str) -> tuple[str, list[tuple[str, str]]]:
    """A path without fragment, and the query that it holds."""
    path, _, query = written.split("#", 1)[0].partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    named = [(name, value) for name, _, value in pairs if name and not name.startswith("{")]
    return path if path.startswith("/") else f"/{path}", named


def _moved(parameter: ReadParameter, moved: dict[str, str]) -> ReadParameter:
    """A parameter of the path whose place is in the path's query."""
    if parameter.location != "path" or parameter.name not in moved:
        return parameter
    return replace(parameter, name=moved[parameter.name], location="query", style="form", explode=True)
