"""A GraphQL schema becomes a manifest: each query and mutation is one operation with a fixed document.

Source:
    https://spec.graphql.org/September2025/ (sections 3, 4.5 and 6.1).
"""

from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    Source,
    build_ast_schema,
    build_client_schema,
    is_required_argument,
    parse,
)

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import documents, errors, naming, sampled, shell_words, wording
from toolmarket.importers.graphql_inputs import Inputs, default_of, described
from toolmarket.importers.graphql_selections import DEEPEST, MOST_FIELDS, Selections
from toolmarket.importers.reading import ReadServer, as_dict, as_list
from toolmarket.importers.reports import Report
from toolmarket.importers.schemas import Imported
from toolmarket.importers.servers import Servers
from toolmarket.kit.json_schema import SchemaBroken, Validator

MOST_BYTES = 4_194_304
MOST_TOKENS = 600_000
MOST_OPERATIONS = 1_000
_ERRORS = {"type": "array", "items": {"type": "object", "properties": {"message": {"type": "string"}}}}


def import_graphql(content: bytes, *, source_url: str | None = None) -> Imported:
    """Turn SDL, or the answer to an introspection query, into a manifest.

    Each operation sends a fixed document, whose selection has at most 3 levels and 80 fields; the arguments
    of the field are its variables.

    Args:
        source_url: the address of the endpoint; else each installation configures it.

    Raises:
        DocumentBroken: the SDL or JSON cannot be read; with line and column.
        DescriptionUnusable: the types contradict each other, or there is no query and no mutation.
        DocumentTooLarge: more than 4 MiB or 600,000 tokens.
    """
    if len(content) > MOST_BYTES:
        raise errors.DocumentTooLarge(f"{len(content):,} bytes; a GraphQL schema may have {MOST_BYTES:,}.")
    text = shell_words.utf8(content)
    introspected = text.lstrip()[:1] == "{"
    try:
        schema = _introspected(content) if introspected else _built(text)
    except RecursionError:
        raise errors.DocumentTooLarge("The types are nested too deeply in each other.") from None
    return _Import(schema, source_url).imported("introspection" if introspected else "sdl")


def is_introspection(root: dict[str, Any]) -> bool:
    """Whether the document is the answer to an introspection query."""
    return "__schema" in root or "__schema" in as_dict(root.get("data"))


def is_refused_introspection(root: dict[str, Any]) -> bool:
    """Whether the document is what a GraphQL service answers that does not describe itself."""
    listed = as_list(root.get("errors"))
    return (
        bool(listed) and "message" in as_dict(listed[0]) and not set(root) - {"errors", "data", "extensions"}
    )


def _introspected(content: bytes) -> GraphQLSchema:
    root = documents.read_document(content).root
    node = root if "__schema" in root else as_dict(root.get("data"))
    if "__schema" not in node:
        told = next(
            (wording.text(as_dict(entry).get("message")) for entry in as_list(root.get("errors"))), ""
        )
        message = f"The service answered: {told[:300]}" if told else "There is no `__schema` in it."
        raise errors.DescriptionUnusable(message, pointer="/data/__schema")
    try:
        return _settled(build_client_schema({"__schema": node["__schema"]}, assume_valid=True))
    except (GraphQLError, TypeError, ValueError, KeyError, AttributeError) as error:
        message = f"The introspection is not complete: {str(error)[:300]}"
        raise errors.DescriptionUnusable(message, pointer="/data/__schema") from None


