"""Damaged descriptions give a sound manifest or a named problem, never a defect."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.importers.samples_of import assert_sound, data

from toolmarket.importers import service
from toolmarket.importers.curl import import_curl
from toolmarket.importers.graphql import import_graphql
from toolmarket.importers.har import import_har
from toolmarket.importers.postman import import_postman
from toolmarket.importers.schemas import Imported
from toolmarket.kit.problems import Problem

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=30), st.just([]), st.just({}),
    st.lists(st.text(max_size=3), max_size=2), st.just([[[]]]), st.just({"a": {"b": None}}),
    st.sampled_from(["{{x}}", ":id", "https://", "//", "http://[", "https://a b", "https://a.example.com:x/{",
                     "%", "\x00", "{", "{a}{b}", "$(x)", "GET\n",
                     "\ud7ff", "/../..", "https://\u00fc.example/\u00e9?\u00e9"]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], junk)
    return changed


def small_har() -> Any:
    root = json.loads(data("garden.har"))
    root["log"]["entries"] = root["log"]["entries"][27:29] + root["log"]["entries"][-6:]
    return root


def introspection() -> Any:
    return {"data": introspection_from_schema(build_schema(data("orchard.graphql").decode()))}


CASES: dict[str, tuple[Callable[[bytes], Imported], Any]] = {
    "har": (import_har, small_har()),
    "postman": (import_postman, json.loads(data("library.postman_collection.json"))),
    "graphql": (import_graphql, introspection()),
}
PLACES = {name: list(places(root)) for name, (_, root) in CASES.items()}


@pytest.mark.parametrize("name", list(CASES))
def test_any_member_may_be_anything(name: str) -> None:
    read, root = CASES[name]

    @settings(max_examples=250, deadline=None, database=None)
    @given(st.lists(st.tuples(st.sampled_from(PLACES[name]), JUNK), min_size=1, max_size=3))
    def check(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
        damaged = root
        for path, junk in changes:
            with contextlib.suppress(KeyError, IndexError, TypeError, ValueError):
                damaged = replaced(damaged, path, junk)
        content = json.dumps(damaged).encode()
        with contextlib.suppress(Problem):
            assert_sound(read(content))
        with contextlib.suppress(Problem):
            service.from_content(content, kind="auto")

    check()


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 900), st.text("'\"\\ \n$-@=;#{}:/?&a\u00e9", max_size=4)), max_size=4)
)
def test_a_command_with_characters_put_in_anywhere(changes: list[tuple[int, str]]) -> None:
    text = data("shop.curl.txt").decode()
    for place, added in changes:
        text = text[:place] + added + text[place:]

    with contextlib.suppress(Problem):
        assert_sound(import_curl(text.encode()))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1500), st.text('{}()[]!:@"#$&|= \nab', max_size=6))
def test_a_schema_with_characters_put_in_anywhere(place: int, added: str) -> None:
    text = data("orchard.graphql").decode()

    with contextlib.suppress(Problem):
        assert_sound(import_graphql((text[:place] + added + text[place:]).encode()))
