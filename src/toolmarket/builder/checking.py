"""What keeps a draft from being published, each with its place."""

import re
from typing import Any

from toolmarket.builder.schemas import DraftProblem
from toolmarket.catalog import errors as catalog_errors
from toolmarket.catalog import schemas as catalog_schemas
from toolmarket.catalog import service as catalog
from toolmarket.kit.json_schema import SchemaBroken, Validator

_FIELD = re.compile(r"\{([^{}]+)\}")


def problems_of(document: dict[str, Any]) -> list[DraftProblem]:
    """All problems of a manifest that is being edited, errors first."""
    try:
        manifest = catalog.parse_manifest(document)
    except catalog_errors.ManifestInvalid as problem:
        return [
            DraftProblem(pointer=mistake["pointer"], message=mistake["message"], level="error")
            for mistake in problem.extra["errors"]
        ]
    found = _manifest_problems(manifest)
    for position, operation in enumerate(manifest.operations):
        found += _operation_problems(manifest, operation, f"/operations/{position}")
    return sorted(found, key=lambda problem: problem.level)


def _manifest_problems(manifest: catalog_schemas.Manifest) -> list[DraftProblem]:
    found: list[DraftProblem] = []
    if not manifest.operations and manifest.mcp is None:
        found.append(_error("/operations", "A tool needs at least one operation."))
    if not manifest.summary:
        found.append(_warning("/summary", "Say in one sentence what the tool is for."))
    try:
        Validator(manifest.config_schema)
    except SchemaBroken as error:
        found.append(_error("/config_schema", str(error)))
    return found


def _operation_problems(
    manifest: catalog_schemas.Manifest, operation: catalog_schemas.Operation, place: str
) -> list[DraftProblem]:
    found: list[DraftProblem] = []
    if not operation.description:
        found.append(_warning(f"{place}/description", "A model chooses by the description: write one."))
    try:
        Validator(operation.input_schema)
    except SchemaBroken as error:
        found.append(_error(f"{place}/input_schema", str(error)))
    for alternative in operation.implementation.security:
        for scheme in alternative.keys() - manifest.auth.schemes.keys():
            found.append(_error(f"{place}/implementation/security", f"There is no auth scheme {scheme}."))
    fields = set(manifest.config_schema.get("properties", {}))
    for name in set(_FIELD.findall(operation.implementation.server)) - fields:
        found.append(_error(f"{place}/implementation/server", f"The configuration has no field {name}."))
    if isinstance(operation.implementation, catalog_schemas.HttpImplementation):
        found += _http_problems(operation, operation.implementation, place)
    return found


def _http_problems(
    operation: catalog_schemas.Operation, implementation: catalog_schemas.HttpImplementation, place: str
) -> list[DraftProblem]:
    found: list[DraftProblem] = []
    arguments = set(operation.input_schema.get("properties", {})) | set(operation.fixed_inputs)
    for position, parameter in enumerate(implementation.parameters):
        if parameter.argument not in arguments:
            found.append(
                _error(
                    f"{place}/implementation/parameters/{position}",
                    f"Nobody fills {parameter.argument}: the input schema has no such property.",
                )
            )
    sent = {parameter.name for parameter in implementation.parameters if parameter.location == "path"}
    for name in set(_FIELD.findall(implementation.path)) - sent:
        found.append(_error(f"{place}/implementation/path", f"No parameter fills {{{name}}} in the path."))
    if implementation.body is not None and implementation.body.template is not None:
        for name in sorted(_places(implementation.body.template) - arguments):
            message = f"Nobody fills {name}: the input schema has no such property."
            found.append(_error(f"{place}/implementation/body/template", message))
    if implementation.body is not None and implementation.method == "GET":
        found.append(_error(f"{place}/implementation/body", "A GET request cannot have a body."))
    return found


def _places(template: Any) -> set[str]:
    """The arguments that a body's template names."""
    if isinstance(template, list):
        return {name for item in template for name in _places(item)}
    if not isinstance(template, dict):
        return set()
    name = template.get(catalog_schemas.ARGUMENT_PLACE)
    if len(template) == 1 and isinstance(name, str):
        return {name}
    return {name for member in template.values() for name in _places(member)}


def _error(pointer: str, message: str) -> DraftProblem:
    return DraftProblem(pointer=pointer, message=message, level="error")


def _warning(pointer: str, message: str) -> DraftProblem:
    return DraftProblem(pointer=pointer, message=message, level="warning")
