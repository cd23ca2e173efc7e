"""What an argument can and cannot do to a request."""

import gzip
import json
import subprocess
import sys
import zlib
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolmarket.catalog.schemas import Body, Effects, HttpImplementation, Limits, Operation, Parameter
from toolmarket.kit.compression import EncodingUnknown, UnpackedTooLarge, unpack
from toolmarket.runtime.executors.answers import upstream_code
from toolmarket.runtime.executors.prepared import Prepared
from toolmarket.runtime.executors.sending import retry_after_seconds
from toolmarket.runtime.executors.serialise import Unserialisable
from toolmarket.runtime.schemas import Call
from toolmarket.vault.schemas import Injection

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(TEXTS, st.integers(), st.booleans(), st.lists(TEXTS), st.dictionaries(TEXTS, TEXTS))


def prepared(path: str, *parameters: Parameter, **more: Any) -> tuple[Prepared, Call]:
    implementation = HttpImplementation(
        method=more.pop("method", "GET"), server="", path=path, parameters=parameters
    )
    operation = Operation(name="call", implementation=implementation, **more)
    call = Call(
        operation=operation,
        server="https://api.example.com/v1",
        hosts=frozenset(),
        limits=Limits(),
        arguments={},
        injection=Injection(),
        deadline=0.0,
    )
    return Prepared(operation), call


def place(name: str, location: str, style: str, *, explode: bool) -> Parameter:
    return Parameter(argument=name, name=name, location=location, style=style, explode=explode)


@given(VALUES, st.sampled_from(["simple", "label", "matrix"]), st.booleans())
def test_no_argument_leaves_its_segment(value: Any, style: str, explode: bool) -> None:
    made, call = prepared("/a/{x}/b", place("x", "path", style, explode=explode))
    try:
        url = made.build(call, {"x": value}).full_url()
    except Unserialisable:
        return

    parts = urlsplit(url)
    segments = parts.path.split("/")
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "api.example.com", "", "")
    assert (segments[:3], segments[4:]) == (["", "v1", "a"], ["b"])
    assert unquote(segments[3]) not in {"", ".", ".."}
    assert url.isascii()
    assert url.isprintable()


@given(
    VALUES,
    st.sampled_from(["form", "spaceDelimited", "pipeDelimited", "deepObject"]),
    st.booleans(),
    st.booleans(),
)
def test_no_argument_leaves_the_query(value: Any, style: str, explode: bool, reserved: bool) -> None:
    rule = Parameter(
        argument="x", name="x", location="query", style=style, explode=explode, allow_reserved=reserved
    )
    made, call = prepared("/a", rule)

    parts = urlsplit(made.build(call, {"x": value}).full_url())

    assert (parts.netloc, parts.path, parts.fragment) == ("api.example.com", "/v1/a", "")
    assert parts.query.isascii()


@pytest.mark.parametrize(
    ("path", "arguments", "url"),
    [
        ("/x/{a}.json", {"a": "report"}, "/x/report.json"),
        ("/x/{a}:run", {"a": "r"}, "/x/r:run"),
        ("/x/{+a}", {"a": "b/c"}, "/x/b%2Fc"),
        ("/caf\u00e9/{a}", {"a": "1"}, "/caf%C3%A9/1"),
        ("x/{a}", {"a": "1"}, "/x/1"),
        ("/x/{a}#fragment", {"a": "1"}, "/x/1"),
        ("/x/{a}?b=c&d", {"a": "1"}, "/x/1?b=c&d"),
        ("/..{a}", {"a": "x"}, "/..x"),
    ],
)
def test_path_templates_of_every_kind(path: str, arguments: dict[str, Any], url: str) -> None:
    made, call = prepared(path, place("a", "path", "simple", explode=False))

    assert made.build(call, arguments).full_url() == "https://api.example.com/v1" + url


@pytest.mark.parametrize(("path", "value"), [("/.{a}", "."), ("/{a}.", "."), ("/{a}/x", None)])
def test_a_template_does_not_help_to_climb(path: str, value: Any) -> None:
    made, call = prepared(path, place("a", "path", "simple", explode=False))

    with pytest.raises(Unserialisable):
        made.build(call, {"a": value})


