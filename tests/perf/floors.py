"""What we are compared with: bare servers of the usual parts, which do none of our job.

`python -m tests.perf.floors proxy|sdk PORT UPSTREAM`
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx2
import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response
from mcp.server.mcpserver import MCPServer


def proxy(upstream: str) -> Any:
    """A plain FastAPI route that passes a JSON body to one aiohttp session."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session:
            app.state.session = session
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/call/{speed}")
    async def call(request: Request, speed: str) -> Response:
        arguments = await request.json()
        session: aiohttp.ClientSession = request.app.state.session
        async with session.post(f"{upstream}/{speed}", json=arguments) as answer:
            return Response(await answer.read(), answer.status, media_type="application/json")

    return app


def sdk(upstream: str) -> Any:
    """The MCP SDK's own server with one tool a speed, calling with the client that the SDK brings."""
    server = MCPServer("floor", log_level="ERROR")
    client = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=512), timeout=30, trust_env=False)

    async def call(speed: str, q: str) -> str:
        answer = await client.post(f"{upstream}/{speed}", json={"q": q})
        return answer.text

    @server.tool()
    async def fast(q: str) -> str:
        """Look something up."""
        return await call("fast", q)

    @server.tool()
    async def slow(q: str) -> str:
        """Look something up, slowly."""
        return await call("slow", q)

    return server.streamable_http_app()


APPS = {"proxy": proxy, "sdk": sdk}


async def main(kind: str, port: int, upstream: str) -> None:
    """Serve with the same server, and the same calm collector, as the product."""
    app = APPS[kind](upstream)
    gc.freeze()
    config = uvicorn.Config(app, "127.0.0.1", port, access_log=False, log_level="error", backlog=2048)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
