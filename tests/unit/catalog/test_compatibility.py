"""Which version number a change asks for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.requirements import requirement

from toolmarket.catalog import compatibility, digests
from toolmarket.catalog.schemas import Auth, AuthScheme, Egress, HttpImplementation, Manifest, Operation

READ = {
    "type": "object",
    "properties": {"q": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
    "required": ["q"],
}


def operation(name: str = "read", **more: Any) -> Operation:
    implementation = HttpImplementation(method="GET", server="https://api.example.com", path="/r")
    return Operation(**{"name": name, "input_schema": READ, "implementation": implementation, **more})


def manifest(*operations: Operation, **more: Any) -> Manifest:
    return Manifest(name="acme/echo", title="Echo", operations=list(operations) or [operation()], **more)


def changed(**more: Any) -> Manifest:
    return manifest(operation(**more))


def schema(**properties: Any) -> dict[str, Any]:
    return {**READ, "properties": {**READ["properties"], **properties}}


@requirement("3.2.d/version-number-is-checked")
@pytest.mark.parametrize(
    ("after", "kind", "smallest"),
    [
        (manifest(operation(), operation("write")), "additive", "1.3.0"),
        (manifest(operation("other")), "breaking", "2.0.0"),
        (changed(input_schema=schema(limit={"type": "integer"})), "additive", "1.3.0"),
        (changed(input_schema={**READ, "required": ["q", "kind"]}), "breaking", "2.0.0"),
        (changed(input_schema=schema(q={"type": "integer"})), "breaking", "2.0.0"),
        (changed(input_schema=schema(kind={"enum": ["a", "b", "c"]})), "additive", "1.3.0"),
        (changed(input_schema=schema(kind={"enum": ["a"]})), "breaking", "2.0.0"),
        (changed(description="Reads."), "metadata", "1.2.4"),
        (changed(title="Read"), "metadata", "1.2.4"),
        (manifest(egress=Egress(hosts=["other.example.com"])), "widened", "1.3.0"),
        (manifest(auth=Auth(schemes={"Key": AuthScheme(type="http", scheme="basic")})), "widened", "1.3.0"),
    ],
)
def test_a_change_is_weighed_by_what_it_means_for_callers(after: Manifest, kind: str, smallest: str) -> None:
    found = compatibility.changes(manifest(), after)

    assert found[0].kind == kind
    assert found[0].pointer.startswith("/")
    assert compatibility.smallest_version("1.2.3", found) == smallest


def test_nothing_changed_is_nothing_found() -> None:
    assert compatibility.changes(manifest(), manifest()) == []


def test_before_the_first_release_breaking_changes_take_the_middle_number() -> None:
    found = compatibility.changes(manifest(), manifest(operation("other")))

    assert compatibility.smallest_version("0.4.1", found) == "0.5.0"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1.0.0-alpha", "1.0.0-alpha.1"),
        ("1.0.0-alpha.1", "1.0.0-alpha.beta"),
        ("1.0.0-beta.2", "1.0.0-beta.11"),
        ("1.0.0-rc.1", "1.0.0"),
        ("1.9.0", "1.10.0"),
    ],
)
def test_versions_follow_the_order_of_semantic_versioning(before: str, after: str) -> None:
    assert compatibility.precedes(before, after)
    assert not compatibility.precedes(after, before)


numbers = st.tuples(*(st.integers(0, 50) for _ in range(3)))


@given(numbers, numbers)
def test_the_order_of_releases_is_that_of_their_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    left, right = (".".join(map(str, each)) for each in (one, other))

    assert compatibility.precedes(left, right) == (one < other)


@requirement("1.a/two-digests")
def test_the_definition_digest_follows_what_a_model_sees_and_nothing_else() -> None:
    base = manifest()
    shown, hidden = changed(description="Reads."), changed(human_description="For people.")

    assert digests.definition_digest(base) != digests.definition_digest(shown)
    assert digests.definition_digest(base) == digests.definition_digest(hidden)
    assert digests.artifact_digest(base) != digests.artifact_digest(hidden)
