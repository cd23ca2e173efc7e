"""Every MCP method, asked by every role, nobody, a page, and another organisation."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.people import ROLES, People
from tests.requirements import requirement
from tests.security.matrix import MCP_METHODS, MCP_VERB, Things
from tests.security.stage import echo, send_mcp, stage_of

from toolmarket.identity.permissions import ROLES as VERBS

ENDLESS = {"subscriptions/listen"}


@pytest.fixture(scope="module")
async def people(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[People, str]]:
    async with (
        echo() as (upstream, _),
        stage_of(postgres_url, tmp_path_factory.mktemp("mcp"), upstream=upstream) as people,
    ):
        yield people, upstream


async def ask(client: httpx.AsyncClient, method: str, params: dict[str, Any] | None = None) -> httpx.Response:
    """Send a message with the parameters of the matrix."""
    return await send_mcp(client, method, MCP_METHODS[method] if params is None else params)


@requirement("10.2.c/matrix-of-mcp-methods")
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_use_the_endpoint_exactly_if_it_may_call(people, role):
    world, _ = people
    client = world.client(await world.key(await world.person(role)))

    answers = {method: await ask(client, method) for method in MCP_METHODS.keys() - ENDLESS}

    statuses = {answer.status_code for answer in answers.values()}
    if MCP_VERB in VERBS[role]:
        assert not statuses & {401, 403, 500}
        assert "result" in answers["tools/list"].json()
    else:
        assert statuses == {403}


@pytest.mark.parametrize("method", sorted(MCP_METHODS))
async def test_nobody_and_no_page_may_ask(people, method):
    world, _ = people
    signed_in = await world.signed_in(await world.person("owner"))

    for client in (world.client(), signed_in, world.client("tm_nonsense")):
        answer = await ask(client, method)
        assert answer.status_code == 401
        assert "resource_metadata=" in answer.headers["www-authenticate"]


async def test_every_method_that_is_served_stands_in_the_matrix(people):
    world, _ = people
    handlers = world.app._doors._mcp.handlers

    assert set(handlers._modern) | set(handlers._legacy) == set(MCP_METHODS)


@requirement("10.2.b/mcp-across-organisations")
async def test_tools_of_another_organisation_are_neither_listed_nor_called(people):
    world, upstream = people
    owner, stranger = await world.person("owner"), await world.person("owner", slug="globex")
    mine, theirs = world.client(await world.key(owner)), world.client(await world.key(stranger))
    await Things(mine, "acme", upstream).installation()
    names = [tool["name"] for tool in (await ask(mine, "tools/list")).json()["result"]["tools"]]

    listed = (await ask(theirs, "tools/list")).json()["result"]["tools"]
    called = await ask(theirs, "tools/call", {"name": names[0], "arguments": {}})
    own = await ask(mine, "tools/call", {"name": names[0], "arguments": {}})

    assert listed == []
    assert "error" in called.json()
    assert own.json()["result"]["isError"] is False


async def test_a_key_that_may_only_read_calls_nothing(people):
    world, _ = people
    owner = await world.person("owner")
    narrow = world.client(await world.key(owner, verbs=["installations:read"]))

    assert (await ask(narrow, "tools/list")).status_code == 403
    assert (await ask(world.client(await world.key(owner)), "tools/list")).status_code == 200


async def test_no_answer_of_a_call_is_taken_for_a_page(people):
    world, upstream = people
    owner = await world.person("owner")
    client = world.client(await world.key(owner))
    made = await Things(client, "acme", upstream).installation()
    path = f"/v1/installations/{made['installation_id']}/operations/{made['name']}/runs"

    for answer in (await client.post(path, json={}), await ask(client, "tools/list")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
