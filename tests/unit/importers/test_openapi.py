"""Whole documents: servers, credentials, operations, answers, and the report."""

from typing import Any

import pytest
from tests.requirements import requirement
from tests.unit.importers.documents_of import http, imported, only, swagger

from toolmarket.importers.openapi import import_openapi

GET = {"/a": {"get": {}}}


@requirement("2.2.c/servers-and-egress")
@pytest.mark.parametrize(
    ("server", "url", "hosts", "required"),
    [
        ({"url": "https://api.example.com/v1/"}, "https://api.example.com/v1", ["api.example.com"], []),
        ({"url": "api.example.com/v1"}, "https://api.example.com/v1", ["api.example.com"], []),
        ({"url": "//api.example.com:8443"}, "https://api.example.com:8443", ["api.example.com:8443"], []),
        ({"url": "/v1"}, "{server_url}/v1", ["{server_url}"], ["server_url"]),
        ({"url": "{{host}}"}, "{server_url}", ["{server_url}"], ["server_url"]),
        (
            {"url": "https://{team}.example.com", "variables": {"team": {"default": "demo"}}},
            "https://{team}.example.com",
            ["*.example.com"],
            [],
        ),
        (
            {"url": "https://{r}.example.com", "variables": {"r": {"enum": ["eu", "us"], "default": "eu"}}},
            "https://{r}.example.com",
            ["eu.example.com", "us.example.com"],
            [],
        ),
        ({"url": "https://{host}/v1"}, "https://{host}/v1", ["{host}"], ["host"]),
        ({"url": "https://example.{tld}"}, "{server_url}", ["{server_url}"], ["server_url"]),
    ],
)
def test_servers_become_templates_with_their_hosts(
    server: dict[str, Any], url: str, hosts: list[str], required: list[str]
) -> None:
    result = imported(GET, servers=[server])

    assert http(only(result)).server == url
    assert result.manifest.egress.hosts == hosts
    assert result.manifest.config_schema.get("required", []) == required


def test_servers_of_path_and_operation_replace_the_documents() -> None:
    paths = {
        "/a": {
            "servers": [{"url": "https://a.example.com"}],
            "get": {},
            "post": {"servers": [{"url": "https://b.example.com"}]},
        },
        "/c": {"get": {}},
    }

    result = imported(paths)

    assert [http(operation).server for operation in result.manifest.operations] == [
        "https://a.example.com",
        "https://b.example.com",
        "https://api.example.com",
    ]
    assert result.manifest.egress.hosts == ["a.example.com", "b.example.com", "api.example.com"]


def test_a_relative_server_belongs_to_the_address_the_document_came_from() -> None:
    content = b'{"openapi": "3.0.0", "servers": [{"url": "../v2"}], "paths": {"/a": {"get": {}}}}'

    result = import_openapi(content, source_url="https://docs.example.com/specs/api.json")

    assert http(only(result)).server == "https://docs.example.com/v2"


@pytest.mark.parametrize(
    ("members", "url"),
    [
        ({"basePath": "/v1/"}, "https://api.example.com/v1"),
        ({"schemes": ["http"]}, "http://api.example.com"),
        ({"schemes": ["http", "https", "wss"]}, "https://api.example.com"),
        ({"host": "", "basePath": "/v1"}, "{server_url}/v1"),
    ],
)
def test_swagger_hosts_become_servers(members: dict[str, Any], url: str) -> None:
    assert http(only(swagger(GET, **members))).server == url


@requirement("2.2.c/credentials-detected")
def test_security_schemes_are_carried_over() -> None:
    flows = {
        "authorizationCode": {
            "authorizationUrl": "https://x.example/a",
            "tokenUrl": "https://x.example/t",
            "scopes": {"r": "read"},
        }
    }
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "basic": {"type": "http", "scheme": "Basic"},
        "oauth": {
            "type": "oauth2",
            "flows": flows | {"deviceAuthorization": {"deviceAuthorizationUrl": "https://x.example/d"}},
        },
        "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://x.example"},
        "tls": {"type": "mutualTLS"},
        "odd": {"type": "apiKey", "in": "body", "name": "k"},
    }
    security = [{"key": [], "basic": []}, {"oauth": ["r"]}, {"nobody": []}, {}]

    result = imported(GET, components={"securitySchemes": schemes}, security=security, openapi="3.2.0")

    assert result.auth_kinds == [
        "apiKey:body", "apiKey:header", "http:basic", "mutualTLS", "oauth2:authorizationCode",
        "oauth2:deviceAuthorization", "openIdConnect",
    ]  # fmt: skip
    assert set(result.manifest.auth.schemes) == {"key", "basic", "oauth", "oidc", "tls"}
    assert result.manifest.auth.schemes["oauth"].flows["authorizationCode"].scopes == {"r": "read"}
    assert http(only(result)).security == [{"key": [], "basic": []}, {"oauth": ["r"]}, {}]
    assert any("nobody" in note.message for note in result.notes)


