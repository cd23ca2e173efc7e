"""A served MCP endpoint over a core in memory, and clients of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2
import orjson
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.conformance.serving import served
from tests.mcp_core import MemoryCore, MemoryRan, open_gateway
from toolmarket.catalog import schemas as catalog
from toolmarket.runtime.gateway.mcp import McpGateway
from toolmarket.runtime.schemas import Outcome

VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"


def plain(name: str = "get_weather", **more: Any) -> catalog.Operation:
    return catalog.Operation(
        name=name,
        title="Weather of a place",
        description="Tells the weather.",
        input_schema={"type": "object", "properties": {"place": {"type": "string"}}},
        implementation=catalog.HttpImplementation(method="GET", server="https://api.test", path="/"),
        **more,
    )


def weather(*operations: catalog.Operation) -> catalog.Manifest:
    return catalog.Manifest(name="acme/weather", title="Weather", operations=list(operations or [plain()]))


def ran(body: bytes = b'{"degrees":21}', **more: Any) -> MemoryRan:
    facts = {"outcome": Outcome.ok, "content_type": "application/json", "status": 200, "problem": None}
    return MemoryRan(id=uuid4(), body=body, **{**facts, **more})


class McpWorld:
    """A served gateway and its core."""

    def __init__(self, gateway: McpGateway, core: MemoryCore, origin: str) -> None:
        self.gateway, self.core, self.origin = gateway, core, origin

    @asynccontextmanager
    async def client(
        self, mode: str = "auto", key: str = "test-key", path: str = "/mcp", **more: Any
    ) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False) as http:
            transport = streamable_http_client(self.origin + path, http_client=http)
            async with Client(transport, mode=mode, **more) as client:
                yield client

    async def post(
        self, message: Any, headers: dict[str, str] | None = None, path: str = "/mcp"
    ) -> httpx2.Response:
        base = {
            "Authorization": "Bearer test-key",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }
        all_headers = {name: value for name, value in {**base, **(headers or {})}.items() if value}
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
            content = message if isinstance(message, bytes) else orjson.dumps(message)
            return await http.post(self.origin + path, content=content, headers=all_headers)

    async def modern(self, method: str, params: dict[str, Any], **headers: str) -> httpx2.Response:
        meta = {VERSION: "2026-07-28", CAPABILITIES: {}}
        message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": {**params, "_meta": meta}}
        told = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
        if "name" in params:
            told["Mcp-Name"] = params["name"]
        return await self.post(message, {**told, **{k.replace("_", "-"): v for k, v in headers.items()}})

    async def open_session(self, key: str = "test-key") -> tuple[str, dict[str, str]]:
        params = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        }
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        answer = await self.post(message, {"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200, answer.text
        session_id = answer.headers["mcp-session-id"]
        headers = {"Mcp-Session-Id": session_id, "Authorization": f"Bearer {key}"}
        await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, headers)
        return session_id, headers


@asynccontextmanager
async def weather_world(**more: Any) -> AsyncIterator[McpWorld]:
    """An endpoint that offers the weather, which is answered from memory."""
    async with open_gateway(**more) as (gateway, core, _), served(gateway) as origin:
        core.offer(weather(), "acme_")
        core.answers["get_weather"] = ran()
        yield McpWorld(gateway, core, origin)
