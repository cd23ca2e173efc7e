"""What keeps a draft from being published."""

from typing import Any

import pytest
from tests.requirements import requirement

from toolmarket.builder.checking import problems_of


def document(**changes: Any) -> dict[str, Any]:
    implementation = {
        "kind": "http",
        "method": "GET",
        "server": "https://api.example.com",
        "path": "/things/{id}",
        "parameters": [{"argument": "id", "name": "id", "location": "path"}],
        **changes.pop("implementation", {}),
    }
    operation = {
        "name": "get_thing",
        "description": "Reads a thing.",
        "input_schema": {"type": "object", "properties": {"id": {"type": "string"}}},
        "implementation": implementation,
        **changes.pop("operation", {}),
    }
    base = {"name": "acme/things", "title": "Things", "summary": "Reads things.", "operations": [operation]}
    return {**base, **changes}


def test_a_whole_draft_has_no_problems() -> None:
    assert problems_of(document()) == []


@requirement("2.1.a/validation-names-the-place")
@pytest.mark.parametrize(
    ("draft", "pointer", "words"),
    [
        (document(title=""), "/title", "at least 1"),
        (document(operations=[]), "/operations", "at least one operation"),
        (document(version="1.0"), "/version", "pattern"),
        (document(operation={"name": "Bad Name"}), "/operations/0/name", "pattern"),
        (
            document(operation={"input_schema": {"type": "objec", "properties": {"id": {}}}}),
            "/operations/0/input_schema",
            "not valid",
        ),
        (
            document(implementation={"security": [{"Key": []}]}),
            "/operations/0/implementation/security",
            "no auth scheme Key",
        ),
        (
            document(implementation={"server": "{where}"}),
            "/operations/0/implementation/server",
            "no field where",
        ),
        (
            document(implementation={"path": "/things/{id}/{part}"}),
            "/operations/0/implementation/path",
            "{part}",
        ),
        (
            document(implementation={"body": {"argument": "id"}}),
            "/operations/0/implementation/body",
            "GET",
        ),
        (
            document(
                implementation={
                    "parameters": [
                        {"argument": "id", "name": "id", "location": "path"},
                        {"argument": "x", "name": "x", "location": "query"},
                    ]
                }
            ),
            "/operations/0/implementation/parameters/1",
            "Nobody fills x",
        ),
        (
            document(operation={"effects": {"kind": "delete", "read_only": True}}),
            "/operations/0/effects",
            "read_only",
        ),
    ],
)
def test_each_mistake_is_named_with_its_place(draft: dict[str, Any], pointer: str, words: str) -> None:
    errors = [problem for problem in problems_of(draft) if problem.level == "error"]

    assert [problem.pointer for problem in errors] == [pointer]
    assert words in errors[0].message


def test_what_is_only_advice_does_not_hinder() -> None:
    found = problems_of(document(summary="", operation={"description": ""}))

    assert {problem.level for problem in found} == {"warning"}
    assert [problem.pointer for problem in found] == ["/summary", "/operations/0/description"]
