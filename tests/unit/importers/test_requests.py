"""Parameters and bodies become arguments with their serialisation written out."""

from typing import Any

import pytest
from tests.requirements import requirement
from tests.unit.importers.documents_of import body_of, http, imported, only, swagger


def parameter(node: dict[str, Any], path: str = "/things") -> dict[str, Any]:
    """The manifest's parameter for one of OpenAPI 3."""
    result = imported({path: {"get": {"parameters": [node]}}}, openapi="3.2.0")
    (found,) = http(only(result)).parameters
    return found.model_dump(exclude_defaults=True, exclude={"argument", "name"})


@requirement("2.2.c/styles-have-their-defaults")
@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"in": "query"}, {"style": "form", "explode": True}),
        ({"in": "query", "explode": False}, {"style": "form"}),
        ({"in": "query", "style": "spaceDelimited"}, {"style": "spaceDelimited"}),
        ({"in": "query", "style": "deepObject", "explode": True}, {"style": "deepObject", "explode": True}),
        (
            {"in": "query", "allowReserved": True},
            {"style": "form", "explode": True, "allow_reserved": True},
        ),
        ({"in": "header"}, {}),
        ({"in": "cookie"}, {"style": "form", "explode": True}),
        ({"in": "cookie", "style": "cookie"}, {"style": "cookie", "explode": True}),
        ({"in": "query", "style": "matrix"}, {"style": "form", "explode": True}),
        (
            {"in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
            {"style": "form", "explode": True, "content_type": "application/json"},
        ),
        (
            {"in": "querystring", "content": {"text/plain": {"schema": {"type": "string"}}}},
            {"style": "form", "explode": True, "content_type": "text/plain"},
        ),
    ],
)
def test_styles_are_written_out(node: dict[str, Any], expected: dict[str, Any]) -> None:
    assert parameter({"name": "a", **node}) == {"location": node["in"], **expected}


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_path_styles_are_kept(style: str) -> None:
    found = parameter({"name": "a", "in": "path", "required": True, "style": style}, "/things/{a}")

    assert found == {"location": "path"} | ({"style": style} if style != "simple" else {})


@pytest.mark.parametrize(
    ("written", "style", "explode", "content_type"),
    [
        ("csv", "form", False, None),
        ("ssv", "spaceDelimited", False, None),
        ("pipes", "pipeDelimited", False, None),
        ("multi", "form", True, None),
        ("tsv", "form", False, "text/tab-separated-values"),
    ],
)
def test_collection_formats_become_styles(
    written: str, style: str, explode: bool, content_type: str | None
) -> None:
    node = {
        "name": "a",
        "in": "query",
        "type": "array",
        "items": {"type": "string"},
        "collectionFormat": written,
    }

    (found,) = http(only(swagger({"/a": {"get": {"parameters": [node]}}}))).parameters

    assert (found.style, found.explode, found.content_type) == (style, explode, content_type)


def test_arguments_have_readable_unique_names_and_keep_the_wire_name() -> None:
    nodes = [
        {"name": "filter[name]", "in": "query"},
        {"name": "$top", "in": "query"},
        {"name": "id", "in": "query"},
        {"name": "id", "in": "header"},
        {"name": "X-Trace-Id", "in": "header"},
        {"name": "body", "in": "query"},
    ]
    paths = {"/a": {"post": {"parameters": nodes, "requestBody": {"content": {"application/json": {}}}}}}

    operation = only(imported(paths))

    assert [(p.argument, p.name) for p in http(operation).parameters] == [
        ("filter_name", "filter[name]"), ("top", "$top"), ("id", "id"), ("id_header", "id"),
        ("X_Trace_Id", "X-Trace-Id"), ("body", "body"),
    ]  # fmt: skip
    body = http(operation).body
    assert body is not None
    assert body.argument == "request_body"


