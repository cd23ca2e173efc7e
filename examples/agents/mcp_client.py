"""List the tools of the caller and call one, with the official SDK of the Model Context Protocol.

    TOOLMARKET_KEY=tm_... python examples/agents/mcp_client.py [TOOL '{"limit": 1}']

Needs the package `mcp` (version 2), which the product's own environment has. TOOLMARKET_MCP_URL is the
address of the endpoint or of a toolset, http://127.0.0.1:8000/mcp by default.
"""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL = os.environ.get("TOOLMARKET_MCP_URL", "http://127.0.0.1:8000/mcp")


async def main(name: str = "", text: str = "{}") -> None:
    headers = {"Authorization": f"Bearer {os.environ['TOOLMARKET_KEY']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(URL, http_client=http)) as client,
    ):
        if not name:
            for tool in (await client.list_tools()).tools:
                print(f"{tool.name}: {tool.description}")
            return
        result = await client.call_tool(name, json.loads(text))
        print("failed:" if result.is_error else "done:", result.structured_content or result.content)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
