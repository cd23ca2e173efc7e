"""The web process: the call doors ahead of the framework, the routes behind the doorkeeper."""

from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from toolmarket import __version__
from toolmarket.admin.router import router as admin_router
from toolmarket.app import answers, health, pages
from toolmarket.app.doors import CallDoors
from toolmarket.app.strict import StrictText
from toolmarket.audit.router import router as audit_router
from toolmarket.billing.router import router as billing_router
from toolmarket.builder.router import router as builder_router
from toolmarket.catalog.schemas import Manifest
from toolmarket.composition.parts import Parts
from toolmarket.events.router import router as events_router
from toolmarket.identity import service as identity
from toolmarket.identity.router import router as identity_router
from toolmarket.installs.router import router as installs_router
from toolmarket.kit import traces
from toolmarket.marketplace.router import router as marketplace_router
from toolmarket.runtime.router import router as runtime_router
from toolmarket.vault.router import router as vault_router

ROUTERS: tuple[APIRouter, ...] = (
    identity_router,
    vault_router,
    builder_router,
    marketplace_router,
    installs_router,
    runtime_router,
    events_router,
    audit_router,
    billing_router,
    admin_router,
)


def create_framework() -> FastAPI:
    """The routes without their parts: enough to describe the API."""
    app = FastAPI(
        title="SynapseAI Tool Marketplace",
        version=__version__,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router)
    answers.install_handlers(app)
    pages.describe_problems(app)
    return app


class App:
    """One ASGI application: calls, then everything else."""

    def __init__(self, parts: Parts) -> None:
        self.framework = create_framework()
        self.framework.state.parts = parts
        _add_health(self.framework, parts)
        pages.add_pages(self.framework)
        self._doors = CallDoors(parts)
        self._rest_of_it = identity.Doorkeeper(
            StrictText(self.framework), authenticator=parts.authenticator, base_url=parts.settings.base_url
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send a request through its door."""
        if not await self._doors.take(scope, receive, send):
            traces.begin(scope.get("headers", ()))
            await self._rest_of_it(scope, receive, send)

    async def close(self) -> None:
        """End sessions and wait for runs that nobody waits for."""
        await self._doors.close()


def create_app(parts: Parts) -> App:
    """The web application over its parts."""
    return App(parts)


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/health/live", include_in_schema=False)
    async def live() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        good, dependencies = await health.readiness(parts.database)
        status = "ok" if good else "down"
        return JSONResponse({"status": status, "dependencies": dependencies}, 200 if good else 503)

    @app.get("/schemas/manifest/v1", include_in_schema=False)
    async def manifest() -> JSONResponse:
        schema = Manifest.model_json_schema()
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        return JSONResponse(orjson.loads(orjson.dumps(document)), media_type="application/schema+json")
