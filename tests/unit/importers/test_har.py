"""Recorded traffic becomes a manifest, without the credentials in it."""

import base64
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
from toolmarket.importers.har import MOST_SAMPLES, import_har
from toolmarket.importers.schemas import Imported


def garden() -> Imported:
    return import_har(data("garden.har"))


def sample(
    url: str, body: Any = None, answer: Any = None, method: str = "GET", **request: Any
) -> dict[str, Any]:
    sent = {"method": method, "url": url, **request}
    return {
        "request": sent | ({"body": body} if body is not None else {}),
        "response": {"status": 200, "body": answer},
    }


def samples(*entries: dict[str, Any]) -> Imported:
    return import_har(json.dumps(entries).encode())


@requirement("2.2.c/har")
def test_the_sample_file_becomes_operations() -> None:
    result = garden()

    assert_sound(result)
    assert {entry.name: http(entry).path for entry in result.manifest.operations} == {
        "get_plants_by_plant_id": "/v1/plants/{plant_id}",
        "get_kinds_by_kind_id": "/v1/kinds/{kind_id}",
        "get_beds": "/v1/beds",
        "get_tools": "/v1/tools",
        "post_plants": "/v1/plants",
        "post_sessions": "/v1/sessions",
        "beds": "/graphql",
        "water": "/graphql",
    }
    assert result.manifest.egress.hosts == ["api.garden.example.com"]
    assert result.auth_kinds == ["apiKey:cookie", "http:bearer"]


def test_no_credential_of_the_sample_is_kept() -> None:
    assert_forgotten(
        garden(),
        "c00kie-Secret-11",
        "b3arer-Secret-22",
        "answ3r-Secret-33",
        "t0ken-Secret-44",
        "pa55-Secret-55",
    )


def test_support_tells_what_is_optional_and_what_an_enum_is() -> None:
    result = garden()
    schema = operation(result, "get_plants_by_plant_id").output_schema
    created = properties(operation(result, "post_plants"))["body"]

    assert schema is not None
    assert schema["required"] == ["id", "name", "state", "planted_at"]
    assert schema["properties"]["state"]["enum"] == ["bloom", "seed", "sprout"]
    assert schema["properties"]["planted_at"]["format"] == "date-time"
    assert "enum" not in schema["properties"]["name"]
    assert created["required"] == ["name"]
    assert set(created["properties"]) == {"name", "bed", "tags"}


def test_pages_pictures_trackers_and_preflights_are_left_out_and_told() -> None:
    told = {note.message for note in garden().notes}

    assert "Left out: 3 pages, pictures, scripts and styles." in told
    assert "Left out: 1 calls of analytics services." in told
    assert "Left out: 1 preflight requests of browsers." in told


def test_a_graphql_call_is_an_operation_of_its_own() -> None:
    result = garden()
    beds, water = operation(result, "beds"), operation(result, "water")

    assert properties(beds)["size"]["type"] == "integer"
    assert beds.effects.read_only
    assert not water.effects.read_only
    assert water.input_schema["required"] == ["id"]


def test_words_that_are_different_routes_are_not_joined() -> None:
    result = samples(
        *(
            sample(f"https://a.example.com/v1/{name}", answer={name: 1, "b": 2})
            for name in ("x", "y", "z", "w")
        )
    )

    assert len(result.manifest.operations) == 4


def test_samples_as_objects_and_lists_are_read_alike() -> None:
    first = sample(
        "https://a.example.com/x", method="POST", body={"a": 1}, headers={"X-Api-Key": "q9Zkey-of-a-x7"}
    )
    second = sample(
        "https://a.example.com/x", method="POST", body={"a": 2}, headers=[{"name": "X-Api-Key", "value": "u"}]
    )

    result = samples(first, second)

    assert properties(only(result))["body"]["required"] == ["a"]
    assert http(only(result)).security == [{"x_api_key": []}]
    assert_forgotten(result, "q9Zkey-of-a-x7")


def test_bodies_of_forms_and_packed_answers() -> None:
    text = (
        '--b1\r\nContent-Disposition: form-data; name="title"\r\n\r\nMine\r\n'
        '--b1\r\nContent-Disposition: form-data; name="pic"; filename="a.png"\r\nContent-Type: image/png\r\n'
        "\r\nx\r\n--b1--"
    )
    answer = base64.b64encode(b'{"id": 1}').decode()
    entry = {
        "request": {"method": "POST", "url": "https://a.example.com/up", "headers": [],
                    "postData": {"mimeType": "multipart/form-data; boundary=b1", "text": text}},
        "response": {"status": 200, "content": {"mimeType": "application/json", "encoding": "base64",
                                                "text": answer}},
    }  # fmt: skip
    made = only(import_har(json.dumps({"log": {"entries": [entry]}}).encode()))
    body = http(made).body

    assert set(properties(made)["body"]["properties"]) == {"title", "pic"}
    assert body is not None
    assert body.encoding["pic"].binary
    assert body.content_type == "multipart/form-data"
    assert made.output_schema is not None
    assert set(made.output_schema["properties"]) == {"id"}


def test_a_credential_that_not_every_call_carries_is_optional() -> None:
    result = samples(
        sample("https://a.example.com/x", headers={"Authorization": "Bearer q9Ztoken-x7"}),
        sample("https://a.example.com/x"),
    )

    assert http(only(result)).security == [{"bearer": []}, {}]


@requirement("2.2.c/no-secret-is-kept")
@settings(max_examples=100, deadline=None)
@given(SECRETS, SECRETS, SECRETS)
def test_no_credential_is_kept_anywhere(key: str, password: str, token: str) -> None:
    result = samples(
        sample(
            f"https://me:{password}@a.example.com/t/{token}?access_token={token}&note={key}",
            method="POST", body={"client_secret": password, "text": f"x {token}", key: 1},
            headers={"X-Api-Key": key, "Cookie": f"sid={token}; a={key}"},
            answer={"refresh_token": password, "items": [{"name": key}]},
        ),
        *(sample(f"https://a.example.com/u/{password}", answer={"state": key}) for _ in range(25)),
    )  # fmt: skip

    assert_sound(result)
    assert_forgotten(result, key, password, token)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"log": {"entries": [', errors.DocumentBroken),
        (b'[{"request": ]', errors.DocumentBroken),
        (b'{"log": {"entries": {}}}', errors.DescriptionUnusable),
        (b'{"log": {"entries": []}}', errors.DescriptionUnusable),
        (b'{"a": 1}', errors.DescriptionUnusable),
        (b'[1, {"request": {"method": "GET", "url": "file:///etc/passwd"}}, {"request": []}]',
         errors.DescriptionUnusable),
        (b"[" + b"{}," * MOST_SAMPLES + b"{}]", errors.DocumentTooLarge),
        (b"[" * 200 + b"]" * 200, errors.DocumentTooLarge),
    ],
)  # fmt: skip
def test_bad_files_are_refused(content: bytes, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        import_har(content)


def test_the_place_of_a_mistake_in_a_list_is_the_files_own() -> None:
    with pytest.raises(errors.DocumentBroken) as refused:
        import_har(b'[{"a": ?}]')

    assert refused.value.extra == {"line": 1, "column": 8}
