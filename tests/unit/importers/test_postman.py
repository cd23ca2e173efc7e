"""Postman collections become manifests, without the credentials in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from tests.requirements import requirement
from tests.unit.importers.samples_of import (
    SECRETS,
    assert_forgotten,
    assert_sound,
    data,
    http,
    only,
    operation,
    properties,
)

from toolmarket.importers import errors
from toolmarket.importers.postman import import_postman
from toolmarket.importers.schemas import Imported


def library() -> Imported:
    return import_postman(data("library.postman_collection.json"))


def collection(*items: dict[str, Any], **members: Any) -> Imported:
    return import_postman(json.dumps({"info": {"name": "Test"}, "item": items, **members}).encode())


def request(**members: Any) -> dict[str, Any]:
    return {"name": "Do it", "request": {"method": "POST", "url": "https://a.example.com/x", **members}}


@requirement("2.2.c/postman")
def test_the_sample_collection_becomes_a_manifest() -> None:
    result = library()

    assert_sound(result)
    assert result.manifest.title == "Library"
    assert [entry.name for entry in result.manifest.operations] == [
        "find_books", "lend_a_book", "send_a_cover", "search_graphql", "sign_in"
    ]  # fmt: skip
    assert operation(result, "find_books").tags == ["Books"]
    assert operation(result, "find_books").description == "Find books.\n\nBooks by author, newest first."
    assert result.auth_kinds == ["apiKey:header", "http:bearer", "oauth2:clientCredentials"]
    assert result.source_version == "postman 2.1"


def test_no_credential_of_the_sample_is_kept() -> None:
    assert_forgotten(
        library(), "lib-Tok3n-0f-collection", "scr1pt-Secret-99", "v4riable-Secret-77", "resp0nse-Secret-55",
        "k3y-0f-the-library", "cl13nt-1d-44", "cl13nt-Secret-33", "f0rm-Secret-22",
    )  # fmt: skip


def test_variables_of_addresses_are_configuration() -> None:
    result = library()
    fields = result.manifest.config_schema["properties"]

    assert http(operation(result, "find_books")).server == "{server_url}"
    assert fields["server_url"]["default"] == "https://eu.library.example.com/v2"
    assert http(operation(result, "send_a_cover")).server == "{uploadUrl}"
    assert result.manifest.config_schema["required"] == ["uploadUrl"]
    assert result.manifest.egress.hosts == ["{server_url}", "{uploadUrl}", "graph.library.example.com"]


def test_auth_is_that_of_the_nearest_folder() -> None:
    result = library()

    assert http(operation(result, "find_books")).security == [{"bearer": []}]
    assert http(operation(result, "lend_a_book")).security == [{"x_library_key": []}]
    assert http(operation(result, "send_a_cover")).security == []
    assert http(operation(result, "sign_in")).security == [{"oauth2": []}]


def test_parameters_have_their_descriptions_kinds_and_examples() -> None:
    result = library()
    found, lent = operation(result, "find_books"), operation(result, "lend_a_book")

    assert properties(found)["author"] == {
        "type": "string", "description": "Part of the author's name.", "examples": ["Le Guin"]
    }  # fmt: skip
    assert properties(found)["limit"] == {"type": "integer"}
    assert properties(found)["after"]["description"] == "Cursor of the page."
    assert http(lent).path == "/shelves/{shelfId}/books/{bookId}/loans"
    assert properties(lent)["bookId"]["description"] == "Number on the book's back."
    assert properties(lent)["shelfId"]["examples"] == ["shelf-7"]
    assert lent.fixed_inputs == {"X_Branch": "north"}


def test_bodies_of_every_mode() -> None:
    result = library()
    lent = properties(operation(result, "lend_a_book"))["body"]["properties"]
    cover = http(operation(result, "send_a_cover")).body
    search = http(operation(result, "search_graphql")).body

    assert lent == {"reader": {}, "days": {"type": "integer"}, "note": {"type": "string"}}
    assert cover is not None
    assert cover.encoding["cover"].binary
    assert search is not None
    assert search.template is not None
    assert search.template["variables"] == {
        "text": {"$argument": "text"}, "first": {"$argument": "first"}
    }  # fmt: skip
    assert operation(result, "search_graphql").input_schema["required"] == ["text"]


def test_saved_responses_tell_the_output() -> None:
    schema = operation(library(), "find_books").output_schema

    assert schema is not None
    item = schema["properties"]["items"]["items"]
    assert item["required"] == ["id", "title"]
    assert set(item["properties"]) == {"id", "title", "lent"}


def test_what_is_left_out_is_told() -> None:
    told = {note.message: note for note in library().notes}

    assert "2 scripts are left out: code of a collection is not run." in told
    assert told["A request is left out: it has no http or https address."].pointer == "/item/4/request/url"


def test_format_2_0_is_read() -> None:
    schema = "https://schema.getpostman.com/json/collection/v2.0.0/collection.json"
    result = collection(
        {"name": "Get it", "request": "https://a.example.com/things/100?deep=true"},
        info={"name": "Old", "schema": schema},
        auth={"type": "basic", "basic": {"username": "me", "password": "q9Zold-Secret-x7"}},
    )

    assert result.source_version == "postman 2.0"
    assert http(only(result)).security == [{"basic": []}]
    assert properties(only(result))["deep"]["type"] == "boolean"
    assert_forgotten(result, "q9Zold-Secret-x7")


@pytest.mark.parametrize(
    ("url", "server", "path"),
    [
        ("https://{{tenant}}.example.com/a", "https://{tenant}.example.com", "/a"),
        ("{{protocol}}://{{host}}/a", "https://{host}", "/a"),
        ("a.example.com/v{{version}}/a", "https://a.example.com", "/v{v_version}/a"),
        ({"host": ["a", "example", "com"], "path": ["a", ":id"]}, "https://a.example.com", "/a/{id}"),
        ({"protocol": "http", "host": "a.example.com", "port": "81", "path": "a"},
         "http://a.example.com:81", "/a"),
    ],
)  # fmt: skip
def test_addresses_in_every_form(url: Any, server: str, path: str) -> None:
    request_of = http(only(collection(request(url=url))))

    assert request_of.server == server
    assert request_of.path == path.replace("v{v_version}", "{v_version}")


@requirement("2.2.c/no-secret-is-kept")
@settings(max_examples=100, deadline=None)
@given(SECRETS, SECRETS, SECRETS)
def test_no_credential_is_kept_anywhere(key: str, password: str, token: str) -> None:
    result = collection(
        {
            **request(
                url=f"https://a.example.com/x?api_key={key}&q={token}",
                header=[{"key": "Authorization", "value": f"Bearer {token}"}],
                body={"mode": "raw", "raw": json.dumps({"password": password, "text": f"a {key}"})},
                description=f"Use {key} and {token}.",
            ),
            "name": f"Call {token}",
            "response": [{"code": 200, "body": json.dumps({key: [{"access_token": password}]}),
                          "_postman_previewlanguage": "json"}],
        },
        auth={"type": "basic", "basic": {"username": key, "password": password}},
        variable=[{"key": "api_token", "value": token}, {"key": "x", "type": "secret", "value": password}],
        event=[{"listen": "test", "script": {"exec": [f"f('{key}')"]}}],
    )  # fmt: skip

    assert_sound(result)
    assert_forgotten(result, key, password, token)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"info": ', errors.DocumentBroken),
        (b'{"info": {"name": "x"}}', errors.DescriptionUnusable),
        (b'{"requests": [], "order": []}', errors.DescriptionUnusable),
        (b'{"info": {"name": "x"}, "item": []}', errors.DescriptionUnusable),
        (b'{"info": {}, "item": [{"request": {"url": 5, "method": "G\\u0000"}}, 7, {"item": {}}]}',
         errors.DescriptionUnusable),
    ],
)  # fmt: skip
def test_bad_collections_are_refused(content: bytes, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        import_postman(content)


def test_folders_that_are_nested_too_deeply_are_refused() -> None:
    node: dict[str, Any] = request()
    for _ in range(40):
        node = {"name": "f", "item": [node]}

    with pytest.raises(errors.DocumentTooLarge):
        collection(node)
