"""GraphQL schemas become manifests of fixed documents."""

import json
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, introspection_from_schema, parse, validate
from tests.requirements import requirement
from tests.unit.importers.samples_of import assert_sound, data, http, operation, properties

from toolmarket.catalog.schemas import Limits, Operation
from toolmarket.importers import errors
from toolmarket.importers.graphql import MOST_BYTES, import_graphql
from toolmarket.importers.schemas import Imported
from toolmarket.kit.json_schema import Validator
from toolmarket.runtime.executors.prepared import Prepared
from toolmarket.runtime.schemas import Call
from toolmarket.vault.schemas import Injection


def orchard() -> Imported:
    return import_graphql(data("orchard.graphql"))


def schema() -> GraphQLSchema:
    return build_schema(data("orchard.graphql").decode())


def document(entry: Operation) -> str:
    body = http(entry).body
    assert body is not None
    assert isinstance(body.template, dict)
    return str(body.template["query"])


def sent(entry: Operation, **arguments: Any) -> Any:
    call = Call(
        operation=entry, server="https://a.example.com/graphql", hosts=frozenset(), limits=Limits(),
        arguments=arguments, injection=Injection(), deadline=0.0,
    )  # fmt: skip
    return json.loads(Prepared(entry).build(call, arguments).body)


@requirement("2.2.c/graphql")
def test_each_query_and_mutation_is_an_operation_with_a_valid_document() -> None:
    result = orchard()

    assert_sound(result)
    assert [entry.name for entry in result.manifest.operations] == [
        "trees", "tree", "find", "node", "version", "plant_tree", "fell_tree"
    ]  # fmt: skip
    for entry in result.manifest.operations:
        assert validate(schema(), parse(document(entry))) == []


def test_the_model_sees_the_variables_and_the_request_holds_the_document() -> None:
    entry = operation(orchard(), "tree")

    body = sent(entry, id="7")

    assert set(properties(entry)) == {"id"}
    assert body == {"query": document(entry), "variables": {"id": "7"}}
    assert http(entry).server == "{server_url}"
    assert http(entry).path == ""


def test_variables_that_are_not_given_leave_their_defaults_to_the_service() -> None:
    entry = operation(orchard(), "trees")

    assert "$first: Int," in document(entry)
    assert sent(entry)["variables"] == {}
    assert properties(entry)["first"]["default"] == 20
    assert "required" not in entry.input_schema


def test_inputs_have_the_shape_of_their_types() -> None:
    result = orchard()
    planted, node = operation(result, "plant_tree"), operation(result, "node")
    check = Validator(planted.input_schema)

    assert check.accepts({"input": {"kind": "PEAR", "ownerId": "1", "weight": {"kg": 3}}, "note": None})
    assert not check.accepts({"input": {"kind": "PLUM", "ownerId": "1"}})
    assert not check.accepts({"input": {"kind": "PEAR"}})
    assert not Validator(node.input_schema).accepts({"pick": {"id": "1", "name": "x"}})
    assert Validator(operation(result, "trees").input_schema).accepts({"filter": {"and": [{"and": []}]}})


def test_selections_are_bounded_and_cycles_are_cut() -> None:
    result = orchard()
    text = document(operation(result, "tree"))

    assert "owner { id name email" in text
    assert "trees" not in text
    assert "oldName" not in text
    assert "picture" not in text
    assert any("cut" in note.message for note in result.notes)


def test_connections_are_followed_and_unions_are_told_apart() -> None:
    result = orchard()
    found = document(operation(result, "find"))

    assert "edges { cursor node { id kind height plantedAt" in document(operation(result, "trees"))
    assert "pageInfo { hasNextPage endCursor }" in document(operation(result, "trees"))
    assert "__typename" in found
    assert "... on Person {" in found


def test_answers_have_a_schema() -> None:
    entry = operation(orchard(), "tree")
    assert entry.output_schema is not None
    check = Validator(entry.output_schema)
    tree = {
        "id": "1",
        "kind": "APPLE",
        "height": None,
        "plantedAt": "x",
        "owner": None,
        "neighbours": {"edges": None, "totalCount": 1, "pageInfo": {"hasNextPage": False}},
    }

    assert check.accepts({"data": {"tree": tree}})
    assert check.accepts({"data": {"tree": None}, "errors": [{"message": "gone"}]})
    assert check.accepts({"data": None, "errors": [{"message": "no"}]})
    assert not check.accepts({"data": {"tree": {"id": 1}}})


def test_effects_follow_the_kind_and_the_name() -> None:
    result = orchard()

    assert operation(result, "trees").effects.read_only
    assert operation(result, "plant_tree").effects.kind != "read"
    assert not operation(result, "fell_tree").effects.read_only


def test_an_introspection_gives_the_same_as_the_sdl() -> None:
    answer = {"data": introspection_from_schema(schema(), input_value_deprecation=True)}

    result = import_graphql(json.dumps(answer).encode(), source_url="https://api.orchard.example.com/graphql")

    assert [document(entry) for entry in result.manifest.operations] == [
        document(entry) for entry in orchard().manifest.operations
    ]
    assert result.manifest.egress.hosts == ["api.orchard.example.com"]
    assert result.manifest.title == "Example API"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"type Query { a: }", errors.DocumentBroken),
        (b"query { a }", errors.DescriptionUnusable),
        (b"type Query { a: Missing }", errors.DescriptionUnusable),
        (b"scalar A", errors.DescriptionUnusable),
        (b'{"errors": [{"message": "introspection is off"}]}', errors.DescriptionUnusable),
        (b'{"__schema": {"types": 5}}', errors.DescriptionUnusable),
        (b'{"data": {"__schema": {"queryType": {"name": "Q"}, "types": [{"kind": "OBJECT", "name": "Q"}]}}}',
         errors.DescriptionUnusable),
        (b"\xff\xfe", errors.DocumentBroken),
        (b"#" * (MOST_BYTES + 1), errors.DocumentTooLarge),
        (b"type Query { a(x: " + b"[" * 3_000 + b"Int" + b"]" * 3_000 + b"): Int }", errors.DocumentBroken),
    ],
)  # fmt: skip
def test_bad_schemas_are_refused(content: bytes, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        import_graphql(content)


def test_a_mistake_is_told_with_its_place_and_introspection_that_is_off_with_its_reason() -> None:
    with pytest.raises(errors.DocumentBroken) as broken:
        import_graphql(b"type Query {\n  a: }")
    with pytest.raises(errors.DescriptionUnusable, match="introspection is off"):
        import_graphql(b'{"errors": [{"message": "introspection is off"}]}')

    assert broken.value.extra == {"line": 2, "column": 6}


def test_a_schema_that_is_wide_and_knotted_gives_small_documents() -> None:
    names = [f"T{number}" for number in range(60)]
    fields = " ".join(f"f{name}: {name}" for name in names)
    types = "".join(f"type {name} {{ id: ID {fields} }}\n" for name in names)
    result = import_graphql(f"{types}type Query {{ {fields} }}".encode())

    assert len(result.manifest.operations) == 60
    assert max(len(document(entry)) for entry in result.manifest.operations) < 4_000