def test_an_operation_replaces_the_documents_security() -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    paths = {"/a": {"get": {"security": []}}, "/b": {"get": {}}}

    result = swagger(paths, securityDefinitions=schemes, security=[{"key": []}])

    assert [http(operation).security for operation in result.manifest.operations] == [[], [{"key": []}]]


def test_credentials_that_are_used_nowhere_may_be_used_everywhere() -> None:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}

    result = swagger(GET, securityDefinitions=schemes, security=[])

    assert http(only(result)).security == [{"key": []}, {}]


def test_swagger_flows_have_their_new_names() -> None:
    schemes = {
        "a": {
            "type": "oauth2",
            "flow": "accessCode",
            "authorizationUrl": "https://x.example/a",
            "tokenUrl": "https://x.example/t",
        },
        "b": {"type": "oauth2", "flow": "application"},
        "c": {"type": "basic"},
    }

    assert swagger(GET, securityDefinitions=schemes).auth_kinds == [
        "http:basic", "oauth2:authorizationCode", "oauth2:clientCredentials",
    ]  # fmt: skip


@requirement("2.2.c/operations-of-3-2")
def test_every_method_is_an_operation_and_webhooks_are_not() -> None:
    item = {
        "get": {},
        "query": {},
        "trace": {},
        "additionalOperations": {"COPY": {}, "bad method": {}},
        "x-y": {},
    }

    new = imported({"/a": item}, openapi="3.2.0", webhooks={"w": {"post": {}}})
    old = imported({"/a": item}, openapi="3.1.0")

    assert [http(operation).method for operation in new.manifest.operations] == [
        "GET",
        "QUERY",
        "TRACE",
        "COPY",
    ]
    assert [http(operation).method for operation in old.manifest.operations] == ["GET", "TRACE"]
    assert any("1 webhooks" in note.message for note in new.notes)


def test_a_path_item_by_reference_is_imported_and_counted_apart() -> None:
    paths = {
        "/a": {"get": {"operationId": "readA"}},
        "/b": {"$ref": "#/paths/~1a"},
        "/c": {"$ref": "#/paths/~1d"},
        "/d": {"$ref": "#/paths/~1c"},
        "/e": {"$ref": "https://example.com/e.json"},
    }

    result = imported(paths)

    assert [http(operation).path for operation in result.manifest.operations] == ["/a", "/b"]
    assert result.defined_operations == 1
    assert len([note for note in result.notes if "is left out" in note.message]) == 3


def test_answers_give_shape_and_content_type() -> None:
    responses = {
        "404": {"content": {"application/json": {"schema": {"type": "null"}}}},
        "201": {
            "content": {
                "text/csv": {},
                "application/vnd.x+json": {"schema": {"$ref": "#/components/schemas/A"}},
            }
        },
    }
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "secret": {"type": "string", "writeOnly": True}},
    }

    operation = only(
        imported({"/a": {"post": {"responses": responses}}}, components={"schemas": {"A": schema}})
    )

    assert operation.output_schema == {"type": "object", "properties": {"a": {"type": "string"}}}
    assert http(operation).accept == "application/vnd.x+json"


