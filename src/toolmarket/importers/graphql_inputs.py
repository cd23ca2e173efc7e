"""GraphQL input types become JSON Schema."""

from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    is_required_input_field,
    value_from_ast_untyped,
)

from toolmarket.importers import wording
from toolmarket.importers.json_schemas import nullable_schema

Schema = dict[str, Any]
MOST_DEFINITIONS = 60
_DESCRIPTION = 500
_SCALARS: dict[str, Schema] = {
    "Int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "Float": {"type": "number"},
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "ID": {"type": "string"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Timestamp": {"type": "string"},
    "ISO8601DateTime": {"type": "string", "format": "date-time"},
    "Date": {"type": "string", "format": "date"},
    "ISO8601Date": {"type": "string", "format": "date"},
    "Time": {"type": "string"},
    "URL": {"type": "string", "format": "uri"},
    "URI": {"type": "string", "format": "uri"},
    "UUID": {"type": "string", "format": "uuid"},
    "EmailAddress": {"type": "string", "format": "email"},
    "HTML": {"type": "string"},
    "BigInt": {"type": ["integer", "string"]},
    "Long": {"type": ["integer", "string"]},
    "Decimal": {"type": ["number", "string"]},
    "Upload": {"not": {}},
}


class Inputs:
    """Schemas of the inputs of one GraphQL schema; input objects become definitions."""

    def __init__(self) -> None:
        self._wanted: dict[str, GraphQLInputObjectType] = {}

    def schema_of(self, kind: Any) -> Schema:
        """The schema of a variable; where null is allowed, it is too."""
        if isinstance(kind, GraphQLNonNull):
            return self._known(kind.of_type)
        return nullable(self._known(kind))

    def _known(self, kind: Any) -> Schema:
        if isinstance(kind, GraphQLList):
            return {"type": "array", "items": self.schema_of(kind.of_type)}
        if isinstance(kind, GraphQLInputObjectType):
            if kind.name not in self._wanted and len(self._wanted) >= MOST_DEFINITIONS:
                return {"type": "object", "description": f"GraphQL input {kind.name}."}
            self._wanted[kind.name] = kind
            return {"$ref": f"#/$defs/{kind.name}"}
        return self.leaf(kind)

    def leaf(self, kind: Any, *, output: bool = False) -> Schema:
        """The schema of a scalar or an enum. Enums of answers may grow, so there they are texts."""
        if isinstance(kind, GraphQLEnumType):
            if output:
                return {"type": "string"}
            values = [name for name, value in kind.values.items() if value.deprecation_reason is None]
            return {"type": "string", "enum": values or list(kind.values)}
        if kind.name in _SCALARS and not (output and kind.name == "Upload"):
            return _answered(_SCALARS[kind.name]) if output else dict(_SCALARS[kind.name])
        text = told(kind.description) if isinstance(kind, GraphQLScalarType) else ""
        return {} if output else {"description": text or f"GraphQL scalar {kind.name}."}

    def definitions(self) -> dict[str, Schema]:
        """The definitions of all input objects that were asked for since the last call."""
        made: dict[str, Schema] = {}
        while missing := [name for name in self._wanted if name not in made]:
            for name in missing:
                made[name] = self._object(self._wanted[name])
        self._wanted = {}
        return made

    def _object(self, kind: GraphQLInputObjectType) -> Schema:
        properties: Schema = {}
        required: list[str] = []
        for name, field in kind.fields.items():
            if is_required_input_field(field):
                required.append(name)
            properties[name] = described(self.schema_of(field.type), field.description, default_of(field))
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            schema["required"] = required
        if kind.is_one_of:
            schema |= {"minProperties": 1, "maxProperties": 1}
        return described(schema, kind.description, None)


def described(schema: Schema, description: str | None, default: Any) -> Schema:
    """The schema with a description and, where it is a plain value, the default."""
    text = told(description)
    if text:
        schema = {**schema, "description": text}
    if isinstance(default, str | int | float | bool):
        schema = {**schema, "default": default}
    return schema


def default_of(argument: GraphQLArgument | GraphQLInputField) -> Any:
    """The default of an argument as a JSON value; nothing where it has none."""
    given = argument.default
    if given is None:
        return None
    return value_from_ast_untyped(given.literal) if given.literal is not None else given.value


def told(description: str | None) -> str:
    """A description for a model."""
    return wording.clean(description, _DESCRIPTION) if description else ""


def nullable(schema: Schema) -> Schema:
    """The schema, with null allowed; what accepts anything accepts it already."""
    return nullable_schema(schema) if schema.keys() - {"description"} else schema


def _answered(schema: Schema) -> Schema:
    """The schema of a scalar in an answer: only its type, since services do not check formats."""
    return {"type": schema["type"]} if "type" in schema else {}
