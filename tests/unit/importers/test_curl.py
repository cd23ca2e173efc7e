"""cURL commands become operations, without the credentials in them."""

import base64
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
from toolmarket.importers.curl import MOST_BYTES, import_curl
from toolmarket.importers.schemas import Imported


def curl(text: str) -> Imported:
    return import_curl(text.encode())


@requirement("2.2.c/curl")
def test_the_sample_file_becomes_operations() -> None:
    result = import_curl(data("shop.curl.txt"))

    assert_sound(result)
    assert [entry.name for entry in result.manifest.operations] == [
        "get_customers_by_customer_id_invoices",
        "post_customers",
        "post_files",
        "user_card",
    ]
    assert result.manifest.egress.hosts == ["api.example.com"]
    assert result.auth_kinds == ["apiKey:cookie", "http:basic", "http:bearer"]
    assert_forgotten(result, "sk_live_0123456789abcdefghij", "correct-horse-4", "s3ss10n-0f-j0")


def test_ids_in_the_path_query_and_body_are_arguments_with_the_values_as_examples() -> None:
    result = curl(
        "curl 'https://api.example.com/v1/users/1234/posts/9f1c2b34-0000-4000-8000-0123456789ab"
        "?limit=10&tag=a&tag=b' "
        """--json '{"title": "Hi", "draft": true}'"""
    )
    entry = only(result)

    assert http(entry).path == "/v1/users/{user_id}/posts/{post_id}"
    assert properties(entry)["user_id"] == {"type": "integer", "examples": [1234]}
    assert properties(entry)["post_id"]["format"] == "uuid"
    assert properties(entry)["tag"]["type"] == "array"
    assert entry.examples[0].input["body"] == {"title": "Hi", "draft": True}
    assert http(entry).method == "POST"
    assert entry.input_schema["required"] == ["user_id", "post_id", "body"]


def test_two_commands_of_one_path_are_one_operation_and_tell_what_is_required() -> None:
    first = """curl https://a.example.com/items/100 --json '{"name":"x","size":1}'"""
    second = """curl https://a.example.com/items/200 --json '{"name":"y"}'"""

    entry = only(curl(f"{first}\n{second}"))

    assert properties(entry)["body"]["required"] == ["name"]
    assert properties(entry)["item_id"]["examples"] == [100, 200]


@pytest.mark.parametrize(
    ("command", "method", "content_type"),
    [
        ("curl a.example.com -d a=b", "POST", "application/x-www-form-urlencoded"),
        ("curl a.example.com -d '{\"a\": 1}'", "POST", "application/json"),
        ("curl -XPATCH a.example.com -H 'content-type: text/csv' --data-raw a,b", "PATCH", "text/csv"),
        ("curl a.example.com --data-binary @x.bin", "POST", "application/octet-stream"),
        ("curl a.example.com -T x.png", "PUT", "application/octet-stream"),
        ("curl a.example.com -F a=@x.png", "POST", "multipart/form-data"),
        ("curl -G a.example.com -d a=b", "GET", None),
        ("curl -I a.example.com", "HEAD", None),
        ("curl.exe a.example.com ^\r\n  -d ^\"a=b^\"", "POST", "application/x-www-form-urlencoded"),
        ("/usr/bin/curl --url=https://a.example.com", "GET", None),
    ],
)  # fmt: skip
def test_method_and_content_type_are_those_that_curl_would_send(
    command: str, method: str, content_type: str | None
) -> None:
    request = http(only(curl(command)))

    assert request.method == method
    assert (request.body.content_type if request.body else None) == content_type


@pytest.mark.parametrize(
    ("quoted", "value"),
    [
        (r"""'it'\''s'""", "it's"),
        (r'''"a \"b\" \$c"''', 'a "b" $c'),
        (r"""$'tab\tquote\'é\x41\u00e9'""", "tab\tquote'éAé"),
        ("a\\\n b".replace(" b", "b"), "ab"),
        (r"plain\ space", "plain space"),
    ],
)
def test_quotes_are_read_as_a_shell_does(quoted: str, value: str) -> None:
    entry = only(curl(f"curl -G https://a.example.com/x --data-urlencode q={quoted}"))

    assert entry.examples[0].input == {"q": value}