def test_a_binary_answer_is_asked_for_as_what_it_is() -> None:
    responses = {"200": {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}

    operation = only(imported({"/a": {"get": {"responses": responses}}}))

    assert (http(operation).accept, operation.output_schema) == ("application/pdf", None)


def test_cursors_are_followed_where_both_sides_show_them() -> None:
    schema = {
        "type": "object",
        "properties": {
            "items": {"type": "array"},
            "meta": {"type": "object", "properties": {"next_cursor": {"type": "string"}}},
        },
    }
    responses = {"200": {"content": {"application/json": {"schema": schema}}}}
    node = {"name": "page[cursor]", "in": "query"}
    plain = {"/a": {"get": {"parameters": [{"name": "cursor", "in": "query"}], "responses": responses}}}

    found = http(only(imported(plain))).pagination

    assert found is not None
    assert (found.kind, found.items, found.next, found.parameter) == (
        "cursor",
        "/items",
        "/meta/next_cursor",
        "cursor",
    )
    assert http(only(imported({"/a": {"get": {"parameters": [node]}}}))).pagination is None


def test_link_headers_are_followed() -> None:
    responses = {
        "200": {"headers": {"Link": {}}, "content": {"application/json": {"schema": {"type": "array"}}}}
    }

    found = http(only(imported({"/a": {"get": {"responses": responses}}}))).pagination

    assert found is not None
    assert found.kind == "link"


@pytest.mark.parametrize(("value", "count"), [(5, 1), ("x", 0)])
def test_examples_are_kept_where_they_fit(value: object, count: int) -> None:
    nodes = [
        {"name": "a", "in": "query", "required": True, "schema": {"type": "integer"}, "example": value},
        {"name": "b", "in": "query", "required": True, "schema": {"type": "string", "default": "d"}},
    ]

    operation = only(imported({"/a": {"get": {"parameters": nodes}}}))

    assert [example.input for example in operation.examples] == [{"a": 5, "b": "d"}] * count


def test_an_operation_tells_people_and_models_what_it_is() -> None:
    node = {
        "summary": "List pets",
        "description": "<b>All</b> of them.",
        "tags": ["pets", 5],
        "deprecated": True,
    }

    operation = only(imported({"/pets": {"get": node}}))

    assert (operation.name, operation.title, operation.tags, operation.deprecated) == (
        "get_pets",
        "List pets",
        ["pets"],
        True,
    )
    assert operation.description == "List pets.\n\nAll of them."


def test_an_operation_without_words_tells_its_route_and_answer() -> None:
    node = {"responses": {"200": {"description": "All pets of the shop."}}}

    operation = only(imported({"/pets": {"get": node}}))

    assert operation.description == "Get pets (GET /pets). Returns: All pets of the shop."


def test_a_creation_names_the_operation_that_undoes_it() -> None:
    paths = {"/pets": {"post": {}}, "/pets/{id}": {"delete": {"operationId": "dropPet"}, "post": {}}}

    made, dropped, other = imported(paths).manifest.operations

    assert made.effects.reversible_by == "drop_pet"
    assert (dropped.effects.reversible_by, other.effects.reversible_by) == (None, None)


@requirement("2.2.c/report-of-what-is-left-out")
def test_the_report_is_concise() -> None:
    node = {"callbacks": {"c": {}}, "responses": {"200": {"links": {"l": {}}}}}

    result = imported({f"/a{number}": {"get": node} for number in range(50)})

    messages = [note.message for note in result.notes]
    assert len(messages) < 15
    assert "45 more like: callbacks" in messages
    assert result.notes[0].operation == "get_a0"


def test_a_document_with_too_many_operations_is_cut_with_a_warning() -> None:
    result = imported({f"/a{number}": {"get": {}} for number in range(2_001)})

    assert len(result.manifest.operations) == 2_000
    assert result.defined_operations == 2_001
    assert any(note.level == "warning" and "2,000" in note.message for note in result.notes)


WRONG: list[Any] = [
    None,
    [],
    {},
    "",
    5,
    True,
    [None],
    {"": None},
    {"$ref": 5},
    {"$ref": "#"},
    {"$ref": "#/paths"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize(
    "member",
    ["paths", "servers", "security", "components", "info", "tags", "item", "operation", "parameters",
     "parameter", "requestBody", "content", "schema", "properties", "responses", "response"],
)  # fmt: skip
def test_nothing_of_a_wrong_type_ends_the_import(member: str, wrong: Any) -> None:
    schema = (
        wrong
        if member == "schema"
        else {"properties": wrong if member == "properties" else {}, "type": wrong}
    )
    media = {"application/json": {"schema": schema}}
    node: dict[str, Any] = {
        "parameters": [wrong]
        if member == "parameter"
        else [{"name": "a", "in": "query", "schema": schema, "style": wrong}],
        "requestBody": {"content": media},
        "responses": {"200": wrong if member == "response" else {"content": media}},
        "operationId": wrong,
    }
    if member in {"parameters", "requestBody", "responses"}:
        node[member] = wrong
    if member == "content":
        node["requestBody"] = {"content": wrong}
    paths = {"/a": wrong if member == "item" else {"post": wrong if member == "operation" else node}}
    members = (
        {member: wrong} if member in {"paths", "servers", "security", "components", "info", "tags"} else {}
    )

    result = imported(**{"paths": paths, **members})

    assert result.source_version == "3.0.3"
