"""GraphQL over HTTP in recorded requests: the document is fixed, its variables are the arguments."""

from typing import Any

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from graphql.language import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode

from toolmarket.importers.exchanges import Exchange

MOST_CHARACTERS = 100_000
MOST_TOKENS = 20_000
_SCALARS = {"Int": "integer", "Float": "number", "Boolean": "boolean", "String": "string"}


def document_of(exchange: Exchange) -> str | None:
    """The GraphQL document that an exchange sends, where it sends one with one operation."""
    content = exchange.content
    if exchange.method != "POST" or content is None or not content.is_json() or '"query"' not in content.text:
        return None
    value = content.json()
    document = value.get("query") if isinstance(value, dict) else None
    if not isinstance(document, str) or operation_of(document) is None:
        return None
    return document


def operation_of(document: str) -> OperationDefinitionNode | None:
    """The one operation of a GraphQL document; nothing where it is none, or several."""
    if len(document) > MOST_CHARACTERS:
        return None
    try:
        parsed = parse(document, no_location=True, max_tokens=MOST_TOKENS)
    except (GraphQLError, RecursionError):
        return None
    found = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    return found[0] if len(found) == 1 else None


def name_of(operation: OperationDefinitionNode) -> str:
    """What an operation is called: its own name, or that of its first field."""
    if operation.name is not None and len(operation.name.value) > 1:
        return operation.name.value
    fields = (node for node in operation.selection_set.selections if isinstance(node, FieldNode))
    return next((node.name.value for node in fields), "")


def variables_of(operation: OperationDefinitionNode) -> dict[str, tuple[dict[str, Any], bool]]:
    """Schema and whether it is required of each variable, as far as the document alone tells."""
    found: dict[str, tuple[dict[str, Any], bool]] = {}
    for definition in operation.variable_definitions or ():
        needed = isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
        found[definition.variable.name.value] = (_schema(definition.type), needed)
    return found


def _schema(node: TypeNode) -> dict[str, Any]:
    if isinstance(node, NonNullTypeNode):
        return _schema(node.type)
    if isinstance(node, ListTypeNode):
        return {"type": "array", "items": _schema(node.type)}
    if isinstance(node, NamedTypeNode):
        name = node.name.value
        if name == "ID":
            return {"type": ["string", "integer"]}
        return {"type": _SCALARS[name]} if name in _SCALARS else {"description": f"GraphQL type {name}."}
    return {}
