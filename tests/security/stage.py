"""The whole web application on a database of its own, for tests that ask many questions of it."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import structlog
from aiohttp import web
from tests.conftest import TEMPLATE, at_database
from tests.people import BASE_URL, People

from toolmarket.app.web import create_app
from toolmarket.composition.parts import open_parts
from toolmarket.kit import migrations
from toolmarket.kit.settings import KitSettings

LOG = "log.jsonl"
MODERN = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"


@contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Write the program's log to a file, as a running product writes it."""
    with (folder / LOG).open("w", encoding="utf-8") as file:
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(default=str),
            ],
            logger_factory=structlog.PrintLoggerFactory(file),
        )
        yield
        structlog.reset_defaults()


@asynccontextmanager
async def echo() -> AsyncIterator[tuple[str, list[str]]]:
    """A service that tells all that it was sent: its origin, and what it has seen."""
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        told = {"headers": dict(request.headers), "url": request.raw_path, "query": dict(request.query)}
        seen.append(json.dumps(told))
        status = 500 if request.query.get("fail") else 200
        return web.json_response({"orders": [], "seen": told}, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    await runner.cleanup()


@asynccontextmanager
async def stage_of(postgres_url: str, folder: Path, *, upstream: str) -> AsyncIterator[People]:
    """People before the whole application, which may reach `upstream` besides public hosts."""
    name, admin = f"stage_{secrets.token_hex(8)}", at_database(postgres_url, "postgres")
    migrations.create_database(admin, name, template=TEMPLATE)
    settings = KitSettings(data_dir=folder, public_url=BASE_URL)
    with logged(folder):
        async with open_parts(settings, at_database(postgres_url, name)) as parts:
            parts.egress.policy.open(upstream)
            app = create_app(parts)
            yield People(parts.database, app, parts)
            await app.close()
    migrations.drop_database(admin, name)


async def send_mcp(client: httpx.AsyncClient, method: str, params: dict[str, Any]) -> httpx.Response:
    """Send one message on the modern wire."""
    meta = {PREFIX + "protocolVersion": MODERN, PREFIX + "clientCapabilities": {}}
    headers = {
        "Accept": "application/json, text/event-stream",
        "Mcp-Protocol-Version": MODERN,
        "Mcp-Method": method,
    }
    name = params.get("name") or params.get("uri")
    if name:
        headers["Mcp-Name"] = name
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    return await client.post("/mcp", json=message, headers=headers)
