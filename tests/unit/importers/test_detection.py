"""What a description is, told by its content."""

import pytest
from tests.requirements import requirement
from tests.unit.importers.samples_of import data

from toolmarket.importers import errors, service
from toolmarket.importers.detection import detect


@requirement("2.2.c/kinds-are-told-by-content")
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"openapi": "3.1.0", "paths": {}}', "openapi"),
        (b"\xef\xbb\xbfswagger: '2.0'\n", "openapi"),
        (b"# curl https://a.example.com\nopenapi: 3.0.0\n", "openapi"),
        (b"openapi: 3.0.0\ninfo:\n  description: |\n    curl https://a.example.com\n", "openapi"),
        (b'{"broken', "openapi"),
        (b'{"info": {"name": "x"}, "item": []}', "postman"),
        (b'{"collection": {"info": {"_postman_id": "1"}, "item": []}}', "postman"),
        (b'{"log": {"version": "1.2", "entries": []}}', "har"),
        (b'  [{"request": {}}]', "har"),
        (b'{"data": {"__schema": {}}}', "graphql"),
        (b'{"errors": [{"message": "no"}], "data": null}', "graphql"),
        (b'"""\nWords: more\n"""\ntype Query {\n  a: Int\n}', "graphql"),
        (b"# about\nschema {\n query: Q }", "graphql"),
        (b"$ curl -s https://a.example.com", "curl"),
        (b"\n\n/usr/bin/curl\thttps://a.example.com", "curl"),
    ],
)
def test_marks_of_the_content_decide(content: bytes, kind: str) -> None:
    assert detect(content) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("garden.har", "har"),
        ("library.postman_collection.json", "postman"),
        ("orchard.graphql", "graphql"),
        ("shop.curl.txt", "curl"),
    ],
)
def test_files_are_told_apart_and_read(name: str, kind: str) -> None:
    result = service.from_content(data(name), filename="misleading.yaml", kind="auto")

    assert result.kind == kind
    assert result.manifest.operations


@pytest.mark.parametrize("content", [b'{"a": 1}', b"{}"])
def test_what_is_none_of_them_is_refused(content: bytes) -> None:
    with pytest.raises(errors.NotRecognised):
        detect(content)