def test_files_and_texts_of_a_form() -> None:
    entry = only(curl("curl https://a.example.com/up -F 'pic=@a.png;type=image/png' -F 'title=My pic'"))
    body = http(entry).body

    assert body is not None
    assert body.encoding["pic"].binary
    assert body.encoding["pic"].content_type == "image/png"
    assert properties(entry)["body"]["properties"]["pic"]["contentEncoding"] == "base64"


@pytest.mark.parametrize(
    ("options", "scheme"),
    [
        ("-H 'Authorization: Bearer {}'", {"type": "http", "scheme": "bearer"}),
        ("--oauth2-bearer {}", {"type": "http", "scheme": "bearer"}),
        ("-u 'me:{}'", {"type": "http", "scheme": "basic"}),
        ("-H 'X-Api-Key: {}'", {"type": "apiKey", "location": "header", "parameter": "X-Api-Key"}),
        ("-H 'authorization: Token {}'", {"type": "apiKey", "parameter": "Authorization"}),
        ("-b 'sid={}'", {"type": "apiKey", "location": "cookie", "parameter": "sid"}),
        ("--url-query api_key={}", {"type": "apiKey", "location": "query", "parameter": "api_key"}),
    ],
)  # fmt: skip
def test_credentials_become_schemes(options: str, scheme: dict[str, Any]) -> None:
    secret = "q9Zsecret-Value-x7"
    result = curl(f"curl https://a.example.com/things {options.format(secret)}")
    (found,) = result.manifest.auth.schemes.values()

    assert found.model_dump(include=set(scheme)) == scheme
    assert http(only(result)).security == [{name: [] for name in result.manifest.auth.schemes}]
    assert_forgotten(result, secret)


@requirement("2.2.c/no-secret-is-kept")
@settings(max_examples=150, deadline=None)
@given(SECRETS, SECRETS, SECRETS)
def test_no_credential_is_kept_anywhere(key: str, password: str, token: str) -> None:
    basic = base64.b64encode(f"me:{password}".encode()).decode()
    result = curl(
        f"curl -u 'me:{password}' 'https://u:{token}@a.example.com/hooks/{key}/x?note={key}&api_key={key}' "
        f"-H 'X-Auth-Token: {token}' -H 'X-Note: about {key}' -b 'session={token}; other={key}' "
        f"""-d '{{"password": "{password}", "text": "it is {token}", "{key}": ["{password}"]}}'\n"""
        f"curl https://b.example.com/{token} -H 'Authorization: Basic {basic}' "
        f"-F 'secret={key}' -F 'a={password}'"
    )

    assert_sound(result)
    assert_forgotten(result, key, password, token, basic)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("curl 'https://a.example.com", 1, 6),
        ("curl https://a.example.com\ncurl -X", 2, 6),
        ("# nothing\ncurl -s", 2, 1),
        ("wget https://a.example.com", 1, 1),
        ("curl ftp://a.example.com/x", 1, 1),
        ("", 1, 1),
    ],
)
def test_a_broken_command_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(errors.DocumentBroken) as refused:
        curl(text)

    assert refused.value.extra == {"line": line, "column": column}


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(errors.DocumentTooLarge):
        curl("curl https://a.example.com -d " + "a" * MOST_BYTES)
    with pytest.raises(errors.DocumentTooLarge):
        curl("curl https://a.example.com\n" * 201)
    with pytest.raises(errors.DocumentTooLarge):
        curl("curl " + "a.example.com " * 201)
    with pytest.raises(errors.DocumentTooLarge):
        curl("curl a.example.com " + "-s " * 10_000)


def test_what_is_left_out_is_told() -> None:
    result = curl("curl -k --digest -u a:b https://a.example.com/x --frobnicate -d @file.json")
    told = " ".join(note.message for note in result.notes)

    for word in ("-k", "--digest", "frobnicate", "file"):
        assert word in told


def test_a_graphql_call_hides_its_document() -> None:
    body = '{"query": "query UserCard($id: ID!) { user(id: $id) { name } }", "variables": {"id": "42"}}'
    entry = operation(curl(f"curl https://a.example.com/graphql -d '{body}'"), "user_card")
    sent = http(entry).body

    assert properties(entry).keys() == {"id"}
    assert sent is not None
    assert sent.template is not None
    assert sent.template["variables"] == {"id": {"$argument": "id"}}
    assert entry.effects.read_only
