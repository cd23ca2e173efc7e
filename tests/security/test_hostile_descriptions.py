"""Hostile descriptions of every kind are refused, quickly and with a code, or imported; nothing breaks."""

import json
import time
from collections.abc import AsyncIterator

import pytest
from tests.people import People
from tests.requirements import requirement
from tests.upstream import Upstream
from tests.workshop import Workshop, workshop_of, workshops_of

from toolmarket.builder.schemas import ImportCreate

KINDS = sorted({*ImportCreate.model_fields["kind"].annotation.__args__} - {"mcp"})
LONG = 100_000
MOST_SECONDS = 15
POSTMAN = {
    "info": {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/"},
    "item": [],
}
HAR = {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": []}}


def folder(levels: int) -> object:
    inner: object = {"name": "x", "request": {"method": "GET", "url": "https://x.example/a"}}
    for _ in range(levels):
        inner = {"name": "f", "item": [inner]}
    return inner


HOSTILE = {
    "empty": "",
    "space": " " * LONG,
    "nul": "\0",
    "brackets": "[" * LONG,
    "braces": '{"a":' * LONG,
    "curl quotes": "curl " + "'" * LONG,
    "curl nothing": "curl",
    "curl backslashes": "curl " + "\\\n" * LONG,
    "curl options": "curl " + "-H 'a: b' " * 30_000 + "https://x.example",
    "curl file": "curl -d @/etc/passwd https://x.example -K /etc/passwd --next",
    "curl nul": "curl 'https://x.example/\0' -H 'a\0: b'",
    "curl surrogate": "curl $'https://x.example/\\ud800'",
    "curl substitution": "curl https://x.example/$(id)`id`",
    "graphql braces": "type A " + "{" * LONG,
    "graphql list": "type Query { a: " + "[" * LONG + "Int" + "]" * LONG + " }",
    "graphql cycle": "type Query { a: Query b(x: I): Query } input I { i: I j: [I!]! }",
    "graphql doubling": "type Query { q(x: I0): Int } "
    + " ".join(f"input I{n} {{ a: I{n + 1} b: I{n + 1} }}" for n in range(40))
    + " input I40 { a: Int }",
    "graphql comment": "#" * LONG,
    "graphql string": 'type Query { """' + "a" * LONG,
    "postman deep": json.dumps({**POSTMAN, "item": [folder(150)]}),
    "postman odd": json.dumps(
        {**POSTMAN, "item": [1, None, {"request": []}, {"request": {"url": {"raw": 7}}}]}
    ),
    "postman wide": json.dumps({**POSTMAN, "item": [folder(1)] * 1_000}),
    "postman nul": json.dumps({**POSTMAN, "item": [{"name": "a\0b", "request": "https://x.example/\0"}]}),
    "har odd": json.dumps(
        {"log": {**HAR["log"], "entries": [1, {"request": None}, {"request": {"url": 7}}]}}
    ),
    "har nul": json.dumps(
        {"log": {**HAR["log"], "entries": [{"request": {"method": "GET", "url": "https://x.example/a\0b"}}]}}
    ),
    "openapi nul": json.dumps({"openapi": "3.1.0", "info": {"title": "a\0b", "version": "\0"}, "paths": {}}),
    "openapi surrogate": '{"openapi":"3.1.0","info":{"title":"\\ud800","version":"1"},"paths":{"/x":{}}}',
    "openapi numbers": '{"openapi":"3.1.0","info":{"title":"a","version":1e400},"paths":{"/":{"x":NaN}}}',
    "yaml aliases": "a: &a [x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(5_000)),
    "yaml tags": "!!python/object/apply:os.system ['id']",
}


@pytest.fixture(scope="module")
async def workshop(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Workshop]:
    async with workshops_of(postgres_url, tmp_path_factory.mktemp("data")) as premises:
        people: People = premises[0]
        upstream: Upstream = premises[1]
        async with workshop_of(people, upstream) as workshop:
            yield workshop


@requirement("2.2.c/hostile-descriptions")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_hostile_description_is_refused_or_imported_in_seconds(workshop: Workshop, kind: str) -> None:
    for name, content in HOSTILE.items():
        began = time.monotonic()
        answer = await workshop.client.post("/v1/imports", json={"kind": kind, "content": content})
        spent = time.monotonic() - began

        assert answer.status_code in {201, 400, 413, 422}, (
            f"{kind} {name}: {answer.status_code} {answer.text[:500]}"
        )
        assert answer.status_code == 201 or answer.json()["code"], name
        assert spent < MOST_SECONDS, f"{kind} {name}: {spent:.1f} s"
        if answer.status_code == 201:
            wish = {
                "import_id": answer.json()["id"],
                "name": f"{workshop.slug}/h{abs(hash((kind, name)))}"[:60],
            }
            made = await workshop.client.post("/v1/drafts", json=wish)
            assert made.status_code == 201, f"{kind} {name}: {made.text[:500]}"
