"""Descriptions of every kind come in through the API and end in a call."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.people import People
from tests.requirements import requirement
from tests.upstream import Upstream
from tests.workshop import Workshop, workshop_of, workshops_of

SAMPLES = Path(__file__).parents[1] / "data" / "importers"
SECRET = "q9Zthe-token-in-the-command-x7"


@pytest.fixture(scope="module")
async def premises(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[People, Upstream]]:
    async with workshops_of(postgres_url, tmp_path_factory.mktemp("data")) as premises:
        yield premises


@pytest.fixture
async def workshop(premises: tuple[People, Upstream]) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        yield workshop


async def installed(workshop: Workshop, brought: dict[str, Any], **wish: Any) -> str:
    name = f"{workshop.slug}/brought"
    draft = await workshop.client.post("/v1/drafts", json={"import_id": brought["id"], "name": name})
    assert draft.status_code == 201, draft.text
    path = f"/v1/drafts/{draft.json()['id']}/publication"
    published = await workshop.client.post(path, json={"version": "1.0.0"})
    assert published.status_code == 201, published.text
    made = await workshop.client.post("/v1/installations", json={"tool": name, "alias": "brought", **wish})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def bring_in(workshop: Workshop, content: str, kind: str = "auto") -> dict[str, Any]:
    answer = await workshop.client.post("/v1/imports", json={"kind": kind, "content": content})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@requirement("2.2.c/curl")
async def test_a_curl_command_is_called_with_another_credential_than_its_own(workshop: Workshop) -> None:
    command = (
        f"curl '{workshop.upstream.origin}/echo/things/1234?deep=true' -H 'Authorization: Bearer {SECRET}'"
    )
    brought = await bring_in(workshop, command)
    connection = await workshop.connection(kind="bearer", secret={"token": "token-of-the-installation"})
    installation = await installed(workshop, brought, bindings={"bearer": connection})

    answer = await workshop.call(installation, "get_echo_things_by_thing_id", {"thing_id": 77, "deep": False})

    assert brought["kind"] == "curl"
    assert SECRET not in str(brought)
    assert answer.json()["outcome"] == "ok", answer.text
    seen = workshop.upstream.seen[-1]
    assert seen.path_qs == "/echo/things/77?deep=false"
    assert seen.headers["Authorization"] == "Bearer token-of-the-installation"


@requirement("2.2.c/graphql")
async def test_a_graphql_operation_sends_its_document_and_the_variables(workshop: Workshop) -> None:
    brought = await bring_in(workshop, (SAMPLES / "orchard.graphql").read_text())
    url = f"{workshop.upstream.origin}/echo"
    installation = await installed(workshop, brought, config={"server_url": url})

    answer = await workshop.call(installation, "tree", {"id": "7"})
    wrong = await workshop.call(installation, "tree", {"query": "{ secrets }", "id": "7"})

    assert brought["kind"] == "graphql"
    assert answer.json()["outcome"] == "ok", answer.text
    sent = orjson.loads(await workshop.upstream.seen[-1].read())
    assert sent["variables"] == {"id": "7"}
    assert sent["query"].startswith("query Tree($id: ID!) { tree(id: $id) {")
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("name", "kind"), [("garden.har", "har"), ("library.postman_collection.json", "postman")]
)
async def test_other_descriptions_become_drafts_without_problems(
    workshop: Workshop, name: str, kind: str
) -> None:
    brought = await bring_in(workshop, (SAMPLES / name).read_text())
    wish = {"import_id": brought["id"], "name": f"{workshop.slug}/{kind}"}

    draft = await workshop.client.post("/v1/drafts", json=wish)

    assert brought["kind"] == kind
    assert draft.status_code == 201, draft.text
    assert [found for found in draft.json()["problems"] if found["level"] == "error"] == []


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("auto", '{"a": 1}', "not-recognised"),
        ("curl", "curl 'https://a.example.com", "document-broken"),
        ("postman", '{"info": {}}', "description-unusable"),
        ("graphql", "type Query {", "document-broken"),
        ("har", '{"log": {"entries": []}}', "description-unusable"),
    ],
)
async def test_bad_input_is_a_named_problem(workshop: Workshop, kind: str, content: str, code: str) -> None:
    answer = await workshop.client.post("/v1/imports", json={"kind": kind, "content": content})

    assert answer.status_code == 422
    assert answer.json()["code"] == code
