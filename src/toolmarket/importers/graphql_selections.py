"""What a GraphQL operation asks for: a selection of bounded size, and the schema of its answer."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    is_leaf_type,
    is_required_argument,
)

from toolmarket.importers import graphql_inputs

DEEPEST = 3
MOST_FIELDS = 80
_MOST_IN_ONE = 40
_MOST_KINDS = 6
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
_TRANSPARENT = {"edges", "node", "nodes", "items", "results", "data", "pageInfo"}
Schema = dict[str, Any]


@dataclass(slots=True)
class Selection:
    """The text of a selection set, the schema of what it gives, and whether something was cut."""

    text: str
    schema: Schema
    cut: bool = False


@dataclass(slots=True)
class _Budget:
    left: int = MOST_FIELDS
    cut: bool = False


@dataclass(slots=True)
class Selections:
    """Selects fields of one schema.

    Plain fields come first, then objects down to `DEEPEST` levels; connections (`edges`, `nodes`) do not
    count as levels. Fields that need arguments, and types within themselves, are left out.
    """

    schema: GraphQLSchema
    inputs: graphql_inputs.Inputs
    _on_the_way: list[str] = field(default_factory=list)

    def of(self, kind: GraphQLOutputType) -> Selection:
        """The selection for a field of this type; its text is empty for plain values."""
        budget = _Budget()
        text, schema = self._of(kind, 0, budget)
        return Selection(text, schema, budget.cut)

    def _of(self, kind: GraphQLOutputType, depth: int, budget: _Budget) -> tuple[str, Schema]:
        if isinstance(kind, GraphQLNonNull):
            return self._known(kind.of_type, depth, budget)
        text, schema = self._known(kind, depth, budget)
        return text, graphql_inputs.nullable(schema)

    def _known(self, kind: Any, depth: int, budget: _Budget) -> tuple[str, Schema]:
        if isinstance(kind, GraphQLList):
            text, items = self._of(kind.of_type, depth, budget)
            return text, {"type": "array", "items": items}
        if is_leaf_type(kind):
            return "", self.inputs.leaf(kind, output=True)
        return self._composite(kind, depth, budget)

    def _composite(self, kind: Composite, depth: int, budget: _Budget) -> tuple[str, Schema]:
        self._on_the_way.append(kind.name)
        pieces: list[str] = []
        properties: Schema = {}
        required: list[str] = []
        if not isinstance(kind, GraphQLObjectType):
            pieces.append("__typename")
            properties["__typename"] = {"type": "string"}
            required.append("__typename")
        if not isinstance(kind, GraphQLUnionType):
            self._fields(kind, depth, budget, (pieces, properties))
            required += [
                name for name, found in kind.fields.items() if _is_sure(found) and name in properties
            ]
        if not isinstance(kind, GraphQLObjectType):
            self._kinds(kind, depth, budget, (pieces, properties))
        self._on_the_way.pop()
        if not pieces:
            pieces, properties, required = ["__typename"], {"__typename": {"type": "string"}}, ["__typename"]
        schema: Schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        return "{ " + " ".join(pieces) + " }", schema

    def _fields(
        self,
        kind: GraphQLObjectType | GraphQLInterfaceType,
        depth: int,
        budget: _Budget,
        out: tuple[list[str], Schema],
    ) -> None:
        """The plain fields of a type, then those that have fields themselves."""
        pieces, properties = out
        ordered = sorted(kind.fields.items(), key=lambda item: not is_leaf_type(_named(item[1])))
        for name, found in ordered:
            if name in properties or any(map(is_required_argument, found.args.values())):
                continue
            plain = is_leaf_type(_named(found))
            if found.deprecation_reason is not None and len(ordered) > 1:
                continue
            if not self._is_wanted(name, found, plain=plain, depth=depth, budget=budget, taken=len(pieces)):
                budget.cut = True
                continue
            budget.left -= 1
            inner = depth if name in _TRANSPARENT else depth + 1
            text, schema = self._of(found.type, inner, budget)
            pieces.append(f"{name} {text}".rstrip())
            told = graphql_inputs.told(found.description)
            properties[name] = {**schema, "description": told} if told else schema

    def _is_wanted(
        self, name: str, found: GraphQLField, *, plain: bool, depth: int, budget: _Budget, taken: int
    ) -> bool:
        if budget.left <= 0 or taken >= _MOST_IN_ONE:
            return False
        if plain:
            return True
        deep = depth + (name not in _TRANSPARENT) >= DEEPEST or len(self._on_the_way) > 2 * DEEPEST
        return not deep and _named(found).name not in self._on_the_way

    def _kinds(
        self,
        kind: GraphQLInterfaceType | GraphQLUnionType,
        depth: int,
        budget: _Budget,
        out: tuple[list[str], Schema],
    ) -> None:
        """Of an interface or union, the plain fields of its kinds."""
        pieces, properties = out
        possible = self.schema.get_possible_types(kind)
        budget.cut |= len(possible) > _MOST_KINDS
        for one in possible[:_MOST_KINDS]:
            own: list[str] = []
            for name, found in one.fields.items():
                known = name in properties or any(map(is_required_argument, found.args.values()))
                if known or not is_leaf_type(_named(found)) or budget.left <= 0 or len(own) >= _MOST_KINDS:
                    continue
                budget.left -= 1
                own.append(name)
                properties[name] = self._of(found.type, depth + 1, budget)[1]
            if own:
                pieces.append(f"... on {one.name} {{ {' '.join(own)} }}")


def _named(found: GraphQLField) -> Any:
    kind: Any = found.type
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def _is_sure(found: GraphQLField) -> bool:
    return isinstance(found.type, GraphQLNonNull)
