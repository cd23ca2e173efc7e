"""An MCP server that wants a credential is imported, installed and called with it."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from tests.conformance.serving import served
from tests.people import People
from tests.requirements import requirement
from tests.upstream import Upstream
from tests.workshop import Workshop, workshop_of, workshops_of

TOKEN = "the-token-of-the-mcp-server"


class Guarded:
    """An MCP server behind a bearer token."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and Request(scope).headers.get("authorization") != f"Bearer {TOKEN}":
            await Response(status_code=401)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def shouting_server() -> MCPServer:
    server = MCPServer("Shouter")

    @server.tool()
    def shout(text: str) -> str:
        """Say it loudly."""
        return text.upper()

    return server


@pytest.fixture(scope="module")
async def origin() -> AsyncIterator[str]:
    """Where the guarded server listens; it lives in a task of its own, as its task groups want it."""
    app, told, done = shouting_server().streamable_http_app(), asyncio.Queue[str](), asyncio.Event()

    async def live() -> None:
        async with app.router.lifespan_context(app), served(Guarded(app)) as origin:
            await told.put(origin)
            await done.wait()

    task = asyncio.create_task(live())
    yield await told.get()
    done.set()
    await task


@pytest.fixture(scope="module")
async def premises(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[People, Upstream]]:
    async with workshops_of(postgres_url, tmp_path_factory.mktemp("data")) as premises:
        yield premises


@pytest.fixture
async def workshop(premises: tuple[People, Upstream], origin: str) -> AsyncIterator[Workshop]:
    async with workshop_of(*premises) as workshop:
        workshop.people.parts.egress.policy.open(origin)
        yield workshop


@requirement("2.2.c/mcp-server-with-a-credential")
async def test_a_guarded_mcp_server_becomes_a_tool_that_is_called(workshop: Workshop, origin: str) -> None:
    url, host = f"{origin}/mcp", origin.removeprefix("http://")
    refused = await workshop.client.post("/v1/imports", json={"kind": "mcp", "url": url})
    secret = {"kind": "bearer", "secret": {"token": TOKEN}, "hosts": [host]}
    made = await workshop.client.post("/v1/connections", json={"name": "shouter", **secret})
    connection = made.json()["id"]

    brought = await workshop.client.post(
        "/v1/imports", json={"kind": "mcp", "url": url, "connection_id": connection}
    )
    assert brought.status_code == 201, brought.text
    name = f"{workshop.slug}/shouter"
    draft = await workshop.client.post("/v1/drafts", json={"import_id": brought.json()["id"], "name": name})
    published = await workshop.client.post(
        f"/v1/drafts/{draft.json()['id']}/publication", json={"version": "1.0.0"}
    )
    assert published.status_code == 201, published.text
    bindings = dict.fromkeys(brought.json()["auth_schemes"], connection)
    installed = await workshop.client.post(
        "/v1/installations", json={"tool": name, "alias": "shouter", "bindings": bindings}
    )
    assert installed.status_code == 201, installed.text
    ended = await workshop.call(installed.json()["id"], "shout", {"text": "hear me"})

    assert refused.status_code == 502
    assert "credential" in refused.json()["detail"]
    assert ended.json()["outcome"] == "ok"
    assert "HEAR ME" in str(ended.json()["value"])
    assert TOKEN not in (await workshop.client.get(f"/v1/runs/{ended.json()['id']}")).text


async def test_a_credential_is_not_sent_to_another_server(workshop: Workshop, origin: str) -> None:
    connection = await workshop.connection("key-for-another-host", hosts=["api.elsewhere.example"])

    answer = await workshop.client.post(
        "/v1/imports", json={"kind": "mcp", "url": f"{origin}/mcp", "connection_id": connection}
    )

    assert answer.status_code == 409
    assert answer.json()["pointer"] == "/connection_id"


@requirement("10.2.a/agents-find-what-is-installed")
async def test_an_agent_finds_and_calls_it_through_our_own_endpoint(workshop: Workshop) -> None:
    await workshop.installed("echo")
    key = await workshop.people.key(workshop.owner)
    async with served(workshop.people.app) as ours:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers, trust_env=False) as http,
            Client(streamable_http_client(f"{ours}/mcp", http_client=http)) as client,
        ):
            listed = await client.list_tools()
            answer = await client.call_tool("echo_read_echo", {"q": "over MCP"})

    assert "echo_read_echo" in {tool.name for tool in listed.tools}
    assert not answer.is_error
    runs = (await workshop.client.get("/v1/runs", params={"channel": "mcp"})).json()["items"]
    assert [run["mcp_name"] for run in runs] == ["echo_read_echo"]
