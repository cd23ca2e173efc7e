"""Bytes become a document, or a refusal that names line and column."""

import json
from typing import Any

import pytest
from tests.requirements import requirement

from toolmarket.importers import errors
from toolmarket.importers.documents import MAX_BYTES, read_document
from toolmarket.importers.openapi import import_openapi

YAML = "openapi: 3.0.3\ninfo: {title: Größe, version: '1'}\npaths: {}\n"


def read(text: str) -> dict[str, Any]:
    return read_document(text.encode()).root


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    assert read_document(YAML.encode(encoding)).root["info"]["title"] == "Größe"


@requirement("2.2.c/broken-document-names-the-place")
@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (YAML.encode("latin-1"), 2, 17),
        (b'{\n  "openapi": "3.0.0",\n  "info": {,}\n}', 3, 12),
        (b'{"openapi": "3.0.0"}\n}', 2, 1),
        (b"openapi: 3.0.0\ninfo: [1\npaths: {}\n", 3, 6),
        (b"openapi: 3.0.0\nx: *nobody\n", 2, 4),
        (b"openapi: 3.0.0\nx: &a [1, *a]\n", 2, 11),
        (b"openapi: 3.0.0\n? {a: 1}\n: 2\n", 2, 3),
        (b"openapi: 3.0.0\nx: a\x07b\n", 2, 5),
        (b"   ", 1, 1),
    ],
)
def test_a_broken_document_names_the_place(content: bytes, line: int, column: int) -> None:
    with pytest.raises(errors.DocumentBroken) as refused:
        import_openapi(content)

    assert refused.value.extra == {"line": line, "column": column}
    assert refused.value.detail.startswith(f"Line {line}, column {column}: ")
    assert refused.value.status == 422


@requirement("2.2.c/hostile-documents-are-refused")
@pytest.mark.parametrize(
    "content",
    [
        (
            "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
        ).encode(),
        b'{"openapi": "3.0.0", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"x: " + b"{a: " * 500 + b"1" + b"}" * 500,
        b" " * (MAX_BYTES + 1),
    ],
    ids=["alias bomb", "deep JSON", "deep YAML", "bytes"],
)
def test_what_would_exhaust_us_is_refused(content: bytes) -> None:
    with pytest.raises(errors.DocumentTooLarge):
        import_openapi(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1, 2]", "no object"),
        (b"hello", "no object"),
        (b"asyncapi: 3.0.0", "AsyncAPI"),
        (b'{"swaggerVersion": "1.2"}', "Swagger 1"),
        (b'{"info": {"_postman_id": "x"}}', "Postman"),
        (b"openapi: 4.0.0", "not supported"),
        (b"<!DOCTYPE html><html><body>a: b</body></html>", "neither"),
    ],
)
def test_something_else_is_named(content: bytes, words: str) -> None:
    with pytest.raises(errors.NotOpenApi, match=words):
        import_openapi(content)


def test_a_release_candidate_is_not_guessed_at() -> None:
    with pytest.raises(errors.DocumentBroken) as refused:
        import_openapi(b'{\n  "openapi": "3.0.0-RC1",\n  "paths": {}\n}')

    assert refused.value.extra == {"line": 2, "column": 14}


def test_flows_under_a_wrong_name_are_pointed_at() -> None:
    content = b"""openapi: 3.0.0
components:
  securitySchemes:
    a: {type: oauth2, flow: {implicit: {}}}
paths: {}
"""

    with pytest.raises(errors.DocumentBroken) as refused:
        import_openapi(content)

    assert refused.value.extra == {"line": 4, "column": 29}


def test_yaml_scalars_follow_the_core_schema() -> None:
    text = "a: no\nb: 2020-01-01\nc: 012\nd: 1e3\ne: 0x1F\nf: ~\ng: 'true'\nh: .nan\ni: 1_000\nj: 12:30\n"
    text += "k: !!str 5\n200: ok\n"

    assert read(text) == {
        "a": "no", "b": "2020-01-01", "c": "012", "d": 1000.0, "e": 31, "f": None, "g": "true", "h": ".nan",
        "i": "1_000", "j": "12:30", "k": "5", "200": "ok",
    }  # fmt: skip


def test_numbers_beyond_64_bits_become_floating() -> None:
    assert read("a: 99999999999999999999\nb: " + "9" * 5_000)["a"] == 1e20
    assert read_document(b'{"a": 99999999999999999999}').root == {"a": 1e20}


def test_aliases_and_merge_keys_are_followed() -> None:
    text = "base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [*b, {z: 4}]}\n"

    assert read(text) == {"base": {"x": 1, "y": 2}, "one": {"y": 3, "x": 1}, "two": {"x": 1, "y": 2, "z": 4}}


def test_objects_of_a_programming_language_stay_data() -> None:
    assert read("x: !!python/object/apply:os.system ['true']") == {"x": ["true"]}


@pytest.mark.parametrize(
    "content",
    [
        b"openapi: 3.0.0\npaths:\n  /a: {get: {}}\n  /a: {post: {}}\n",
        b'{"openapi": "3.0.0", "paths": {"/a": {"get": {}}, "/a": {"post": {}}}}',
    ],
)
def test_of_a_key_written_twice_the_last_counts_and_is_told(content: bytes) -> None:
    result = import_openapi(content)

    assert [operation.implementation.method for operation in result.manifest.operations] == ["POST"]
    assert any("'/a' stands twice" in note.message for note in result.notes)


def test_lenient_json_is_read_as_yaml() -> None:
    assert read('{"a": [1, 2,], "b": 1,}') == {"a": [1, 2], "b": 1}


def test_what_json_cannot_carry_is_mended() -> None:
    root = read_document(b'{"a": NaN, "b": [Infinity], "c": "\\ud800", "d\\u0000": "\\u0000"}').root

    assert root == {"a": None, "b": [None], "c": "\ufffd", "d\ufffd": "\ufffd"}
    json.dumps(root, allow_nan=False)