def test_what_is_no_argument_is_left_to_client_vault_or_tool() -> None:
    nodes = [
        {"name": "Accept", "in": "header"}, {"name": "content-type", "in": "header"},
        {"name": "Authorization", "in": "header", "required": True},
        {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string", "enum": ["2"]}},
        {"name": "q", "in": "query"},
    ]  # fmt: skip

    result = imported({"/a": {"get": {"parameters": nodes}}})

    operation = only(result)
    assert list(operation.input_schema["properties"]) == ["q"]
    assert operation.fixed_inputs == {"api_version": "2"}
    assert http(operation).security == [{"authorization_header": []}]
    assert result.manifest.auth.schemes["authorization_header"].parameter == "Authorization"
    assert result.auth_kinds == ["none"]


def test_a_parameter_that_carries_the_credential_is_no_argument() -> None:
    schemes = {"key": {"type": "apiKey", "in": "query", "name": "token"}}
    paths = {"/a": {"get": {"parameters": [{"name": "token", "in": "query"}]}}}

    result = imported(paths, components={"securitySchemes": schemes}, security=[{"key": []}])

    assert only(result).input_schema["properties"] == {}
    assert http(only(result)).security == [{"key": []}]


def test_parameters_of_the_path_are_shared_and_replaced() -> None:
    item = {
        "parameters": [
            {"name": "a", "in": "query", "description": "old"},
            {"$ref": "#/components/parameters/B"},
        ],
        "get": {"parameters": [{"name": "a", "in": "query", "description": "new"}]},
    }

    result = imported({"/x": item}, components={"parameters": {"B": {"name": "b", "in": "query"}}})

    properties = only(result).input_schema["properties"]
    assert set(properties) == {"a", "b"}
    assert properties["a"]["description"] == "new"


def test_a_place_in_the_path_without_a_parameter_is_asked_for() -> None:
    operation = only(
        imported({"/a/{petId}/b/{x}": {"get": {"parameters": [{"name": "petid", "in": "path"}]}}})
    )

    assert http(operation).path == "/a/{petid}/b/{x}"
    assert operation.input_schema["required"] == ["petid", "x"]


def test_the_query_in_a_path_is_sent_by_the_tool() -> None:
    node = {"name": "id", "in": "path", "required": True}
    operation = only(imported({"/a?action=run&item={id}#frag": {"get": {"parameters": [node]}}}))

    assert http(operation).path == "/a"
    assert operation.fixed_inputs == {"action": "run"}
    assert {(p.argument, p.name, p.location) for p in http(operation).parameters} == {
        ("item", "item", "query"),
        ("action", "action", "query"),
    }


@requirement("2.2.c/content-types-are-chosen")
@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["application/xml", "application/json"], "application/json"),
        (["multipart/form-data", "application/x-www-form-urlencoded"], "application/x-www-form-urlencoded"),
        (["application/octet-stream", "text/plain"], "text/plain"),
        (["application/json-patch+json", "application/json"], "application/json"),
        (["application/vnd.api+json; charset=utf-8"], "application/vnd.api+json; charset=utf-8"),
    ],
)
def test_the_best_content_type_is_chosen(offered: list[str], chosen: str) -> None:
    content = {kind: {"schema": {"type": "object"}} for kind in offered}

    body = http(only(imported({"/a": {"post": {"requestBody": {"content": content}}}}))).body

    assert body is not None
    assert body.content_type == chosen


def test_files_and_objects_in_a_multipart_body() -> None:
    schema = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "more": {"type": "array", "items": {"type": "string", "format": "binary"}},
            "meta": {"type": "object"},
            "name": {"type": "string"},
        },
    }
    encoding = {"file": {"contentType": "image/png", "headers": {"X-A": {"schema": {"default": "1"}}}}}

    operation = only(imported(body_of(schema, "multipart/form-data", encoding=encoding)))

    body = http(operation).body
    assert body is not None
    assert body.encoding["file"].binary
    assert body.encoding["file"].content_type == "image/png"
    assert body.encoding["file"].headers == {"X-A": "1"}
    assert body.encoding["more"].binary
    assert body.encoding["meta"].content_type == "application/json"
    assert not body.encoding["name"].binary
    assert operation.input_schema["properties"]["body"]["properties"]["file"]["contentEncoding"] == "base64"


def test_form_fields_have_their_style() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array"}, "b": {"type": "object"}, "c": {"type": "object"}},
    }
    encoding = {"c": {"style": "deepObject", "explode": True}}

    body = http(only(imported(body_of(schema, "application/x-www-form-urlencoded", encoding=encoding)))).body

    assert body is not None
    assert (body.encoding["a"].style, body.encoding["a"].explode) == ("form", True)
    assert (body.encoding["b"].style, body.encoding["b"].content_type) == (None, "application/json")
    assert body.encoding["c"].style == "deepObject"


@pytest.mark.parametrize("content_type", ["application/octet-stream", "image/png", "application/pdf"])
def test_a_binary_body_is_base64_in_the_arguments(content_type: str) -> None:
    operation = only(imported(body_of({"type": "string", "format": "binary"}, content_type)))

    body = http(operation).body
    assert body is not None
    assert body.binary
    assert operation.input_schema["properties"]["body"]["contentEncoding"] == "base64"


def test_swagger_forms_become_a_body() -> None:
    nodes = [
        {"name": "file", "in": "formData", "type": "file", "required": True},
        {
            "name": "tags",
            "in": "formData",
            "type": "array",
            "items": {"type": "string"},
            "collectionFormat": "multi",
        },
    ]

    operation = only(swagger({"/a": {"post": {"parameters": nodes}}}))

    body = http(operation).body
    assert body is not None
    assert body.content_type == "multipart/form-data"
    assert body.required
    assert body.encoding["file"].binary
    assert operation.input_schema["properties"]["body"]["required"] == ["file"]


def test_an_xml_body_is_text_and_told() -> None:
    result = imported(body_of({"type": "object"}, "application/xml"))

    assert only(result).input_schema["properties"]["body"]["type"] == "string"
    assert any("XML" in note.message for note in result.notes)
