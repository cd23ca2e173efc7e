"""Every style of OpenAPI's own tables, and what the tables leave open."""

import base64
import email
import json
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.requirements import requirement

from toolmarket.catalog.schemas import Body, Parameter, PartEncoding
from toolmarket.runtime.executors.bodies import encode_body
from toolmarket.runtime.executors.serialise import (
    Unserialisable,
    cookie_pairs,
    header_text,
    path_text,
    query_pairs,
    query_string,
)

ARRAY = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def parameter(location: str, style: str, *, explode: bool = False, **more: Any) -> Parameter:
    return Parameter(argument="color", name="color", location=location, style=style, explode=explode, **more)


@requirement("2.2.c/path-styles")
@pytest.mark.parametrize(
    ("style", "explode", "empty", "string", "array", "members"),
    [
        ("matrix", False, ";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
        (
            "matrix",
            True,
            ";color",
            ";color=blue",
            ";color=blue;color=black;color=brown",
            ";R=100;G=200;B=150",
        ),
        ("label", False, ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        ("label", True, ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        ("simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
        ("simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ],
)
def test_path_styles(style: str, explode: bool, empty: str, string: str, array: str, members: str) -> None:
    rule = parameter("path", style, explode=explode)

    assert [path_text(rule, value) for value in ("", "blue", ARRAY, OBJECT)] == [
        empty,
        string,
        array,
        members,
    ]


@requirement("2.2.c/query-styles")
@pytest.mark.parametrize(
    ("style", "explode", "array", "members"),
    [
        ("form", False, "color=blue,black,brown", "color=R,100,G,200,B,150"),
        ("form", True, "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
        ("spaceDelimited", False, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
        ("pipeDelimited", False, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
        ("spaceDelimited", True, "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    ],
)
def test_query_styles(style: str, explode: bool, array: str, members: str) -> None:
    rule = parameter("query", style, explode=explode)

    assert "&".join(query_pairs(rule, "")) == "color="
    assert "&".join(query_pairs(rule, "blue")) == "color=blue"
    assert "&".join(query_pairs(rule, ARRAY)) == array
    assert "&".join(query_pairs(rule, OBJECT)) == members


def test_deep_objects_nest_by_brackets() -> None:
    rule = parameter("query", "deepObject", explode=True)

    pairs = query_pairs(rule, {"R": 100, "sub": {"x": [1, 2], "y z": None}, "ok": True})

    assert pairs == [
        "color%5BR%5D=100",
        "color%5Bsub%5D%5Bx%5D=1",
        "color%5Bsub%5D%5Bx%5D=2",
        "color%5Bok%5D=true",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "color=true"),
        (0, "color=0"),
        (1.5, "color=1.5"),
        (10**30, f"color={10**30}"),
        (None, ""),
        ([], ""),
        ({}, ""),
        ([None, "a"], "color=a"),
        ([["a", 1]], "color=%5B%22a%22%2C1%5D"),
        ("a&b=c d#e+f", "color=a%26b%3Dc%20d%23e%2Bf"),
        ("\u00e4\u20ac", "color=%C3%A4%E2%82%AC"),
    ],
)
def test_values_that_are_no_plain_text(value: Any, text: str) -> None:
    assert "&".join(query_pairs(parameter("query", "form", explode=True), value)) == text


def test_reserved_characters_stay_where_allowed_but_end_no_value() -> None:
    rule = parameter("query", "form", allow_reserved=True)

    assert query_pairs(rule, "a/b?c:d@e,f;g=h%2Fi%zz") == ["color=a/b?c:d@e,f;g=h%2Fi%25zz"]
    assert query_pairs(rule, "x&key=1#f+g") == ["color=x%26key=1%23f%2Bg"]


@pytest.mark.parametrize(
    ("content_type", "value", "text"),
    [
        ("application/json", {"a": [1, None]}, '{"a":[1,null]}'),
        ("application/vnd.x+json", "x", '"x"'),
        ("text/plain", "a b", "a b"),
        ("text/tab-separated-values", ["a", "b"], "a\tb"),
        ("application/x-www-form-urlencoded", {"a": [1, 2], "b": "c d"}, "a=1&a=2&b=c+d"),
    ],
)
def test_parameters_described_by_content(content_type: str, value: Any, text: str) -> None:
    rule = parameter("query", "form", content_type=content_type)

    assert parse_qs(query_pairs(rule, value)[0], keep_blank_values=True) == {"color": [text]}
    assert unquote(path_text(rule, value)) == text


def test_the_whole_query_as_one_value() -> None:
    form = parameter("querystring", "form", content_type="application/x-www-form-urlencoded")
    whole = parameter("querystring", "form", content_type="application/json")

    assert query_string(form, {"a": [1, 2], "b": {"c": 1}}) == ["a=1", "a=2", "b=%7B%22c%22%3A1%7D"]
    assert unquote(query_string(whole, {"a": [1]})[0]) == '{"a":[1]}'
    with pytest.raises(Unserialisable):
        query_string(form, "text")


@pytest.mark.parametrize(
    ("explode", "value", "text"),
    [
        (False, "a b/\u00e4", "a b/\u00e4"),
        (False, ARRAY, "blue,black,brown"),
        (True, ARRAY, "blue,black,brown"),
        (False, OBJECT, "R,100,G,200,B,150"),
        (True, OBJECT, "R=100,G=200,B=150"),
        (False, True, "true"),
    ],
)
def test_header_values_are_not_encoded(explode: bool, value: Any, text: str) -> None:
    assert header_text(parameter("header", "simple", explode=explode), value) == text


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", ["ok", "a\rb"]])
def test_a_header_value_cannot_begin_another_header(value: Any) -> None:
    with pytest.raises(Unserialisable):
        header_text(parameter("header", "simple"), value)


@pytest.mark.parametrize(
    ("style", "explode", "value", "pairs"),
    [
        ("form", True, "a b;c", ["color=a%20b%3Bc"]),
        ("form", False, ARRAY, ["color=blue,black,brown"]),
        ("form", True, ARRAY, ["color=blue", "color=black", "color=brown"]),
        ("form", False, OBJECT, ["color=R,100,G,200,B,150"]),
        ("cookie", True, OBJECT, ["R=100", "G=200", "B=150"]),
        ("cookie", False, "a/b%20c", ["color=a/b%20c"]),
    ],
)
def test_cookie_styles(style: str, explode: bool, value: Any, pairs: list[str]) -> None:
    assert cookie_pairs(parameter("cookie", style, explode=explode), value) == pairs


def test_a_cookie_value_cannot_begin_another_cookie() -> None:
    with pytest.raises(Unserialisable):
        cookie_pairs(parameter("cookie", "cookie"), "a; admin=1")


@given(st.dictionaries(TEXTS.filter(bool), st.lists(TEXTS, min_size=1), min_size=1))
def test_any_exploded_form_object_survives_the_round_trip(value: dict[str, list[str]]) -> None:
    pairs = [
        pair
        for name, items in value.items()
        for pair in query_pairs(
            Parameter(argument="a", name=name, location="query", style="form", explode=True), items
        )
    ]

    expected = [(name, item) for name, items in value.items() for item in items]
    assert parse_qsl("&".join(pairs), keep_blank_values=True) == expected


@given(
    st.lists(TEXTS, min_size=1),
    st.sampled_from([("form", ","), ("spaceDelimited", "%20"), ("pipeDelimited", "%7C")]),
)
def test_any_delimited_array_splits_into_itself(items: list[str], style: tuple[str, str]) -> None:
    (pair,) = query_pairs(parameter("query", style[0]), items)

    if style[1] == ",":
        assert [unquote(item) for item in pair.removeprefix("color=").split(",")] == items
    elif not any(mark in item for item in items for mark in " |"):
        assert unquote(pair.removeprefix("color=")).split(unquote(style[1])) == items


@given(TEXTS)
def test_any_text_stays_one_segment_of_a_path(text: str) -> None:
    encoded = path_text(parameter("path", "simple"), text)

    assert unquote(encoded) == text
    assert not set(encoded) & set("/?#\\%") - {"%"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS, lambda x: st.lists(x) | st.dictionaries(TEXTS, x)
    )
)
def test_any_json_body_is_read_back(value: Any) -> None:
    data, kind = encode_body(Body(), value)

    assert (json.loads(data), kind) == (value, "application/json")


def test_a_text_with_half_a_character_pair_is_told() -> None:
    with pytest.raises(Unserialisable):
        query_pairs(parameter("query", "form"), "\ud800")
    with pytest.raises(Unserialisable):
        encode_body(Body(), {"a": "\ud800"})


@requirement("2.2.c/form-bodies")
def test_form_bodies_follow_their_encoding() -> None:
    body = Body(
        content_type="application/x-www-form-urlencoded",
        encoding={
            "deep": PartEncoding(style="deepObject"),
            "pipes": PartEncoding(style="pipeDelimited", explode=False),
            "json": PartEncoding(content_type="application/json"),
        },
    )

    data, kind = encode_body(
        body,
        {
            "text": "a b&c",
            "list": [1, 2],
            "object": {"x": 1},
            "deep": {"x": {"y": 1}},
            "pipes": ["a", "b"],
            "json": [1],
            "none": None,
        },
    )

    assert kind == "application/x-www-form-urlencoded"
    assert parse_qs(data.decode()) == {
        "text": ["a b&c"],
        "list": ["1", "2"],
        "object": ['{"x":1}'],
        "deep[x][y]": ["1"],
        "pipes": ["a|b"],
        "json": ["[1]"],
    }


def read_multipart(data: bytes, kind: str) -> list[email.message.Message]:
    parsed = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + data, policy=HTTP)
    return list(parsed.iter_parts())


@requirement("2.2.c/multipart-bodies")
def test_multipart_bodies_carry_files_and_fields() -> None:
    picture = bytes(range(256))
    encoded = base64.b64encode(picture).decode()
    body = Body(
        content_type="multipart/form-data",
        encoding={
            "file": PartEncoding(binary=True, content_type="image/png"),
            "files": PartEncoding(binary=True),
            "meta": PartEncoding(content_type="application/json", headers={"X-Kind": "meta"}),
        },
    )

    data, kind = encode_body(
        body,
        {
            "file": encoded,
            "files": [f"data:text/plain;base64,{encoded}", {"data": encoded, "filename": 'a"\r\nb.bin'}],
            "meta": {"a": 1},
            "number": 5,
            "tags": ["x", "y"],
            "none": None,
        },
    )

    parts = read_multipart(data, kind)
    assert [part.get_param("name", header="content-disposition") for part in parts] == [
        *("file", "files", "files", "meta", "number", "tags", "tags")
    ]
    assert [part.get_payload(decode=True) for part in parts] == [
        *(picture, picture, picture, b'{"a":1}', b"5", b"x", b"y")
    ]
    assert [part.get_content_type() for part in parts[:4]] == [
        *("image/png", "text/plain", "application/octet-stream", "application/json")
    ]
    assert [part.get_filename() for part in parts[:4]] == ["file", "files", "a%22%0D%0Ab.bin", None]
    assert parts[3]["X-Kind"] == "meta"


@pytest.mark.parametrize(
    ("content_type", "binary", "value", "data", "sent"),
    [
        ("text/plain", False, "h\u00e9", "h\u00e9".encode(), "text/plain"),
        ("text/plain", False, 5, b"5", "text/plain"),
        ("application/xml", False, "<a/>", b"<a/>", "application/xml"),
        ("application/octet-stream", True, "AAEC", b"\x00\x01\x02", "application/octet-stream"),
        ("image/*", True, "data:image/png;base64,AAEC", b"\x00\x01\x02", "image/png"),
        ("*/*", False, {"a": 1}, b'{"a":1}', "application/json"),
        ("application/merge-patch+json", False, None, b"null", "application/merge-patch+json"),
        ("application/x-ndjson", False, [{"a": 1}, 2], b'{"a":1}\n2\n', "application/x-ndjson"),
    ],
)
def test_other_bodies(content_type: str, binary: bool, value: Any, data: bytes, sent: str) -> None:
    assert encode_body(Body(content_type=content_type, binary=binary), value) == (data, sent)


@pytest.mark.parametrize(
    ("content_type", "binary", "value"),
    [
        ("application/xml", False, {"a": 1}),
        ("application/octet-stream", True, "not base64!"),
        ("application/octet-stream", True, 5),
        ("application/x-www-form-urlencoded", False, 5),
        ("multipart/form-data", False, "text"),
    ],
)
def test_a_body_without_a_form_is_told(content_type: str, binary: bool, value: Any) -> None:
    with pytest.raises(Unserialisable):
        encode_body(Body(content_type=content_type, binary=binary), value)
