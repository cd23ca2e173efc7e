"""What our OpenAPI says is what the application does, for inputs that fit it and inputs that do not.

Schemathesis makes the requests from the description alone. Every answer must have a status, a content
type and a body that the description declares, and none may be a defect. Half of the requests are about
things that exist, so that they reach beyond the first "not found".
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.people import BASE_URL, People
from tests.requirements import requirement
from tests.upstream import Upstream
from tests.workshop import Workshop, workshop_of, workshops_of

from toolmarket.app.web import create_framework

ENDLESS = "/v1/events"
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def no_defect(_: Any, response: Any, case: Any) -> None:
    """A refusal of 502 or 503 is an answer, where it is declared; 500 never is."""
    assert response.status_code != httpx.codes.INTERNAL_SERVER_ERROR, case.as_curl_command()


CHECKS = [
    no_defect,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
Send = Callable[[httpx.Request], httpx.Response]


def described() -> dict[str, Any]:
    document = create_framework().openapi()
    del document["paths"][ENDLESS]
    return document


def operations() -> Iterator[Any]:
    """Every operation, those that destroy something last."""
    schema = schemathesis.openapi.from_dict(described())
    found = [result.ok() for result in schema.get_all_operations()]
    yield from sorted(found, key=lambda operation: operation.method.upper() == "DELETE")


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


async def known_things(workshop: Workshop) -> dict[str, str]:
    """Values of path parameters that lead to something."""
    installation = await workshop.installed()
    draft = await workshop.draft("second")
    brought = await workshop.imported()
    toolset = await workshop.client.post("/v1/toolsets", json={"name": "All", "slug": "all"})
    run = await workshop.call(installation["id"], "read_echo", {"q": "x"})
    member = await workshop.people.person("member", slug=workshop.slug)
    members = (await workshop.client.get("/v1/members")).json()["items"]
    return {
        "installation_id": installation["id"],
        "name": "read_echo",
        "draft_id": draft["id"],
        "import_id": brought["id"],
        "connection_id": await workshop.connection("another-secret"),
        "toolset_id": toolset.json()["id"],
        "run_id": run.json()["id"],
        "member_id": next(item["id"] for item in members if item["user_id"] == str(member.actor.user_id)),
        "namespace": workshop.slug,
        "slug": "echo",
        "version": "1.0.0",
    }


def sent(case: Any, known: dict[str, str]) -> httpx.Request:
    """The case as a request, about things that exist where some are given."""
    for name in set(case.path_parameters) & set(known):
        case.path_parameters[name] = known[name]
    prepared = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    headers = {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}
    body = prepared.body
    return httpx.Request(
        str(prepared.method),
        str(prepared.url),
        headers={
            name: value.encode("latin-1") if isinstance(value, str) else value
            for name, value in headers.items()
        },
        content=body.encode() if isinstance(body, str) else body,
    )


def fuzz(operation: Any, known: dict[str, str], send: Send, examples: int) -> None:
    for mode in MODES:

        @seed(7)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), existing=st.booleans())
        def attempt(case: Any, existing: bool) -> None:
            case.validate_response(send(sent(case, known if existing else {})), checks=CHECKS)

        # An operation without inputs takes nothing that would not fit.
        with contextlib.suppress(Unsatisfiable):
            attempt()


@requirement("1.a/described-answers")
@pytest.mark.parametrize(("role", "examples"), [("owner", 6), ("member", 3)])
async def test_every_answer_is_one_that_the_description_declares(
    workshop: Workshop, role: str, examples: int
) -> None:
    known = await known_things(workshop)
    person = workshop.owner if role == "owner" else await workshop.people.person(role, slug=workshop.slug)
    key = await workshop.people.key(person)
    transport = httpx.ASGITransport(app=workshop.people.app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport)
    loop = asyncio.get_running_loop()

    def send(request: httpx.Request) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {key}"
        return asyncio.run_coroutine_threadsafe(client.send(request), loop).result(30)

    failures: dict[str, str] = {}
    for operation in operations():
        try:
            await asyncio.to_thread(fuzz, operation, known, send, examples)
        except (FailureGroup, ExceptionGroup) as error:
            failures[operation.label] = str(error)
    await client.aclose()

    assert not failures, "\n\n".join(f"{label}\n{text}" for label, text in failures.items())