def _built(text: str) -> GraphQLSchema:
    try:
        document = parse(Source(text), max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        place = error.locations[0] if error.locations else None
        if "token" in error.message and "limit" in error.message.casefold():
            raise errors.DocumentTooLarge(error.message) from None
        line, column = (place.line, place.column) if place else (1, 1)
        raise errors.DocumentBroken(error.message[:300], line=line, column=column) from None
    try:
        return _settled(build_ast_schema(document, assume_valid_sdl=True))
    except (GraphQLError, TypeError, ValueError, KeyError) as error:
        raise errors.DescriptionUnusable(f"The types contradict each other: {str(error)[:300]}") from None


def _settled(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema, once everything in it was looked at: types are worked out late, and mistakes told late."""
    for kind in schema.type_map.values():
        for name in ("fields", "values", "interfaces", "types"):
            getattr(kind, name, None)
    return schema


class _Import:
    def __init__(self, schema: GraphQLSchema, source_url: str | None) -> None:
        self._schema = schema
        self._report = Report()
        self._servers = Servers(None, self._report)
        self._inputs = Inputs()
        self._selections = Selections(schema, self._inputs)
        self._names = naming.OperationNames()
        self._title = sampled.title_of([source_url]) if source_url else "GraphQL API"
        self._server = self._address(source_url)
        self._security: list[dict[str, list[str]]] = [{"bearer": []}, {}]

    def _address(self, source_url: str | None) -> str:
        if source_url:
            return self._servers.template([ReadServer(source_url)])
        self._report.info("A schema names no address: each installation configures `server_url`.")
        return self._servers.configured("server_url", "", "Address of the GraphQL endpoint, with its path.")

    def imported(self, version: str) -> Imported:
        """All queries and mutations.

        Raises:
            DescriptionUnusable: there are none.
        """
        operations: list[catalog.Operation] = []
        defined = 0
        for kind, root in (("query", self._schema.query_type), ("mutation", self._schema.mutation_type)):
            fields = root.fields if root is not None else {}
            defined += len(fields)
            for name, field in fields.items():
                if len(operations) < MOST_OPERATIONS and (made := self._operation(kind, name, field)):
                    operations.append(made)
        self._tell(defined)
        if not operations:
            raise errors.DescriptionUnusable("The schema has no query and no mutation.")
        hosts = self._servers.hosts()
        manifest = catalog.Manifest(
            name=f"{sampled.NAMESPACE}/{naming.slug(self._title)}",
            title=self._title,
            description=wording.clean(self._schema.description, 40_000),
            domains=sorted({host.split(":")[0] for host in hosts if "{" not in host}),
            auth=catalog.Auth(schemes={"bearer": catalog.AuthScheme(type="http", scheme="bearer")}),
            egress=catalog.Egress(hosts=hosts),
            config_schema=self._servers.config_schema(),
            operations=operations,
        )
        return Imported(
            manifest=manifest, notes=self._report.notes(), source_version=f"graphql {version}",
            auth_kinds=["http:bearer"], defined_operations=defined,
        )  # fmt: skip

    def _tell(self, defined: int) -> None:
        if defined > MOST_OPERATIONS:
            self._report.warning(
                f"A tool holds {MOST_OPERATIONS:,} GraphQL operations; the rest is left out."
            )
        if self._schema.subscription_type is not None:
            count = len(self._schema.subscription_type.fields)
            self._report.info(f"{count} subscriptions are left out: a call has one answer.")
        self._report.info(
            "A schema does not say which credential it wants: each operation may carry a bearer token."
        )

    def _operation(self, kind: str, field_name: str, field: GraphQLField) -> catalog.Operation | None:
        name = self._names.choose(field_name, kind, f"/{field_name}", "")
        self._report.operation = name
        arguments = _Arguments(self._inputs)
        for wire, argument in field.args.items():
            arguments.add(wire, argument)
        selection = self._selections.of(field.type)
        if selection.cut:
            self._report.info(
                f"The answer is cut: at most {DEEPEST} levels and {MOST_FIELDS} fields are asked for.",
                kind="answers that are cut",
            )
        call = f"{field_name}{arguments.passed()} {selection.text}".rstrip()
        document = f"{kind} {_capital(field_name)}{arguments.declared()} {{ {call} }}"
        data = {"type": ["object", "null"], "properties": {field_name: selection.schema}}
        spoken = " ".join(naming.words(field_name)).capitalize() or field_name
        made = catalog.Operation(
            name=name,
            title=spoken[:200],
            description=wording.clean(field.description, 1_024) or f"{spoken} (GraphQL {kind}).",
            human_description=wording.clean(field.description, 8_000),
            tags=[kind],
            input_schema=arguments.schema(),
            output_schema={"type": "object", "properties": {"data": data, "errors": _ERRORS}},
            implementation=catalog.HttpImplementation(
                method="POST", server=self._server, path="", security=self._security,
                body=catalog.Body(template={"query": document, "variables": arguments.places}, required=True),
            ),
            effects=sampled.graphql_effects(kind, field_name),
            deprecated=field.deprecation_reason is not None,
        )  # fmt: skip
        usable = self._is_usable(made)
        self._report.operation = None
        return made if usable else None

    def _is_usable(self, made: catalog.Operation) -> bool:
        try:
            Validator(made.input_schema)
        except SchemaBroken as error:
            self._report.warning(
                f"{made.name} is left out: its input has no usable schema ({str(error)[:200]})."
            )
            return False
        return True


class _Arguments:
    """The arguments of one field, as variables of the document and as arguments of the operation."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._taken: set[str] = set()
        self._wires: list[tuple[str, str]] = []
        self._properties: dict[str, Any] = {}
        self._required: list[str] = []
        self.places: dict[str, Any] = {}

    def add(self, wire: str, argument: GraphQLArgument) -> None:
        """One argument of the field."""
        name = naming.argument(wire, self._taken)
        schema = described(self._inputs.schema_of(argument.type), argument.description, default_of(argument))
        if argument.deprecation_reason is not None:
            schema = {**schema, "deprecated": True}
        self._properties[name] = schema
        self.places[wire] = {catalog.ARGUMENT_PLACE: name}
        if is_required_argument(argument):
            self._required.append(name)
        # A variable without a value takes no default of the schema where its type forbids null.
        kind = str(argument.type)
        self._wires.append((wire, kind if argument.default is None else kind.removesuffix("!")))

    def declared(self) -> str:
        """The variables of the document."""
        pairs = ", ".join(f"${wire}: {kind}" for wire, kind in self._wires)
        return f"({pairs})" if pairs else ""

    def passed(self) -> str:
        """The variables as arguments of the field."""
        pairs = ", ".join(f"{wire}: ${wire}" for wire, _ in self._wires)
        return f"({pairs})" if pairs else ""

    def schema(self) -> dict[str, Any]:
        """The input schema, with the definitions that it reaches."""
        schema: dict[str, Any] = {"type": "object", "properties": self._properties}
        if self._required:
            schema["required"] = self._required
        schema["additionalProperties"] = False
        definitions = self._inputs.definitions()
        return {**schema, "$defs": definitions} if definitions else schema


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
