"""The demo's own process: serves the upstream, and seeds the content once."""

import asyncio
import sys

import structlog
import uvicorn
from fastapi import FastAPI

from toolmarket.composition.parts import Parts, open_parts
from toolmarket.demo import acme, content, mimicry, removal, seeding, service, state
from toolmarket.demo.tools import described
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.supervision import heartbeat

log = structlog.get_logger("demo")


def create_upstream() -> FastAPI:
    """Acme, and what answers in place of real services."""
    app = acme.create_acme()
    for organisation in content.ORGANISATIONS:
        for tool in organisation.tools:
            if tool.document != "acme":
                mimicry.add_service(app, tool.slug, described(tool))
    return app


async def serve(settings: KitSettings, database_url: str) -> None:
    """Serve the upstream until a signal asks to stop; seed beside it."""
    port = state.upstream_port(settings.data_dir)
    config = uvicorn.Config(
        create_upstream(), host="127.0.0.1", port=port, access_log=False, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    tasks = [
        asyncio.create_task(heartbeat()),
        asyncio.create_task(_seed_once(settings, database_url)),
    ]
    try:
        await server.serve()
    finally:
        for task in tasks:
            task.cancel()


async def _seed_once(settings: KitSettings, database_url: str) -> None:
    try:
        async with open_parts(settings, database_url) as parts:
            await _seed(parts)
    except Exception:
        log.exception("demo not complete; it is made anew at the next start")


async def _seed(parts: Parts) -> None:
    settings = parts.settings
    known = state.read(settings.data_dir)
    upstream = f"http://127.0.0.1:{state.upstream_port(settings.data_dir)}"
    if known is None or not await removal.is_there(parts.database):
        await removal.remove(parts.database)
        known = await seeding.seed(parts, upstream)
    known |= {"base_url": settings.base_url, "mcp_url": f"{settings.base_url}/mcp"}
    state.write(settings.data_dir, known)
    sys.stdout.write(service.greeting(known) + "\n")
    sys.stdout.flush()
