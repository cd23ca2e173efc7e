"""The SDK's client against the whole product: what it calls is recorded, and changes reach it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


@asynccontextmanager
async def connected(url: str, **more: Any) -> AsyncIterator[tuple[Client, httpx2.AsyncClient]]:
    """The SDK's client of an address, and a plain client beside it."""
    async with (
        httpx2.AsyncClient(timeout=20, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), **more) as client,
    ):
        yield client, http


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_the_sdk_client_uses_the_product_in_every_mode(product: str, mode: str) -> None:
    async with connected(product, mode=mode) as (client, _):
        tools = await client.list_tools()
        called = await client.call_tool("test_simple_text", {})
        text = await client.read_resource("test://static-text")
        prompt = await client.get_prompt("test_simple_prompt")

    assert "test_simple_text" in {tool.name for tool in tools.tools}
    assert called.content[0].text == "This is a simple text response for testing."
    assert "toolmarket/run" in called.meta
    assert text.contents[0].text
    assert prompt.messages


async def test_a_call_over_mcp_is_recorded_with_its_client_and_session(product: str) -> None:
    origin = product.removesuffix("/mcp/suite")
    async with connected(product, mode="legacy") as (client, http):
        called = await client.call_tool("test_simple_text", {})
        run = (await http.get(f"{origin}/v1/runs/{called.meta['toolmarket/run']}")).json()

    assert run["channel"] == "mcp"
    assert run["outcome"] == "ok"
    assert run["client_name"] == "mcp"
    assert run["session_key"]


async def test_wrong_arguments_are_explained_to_the_model(product: str) -> None:
    async with connected(product) as (client, _):
        called = await client.call_tool("test_sampling", {"prompt": 7})

    assert called.is_error
    assert "/prompt" in called.content[0].text


async def test_installing_and_removing_reach_an_open_session(product: str) -> None:
    origin = product.removesuffix("/mcp/suite")
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(message: Any) -> None:
        heard.put_nowait(type(message).__name__)

    async with connected(f"{origin}/mcp", mode="legacy", message_handler=hear) as (client, http):
        before = await client.list_tools()
        wish = {"tool": "acme/suite", "alias": "second", "bindings": {}}
        made = (await http.post(f"{origin}/v1/installations", json=wish)).json()
        first = await asyncio.wait_for(heard.get(), 5)
        between = await client.list_tools()
        await http.delete(f"{origin}/v1/installations/{made['id']}")
        while await asyncio.wait_for(heard.get(), 5) != "ToolListChangedNotification":
            pass
        after = await client.list_tools()

    assert first.endswith("ListChangedNotification")
    assert len(between.tools) > len(before.tools)
    assert len(after.tools) == len(before.tools)


async def test_a_quarantine_empties_the_list_of_an_open_session(product: str) -> None:
    state = f"{product.removesuffix('/mcp/suite')}/v1/tools/acme/suite/versions/1.0.0/state"
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(message: Any) -> None:
        heard.put_nowait(type(message).__name__)

    async with connected(product, mode="legacy", message_handler=hear) as (client, http):
        await client.list_tools()
        await http.post(state, json={"state": "quarantined", "message": "It leaks"})
        first = await asyncio.wait_for(heard.get(), 5)
        empty = await client.list_tools()
        await http.post(state, json={"state": "published"})
        while await asyncio.wait_for(heard.get(), 5) != "ToolListChangedNotification":
            pass
        back = await client.list_tools()

    assert first.endswith("ListChangedNotification")
    assert empty.tools == []
    assert back.tools