def test_a_missing_body_is_told_only_where_required() -> None:
    made, call = prepared("/a", method="POST")

    assert made.build(call, {"body": {"ignored": True}}).body == b""


def test_a_template_takes_arguments_and_hides_the_rest() -> None:
    template = {
        "query": "{ viewer }",
        "variables": {"id": {"$argument": "id"}, "tags": ["a", {"$argument": "tag"}]},
    }
    implementation = HttpImplementation(
        method="POST", server="", path="/graphql", body=Body(template=template, required=True)
    )
    operation = Operation(name="call", implementation=implementation)
    call = prepared("/")[1]

    full = Prepared(operation).build(call, {"id": {"$argument": "tag"}, "tag": None, "query": "other"})
    bare = Prepared(operation).build(call, {})

    assert json.loads(full.body) == {
        "query": "{ viewer }",
        "variables": {"id": {"$argument": "tag"}, "tags": ["a", None]},
    }
    assert json.loads(bare.body) == {"query": "{ viewer }", "variables": {"tags": ["a"]}}


@pytest.mark.parametrize(
    ("method", "effects", "repeatable"),
    [
        ("GET", Effects(), True),
        ("GET", Effects(kind="delete"), False),
        ("POST", Effects(), False),
        ("POST", Effects(idempotent=True), True),
        ("PUT", Effects(kind="update"), False),
        ("PUT", Effects(kind="update", idempotent=True), True),
        ("POST", Effects(kind="read", read_only=True, destructive=False), True),
    ],
)
def test_what_may_be_sent_twice(method: str, effects: Effects, repeatable: bool) -> None:
    made, _ = prepared("/a", method=method, effects=effects)

    assert made.repeatable is repeatable


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"code": "rate_limit"}', "rate_limit"),
        (b'{"error": {"code": 1203, "message": "x"}}', "1203"),
        (b'{"error": "invalid_grant"}', "invalid_grant"),
        (b'{"errors": [{"code": "E1"}, {"code": "E2"}]}', "E1"),
        (b'{"type": "/problems/x", "title": "X"}', "/problems/x"),
        (b'{"message": "only words"}', None),
        (b'{"code": true}', None),
        (b"[]", None),
        (b"{broken", None),
        (b'{"code": "' + b"x" * 500 + b'"}', "x" * 100),
    ],
)
def test_the_name_of_an_upstream_error_is_found(body: bytes, code: str | None) -> None:
    assert upstream_code(body, "application/json; charset=utf-8") == code
    assert upstream_code(body, "text/html") is None


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("7", 7, 7),
        (" 0 ", 0, 0),
        ("", 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 1e8, 1e11),
        ("9" * 40, 999_999_999, 999_999_999),
    ],
)
def test_retry_after_is_read(value: str, low: float, high: float) -> None:
    assert low <= retry_after_seconds(value) <= high


def test_packed_bodies_are_bounded_and_checked() -> None:
    text = b"hello" * 100
    raw = zlib.compressobj(wbits=-15)
    deflated = raw.compress(text) + raw.flush()

    assert unpack(gzip.compress(text), "gzip", 500) == text
    assert unpack(gzip.compress(text[:250]) + gzip.compress(text[250:]), "x-gzip", 500) == text
    assert unpack(zlib.compress(text), "deflate", 500) == text
    assert unpack(deflated, "deflate", 500) == text
    assert unpack(gzip.compress(gzip.compress(text)), "gzip, gzip", 500) == text
    assert unpack(text, "identity", 1) == text
    assert unpack(b"", "gzip", 1) == b""
    for damaged in (gzip.compress(text)[:-10], b"no gzip"):
        with pytest.raises(EncodingUnknown):
            unpack(damaged, "gzip", 500)
    for bound in (0, 1, 499):
        with pytest.raises(UnpackedTooLarge):
            unpack(gzip.compress(text), "gzip", bound)
    with pytest.raises(EncodingUnknown):
        unpack(text, "gzip, gzip, gzip", 500)


def test_the_executor_does_without_the_web_framework() -> None:
    program = (
        "import sys, toolmarket.runtime.executors.http;"
        "print([name for name in ('fastapi', 'starlette', 'mcp', 'httpx2', 'dbos') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
